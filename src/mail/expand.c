/* SPDX-License-Identifier: ISC */
#include "mail/expand.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "mail/address.h"
#include "mail/aliases.h"

#define WORDS_MAX 4096
#define WARNINGS_MAX (64 * 1024)
#define SHOWN_MAX 6 /* names of a circle that are shown */

/* An alias on the way down, and how far its items were taken. */
struct step {
	struct alias *alias;
	size_t next;
};

/* One walk from each recipient through all that it leads to. The way down is kept here,
 * not on the program's stack: it can be as long as the file. */
struct walk {
	const struct expansion *x;
	struct aliases *aliases;
	struct address_list root_to;
	struct envelope to;   /* what becomes of the envelope */
	struct envelope lost; /* those who are left with nobody */
	struct step *way;
	size_t depth;
	size_t taken; /* entries, of all walks */
	const struct recipient *who;
	bool reached;        /* somebody, by this walk */
	struct buf why;      /* what may be the reason why not */
	struct buf warnings; /* that nobody has heard yet, a line each */
};

static bool
is_here(const struct walk *w, const char *spec)
{
	return local_kind(w->x->local, spec) == LOCAL_HERE;
}

static void
add_root_to(struct walk *w)
{
	for (size_t i = 0; i < w->root_to.n; i++)
		envelope_add_for(&w->to, w->root_to.v[i].spec, w->who);
	w->reached = true;
}

/* No alias leads on from here. */
static void
reach(struct walk *w, const char *spec)
{
	if (w->root_to.n > 0 && is_here(w, spec))
		add_root_to(w);
	else
		envelope_add_for(&w->to, spec, w->who);
	w->reached = true;
}

static void
enter(struct walk *w, struct alias *alias)
{
	alias->visit = w->aliases->visits;
	alias->open = true;
	w->way = mem_room(w->way, w->depth, sizeof *w->way);
	w->way[w->depth++] = (struct step){ alias, 0 };
}

static void
leave(struct walk *w)
{
	w->way[--w->depth].alias->open = false;
}

/* Something was left out. `told` belongs to it: people hear of it once. */
static void
note(struct walk *w, const char *words, bool *told)
{
	if (w->why.len == 0)
		buf_puts(&w->why, words);
	if (!*told)
		buf_printf(&w->warnings, "%s\n", words);
	*told = true;
}

/* Says what was left out, but for what an outcome says already. */
static void
warn(struct walk *w, const char *said)
{
	struct span left = buf_span(&w->warnings), line;
	char *words;

	while (w->x->warn != NULL && span_cut(&left, '\n', &line)) {
		words = span_dup(line);
		if (strcmp(words, said) != 0)
			w->x->warn(w->x->arg, words);
		free(words);
	}
}

/* "a, b, a": the way from an alias to itself. */
static void
add_circle(const struct walk *w, const struct alias *alias, struct buf *out)
{
	size_t i = w->depth, first;

	while (w->way[i - 1].alias != alias)
		i--;
	for (first = --i; i < w->depth && i - first < SHOWN_MAX; i++)
		buf_printf(out, "%s, ", w->way[i].alias->name);
	if (i < w->depth)
		buf_printf(out, "... (%zu names), ", w->depth - first);
	buf_puts(out, alias->name);
}

/* The alias leads back to one that is on the way already. */
static void
found_circle(struct walk *w, struct alias *alias)
{
	struct buf words;

	if (alias->told && w->why.len > 0)
		return;
	buf_init(&words, WORDS_MAX);
	buf_puts(&words, "aliases go round in a circle: ");
	add_circle(w, alias, &words);
	if (alias->line > 0) /* an included file is its own name */
		buf_printf(&words, " (%s:%d)", alias->file, alias->line);
	note(w, words.data, &alias->told);
	buf_free(&words);
}

/* The name that is being expanded, and not a list that it includes. */
static const struct alias *
present_name(const struct walk *w)
{
	size_t i = w->depth;

	while (i > 0 && w->way[i - 1].alias->line == 0)
		i--;
	return i > 0 ? w->way[i - 1].alias : NULL;
}

static void
follow(struct walk *w, struct alias *alias)
{
	if (alias->visit != w->aliases->visits)
		enter(w, alias);
	else if (alias->open)
		found_circle(w, alias);
}

/* The alias for an address; NULL where it has none. */
static struct alias *
alias_for(const struct walk *w, const char *spec)
{
	enum local_kind kind = local_kind(w->x->local, spec);
	struct alias *alias, *others = aliases_default(w->aliases);
	char *name;

	if (kind == LOCAL_NOT)
		return NULL;
	name = local_part(spec);
	alias = aliases_find(w->aliases, name);
	free(name);
	if (alias != NULL || kind != LOCAL_HERE || others == NULL)
		return alias;
	/* what it leads to and has no alias of its own is meant as it is */
	return others->visit == w->aliases->visits && others->open ? NULL : others;
}

/* A name that leads to itself, as root in "root: root, joe@x", is meant as it is. */
static void
take_address(struct walk *w, const char *spec)
{
	struct alias *alias = alias_for(w, spec);

	if (alias == NULL || alias == present_name(w))
		reach(w, spec);
	else
		follow(w, alias);
}

