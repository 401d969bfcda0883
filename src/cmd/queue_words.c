/* SPDX-License-Identifier: ISC */
#include "cmd/queue_words.h"

#include "base/encode.h"

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

void
queue_add_reason(struct buf *out, const struct entry *e, size_t i)
{
	const struct outcome *o = &e->envelope.rcpt[i].outcome;
	const size_t start = out->len;

	if (o->cause == CAUSE_NONE)
		return;
	outcome_words(o, NULL, out);
	if (outcome_is_said(o))
		buf_printf(out, ": %d %s", o->code, o->text);
	make_printable(out->data + start, out->len - start, ' ');
}

/* The hour where that is soon, else the day as well. */
static void
add_time(struct buf *out, time_t when, time_t now)
{
	char stamp[STAMP_MAX];
	struct tm tm;

	(void)localtime_r(&when, &tm);
	if (when - now < DAY)
		(void)strftime(stamp, sizeof stamp, "%H:%M", &tm);
	else
		(void)strftime(stamp, sizeof stamp, "%b %d %H:%M", &tm);
	buf_puts(out, stamp);
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
	else if (p->next <= now)
		buf_puts(out, "next try with the next run");
	else {
		buf_puts(out, "next try at ");
		add_time(out, (time_t)p->next, now);
	}
}
