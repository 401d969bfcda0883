/* SPDX-License-Identifier: ISC */
#include "cmd/invocation.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/queue_wish.h"
#include "cmd/sendmail.h"
#include "cmd/syntax.h"

/* What -b asks for; the rest of sendmail's modes is for sendmail. */
static bool
take_mode(struct invocation *v, const char *value, struct outcome *o)
{
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
take_job(struct invocation *v, enum job job, const char *argument)
{
	v->job = job;
	v->argument = argument;
	return true;
}

static bool
take_action(
    struct invocation *v, enum action action, const char *value, struct outcome *o)
{
	switch (action) {
	case ACTION_VERSION:
		v->job = JOB_VERSION;
		break;
	case ACTION_HELP:
		v->job = JOB_HELP;
		break;
	case ACTION_PRINT_CONFIG:
		v->job = v->job == JOB_SEND ? JOB_PRINT_CONFIG : v->job;
		break;
	case ACTION_VERBOSE:
		v->detailed = v->verbose;
		v->verbose = true;
		break;
	case ACTION_DEBUG:
		v->verbose = v->debug = true;
		if (strcmp(value, "0.1") == 0) /* sendmail's way to ask for it */
			v->job = JOB_VERSION;
		break;
	case ACTION_READ_SENDER:
		v->read_sender = true;
		break;
	case ACTION_ACCOUNT:
		v->account = value;
		break;
	case ACTION_FILE:
		v->file = value;
		break;
	case ACTION_READ_RECIPIENTS:
		v->read_recipients = true;
		break;
	case ACTION_ENVID:
		v->envid = value;
		break;
	case ACTION_SERVERINFO:
		v->serverinfo = true;
		break;
	case ACTION_RMQS:
		v->rmqs = value;
		break;
	case ACTION_CONFIGURE:
		v->configure = value;
		break;
	case ACTION_EXPLAIN:
		return take_job(v, JOB_EXPLAIN, value);
	case ACTION_CHECK:
		return take_job(v, JOB_CHECK, NULL);
	case ACTION_TEST:
		return take_job(v, JOB_TEST, value);
	case ACTION_HAS_EXTN:
		return take_job(v, JOB_HAS_EXTN, value);
	case ACTION_VRFY:
		return take_job(v, JOB_VRFY, value);
	case ACTION_EXPN:
		return take_job(v, JOB_EXPN, value);
	case ACTION_TO:
		v->to = value;
		break;
	case ACTION_JSON:
		v->json = true;
		break;
	case ACTION_CATCH:
		v->job = JOB_CATCH;
		v->argument = value;
		break;
	case ACTION_ALL:
		v->all = true;
		break;
	case ACTION_RCPT:
		v->rcpt = value;
		break;
	case ACTION_SENDER:
		v->sender = value;
		break;
	case ACTION_METRICS:
		v->job = JOB_METRICS;
		v->argument = value;
		break;
	case ACTION_CATCH_AUTH:
	case ACTION_CATCH_COUNT:
	case ACTION_CATCH_EXEC:
	case ACTION_CATCH_SIZE:
	case ACTION_CATCH_TIMEOUT:
	case ACTION_CATCH_TLS:
	case ACTION_EXPECT:
	case ACTION_FAIL:
	case ACTION_FAIL_SEED:
		v->wish = mem_room(v->wish, v->wishes, sizeof *v->wish);
		v->wish[v->wishes++] = (struct wish){ action, value };
		break;
	case ACTION_QUEUE_RUN:
		v->job = JOB_QUEUE_RUN;
		return queue_wish_read(&v->queue_wish, value, o);
	case ACTION_MODE:
		return take_mode(v, value, o);
	case ACTION_NOTHING:
		break;
	}
	return true;
}

/* The value is checked at once, by setting it in an account that nobody uses. An empty
 * sender is the null sender, and not none. */
static bool
take_setting(struct invocation *v, struct account *scratch, const struct option_row *row,
    const char *value, struct outcome *o)
{
	const struct origin nowhere = { NULL, 0, false };

	if ((row->flags & OPTION_FILE_ONLY) != 0)
		return outcome_fail(o, CAUSE_USAGE,
		    "a %s on the command line can be seen by everybody on this machine: "
		    "put it into a file, or use passwordeval",
		    row->name);
	if (row->letter == 'f' && *value == '\0')
		value = "<>";
	v->given = mem_room(v->given, v->n, sizeof *v->given);
	v->given[v->n++] = (struct given){ row, value };
	return option_set(scratch, row, span_of(value), nowhere, CAUSE_USAGE, o);
}

bool
invocation_give(
    struct invocation *v, const char *name, const char *value, struct outcome *o)
{
	struct account *scratch = account_new("");
	bool ok = take_setting(v, scratch, option_find(span_of(name)), value, o);

	account_free(scratch);
	return ok;
}

static bool
take_legacy(struct invocation *v, struct account *scratch, const struct legacy_name *l,
    const char *value, struct outcome *o)
{
	const struct option_row *row;
	struct span s = span_of(value);

	/* what it becomes is the whole of what was given, or of a string in the table */
	return legacy_translate(l, &row, &s, CAUSE_USAGE, o) &&
	       (row == NULL || take_setting(v, scratch, row, s.p, o));
}

static bool
take(struct invocation *v, struct account *scratch, const struct asked *a,
    struct outcome *o)
{
	if (a->old != NULL)
		return take_legacy(v, scratch, a->old, a->value, o);
	if (a->row != NULL)
		return take_setting(v, scratch, a->row, a->value, o);
	return take_action(v, a->action, a->value, o);
}

static bool
parse(struct invocation *v, const struct syntax *s, struct account *scratch, int argc,
    char **argv, struct outcome *o)
{
	struct asked asked;
	bool end;

	do
		if (!syntax_next(s, argc, argv, &asked, &end, o) ||
		    (!end && !take(v, scratch, &asked, o)))
			return false;
	while (!end);
	v->recipient = argv + optind;
	v->recipients = (size_t)(argc - optind);
	return true;
}

static bool
parse_options(struct invocation *v, int argc, char **argv, struct outcome *o)
{
	struct account *scratch = account_new("");
	struct syntax s;
	bool ok;

	syntax_init(&s, argc, argv);
	ok = parse(v, &s, scratch, argc, argv, o);
	syntax_free(&s);
	account_free(scratch);
	return ok;
}

bool
invocation_has_option(struct span name)
{
	struct syntax s;
	bool found = false;

	syntax_init(&s, 0, NULL);
	for (size_t i = 0; i < s.whole && !found; i++)
		found = span_is(name, s.options[i].name);
	syntax_free(&s);
	return found;
}

/* RFC 3461, 4.4: up to 100 printable characters. */
static bool
is_envid(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 100 && !span_has_control(span_of(s)) &&
	       !span_has_8bit(span_of(s));
}

/* A job that takes no recipients. */
static bool
has_no_recipients(const struct invocation *v, struct outcome *o)
{
	return v->recipients == 0 ||
	       outcome_fail(o, CAUSE_USAGE,
		   "too many arguments: \"%.200s\" would be a recipient, and no mail is "
		   "sent here",
		   v->recipient[0]);
}

static bool
is_about_argument(enum job job)
{
	return job == JOB_EXPLAIN || job == JOB_CHECK || job == JOB_TEST ||
	       job == JOB_HAS_EXTN || job == JOB_VRFY || job == JOB_EXPN ||
	       job == JOB_METRICS || job == JOB_QUEUE_RUN;
}

/* A mail that is sent to try it out has one recipient, who stands in its header. */
static bool
settle_test(struct invocation *v, struct outcome *o)
{
	if (v->job != JOB_TEST)
		return true;
	v->recipient = (char **)(uintptr_t)&v->argument;
	v->recipients = 1;
	return invocation_give(v, "set_to_header", "on", o);
}

/* What the words behind "queue" ask for. */
static bool
settle_queue(struct invocation *v, struct outcome *o)
{
	static const char *const verbs[] = { "list", "show", "retry", "hold", "release",
		"delete" };
	const char *verb = v->recipients > 0 ? v->recipient[0] : "";

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verb, verbs[i]) == 0) {
			v->job = i == 0 ? JOB_QUEUE_LIST : JOB_QUEUE;
			v->argument = verb;
			v->recipient++;
			v->recipients--;
			return true;
		}
	return outcome_fail(o, CAUSE_USAGE,
	    "what is to be done with the queue: list, show, retry, hold, release or "
	    "delete? (a recipient of that name needs a \"--\" before it)");
}

