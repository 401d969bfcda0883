/* SPDX-License-Identifier: ISC */
#include "conf/rcfile_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/mem.h"
#include "base/near.h"
#include "conf/foreign.h"
#include "conf/legacy.h"
#include "conf/option.h"
#include "conf/slip.h"
#include "conf/type.h"

#define EVAL_MAX 65536 /* bytes that a command of `eval` may print */
#define OFFER_MAX 90   /* bytes of a value that is offered as a line */
#define EVAL_MS 120000 /* long enough to type a passphrase */

/* An account of this file; those of earlier files can't be inherited from. */
static struct account *
find_account(const struct parse *p, struct span name)
{
	for (size_t i = p->first; i < p->config->n; i++)
		if (span_is(name, p->config->v[i]->name))
			return p->config->v[i];
	return NULL;
}

static bool
add_account(struct parse *p, struct span name, struct outcome *o)
{
	struct config *c = p->config;
	char *copy;

	if (name.n == 0)
		return outcome_fail(o, CAUSE_CONFIG, "missing account name");
	if (memchr(name.p, ':', name.n) != NULL || memchr(name.p, ',', name.n) != NULL)
		return outcome_fail(
		    o, CAUSE_CONFIG, "an account name must not contain colons or commas");
	if (span_has_control(name))
		return outcome_fail(o, CAUSE_CONFIG,
		    "an account name must not contain control characters");
	if (find_account(p, name) != NULL)
		return outcome_fail(o, CAUSE_CONFIG, "account %.*s was already defined",
		    span_shown(name, RCFILE_SHOWN_MAX), name.p);
	copy = span_dup(name);
	p->now = account_like(p->defaults, copy);
	free(copy);
	p->now->file = p->path;
	c->v = mem_room(c->v, c->n, sizeof(struct account *));
	c->v[c->n++] = p->now;
	return true;
}

static bool
not_defined(const struct parse *p, struct span name, struct outcome *o)
{
	struct near near = near_start(name);

	for (size_t i = p->first; i < p->config->n; i++)
		near_try(&near, p->config->v[i]->name);
	if (near.best == NULL)
		return outcome_fail(o, CAUSE_CONFIG, "account %.*s not (yet) defined",
		    span_shown(name, RCFILE_SHOWN_MAX), name.p);
	return outcome_fail(o, CAUSE_CONFIG,
	    "account %.*s not (yet) defined; did you mean \"%s\"?",
	    span_shown(name, RCFILE_SHOWN_MAX), name.p, near.best);
}

/* "NAME [: A,B]" */
static bool
command_account(struct parse *p, struct span arg, struct outcome *o)
{
	struct span name = { arg.p, 0 }, parents, parent;
	const char *colon = memchr(arg.p, ':', arg.n);
	const struct account *from = NULL;
	size_t n;

	name.n = colon != NULL ? (size_t)(colon - arg.p) : arg.n;
	parents = span_bytes(arg.p + name.n, arg.n - name.n);
	if (!add_account(p, span_trim(name), o))
		return false;
	if (colon != NULL)
		parents = span_trim(span_bytes(colon + 1, parents.n - 1));
	if (colon != NULL && (parents.n == 0 || parents.p[parents.n - 1] == ','))
		return outcome_fail(
		    o, CAUSE_CONFIG, "missing account name: the settings of which one?");
	for (n = 0; span_cut(&parents, ',', &parent); n++) {
		from = find_account(p, span_trim(parent));
		if (from == NULL || from == p->now)
			return not_defined(p, span_trim(parent), o);
		account_inherit(p->now, from);
	}
	if (n == 1)
		p->now->parent = mem_dup(from->name);
	return true;
}

static bool
command_defaults(struct parse *p, struct span arg, struct outcome *o)
{
	if (arg.n > 0)
		return outcome_fail(
		    o, CAUSE_CONFIG, "command defaults does not take an argument");
	p->now = p->defaults;
	return true;
}

/* The first line that the command prints stands in place of this one. */
static bool
command_eval(struct parse *p, struct span arg, struct outcome *o)
{
	char *command = span_dup(arg);
	struct span all, line = { "", 0 };
	struct buf text;
	bool ok;

	buf_init(&text, EVAL_MAX);
	buf_reserve(&text, EVAL_MAX); /* it may be a password */
	if (p->evaluates || arg.n == 0 || !span_is_line(arg))
		ok =
		    outcome_fail(o, CAUSE_CONFIG, "eval needs a command, and not itself");
	else
		ok = command_run(command, clock_in(EVAL_MS), &text, CAUSE_EVAL, o);
	all = buf_span(&text);
	if (ok && !span_cut(&all, '\n', &line))
		ok = outcome_fail(
		    o, CAUSE_EVAL, "the command succeeded and printed nothing");
	p->evaluates = true;
	ok = ok && rcfile_line(p, line, o);
	p->evaluates = false;
	buf_free_secret(&text);
	free(command);
	return ok;
}

/* What else stands at the beginning of a line than the name of a setting. */
static const struct {
	const char *name;
	bool (*take)(struct parse *p, struct span arg, struct outcome *o);
} commands[] = {
	{ "account", command_account },
	{ "defaults", command_defaults },
	{ "eval", command_eval },
	{ "include", rcfile_include },
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
	       c == '_' || c == '-';
}

/* What can be a name. Behind it, a blank may be missing, and a password stand:
 * `password"..."`. */
static struct span
name_in(struct span word)
{
	size_t n = 0;

	while (n < word.n && is_name_char(word.p[n]))
		n++;
	return span_bytes(word.p, n);
}

