/* SPDX-License-Identifier: ISC
 *
 * submit.h - what programs submit by SMTP: the same is done for it as for a mail that is
 * piped in
 *
 * A sink that stands before the one that the mail goes to in the end. The account, and
 * whether the sender may send, is settled at MAIL, and stays settled while the
 * sender does, if the next client sends as the same one, too: so does its queue, and, for
 * the same client, the session with its server. Local names become the addresses that
 * they stand for at RCPT, and the message is composed as mail/compose.h has it.
 */
#ifndef CMD_SUBMIT_H
#define CMD_SUBMIT_H

#include "cmd/invocation.h"
#include "serve/sink.h"

struct submit;

/* The invocation is borrowed; its settings are laid over those of the account that each
 * sender has. So is `domain`: caller_domain(), or "". NULL may be freed. */
struct submit *submit_new(const struct invocation *v, const char *domain);
void submit_free(struct submit *s);

/* Before and after the session of a client of a server, who is none of those before.
 * `submitter` is the name of who is at the other end, as the queue keeps it, once a
 * sender is named, and `machine` an address, or NULL: see struct invocation. Both are
 * borrowed until then. Messages get a Received header. */
void submit_meet(struct submit *s, const char *submitter, const char *machine);
void submit_leave(struct submit *s);

/* `self` is a struct submit *. */
extern const struct sink submit_sink;

#endif
