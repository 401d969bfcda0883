/* SPDX-License-Identifier: ISC */
#include "smtp/credentials.h"

#include "auth/mechanism.h"

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

void
credentials_blame(const struct password *password, struct outcome *o)
{
	const struct secret *s = &password->secret;
	const bool ends_blank = s->len > 0 && is_blank(s->data[s->len - 1]);

	if ((o->cause == CAUSE_AUTH_REFUSED || o->cause == CAUSE_AUTH_APP) &&
	    password->origin != NULL)
		(void)outcome_note(o, "the password came from %s, %zu bytes%s",
		    password->origin, s->len,
		    ends_blank ? ", with a blank at its end" : "");
}
