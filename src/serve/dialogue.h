/* SPDX-License-Identifier: ISC
 *
 * dialogue.h - what the files of the session share, and nobody else
 */
#ifndef SERVE_DIALOGUE_H
#define SERVE_DIALOGUE_H

#include "serve/client.h"
#include "serve/intake.h"
#include "serve/server.h"

struct dialogue {
	const struct service *service;
	struct serve_limits limits; /* with the usual values filled in */
	struct visitor *visitor;
	struct client client;
	int fd;                      /* under the stream; -1: none */
	bool (*rests)(bool resting); /* see server.h */
	char *hello;
	char *user;
	int errors;
	int chatter;    /* see struct serve_limits */
	int guesses;    /* recipients that were refused one behind the other */
	size_t refused; /* the same since the last message */
	size_t messages;
	bool over; /* goodbye was said, or need not be */

	/* The message on its way in. */
	bool is_open; /* MAIL was accepted */
	struct posting posting;
	size_t *rcpt; /* the recipient that each accepted RCPT named: LMTP has an answer
		       * for each */
	size_t n_rcpt;
	bool chunked; /* BDAT has begun */
	struct source source;
	struct intake intake;
};

/* Around a wait for the client: whether the session is to end. While a message is on its
 * way, it isn't asked. */
bool dialogue_rests(const struct dialogue *d, bool resting);

/* The next line of the client. False: it has been told why there is none, or is gone, and
 * the session may be over. */
bool dialogue_hear(struct dialogue *d, struct span *line, bool is_secret);

/* Says it. Refusals for good count as errors, and after too many the session ends. */
void dialogue_say(struct dialogue *d, int code, const char *status, const char *text);

/* Says 421, and ends the session. */
void dialogue_goodbye(struct dialogue *d, const char *status, const char *text);

/* Says what the outcome comes to. What the sink itself has decided (STAGE_LOCAL) may end
 * the session: see sink.h. */
void dialogue_refuse(struct dialogue *d, const struct outcome *o);

/* The same for a recipient: that some of a list don't exist is no error of the client.
 * Who guesses addresses hears 421 in the end. */
void dialogue_refuse_recipient(struct dialogue *d, const struct outcome *o);

/* Whether the sink lets this stage be. */
bool dialogue_asks(struct dialogue *d, enum stage stage, struct outcome *o);

/* The same; where not, the client has been told. */
bool dialogue_permits(struct dialogue *d, enum stage stage);

/* The commands, each with what stood behind its verb. */
void dialogue_mail(struct dialogue *d, struct span rest);
void dialogue_rcpt(struct dialogue *d, struct span rest);
void dialogue_data(struct dialogue *d, struct span rest);
void dialogue_bdat(struct dialogue *d, struct span rest);

/* TLS before the first word. */
void dialogue_encrypt(struct dialogue *d);
void dialogue_starttls(struct dialogue *d, struct span rest);
void dialogue_auth(struct dialogue *d, struct span rest);

/* The methods of AUTH that are offered now, with blanks between; NULL: none. */
const char *dialogue_methods(const struct dialogue *d);

/* Gives up the message that is on its way in, if there is one. */
void dialogue_reset(struct dialogue *d);

#endif
