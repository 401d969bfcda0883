/* SPDX-License-Identifier: ISC
 *
 * delivery.h - one message handed to a server that is a text: what every test of
 * smtp/batch.h needs
 */
#ifndef LIB_DELIVERY_H
#define LIB_DELIVERY_H

#include "lib/script.h"
#include "smtp/batch.h"

/* The message that is sent unless a test has its own. */
#define DELIVERY_MESSAGE "Subject: x\r\n\r\nhello\r\n"

struct delivery_setting {
	const char *caps;       /* the text of the reply to EHLO */
	const char *sender;     /* NULL: s@x */
	const char *recipients; /* NULL: a@x, b@x */
	const char *message;    /* NULL: DELIVERY_MESSAGE */
	bool lmtp;
	bool more_follows; /* not the last message: no QUIT */
	enum script_end end;
};

struct delivery {
	struct script script;
	struct channel channel;
	struct caps caps;
	struct batch b;
	struct envelope e;
	struct source m;
	struct outcome o;
	bool ok;
};

/* Makes all ready; the caller may still change envelope and peer. */
void delivery_prepare(struct delivery *d, const struct delivery_setting *s,
    const struct script_step *steps, size_t n);

/* Hands the message over. */
void delivery_go(struct delivery *d);

/* The two together, for who has nothing to change. */
void delivery_run(struct delivery *d, const struct delivery_setting *s,
    const struct script_step *steps, size_t n);

/* As delivery_prepare() and delivery_run(), against a server that says all this at once,
 * but for what stands behind its 354: that waits for the end of the message. */
void delivery_prepare_said(
    struct delivery *d, const struct delivery_setting *s, const char *says);
void delivery_said(
    struct delivery *d, const struct delivery_setting *s, const char *says);

/* Goes back to the beginning with another peer, and the envelope as it is. */
void delivery_again(struct delivery *d, const char *says);

void delivery_end(struct delivery *d);

#endif
