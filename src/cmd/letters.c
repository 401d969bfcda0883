/* SPDX-License-Identifier: ISC */
#include "cmd/letters.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "cmd/action.h"
#include "cmd/queue_wish.h"
#include "cmd/report.h"

/* What real sendmails would do with a file. */
static bool
take_file(struct words *w, const char *value, struct outcome *o)
{
	char *words =
	    mem_printf("%s%s is left out: under the name %s, no option names a file",
		w->option, value, w->v->program);

	(void)o;
	report_warning(w->v, words);
	free(words);
	return true;
}

/* The configuration of another program says nothing here; one of ours would. */
static bool
take_config(struct words *w, const char *value, struct outcome *o)
{
	size_t n = strlen(value);

	if ((n > 3 && strcmp(value + n - 3, ".cf") == 0) ||
	    (n > 5 && strcmp(value + n - 5, ".conf") == 0))
		return take_file(w, value, o);
	return outcome_fail(o, CAUSE_FORBIDDEN,
	    "-C %.200s: under the name %s, nobody chooses another configuration", value,
	    w->v->program);
}

static bool
take_mode(struct words *w, const char *value, struct outcome *o)
{
	static const struct {
		const char *mode;
		enum job job;
		bool count; /* how many, and not which */
	} modes[] = {
		{ "m", JOB_SEND, false },
		{ "a", JOB_SEND, false }, /* line ends are taken as they come */
		{ "v", JOB_VERIFY, false },
		{ "t", JOB_VERIFY, false },
		{ "i", JOB_ALIASES, false },
		{ "p", JOB_QUEUE_LIST, false },
		{ "P", JOB_QUEUE_LIST, true },
		{ "pc", JOB_QUEUE_LIST, true },
		{ "h", JOB_QUEUE_LIST, false },
		{ "H", JOB_QUEUE_LIST, false },
		{ "s", JOB_SMTP, false },
		{ "S", JOB_SMTP, false },
		{ "d", JOB_DAEMON, false },
		{ "D", JOB_DAEMON, false },
		{ "l", JOB_DAEMON, false },
		{ "V", JOB_VERSION, false },
	};

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(value, modes[i].mode) == 0) {
			w->v->job = modes[i].job;
			w->v->count = modes[i].count;
			return true;
		}
	return outcome_fail(o, CAUSE_USAGE, "there is no mode -b%.100s", value);
}

static bool
take_alias_check(struct words *w, const char *value, struct outcome *o)
{
	(void)value;
	(void)o;
	w->v->job = JOB_ALIASES;
	return true;
}

static bool
take_queue_run(struct words *w, const char *value, struct outcome *o)
{
	w->v->runs_queue = true;
	if (w->v->job != JOB_DAEMON) /* -bd -q30m: both */
		w->v->job = JOB_QUEUE_RUN;
	/* "-qR text": what the letter is about may stand in the next word */
	if (*value != '\0' && strchr("IRS", *value) != NULL && value[1] == '\0' &&
	    w->next < w->argc)
		value =
		    invocation_keep(w->v, mem_printf("%s%s", value, w->argv[w->next++]));
	return queue_wish_read(&w->v->queue_wish, value, o);
}

/* sendmail's quarantine, which isn't there. */
static bool
take_quarantine(struct words *w, const char *value, struct outcome *o)
{
	(void)value;
	return outcome_fail(o, CAUSE_USAGE, "%s: no mail can be quarantined", w->option);
}

/* Exim's: a word with what to do to the mails that the operands name. All else is
 * sendmail's: a macro. */
static bool
take_exim_job(struct words *w, const char *value, struct outcome *o)
{
	static const char *const jobs[] = { "", "ar", "es", "f", "g", "G", "mad", "md",
		"rm", "set", "t", "vb", "vc", "vh", "vl" };

	(void)w;
	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
		if (strcmp(value, jobs[i]) == 0)
			return outcome_fail(o, CAUSE_NO_SUCH_JOB,
			    "-M%s: Exim's ways to act on queued mails aren't there",
			    value);
	return true;
}

/* It is put into a header: what can't stand there would only keep the mail back. */
static bool
take_full_name(struct words *w, const char *value, struct outcome *o)
{
	char *name = mem_dup(value);

	for (char *p = name; *p != '\0'; p++)
		if (is_control(*p))
			*p = ' ';
	return invocation_give(w->v, "from_full_name", invocation_keep(w->v, name), o);
}

