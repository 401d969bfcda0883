/* SPDX-License-Identifier: ISC
 *
 * config.h - the accounts of all configuration files
 */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "conf/account.h"

/* A file that was looked for; by name, or by another file's `include`. */
struct config_file {
	char *path;
	bool is_system; /* else the user's own */
	int error;      /* errno of opening it; 0: it was read */
};

/* The zero value is the empty configuration. */
struct config {
	struct account **v; /* the user's accounts before the system's */
	size_t n;
	struct config_file **file;
	size_t files;
	char **kept; /* strings that origins borrow */
	size_t n_kept;
};

void config_free(struct config *c);

/* Fills the empty `c` with what is in another one, which must outlive it, and whose
 * accounts are as they were read. */
void config_copy(struct config *c, const struct config *from);

/* Adds to the list of files; the config takes over `path`. What is returned is the
 * config's, and stays where it is. */
struct config_file *config_note(struct config *c, char *path, bool is_system);

/* Whether it isn't there; other errors mean that it is. */
bool config_file_is_missing(const struct config_file *f);

/* Takes over a string, and keeps it for as long as there is the config. */
const char *config_keep(struct config *c, char *text);

/* The account of that name; NULL: none. */
struct account *config_find(const struct config *c, const char *name);

/* Whether the account is of a file that is the system's. */
bool config_is_system(const struct config *c, const struct account *a);

/* The first account whose `from` has this address; NULL: none. */
struct account *config_find_sender(const struct config *c, const char *address);

/* As config_find(), but says what there is instead where there is none: CAUSE_NO_CONFIG,
 * CAUSE_NO_ACCOUNT. */
struct account *config_account(
    const struct config *c, const char *name, struct outcome *o);

#endif
