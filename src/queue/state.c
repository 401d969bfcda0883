/* SPDX-License-Identifier: ISC */
#include "queue/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/privilege.h"
#include "queue/journal.h"
#include "queue/schedule.h"

#define STATE_FILE "state"
#define STATE_NEW "state.new"
#define NOTICES_TIME 3600
#define NOTHING "-"

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static struct account_state *
find(const struct state *s, const char *account, const char *config)
{
	for (size_t i = 0; i < s->n; i++)
		if (is_same(s->account[i].account, account) &&
		    is_same(s->account[i].config, config))
			return &s->account[i];
	return NULL;
}

struct account_state *
state_find(const struct state *s, const struct ticket *t)
{
	return find(s, t->account, t->config);
}

static struct notice_count *
find_count(const struct state *s, const char *sender)
{
	for (size_t i = 0; i < s->n_notices; i++)
		if (strcmp(s->notices[i].sender, sender) == 0)
			return &s->notices[i];
	return NULL;
}

/* Reading */

static bool
take_number(struct span *line, uint64_t max, uint64_t *n)
{
	struct span word;

	return span_cut(line, '\t', &word) && span_number(word, 10, max, n);
}

static bool
read_account(struct span line, struct account_state *a)
{
	struct span name, config, held;
	uint64_t since;
	struct record r;

	if (!span_cut(&line, '\t', &name) || !span_cut(&line, '\t', &config) ||
	    !span_cut(&line, '\t', &held) || !take_number(&line, INT64_MAX, &since) ||
	    !take_number(&line, UINT64_MAX, &a->mark) || !record_read(line, &r, &a->why))
		return false;
	a->account = span_dup(name);
	a->config = span_is(config, NOTHING) ? NULL : span_dup(config);
	a->held = span_is(held, "held");
	a->since = (int64_t)since;
	a->tried = r.time;
	a->next = r.next;
	a->failures = (unsigned)r.tries;
	return true;
}

static bool
read_notices(struct span line, struct notice_count *c)
{
	struct span sender;
	uint64_t since, n;

	if (!span_cut(&line, '\t', &sender) || !take_number(&line, INT64_MAX, &since) ||
	    !take_number(&line, UINT32_MAX, &n))
		return false;
	c->sender = span_dup(sender);
	c->since = (int64_t)since;
	c->n = (unsigned)n;
	return true;
}

static void
read_line(struct state *s, struct span line)
{
	struct span kind;

	if (!span_cut(&line, '\t', &kind))
		return;
	if (span_is(kind, "account")) {
		s->account = mem_room(s->account, s->n, sizeof *s->account);
		s->account[s->n] = (struct account_state){ 0 };
		s->n += read_account(line, &s->account[s->n]);
	} else if (span_is(kind, "notices")) {
		s->notices = mem_room(s->notices, s->n_notices, sizeof *s->notices);
		s->n_notices += read_notices(line, &s->notices[s->n_notices]);
	}
}

/* What is kept for many queues is read and written as ourselves. */
static const struct spool *
keeper_of(const struct spool *spool)
{
	return spool->keeper != NULL ? spool->keeper : spool;
}

