/* SPDX-License-Identifier: ISC
 *
 * choose.h - which account sends, and as whom
 */
#ifndef CMD_CHOOSE_H
#define CMD_CHOOSE_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/invocation.h"
#include "conf/config.h"

enum choice_by {
	CHOICE_COMMAND_LINE, /* --host: no file counts */
	CHOICE_NAME,         /* -a */
	CHOICE_SENDER,       /* the address is one of the account's */
	CHOICE_DEFAULT,
	CHOICE_VARIABLES,   /* $MAILCHUTE_HOST: no file counts */
	CHOICE_ENVIRONMENT, /* $SMTPSERVER and $EMAIL */
	CHOICE_SERVICE      /* no account can be had: a service of this machine has one */
};

enum sender_by {
	SENDER_OWN,    /* the account's, which may be a list */
	SENDER_GIVEN,  /* -f */
	SENDER_OF_MAIL /* --read-envelope-from: never a pattern */
};

struct choice_made {
	struct account *account; /* of the config */
	enum choice_by by;
	enum sender_by sender_by;
	char *sender; /* that was given: by -f, or by the mail; NULL: none */
	char *own;    /* the account's `from`, whatever was given; NULL: it has none */
	bool as_sendmail; /* the sender that was given is no pattern; without a domain, it
			   * gets the mail domain */
	bool is_pattern;  /* the account's `from` holds patterns only */
};

/* What is in the files: as it is known, or as it is read now. */
bool choose_files(const struct invocation *v, struct config *c, struct outcome *o);

/* Chooses the account and lays over it what the command line gives. Where that names
 * neither server, account nor file, the settings of the environment (environment.h) lie
 * between the two, and are the whole account if they name a server; a variable that is no
 * setting is warned of. `from_header` is the
 * address in the mail's From header, or NULL: with --read-envelope-from it is the sender.
 * The caller has zeroed the config, and frees it and the choice. Fails with CAUSE_USAGE,
 * CAUSE_NO_ACCOUNT, CAUSE_NO_CONFIG, or as config_load() does. */
bool choose_account(struct choice_made *made, const struct invocation *v,
    struct config *c, const char *from_header, struct outcome *o);

/* Settles the account's `from` and `domain`: patterns are replaced, and of a list the
 * first address remains. */
bool choose_sender(struct choice_made *made, const char *from_header, struct outcome *o);

/* All of it, and account_check(), for who knows the header, or needs none. */
bool choose(struct choice_made *made, const struct invocation *v, struct config *c,
    const char *from_header, struct outcome *o);

/* The repairs that the account's mail gets, a set of enum repair: as sendmail all of
 * them, unless the account says otherwise. */
unsigned repairs_wanted(const struct invocation *v, const struct account *a);

void choice_free(struct choice_made *made);

#endif
