/* SPDX-License-Identifier: ISC */
#include "queue/news.h"

#include <stdio.h>
#include <time.h>

#include "base/buf.h"

#define WORDS_MAX 4096
#define TIME_SIZE 64

void
news_say(const struct news *n, const char *words)
{
	if (n->observer != NULL && n->observer->warn != NULL)
		n->observer->warn(n->observer->arg, words);
}

/* One line for each change of an account. */
static void
say_trouble(const struct news *n, const struct account_state *a)
{
	const long long minutes = (a->next - a->tried + 59) / 60;
	struct buf words;

	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "account %s %s: ", a->account,
	    a->held ? "is held, and its mail kept" : "waits, and its mail is kept");
	outcome_words(&a->why, NULL, &words);
	if (outcome_is_said(&a->why))
		buf_printf(&words, ": it said %d %s", a->why.code, a->why.text);
	buf_printf(&words, "; it is tried again in %lld minute%s", minutes,
	    minutes == 1 ? "" : "s");
	news_say(n, words.data);
	buf_free(&words);
}

void
news_trouble(const struct news *n, const struct ticket *t, bool held, uint64_t mark,
    const struct outcome *why)
{
	bool is_news;
	int joined;

	if (why->cause == CAUSE_NO_ACCOUNT && state_find(n->state, t) == NULL &&
	    !state_takes_unknown(n->state))
		return;
	joined = state_join(n->state, n->spool);
	is_news = state_fail(n->state, t, held, mark, why, (int64_t)time(NULL));
	state_leave(n->state, n->spool, joined);
	if (is_news)
		say_trouble(n, state_find(n->state, t));
}

static bool
is_watched(const struct news *n)
{
	return n->observer != NULL && n->observer->said != NULL;
}

static void
add_time(struct buf *out, int64_t when)
{
	const time_t seconds = (time_t)when;
	char text[TIME_SIZE] = "";
	struct tm tm;

	(void)localtime_r(&seconds, &tm);
	(void)strftime(text, sizeof text, "%b %d %H:%M:%S", &tm);
	buf_puts(out, text);
}

void
news_pause(const struct news *n, const struct ticket *t, size_t waiting)
{
	const struct account_state *a = state_find(n->state, t);
	struct buf words;

	if (!is_watched(n) || a == NULL)
		return;
	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "account %s is not tried before ", a->account);
	add_time(&words, a->next);
	buf_printf(&words, ", and %zu mail%s for it: ", waiting,
	    waiting == 1 ? " waits" : "s wait");
	outcome_words(&a->why, NULL, &words);
	if (a->held)
		buf_printf(
		    &words, "; once it is mended: mailchute --check=%s", a->account);
	else
		buf_puts(&words, "; to try it now: mailchute -q");
	n->observer->said(n->observer->arg, '*', buf_span(&words));
	buf_free(&words);
}

void
news_idle(const struct news *n, int64_t until)
{
	struct buf words;

	if (!is_watched(n))
		return;
	buf_init(&words, WORDS_MAX);
	buf_puts(&words, "nothing is due before ");
	add_time(&words, until);
	buf_puts(&words, "; to send it now: mailchute -q");
	n->observer->said(n->observer->arg, '*', buf_span(&words));
	buf_free(&words);
}

void
news_works(const struct news *n, const struct ticket *t)
{
	char words[256];
	bool is_news;
	int joined;

	if (state_find(n->state, t) == NULL)
		return;
	joined = state_join(n->state, n->spool);
	is_news = state_clear(n->state, t);
	state_leave(n->state, n->spool, joined);
	if (!is_news)
		return;
	(void)snprintf(words, sizeof words, "account %.200s works again", t->account);
	news_say(n, words);
}
