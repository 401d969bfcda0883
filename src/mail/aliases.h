/* SPDX-License-Identifier: ISC
 *
 * aliases.h - files of aliases: who gets the mail for a local name
 *
 * The language is that of msmtp, and of what sendmail's aliases(5) has beyond it:
 *
 *	# a comment, to the end of the line, outside of quotes
 *	root: hanako@example.org, taro@example.org
 *	cron: root,
 *		ops@example.org
 *	"night shift": :include:/etc/night-shift
 *	nobody: /dev/null
 *	default: hanako@example.org
 *
 * A line that begins with a blank goes on with the one before it, unless it has a name
 * and a ':' of its own; so does one behind a '\' at the end of a line. Names have no
 * domain, and are compared without regard to case. "\name" is the name itself, which is
 * not looked up again. "default" (or "*") is for the names that the file doesn't have.
 */
#ifndef MAIL_ALIASES_H
#define MAIL_ALIASES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "base/span.h"

/* Bytes of the file, and of each that it includes. */
#define ALIASES_MAX (1024 * 1024)

enum alias_kind {
	ALIAS_ADDRESS, /* a mail address or a local name, as address.spec */
	ALIAS_LITERAL, /* the same, written with a '\': not to be looked up */
	ALIAS_INCLUDE, /* the path of a file that has a list of such items */
	ALIAS_DISCARD, /* "/dev/null" and ":blackhole:": nobody, and on purpose */
	ALIAS_OTHER    /* a command, a file, or what else this program can't send to */
};

struct alias_item {
	enum alias_kind kind;
	char *text;
	int line;
	bool told; /* for who walks through aliases: a warning was given */
};

/* A name, or an included file, and what it stands for. */
struct alias {
	char *name; /* as address.spec; or the path of the included file */
	char *file; /* that it stands in; or the path once more */
	int line;   /* 0: an included file */
	struct alias_item *v;
	size_t n;
	/* For who walks through them. */
	size_t visit; /* number of the walk that was here last */
	bool open;    /* that walk is still below it */
	bool told;
};

/* The zero value has none. */
struct aliases {
	void *names; /* search trees of struct alias */
	void *lists;
	struct alias **v; /* all of both */
	size_t n;
	size_t visits; /* walks through them so far */
};

/* Reads a file. Whatever is wrong with it fails with CAUSE_CONFIG, names file and line,
 * and says how it should be. Included files are not read before aliases_include(). */
bool aliases_read(struct aliases *a, const char *path, struct outcome *o);

/* The same from memory; `path` is what the words call it. */
bool aliases_parse(
    struct aliases *a, struct span text, const char *path, struct outcome *o);

/* The alias of this name: a local part as address.spec has it. NULL where there is none.
 */
struct alias *aliases_find(const struct aliases *a, const char *name);

/* What is for all other names; NULL where there is none. */
struct alias *aliases_default(const struct aliases *a);

/* The included file that `item` of `by` names; it is read when it is asked for first.
 * Fails as aliases_read(), and returns NULL. */
struct alias *aliases_include(struct aliases *a, const struct alias *by,
    const struct alias_item *item, struct outcome *o);

void aliases_free(struct aliases *a);

#endif
