/* SPDX-License-Identifier: ISC */
#include "mail/aliases.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "mail/address.h"

#define SHOWN_MAX 60 /* bytes of a wrong text that are shown */
#define WAY "write NAME: ADDRESS, ADDRESS"

/* What is being read. */
struct parse {
	struct aliases *all;
	const char *path;
	int line;
	struct alias *now; /* what the items belong to; NULL: nothing yet */
	bool is_list;      /* an included file: items only */
	bool goes_on;      /* the line before ended with a '\' */
};

static int
compare_names(const void *a, const void *b)
{
	return strcasecmp(
	    ((const struct alias *)a)->name, ((const struct alias *)b)->name);
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct alias *)a)->name, ((const struct alias *)b)->name);
}

/* Owns `name`. */
static struct alias *
add_alias(struct parse *p, char *name)
{
	struct alias *alias = mem_new(sizeof *alias);

	alias->name = name;
	alias->file = mem_dup(p->path);
	alias->line = p->line;
	p->all->v = mem_room(p->all->v, p->all->n, sizeof(struct alias *));
	p->all->v[p->all->n++] = alias;
	return alias;
}

static void
add_item(struct parse *p, enum alias_kind kind, char *text)
{
	struct alias *to = p->now;

	to->v = mem_room(to->v, to->n, sizeof *to->v);
	to->v[to->n] = (struct alias_item){ .kind = kind, .line = p->line };
	to->v[to->n++].text = text;
}

/* Up to the '#' of a comment. Only quotes can hold one that isn't. */
static struct span
without_comment(struct span s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && quoted)
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == '#' && !quoted)
			return span_bytes(s.p, i);
	}
	return s;
}

/* An address, or a local name, into *spec, which the caller owns. */
static bool
parse_spec(struct span text, char **spec)
{
	struct outcome ignored;
	struct address a;

	if (address_find(text, ":;") < text.n || !address_parse(&a, text, &ignored))
		return false;
	*spec = mem_dup(a.spec);
	address_free(&a);
	if (**spec != '\0')
		return true;
	free(*spec);
	return false;
}

static bool
bad_item(struct span text, struct outcome *o)
{
	if (address_find(text, ":") < text.n)
		return outcome_fail(o, CAUSE_CONFIG,
		    "\"%.*s\" has one more \":\": each alias needs a line of its own, "
		    "that begins with its name",
		    span_shown(text, SHOWN_MAX), text.p);
	return outcome_fail(o, CAUSE_CONFIG, "\"%.*s\" is not a mail address: " WAY,
	    span_shown(text, SHOWN_MAX), text.p);
}

static bool
add_address(struct parse *p, struct span text, struct outcome *o)
{
	bool literal = text.n > 0 && text.p[0] == '\\';
	char *spec;

	if (!parse_spec(literal ? span_bytes(text.p + 1, text.n - 1) : text, &spec))
		return bad_item(text, o);
	add_item(p, literal ? ALIAS_LITERAL : ALIAS_ADDRESS, spec);
	return true;
}

/* A path is taken from the folder of the file that it stands in. */
static char *
resolve(const char *file, struct span path)
{
	const char *slash = strrchr(file, '/');

	if (path.p[0] == '/' || slash == NULL)
		return span_dup(path);
	return mem_printf("%.*s/%.*s", (int)(slash - file), file, (int)path.n, path.p);
}

static bool
add_include(struct parse *p, struct span path, struct outcome *o)
{
	if (path.n == 0)
		return outcome_fail(
		    o, CAUSE_CONFIG, ":include: names no file: write :include:/PATH");
	add_item(p, ALIAS_INCLUDE, resolve(p->path, path));
	return true;
}

/* The inside, where all of it is one quoted string. */
static struct span
unquote(struct span s)
{
	size_t end = 1;

	while (end < s.n && s.p[end] != '"')
		end += s.p[end] == '\\' ? 2 : 1;
	return s.p[0] == '"' && end + 1 == s.n ? span_bytes(s.p + 1, s.n - 2) : s;
}

