/* SPDX-License-Identifier: ISC */
#include "relay/logline.h"

#include <string.h>
#include <sysexits.h>

#include "relay/relay.h"

#define WORDS_MAX 4096

static const char *
sysexit_name(int status)
{
	static const char *const names[] = { "EX_USAGE", "EX_DATAERR", "EX_NOINPUT",
		"EX_NOUSER", "EX_NOHOST", "EX_UNAVAILABLE", "EX_SOFTWARE", "EX_OSERR",
		"EX_OSFILE", "EX_CANTCREAT", "EX_IOERR", "EX_TEMPFAIL", "EX_PROTOCOL",
		"EX_NOPERM", "EX_CONFIG" };

	return status == EX_OK ? "EX_OK" : names[status - EX__BASE];
}

static void
add_clean(struct buf *out, char c)
{
	buf_addc(out, is_control(c) || c == '\'' ? '?' : c);
}

/* A value that isn't quoted: a blank in it would begin another field. */
static void
add_word(struct buf *out, const char *before, const char *s)
{
	buf_puts(out, before);
	for (; *s != '\0'; s++)
		buf_addc(out, is_control(*s) || is_blank(*s) ? '?' : *s);
}

static void
add_quoted(struct buf *out, const char *name, struct span s)
{
	buf_printf(out, " %s='", name);
	for (size_t i = 0; i < s.n; i++)
		add_clean(out, s.p[i]);
	buf_addc(out, '\'');
}

/* As the lines came: "550-5.1.1 no\n550 such user". */
static void
add_reply(struct buf *out, const struct outcome *o)
{
	struct span text = span_of(o->text), line = { "", 0 };

	buf_printf(out, " smtpstatus=%d smtpmsg='", o->code);
	do {
		(void)span_cut(&text, '\n', &line);
		buf_printf(out, "%d%c", o->code, text.n > 0 ? '-' : ' ');
		for (size_t i = 0; i < line.n; i++)
			add_clean(out, line.p[i]);
		buf_puts(out, text.n > 0 ? "\\n" : "'");
	} while (text.n > 0);
}

static void
add_words(struct buf *out, const struct envelope *e, const struct outcome *o)
{
	const char *recipient = NULL;
	struct buf words;

	for (size_t i = 0; o->stage == STAGE_RCPT && i < e->n; i++)
		if (o == &e->rcpt[i].outcome)
			recipient = e->rcpt[i].address;
	buf_init(&words, WORDS_MAX);
	outcome_words(o, recipient, &words);
	add_quoted(out, "errormsg", buf_span(&words));
	buf_free(&words);
}

void
logline_add(struct buf *out, const struct account *a, const struct envelope *e,
    const struct source *m, int status)
{
	const struct outcome *o = relay_verdict(e);

	if (a->protocol == PROTOCOL_CATCH)
		add_word(out, "catch=", a->catch_to);
	else if (a->socket != NULL)
		add_word(out, "socket=", a->socket);
	else
		add_word(out, "host=", a->host);
	buf_printf(out, " tls=%s auth=%s", a->tls ? "on" : "off",
	    a->auth != AUTH_OFF ? "on" : "off");
	if (a->auth != AUTH_OFF && a->user != NULL)
		add_word(out, " user=", a->user);
	add_word(out, " from=", e->sender != NULL ? e->sender : "");
	for (size_t i = 0; i < e->n; i++)
		add_word(out, i > 0 ? "," : " recipients=", e->rcpt[i].address);
	if (status == EX_OK)
		buf_printf(
		    out, " mailsize=%llu", (unsigned long long)(m->size - m->lines));
	if (o->cause == CAUSE_QUEUED)
		add_word(out, " queue=", o->text);
	if (outcome_is_said(o))
		add_reply(out, o);
	if (status != EX_OK)
		add_words(out, e, o);
	buf_printf(out, " exitcode=%s", sysexit_name(status));
}

void
logline_add_submitter(struct buf *out, const char *who, const char *machine)
{
	add_quoted(out, "submitter", span_of(who));
	if (machine != NULL && strcmp(machine, who) != 0)
		add_quoted(out, "machine", span_of(machine));
}
