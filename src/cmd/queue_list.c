/* SPDX-License-Identifier: ISC
 *
 * queue_list.c - mailq: what is in the queue
 *
 * In the format of Postfix, with a line of sendmail's at its end: programs that watch
 * queues look for the one or for the other.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmd/job.h"
#include "cmd/queue_words.h"
#include "cmd/queues.h"
#include "cmd/report.h"
#include "queue/state.h"

#define STAMP_MAX 64
#define KILOBYTE 1024
#define LINE_MAX_BYTES (64 * 1024 * 1024)

struct list {
	const struct invocation *v;
	bool all; /* nothing was said about which */
	time_t now;
	bool *was_seen; /* for each name on the command line */
	size_t n;
	uint64_t bytes;
};

/* A mark behind the name, as Postfix has them: '!' is held, '#' was set aside. */
static char
mark_of(enum folder f)
{
	return f == FOLDER_HOLD ? '!' : f == FOLDER_FAILED ? '#' : ' ';
}

static void
print_stamp(time_t when)
{
	char stamp[STAMP_MAX];
	struct tm tm;

	(void)localtime_r(&when, &tm);
	(void)strftime(stamp, sizeof stamp, "%a %b %e %H:%M:%S", &tm);
	(void)fputs(stamp, stdout);
}

static void
print_clean(const char *before, const char *text, const char *behind)
{
	char *clean = span_dup(span_of(text));

	make_printable(clean, strlen(clean), ' ');
	(void)printf("%s%s%s", before, clean, behind);
	free(clean);
}

/* The reason stands before its recipient. */
static void
print_recipient(const struct list *l, const struct found *f, size_t i)
{
	struct buf words;

	if (f->entry->progress[i].state == PROGRESS_SENT)
		return;
	buf_init(&words, QUEUE_WORDS_MAX);
	queue_add_reason(&words, f->entry, i);
	if (words.len > 0)
		buf_puts(&words, "; ");
	queue_add_next(&words, f, i, l->now);
	(void)printf("%*s(%s)\n", 4, "", words.data);
	print_clean("                                         ",
	    f->entry->envelope.rcpt[i].address, "\n");
	buf_free(&words);
}

static void
print_entry(const struct list *l, const struct found *f)
{
	const struct entry *e = f->entry;
	const char *sender = e->envelope.sender;

	if (l->n == 0)
		(void)printf("-Queue ID-  --Size-- ----Arrival Time---- "
			     "-Sender/Recipient-------\n");
	(void)printf("%s%c %8" PRIu64 " ", f->id, mark_of(f->folder), e->source.size);
	print_stamp((time_t)e->ticket.created);
	print_clean("  ", *sender != '\0' ? sender : "MAILER-DAEMON", "\n");
	for (size_t i = 0; i < e->envelope.n; i++)
		print_recipient(l, f, i);
	(void)printf("\n");
}

static void
print_damaged(const struct list *l, const struct found *f)
{
	(void)l;
	(void)printf("%s%c\n", f->id, mark_of(f->folder));
	print_clean("    (", f->why->text, ")\n\n");
}

static void
add_recipient(struct json *j, const struct found *f, size_t i)
{
	const struct progress *p = &f->entry->progress[i];
	struct buf reason;

	buf_init(&reason, QUEUE_WORDS_MAX);
	queue_add_reason(&reason, f->entry, i);
	json_open(j, NULL, '{');
	json_text(j, "address", f->entry->envelope.rcpt[i].address);
	json_text(j, "state", state_word(p->state));
	if (reason.len > 0)
		json_text(j, "delay_reason", reason.data);
	json_number(j, "tries", p->tries);
	if (p->last != 0)
		json_number(j, "last_try", p->last);
	if (p->state == PROGRESS_WAITING && p->next != 0)
		json_number(j, "next_try", p->next);
	json_close(j, '}');
	buf_free(&reason);
}

static void
add_entry(struct json *j, const struct found *f)
{
	const struct entry *e = f->entry;

	json_number(j, "arrival_time", e->ticket.created);
	json_number(j, "message_size", (int64_t)e->source.size);
	json_text(j, "account", e->ticket.account);
	json_text(j, "sender", e->envelope.sender);
	json_open(j, "recipients", '[');
	for (size_t i = 0; i < e->envelope.n; i++)
		add_recipient(j, f, i);
	json_close(j, ']');
}

/* What can't be read has the same members, with nothing in them. */
static void
add_damaged(struct json *j, const struct found *f)
{
	json_text(j, "arrival_time", NULL);
	json_text(j, "message_size", NULL);
	json_text(j, "account", NULL);
	json_text(j, "sender", NULL);
	json_open(j, "recipients", '[');
	json_close(j, ']');
	json_text(j, "trouble", f->why->text);
}

