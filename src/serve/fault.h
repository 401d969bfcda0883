/* SPDX-License-Identifier: ISC
 *
 * fault.h - failures on purpose, for those who test how their programs take them
 *
 * A fault is written STAGE:WHAT or STAGE:WHAT:PERCENT%. STAGE is connect, hello, tls,
 * auth, mail, rcpt, data or message; WHAT is a reply code (4xx or 5xx), or drop, which
 * ends the connection without a word. Without a percentage, it happens each time. Numbers
 * that seem random come from a seed, so that a run can be repeated.
 *
 * Some recipients always fail, or take their time, by their local part: bounce (550),
 * tempfail (451), full (552), and slow-N, who is accepted after N seconds.
 */
#ifndef SERVE_FAULT_H
#define SERVE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "base/span.h"

struct fault {
	enum stage stage;
	int code;    /* 0: drop */
	int percent; /* 1..100 */
};

/* Fails with CAUSE_USAGE. */
bool fault_parse(struct fault *f, struct span text, struct outcome *o);

/* Whether it happens at this stage, and then what the client hears; *random is what the
 * seed has become. False and an outcome where it does. */
bool fault_spares(
    const struct fault *f, enum stage stage, uint64_t *random, struct outcome *o);

/* The same for recipients who always fail. Waits for the slow ones. */
bool fault_spares_recipient(const char *address, struct outcome *o);

#endif
