/* SPDX-License-Identifier: ISC
 *
 * submit.h - what programs submit by SMTP: the same is done for it as for a mail that is
 * piped in
 *
 * A sink that stands before the one that the mail goes to in the end. The account, and
 * whether the sender may send, is settled at MAIL, and stays settled while the
 * sender does: so do its queue, and the session with its server. Local names become the
 * addresses that they stand for at RCPT, and the message is composed as mail/compose.h
 * has it.
 */
#ifndef CMD_SUBMIT_H
#define CMD_SUBMIT_H

#include "cmd/invocation.h"
#include "serve/sink.h"

struct submit;

/* The invocation is borrowed; its settings are laid over those of the account that each
 * sender has. So is `domain`: caller_domain(), or "". `submitter`, where it isn't NULL,
 * is the name of who is at the other end, as the queue keeps it when a message is there;
 * and messages get a Received header. */
struct submit *submit_new(
    const struct invocation *v, const char *domain, const char *submitter);
void submit_free(struct submit *s);

/* `self` is a struct submit *. */
extern const struct sink submit_sink;

#endif
