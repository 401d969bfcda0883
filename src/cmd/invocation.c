/* SPDX-License-Identifier: ISC */
#include "cmd/invocation.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/action.h"
#include "cmd/job.h"
#include "cmd/sendmail.h"
#include "cmd/syntax.h"

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

/* Values of settings that only a catcher takes: its clients are who is to use TLS, or to
 * sign in. */
static enum action
wish_of(const struct option_row *row, const char *value)
{
	if (strcmp(row->name, "tls") == 0 && strcmp(value, "self") == 0)
		return ACTION_CATCH_TLS;
	if (strcmp(row->name, "auth") == 0 &&
	    (strcmp(value, "any") == 0 || strchr(value, ':') != NULL))
		return ACTION_CATCH_AUTH;
	return ACTION_NOTHING;
}

/* Whether the word can be where to listen: "127.0.0.1:0", "unix:/tmp/smtp". */
static bool
is_like_place(const char *word)
{
	const char *colon = strrchr(word, ':');

	return strncmp(word, "unix:", 5) == 0 ||
	       (colon != NULL && colon[1 + strspn(colon + 1, "0123456789")] == '\0');
}

/* Whether a catcher is asked for: before its options, or behind them. */
static bool
has_catch(int argc, char *const argv[])
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--catch") == 0 ||
		    strncmp(argv[i], "--catch=", 8) == 0)
			return true;
	return false;
}

/* The same where it stands behind a blank, as a value of these settings can't elsewhere:
 * then it is the next word. */
static void
take_next_word(struct asked *a, int argc, char **argv)
{
	if (a->row != NULL && *a->value == '\0' && optind < argc &&
	    wish_of(a->row, argv[optind]) != ACTION_NOTHING &&
	    !is_like_place(argv[optind]))
		a->value = argv[optind++];
}

static bool
take(struct invocation *v, struct account *scratch, const struct asked *a,
    struct outcome *o)
{
	const enum action wish =
	    a->row != NULL ? wish_of(a->row, a->value) : ACTION_NOTHING;

	if (a->old != NULL)
		return take_legacy(v, scratch, a->old, a->value, o);
	if (wish != ACTION_NOTHING)
		return action_take(v, wish, a->value, o);
	if (a->row != NULL)
		return take_setting(v, scratch, a->row, a->value, o);
	return action_take(v, a->action, a->value, o);
}

static bool
parse(struct invocation *v, const struct syntax *s, struct account *scratch, int argc,
    char **argv, struct outcome *o)
{
	const bool catches = has_catch(argc, argv);
	struct asked asked;
	bool end;

	for (;;) {
		if (!syntax_next(s, argc, argv, &asked, &end, o))
			return false;
		if (end)
			break;
		if (catches)
			take_next_word(&asked, argc, argv);
		if (!take(v, scratch, &asked, o))
			return false;
	}
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

/* Says what is wrong, and what to write. */
static bool
wrong(struct outcome *o, const char *what, const char *fix)
{
	(void)outcome_fail(o, CAUSE_USAGE, "%s", what);
	outcome_refine(o, CAUSE_USAGE, NULL, fix);
	return false;
}

/* Words that the job doesn't take would be taken for recipients, and nobody writes to
 * them here. */
static bool
has_right_words(const struct invocation *v, struct outcome *o)
{
	const bool is_question = v->serverinfo || v->rmqs != NULL;

	if (v->recipients == 0 || (job_words(v->job) != WORDS_NONE && !is_question))
		return true;
	(void)outcome_fail(o, CAUSE_USAGE,
	    "too many arguments: \"%.200s\" would be a recipient, and no mail is sent "
	    "here",
	    v->recipient[0]);
	outcome_refine(o, CAUSE_USAGE, NULL, "leave that word out");
	return false;
}

/* A mail that is sent to try it out has one recipient, who stands in its header. */
static bool
settle_test(struct invocation *v, struct outcome *o)
{
	v->recipient = (char **)(uintptr_t)&v->argument;
	v->recipients = 1;
	return invocation_give(v, "set_to_header", "on", o);
}

static bool
is_queue_verb(const char *word)
{
	static const char *const verbs[] = { "list", "show", "retry", "hold", "release",
		"delete" };

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(word, verbs[i]) == 0)
			return true;
	return false;
}

/* What the words behind "queue" ask for. */
static bool
settle_queue(struct invocation *v, struct outcome *o)
{
	if (v->recipients == 0 || !is_queue_verb(v->recipient[0]))
		return wrong(o,
		    "what is to be done with the queue: list, show, retry, hold, release "
		    "or delete? (a recipient of that name needs a \"--\" before it)",
		    "mailchute queue list");
	v->argument = v->recipient[0];
	v->job = strcmp(v->argument, "list") == 0 ? JOB_QUEUE_LIST : JOB_QUEUE;
	v->recipient++;
	v->recipients--;
	return true;
}