/* The mail itself tells what it needs. */
static bool
take_body(struct words *w, const char *value, struct outcome *o)
{
	(void)o;
	if (strcasecmp(value, "7BIT") != 0 && strcasecmp(value, "8BITMIME") != 0 &&
	    strcasecmp(value, "BINARYMIME") != 0)
		report_warning(w->v, "-B takes 7BIT, 8BITMIME or BINARYMIME: what was "
				     "given is left out");
	return true;
}

static bool
is_false(const char *value)
{
	return *value != '\0' && strchr("fFnN0", *value) != NULL;
}

static bool
take_dots(struct words *w, const char *value, struct outcome *o)
{
	(void)o;
	w->v->ignore_dots = !is_false(value);
	return true;
}

/* -d would show the settings, which are nobody's business here. */
static bool
take_verbose(struct words *w, const char *value, struct outcome *o)
{
	(void)o;
	if (strcmp(w->option, "-d") == 0 && strcmp(value, "0.1") == 0)
		w->v->job = JOB_VERSION;
	w->v->verbose = true;
	return true;
}

static bool
take_gateway(struct words *w, const char *value, struct outcome *o)
{
	(void)value;
	(void)o;
	w->v->gateway = true;
	return true;
}

static bool
take_error_mode(struct words *w, const char *value, struct outcome *o)
{
	(void)o;
	switch (*value) {
	case 'p':
	case 'q':
	case 'm':
	case 'w':
	case 'e':
		w->v->quiet = *value == 'q';
		w->v->errors_by_mail = *value != 'p' && *value != 'q';
		return true;
	default:
		report_warning(w->v, "-e takes m, p, q, w or e: what was given is left "
				     "out");
		return true;
	}
}

/* "5m", "0s", "1h30m" */
static bool
is_interval(const char *s)
{
	size_t n = strspn(s, "0123456789smhdw");

	return is_digit(*s) && s[n] == '\0';
}

static bool
is_value(const char *s)
{
	return *s != '-';
}

/* Where an option of old has no value in its word, the next word is skipped, if it can be
 * the value: a value is never a recipient. */
static void
skip_value(struct words *w, const char *value, bool (*can_be)(const char *))
{
	if (*value == '\0' && w->next < w->argc && can_be(w->argv[w->next]))
		w->next++;
}

/* "-or5m", "-or 5m"; of Exim, "-os 5m". sendmail's own -os has no value. */
static bool
take_timeout(struct words *w, const char *value, struct outcome *o)
{
	(void)o;
	skip_value(w, value, is_interval);
	return true;
}

/* "-oA/etc/aliases", "-oA /etc/aliases" */
static bool
take_old_file(struct words *w, const char *value, struct outcome *o)
{
	skip_value(w, value, is_value);
	return take_file(w, value, o);
}

/* Exim's -oM options have a name, and a word of their own as value. sendmail's are a
 * macro's letter and its value: -oMrSMTP. */
static bool
take_macro(struct words *w, const char *value, struct outcome *o)
{
	static const char *const names[] = { "a", "aa", "ai", "as", "i", "m", "r", "s",
		"t" };

	(void)o;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(value, names[i]) == 0)
			skip_value(w, "", is_value);
	return true;
}

/* "b" is in the background, which is what the account's `queue` says; "i" and "f" wait
 * for the server, and "q" and "d" don't even begin. */
static bool
take_delivery(struct words *w, const char *value, struct outcome *o)
{
	(void)o;
	if (*value == 'i' || *value == 'f')
		w->v->delivery = DELIVERY_NOW;
	else if (*value == 'q' || *value == 'd')
		w->v->delivery = DELIVERY_LATER;
	else
		w->v->delivery = DELIVERY_AS_SET;
	return true;
}

/* The options of old: -oXvalue. Those that aren't here have no meaning any more. */
static bool
take_old_option(struct words *w, const char *value, struct outcome *o)
{
	static const struct {
		char letter;
		take *take;
	} rows[] = {
		{ 'i', take_dots },
		{ 'd', take_delivery },
		{ 'e', take_error_mode },
		{ 'r', take_timeout },
		{ 's', take_timeout },
		{ 'M', take_macro },
		{ 'A', take_old_file },
		{ 'H', take_old_file },
		{ 'P', take_old_file },
		{ 'Q', take_old_file },
		{ 'S', take_old_file },
		{ 'X', take_old_file },
	};

	if (*value != '\0')
		w->option[2] = *value;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].letter == *value && *value != '\0')
			return rows[i].take(w, value + 1, o);
	return true;
}

