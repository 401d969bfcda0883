/* SPDX-License-Identifier: ISC */
#include "cmd/syntax.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"

/* clang-format off */
static const struct {
	const char *name; /* NULL: a letter only */
	char letter;
	enum action action;
	int argument; /* of getopt_long(3) */
	const char *takes;
	const char *help; /* NULL: not worth a line */
	unsigned flags;   /* enum option_flag */
} actions[] = {
	{ "account", 'a', ACTION_ACCOUNT, required_argument, "name", "use this account of the configuration; without it, the sender chooses, or default", 0 },
	{ "file", 'C', ACTION_FILE, required_argument, "filename", "read this configuration file in place of your own", 0 },
	{ "read-recipients", 't', ACTION_READ_RECIPIENTS, no_argument, NULL, "send to those in the headers To, Cc and Bcc, too", 0 },
	{ "read-envelope-from", 0, ACTION_READ_SENDER, no_argument, NULL, "the sender is the address in the From header, as if by -f", 0 },
	{ "envid", 'V', ACTION_ENVID, required_argument, "id", "a name for this mail that delivery notices repeat", OPTION_OWN },
	{ "print-config", 'P', ACTION_PRINT_CONFIG, no_argument, NULL, "show all settings and where they come from; send nothing", OPTION_OWN },
	{ "pretend", 0, ACTION_PRINT_CONFIG, no_argument, NULL, NULL, 0 },
	{ "serverinfo", 'S', ACTION_SERVERINFO, no_argument, NULL, "show what the server is and can do; send nothing", 0 },
	{ "rmqs", 0, ACTION_RMQS, required_argument, "QUEUE", "have the server send what it holds for a host, @DOMAIN or #QUEUE (ETRN)", 0 },
	{ "configure", 0, ACTION_CONFIGURE, required_argument, "ADDRESS", "show an account for this address, made from what its domain says in the DNS", 0 },
	{ "check", 0, ACTION_CHECK, optional_argument, "ACCOUNT", "look into everything that a mail of this account needs; send nothing", OPTION_OWN },
	{ "to", 0, ACTION_TO, required_argument, "ADDRESS", "with --check, ask the server for this recipient, too", OPTION_OWN },
	{ "json", 0, ACTION_JSON, no_argument, NULL, "with --check, --serverinfo or queue list: for programs", OPTION_OWN },
	{ "test", 0, ACTION_TEST, required_argument, "ADDRESS", "send a small mail there, and show what the server says", OPTION_OWN },
	{ "has-extn", 0, ACTION_HAS_EXTN, required_argument, "NAMES", "whether the server offers these extensions, such as size,dsn", OPTION_OWN },
	{ "vrfy", 0, ACTION_VRFY, required_argument, "ADDRESS", "ask the server whether it has this mailbox (VRFY)", OPTION_OWN },
	{ "expn", 0, ACTION_EXPN, required_argument, "LIST", "ask the server who is on this list (EXPN)", OPTION_OWN },
	{ "explain", 0, ACTION_EXPLAIN, required_argument, "NAME", "tell more about a message: the name in its brackets, or the whole of it", OPTION_OWN },
	{ "catch", 0, ACTION_CATCH, optional_argument, "PLACE", "be a server that shows each mail and sends none, at 127.0.0.1:1025 or elsewhere", OPTION_OWN },
	{ "catch-count", 0, ACTION_CATCH_COUNT, required_argument, "N", "with --catch: stop after so many mails", OPTION_OWN },
	{ "catch-timeout", 0, ACTION_CATCH_TIMEOUT, required_argument, "SECONDS", "with --catch: stop after so many seconds", OPTION_OWN },
	{ "catch-size", 0, ACTION_CATCH_SIZE, required_argument, "BYTES", "with --catch: refuse mails larger than this", OPTION_OWN },
	{ "catch-exec", 0, ACTION_CATCH_EXEC, required_argument, "COMMAND", "with --catch: a command that gets each mail, and says what becomes of it", OPTION_OWN },
	{ "catch-tls", 0, ACTION_CATCH_TLS, required_argument, "self", "with --catch: offer STARTTLS, with a certificate made for this run; also --tls=self", OPTION_OWN },
	{ "catch-auth", 0, ACTION_CATCH_AUTH, required_argument, "USER:PASSWORD", "with --catch: take mail from this user only; any: whatever name and password; also --auth", OPTION_OWN },
	{ "expect", 0, ACTION_EXPECT, required_argument, "WORDS", "with --catch: stop with 0 when such a mail has come: \"to=a@b.example subject~Welcome\"", OPTION_OWN },
	{ "fail", 0, ACTION_FAIL, required_argument, "STAGE:WHAT[:WHEN]", "with --catch: fail on purpose, such as rcpt:550:10% or data:delay:2s", OPTION_OWN },
	{ "fail-seed", 0, ACTION_FAIL_SEED, required_argument, "N", "with --fail: repeat a run that printed this number", OPTION_OWN },
	{ "queue-run", 'q', ACTION_QUEUE_RUN, optional_argument, "WHICH", "send what waits in the queue; due: only what is due; 30m: for ever, at least so often", OPTION_OWN },
	{ "all", 0, ACTION_ALL, no_argument, NULL, "with queue: all mail in it", OPTION_OWN },
	{ "rcpt", 0, ACTION_RCPT, required_argument, "TEXT", "with queue: mail to a recipient whose address has this in it", OPTION_OWN },
	{ "sender", 0, ACTION_SENDER, required_argument, "TEXT", "with queue: mail from a sender whose address has this in it", OPTION_OWN },
	{ "metrics", 0, ACTION_METRICS, optional_argument, "FILE", "show figures about the queue, for Prometheus; or write them to a file", OPTION_OWN },
	{ "verbose", 'v', ACTION_VERBOSE, no_argument, NULL, "show what is said to and by the server, without secrets; twice: times and TLS, too", OPTION_OWN },
	{ "debug", 'd', ACTION_DEBUG, optional_argument, NULL, "the same, and the settings before it", 0 },
	{ "help", 0, ACTION_HELP, no_argument, NULL, "show this", 0 },
	{ "version", 0, ACTION_VERSION, no_argument, NULL, "show the version", 0 },
	/* Of sendmail's options, those that ask for what is done anyway. */
	{ NULL, 'b', ACTION_MODE, required_argument, NULL, NULL, 0 },
	{ NULL, 'A', ACTION_NOTHING, required_argument, NULL, NULL, 0 },
	{ NULL, 'B', ACTION_NOTHING, required_argument, NULL, NULL, 0 },
	{ NULL, 'G', ACTION_NOTHING, no_argument, NULL, NULL, 0 },
	{ NULL, 'h', ACTION_NOTHING, required_argument, NULL, NULL, 0 },
	{ NULL, 'i', ACTION_NOTHING, no_argument, NULL, NULL, 0 },
	{ NULL, 'L', ACTION_NOTHING, required_argument, NULL, NULL, 0 },
	{ NULL, 'm', ACTION_NOTHING, no_argument, NULL, NULL, 0 },
	{ NULL, 'n', ACTION_NOTHING, no_argument, NULL, NULL, 0 },
	{ NULL, 'O', ACTION_NOTHING, required_argument, NULL, NULL, 0 },
	{ NULL, 'o', ACTION_NOTHING, required_argument, NULL, NULL, 0 },
};
/* clang-format on */

