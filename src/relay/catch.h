/* SPDX-License-Identifier: ISC
 *
 * catch.h - mail that is not sent but shown, or put where somebody looks at it
 *
 * For those who write programs that send mail. What the settings catch_to and
 * catch_format say:
 *
 *	-		standard output, in the format: frame, python, raw, summary
 *			or json
 *	maildir:DIR	a file in DIR/new, which is made where there is none
 *	mbox:FILE	appended, lines that begin with "From " get a '>' in front
 *			(mboxrd)
 *	eml:DIR		a file in DIR whose name ends with ".eml"
 *	json:FILE	appended, an object on a line
 *
 * Lines end with LF. Files have more headers, which tell the envelope: X-Peer,
 * X-MailFrom and X-RcptTo, and X-User where somebody has signed in. Each mail is written
 * at once, and nothing waits for the disk: who catches mail can do without it.
 */
#ifndef RELAY_CATCH_H
#define RELAY_CATCH_H

#include <stdbool.h>

#include "base/buf.h"
#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/source.h"

#define CATCH_MAX (512 * 1024 * 1024) /* bytes of a mail */

/* What else is known of who has sent a mail. Strings are borrowed; NULL: nothing. */
struct caught_from {
	const char *peer;         /* the address of the client, if it is a network's */
	const char *user;         /* whom it has signed in as */
	const char *options;      /* the parameters of MAIL, with blanks between */
	const char *rcpt_options; /* those of the last RCPT */
};

/* A mail that was caught. */
struct caught {
	const struct envelope *envelope;
	struct source *message;
	struct caught_from from;
	struct header header;
};

/* Reads the header of the message. Fails as source_next(). */
bool caught_init(struct caught *c, const struct envelope *e, struct source *m,
    const struct caught_from *from, struct outcome *o);
void caught_free(struct caught *c);

/* Makes the place where mail is to be put, so that one that can't be had is known before
 * there is a mail; CAUSE_CATCH. */
bool catch_prepare(const struct account *a, struct outcome *o);

/* Puts it where the account says; CAUSE_CATCH. */
bool catch_put(const struct account *a, struct caught *c, struct outcome *o);

/* The same for an account whose protocol is catch: every recipient gets their outcome. */
void catch_mail(const struct account *a, struct envelope *e, struct source *m);

/* How it looks, for those who write it: each appends the whole, lines that end with LF.
 */
bool catch_show_frame(struct buf *out, struct caught *c, struct outcome *o);
bool catch_show_python(struct buf *out, struct caught *c, struct outcome *o);
bool catch_show_raw(struct buf *out, struct caught *c, struct outcome *o);
bool catch_show_summary(struct buf *out, struct caught *c, struct outcome *o);
bool catch_show_json(struct buf *out, struct caught *c, struct outcome *o);
bool catch_show_file(struct buf *out, struct caught *c, struct outcome *o);
bool catch_show_mbox(struct buf *out, struct caught *c, struct outcome *o);

#endif
