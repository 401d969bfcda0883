/* SPDX-License-Identifier: ISC
 *
 * serve.h - one client of ours, by the settings that begin with listen
 */
#ifndef CMD_SERVE_H
#define CMD_SERVE_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/choose.h"
#include "cmd/invocation.h"
#include "net/listen.h"
#include "serve/server.h"
#include "serve/usage.h"

struct submit;

struct server {
	const struct invocation *v;
	struct config known;  /* what is in the files: empty where they don't count */
	struct config config; /* the same, of which the choice is */
	struct choice_made choice;
	const struct account *account; /* whose listen settings count */
	char *domain;                  /* caller_domain(), or "" */
	struct tls_identity *identity; /* NULL: no TLS */
	struct users *users;           /* NULL: nobody signs in */
	struct usage usage;            /* what clients have sent of late */
	struct submit *submit;         /* NULL: nobody has been served */
};

/* Where root keeps what the server has made. */
#define SERVER_STATE_DIRECTORY "/var/lib/mailchute"

/* Reads the settings, and then what else has to be known before anybody is served;
 * server_init() does both. server_free() is for all of them. */
bool server_choose(struct server *s, const struct invocation *v, struct outcome *o);
bool server_equip(struct server *s, struct outcome *o);
bool server_init(struct server *s, const struct invocation *v, struct outcome *o);
void server_free(struct server *s);

/* What is in the files, as the server knows it: see struct invocation. NULL: they don't
 * count. */
const struct config *server_known(const struct server *s);

/* Whether it may listen there: mail from other machines must be wanted, and not from
 * anybody. CAUSE_CONFIG. */
bool server_may_listen(
    const struct server *s, const struct listeners *l, struct outcome *o);

/* What clients are told: the domain, or "localhost". */
const char *server_name(const struct server *s);

/* What the settings of an account say of every client. */
struct service service_by(const struct account *a);

/* Talks to a client until it leaves. */
void server_talk(struct server *s, const struct arrival *a);

#endif