/* Whether it is about mail that is sent: then -P shows the settings for it. */
static bool
is_for_mail(enum job job)
{
	return job == JOB_SEND || job == JOB_TEST || job == JOB_QUEUE_RUN ||
	       job == JOB_SMTP || job == JOB_DAEMON;
}

/* The job of options that can also stand beside --print-config. */
static bool
settle_question(struct invocation *v, struct outcome *o)
{
	if (v->pretends && is_for_mail(v->job))
		v->job = JOB_PRINT_CONFIG;
	if (v->configure != NULL)
		v->job = JOB_CONFIGURE;
	else if (v->serverinfo && v->rmqs != NULL)
		return wrong(o, "cannot use both --serverinfo and --rmqs",
		    "leave one of them out");
	else if (v->job == JOB_SEND && v->serverinfo)
		v->job = JOB_SERVERINFO;
	else if (v->job == JOB_SEND && v->rmqs != NULL)
		v->job = JOB_RMQS;
	return v->rmqs == NULL || *v->rmqs != '\0' ||
	       wrong(o, "--rmqs needs a host, @domain or #queue",
		   "mailchute --rmqs=@example.org");
}

/* Options that mean something to one job only. */
static bool
has_right_options(const struct invocation *v, struct outcome *o)
{
	if (v->wishes > 0 && v->job != JOB_CATCH)
		return wrong(o,
		    "--expect, --fail, and options that begin with --catch- go with "
		    "--catch",
		    "mailchute --catch, and the others behind it; see the manual, "
		    "mailchute(1), under CATCHING MAIL");
	if ((v->all || v->rcpt != NULL || v->sender != NULL) && v->job != JOB_QUEUE &&
	    v->job != JOB_QUEUE_LIST)
		return wrong(o, "--all, --rcpt and --sender go with queue",
		    "mailchute queue list --rcpt=example.org");
	if (v->pretends && v->job == JOB_QUEUE)
		return wrong(o, "-P shows settings, and queue is about mail that waits",
		    "leave one of them out");
	return v->to == NULL || v->job == JOB_CHECK ||
	       wrong(
		   o, "--to goes with --check", "mailchute --check --to=you@example.org");
}

/* Settles what the job is, and to whom the words belong that are no options. */
static bool
settle_job(struct invocation *v, struct outcome *o)
{
	if (v->job == JOB_HELP || v->job == JOB_VERSION)
		return true;
	if (!(v->is_queue ? settle_queue(v, o) : settle_question(v, o)))
		return false;
	if (v->job == JOB_CHECK && v->recipients == 1 && v->account == NULL) {
		v->account = v->recipient[0];
		v->recipients = 0;
	}
	return has_right_words(v, o) && has_right_options(v, o) &&
	       (v->job != JOB_TEST || settle_test(v, o));
}

/* "queue" behind options is meant so where it is said what is to be done. */
static void
find_queue(struct invocation *v)
{
	char **word = v->recipient;

	v->is_queue = v->recipients > 1 && strcmp(word[0], "queue") == 0 &&
		      strcmp(word[-1], "--") != 0 && is_queue_verb(word[1]);
	if (v->is_queue) {
		v->recipient++;
		v->recipients--;
	}
}

/* Where the first word is "queue", it is no recipient; but it is for msmtp. */
static bool
parse_words(struct invocation *v, int argc, char **argv, struct outcome *o)
{
	if (strcmp(v->program, "msmtp") == 0)
		return parse_options(v, argc, argv, o);
	if (argc > 1 && strcmp(argv[1], "queue") == 0) {
		v->is_queue = true;
		return parse_options(v, argc - 1, argv + 1, o);
	}
	if (!parse_options(v, argc, argv, o))
		return false;
	find_queue(v);
	return true;
}

/* The only word there is; else -h is followed by how often a mail was handed on. */
static bool
asks_for_help(int argc, char *const argv[])
{
	static const char *const words[] = { "-h", "-?", "-help", "--help" };

	for (size_t i = 0; argc == 2 && i < sizeof words / sizeof words[0]; i++)
		if (strcmp(argv[1], words[i]) == 0)
			return true;
	return false;
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
	sendmail_recognize(v);
	if (asks_for_help(argc, argv))
		ok = action_take(v, ACTION_HELP, "", o);
	else if (v->as_sendmail)
		ok = sendmail_parse(v, argc, argv, o);
	else
		ok = parse_words(v, argc, argv, o);
	ok = ok && settle_job(v, o);
	v->whole = v->as_sendmail || v->job == JOB_SMTP || v->job == JOB_DAEMON;
	if (ok && v->envid != NULL && !is_envid(v->envid))
		ok = wrong(o, "-V takes 1 to 100 printable ASCII characters",
		    "-V backup-of-monday");
	if (ok && v->read_sender && invocation_given(v, "from") != NULL)
		ok = wrong(o, "--from and --read-envelope-from both say who sends",
		    "leave one of them out");
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
