/* SPDX-License-Identifier: ISC
 *
 * fault.h - failures on purpose, for those who test how their programs take them
 *
 * A fault is written STAGE:WHAT or STAGE:WHAT:WHEN.
 *
 *	STAGE
 *	connect, hello, tls, auth, mail, rcpt, data, message
 *
 *	WHAT
 *	CODE		4xx or 5xx is the reply; 421 ends the session
 *	drop		the connection ends without a word
 *	delay:TIME	the reply takes so long: 2s, 300ms or 1m
 *	slow:BYTES	from now on, no more is read in a second: 500 or 10k
 *
 *	WHEN
 *	N%		so often
 *	first:N		so many times in all, and then never again
 *	after:N		not the first so many times of a session
 *	over:N/s	where it would be more than that; also N/m and N/h
 *
 * Where several WHENs are given, it happens when all of them are true; without any, it
 * happens each time. Numbers that seem random come from a seed, so that a run can be
 * repeated.
 *
 * Some recipients say by their local part what happens to them: bounce (550), tempfail
 * (451), full (552), fail-CODE, drop, and slow-N, who is accepted after N seconds; they
 * do so at RCPT. late-CODE is refused once the message has come.
 */
#ifndef SERVE_FAULT_H
#define SERVE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "base/span.h"
#include "serve/sink.h"

enum fault_kind { FAULT_REPLY, FAULT_DROP, FAULT_DELAY, FAULT_SLOW };

/* 0 stands for a WHEN that isn't given. */
struct fault {
	struct span text; /* as it was written */
	enum stage stage;
	enum fault_kind kind;
	int code;         /* of FAULT_REPLY */
	int milliseconds; /* of FAULT_DELAY */
	int bytes;        /* of FAULT_SLOW, in a second */
	int percent;
	int first;
	int after;
	int most; /* in each `period`, which is in milliseconds */
	int period;
};

/* What is remembered of one, by all sessions. */
struct fault_memory {
	int times;     /* it has happened */
	int64_t since; /* when the period began */
	int reached;   /* in this period */
};

/* Borrows the text. Fails with CAUSE_USAGE. */
bool fault_parse(struct fault *f, struct span text, struct outcome *o);

/* Whether it happens now that a client has reached its stage, for the *reached-th time in
 * its session, this one included; *random is what the seed has become. */
bool fault_happens(
    const struct fault *f, int reached, struct fault_memory *m, uint64_t *random);

/* What it does: true where the client goes on, in the manner that it says; else the
 * outcome is what it hears. */
bool fault_spares(const struct fault *f, struct manner *m, struct outcome *o);

/* The same for recipients who say so: at RCPT, where the slow ones take their time, and
 * behind the message. */
bool fault_spares_recipient(const char *address, struct outcome *o);
bool fault_spares_late(const char *address, struct outcome *o);

#endif