static bool
take_item(struct parse *p, struct span text, struct outcome *o)
{
	static const char include[] = ":include:";
	struct span inside = span_trim(unquote(text));
	size_t skip = sizeof include - 1;

	if (inside.n == 0 || strchr("|/:\\", inside.p[0]) == NULL)
		return add_address(p, text, o);
	if (inside.p[0] == '\\')
		return add_address(p, inside, o);
	if (span_starts_nocase(inside, include))
		return add_include(
		    p, span_trim(span_bytes(inside.p + skip, inside.n - skip)), o);
	if (span_is(inside, "/dev/null") || span_is(inside, ":blackhole:"))
		add_item(p, ALIAS_DISCARD, span_dup(inside));
	else
		add_item(p, ALIAS_OTHER, span_dup(inside));
	return true;
}

/* A list with commas. Empty elements don't count. */
static bool
take_items(struct parse *p, struct span text, struct outcome *o)
{
	while (text.n > 0) {
		size_t n = address_find(text, ",");
		struct span item = span_trim(span_bytes(text.p, n));

		n += n < text.n;
		text = span_bytes(text.p + n, text.n - n);
		if (item.n > 0 && !take_item(p, item, o))
			return false;
	}
	return true;
}

static bool
begin_alias(struct parse *p, struct span name, struct outcome *o)
{
	const struct alias *before;
	char *spec;

	if (!parse_spec(name, &spec))
		return outcome_fail(o, CAUSE_CONFIG,
		    "\"%.*s\" can't be the name of an alias: " WAY
		    ", and put a name that has blanks into double quotes",
		    span_shown(name, SHOWN_MAX), name.p);
	if (address_domain(spec) != NULL) {
		free(spec);
		return outcome_fail(o, CAUSE_CONFIG,
		    "the name of an alias has no domain: write \"%.*s\" without the "
		    "\"@\" and what follows",
		    span_shown(name, SHOWN_MAX), name.p);
	}
	before = aliases_find(p->all, spec);
	p->now = add_alias(p, spec);
	if (before != NULL)
		return outcome_fail(o, CAUSE_CONFIG,
		    "duplicate alias '%.*s': line %d has it, too; put all addresses "
		    "behind one of them",
		    span_shown(span_of(spec), SHOWN_MAX), spec, before->line);
	if (tsearch(p->now, &p->all->names, compare_names) == NULL)
		mem_exhausted();
	return true;
}

/* The length of the name that an alias begins with; that of all where it is none. */
static size_t
name_length(struct span line)
{
	size_t n;

	if (line.n > 0 && strchr("|/:\\", line.p[0]) != NULL)
		return line.n;
	n = address_find(line, ":,");
	return n < line.n && line.p[n] == ':' ? n : line.n;
}

/* `line` has no blanks around it; `indented`: it had one in front. */
static bool
take_entry(struct parse *p, struct span line, bool indented, struct outcome *o)
{
	size_t n = name_length(line);
	bool is_alias = n < line.n && !p->is_list;

	if (p->now != NULL && (p->is_list || p->goes_on || (indented && !is_alias)))
		return take_items(p, line, o);
	if (!is_alias)
		return outcome_fail(o, CAUSE_CONFIG, "\"%.*s\" is no alias: " WAY,
		    span_shown(line, SHOWN_MAX), line.p);
	if (!begin_alias(p, span_trim(span_bytes(line.p, n)), o))
		return false;
	return take_items(p, span_bytes(line.p + n + 1, line.n - n - 1), o);
}

static bool
has_odd_bytes(struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		if (is_control(line.p[i]) && line.p[i] != '\t')
			return true;
	return false;
}

static bool
has_open_quote(struct span line)
{
	bool quoted = false;

	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\\' && quoted)
			i++;
		else if (line.p[i] == '"')
			quoted = !quoted;
	return quoted;
}

