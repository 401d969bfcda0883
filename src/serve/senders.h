/* SPDX-License-Identifier: ISC
 *
 * senders.h - who may send as whom, where the service knows who it is
 */
#ifndef SERVE_SENDERS_H
#define SERVE_SENDERS_H

#include <stdbool.h>

#include "base/outcome.h"
#include "mail/local.h"
#include "serve/sink.h"

/* The numbers of users that are people, or others of a directory, and not services. */
#define SENDERS_PERSON_MIN 1000
#define SENDERS_SERVICE_MIN 60001
#define SENDERS_SERVICE_MAX 65535

/* The name by which the visitor is counted: "ops" for who has signed in, "uid 1000", or
 * the address of the machine. */
#define SENDERS_NAME_MAX 128
void visitor_name(const struct visitor *v, char name[SENDERS_NAME_MAX]);

/* Whether the visitor may send as this address ("": as nobody, which anyone may). Root
 * may send as anyone.
 *
 * `rules` has lines "WHO PATTERNS". WHO is a list of login names, numbers of users and
 * names of those who sign in, or *; PATTERNS a list as sender.h has it, in which %U is
 * the visitor's own name, and `default` what holds without rules. All lines that are
 * about the visitor count, and one that fits is enough.
 *
 * For a visitor that no line is about, this holds: who comes through a unix socket may
 * not send under the name of another person of this machine. Fails with CAUSE_NOT_YOURS;
 * its words have the line that would let them, and that takes nothing from them. */
bool senders_allow(const char *rules, const struct local *local, const struct visitor *v,
    const char *sender, struct outcome *o);

#endif
