/* SPDX-License-Identifier: ISC
 *
 * others.c - the doctor's look at servers that may be asked, too: of hosts behind the
 * first, and of accounts that routes name. Whether they can be used is all that counts.
 */
#include "probe/checkup.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/set.h"
#include "relay/route.h"
#include "smtp/credentials.h"
#include "smtp/session.h"

static bool
try_session(struct checkup *c, struct account *a, struct password *password, int *ms,
    struct outcome *o)
{
	const int64_t start = clock_now();
	struct session s;
	bool ok;

	checkup_hurry(c, a);
	if (!credentials_get(a, c->observer, password, o))
		return false;
	ok = session_open(&s, a, &password->secret, c->observer, o);
	if (!ok)
		credentials_blame(a, password, o);
	session_close(&s, ok || o->code != 0);
	*ms = (int)(clock_now() - start);
	return ok;
}

void
checkup_spare(struct checkup *c, struct account *a, struct password *password)
{
	struct outcome o;
	struct buf words;
	int ms = -1;

	if (clock_left(c->deadline) <= 0) {
		checkup_add(c, FINDING_WARN, "spare", -1,
		    "%s was not looked at: all the time is gone", a->host);
		return;
	}
	if (try_session(c, a, password, &ms, &o)) {
		checkup_add(c, FINDING_OK, "spare", ms, "%s can be used, too", a->host);
		return;
	}
	buf_init(&words, sizeof o);
	outcome_words(&o, NULL, &words);
	checkup_add(c, FINDING_WARN, "spare", ms, "%s: %s [%s]", a->host, words.data,
	    outcome_name(&o));
	buf_free(&words);
}

/* The first host that can be used. */
static bool
try_account(struct checkup *c, struct account *a, int *ms, struct outcome *o)
{
	struct password password = { 0 };
	struct hosts hosts;
	bool ok;

	hosts_begin(&hosts, a);
	do {
		hosts_next(&hosts, a);
		ok = try_session(c, a, &password, ms, o);
	} while (!ok && hosts_left(&hosts) && session_may_move_on(o));
	hosts_end(&hosts);
	password_free(&password);
	return ok;
}

static void
look_at_route(struct checkup *c, const struct config *config, const char *name)
{
	struct outcome o;
	struct account *a = config_account(config, name, &o);
	int ms = -1;

	if (a == NULL || !route_ready(a, &o)) {
		(void)checkup_fail(c, a, "route", &o);
	} else if (a->protocol == PROTOCOL_CATCH) {
		checkup_add(
		    c, FINDING_INFO, "route", -1, "account %s catches mail", name);
	} else if (clock_left(c->deadline) <= 0) {
		checkup_add(c, FINDING_WARN, "route", -1,
		    "account %s was not looked at: all the time is gone", name);
	} else if (try_account(c, a, &ms, &o)) {
		checkup_add(c, FINDING_OK, "route", ms, "account %s can be used", name);
	} else {
		(void)outcome_note(&o, "it is of account %s, which a route names", name);
		(void)checkup_fail(c, a, "route", &o);
	}
}

void
checkup_routes(struct checkup *c, const struct config *config, const struct account *a)
{
	struct span left = span_of(a->routes != NULL ? a->routes : "");
	struct set seen = { NULL };
	char *name;

	(void)set_add(&seen, a->name);
	while ((name = route_account(&left)) != NULL) {
		if (set_add(&seen, name))
			look_at_route(c, config, name);
		free(name);
	}
	set_free(&seen);
}
