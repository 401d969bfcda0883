/* SPDX-License-Identifier: ISC
 *
 * check.h - the doctor: everything that a mail of this account needs, one after the other
 *
 * The session is the one that a mail gets, so what is found is what a mail would meet.
 * Nothing is sent: after the recipient, the transaction is given up (RSET).
 */
#ifndef PROBE_CHECK_H
#define PROBE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "conf/account.h"
#include "conf/config.h"
#include "smtp/channel.h"

enum finding_state { FINDING_OK, FINDING_INFO, FINDING_WARN, FINDING_FAIL };

struct finding {
	enum finding_state state;
	const char *what; /* "tls": a word, constant */
	char *text;       /* printable */
	int ms;           /* how long it took; -1: that says nothing */
};

#define CHECK_SECONDS_MAX 60

struct checkup {
	const char *recipient; /* to ask the server for; NULL: none; borrowed */
	const struct observer *observer;
	struct finding *v; /* out, owned */
	size_t n;
	struct outcome why;       /* the first failure; CAUSE_NONE: all is well */
	const struct account *of; /* the account that it is of, of the config */
	int seconds;              /* for all of it; 0: CHECK_SECONDS_MAX */
	int64_t deadline;         /* of all of it */
};

/* Looks into everything, with short deadlines and CHECK_SECONDS_MAX for all of it, and
 * stops at the first thing without which the rest can't be. Of a list of hosts, the first
 * that a mail would go to is looked at as a whole; of those behind it, and of the
 * accounts that routes name, whether they can be used. Returns whether a mail would be
 * taken. `c` is zeroed but for recipient, observer and seconds. */
bool checkup_run(struct checkup *c, const struct config *config, struct account *a);
void checkup_free(struct checkup *c);

/* The word for people and programs: "ok", "info", "warn", "FAIL". */
const char *finding_word(enum finding_state state);

#endif
