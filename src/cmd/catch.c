/* SPDX-License-Identifier: ISC
 *
 * catch.c - a server that delivers nothing: for those whose programs send mail
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "serve/catcher.h"
#include "serve/crowd.h"
#include "serve/door.h"
#include "serve/expect.h"

#define ADDRESS "127.0.0.1" /* where nothing else is given */
#define PORT 1025
#define CLIENTS_MAX 1000
#define MISSED 1 /* the exit status where what was waited for hasn't come */
#define WORDS_MAX 4096

/* What the command line asks for. */
struct asked_catch {
	const char *place;
	struct account *account; /* with the settings of the command line */
	struct catcher catcher;
	struct serve_limits limits;
	uint64_t seed;
	uint64_t seconds; /* 0: for ever */
};

static bool
take_number(const char *option, const char *text, uint64_t *n, struct outcome *o)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (!is_digit(*text) || *end != '\0' || errno != 0)
		return outcome_fail(
		    o, CAUSE_USAGE, "--%s %.100s: it takes a number", option, text);
	*n = value;
	return true;
}

static bool
has_room(size_t n, const char *option, struct outcome *o)
{
	return n < CATCHER_LIST_MAX ||
	       outcome_fail(o, CAUSE_USAGE, "--%s can stand %d times at most", option,
		   CATCHER_LIST_MAX);
}

static bool
take_expect(struct asked_catch *a, const char *value, struct outcome *o)
{
	struct catcher *c = &a->catcher;

	if (!has_room(c->expects, "expect", o) || !expect_validate(value, o))
		return false;
	c->expect[c->expects++] = value;
	return true;
}

static bool
take_fail(struct asked_catch *a, const char *value, struct outcome *o)
{
	struct catcher *c = &a->catcher;

	return has_room(c->faults, "fail", o) &&
	       fault_parse(&c->fault[c->faults++], span_of(value), o);
}

static bool
take_seed(struct asked_catch *a, const char *value, struct outcome *o)
{
	return take_number("fail-seed", value, &a->seed, o);
}

static bool
take_count(struct asked_catch *a, const char *value, struct outcome *o)
{
	return take_number("catch-count", value, &a->catcher.count, o);
}

static bool
take_timeout(struct asked_catch *a, const char *value, struct outcome *o)
{
	return take_number("catch-timeout", value, &a->seconds, o);
}

static bool
take_size(struct asked_catch *a, const char *value, struct outcome *o)
{
	return take_number("catch-size", value, &a->limits.size, o);
}

static bool
take_exec(struct asked_catch *a, const char *value, struct outcome *o)
{
	(void)o;
	a->catcher.command = value;
	return true;
}

static bool
take_wish(struct asked_catch *a, const struct wish *w, struct outcome *o)
{
	static const struct {
		enum action action;
		bool (*take)(struct asked_catch *, const char *, struct outcome *);
	} rows[] = {
		{ ACTION_EXPECT, take_expect },
		{ ACTION_FAIL, take_fail },
		{ ACTION_FAIL_SEED, take_seed },
		{ ACTION_CATCH_COUNT, take_count },
		{ ACTION_CATCH_TIMEOUT, take_timeout },
		{ ACTION_CATCH_SIZE, take_size },
		{ ACTION_CATCH_EXEC, take_exec },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].action == w->action)
			return rows[i].take(a, w->value, o);
	return true;
}

static bool
take_settings(struct asked_catch *a, const struct invocation *v, struct outcome *o)
{
	const struct origin origin = { "command line", 0, true };

	for (size_t i = 0; i < v->n; i++)
		if (!option_set(a->account, v->given[i].row, span_of(v->given[i].value),
			origin, CAUSE_USAGE, o))
			return false;
	return true;
}

/* The place may stand behind the option, or after a blank. */
static bool
take_place(struct asked_catch *a, const struct invocation *v, struct outcome *o)
{
	const bool given = *v->argument != '\0';

	a->place = given ? v->argument : v->recipients > 0 ? v->recipient[0] : "";
	return v->recipients <= (given ? 0 : 1) ||
	       outcome_fail(o, CAUSE_USAGE,
		   "too many arguments: \"%.200s\" would be a recipient, and no mail is "
		   "sent here",
		   v->recipient[given ? 0 : 1]);
}