#define ACTIONS (sizeof actions / sizeof actions[0])
#define FIRST_ACTION                                                                     \
	0x10000 /* what getopt_long() returns: this and the index into actions */
#define FIRST_SETTING 0x20000 /* the same for options */
#define FIRST_LEGACY 0x30000  /* the same for legacy_names */
#define ALIKE_MAX 4096
#define FORM_MAX 120

static char *
long_name(const char *setting)
{
	char *name = mem_dup(setting);

	for (char *p = name; *p != '\0'; p++)
		if (*p == '_')
			*p = '-';
	return name;
}

/* A setting that its bare name can mean something for takes an optional argument. */
static int
argument_of(const struct option_row *row)
{
	return row->bare != NULL && *row->bare != '\0' ? optional_argument
						       : required_argument;
}

static void
add_letter(struct syntax *s, char letter, int argument)
{
	size_t n = strlen(s->letters);

	if (letter == '\0')
		return;
	s->letters[n++] = letter;
	for (int colons = argument; colons > 0; colons--)
		s->letters[n++] = ':'; /* required_argument is 1, optional_argument 2 */
	s->letters[n] = '\0';
}

static void
add_option(struct syntax *s, const char *name, int argument, int value)
{
	s->options = mem_room(s->options, s->n, sizeof *s->options);
	s->options[s->n++] = (struct option){ name, argument, NULL, value };
}

