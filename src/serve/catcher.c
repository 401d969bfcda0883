/* SPDX-License-Identifier: ISC */
#include "serve/catcher.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "relay/catch.h"
#include "serve/hook.h"

bool
catcher_open(struct catcher *c, uint64_t seed, struct outcome *o)
{
	void *memory = mmap(NULL, sizeof *c->seen, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	c->seen = memory != MAP_FAILED ? memory : NULL;
	c->lock = memfd_create("catcher", MFD_CLOEXEC);
	c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->seen == NULL || c->lock < 0 || c->wake < 0) {
		(void)outcome_fail(
		    o, CAUSE_SYSTEM, "memory to be shared: %s", strerror(errno));
		catcher_close(c);
		return false;
	}
	c->seen->random = seed;
	return true;
}

void
catcher_close(struct catcher *c)
{
	if (c->seen != NULL)
		(void)munmap(c->seen, sizeof *c->seen);
	if (c->lock >= 0)
		(void)close(c->lock);
	if (c->wake >= 0)
		(void)close(c->wake);
	c->seen = NULL;
	c->lock = c->wake = -1;
}

bool
catcher_waits(const struct catcher *c)
{
	return c->count > 0 || c->expects > 0;
}

static bool
is_expected_here(const struct catcher *c)
{
	for (size_t i = 0; i < c->expects; i++)
		if (!c->seen->met[i])
			return false;
	return true;
}

bool
catcher_is_content(const struct catcher *c)
{
	return c->seen->mails >= c->count && is_expected_here(c);
}

bool
catcher_is_done(const struct catcher *c)
{
	if (c->count > 0)
		return c->seen->mails >= c->count;
	return c->expects > 0 && is_expected_here(c);
}

/* One session after the other: locks of fcntl(2) belong to processes. A process that dies
 * lets go of its lock. */
static void
lock(const struct catcher *c, short type)
{
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	while (fcntl(c->lock, F_SETLKW, &whole) != 0 && errno == EINTR)
		;
}

static bool
happens(struct catcher *c, size_t i)
{
	bool yes;

	lock(c, F_WRLCK);
	yes = fault_happens(
	    &c->fault[i], ++c->reached[i], &c->seen->fault[i], &c->seen->random);
	lock(c, F_UNLCK);
	return yes;
}

static bool
permits(void *self, enum stage stage, struct manner *m, struct outcome *o)
{
	struct catcher *c = self;

	if (stage == STAGE_GREETING)
		memset(c->reached, 0, sizeof c->reached);
	for (size_t i = 0; i < c->faults; i++)
		if (c->fault[i].stage == stage && happens(c, i) &&
		    !fault_spares(&c->fault[i], m, o))
			return false;
	return true;
}

static bool
begin(void *self, struct posting *p, struct outcome *o)
{
	(void)self;
	(void)p;
	(void)o;
	return true;
}

static bool
rcpt(void *self, struct posting *p, const struct recipient *to, struct outcome *o)
{
	(void)self;
	(void)p;
	return fault_spares_recipient(to->address, o);
}

/* Whether the mail is as expected, or at least nearer to it than those before. */
static void
compare(struct catcher *c, size_t i, struct caught *mail)
{
	struct catcher_near *near = &c->seen->near[i];
	struct expect_miss miss;

	if (c->seen->met[i])
		return;
	c->seen->met[i] = expect_is_met(c->expect[i], mail, &miss);
	if (!c->seen->met[i] && (near->mail == 0 || miss.right > near->miss.right))
		*near = (struct catcher_near){ c->seen->mails, miss };
}

/* Shows it, and notes what was seen. */
static bool
take(struct catcher *c, struct posting *p, struct source *m, struct outcome *o)
{
	const struct caught_from from = {
		.peer = p->visitor->address,
		.user = p->visitor->user,
		.options = p->options,
		.rcpt_options = p->rcpt_options[p->envelope.n - 1],
	};
	struct caught mail;
	bool ok = caught_init(&mail, &p->envelope, m, &from, o);

	lock(c, F_WRLCK);
	ok = ok && catch_put(c->account, &mail, o);
	c->seen->mails += ok;
	for (size_t i = 0; i < c->expects && ok; i++)
		compare(c, i, &mail);
	lock(c, F_UNLCK);
	caught_free(&mail);
	return ok;
}

static void
tell(const struct catcher *c, struct span lines)
{
	struct span line;

	while (c->tell != NULL && span_cut(&lines, '\n', &line))
		if (line.n > 0)
			c->tell(c->arg, line);
}

/* Whether the command, if there is one, takes the mail. One that isn't taken isn't lost
 * unseen, either. */
static bool
is_taken(const struct catcher *c, struct posting *p, struct source *m, struct outcome *o)
{
	const char *sender = p->envelope.sender;
	struct buf words;
	bool ok;

	if (c->command == NULL)
		return true;
	buf_init(&words, HOOK_WORDS_MAX);
	ok = hook_run(c->command, p, m, &words, o);
	if (!ok)
		buf_printf(&words, "it doesn't take the mail from <%s>: %d %s\n",
		    sender != NULL ? sender : "", o->code, o->text);
	tell(c, buf_span(&words));
	buf_free(&words);
	return ok;
}

static bool
somebody_gets_it(const struct envelope *e)
{
	struct outcome ignored;

	for (size_t i = 0; i < e->n; i++)
		if (fault_spares_late(e->rcpt[i].address, &ignored))
			return true;
	return false;
}

/* Recipients who are refused once the message is there. */
static void
refuse_the_late(struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++)
		(void)fault_spares_late(e->rcpt[i].address, &e->rcpt[i].outcome);
}

static void
message(void *self, struct posting *p, struct source *m)
{
	const uint64_t one = 1;
	struct catcher *c = self;
	struct outcome o;

	outcome_accept(&o, STAGE_FINAL, 250, "2.0.0 caught");
	if (somebody_gets_it(&p->envelope) && is_taken(c, p, m, &o))
		(void)take(c, p, m, &o);
	envelope_settle(&p->envelope, &o);
	refuse_the_late(&p->envelope);
	(void)fd_write(c->wake, &one, sizeof one); /* who is awake needs no waking */
}

static void
end(void *self, struct posting *p)
{
	(void)self;
	(void)p;
}

const struct sink catcher_sink = {
	.begin = begin,
	.rcpt = rcpt,
	.message = message,
	.end = end,
	.permits = permits,
};