static void
skip_item(struct walk *w, const struct alias *by, struct alias_item *item)
{
	struct buf words;

	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "%s:%d: \"%.100s\" is left out: only mail addresses get mail",
	    by->file, item->line, item->text);
	note(w, words.data, &item->told);
	buf_free(&words);
}

static bool
take_item(
    struct walk *w, const struct alias *by, struct alias_item *item, struct outcome *o)
{
	struct alias *list;

	switch (item->kind) {
	case ALIAS_ADDRESS:
		take_address(w, item->text);
		break;
	case ALIAS_LITERAL:
		reach(w, item->text);
		break;
	case ALIAS_INCLUDE:
		list = aliases_include(w->aliases, by, item, o);
		if (list == NULL)
			return false;
		follow(w, list);
		break;
	case ALIAS_DISCARD:
		w->reached = true;
		break;
	case ALIAS_OTHER:
		skip_item(w, by, item);
		break;
	}
	return true;
}

/* Takes every item below those that stand on the way. */
static bool
descend(struct walk *w, struct outcome *o)
{
	while (w->depth > 0) {
		struct step *step = &w->way[w->depth - 1];

		if (step->next == step->alias->n)
			leave(w);
		else if (++w->taken > EXPAND_MAX)
			return outcome_fail(o, CAUSE_CONFIG,
			    "the recipients lead to more than %d entries of %s",
			    EXPAND_MAX, w->x->aliases);
		else if (!take_item(w, step->alias, &step->alias->v[step->next++], o))
			return false;
	}
	return true;
}

/* Nobody is left for this recipient. */
static void
lose(struct walk *w)
{
	const struct alias *alias = alias_for(w, w->who->address);
	struct recipient *last;

	if (w->why.len == 0) {
		assert(alias != NULL); /* who has none stands for himself */
		buf_printf(&w->why, "%s:%d has none", alias->file, alias->line);
	}
	if (w->root_to.n > 0) {
		add_root_to(w);
		return;
	}
	envelope_add_for(&w->lost, w->who->address, w->who);
	last = &w->lost.rcpt[w->lost.n - 1];
	(void)outcome_fail(&last->outcome, CAUSE_ALIAS, "%s", w->why.data);
}

static bool
walk_from(struct walk *w, const struct recipient *who, struct outcome *o)
{
	size_t lost = w->lost.n;

	w->who = who;
	w->aliases->visits++;
	w->reached = false;
	buf_clear(&w->why);
	buf_clear(&w->warnings);
	take_address(w, who->address);
	if (!descend(w, o))
		return false;
	if (!w->reached)
		lose(w);
	warn(w, w->lost.n > lost ? w->why.data : "");
	return true;
}

static bool
has_local(const struct envelope *e, const struct local *l)
{
	bool found = false;

	for (size_t i = 0; i < e->n && !found; i++)
		found = local_kind(l, e->rcpt[i].address) != LOCAL_NOT;
	return found;
}

/* The null address can't get the mail: it would be lost without a word. */
static bool
names_somebody(const struct address_list *list)
{
	bool all = list->n > 0;

	for (size_t i = 0; i < list->n; i++)
		all &= *list->v[i].spec != '\0';
	return all;
}

static bool
read_aliases(struct walk *w, struct outcome *o)
{
	if (w->x->aliases == NULL || w->aliases->n > 0 ||
	    aliases_read(w->aliases, w->x->aliases, o))
		return true;
	aliases_free(w->aliases);
	return false;
}

static bool
prepare(struct walk *w, struct outcome *o)
{
	const char *root_to = w->x->root_to;
	struct outcome why;

	if (root_to != NULL && !address_list_parse(&w->root_to, span_of(root_to), &why))
		return outcome_fail(o, CAUSE_CONFIG, "root_to: %s", why.text);
	if (root_to != NULL && !names_somebody(&w->root_to))
		return outcome_fail(o, CAUSE_CONFIG, "root_to names no address");
	return read_aliases(w, o);
}

/* The new recipients take the place of the old ones; the rest of the envelope stays. */
static void
replace(struct envelope *e, struct walk *w, struct envelope *lost)
{
	struct envelope old = { .rcpt = e->rcpt, .n = e->n, .known = e->known };

	e->rcpt = NULL;
	e->n = 0;
	e->known = NULL;
	envelope_append(e, &w->to);
	envelope_append(lost, &w->lost);
	envelope_free(&old);
}

bool
expand_recipients(struct envelope *e, const struct expansion *x, struct envelope *lost,
    struct outcome *o)
{
	struct aliases own = { 0 };
	struct walk w = { .x = x, .aliases = x->known != NULL ? x->known : &own };
	bool ok;

	if ((x->aliases == NULL && x->root_to == NULL) || !has_local(e, x->local))
		return true;
	buf_init(&w.why, WORDS_MAX);
	buf_init(&w.warnings, WARNINGS_MAX);
	ok = prepare(&w, o);
	for (size_t i = 0; ok && i < e->n; i++)
		ok = walk_from(&w, &e->rcpt[i], o);
	if (ok)
		replace(e, &w, lost);
	free(w.way);
	buf_free(&w.why);
	buf_free(&w.warnings);
	envelope_free(&w.to);
	envelope_free(&w.lost);
	address_list_free(&w.root_to);
	aliases_free(&own);
	return ok;
}
