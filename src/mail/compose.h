/* SPDX-License-Identifier: ISC
 *
 * compose.h - from what was piped in to a message that can be sent (RFC 5322)
 *
 * Two steps, because the account, and with it what to do with the header, may depend on
 * the header itself: header_read(), then compose().
 */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include <stdbool.h>
#include <time.h>

#include "base/input.h"
#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/source.h"

enum set_header { SET_AUTO, SET_ON, SET_OFF };
enum set_to { TO_OFF, TO_ON, TO_UNDISCLOSED };
enum from_rewrite { REWRITE_OFF, REWRITE_AUTO, REWRITE_ALWAYS };

/* What is done for mails that their programs didn't make fit for the way. REPAIR_AUTO
 * stands in settings only: whoever is called by the name of sendmail repairs all. */
enum repair {
	REPAIR_AUTO = 1,
	REPAIR_MIME = 2,      /* say what the bytes of a body are; no line is too long */
	REPAIR_HEADERS = 4,   /* 8-bit text and lines that are too long, in headers */
	REPAIR_ADDRESSES = 8, /* local names get a domain */
	REPAIR_TRACE = 16,    /* what only who delivers may write is removed */
	REPAIR_ALL = REPAIR_MIME | REPAIR_HEADERS | REPAIR_ADDRESSES | REPAIR_TRACE
};

/* What was done. */
enum repaired {
	REPAIRED_BYTES = 1, /* NULs and lone CRs in the body: nobody has to ask for it */
	REPAIRED_LABELS = 2,
	REPAIRED_LINES = 4,         /* of the body: those that were too long */
	REPAIRED_TEXT = 8,          /* 8-bit text in headers */
	REPAIRED_LONG_HEADERS = 16, /* folded */
	REPAIRED_ADDRESSES = 32,
	REPAIRED_TRACE = 64,
	REPAIRED_NO_HEADER = 128, /* what looked like a header was none */
	REPAIRED_NOT_LINES = 256  /* lines are too long and stay so */
};

struct rewrite;

/* What to do with the header. Strings are borrowed; NULL is allowed where it says so. */
struct header_policy {
	int set_from;       /* SET_AUTO: where there is none; SET_ON: always */
	int set_date;       /* SET_AUTO or SET_OFF */
	int set_message_id; /* SET_AUTO or SET_OFF */
	int set_to;         /* enum set_to; but for TO_OFF, To, Cc and Bcc are replaced:
			     * by the recipients that aren't hidden, or by nobody */
	bool remove_bcc;    /* Bcc and Resent-Bcc */
	unsigned repair;    /* a set of enum repair */
	const struct rewrite *rewrite; /* of From; NULL: none */
	const char *full_name;         /* for a From header that is made; NULL: none */
	const char *domain;            /* where a domain is needed and there is none */
	const char *message_id_domain;
	const char *trace; /* whole lines that end with LF, to stand before all others;
			    * NULL: none */
	time_t now;
	void (*warn)(void *arg, const char *words); /* NULL: nobody listens */
	void *arg;
};

/* Writes the header, as the policy wants it, and the rest of the input as the body into
 * `source`, which the caller has initialised, and seals it. Line ends become CR LF, each
 * line for itself; a lone CR becomes a blank; NULs are dropped; a last line without an
 * end gets one. *repaired becomes a set of enum repaired. The source is complete only
 * when this returns true: at any error nothing may be sent. */
bool compose(struct source *source, struct header *h, struct input *body,
    const struct envelope *e, const struct header_policy *policy, unsigned *repaired,
    struct outcome *o);

#endif
