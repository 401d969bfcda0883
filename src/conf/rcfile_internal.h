/* SPDX-License-Identifier: ISC
 *
 * rcfile_internal.h - what rcfile.c, which reads files, and rcfile_line.c, which takes
 * their lines, share, and nobody else
 */
#ifndef CONF_RCFILE_INTERNAL_H
#define CONF_RCFILE_INTERNAL_H

#include "conf/rcfile.h"

#define RCFILE_SHOWN_MAX 100 /* bytes of a wrong word that are shown */

/* A file, and those that it includes. */
struct parse {
	struct config *config;
	size_t first; /* of the config's accounts, the first of this file */
	const char *path;
	int line;
	struct account *defaults;
	struct account *now; /* whose settings come; borrowed; NULL before the first */
	bool is_system;
	bool has_secret; /* there is a password in the text of this file */
	bool evaluates;  /* the line is what a command printed */
	int depth;       /* files around this one */
	bool told;       /* what is wrong has got its path and line */
};

/* Takes one line. Fails with what is wrong with it, without its place. */
bool rcfile_line(struct parse *p, struct span line, struct outcome *o);

/* Takes the lines of another file, or of all that match a pattern. A pattern may match
 * nothing; a name must be there. */
bool rcfile_include(struct parse *p, struct span name, struct outcome *o);

#endif