/* Settles the job where something else than to send a mail was asked for. What only
 * shows or explains comes first. */
static bool
settle_job(struct invocation *v, struct outcome *o)
{
	if (v->job == JOB_HELP || v->job == JOB_VERSION)
		return true;
	if (v->job == JOB_CATCH || v->job == JOB_QUEUE_LIST)
		return true;
	if (v->is_queue)
		return settle_queue(v, o);
	if (v->wishes > 0)
		return outcome_fail(o, CAUSE_USAGE,
		    "--expect, --fail, and options that begin with --catch- go with "
		    "--catch");
	if (v->job == JOB_CHECK && v->recipients == 1 && v->account == NULL) {
		v->account = v->recipient[0];
		return true;
	}
	if (is_about_argument(v->job))
		return has_no_recipients(v, o) && settle_test(v, o);
	if (v->all || v->rcpt != NULL || v->sender != NULL)
		return outcome_fail(o, CAUSE_USAGE,
		    "--all, --rcpt and --sender go with queue: mailchute queue list");
	if (!v->serverinfo && v->rmqs == NULL && v->configure == NULL)
		return true;
	if (v->configure != NULL)
		v->job = JOB_CONFIGURE;
	else if (v->serverinfo && v->rmqs != NULL)
		return outcome_fail(
		    o, CAUSE_USAGE, "cannot use both --serverinfo and --rmqs");
	else if (v->job == JOB_SEND)
		v->job = v->serverinfo ? JOB_SERVERINFO : JOB_RMQS;
	if (!has_no_recipients(v, o))
		return false;
	if (v->rmqs != NULL && *v->rmqs == '\0')
		return outcome_fail(
		    o, CAUSE_USAGE, "--rmqs needs a host, @domain or #queue");
	return true;
}

