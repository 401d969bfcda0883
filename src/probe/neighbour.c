/* SPDX-License-Identifier: ISC */
#include "probe/neighbour.h"

#include "smtp/session.h"

#define WAIT_S 2
#define SAME 0 /* the account's own port */

/* In the order in which people should prefer them. */
static const struct neighbour ways[] = {
	{ SAME, true, false },
	{ SAME, true, true },
	{ 465, true, false },
	{ 587, true, true },
};

static bool
answers(const struct account *a, const struct neighbour *way)
{
	const struct secret none = { NULL, 0 };
	struct account other = *a; /* what it points to stays that of `a` */
	struct outcome ignored;
	struct session s;
	bool ok;

	other.port = way->port;
	other.tls = way->tls;
	other.starttls = way->starttls;
	other.timeouts = (struct timeouts){ .any = WAIT_S };
	other.tls_settings = (struct tls_settings){ .check = false };
	ok = session_reach(&s, &other, &none, NULL, &ignored);
	session_close(&s, ok);
	return ok;
}

/* Whether the failure may be one of port or TLS mode. */
static bool
is_about_way(const struct outcome *why)
{
	static const enum cause causes[] = { CAUSE_CONNECT, CAUSE_PORT25, CAUSE_TIMEOUT,
		CAUSE_HANGUP, CAUSE_PROTOCOL, CAUSE_NOT_SMTP, CAUSE_TLS_STARTTLS,
		CAUSE_TLS_IMPLICIT, CAUSE_TLS_NONE, CAUSE_TLS_FAILED, CAUSE_AUTH_NONE };

	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
		if (why->cause == causes[i])
			return why->stage < STAGE_MAIL;
	return false;
}

static bool
is_worth_trying(
    const struct account *a, const struct outcome *why, const struct neighbour *way)
{
	const bool same_mode =
	    way->tls == a->tls && (!way->tls || way->starttls == a->starttls);

	if (way->port != SAME)
		return way->port != account_port(a);
	return why->stage > STAGE_CONNECT && !same_mode;
}

bool
neighbour_find(
    const struct account *a, const struct outcome *why, struct neighbour *found)
{
	if (a->socket != NULL || !is_about_way(why))
		return false;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		*found = ways[i];
		if (found->port == SAME)
			found->port = account_port(a);
		if (is_worth_trying(a, why, &ways[i]) && answers(a, found))
			return true;
	}
	return false;
}

const char *
neighbour_mode(const struct neighbour *n)
{
	return !n->tls ? "in plain text" : n->starttls ? "with STARTTLS" : "with TLS";
}

void
neighbour_note(const struct account *a, struct outcome *why)
{
	struct neighbour found;

	if (neighbour_find(a, why, &found))
		(void)outcome_note(
		    why, "it answers on port %d, %s", found.port, neighbour_mode(&found));
}