static bool
is_command(struct span name)
{
	bool is = false;

	for (size_t i = 0; i < COMMANDS; i++)
		is |= span_is(name, commands[i].name);
	return is;
}

static const char *
near_command(struct span name)
{
	struct near near = near_start(name);

	for (size_t i = 0; i < COMMANDS; i++)
		near_try(&near, commands[i].name);
	for (size_t i = 0; i < option_count; i++)
		near_try(&near, options[i].name);
	return near.best;
}

static struct span
unquote(struct span s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return span_bytes(s.p + 1, s.n - 2);
	return s;
}

/* The value behind a name that `=` or ':' may stand behind, in one word with it. */
static struct span
value_behind(struct span name, struct span word, struct span arg)
{
	const char *start = name.p + name.n;
	const char *end = arg.n > 0 ? arg.p + arg.n : word.p + word.n;
	struct slip slip;

	if (word.n > name.n + 1)
		arg = span_bytes(start + 1, (size_t)(end - start) - 1);
	else if (word.n == name.n && arg.n > 1 && arg.p[0] == ':')
		arg = span_trim(span_bytes(arg.p + 1, arg.n - 1));
	(void)slip_find(arg, &slip);
	return unquote(slip.meant);
}

/* A server may be written as a URL, with a password before its '@'. */
static bool
may_show(const struct option_row *row, struct span value)
{
	return !span_starts_nocase(span_of(row->name), "password") &&
	       (strstr(row->name, "host") == NULL ||
		   memchr(value.p, '@', value.n) == NULL);
}

/* The line to write in place of the one with another name. */
static void
offer_ours(
    const struct option_row *row, const char *also, struct span value, struct outcome *o)
{
	bool on = false;
	char *text;

	if (row == NULL || !option_takes(row, value) || !may_show(row, value))
		return;
	on = also != NULL && type_switch.store(row, value, &on) && on;
	text =
	    mem_printf("%.*s%s%s", (int)value.n, value.p, on ? "\n" : "", on ? also : "");
	if (strlen(text) < OFFER_MAX) {
		outcome_refine(o, o->cause, NULL, "in place of that line, write:");
		(void)outcome_offer(o, row->name, text);
	}
	free(text);
}

/* A name of ours, with something behind it that is no blank. */
static bool
not_apart(struct span name, struct span value, struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_CONFIG,
	    "%.*s and its value have to have a blank between them", (int)name.n, name.p);
	offer_ours(option_find(name), NULL, value, o);
	return false;
}

static bool
not_known(struct span name, struct span value, struct outcome *o)
{
	const struct foreign_name *foreign = foreign_find(name);
	const char *meant = foreign != NULL ? foreign->ours : near_command(name);

	if (meant == NULL)
		return outcome_fail(o, CAUSE_CONFIG, "unknown command %.*s",
		    span_shown(name, RCFILE_SHOWN_MAX), name.p);
	(void)outcome_fail(o, CAUSE_CONFIG, "unknown command %.*s; did you mean \"%s\"?",
	    span_shown(name, RCFILE_SHOWN_MAX), name.p, meant);
	offer_ours(option_find(span_of(meant)), foreign != NULL ? foreign->also : NULL,
	    value, o);
	return false;
}

/* Shows as much of the word as can't be a password. */
static bool
unknown(const struct parse *p, struct span word, struct span arg, struct outcome *o)
{
	static const char secret[] = "password";
	struct span name = name_in(word);
	const struct span value = value_behind(name, word, arg);
	const char *meant = near_command(name);

	if (p->evaluates)
		return outcome_fail(o, CAUSE_CONFIG,
		    "what the command of eval prints begins with no setting's name; for "
		    "a password, write passwordeval");
	if (name.n == 0)
		return outcome_fail(
		    o, CAUSE_CONFIG, "this line begins with no setting's name");
	if (span_starts_nocase(name, secret) && foreign_find(name) == NULL &&
	    (meant == NULL || strcmp(meant, secret) == 0))
		name.n = sizeof secret - 1;
	if (name.n < word.n && (option_find(name) != NULL || is_command(name)))
		return not_apart(name, value, o);
	return not_known(name, value, o);
}

static bool
take_setting(struct parse *p, struct span word, struct span arg, struct outcome *o)
{
	const struct origin origin = { p->path, p->line, true };
	const struct option_row *row = option_find(word);
	const struct legacy_name *old = row == NULL ? legacy_find(word) : NULL;

	if (row == NULL && old == NULL)
		return unknown(p, word, arg, o);
	if (old != NULL && !legacy_translate(old, &row, &arg, CAUSE_CONFIG, o))
		return false;
	if (p->now == NULL && !add_account(p, span_of("default"), o))
		return false;
	if (row == NULL)
		return true;
	p->has_secret |= row->type == &type_secret && !p->evaluates;
	return option_set(p->now, row, arg, origin, CAUSE_CONFIG, o);
}

static struct span
cut_word(struct span *line)
{
	struct span word = *line;

	word.n = 0;
	while (word.n < line->n && !is_blank(line->p[word.n]))
		word.n++;
	*line = span_trim(span_bytes(line->p + word.n, line->n - word.n));
	return word;
}

bool
rcfile_line(struct parse *p, struct span line, struct outcome *o)
{
	struct span word;

	line = span_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return true;
	word = cut_word(&line);
	line = unquote(line);
	for (size_t i = 0; i < COMMANDS; i++)
		if (span_is(word, commands[i].name))
			return commands[i].take(p, line, o);
	return take_setting(p, word, line, o);
}