/* The file of the accounts that is there now. */
static struct version
present_version(const struct spool *spool)
{
	const uid_t user = privilege_raise();
	struct version version = { 0 };
	struct stat st;

	if (fstatat(keeper_of(spool)->dir, STATE_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0)
		version = (struct version){ st.st_ino, st.st_ctim };
	privilege_return(user);
	return version;
}

static bool
is_same_version(const struct version *a, const struct version *b)
{
	return a->file == b->file && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

static void
read_file(struct state *s, const struct spool *spool)
{
	int fd = openat(
	    spool->dir, STATE_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct span rest, line;
	struct buf text;

	if (fd < 0)
		return;
	buf_init(&text, STATE_MAX);
	if (fd_read_all(fd, &text, clock_in(1000))) {
		rest = buf_span(&text);
		while (span_cut(&rest, '\n', &line))
			read_line(s, line);
	}
	(void)close(fd);
	buf_free(&text);
}

static void
forget_accounts(struct state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->account[i].account);
		free(s->account[i].config);
	}
	free(s->account);
	s->account = NULL;
	s->n = 0;
}

static void
forget_notices(struct state *s)
{
	for (size_t i = 0; i < s->n_notices; i++)
		free(s->notices[i].sender);
	free(s->notices);
	s->notices = NULL;
	s->n_notices = 0;
}

/* The accounts only, from where they are kept. What has failed in this run has done so
 * whoever else looks at it. */
static void
reload(struct state *s, const struct spool *spool)
{
	struct state kept = { .version = present_version(spool) };
	const uid_t user = privilege_raise();

	read_file(&kept, keeper_of(spool));
	privilege_return(user);
	forget_notices(&kept);
	for (size_t i = 0; i < kept.n; i++) {
		struct account_state *a = &kept.account[i];
		const struct account_state *old = find(s, a->account, a->config);

		a->failed_now = old != NULL && old->failed_now;
	}
	forget_accounts(s);
	s->account = kept.account;
	s->n = kept.n;
	s->version = kept.version;
	s->is_news = true;
}

void
state_load(struct state *s, const struct spool *spool)
{
	bool had_any;

	*s = (struct state){ .version = present_version(spool) };
	read_file(s, spool);
	if (spool->keeper == NULL)
		return;
	had_any = s->n > 0;
	reload(s, spool);
	s->is_news = had_any || s->n > 0;
}

void
state_refresh(struct state *s, const struct spool *spool)
{
	const struct version present = present_version(spool);

	if (!is_same_version(&s->version, &present))
		reload(s, spool);
}

void
state_free(struct state *s)
{
	forget_accounts(s);
	forget_notices(s);
	*s = (struct state){ 0 };
}

/* Writing */

static void
write_account(struct buf *out, const struct account_state *a)
{
	const struct record r = { RECORD_LATER, 0, a->tried, a->next, (int)a->failures };

	buf_printf(out, "account\t%s\t%s\t%s\t%" PRId64 "\t%" PRIu64 "\t", a->account,
	    a->config != NULL ? a->config : NOTHING, a->held ? "held" : "later", a->since,
	    a->mark);
	record_write(out, &r, &a->why);
}

static bool
write_file(const struct spool *spool, struct span text)
{
	/* a pipe, or a file that somebody has a lease on, is none to wait for */
	int fd = openat(spool->dir, STATE_NEW,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	bool ok;

	if (fd < 0)
		return false;
	ok = fd_write(fd, text.p, text.n);
	ok = close(fd) == 0 && ok;
	return ok && renameat(spool->dir, STATE_NEW, spool->dir, STATE_FILE) == 0;
}

bool
state_save(struct state *s, const struct spool *spool, struct outcome *o)
{
	struct buf text;
	bool ok;

	buf_init(&text, STATE_MAX);
	for (size_t i = 0; i < s->n; i++)
		write_account(&text, &s->account[i]);
	for (size_t i = 0; i < s->n_notices; i++)
		buf_printf(&text, "notices\t%s\t%" PRId64 "\t%u\n", s->notices[i].sender,
		    s->notices[i].since, s->notices[i].n);
	ok = write_file(spool, buf_span(&text));
	s->is_news = false;
	if (spool->keeper == NULL)
		s->version = present_version(spool);
	buf_free(&text);
	return ok || outcome_fail(o, CAUSE_QUEUE, "%s/%s: %s", spool->path, STATE_FILE,
			 strerror(errno));
}

/* By a descriptor of our own: one that was inherited would share its lock, too. */
int
state_join(struct state *s, const struct spool *spool)
{
	uid_t user;
	int fd;

	if (spool->keeper == NULL)
		return -1;
	user = privilege_raise();
	fd = openat(spool->keeper->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)flock(fd, LOCK_EX); /* nobody holds it for longer than a write */
	privilege_return(user);
	reload(s, spool);
	return fd;
}

void
state_leave(struct state *s, const struct spool *spool, int joined)
{
	struct state accounts = { .account = s->account, .n = s->n };
	struct outcome ignored; /* then an account is tried once more */
	uid_t user;

	if (spool->keeper == NULL)
		return;
	user = privilege_raise();
	(void)state_save(&accounts, spool->keeper, &ignored);
	privilege_return(user);
	s->version = accounts.version;
	if (joined >= 0)
		(void)close(joined);
}

/* Changes */

static uint32_t
any_number(void)
{
	uint32_t n = 0;

	/* without it, nobody is spread */
	return getrandom(&n, sizeof n, GRND_NONBLOCK) == (ssize_t)sizeof n ? n : 0;
}

static struct account_state *
add_account(struct state *s, const struct ticket *t, int64_t now)
{
	s->account = mem_room(s->account, s->n, sizeof *s->account);
	s->account[s->n] = (struct account_state){
		.account = mem_dup(t->account),
		.config = t->config != NULL ? mem_dup(t->config) : NULL,
		.since = now,
	};
	return &s->account[s->n++];
}

bool
state_takes_unknown(const struct state *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->account[i].why.cause == CAUSE_NO_ACCOUNT;
	return n < STATE_UNKNOWN_MAX;
}

bool
state_fail(struct state *s, const struct ticket *t, bool held, uint64_t mark,
    const struct outcome *why, int64_t now)
{
	struct account_state *a = state_find(s, t);
	bool news = a == NULL || a->held != held || a->why.cause != why->cause;

	if (a == NULL)
		a = add_account(s, t, now);
	a->failures++;
	a->held = held;
	a->mark = mark;
	a->failed_now = true;
	a->why = *why;
	a->tried = now;
	a->next = now + schedule_account_pause(a->failures, any_number());
	return news;
}

bool
state_clear(struct state *s, const struct ticket *t)
{
	struct account_state *a = state_find(s, t);

	if (a == NULL)
		return false;
	free(a->account);
	free(a->config);
	*a = s->account[--s->n];
	return true;
}

bool
state_waits(const struct state *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->account[i].held)
			return true;
	return false;
}

bool
state_hurry(struct state *s, bool forced)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		struct account_state *a = &s->account[i];

		if (!a->held || forced) {
			any |= a->next > 0;
			a->next = 0;
		}
	}
	return any;
}

bool
state_release(const struct spool *spool, const struct ticket *t, struct outcome *o)
{
	struct state s;
	bool ok;

	state_load(&s, spool);
	ok = !state_clear(&s, t) || state_save(&s, spool, o);
	state_free(&s);
	return ok;
}

unsigned
state_notices_left(struct state *s, const char *sender, int64_t now)
{
	struct notice_count *c = find_count(s, sender);

	if (c != NULL && now - c->since >= NOTICES_TIME) {
		free(c->sender);
		*c = s->notices[--s->n_notices];
		c = NULL;
	}
	return c == NULL ? NOTICES_MAX : c->n < NOTICES_MAX ? NOTICES_MAX - c->n : 0;
}

void
state_count_notice(struct state *s, const char *sender, int64_t now)
{
	struct notice_count *c = find_count(s, sender);

	if (c == NULL) {
		s->notices = mem_room(s->notices, s->n_notices, sizeof *s->notices);
		c = &s->notices[s->n_notices++];
		*c = (struct notice_count){ .sender = mem_dup(sender), .since = now };
	}
	c->n++;
}
