/* SPDX-License-Identifier: ISC */
#include "conf/rcfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/near.h"
#include "conf/legacy.h"
#include "conf/option.h"
#include "conf/type.h"

#define SHOWN_MAX 100 /* bytes of a wrong word that are shown */

struct parse {
	struct config *config;
	size_t first; /* of the config's accounts, the first of this file */
	const char *path;
	int line;
	struct account *defaults;
	struct account
	    *now; /* what settings belong to; borrowed; NULL before the first */
	bool has_secret;
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
	p->now = account_new(copy);
	free(copy);
	p->now->file = p->path;
	account_take_defaults(p->now, p->defaults);
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
unknown(struct span word, struct outcome *o)
{
	struct span rest = word, name = word;
	struct near near;

	(void)span_cut(&rest, '=', &name); /* "port=587" is a habit from elsewhere */
	near = near_start(name);
	near_try(&near, "account");
	near_try(&near, "defaults");
	for (size_t i = 0; i < option_count; i++)
		near_try(&near, options[i].name);
	if (near.best == NULL)
		return outcome_fail(
		    o, CAUSE_CONFIG, "unknown command %.*s", shown(name), name.p);
	return outcome_fail(o, CAUSE_CONFIG, "unknown command %.*s; did you mean \"%s\"?",
	    shown(name), name.p, near.best);
}

static bool
command_setting(struct parse *p, struct span word, struct span arg, struct outcome *o)
{
	const struct origin origin = { p->path, p->line, true };
	const struct option_row *row = option_find(word);
	const struct legacy_name *old = row == NULL ? legacy_find(word) : NULL;

	if (row == NULL && old == NULL)
		return unknown(word, o);
	if (old != NULL && !legacy_translate(old, &row, &arg, CAUSE_CONFIG, o))
		return false;
	if (p->now == NULL && !add_account(p, span_of("default"), o))
		return false;
	if (row == NULL)
		return true;
	p->has_secret |= row->type == &type_secret;
	return option_set(p->now, row, arg, origin, CAUSE_CONFIG, o);
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

bool
rcfile_parse(struct config *c, struct span text, const char *path, bool *has_secret,
    struct outcome *o)
{
	struct parse p = {
		.config = c,
		.first = c->n,
		.path = path,
		.defaults = account_new("defaults"),
	};
	struct outcome why;
	struct span line;
	bool ok = true;

	if (text.n >= 3 &&
	    memcmp(text.p, "\xef\xbb\xbf", 3) == 0) /* some editors' mark */
		text = span_bytes(text.p + 3, text.n - 3);
	while (ok && span_cut(&text, '\n', &line)) {
		p.line++;
		ok = take_line(&p, line, &why);
	}
	if (!ok)
		(void)outcome_fail(o, why.cause, "%s:%d: %s", path, p.line, why.text);
	drop_hidden(&p);
	account_free(p.defaults);
	*has_secret = p.has_secret;
	return ok;
}
