/* SPDX-License-Identifier: ISC */
#include "cmd/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/caller.h"
#include "conf/option.h"
#include "conf/pattern.h"
#include "conf/slip.h"
#include "mail/address.h"
#include "mail/sender.h"

#define LIKELY_SENDER "me@example.org"

static bool
set_sender(struct envelope *e, struct span text, struct outcome *o)
{
	struct address sender;
	bool is_daemon;

	if (!address_parse(&sender, text, o))
		return false;
	/* as msmtp has it */
	is_daemon = span_is_nocase(span_of(sender.spec), "MAILER-DAEMON");
	envelope_set_sender(e, is_daemon ? "" : sender.spec);
	address_free(&sender);
	return true;
}

/* Says where it stands, if that is in a file, and what to write there. */
static bool
complain_of_sender(const struct account *a, struct outcome *o)
{
	const struct option_row *row = option_find(span_of("from"));
	const struct origin from = option_origin(a, row);
	struct slip slip;
	char *line;

	if (from.line == 0)
		return false;
	if (slip_find(span_of(a->from), &slip))
		(void)outcome_place(o, "%s", slip.words);
	else
		slip.meant = span_of(LIKELY_SENDER);
	(void)outcome_place(o, "%s:%d: from", from.file, from.line);
	line = span_dup(slip.meant);
	outcome_refine(o, o->cause, NULL, "in place of that line, write:");
	(void)outcome_offer(o, "from", line);
	free(line);
	return false;
}

/* The sender as text, with the mail domain where it has none and should have one. */
static bool
set_given(const struct choice_made *made, struct envelope *e, struct outcome *o)
{
	const struct account *a = made->account;
	char *full;

	if (!set_sender(e, span_of(a->from), o))
		return complain_of_sender(a, o);
	if (!made->as_sendmail || a->maildomain == NULL || *e->sender == '\0' ||
	    address_domain(e->sender) != NULL)
		return true;
	full = mem_printf("%s@%s", e->sender, a->maildomain);
	envelope_set_sender(e, full);
	free(full);
	return true;
}

static bool
sender_from_login(const struct choice_made *made, struct envelope *e, struct outcome *o)
{
	const struct account *a = made->account;
	char *login = made->as_sendmail ? caller_login() : pattern_user();
	struct buf spec;
	bool ok;

	buf_init(&spec, ADDRESS_MAX);
	address_add_local(&spec, span_of(login));
	buf_printf(&spec, "@%s", a->maildomain);
	ok = buf_ok(&spec) ? set_sender(e, buf_span(&spec), o)
			   : outcome_fail(o, CAUSE_CONFIG, "maildomain is too long");
	buf_free(&spec);
	free(login);
	return ok;
}

/* Who signs in with an address most often sends as that. */
static bool
complain_of_none(const struct account *a, struct outcome *o)
{
	const bool is_known = a->user != NULL && address_domain(a->user) != NULL;

	(void)account_complain(a, NULL,
	    "the sender's address is missing (envelope-from): set from, or use -f", o);
	outcome_refine(
	    o, o->cause, NULL, "in that account, write the address to send as, such as:");
	return outcome_offer(o, "from", is_known ? a->user : LIKELY_SENDER);
}

static bool
settle_sender(const struct choice_made *made, struct envelope *e, struct outcome *o)
{
	const struct account *a = made->account;

	if (made->is_pattern)
		return outcome_fail(o, CAUSE_CONFIG,
		    "which sender? from has patterns only (%s): use -f", a->from);
	if (a->from != NULL)
		return set_given(made, e, o);
	if (a->maildomain != NULL)
		return sender_from_login(made, e, o);
	return complain_of_none(a, o);
}

/* The first address that the account has of its own; the sender where it has none. */
static bool
settle_own(struct identity *i, const struct choice_made *made, const struct envelope *e,
    struct outcome *o)
{
	char *first = made->own != NULL ? sender_first(made->own) : NULL;
	struct address own = { 0 };
	bool ok = address_parse(&own, span_of(first != NULL ? first : e->sender), o);

	if (ok)
		i->own = mem_dup(own.spec);
	if (ok && *i->own == '\0')
		ok = outcome_fail(o, CAUSE_CONFIG,
		    "from_rewrite knows no address of the account: set from");
	address_free(&own);
	free(first);
	return ok;
}

/* The account's own sender may stay in any case; so may what a list of its own has. */
static void
rewrite_sender(struct identity *i, const struct choice_made *made, struct envelope *e)
{
	if (made->sender != NULL && rewrite_wanted(&i->rewrite, e->sender))
		envelope_set_sender(e, i->own);
}

bool
identity_settle(struct identity *i, const struct choice_made *made, struct envelope *e,
    struct outcome *o)
{
	const struct account *a = made->account;

	*i = (struct identity){ .own = NULL };
	here_init(&i->here, a);
	if (!settle_sender(made, e, o))
		return false;
	if (a->from_rewrite == REWRITE_OFF)
		return true;
	if (!settle_own(i, made, e, o))
		return false;
	i->rewrite = (struct rewrite){
		.when = a->from_rewrite,
		.from = i->own,
		.own = made->own,
		.allow = a->from_allow,
		.local = &i->here.local,
	};
	rewrite_sender(i, made, e);
	return true;
}

void
identity_free(struct identity *i)
{
	free(i->own);
	*i = (struct identity){ .own = NULL };
}

const struct rewrite *
identity_rewrite(const struct identity *i)
{
	return i->own != NULL ? &i->rewrite : NULL;
}