/* Owns the name. */
static void
add_made(struct syntax *s, char *name, int argument, int value)
{
	s->names = mem_room(s->names, s->n_names, sizeof(char *));
	s->names[s->n_names++] = name;
	add_option(s, name, argument, value);
}

/* The index that such a value stands for, in a table of n rows. */
static size_t
index_of(int value, int first, size_t n)
{
	size_t i = (size_t)(value - first);

	assert(i < n);
	return i;
}

static unsigned
flags_of(int value)
{
	if (value >= FIRST_LEGACY)
		return legacy_names[index_of(value, FIRST_LEGACY, legacy_count)].flags;
	if (value >= FIRST_SETTING)
		return options[index_of(value, FIRST_SETTING, option_count)].flags;
	return actions[index_of(value, FIRST_ACTION, ACTIONS)].flags;
}

/* What stands for its argument in --help; NULL: it has none. */
static const char *
takes_of(int value)
{
	if (value >= FIRST_LEGACY)
		return NULL;
	if (value >= FIRST_SETTING)
		return options[index_of(value, FIRST_SETTING, option_count)].takes;
	return actions[index_of(value, FIRST_ACTION, ACTIONS)].takes;
}

/* How many whole names begin so, but for those with one of the flags. */
static size_t
count_alike(const struct syntax *s, struct span start, unsigned without)
{
	size_t n = 0;

	for (size_t i = 0; i < s->whole; i++)
		n += *s->options[i].name == *start.p && /* which is quick */
		     strncmp(s->options[i].name, start.p, start.n) == 0 &&
		     (flags_of(s->options[i].val) & without) == 0;
	return n;
}

/* The only one of msmtp's options that begins so; NULL: there is none, or no other. */
static const struct option *
meant_by(const struct syntax *s, struct span start)
{
	if (count_alike(s, start, OPTION_OWN) != 1 || count_alike(s, start, 0) == 1)
		return NULL;
	for (size_t i = 0; i < s->whole; i++)
		if (strncmp(s->options[i].name, start.p, start.n) == 0 &&
		    (flags_of(s->options[i].val) & OPTION_OWN) == 0)
			return &s->options[i];
	return NULL;
}

/* What is short for one option of msmtp's means that, whatever names we have beside it.
 * getopt_long(3) prefers what is no short form, and of equal names the first: so such a
 * word gets a row of its own. */
static void
add_short_forms(struct syntax *s, int argc, char *const argv[])
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *name = strncmp(argv[i], "--", 2) == 0 ? argv[i] + 2 : "";
		struct span start = span_bytes(name, strcspn(name, "="));
		const struct option *meant = start.n > 0 ? meant_by(s, start) : NULL;

		if (meant != NULL && strlen(meant->name) > start.n)
			add_made(s, span_dup(start), meant->has_arg, meant->val);
	}
}

static int
legacy_argument(const struct legacy_name *l)
{
	return l->words == NULL && l->setting != NULL ? required_argument
						      : optional_argument;
}

static void
add_letters(struct syntax *s)
{
	s->letters[0] = ':'; /* tells a missing argument from an unknown option */
	for (size_t i = 0; i < ACTIONS; i++)
		add_letter(s, actions[i].letter, actions[i].argument);
	for (size_t i = 0; i < option_count; i++)
		add_letter(s, options[i].letter, required_argument);
}

