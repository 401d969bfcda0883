/* SPDX-License-Identifier: ISC */
#include "cmd/keep.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/privilege.h"
#include "cmd/report.h"
#include "cmd/report_dialogue.h"
#include "cmd/report_mail.h"
#include "queue/detach.h"
#include "queue/place.h"
#include "queue/release.h"
#include "queue/schedule.h"
#include "queue/share.h"
#include "queue/trouble.h"
#include "relay/part.h"

#define WORDS_MAX 8192

void
keep_init(struct keep *k)
{
	*k = (struct keep){ .policy = QUEUE_OFF };
	spool_init(&k->spool);
}

void
keep_wake(struct keep *k)
{
	if (k->kept && k->starts_runner)
		detach_runner(&k->spool);
	k->kept = false;
}

void
keep_close(struct keep *k)
{
	keep_wake(k);
	spool_close(&k->spool);
	free(k->ticket.account);
	free(k->ticket.config);
	free(k->ticket.submitter);
	keep_init(k);
}

/* Whether the command line has settings that sending it later would need, too. */
static bool
is_of_command_line(const struct invocation *v)
{
	for (size_t i = 0; i < v->n; i++)
		if ((v->given[i].row->flags & OPTION_MAIL) == 0)
			return true;
	return false;
}

static enum queue_policy
policy_for(const struct invocation *v, const struct account *a)
{
	if (a->queue == QUEUE_OFF)
		return QUEUE_OFF;
	if (is_of_command_line(v)) {
		report_note(v, "settings of the command line can't be kept with a mail: "
			       "this one will be sent now or not at all");
		return QUEUE_OFF;
	}
	switch (v->delivery) {
	case DELIVERY_NOW:
		return QUEUE_ON_FAILURE;
	case DELIVERY_LATER:
		return QUEUE_ALWAYS;
	case DELIVERY_AS_SET:
		break;
	}
	return (enum queue_policy)a->queue;
}

/* Which configuration has the account: see struct ticket. */
static char *
config_of(const struct invocation *v, const struct config *c, enum choice_by by,
    const struct account *a)
{
	char *path;

	if (by == CHOICE_VARIABLES || by == CHOICE_ENVIRONMENT)
		return mem_dup("environment");
	if (v->file == NULL)
		return config_is_system(c, a) ? mem_dup("system") : NULL;
	path = realpath(v->file, NULL);
	return path != NULL ? path : mem_dup(v->file);
}

static bool
open_spool(struct spool *s, const struct config *c, const struct account *a, bool make,
    struct outcome *o)
{
	enum spool_mode mode;
	char *path = place_of(a, config_is_system(c, a), &mode);
	bool ok;

	if (path == NULL)
		return outcome_fail(o, CAUSE_QUEUE_DIR,
		    "this user has no home directory: name one with queue_dir");
	ok = spool_open(s, path, make ? mode : SPOOL_USE, o);
	free(path);
	return ok;
}

/* Of a server, it may be another one for each mail. */
static void
name_submitter(struct ticket *t, const char *who)
{
	free(t->submitter);
	t->submitter = who != NULL ? mem_dup(who) : NULL;
}

bool
keep_open(struct keep *k, const struct invocation *v, const struct config *c,
    enum choice_by by, const struct account *a, struct outcome *o)
{
	struct outcome why;

	name_submitter(&k->ticket, v->submitter);
	if (k->is_open)
		return true;
	k->is_open = true;
	k->policy = policy_for(v, a);
	if (k->policy == QUEUE_OFF)
		return true;
	k->ticket.account = mem_dup(a->name);
	k->ticket.config = config_of(v, c, by, a);
	k->ticket.uid = getuid();
	k->most = (struct room){ a->queue_mails, a->queue_size, 0 };
	k->starts_runner = a->queue_runner;
	if (open_spool(&k->spool, c, a, true, &why))
		return true;
	if (k->policy == QUEUE_ALWAYS) {
		*o = why;
		return false;
	}
	report_misgiving(v, &why);
	keep_close(k); /* the next mail may have it */
	return true;
}

/* Until the next try: a server that can't be used is asked again sooner than one that
 * has put off the mail. */
static time_t
pause_for(const struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (trouble_of(&e->rcpt[i].outcome) < TROUBLE_ACCOUNT)
			return schedule_message_pause(1);
	return schedule_account_pause(1, 0);
}

static bool
put(struct keep *k, const struct envelope *e, struct source *m, struct outcome *kept,
    struct outcome *o)
{
	char id[ENTRY_ID_SIZE];

	k->ticket.created = time(NULL);
	k->ticket.next = k->ticket.created + pause_for(e);
	if (!room_check(&k->spool, &k->most, m->size, o) ||
	    !spool_put(&k->spool, &k->ticket, e, m, id, o))
		return false;
	k->kept = true;
	(void)outcome_fail(kept, CAUSE_QUEUED, "%s", id);
	return true;
}

