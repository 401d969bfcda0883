/* SPDX-License-Identifier: ISC
 *
 * envelope.h - from whom, to whom, and what became of each (RFC 5321, 2.3.1)
 */
#ifndef MAIL_ENVELOPE_H
#define MAIL_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "base/span.h"

/* When a sender wants a delivery notice: RFC 3461, 4.1. */
enum notify {
	NOTIFY_UNSET = 0,
	NOTIFY_NEVER = 1,
	NOTIFY_SUCCESS = 2,
	NOTIFY_FAILURE = 4,
	NOTIFY_DELAY = 8
};

/* What of the message a notice carries: RFC 3461, 4.3. */
enum ret { RET_UNSET, RET_HDRS, RET_FULL };

struct recipient {
	char *address;   /* as address.spec; owned */
	char *orcpt;     /* what the sender wrote, where that differs; owned, or NULL */
	bool hidden;     /* nobody else may learn of them: Bcc */
	unsigned notify; /* a set of enum notify; NOTIFY_UNSET: as the envelope has it */
	struct outcome outcome; /* set once the mail was tried */
};

/* The zero value is an empty envelope with the null sender. */
struct envelope {
	char *sender; /* as address.spec; NULL and "" are the null sender; owned */
	struct recipient *rcpt;
	size_t n;
	void *known;     /* the recipients in a search tree, for finding doubles */
	unsigned notify; /* a set of enum notify, for every recipient */
	enum ret ret;
	char *envid;      /* RFC 3461, 4.4; owned, or NULL */
	bool only_wished; /* notices: a server that has none gets the mail all the same */
};

void envelope_free(struct envelope *e);

/* Makes `e`, which is uninitialised, an envelope without recipients, with the sender and
 * the wishes of another. */
void envelope_init_as(struct envelope *e, const struct envelope *like);

void envelope_set_sender(struct envelope *e, const char *spec);

/* Adds a recipient, unless it is there already: local parts are compared byte by byte,
 * domains without regard to case. The null address is no recipient and is dropped. Who
 * is added once openly isn't hidden. */
void envelope_add(struct envelope *e, const char *spec);

/* The same for one of whom the others may not learn. */
void envelope_add_hidden(struct envelope *e, const char *spec);

/* The same for one whom the sender calls by another name: it is that name that notices
 * will tell of, and it says whether they are hidden. */
void envelope_add_for(struct envelope *e, const char *spec, const struct recipient *name);

/* The same for one that came with its wishes: the strings, notify and hidden are copied.
 * Returns where it stands among the recipients. */
size_t envelope_add_wish(struct envelope *e, const struct recipient *wish);

/* Whether it would not be added, being there already. */
bool envelope_has(const struct envelope *e, const char *spec);

/* The one that it would be; NULL: there is none. Good until another one is added. */
const struct recipient *envelope_find(const struct envelope *e, const char *spec);

/* Adds every address in `text`; CAUSE_ADDRESS as address_list_parse(). */
bool envelope_add_list(struct envelope *e, struct span text, struct outcome *o);

/* Gives a domain to the sender and to the recipients that have none: "root" becomes
 * root@DOMAIN. Who is there already under that name isn't added again. */
void envelope_qualify(struct envelope *e, const char *domain);

/* Moves all recipients of `from`, with their outcomes, behind those of `e`. */
void envelope_append(struct envelope *e, struct envelope *from);

/* Gives the same outcome to every recipient. */
void envelope_settle(struct envelope *e, const struct outcome *o);

/* How many recipients are taken care of: accepted, or kept in the queue. */
size_t envelope_accepted(const struct envelope *e);

#endif