static bool
take_line(struct parse *p, struct span line, struct outcome *o)
{
	struct span text = span_trim(without_comment(line));
	bool indented = line.n > 0 && is_blank(line.p[0]), goes_on;

	if (text.n == 0) {
		p->goes_on = false;
		return true;
	}
	if (has_odd_bytes(text))
		return outcome_fail(
		    o, CAUSE_CONFIG, "it holds a control character: this is no text");
	if (has_open_quote(text))
		return outcome_fail(
		    o, CAUSE_CONFIG, "a double quote is opened and not closed");
	goes_on = text.p[text.n - 1] == '\\';
	if (goes_on)
		text = span_trim(span_bytes(text.p, text.n - 1));
	if (text.n > 0 && !take_entry(p, text, indented, o))
		return false;
	p->goes_on = goes_on;
	return true;
}

static bool
parse(struct parse *p, struct span text, struct outcome *o)
{
	struct span line;

	text = span_skip_mark(text);
	for (p->line = 1; span_cut(&text, '\n', &line); p->line++)
		if (!take_line(p, line, o))
			return outcome_place(o, "%s:%d", p->path, p->line);
	return true;
}

bool
aliases_parse(struct aliases *a, struct span text, const char *path, struct outcome *o)
{
	struct parse p = { .all = a, .path = path };

	return parse(&p, text, o);
}

bool
aliases_read(struct aliases *a, const char *path, struct outcome *o)
{
	char words[FILE_TROUBLE_MAX];
	struct stat st;
	struct buf text;
	bool ok;

	buf_init(&text, ALIASES_MAX);
	ok = file_read(path, &text, &st)
		 ? aliases_parse(a, buf_span(&text), path, o)
		 : outcome_fail(o, CAUSE_CONFIG, "the aliases can't be read: %s: %s",
		       path, file_trouble(&text, words));
	buf_free(&text);
	return ok;
}

static struct alias *
find_in(void *const *tree, const char *name, int (*compare)(const void *, const void *))
{
	const struct alias key = { .name = mem_dup(name) };
	struct alias *const *found = tfind(&key, tree, compare);

	free(key.name);
	return found != NULL ? *found : NULL;
}

struct alias *
aliases_find(const struct aliases *a, const char *name)
{
	return find_in(&a->names, name, compare_names);
}

struct alias *
aliases_default(const struct aliases *a)
{
	struct alias *found = aliases_find(a, "default");

	return found != NULL ? found : aliases_find(a, "*");
}

static bool
read_list(struct aliases *a, const struct alias *by, const struct alias_item *item,
    struct alias **list, struct outcome *o)
{
	struct parse p = { .all = a, .path = item->text, .is_list = true };
	char words[FILE_TROUBLE_MAX];
	struct stat st;
	struct buf text;
	bool ok;

	buf_init(&text, ALIASES_MAX);
	p.now = *list = add_alias(&p, mem_dup(item->text));
	ok = file_read(item->text, &text, &st)
		 ? parse(&p, buf_span(&text), o)
		 : outcome_fail(o, CAUSE_CONFIG, "%s:%d: :include:%s can't be read: %s",
		       by->file, item->line, item->text, file_trouble(&text, words));
	buf_free(&text);
	if (ok && tsearch(*list, &a->lists, compare_paths) == NULL)
		mem_exhausted();
	return ok;
}

struct alias *
aliases_include(struct aliases *a, const struct alias *by, const struct alias_item *item,
    struct outcome *o)
{
	struct alias *list = find_in(&a->lists, item->text, compare_paths);

	if (list == NULL && !read_list(a, by, item, &list, o))
		return NULL;
	return list;
}

static void
keep(void *node)
{
	(void)node; /* the trees' keys are freed with the others */
}

static void
free_alias(struct alias *alias)
{
	for (size_t i = 0; i < alias->n; i++)
		free(alias->v[i].text);
	free(alias->v);
	free(alias->name);
	free(alias->file);
	free(alias);
}

void
aliases_free(struct aliases *a)
{
	tdestroy(a->names, keep);
	tdestroy(a->lists, keep);
	for (size_t i = 0; i < a->n; i++)
		free_alias(a->v[i]);
	free(a->v);
	*a = (struct aliases){ 0 };
}
