/* SPDX-License-Identifier: ISC
 *
 * channel.h - commands to, and replies from, a server: the line above the bytes
 */
#ifndef SMTP_CHANNEL_H
#define SMTP_CHANNEL_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/account.h"
#include "net/stream.h"
#include "smtp/reply.h"

/* Who wants to see the dialogue. Secrets never get here: they are starred before. */
struct observer {
	/* `who` is 'C' for us and 'S' for the server. */
	void (*said)(void *arg, char who, struct span line);
	/* Something that the user should know, and that doesn't stop the work. */
	void (*warn)(void *arg, const char *words);
	/* The dialogue has come to another stage. */
	void (*reached)(void *arg, enum stage stage);
	void *arg;
	bool curious; /* about the details of TLS, too */
};

struct channel {
	struct stream stream;
	const struct observer *observer; /* NULL: nobody */
	const struct timeouts *timeouts; /* borrowed; NULL: the usual ones */
	enum stage stage;                /* that observers know of */
	const char *server;              /* its name, borrowed; NULL: not known */
	struct reply reply;              /* the last one */
};

void channel_init(
    struct channel *c, const struct observer *observer, const struct timeouts *timeouts);
void channel_close(struct channel *c);

/* When a wait that begins now at this stage must end: by the channel's timeouts, else by
 * RFC 5321, 4.5.3.2. */
int64_t channel_deadline(const struct channel *c, enum stage stage);

/* The same for sending one block of the message. */
int64_t channel_block_deadline(const struct channel *c);

/* Puts one command into the stream: the verb as it is, which may end in a part of its
 * argument ("MAIL FROM:"), then the argument. A control character in it is CAUSE_ADDRESS,
 * and nothing is sent: so no address, name or setting can become a command. */
bool channel_command(struct channel *c, enum stage stage, const char *verb,
    struct span arg, struct outcome *o);

/* The same with an argument that is a secret; what observers see of it is "****". */
bool channel_secret(
    struct channel *c, const char *verb, struct span arg, struct outcome *o);

/* Sends what is in the stream, and reads the next reply. */
bool channel_reply(struct channel *c, enum stage stage, struct outcome *o);

/* For after a break: reads the next reply if it has arrived already. Nothing more can be
 * sent. */
bool channel_reply_at_hand(struct channel *c, enum stage stage);

/* Turns the last reply, which isn't a yes, into an outcome; returns false. One that isn't
 * a no either (a code below 400) is CAUSE_PROTOCOL. */
bool channel_refused(const struct channel *c, enum stage stage, struct outcome *o);

/* Command and reply, for where there is nothing to pipeline. */
bool channel_ask(struct channel *c, enum stage stage, const char *verb, struct span arg,
    struct outcome *o);

/* Tells observers that the dialogue has come to a stage, unless it is there already. */
void channel_stage(struct channel *c, enum stage stage);

void channel_warn(const struct channel *c, const char *words);

/* Shows observers something that isn't a line of the dialogue itself. */
void channel_note(const struct channel *c, char who, const char *words);

#endif
