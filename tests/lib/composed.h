/* SPDX-License-Identifier: ISC
 *
 * composed.h - a mail made ready to be sent: what every test of mail/compose.h needs
 */
#ifndef LIB_COMPOSED_H
#define LIB_COMPOSED_H

#include "mail/compose.h"

#define COMPOSED_NOW 1700000000 /* 14 November 2023, 22:13:20 UTC */

/* Changes nothing that it needn't; and what accounts have by default. */
extern const struct header_policy composed_plain;
extern const struct header_policy composed_usual;

struct composed {
	bool ok;
	struct header h;
	struct source source;
	struct buf text; /* of the source */
	unsigned repaired;
	struct outcome o;
};

/* From a file that holds `text`; a sender of NULL is none. */
void composed_make(struct composed *c, struct span text, const char *sender,
    const struct header_policy *policy);

/* From what can be read at `fd`, which stays open. */
void composed_read(struct composed *c, int fd, const struct envelope *e,
    const struct header_policy *policy);

void composed_free(struct composed *c);

/* For cmocka_run_group_tests(): dates are shown in UTC. */
int composed_in_utc(void **state);

#endif
