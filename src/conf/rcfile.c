/* SPDX-License-Identifier: ISC */
#include "conf/rcfile.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/near.h"
#include "conf/home.h"
#include "conf/legacy.h"
#include "conf/option.h"
#include "conf/secretfile.h"
#include "conf/type.h"

#define SHOWN_MAX 100          /* bytes of a wrong word that are shown */
#define FILE_MAX (1024 * 1024) /* bytes of a file */
#define LINE_MAX_EVAL 65536    /* bytes that a command of `eval` may print */
#define EVAL_MS 120000         /* long enough to type a passphrase */
#define INCLUDES_MAX 16        /* files inside each other */
#define FILES_MAX 1000         /* in all */

/* A file, and those that it includes. */
struct parse {
	struct config *config;
	size_t first; /* of the config's accounts, the first of this file */
	const char *path;
	int line;
	struct account *defaults;
	struct account
	    *now; /* what settings belong to; borrowed; NULL before the first */
	bool is_system;
	bool has_secret; /* there is a password in the text of this file */
	bool evaluates;  /* the line is what a command printed */
	int depth;
	bool told; /* what is wrong has got its path and line */
};

static int
shown(struct span s)
{
	return (int)(s.n < SHOWN_MAX ? s.n : SHOWN_MAX);
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

static struct span
unquote(struct span s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return span_bytes(s.p + 1, s.n - 2);
	return s;
}

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
		    shown(name), name.p);
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
		    shown(name), name.p);
	return outcome_fail(o, CAUSE_CONFIG,
	    "account %.*s not (yet) defined; did you mean \"%s\"?", shown(name), name.p,
	    near.best);
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

static const char *
near_command(struct span name)
{
	struct near near = near_start(name);

	near_try(&near, "account");
	near_try(&near, "defaults");
	near_try(&near, "eval");
	near_try(&near, "include");
	for (size_t i = 0; i < option_count; i++)
		near_try(&near, options[i].name);
	return near.best;
}

/* Shows as much of the word as can't be a password. */
static bool
unknown(const struct parse *p, struct span word, struct outcome *o)
{
	static const char secret[] = "password";
	struct span name = name_in(word);
	const char *meant = near_command(name);

	if (p->evaluates)
		return outcome_fail(o, CAUSE_CONFIG,
		    "what the command of eval prints begins with no setting's name; for "
		    "a password, write passwordeval");
	if (name.n == 0)
		return outcome_fail(
		    o, CAUSE_CONFIG, "this line begins with no setting's name");
	if (span_starts_nocase(name, secret) &&
	    (meant == NULL || strcmp(meant, secret) == 0))
		name.n = sizeof secret - 1;
	if (name.n < word.n && option_find(name) != NULL)
		return outcome_fail(o, CAUSE_CONFIG,
		    "%.*s and its value have to have a blank between them", (int)name.n,
		    name.p);
	if (meant == NULL)
		return outcome_fail(
		    o, CAUSE_CONFIG, "unknown command %.*s", shown(name), name.p);
	return outcome_fail(o, CAUSE_CONFIG, "unknown command %.*s; did you mean \"%s\"?",
	    shown(name), name.p, meant);
}

static bool
command_setting(struct parse *p, struct span word, struct span arg, struct outcome *o)
{
	const struct origin origin = { p->path, p->line, true };
	const struct option_row *row = option_find(word);
	const struct legacy_name *old = row == NULL ? legacy_find(word) : NULL;

	if (row == NULL && old == NULL)
		return unknown(p, word, o);
	if (old != NULL && !legacy_translate(old, &row, &arg, CAUSE_CONFIG, o))
		return false;
	if (p->now == NULL && !add_account(p, span_of("default"), o))
		return false;
	if (row == NULL)
		return true;
	p->has_secret |= row->type == &type_secret && !p->evaluates;
	return option_set(p->now, row, arg, origin, CAUSE_CONFIG, o);
}

static bool take_line(struct parse *p, struct span line, struct outcome *o);

/* The first line that the command prints stands in place of this one. */
static bool
command_eval(struct parse *p, struct span arg, struct outcome *o)
{
	char *command = span_dup(arg);
	struct span all, line = { "", 0 };
	struct buf text;
	bool ok;

	buf_init(&text, LINE_MAX_EVAL);
	buf_reserve(&text, LINE_MAX_EVAL); /* it may be a password */
	if (p->evaluates || arg.n == 0 || span_has_control(arg))
		ok =
		    outcome_fail(o, CAUSE_CONFIG, "eval needs a command, and not itself");
	else
		ok = command_run(command, clock_in(EVAL_MS), &text, CAUSE_CONFIG, o);
	all = buf_span(&text);
	if (ok && (!span_cut(&all, '\n', &line) || span_trim(line).n == 0))
		ok = outcome_fail(
		    o, CAUSE_CONFIG_FILE, "cannot read output of '%s'", command);
	p->evaluates = true;
	ok = ok && take_line(p, line, o);
	p->evaluates = false;
	buf_free_secret(&text);
	free(command);
	return ok;
}

/* A name without a directory stands in that of the including file. */
static char *
include_path(const struct parse *p, struct span arg)
{
	const char *slash = strrchr(p->path, '/');

	if (arg.p[0] == '/' || arg.p[0] == '~' || slash == NULL)
		return home_expand(arg);
	return mem_printf(
	    "%.*s%.*s", (int)(slash + 1 - p->path), p->path, (int)arg.n, arg.p);
}

static bool read_into(struct parse *p, struct config_file *f, struct outcome *o);