/* As `postqueue -j` has it, and more. */
static void
print_json(const struct found *f)
{
	struct buf out;
	struct json j = { .out = &out };

	buf_init(&out, LINE_MAX_BYTES);
	json_open(&j, NULL, '{');
	json_text(&j, "queue_name", folder_word(f->folder));
	json_text(&j, "queue_id", f->id);
	json_text(&j, "queue_dir", f->spool->path);
	if (f->entry != NULL)
		add_entry(&j, f);
	else
		add_damaged(&j, f);
	json_close(&j, '}');
	(void)printf("%s\n", out.data);
	buf_free(&out);
}

static void
print_found(const struct list *l, const struct found *f)
{
	if (l->v->json)
		print_json(f);
	else if (f->entry != NULL)
		print_entry(l, f);
	else
		print_damaged(l, f);
}

static void
see(void *arg, const struct found *f)
{
	struct list *l = arg;

	if (!l->all && !found_is_meant(f, l->v))
		return;
	for (size_t i = 0; i < l->v->recipients; i++)
		l->was_seen[i] |= strcmp(l->v->recipient[i], f->id) == 0;
	if (!l->v->count)
		print_found(l, f);
	l->n++;
	l->bytes += f->entry != NULL ? f->entry->source.size : 0;
}

static void
print_end(const struct list *l)
{
	if (l->n == 0)
		(void)printf("Mail queue is empty\n");
	else
		(void)printf("\t\tTotal requests: %zu\n-- %" PRIu64
			     " Kbytes in %zu Request%s.\n",
		    l->n, (l->bytes + KILOBYTE - 1) / KILOBYTE, l->n,
		    l->n == 1 ? "" : "s");
}

/* An account that can't be used keeps back all mails for it. */
static void
print_trouble(const struct list *l, const struct account_state *a)
{
	struct buf words;

	buf_init(&words, QUEUE_WORDS_MAX);
	queue_add_trouble(&words, a, l->now);
	print_clean("(", words.data, ")\n");
	buf_free(&words);
}

/* Which accounts in trouble have mail that waits in one of the queues. */
struct search {
	const struct state *state;
	bool *waits; /* for each account of the state */
};

static void
note_waiting(void *arg, const struct found *f)
{
	const struct search *s = arg;
	const struct account_state *a;

	if (f->folder != FOLDER_NEW || f->entry == NULL || entry_waiting(f->entry) == 0)
		return;
	a = state_find(s->state, &f->entry->ticket);
	if (a != NULL)
		s->waits[a - s->state->account] = true;
}

/* Where no mail waits, no run has looked of late: what is known of accounts is old. */
static void
print_troubles_of(const struct list *l, struct spool *spool)
{
	struct queues one = { spool, 1 };
	struct state state = { 0 };
	struct search s = { .state = &state };

	state_load(&state, spool);
	s.waits = mem_new((state.n + 1) * sizeof *s.waits);
	if (state.n > 0)
		queues_each(&one, note_waiting, &s);
	for (size_t i = 0; i < state.n; i++)
		if (s.waits[i])
			print_trouble(l, &state.account[i]);
	free(s.waits);
	state_free(&state);
}

static void
print_troubles(const struct list *l, const struct queues *q)
{
	for (size_t i = 0; i < q->n; i++)
		print_troubles_of(l, &q->v[i]);
}

/* Tells the names that no mail has. */
static int
report_missing(const struct list *l)
{
	int status = EX_OK;

	for (size_t i = 0; i < l->v->recipients; i++) {
		struct outcome o;

		if (l->was_seen[i])
			continue;
		(void)outcome_fail(&o, CAUSE_NO_ENTRY, "%.100s", l->v->recipient[i]);
		status = report_failure(l->v, &o);
	}
	return status;
}

/* Which is not to say that the queue is empty. */
static int
end(const struct list *l)
{
	if (l->v->count)
		(void)printf("%zu\n", l->n);
	else if (l->n == 0 && !l->all && l->v->recipients == 0)
		report_warning(l->v, "no mail in the queue is meant by this");
	else if (!l->v->json && (l->n > 0 || l->all))
		print_end(l);
	return l->v->count ? EX_OK : report_missing(l);
}

int
job_queue_list(const struct invocation *v)
{
	struct list l = {
		.v = v,
		.all = v->recipients == 0 && v->rcpt == NULL && v->sender == NULL,
		.now = time(NULL),
	};
	struct queues q;
	struct outcome o;
	int status;

	if (!queues_open(&q, v, &o))
		return report_failure(v, &o);
	l.was_seen = mem_new((v->recipients + 1) * sizeof *l.was_seen);
	if (!v->count && !v->json)
		print_troubles(&l, &q);
	queues_each(&q, see, &l);
	queues_close(&q);
	status = end(&l);
	free(l.was_seen);
	return status;
}
