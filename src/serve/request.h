/* SPDX-License-Identifier: ISC
 *
 * request.h - one command line of a client (RFC 5321, 4.1.1)
 */
#ifndef SERVE_REQUEST_H
#define SERVE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "mail/envelope.h"

enum verb {
	VERB_UNKNOWN,
	VERB_EHLO,
	VERB_HELO,
	VERB_LHLO,
	VERB_MAIL,
	VERB_RCPT,
	VERB_DATA,
	VERB_BDAT,
	VERB_RSET,
	VERB_NOOP,
	VERB_HELP,
	VERB_VRFY,
	VERB_EXPN,
	VERB_STARTTLS,
	VERB_AUTH,
	VERB_QUIT,
	VERB_HTTP, /* a web browser that was led to our port */
	VERB_LAST
};

/* What is wrong with a command: which reply it gets. */
enum mistake {
	MISTAKE_NONE,
	MISTAKE_SYNTAX,    /* 501 5.5.4 */
	MISTAKE_SENDER,    /* 501 5.1.7: the address */
	MISTAKE_RECIPIENT, /* 501 5.1.3: the address */
	MISTAKE_PARAMETER, /* 555 5.5.4: one that nobody has offered */
	MISTAKE_UTF8       /* 553 5.6.7: UTF-8 in it, and no SMTPUTF8 */
};

/* Takes the verb, in any case, off the front of the line; the blanks around what follows
 * it are dropped. */
enum verb request_verb(struct span line, struct span *rest);

/* Behind MAIL: "FROM:<a@example.org> SIZE=1000". The angle brackets may be missing, and a
 * blank may stand before them: programs do that. */
struct mail_request {
	char *sender; /* as address.spec; owned */
	uint64_t size;
	bool is_8bit; /* BODY=8BITMIME */
	bool smtputf8;
	enum ret ret;
	char *envid;         /* decoded; owned, or NULL */
	struct span options; /* all that stands behind the address */
};

/* Fills *m, which request_free_mail() frees whatever comes of it. */
enum mistake request_mail(struct mail_request *m, struct span rest);
void request_free_mail(struct mail_request *m);

/* Behind RCPT: "TO:<b@example.org> NOTIFY=NEVER". The recipient's strings are owned, and
 * freed by request_free_rcpt(). */
struct rcpt_request {
	struct recipient to;
	struct span options;
};

enum mistake request_rcpt(struct rcpt_request *r, struct span rest, bool smtputf8);
void request_free_rcpt(struct rcpt_request *r);

/* Behind BDAT: "1000 LAST" (RFC 3030). */
enum mistake request_bdat(struct span rest, uint64_t *size, bool *last);

#endif
