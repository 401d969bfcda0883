/* SPDX-License-Identifier: ISC
 *
 * agent.h - from what a queued mail says about its account to the account itself
 *
 * The files are read anew for each use: what was queued under a configuration goes out
 * under the one that is there by then.
 */
#ifndef QUEUE_AGENT_H
#define QUEUE_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "conf/config.h"
#include "queue/entry.h"

struct agent {
	struct config config;
	struct account *account; /* of the config */
	/* Of the files that were read, or looked for, and the one with the password: a
	 * number that is another one once any of them has changed. */
	uint64_t mark;
};

/* Whether mail with this ticket is ours to send. Who acts for another user sends nothing
 * but what was queued under the system's configuration: every other one could be the
 * user's, and would be read with more rights than theirs. */
bool agent_may(const struct ticket *t);

/* Finds the account under which a mail was queued. The agent is to be freed whether this
 * succeeds or not, and has its mark in any case. Fails as config_load(), or with
 * CAUSE_NO_ACCOUNT; of a configuration that another user may have written, with
 * CAUSE_CONFIG. */
bool agent_find(struct agent *r, const struct ticket *t, struct outcome *o);
void agent_free(struct agent *r);

#endif
