/* SPDX-License-Identifier: ISC
 *
 * invocation.h - what the command line asks for
 */
#ifndef CMD_INVOCATION_H
#define CMD_INVOCATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "conf/option.h"

enum job {
	JOB_SEND,
	JOB_PRINT_CONFIG,
	JOB_SERVERINFO,
	JOB_RMQS,
	JOB_CONFIGURE,
	JOB_HELP,
	JOB_VERSION
};

/* A setting given on the command line. */
struct given {
	const struct option_row *row;
	const char *value; /* "" where there was none; borrowed from argv */
};

/* Strings are borrowed from argv. */
struct invocation {
	const char *program; /* the name that we were called by, for messages */
	bool as_sendmail;    /* by a name of sendmail's */
	enum job job;
	const char *account;  /* -a; NULL: not given */
	const char *file;     /* -C */
	const char *envid;    /* -V */
	bool read_recipients; /* -t */
	bool read_sender;     /* --read-envelope-from */
	bool verbose;         /* -v, -d */
	bool debug;           /* -d */
	bool serverinfo;      /* -S; with -P, its settings are what is shown */
	const char *rmqs;     /* --rmqs; likewise */
	const char *configure;
	struct given *given;
	size_t n;
	char **recipient;
	size_t recipients;
};

/* Reads the command line; argv is reordered. Fails with CAUSE_USAGE. */
bool invocation_parse(struct invocation *v, int argc, char **argv, struct outcome *o);
void invocation_free(struct invocation *v);

/* The last value of the setting of that name on the command line; NULL: none. */
const char *invocation_given(const struct invocation *v, const char *name);

#endif
