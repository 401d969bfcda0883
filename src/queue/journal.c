/* SPDX-License-Identifier: ISC */
#include "queue/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/file.h"

#define RECORD_MAX 4096
#define SUM_DIGITS 8
#define TRIES_MAX 1000000 /* more are nobody's, and couldn't be counted up for ever */

static const char *const stages[STAGE_LAST] = {
	[STAGE_LOCAL] = "local",
	[STAGE_CONNECT] = "connect",
	[STAGE_GREETING] = "greeting",
	[STAGE_HELLO] = "hello",
	[STAGE_TLS] = "tls",
	[STAGE_AUTH] = "auth",
	[STAGE_MAIL] = "mail",
	[STAGE_RCPT] = "rcpt",
	[STAGE_DATA] = "data",
	[STAGE_FINAL] = "final",
	[STAGE_QUEUE] = "queue",
};

static void
add_text(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '\n')
			buf_puts(out, "\\n");
		else if (*s == '\\')
			buf_puts(out, "\\\\");
		else
			buf_addc(out, is_control(*s) ? '?' : *s);
}

void
record_write(struct buf *out, const struct record *r, const struct outcome *outcome)
{
	struct buf line;

	buf_init(&line, RECORD_MAX);
	buf_printf(&line, "%c %zu %" PRId64 " %" PRId64 " %d %s %s %d %s ", (char)r->kind,
	    r->recipient, r->time, r->next, r->tries, outcome_name(outcome),
	    stages[outcome->stage], outcome->code,
	    *outcome->status != '\0' ? outcome->status : "-");
	add_text(&line, outcome->text);
	buf_printf(out, "%0*" PRIx32 " %s\n", SUM_DIGITS,
	    checksum_add(0, buf_span(&line)), line.data);
	buf_free(&line);
}

static bool
is_kind(char c)
{
	return c == RECORD_SENT || c == RECORD_FAILED || c == RECORD_LATER ||
	       c == RECORD_WARNED || c == RECORD_NOTICED;
}

static bool
read_kind(struct span *line, enum record_kind *kind)
{
	struct span word;

	if (!span_cut(line, ' ', &word) || word.n != 1 || !is_kind(*word.p))
		return false;
	*kind = (enum record_kind) * word.p;
	return true;
}

static bool
read_number(struct span *line, uint64_t max, uint64_t *n)
{
	struct span word;

	return span_cut(line, ' ', &word) && span_number(word, 10, max, n);
}

static bool
read_cause(struct span *line, enum cause *cause)
{
	struct span word;

	if (!span_cut(line, ' ', &word))
		return false;
	*cause = cause_find(word);
	return *cause != CAUSE_LAST;
}

static bool
read_stage(struct span *line, enum stage *stage)
{
	struct span word;

	if (!span_cut(line, ' ', &word))
		return false;
	for (int i = 0; i < STAGE_LAST; i++)
		if (span_is(word, stages[i])) {
			*stage = (enum stage)i;
			return true;
		}
	return false;
}

static bool
read_status(struct span *line, struct outcome *o)
{
	struct span word;

	if (!span_cut(line, ' ', &word) || word.n >= sizeof o->status)
		return false;
	if (!span_is(word, "-"))
		memcpy(o->status, word.p, word.n);
	return true;
}

/* Room for all of it there is: it was cut to fit when it was an outcome's. */
static void
read_text(struct span s, struct outcome *o)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 1 < sizeof o->text; i++)
		if (s.p[i] != '\\')
			o->text[n++] = s.p[i];
		else if (++i < s.n)
			o->text[n++] = s.p[i] == 'n' ? '\n' : s.p[i];
}

/* Takes off the checksum. */
static bool
is_whole(struct span *line)
{
	struct span sum;
	uint64_t value;

	return span_cut(line, ' ', &sum) && sum.n == SUM_DIGITS &&
	       span_number(sum, 16, UINT32_MAX, &value) &&
	       value == checksum_add(0, *line) && !span_has_control(*line);
}

bool
record_read(struct span line, struct record *r, struct outcome *outcome)
{
	uint64_t recipient, time, next, tries, code;

	*outcome = (struct outcome){ .cause = CAUSE_NONE };
	if (!is_whole(&line) || !read_kind(&line, &r->kind) ||
	    !read_number(&line, SIZE_MAX, &recipient) ||
	    !read_number(&line, INT64_MAX, &time) ||
	    !read_number(&line, INT64_MAX, &next) ||
	    !read_number(&line, TRIES_MAX, &tries) ||
	    !read_cause(&line, &outcome->cause) || !read_stage(&line, &outcome->stage) ||
	    !read_number(&line, 999, &code) || !read_status(&line, outcome))
		return false;
	r->recipient = (size_t)recipient;
	r->time = (int64_t)time;
	r->next = (int64_t)next;
	r->tries = (int)tries;
	outcome->code = (int)code;
	read_text(line, outcome);
	return true;
}

static void
note_try(struct progress *p, struct recipient *rcpt, const struct record *r,
    const struct outcome *outcome)
{
	p->state = r->kind == RECORD_SENT     ? PROGRESS_SENT
		   : r->kind == RECORD_FAILED ? PROGRESS_FAILED
					      : PROGRESS_WAITING;
	p->kills = outcome->cause == CAUSE_KILLED ? p->kills + (r->tries > p->tries) : 0;
	p->tries = r->tries;
	p->last = r->time;
	p->next = r->next;
	rcpt->outcome = *outcome;
}

static void
apply(struct entry *e, const struct record *r, const struct outcome *outcome)
{
	struct progress *p = &e->progress[r->recipient];

	switch (r->kind) {
	case RECORD_SENT:
	case RECORD_FAILED:
	case RECORD_LATER:
		note_try(p, &e->envelope.rcpt[r->recipient], r, outcome);
		return;
	case RECORD_WARNED:
		p->warned = true;
		return;
	case RECORD_NOTICED:
		p->noticed = true;
		return;
	}
}

void
journal_note(struct entry *e, struct buf *lines, const struct record *r,
    const struct outcome *outcome)
{
	/* what is in memory is what would be read */
	const struct outcome copy = *outcome;

	record_write(lines, r, &copy);
	apply(e, r, &copy);
}

bool
journal_append(struct entry *e, struct span lines, struct outcome *o)
{
	const off_t at = (off_t)e->journal_at;
	const bool is_torn = e->size > e->journal_at; /* half a record stands there */

	if ((is_torn && ftruncate(e->fd, at) != 0) || lseek(e->fd, at, SEEK_SET) < 0 ||
	    !fd_write(e->fd, lines.p, lines.n) || fdatasync(e->fd) != 0) {
		e->size = INT64_MAX; /* what of it is there now isn't known */
		return outcome_fail(o, CAUSE_QUEUE,
		    "%s: what became of it can't be noted: %s", e->id, strerror(errno));
	}
	e->journal_at += (int64_t)lines.n;
	e->size = e->journal_at;
	return true;
}

size_t
journal_replay(struct entry *e, struct span text)
{
	const char *start = text.p, *end = text.p;
	struct outcome outcome;
	struct record r;

	while (memchr(text.p, '\n', text.n) != NULL) {
		struct span line;

		(void)span_cut(&text, '\n', &line);
		if (!record_read(line, &r, &outcome) || r.recipient >= e->envelope.n)
			continue;
		apply(e, &r, &outcome);
		end = line.p + line.n + 1;
	}
	return (size_t)(end - start);
}
