/* SPDX-License-Identifier: ISC */
#include "conf/rcfile.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "conf/home.h"
#include "conf/rcfile_internal.h"
#include "conf/secretfile.h"

#define FILE_MAX (1024 * 1024) /* bytes of a file */
#define INCLUDES_MAX 16        /* files inside each other */
#define FILES_MAX 1000         /* in all */

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
		ok = rcfile_line(p, line, o);
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

/* A name without a directory stands in that of the including file. */
static char *
include_path(const struct parse *p, struct span name)
{
	const char *slash = strrchr(p->path, '/');

	if (name.p[0] == '/' || name.p[0] == '~' || slash == NULL)
		return home_expand(name);
	return mem_printf(
	    "%.*s%.*s", (int)(slash + 1 - p->path), p->path, (int)name.n, name.p);
}

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

bool
rcfile_include(struct parse *p, struct span name, struct outcome *o)
{
	char *pattern;
	bool ok = true;
	glob_t found;

	if (name.n == 0 || span_has_control(name))
		return outcome_fail(o, CAUSE_CONFIG, "include needs the name of a file");
	if (p->depth == INCLUDES_MAX)
		return outcome_fail(o, CAUSE_CONFIG,
		    "include %.*s: %d files are inside each other already: is it a loop?",
		    span_shown(name, RCFILE_SHOWN_MAX), name.p, INCLUDES_MAX);
	if (p->config->files >= FILES_MAX)
		return outcome_fail(o, CAUSE_CONFIG,
		    "include %.*s: %d files are read already: is it a loop?",
		    span_shown(name, RCFILE_SHOWN_MAX), name.p, FILES_MAX);
	pattern = include_path(p, name);
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
