/* SPDX-License-Identifier: ISC */
#include "cmd/action.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/queue_wish.h"

static bool
take_verbose(
    struct invocation *v, enum action action, const char *value, struct outcome *o)
{
	(void)action;
	(void)value;
	(void)o;
	v->detailed = v->verbose;
	v->verbose = true;
	return true;
}

/* -d0.1 is sendmail's way to ask for the version. */
static bool
take_debug(struct invocation *v, enum action action, const char *value, struct outcome *o)
{
	(void)action;
	(void)o;
	v->verbose = v->debug = true;
	if (strcmp(value, "0.1") == 0)
		v->job = JOB_VERSION;
	return true;
}

/* What -b asks for; the rest of sendmail's modes is for sendmail. */
static bool
take_mode(struct invocation *v, enum action action, const char *value, struct outcome *o)
{
	(void)action;
	if (strcmp(value, "s") == 0)
		v->job = JOB_SMTP;
	else if (strcmp(value, "d") == 0)
		v->job = JOB_DAEMON;
	else if (strcmp(value, "m") != 0)
		return outcome_fail(
		    o, CAUSE_USAGE, "unsupported operation mode b%s", value);
	return true;
}

static bool
take_queue_run(
    struct invocation *v, enum action action, const char *value, struct outcome *o)
{
	(void)action;
	v->runs_queue = true;
	if (v->job != JOB_DAEMON) /* -bd -q30m: both */
		v->job = JOB_QUEUE_RUN;
	return queue_wish_read(&v->queue_wish, value, o);
}

/* --check=ACCOUNT is --check ACCOUNT. */
static bool
take_check(struct invocation *v, enum action action, const char *value, struct outcome *o)
{
	(void)action;
	(void)o;
	v->job = JOB_CHECK;
	if (*value != '\0')
		v->account = value;
	return true;
}

/* For the job itself to read, in their order. */
static bool
take_wish(struct invocation *v, enum action action, const char *value, struct outcome *o)
{
	(void)o;
	v->wish = mem_room(v->wish, v->wishes, sizeof *v->wish);
	v->wish[v->wishes++] = (struct wish){ action, value };
	return true;
}

#define SETS(member) .flag = offsetof(struct invocation, member)
#define KEEPS(member) .word = offsetof(struct invocation, member)
#define ASKS_FOR(which) .job = (which), .is_job = true

/* An option sets a flag, keeps its value, asks for a job, or has a function of its own.
 * No member of these kinds stands first in the invocation: 0 is none. */
static const struct deed {
	size_t flag;
	size_t word;
	enum job job;
	bool is_job;
	bool (*take)(struct invocation *v, enum action action, const char *value,
	    struct outcome *o);
} deeds[] = {
	[ACTION_VERSION] = { ASKS_FOR(JOB_VERSION) },
	[ACTION_HELP] = { ASKS_FOR(JOB_HELP) },
	[ACTION_PRINT_CONFIG] = { SETS(pretends) },
	[ACTION_VERBOSE] = { .take = take_verbose },
	[ACTION_DEBUG] = { .take = take_debug },
	[ACTION_ACCOUNT] = { KEEPS(account) },
	[ACTION_FILE] = { KEEPS(file) },
	[ACTION_READ_RECIPIENTS] = { SETS(read_recipients) },
	[ACTION_READ_SENDER] = { SETS(read_sender) },
	[ACTION_ENVID] = { KEEPS(envid) },
	[ACTION_SERVERINFO] = { SETS(serverinfo) },
	[ACTION_RMQS] = { KEEPS(rmqs) },
	[ACTION_CONFIGURE] = { KEEPS(configure) },
	[ACTION_EXPLAIN] = { ASKS_FOR(JOB_EXPLAIN), KEEPS(argument) },
	[ACTION_CATCH] = { ASKS_FOR(JOB_CATCH), KEEPS(argument) },
	[ACTION_CATCH_AUTH] = { .take = take_wish },
	[ACTION_CATCH_COUNT] = { .take = take_wish },
	[ACTION_CATCH_EXEC] = { .take = take_wish },
	[ACTION_CATCH_SIZE] = { .take = take_wish },
	[ACTION_CATCH_TIMEOUT] = { .take = take_wish },
	[ACTION_CATCH_TLS] = { .take = take_wish },
	[ACTION_EXPECT] = { .take = take_wish },
	[ACTION_FAIL] = { .take = take_wish },
	[ACTION_FAIL_SEED] = { .take = take_wish },
	[ACTION_CHECK] = { .take = take_check },
	[ACTION_TO] = { KEEPS(to) },
	[ACTION_JSON] = { SETS(json) },
	[ACTION_TEST] = { ASKS_FOR(JOB_TEST), KEEPS(argument) },
	[ACTION_HAS_EXTN] = { ASKS_FOR(JOB_HAS_EXTN), KEEPS(argument) },
	[ACTION_VRFY] = { ASKS_FOR(JOB_VRFY), KEEPS(argument) },
	[ACTION_EXPN] = { ASKS_FOR(JOB_EXPN), KEEPS(argument) },
	[ACTION_QUEUE_RUN] = { .take = take_queue_run },
	[ACTION_ALL] = { SETS(all) },
	[ACTION_RCPT] = { KEEPS(rcpt) },
	[ACTION_SENDER] = { KEEPS(sender) },
	[ACTION_METRICS] = { ASKS_FOR(JOB_METRICS), KEEPS(argument) },
	[ACTION_MODE] = { .take = take_mode },
	[ACTION_NOTHING] = { 0 },
};

bool
action_take(
    struct invocation *v, enum action action, const char *value, struct outcome *o)
{
	const struct deed *d = &deeds[action];
	char *p = (char *)v;

	if (d->take != NULL)
		return d->take(v, action, value, o);
	if (d->is_job)
		v->job = d->job;
	if (d->flag != 0)
		*(bool *)(p + d->flag) = true;
	if (d->word != 0)
		*(const char **)(void *)(p + d->word) = value;
	return true;
}
