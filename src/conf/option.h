/* SPDX-License-Identifier: ISC
 *
 * option.h - every setting of an account, in one table
 *
 * A row says a setting's name, type, place, default and help. The reader of configuration
 * files, the command line, --help, --print-config, the inheritance of accounts, and the
 * check of the manual all work from the rows. To add a setting: a member in struct
 * account, a row here, a paragraph in the manual, and a test.
 */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "conf/account.h"

/* What a type of setting can do. `place` is the member of an account. */
struct option_type {
	/* Stores the value, which isn't empty unless the row allows it; false where the
	 * value is none of this type. */
	bool (*store)(const struct option_row *row, struct span value, void *place);
	/* Appends the value as --print-config shows it; nothing where it isn't set. */
	void (*show)(const struct option_row *row, const void *place, struct buf *out);
	void (*copy)(void *to, const void *from);
	void (*clear)(void *place);
};

/* A word that a setting takes. Several words may mean the same: the first one is shown.
 */
struct choice {
	const char *word;
	const char *shown; /* NULL: as the word */
	int value;
};

enum option_flag {
	OPTION_FILE_ONLY = 1, /* not on the command line */
	OPTION_SPACED = 2, /* --print-config writes its name with blanks, as msmtp does */
	OPTION_MAIL = 4,   /* about mails: of no use where none is sent */
	OPTION_OWN = 8     /* msmtp has no such option: its short forms don't mean this */
};

struct option_row {
	const char *name; /* in files; on the command line with '-' for '_' */
	const struct option_type *type;
	size_t offset;                /* in struct account */
	const struct choice *choices; /* for words */
	const char *fallback;         /* the default; NULL: not set */
	const char *bare;  /* what the bare name means; "": not set; NULL: nothing */
	const char *takes; /* what values look like */
	const char *help;
	unsigned flags;
	char letter; /* on the command line; 0: none */
};

extern const struct option_row options[];
extern const size_t option_count;

/* The row of that name as it stands in files; NULL: none. */
const struct option_row *option_find(struct span name);

/* Sets one value, given at `origin`. Fails with `cause` and says what the setting takes.
 */
bool option_set(struct account *a, const struct option_row *row, struct span value,
    struct origin origin, enum cause cause, struct outcome *o);

/* Where the present value came from. */
struct origin option_origin(const struct account *a, const struct option_row *row);

/* Appends the value in use, as --print-config shows it; secrets are starred. */
void option_show(const struct account *a, const struct option_row *row, struct buf *out);

/* The place of the row's value in the account. */
void *option_place(struct account *a, const struct option_row *row);
const void *option_value(const struct account *a, const struct option_row *row);

/* Whether it is a value that the setting takes. */
bool option_takes(const struct option_row *row, struct span value);

#endif