static void
add_names(struct syntax *s)
{
	for (size_t i = 0; i < ACTIONS; i++)
		if (actions[i].name != NULL)
			add_option(s, actions[i].name, actions[i].argument,
			    FIRST_ACTION + (int)i);
	for (size_t i = 0; i < option_count; i++)
		add_made(s, long_name(options[i].name), argument_of(&options[i]),
		    FIRST_SETTING + (int)i);
	for (size_t i = 0; i < legacy_count; i++)
		if ((legacy_names[i].flags & OPTION_FILE_ONLY) == 0)
			add_made(s, long_name(legacy_names[i].name),
			    legacy_argument(&legacy_names[i]), FIRST_LEGACY + (int)i);
}

/* Whether a word may be the name of an option: most programs that send mail give letters
 * only, and then hundreds of names need not be made. */
static bool
has_name(int argc, char *const argv[])
{
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--", 2) == 0 && argv[i][2] != '\0')
			return true;
	return false;
}

void
syntax_init(struct syntax *s, int argc, char *const argv[])
{
	*s = (struct syntax){ .n = 0 };
	add_letters(s);
	if (argv == NULL || has_name(argc, argv))
		add_names(s);
	s->whole = s->n;
	if (argv != NULL)
		add_short_forms(s, argc, argv);
	add_option(s, NULL, 0, 0);
	s->n--;
}

void
syntax_free(struct syntax *s)
{
	for (size_t i = 0; i < s->n_names; i++)
		free(s->names[i]);
	free(s->names);
	free(s->options);
}

/* What a shortened option may mean, for the person who has to choose. */
static void
add_alike(const struct syntax *s, struct span name, size_t *n, struct buf *out)
{
	*n = 0;
	for (size_t i = 0; i < s->whole; i++)
		if (strncmp(s->options[i].name, name.p, name.n) == 0)
			buf_printf(
			    out, "%s--%s", (*n)++ > 0 ? ", " : "", s->options[i].name);
}

/* A letter as the value of its long form. */
static int
from_letter(int letter)
{
	for (size_t i = 0; i < ACTIONS; i++)
		if (actions[i].letter == letter)
			return FIRST_ACTION + (int)i;
	for (size_t i = 0; i < option_count; i++)
		if (options[i].letter == letter)
			return FIRST_SETTING + (int)i;
	return letter;
}

/* Offers an option as it is to be written: "--host=hostname", "--verbose". */
static void
offer(const struct syntax *s, const char *name, struct outcome *o)
{
	char option[FORM_MAX];

	for (size_t i = 0; i < s->whole; i++) {
		const char *takes = takes_of(s->options[i].val);

		if (strcmp(s->options[i].name, name) != 0)
			continue;
		(void)snprintf(option, sizeof option, "--%s%s%s", name,
		    takes != NULL ? "=" : "", takes != NULL ? takes : "");
		(void)outcome_offer(o, option, "");
		return;
	}
}

static void
takes_no_argument(struct span name, struct outcome *o)
{
	char option[FORM_MAX];

	(void)snprintf(option, sizeof option, "--%.*s", (int)name.n, name.p);
	(void)outcome_fail(o, CAUSE_USAGE, "option %s takes no argument", option);
	(void)outcome_offer(o, option, "");
}

static bool
bad_long_option(const struct syntax *s, const char *word, struct outcome *o)
{
	struct span name = span_bytes(word + 2, strcspn(word + 2, "="));
	struct near near = near_start(name);
	struct buf alike;
	size_t n;
	bool known;

	buf_init(&alike, ALIKE_MAX);
	add_alike(s, name, &n, &alike);
	known = n > 0;
	if (n > 1 && count_alike(s, name, OPTION_OWN) != 1)
		(void)outcome_fail(o, CAUSE_USAGE,
		    "option --%.*s is ambiguous: it could be %s", (int)name.n, name.p,
		    alike.data);
	else if (known)
		takes_no_argument(name, o);
	buf_free(&alike);
	if (known)
		return false;
	for (size_t i = 0; i < s->whole; i++)
		near_try(&near, s->options[i].name);
	if (near.best == NULL)
		return outcome_fail(
		    o, CAUSE_USAGE, "unknown option --%.*s", (int)name.n, name.p);
	(void)outcome_fail(o, CAUSE_USAGE, "unknown option --%.*s; did you mean --%s?",
	    (int)name.n, name.p, near.best);
	offer(s, near.best, o);
	return false;
}

