/* SPDX-License-Identifier: ISC
 *
 * route.h - recipients whose mail goes through other accounts
 *
 * The `route` lines of an account say who they are: the first that fits a recipient
 * counts, and the routes of the account that it names don't. A mail then goes in parts,
 * one for each account:
 *
 *	routes_split(&r, a, config, &envelope, &o)
 *	relay_send(r.v[i].account, &r.v[i].part.envelope, ...)	for each of them
 *	routes_join(&r, &envelope)
 *	routes_free(&r)
 */
#ifndef RELAY_ROUTE_H
#define RELAY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "conf/config.h"
#include "mail/envelope.h"
#include "relay/part.h"

struct route {
	struct account *account; /* of the config */
	struct part part;        /* with one recipient at least */
};

/* In the order in which their first recipients stand in the envelope. */
struct routes {
	struct route *v;
	size_t n;
};

/* The account that a recipient's mail goes through: `a` itself where no route fits. NULL
 * where the config has no account of the name that the route says: CAUSE_CONFIG. */
struct account *route_find(
    struct account *a, const struct config *c, const char *address, struct outcome *o);

/* The accounts that routes name: the next one in `left`, which begins as a->routes; owned
 * by the caller. NULL: there is none left. */
char *route_account(struct span *left);

/* Makes an account ready for what goes through it by a route. Fails as account_check()
 * and pattern_expand() do. */
bool route_ready(struct account *a, struct outcome *o);

/* The account for a notice to `address` about mail that went through `a`: the same; but
 * where a route led to that, which may be a server for some recipients only, the one that
 * has the route, preferably default, or to which its own routes lead. */
struct account *route_back(
    struct account *a, const struct config *c, const char *address);

/* Splits the envelope. Accounts other than `a` are made ready for use. Fails as
 * route_find(), account_check() and pattern_expand() do; *r is to be freed then, too. */
bool routes_split(struct routes *r, struct account *a, const struct config *c,
    const struct envelope *e, struct outcome *o);

/* Gives each recipient of the envelope the outcome that its part had. */
void routes_join(const struct routes *r, struct envelope *e);

void routes_free(struct routes *r);

#endif
