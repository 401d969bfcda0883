/* SPDX-License-Identifier: ISC */
#include "cmd/sendmail.h"

#include <stdio.h>
#include <string.h>

#include "cmd/letters.h"

#define OPTION_MAX 80

/* An option with its value, which is `attached` or, where that is NULL, the next word. */
static bool
take_option(struct words *w, const struct letter *l, const char *word, char *attached,
    struct outcome *o)
{
	w->option[0] = '-';
	w->option[1] = l->letter;
	w->option[2] = w->option[3] = '\0';
	if (attached == NULL && l->argument == NEEDED) {
		if (w->next == w->argc)
			return outcome_fail(
			    o, CAUSE_USAGE, "option %.100s needs an argument", word);
		attached = w->argv[w->next++];
	}
	return letter_take(w, l, attached != NULL ? attached : "", o);
}

/* A word of letters, of which the last may have a value. */
static bool
take_letters(struct words *w, char *word, struct outcome *o)
{
	for (char *p = word + 1; *p != '\0'; p++) {
		const struct letter *l = letter_find(*p);
		char *rest = p[1] != '\0' ? p + 1 : NULL;

		if (l == NULL)
			return outcome_fail(o, CAUSE_USAGE,
			    "there is no option -%c, in \"%.100s\"; an address that "
			    "begins with \"-\" needs a \"--\" before it",
			    *p, word);
		if (l->argument != NONE)
			return take_option(w, l, word, rest, o);
		if (!take_option(w, l, word, NULL, o))
			return false;
	}
	return true;
}

static bool
no_such_name(const struct words *w, struct span name, struct outcome *o)
{
	const char *near = letter_near(name);
	char option[OPTION_MAX];

	if (invocation_has_option(name))
		return outcome_fail(o, CAUSE_FORBIDDEN,
		    "--%.*s can't be used under the name %s, where strangers may reach "
		    "the command line",
		    (int)name.n, name.p, w->v->program);
	if (near == NULL)
		return outcome_fail(
		    o, CAUSE_USAGE, "unknown option --%.*s", (int)name.n, name.p);
	(void)outcome_fail(o, CAUSE_USAGE, "unknown option --%.*s; did you mean --%s?",
	    (int)name.n, name.p, near);
	(void)snprintf(option, sizeof option, "--%s", near);
	return outcome_offer(o, option, "");
}

/* "--name", "--name=value" or, where it needs one, "--name" "value". */
static bool
take_name(struct words *w, char *word, struct outcome *o)
{
	char *equals = strchr(word, '=');
	struct span name = span_bytes(
	    word + 2, (equals != NULL ? (size_t)(equals - word) : strlen(word)) - 2);
	const struct letter *l = letter_find_name(name);

	if (l == NULL)
		return no_such_name(w, name, o);
	if (equals != NULL && l->argument == NONE)
		return outcome_fail(o, CAUSE_USAGE, "option --%.*s takes no argument",
		    (int)name.n, name.p);
	return take_option(w, l, word, equals != NULL ? equals + 1 : NULL, o);
}

static bool
is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* What is left are addresses. Where no "--" was before them, one that begins with '-' may
 * be an option that came too late, or one that somebody wants us to take for one. */
static bool
take_addresses(struct words *w, bool any, struct outcome *o)
{
	w->v->recipient = w->argv + w->next;
	w->v->recipients = (size_t)(w->argc - w->next);
	for (int i = w->next; i < w->argc && !any; i++)
		if (*w->argv[i] == '-')
			return outcome_fail(o, CAUSE_USAGE,
			    "\"%.100s\" is no address: options stand before the first "
			    "address; and an address that begins with \"-\" needs a "
			    "\"--\" before it",
			    w->argv[i]);
	return true;
}

bool
sendmail_parse(struct invocation *v, int argc, char **argv, struct outcome *o)
{
	struct words w = { .v = v, .argv = argv, .argc = argc, .next = 1 };

	while (w.next < argc && is_option(argv[w.next])) {
		char *word = argv[w.next++];

		if (strcmp(word, "--") == 0)
			return take_addresses(&w, true, o);
		if (!(word[1] == '-' ? take_name(&w, word, o)
				     : take_letters(&w, word, o)))
			return false;
	}
	return take_addresses(&w, false, o);
}

/* clang-format off */
#define HELP_MAIL                                                                        \
	" [OPTION]... [ADDRESS]... < MESSAGE\n\n"                                         \
	"Takes the place of sendmail, and hands a mail to a mail server.\n\n"            \
	"  -t          send to those in To, Cc and Bcc, too\n"                           \
	"  -i          a line with only a dot is not the end\n"                          \
	"  -f ADDRESS  the envelope's sender\n"                                          \
	"  -F NAME     the name for a From header that is added\n"                       \
	"  -v          show the dialogue with the server\n"                              \
	"  -bv         show what would become of the addresses; send nothing\n"          \
	"  -bi         check and count the aliases\n"                                    \
	"  --          what follows are addresses\n\n"                                   \
	"Other options of sendmail are understood, as far as they mean something here; the\n" \
	"manual, mailchute(1), has them under AS SENDMAIL."

#define HELP_LIST                                                                        \
	" [--json] [ID]...\n\n"                                                           \
	"Lists the mail that waits in the queue, of you or, for root, of all users: why it\n" \
	"waits, and when it is tried next.\n\n"                                          \
	"  --json      a line for each mail, for programs\n"                             \
	"  ID          only the mails of these names\n\n"                                \
	"\"mailchute queue\" does more with them: show, retry, hold, release, delete."

#define HELP_RUN                                                                         \
	" [-v]\n\n"                                                                       \
	"Sends the mail that waits in the queue now.\n\n"                                \
	"  -qRTEXT     only mail to a recipient whose address has this in it\n"          \
	"  -qSTEXT     only mail from such a sender\n"                                   \
	"  -qITEXT     only mail with this in its name, as mailq shows it\n"             \
	"  -v          show the dialogue with the server"

#define HELP_ALIASES                                                                     \
	"\n\n"                                                                           \
	"Checks and counts the aliases of the file that the setting aliases names. They are\n" \
	"read with each mail, so there is nothing to rebuild."

static const struct name {
	const char *name;
	enum job job;
	bool ignore_dots;
	const char *help;
} names[] = {
	{ "sendmail", JOB_SEND, false, HELP_MAIL },
	{ "send-mail", JOB_SEND, false, HELP_MAIL },
	{ "rmail", JOB_SEND, true, HELP_MAIL },
	{ "mailq", JOB_QUEUE_LIST, false, HELP_LIST },
	{ "runq", JOB_QUEUE_RUN, false, HELP_RUN },
	{ "newaliases", JOB_ALIASES, false, HELP_ALIASES },
};
/* clang-format on */

static const struct name *
name_find(const char *program)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(program, names[i].name) == 0)
			return &names[i];
	return NULL;
}

void
sendmail_recognize(struct invocation *v)
{
	const struct name *n = name_find(v->program);

	if (n == NULL)
		return;
	v->as_sendmail = true;
	v->job = n->job;
	v->ignore_dots = n->ignore_dots;
	v->queue_wish.all = v->job == JOB_QUEUE_RUN; /* as -q */
}

void
sendmail_help(const char *program)
{
	(void)printf("Usage: %s%s\n\"mailchute --help\" shows all options.\n", program,
	    name_find(program)->help);
}