/* -OName=value */
static bool
take_long_option(struct words *w, const char *value, struct outcome *o)
{
	static const struct {
		const char *name;
		take *take;
	} rows[] = {
		{ "IgnoreDots=", take_dots },
		{ "ErrorMode=", take_error_mode },
		{ "DeliveryMode=", take_delivery },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (span_starts_nocase(span_of(value), rows[i].name))
			return rows[i].take(w, value + strlen(rows[i].name), o);
	return take_file(w, value, o);
}

#define CALLS(function) .take = (function)
#define GIVES(name) .setting = (name)
#define ACTS(which) .action = (which)
#define IGNORED .action = ACTION_NOTHING

/* clang-format off */
static const struct letter letters[] = {
	{ 't', "read-recipients", NONE, ACTS(ACTION_READ_RECIPIENTS) },
	{ 'f', "from", NEEDED, GIVES("from") },
	{ 'r', NULL, NEEDED, GIVES("from") },
	{ 'F', "from-full-name", NEEDED, CALLS(take_full_name) },
	{ 'i', NULL, NONE, CALLS(take_dots) },
	{ 'o', NULL, NEEDED, CALLS(take_old_option) },
	{ 'e', NULL, NEEDED, CALLS(take_error_mode) },
	{ 'O', NULL, NEEDED, CALLS(take_long_option) },
	{ 'b', NULL, NEEDED, CALLS(take_mode) },
	{ 'I', NULL, NONE, CALLS(take_alias_check) },
	{ 'q', NULL, ATTACHED, CALLS(take_queue_run) },
	{ 'Q', NULL, ATTACHED, CALLS(take_quarantine) },
	{ 'M', NULL, ATTACHED, CALLS(take_exim_job) },
	{ 'B', NULL, NEEDED, CALLS(take_body) },
	{ 'N', "dsn-notify", NEEDED, GIVES("dsn_notify") },
	{ 'R', "dsn-return", NEEDED, GIVES("dsn_return") },
	{ 'V', "envid", NEEDED, ACTS(ACTION_ENVID) },
	{ 'v', "verbose", NONE, CALLS(take_verbose) },
	{ 'd', "debug", ATTACHED, CALLS(take_verbose) },
	{ 'G', NULL, NONE, CALLS(take_gateway) },
	{ 'C', NULL, NEEDED, CALLS(take_config) },
	{ 'D', NULL, NEEDED, CALLS(take_file) },
	{ 'X', NULL, NEEDED, CALLS(take_file) },
	{ 'A', NULL, NEEDED, IGNORED }, /* which of sendmail's two configurations */
	{ 'E', NULL, NONE, IGNORED },
	{ 'J', NULL, ATTACHED, IGNORED },
	{ 'L', NULL, NEEDED, IGNORED }, /* a word for the log */
	{ 'U', NULL, NONE, IGNORED },
	{ 'c', NULL, NONE, IGNORED },
	{ 'h', NULL, NEEDED, IGNORED }, /* how often it was handed on */
	{ 'm', NULL, NONE, IGNORED },
	{ 'n', NULL, NONE, IGNORED },   /* -n and -E, -J, -U, -c, -m, -s, -x: history */
	{ 'p', NULL, NEEDED, IGNORED }, /* how the mail came in */
	{ 's', NULL, NONE, IGNORED },
	{ 'x', NULL, NONE, IGNORED },
	{ 0, "read-envelope-from", NONE, ACTS(ACTION_READ_SENDER) },
	{ 0, "json", NONE, ACTS(ACTION_JSON) },
	/* a server, where the administrator names none: see choose_account() */
	{ 0, "host", NEEDED, GIVES("host") },
	{ 0, "port", NEEDED, GIVES("port") },
	{ 0, "version", NONE, ACTS(ACTION_VERSION) },
	{ 0, "help", NONE, ACTS(ACTION_HELP) },
};
/* clang-format on */

#define LETTERS (sizeof letters / sizeof letters[0])

const struct letter *
letter_find(char letter)
{
	for (size_t i = 0; i < LETTERS; i++)
		if (letters[i].letter == letter && letter != '\0')
			return &letters[i];
	return NULL;
}

const char *
letter_near(struct span name)
{
	struct near near = near_start(name);

	for (size_t i = 0; i < LETTERS; i++)
		if (letters[i].name != NULL)
			near_try(&near, letters[i].name);
	return near.best;
}

const struct letter *
letter_find_name(struct span name)
{
	for (size_t i = 0; i < LETTERS; i++)
		if (letters[i].name != NULL && span_is(name, letters[i].name))
			return &letters[i];
	return NULL;
}

bool
letter_take(struct words *w, const struct letter *l, const char *value, struct outcome *o)
{
	if (l->take != NULL)
		return l->take(w, value, o);
	if (l->setting != NULL)
		return invocation_give(w->v, l->setting, value, o);
	return action_take(w->v, l->action, value, o);
}