static bool
include_file(struct parse *p, const char *path, struct outcome *o)
{
	struct config_file *f = config_note(p->config, mem_dup(path), p->is_system);
	struct parse before = *p;
	bool ok;

	p->depth++;
	p->evaluates = false; /* its text is a file's, whoever named it */
	ok = read_into(p, f, o);
	p->path = before.path;
	p->line = before.line;
	p->has_secret = before.has_secret;
	p->evaluates = before.evaluates;
	p->depth = before.depth;
	if (ok && f->error != 0)
		ok = outcome_fail(
		    o, CAUSE_CONFIG, "include %s: %s", path, strerror(f->error));
	return ok;
}

/* A pattern may match nothing; a name must be there. */
static bool
command_include(struct parse *p, struct span arg, struct outcome *o)
{
	char *pattern;
	bool ok = true;
	glob_t found;

	if (arg.n == 0 || span_has_control(arg))
		return outcome_fail(o, CAUSE_CONFIG, "include needs the name of a file");
	if (p->depth == INCLUDES_MAX)
		return outcome_fail(o, CAUSE_CONFIG,
		    "include %.*s: %d files are inside each other already: is it a loop?",
		    shown(arg), arg.p, INCLUDES_MAX);
	if (p->config->files >= FILES_MAX)
		return outcome_fail(o, CAUSE_CONFIG,
		    "include %.*s: %d files are read already: is it a loop?", shown(arg),
		    arg.p, FILES_MAX);
	pattern = include_path(p, arg);
	if (pattern == NULL)
		return outcome_fail(o, CAUSE_CONFIG, "there is no home directory for ~");
	if (strpbrk(pattern, "*?[") == NULL) {
		ok = include_file(p, pattern, o);
	} else if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; ok && i < found.gl_pathc; i++)
			ok = include_file(p, found.gl_pathv[i], o);
		globfree(&found);
	}
	free(pattern);
	return ok;
}

static bool
take_line(struct parse *p, struct span line, struct outcome *o)
{
	struct span word;

	line = span_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return true;
	word = cut_word(&line);
	line = unquote(line);
	if (span_is(word, "account"))
		return command_account(p, line, o);
	if (span_is(word, "defaults"))
		return command_defaults(p, line, o);
	if (span_is(word, "eval"))
		return command_eval(p, line, o);
	if (span_is(word, "include"))
		return command_include(p, line, o);
	return command_setting(p, word, line, o);
}

/* Accounts that an earlier file has defined hide ours. */
static void
drop_hidden(struct parse *p)
{
	struct config *c = p->config;
	size_t kept = p->first;

	for (size_t i = p->first; i < c->n; i++) {
		bool hidden = false;

		for (size_t k = 0; k < p->first; k++)
			hidden |= strcmp(c->v[k]->name, c->v[i]->name) == 0;
		if (hidden)
			account_free(c->v[i]);
		else
			c->v[kept++] = c->v[i];
	}
	c->n = kept;
}

/* The lines of one file. Who finds a mistake says what it is, and this where. */
static bool
take_lines(struct parse *p, struct span text, const char *path, struct outcome *o)
{
	struct span line;
	bool ok = true;

	p->path = path;
	p->line = 0;
	p->has_secret = false;
	text = span_skip_mark(text);
	while (ok && span_cut(&text, '\n', &line)) {
		p->line++;
		ok = take_line(p, line, o);
	}
	if (!ok && !p->told)
		(void)outcome_place(o, "%s:%d", path, p->line);
	p->told = !ok;
	return ok;
}

/* The system's file is the administrator's business. */
static bool
check_exposure(const struct stat *st, const struct config_file *f, struct outcome *o)
{
	return f->is_system || secretfile_check(st, f->path, o);
}

static bool
read_open_file(struct parse *p, int fd, const struct config_file *f, struct outcome *o)
{
	char words[FILE_TROUBLE_MAX];
	struct buf text;
	struct stat st;
	bool ok;

	buf_init(&text, FILE_MAX);
	if (file_take(fd, &text, &st))
		ok = take_lines(p, buf_span(&text), f->path, o);
	else
		ok = outcome_fail(
		    o, CAUSE_CONFIG_FILE, "%s: %s", f->path, file_trouble(&text, words));
	if (ok && p->has_secret && !check_exposure(&st, f, o)) {
		p->told = true;
		ok = false;
	}
	buf_free_secret(&text);
	return ok;
}

/* -1 where it can't be opened, and the file's `error` tells. */
static int
open_noted(struct config_file *f)
{
	int fd = file_open(f->path);

	if (fd < 0)
		f->error = errno;
	return fd;
}

static bool
read_into(struct parse *p, struct config_file *f, struct outcome *o)
{
	int fd = open_noted(f);
	bool ok = fd < 0 || read_open_file(p, fd, f, o);

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

static struct parse
begin(struct config *c, bool is_system)
{
	return (struct parse){
		.config = c,
		.first = c->n,
		.defaults = account_new("defaults"),
		.is_system = is_system,
	};
}

static void
end(struct parse *p)
{
	drop_hidden(p);
	account_free(p->defaults);
}

bool
rcfile_parse(struct config *c, struct span text, const char *path, bool *has_secret,
    struct outcome *o)
{
	struct parse p = begin(c, false);
	bool ok = take_lines(&p, text, path, o);

	*has_secret = p.has_secret;
	end(&p);
	return ok;
}

bool
rcfile_read(struct config *c, struct config_file *f, struct outcome *o)
{
	int fd = open_noted(f);
	struct parse p;
	bool ok;

	if (fd < 0)
		return true; /* which is so for most that are looked for */
	p = begin(c, f->is_system);
	ok = read_open_file(&p, fd, f, o);
	end(&p);
	(void)close(fd);
	return ok;
}
