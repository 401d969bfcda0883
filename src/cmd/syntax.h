/* SPDX-License-Identifier: ISC
 *
 * syntax.h - the options of the command line: those of the program, and the settings
 *
 * All of them come from tables: what getopt_long(3) reads, what --help shows, and what is
 * said about an option that isn't there.
 */
#ifndef CMD_SYNTAX_H
#define CMD_SYNTAX_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "conf/legacy.h"
#include "conf/option.h"

/* Options that are no settings of an account. */
enum action {
	ACTION_VERSION,
	ACTION_HELP,
	ACTION_PRINT_CONFIG,
	ACTION_VERBOSE,
	ACTION_DEBUG,
	ACTION_ACCOUNT,
	ACTION_FILE,
	ACTION_READ_RECIPIENTS,
	ACTION_READ_SENDER,
	ACTION_ENVID,
	ACTION_SERVERINFO,
	ACTION_RMQS,
	ACTION_CONFIGURE,
	ACTION_EXPLAIN,
	ACTION_CATCH,
	ACTION_CATCH_AUTH,
	ACTION_CATCH_COUNT,
	ACTION_CATCH_EXEC,
	ACTION_CATCH_SIZE,
	ACTION_CATCH_TIMEOUT,
	ACTION_CATCH_TLS,
	ACTION_EXPECT,
	ACTION_FAIL,
	ACTION_FAIL_SEED,
	ACTION_CHECK,
	ACTION_TO,
	ACTION_JSON,
	ACTION_TEST,
	ACTION_HAS_EXTN,
	ACTION_VRFY,
	ACTION_EXPN,
	ACTION_QUEUE_RUN,
	ACTION_ALL,
	ACTION_RCPT,
	ACTION_SENDER,
	ACTION_METRICS,
	ACTION_MODE,
	ACTION_NOTHING
};

#define LETTERS_MAX 256

/* What getopt_long() works with, made from the tables. */
struct syntax {
	struct option *options; /* whole names, then short forms; an empty one ends it */
	size_t n;
	size_t whole;
	char **names; /* those that had to be made */
	size_t n_names;
	char letters[LETTERS_MAX];
};

/* One option that was given: an action, a setting, or an old name of one. */
struct asked {
	enum action action;            /* ACTION_NOTHING: see below */
	const struct option_row *row;  /* NULL: no setting */
	const struct legacy_name *old; /* NULL: no old name */
	const char *value;             /* "": none */
};

/* With the short forms that stand in this command line. */
void syntax_init(struct syntax *s, int argc, char *const argv[]);
void syntax_free(struct syntax *s);

/* Reads the next option, as getopt_long(3) does; *end tells that there is none, and that
 * what is left of argv begins at `optind`. Fails with CAUSE_USAGE. */
bool syntax_next(const struct syntax *s, int argc, char **argv, struct asked *asked,
    bool *end, struct outcome *o);

/* Prints all options and what they mean. */
void syntax_help(const char *program);

#endif
