/* SPDX-License-Identifier: ISC
 *
 * metrics.c - figures about the queue, in the text format of Prometheus
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cmd/job.h"
#include "cmd/queue_words.h"
#include "cmd/queues.h"
#include "cmd/report.h"
#include "queue/tally.h"

#define TEXT_MAX (64 * 1024)
#define PUBLIC_MODE 0644

struct figures {
	uint64_t messages[FOLDER_LAST];
	int64_t oldest; /* when it came; 0: there is none */
	struct tally tally;
};

static void
count(void *arg, const struct found *f)
{
	struct figures *n = arg;
	const int64_t created = f->entry != NULL ? f->entry->ticket.created : 0;

	n->messages[f->folder]++;
	if (f->folder == FOLDER_NEW && created != 0 &&
	    (n->oldest == 0 || created < n->oldest))
		n->oldest = created;
}

static void
add_tallies(struct figures *n, const struct queues *q)
{
	for (size_t i = 0; i < q->n; i++) {
		struct tally t;

		tally_read(&q->v[i], &t);
		n->tally.sent += t.sent;
		n->tally.failed += t.failed;
		n->tally.deferred += t.deferred;
		if (t.last_success > n->tally.last_success)
			n->tally.last_success = t.last_success;
	}
}

static void
add_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP mailchute_%s %s\n# TYPE mailchute_%s %s\n", name, help,
	    name, type);
}

static void
add_figure(
    struct buf *out, const char *name, const char *type, const char *help, uint64_t n)
{
	add_head(out, name, type, help);
	buf_printf(out, "mailchute_%s %" PRIu64 "\n", name, n);
}

static void
add_all(struct buf *out, const struct figures *n, time_t now)
{
	const int64_t age = n->oldest != 0 && n->oldest < now ? now - n->oldest : 0;

	add_head(out, "queue_messages", "gauge", "Mails in the queue, by folder.");
	for (int f = 0; f < FOLDER_LAST; f++)
		buf_printf(out, "mailchute_queue_messages{state=\"%s\"} %" PRIu64 "\n",
		    folder_word((enum folder)f), n->messages[f]);
	add_figure(out, "queue_oldest_age_seconds", "gauge",
	    "Age of the mail that has waited longest.", (uint64_t)age);
	add_figure(out, "sent_total", "counter", "Recipients that got their mail.",
	    n->tally.sent);
	add_figure(out, "failed_total", "counter",
	    "Recipients that were refused for good, or given up.", n->tally.failed);
	add_figure(out, "deferred_total", "counter", "Tries that are to be repeated.",
	    n->tally.deferred);
	add_figure(out, "last_success_timestamp_seconds", "gauge",
	    "When a server has last accepted a mail.", n->tally.last_success);
}

/* Whoever reads the file sees the old one or the new one, whole. */
static bool
replace_file(const char *path, struct span text, struct outcome *o)
{
	char *fresh = mem_printf("%s.new", path);
	int fd = open(
	    fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, PUBLIC_MODE);
	bool ok = fd >= 0 && fd_write(fd, text.p, text.n) && rename(fresh, path) == 0;

	if (!ok)
		(void)outcome_fail(o, CAUSE_OUTPUT, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	free(fresh);
	return ok;
}

int
job_metrics(const struct invocation *v)
{
	struct figures n = { .oldest = 0 };
	struct queues q;
	struct outcome o;
	struct buf out;
	bool ok = true;

	if (!queues_open(&q, v, &o))
		return report_failure(v, &o);
	queues_each(&q, count, &n);
	add_tallies(&n, &q);
	queues_close(&q);
	buf_init(&out, TEXT_MAX);
	add_all(&out, &n, time(NULL));
	if (*v->argument != '\0')
		ok = replace_file(v->argument, buf_span(&out), &o);
	else
		(void)fputs(out.data, stdout);
	buf_free(&out);
	return ok ? EX_OK : report_failure(v, &o);
}
