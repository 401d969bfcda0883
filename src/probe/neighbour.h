/* SPDX-License-Identifier: ISC
 *
 * neighbour.h - would another port or TLS mode of the same server do?
 */
#ifndef PROBE_NEIGHBOUR_H
#define PROBE_NEIGHBOUR_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/account.h"

struct neighbour {
	int port;
	bool tls;
	bool starttls; /* else, with tls, from the start */
};

/* After the account's way has failed with `why`: tries the usual others, each for at most
 * two seconds and without signing in, and returns whether one answers as it should. Where
 * the failure isn't about the way, nothing is tried. Whose certificate it is isn't looked
 * at: this is for finding out only. */
bool neighbour_find(
    const struct account *a, const struct outcome *why, struct neighbour *found);

/* The same, for people: adds a note to `why`. */
void neighbour_note(const struct account *a, struct outcome *why);

/* "with STARTTLS" */
const char *neighbour_mode(const struct neighbour *n);

#endif