void
keep_mail(
    struct keep *k, const struct invocation *v, struct envelope *e, struct source *m)
{
	struct outcome o;

	if (put(k, e, m, &o, &o))
		report_kept(v, o.text);
	envelope_settle(e, &o);
}

static bool
may_be_reached(const struct recipient *r)
{
	const enum verdict verdict = outcome_verdict(&r->outcome);

	return verdict == VERDICT_RETRY || verdict == VERDICT_HOLD;
}

static bool
is_refused(const struct recipient *r)
{
	return outcome_verdict(&r->outcome) == VERDICT_REJECT;
}

/* Those recipients, with what is known of them. */
static void
collect(
    struct part *p, const struct envelope *e, bool (*is_meant)(const struct recipient *))
{
	part_init(p, e);
	for (size_t i = 0; i < e->n; i++)
		if (is_meant(&e->rcpt[i])) {
			part_add(p, e, i, NULL);
			p->envelope.rcpt[p->at[i]].outcome = e->rcpt[i].outcome;
		}
}

/* The first who waits for somebody to mend the account. */
static const struct outcome *
find_held(const struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (trouble_of(&e->rcpt[i].outcome) == TROUBLE_HELD)
			return &e->rcpt[i].outcome;
	return NULL;
}

/* Who wasn't told where there is no terminal: it passes by itself, or it must be mended,
 * and the log of whoever sends is where that is looked for. */
static void
tell_held(const struct invocation *v, const struct envelope *e, const char *id)
{
	const struct outcome *why = find_held(e);
	struct buf words;

	if (why == NULL || v->verbose || isatty(STDERR_FILENO) != 0)
		return;
	buf_init(&words, WORDS_MAX);
	buf_printf(
	    &words, "the mail is kept in the queue as %s until this is mended: ", id);
	outcome_words(why, NULL, &words);
	if (outcome_is_said(why))
		buf_printf(&words, ": %d %s", why->code, why->text);
	if (outcome_hint(why) != NULL)
		buf_printf(&words, "; fix: %s", outcome_hint(why));
	report_warning(v, words.data);
	buf_free(&words);
}

void
keep_rest(struct keep *k, const struct invocation *v, const struct account *a,
    struct envelope *e, struct source *m)
{
	struct outcome o;
	struct part rest;

	collect(&rest, e, may_be_reached);
	if (rest.envelope.n > 0 && put(k, &rest.envelope, m, &o, &o)) {
		report_put_off(v, a, &rest.envelope, o.text, (time_t)k->ticket.next);
		tell_held(v, &rest.envelope, o.text);
		envelope_settle(&rest.envelope, &o);
		part_join(&rest, e);
	} else if (rest.envelope.n > 0) {
		(void)report_failure(v, &o);
	}
	part_free(&rest);
}

void
keep_refused(
    struct keep *k, const struct invocation *v, struct envelope *e, struct source *m)
{
	struct outcome o;
	struct part refused;

	if (k->policy == QUEUE_OFF || envelope_accepted(e) == 0)
		return;
	collect(&refused, e, is_refused);
	if (refused.envelope.n > 0 && put(k, &refused.envelope, m, &o, &o)) {
		report_to_be_told(v, e, o.text);
		envelope_settle(&refused.envelope, &o);
		part_join(&refused, e);
	} else if (refused.envelope.n > 0) {
		(void)report_failure(v, &o);
	}
	part_free(&refused);
}

uint64_t
keep_waiting(const struct config *c, const struct account *a, const char *who)
{
	struct outcome ignored; /* without a queue, nothing waits */
	struct spool spool;
	uint64_t bytes = 0;

	spool_init(&spool);
	if (a->queue != QUEUE_OFF && open_spool(&spool, c, a, false, &ignored))
		bytes = share_of(&spool, who);
	spool_close(&spool);
	return bytes;
}

bool
keep_is_run(const struct config *c, const struct account *a)
{
	struct outcome ignored; /* what isn't there is run by nobody */
	struct spool spool;
	bool is_run;

	spool_init(&spool);
	is_run = open_spool(&spool, c, a, false, &ignored) && detach_is_running(&spool);
	spool_close(&spool);
	return is_run;
}

void
keep_release(const struct invocation *v, const struct config *c, enum choice_by by,
    const struct account *a)
{
	struct ticket ticket = { .account = a->name, .config = config_of(v, c, by, a) };
	struct outcome ignored; /* without a queue, nothing is held */
	enum spool_mode mode;
	char *path = place_of(a, config_is_system(c, a), &mode);
	struct spool spool;

	spool_init(&spool);
	if (a->queue != QUEUE_OFF && path != NULL && privilege_may_lend() &&
	    place_is_shared(path))
		release_everywhere(path, &ticket);
	else if (a->queue != QUEUE_OFF && open_spool(&spool, c, a, false, &ignored))
		release_account(&spool, &ticket);
	spool_close(&spool);
	free(ticket.config);
	free(path);
}