static bool
read_command_line(struct asked_catch *a, const struct invocation *v, struct outcome *o)
{
	bool ok = take_settings(a, v, o) && take_place(a, v, o);

	a->seed = (uint64_t)clock_now() << 16 ^ (uint64_t)getpid();
	for (size_t i = 0; ok && i < v->wishes; i++)
		ok = take_wish(a, &v->wish[i], o);
	a->catcher.account = a->account;
	return ok;
}

/* Who starts it from a script waits for this line, and reads the port in it. */
static void
announce(const struct invocation *v, const struct asked_catch *a, const struct door *l)
{
	struct buf words;

	buf_init(&words, WORDS_MAX);
	door_place(l, &words);
	(void)fprintf(stderr,
	    "%s: catching mail on %s (Ctrl-C to stop); nothing is delivered\n",
	    v->program, words.data);
	if (a->catcher.faults > 0)
		(void)fprintf(stderr,
		    "%s: failures on purpose are repeated by --fail-seed %llu\n",
		    v->program, (unsigned long long)a->seed);
	buf_free(&words);
}

/* Says what was waited for in vain. */
static void
complain(const struct invocation *v, const struct catcher *c)
{
	if (c->seen->mails < c->count)
		(void)fprintf(stderr, "%s: %llu of %llu mails came\n", v->program,
		    (unsigned long long)c->seen->mails, (unsigned long long)c->count);
	for (size_t i = 0; i < c->expects; i++)
		if (!c->seen->met[i])
			(void)fprintf(stderr,
			    "%s: none of the %llu mails that came is as expected: %s\n",
			    v->program, (unsigned long long)c->seen->mails, c->expect[i]);
}

static bool
is_done(void *arg)
{
	return catcher_is_done(arg);
}

static bool
serve(
    const struct invocation *v, struct asked_catch *a, struct door *l, struct outcome *o)
{
	const struct observer observer = report_observer(v);
	const struct service service = {
		.name = account_domain(a->account),
		.sink = &catcher_sink,
		.self = &a->catcher,
		.limits = a->limits,
		.lmtp = a->account->protocol == PROTOCOL_LMTP,
		.said = observer.said,
		.arg = observer.arg,
	};
	const struct crowd crowd = {
		.listener = l,
		.listeners = 1,
		.service = &service,
		.max = CLIENTS_MAX,
		.wake = a->catcher.wake,
		.is_done = is_done,
		.arg = &a->catcher,
		.deadline = a->seconds > 0 && a->seconds < INT32_MAX
				? clock_in((int64_t)a->seconds * 1000)
				: INT64_MAX,
	};
	enum crowd_end end;

	announce(v, a, l);
	return crowd_serve(&crowd, &end, o);
}

static int
catch_all(const struct invocation *v, struct asked_catch *a)
{
	struct door listener;
	struct outcome o;
	bool ok;

	if (!door_open(&listener, a->place, ADDRESS, PORT, &o))
		return report_failure(v, &o);
	ok = door_is_local(&listener) ||
	     outcome_fail(&o, CAUSE_USAGE,
		 "%.200s can be reached by other machines, and anybody there could fill "
		 "this one with mail: take an address of the loopback interface, such as "
		 "127.0.0.1",
		 a->place);
	ok = ok && catcher_open(&a->catcher, a->seed, &o) && serve(v, a, &listener, &o);
	door_close(&listener);
	if (!ok)
		return report_failure(v, &o);
	if (catcher_is_content(&a->catcher))
		return EX_OK;
	complain(v, &a->catcher);
	return MISSED;
}

int
job_catch(const struct invocation *v)
{
	struct asked_catch a = {
		.account = account_new("catch"),
		.catcher = { .lock = -1, .wake = -1 },
		.limits = { .errors = INT_MAX }, /* clients are here to make some */
	};
	struct outcome o;
	int status =
	    read_command_line(&a, v, &o) ? catch_all(v, &a) : report_failure(v, &o);

	catcher_close(&a.catcher);
	account_free(a.account);
	return status;
}