static bool
needs_argument(const struct syntax *s, const char *word, struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_USAGE, "option %s needs an argument", word);
	offer(s, word + 2, o);
	return false;
}

static bool
letter_needs_argument(int letter, struct outcome *o)
{
	const int value = from_letter(letter);
	const char *takes = value >= FIRST_ACTION ? takes_of(value) : NULL;
	const char option[] = { '-', (char)letter, '\0' };

	(void)outcome_fail(o, CAUSE_USAGE, "option %s needs an argument", option);
	if (takes != NULL)
		(void)outcome_offer(o, option, takes);
	return false;
}

/* Says what is wrong with the word that getopt_long() didn't take; `c` is what it said.
 */
static bool
bad_option(const struct syntax *s, int c, const char *word, int letter, struct outcome *o)
{
	/* of a short option, `word` may be the one before its own */
	bool is_long = letter == 0 || letter >= FIRST_ACTION;

	if (c == ':' && is_long)
		return needs_argument(s, word, o);
	if (c == ':')
		return letter_needs_argument(letter, o);
	if (is_long)
		return bad_long_option(s, word, o);
	return outcome_fail(o, CAUSE_USAGE, "invalid option -%c", letter);
}

static struct asked
asked_by(int value, const char *argument)
{
	struct asked a = { .action = ACTION_NOTHING, .value = argument };

	if (value >= FIRST_LEGACY)
		a.old = &legacy_names[index_of(value, FIRST_LEGACY, legacy_count)];
	else if (value >= FIRST_SETTING)
		a.row = &options[index_of(value, FIRST_SETTING, option_count)];
	else
		a.action = actions[index_of(value, FIRST_ACTION, ACTIONS)].action;
	return a;
}

bool
syntax_next(const struct syntax *s, int argc, char **argv, struct asked *asked, bool *end,
    struct outcome *o)
{
	int c;

	opterr = 0;
	c = getopt_long(argc, argv, s->letters, s->options, NULL);
	*end = c == -1;
	if (*end)
		return true;
	c = from_letter(c);
	if (c < FIRST_ACTION)
		return bad_option(s, c, argv[optind - 1], optopt, o);
	*asked = asked_by(c, optarg != NULL ? optarg : "");
	return true;
}

static void
print_option(
    char letter, const char *name, const char *takes, int argument, const char *help)
{
	bool may_be_bare = takes != NULL && argument == optional_argument;
	char left[80] = "    ";

	if (letter != '\0')
		(void)snprintf(left, sizeof left, "-%c, ", letter);
	(void)snprintf(left + 4, sizeof left - 4, "--%s%s%s%s%s", name,
	    may_be_bare ? "[" : "", takes != NULL ? "=" : "", takes != NULL ? takes : "",
	    may_be_bare ? "]" : "");
	(void)printf("  %s\n        %s\n", left, help);
}

void
syntax_help(const char *program)
{
	(void)printf(
	    "Usage: %s [OPTION]... [RECIPIENT]... < MESSAGE\n"
	    "       %s queue list|show|retry|hold|release|delete [OPTION]... [ID]...\n\n"
	    "Reads a mail from standard input and hands it to a mail server. Which "
	    "server, and how,\n"
	    "is said by an account in ~/.config/mailchute/config or ~/.msmtprc, or by "
	    "options.\n\n",
	    program, program);
	for (size_t i = 0; i < ACTIONS; i++)
		if (actions[i].help != NULL)
			print_option(actions[i].letter, actions[i].name, actions[i].takes,
			    actions[i].argument, actions[i].help);
	(void)printf("\nSettings, which win over those of the account (in files, they "
		     "have _ for -):\n\n");
	for (size_t i = 0; i < option_count; i++) {
		char *name = long_name(options[i].name);

		if ((options[i].flags & OPTION_FILE_ONLY) == 0)
			print_option(options[i].letter, name, options[i].takes,
			    argument_of(&options[i]), options[i].help);
		free(name);
	}
	(void)printf(
	    "\nOptions of sendmail that ask for what is done anyway, such as -i and "
	    "-oi, are accepted.\n"
	    "The manuals tell more: mailchute(1), and mailchuterc(5) about "
	    "settings.\n");
}