/* Where the first word is "queue", it is no recipient; but it is for msmtp. */
static bool
parse_words(struct invocation *v, int argc, char **argv, struct outcome *o)
{
	v->is_queue =
	    argc > 1 && strcmp(argv[1], "queue") == 0 && strcmp(v->program, "msmtp") != 0;
	return v->is_queue ? parse_options(v, argc - 1, argv + 1, o)
			   : parse_options(v, argc, argv, o);
}

bool
invocation_parse(struct invocation *v, int argc, char **argv, struct outcome *o)
{
	const char *slash;
	bool ok;

	*v = (struct invocation){ .program = "mailchute", .began = clock_now() };
	if (argc > 0 && *argv[0] != '\0') {
		slash = strrchr(argv[0], '/');
		v->program = slash != NULL ? slash + 1 : argv[0];
	}
	if (sendmail_recognize(v))
		ok = sendmail_parse(v, argc, argv, o);
	else
		ok = parse_words(v, argc, argv, o);
	ok = ok && settle_job(v, o);
	v->whole = v->as_sendmail || v->job == JOB_SMTP || v->job == JOB_DAEMON;
	if (ok && v->envid != NULL && !is_envid(v->envid))
		ok = outcome_fail(
		    o, CAUSE_USAGE, "-V takes 1 to 100 printable ASCII characters");
	if (ok && v->read_sender && invocation_given(v, "from") != NULL)
		ok = outcome_fail(o, CAUSE_USAGE,
		    "--from and --read-envelope-from both say who sends: take one");
	return ok;
}

const char *
invocation_keep(struct invocation *v, char *text)
{
	v->kept = mem_room(v->kept, v->n_kept, sizeof(char *));
	v->kept[v->n_kept++] = text;
	return text;
}

void
invocation_free(struct invocation *v)
{
	free(v->given);
	free(v->wish);
	for (size_t i = 0; i < v->n_kept; i++)
		free(v->kept[i]);
	free(v->kept);
	*v = (struct invocation){ 0 };
}

const char *
invocation_given(const struct invocation *v, const char *name)
{
	const struct option_row *row = option_find(span_of(name));

	for (size_t i = v->n; i > 0; i--)
		if (v->given[i - 1].row == row)
			return v->given[i - 1].value;
	return NULL;
}
