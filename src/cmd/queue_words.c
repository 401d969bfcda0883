/* SPDX-License-Identifier: ISC */
#include "cmd/queue_words.h"

#include "base/utf8.h"

#define STAMP_MAX 64
#define DAY 86400

const char *
folder_word(enum folder f)
{
	static const char *const words[FOLDER_LAST] = {
		[FOLDER_NEW] = "new",
		[FOLDER_HOLD] = "hold",
		[FOLDER_FAILED] = "failed",
	};

	return words[f];
}

const char *
state_word(enum progress_state s)
{
	static const char *const words[] = {
		[PROGRESS_WAITING] = "waiting",
		[PROGRESS_SENT] = "sent",
		[PROGRESS_FAILED] = "failed",
	};

	return words[s];
}

static void
add_outcome(struct buf *out, const struct outcome *o)
{
	const size_t start = out->len;

	outcome_words(o, NULL, out);
	if (outcome_is_said(o))
		buf_printf(out, ": %d %s", o->code, o->text);
	make_printable(out->data + start, out->len - start, ' ');
}

void
queue_add_reason(struct buf *out, const struct entry *e, size_t i)
{
	const struct outcome *o = &e->envelope.rcpt[i].outcome;

	if (o->cause != CAUSE_NONE)
		add_outcome(out, o);
}

/* The hour where that is soon, else the day as well. */
static void
add_try(struct buf *out, time_t when, time_t now)
{
	char stamp[STAMP_MAX];
	struct tm tm;

	if (when <= now) {
		buf_puts(out, "next try with the next run");
		return;
	}
	(void)localtime_r(&when, &tm);
	if (when - now < DAY)
		(void)strftime(stamp, sizeof stamp, "%H:%M", &tm);
	else
		(void)strftime(stamp, sizeof stamp, "%b %d %H:%M", &tm);
	buf_printf(out, "next try at %s", stamp);
}

void
queue_add_next(struct buf *out, const struct found *f, size_t i, time_t now)
{
	const struct progress *p = &f->entry->progress[i];

	if (p->state == PROGRESS_SENT)
		buf_puts(out, "sent");
	else if (p->state == PROGRESS_FAILED)
		buf_puts(out, "it is not tried again");
	else if (f->folder == FOLDER_HOLD)
		buf_puts(out, "held until it is released");
	else if (f->folder == FOLDER_FAILED)
		buf_puts(out, "set aside");
	else
		add_try(out, (time_t)p->next, now);
}

void
queue_add_trouble(struct buf *out, const struct account_state *a, time_t now)
{
	buf_printf(out, "account %.200s is %s: ", a->account,
	    a->held ? "held, and nothing of it given up" : "paused");
	add_outcome(out, &a->why);
	buf_puts(out, "; ");
	add_try(out, (time_t)a->next, now);
	if (a->held && outcome_hint(&a->why) != NULL)
		buf_printf(out, "; to mend it: %s", outcome_hint(&a->why));
}
