/* SPDX-License-Identifier: ISC */
#include "mail/made.h"

#include <string.h>

#include "mail/named.h"
#include "mail/rewrite.h"
#include "mail/stamp.h"
#include "mail/word.h"

#define MADE_MAX (8 * HEADER_MAX)
#define LINE_MAX 78 /* RFC 5322, 2.1.1 */
#define WORDS_MAX 1024

static void
add_from(struct buf *out, const char *sender, const struct header_policy *policy)
{
	bool named = policy->full_name != NULL && *policy->full_name != '\0';

	buf_puts(out, "From: ");
	if (named) {
		word_add_name(out, span_of(policy->full_name));
		buf_puts(out, " <");
	}
	if (sender != NULL && *sender != '\0')
		buf_puts(out, sender);
	else if (policy->rewrite != NULL && policy->rewrite->when == REWRITE_ALWAYS)
		buf_puts(out, policy->rewrite->from);
	else
		buf_printf(out, "MAILER-DAEMON@%s", policy->domain);
	buf_puts(out, named ? ">\n" : "\n");
}

static void
add_date(struct buf *out, const char *name, time_t now)
{
	buf_printf(out, "%s: ", name);
	stamp_add_date(out, now);
	buf_addc(out, '\n');
}

static bool
add_message_id(struct buf *out, const char *name, const char *domain, struct outcome *o)
{
	bool ok;

	buf_printf(out, "%s: ", name);
	ok = stamp_add_id(out, domain, name, o);
	buf_addc(out, '\n');
	return ok;
}

/* Each on the line of the one before, while there is room. */
static void
add_open_recipients(struct buf *out, const struct envelope *e)
{
	size_t line = out->len, before = out->len;

	for (size_t i = 0; i < e->n; i++) {
		const char *address = e->rcpt[i].address;

		if (e->rcpt[i].hidden)
			continue;
		if (out->len == before) {
			buf_printf(out, "To: %s", address);
		} else if (out->len - line + strlen(address) + 3 <= LINE_MAX) {
			buf_printf(out, ", %s", address);
		} else {
			buf_puts(out, ",\n ");
			line = out->len - 1;
			buf_puts(out, address);
		}
	}
	buf_puts(out, out->len > before ? "\n" : "To: undisclosed-recipients:;\n");
}

static void
settle_to(struct header *h, const struct envelope *e, const struct header_policy *policy,
    struct buf *added)
{
	if (policy->set_to == TO_OFF)
		return;
	header_remove(h, "To");
	header_remove(h, "Cc");
	header_remove(h, "Bcc");
	if (policy->set_to == TO_ON)
		add_open_recipients(added, e);
	else
		buf_puts(added, "To: undisclosed-recipients:;\n");
}

/* With SET_ON, what stands in From doesn't count anyway. */
static bool
rewrite_from(struct header *h, const struct header_policy *policy, struct buf *added)
{
	struct buf odd;
	bool done;

	if (policy->rewrite == NULL || policy->set_from == SET_ON)
		return false;
	buf_init(&odd, WORDS_MAX);
	done = rewrite_header(h, policy->rewrite, added, &odd);
	if (odd.len > 0 && policy->warn != NULL)
		policy->warn(policy->arg, odd.data);
	buf_free(&odd);
	return done;
}

static bool
is_missing(const struct header *h, const char *name, int set)
{
	return set == SET_ON || (set == SET_AUTO && !header_has(h, name));
}

/* Takes out what must not be sent, and puts into `added` what is missing. */
static bool
settle_header(struct header *h, const struct envelope *e,
    const struct header_policy *policy, struct buf *added, struct outcome *o)
{
	if (policy->remove_bcc) {
		header_remove(h, "Bcc");
		header_remove(h, "Resent-Bcc");
	}
	if (!rewrite_from(h, policy, added) && is_missing(h, "From", policy->set_from)) {
		header_remove(h, "From");
		add_from(added, e->sender, policy);
	}
	settle_to(h, e, policy, added);
	if (is_missing(h, "Date", policy->set_date)) {
		header_remove(h, "Date");
		add_date(added, "Date", policy->now);
	}
	if (is_missing(h, "Message-ID", policy->set_message_id)) {
		header_remove(h, "Message-ID");
		return add_message_id(added, "Message-ID", policy->message_id_domain, o);
	}
	return true;
}

static bool
is_in_block(const struct header *h, size_t start, size_t end, const char *name)
{
	size_t i = start;

	return header_find(h, name, &i) && i < end;
}

/* What a block of Resent- fields lacks (RFC 5322, 3.6.6) goes in front of it: *start is
 * its first field. */
static bool
settle_resent(const struct header *h, const struct header_policy *policy, size_t *start,
    struct buf *added, struct outcome *o)
{
	size_t end;

	*start = 0;
	if ((policy->repair & REPAIR_HEADERS) == 0 ||
	    !header_resent_block(h, start, &end))
		return true;
	if (policy->set_date == SET_AUTO && !is_in_block(h, *start, end, "Resent-Date"))
		add_date(added, "Resent-Date", policy->now);
	if (policy->set_message_id == SET_OFF ||
	    is_in_block(h, *start, end, "Resent-Message-ID"))
		return true;
	return add_message_id(added, "Resent-Message-ID", policy->message_id_domain, o);
}

void
made_init(struct made *m)
{
	*m = (struct made){ .at = 0 };
	buf_init(&m->added, MADE_MAX);
	buf_init(&m->resent, MADE_MAX);
}

void
made_free(struct made *m)
{
	buf_free(&m->added);
	buf_free(&m->resent);
}

bool
made_fill(struct made *m, struct header *h, const struct envelope *e,
    const struct header_policy *policy, struct outcome *o)
{
	if (!settle_header(h, e, policy, &m->added, o) ||
	    !settle_resent(h, policy, &m->at, &m->resent, o))
		return false;
	return buf_ok(&m->added) || made_too_long(o);
}

bool
made_too_long(struct outcome *o)
{
	return outcome_fail(o, CAUSE_MESSAGE,
	    "what has to be added to its header is longer than %d MB",
	    MADE_MAX / 1024 / 1024);
}
