/* SPDX-License-Identifier: ISC */
#include "smtp/credentials.h"

#include <stdio.h>
#include <string.h>

#include "auth/mechanism.h"
#include "conf/option.h"

#define PLACE_MAX 200

/* A token has a PIN, which is the account's password, where one is set for this. */
static bool
needs_pin(const struct account *a)
{
	const struct tls_settings *t = &a->tls_settings;

	return a->tls && t->key_file != NULL && tls_is_token(t->key_file) &&
	       (secret_given(&a->password) || a->passwordeval != NULL ||
		   a->password_file != NULL);
}

static bool
get(const struct account *a, const struct observer *observer, struct password *password,
    struct outcome *o)
{
	if (secret_given(&password->secret) && !password->of_host)
		return true;
	password_free(password);
	if (!password_get(a, password, o))
		return false;
	if (password->warning != NULL && observer != NULL)
		observer->warn(observer->arg, password->warning);
	return true;
}

bool
credentials_for_tls(const struct account *a, const struct observer *observer,
    struct password *password, struct outcome *o)
{
	return !needs_pin(a) || get(a, observer, password, o);
}

bool
credentials_get(const struct account *a, const struct observer *observer,
    struct password *password, struct outcome *o)
{
	return !(needs_pin(a) || mechanism_needs_password(a)) ||
	       get(a, observer, password, o);
}

/* What such a password seldom has, and gets where it is written down. */
static const char *
oddity(struct span s)
{
	const char first = s.n >= 2 ? s.p[0] : '\0';

	if (s.n > 0 && is_blank(s.p[s.n - 1]))
		return ", with a blank at its end";
	if ((first == '"' || first == '\'') && s.p[s.n - 1] == first)
		return ", with quotes around it, which count";
	if (memmem(s.p, s.n, " #", 2) != NULL)
		return ", with \" #\" in it, which begins no comment there";
	return "";
}

void
credentials_blame(
    const struct account *a, const struct password *password, struct outcome *o)
{
	static const char first[] =
	    "check that password first, then user; many providers want an app password "
	    "here, one made for programs";
	const struct span secret =
	    span_bytes(password->secret.data, password->secret.len);
	const struct origin user = option_origin(a, option_find(span_of("user")));
	char place[PLACE_MAX] = "";

	if ((o->cause != CAUSE_AUTH_REFUSED && o->cause != CAUSE_AUTH_APP) ||
	    password->origin == NULL)
		return;
	if (user.line > 0)
		(void)snprintf(
		    place, sizeof place, "; user is from %s:%d", user.file, user.line);
	(void)outcome_note(o, "the password came from %s, %zu bytes%s%s",
	    password->origin, secret.n, secret.n > 0 ? oddity(secret) : "", place);
	if (o->cause == CAUSE_AUTH_REFUSED && o->hint == NULL)
		outcome_refine(o, o->cause, o->sentence, first);
}

bool
credentials_open(struct session *s, const struct account *a, struct password *password,
    const struct observer *observer, struct outcome *o)
{
	if (!credentials_get(a, observer, password, o))
		return false;
	if (session_open(s, a, &password->secret, observer, o))
		return true;
	credentials_blame(a, password, o);
	session_close(s, o->code != 0);
	return false;
}

bool
credentials_open_first(struct session *s, struct account *a, struct password *password,
    const struct observer *observer, struct outcome *o)
{
	struct hosts hosts;
	bool ok;

	hosts_begin(&hosts, a);
	do {
		hosts_next(&hosts, a);
		ok = credentials_open(s, a, password, observer, o);
	} while (!ok && hosts_left(&hosts) && session_may_move_on(o));
	hosts_end(&hosts);
	return ok;
}
