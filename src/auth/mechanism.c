/* SPDX-License-Identifier: ISC */
#include "auth/mechanism.h"

#include <string.h>

#include "auth/kind.h"
#include "base/span.h"

#define BOTH (MECHANISM_USER | MECHANISM_PASSWORD)
#define SCRAM (BOTH | MECHANISM_FIRST | MECHANISM_SCRAM | MECHANISM_AUTO)

/* The MD5 ones come last: under TLS they protect nothing that TLS doesn't, and they make
 * the server keep the password itself. */
const struct mechanism mechanisms[] = {
	{ "SCRAM-SHA-256-PLUS", &auth_kind_sasl, SCRAM | MECHANISM_BINDS },
	{ "SCRAM-SHA-1-PLUS", &auth_kind_sasl, SCRAM | MECHANISM_BINDS },
	{ "SCRAM-SHA-256", &auth_kind_sasl, SCRAM | MECHANISM_BARE },
	{ "SCRAM-SHA-1", &auth_kind_sasl, SCRAM | MECHANISM_BARE },
	{ "PLAIN", &auth_kind_plain,
	    BOTH | MECHANISM_FIRST | MECHANISM_REVEALS | MECHANISM_AUTO },
	{ "LOGIN", &auth_kind_sasl, BOTH | MECHANISM_REVEALS | MECHANISM_AUTO },
	{ "CRAM-MD5", &auth_kind_sasl, BOTH | MECHANISM_AUTO },
	{ "DIGEST-MD5", &auth_kind_sasl, BOTH | MECHANISM_AUTO },
	{ "NTLM", &auth_kind_sasl, BOTH | MECHANISM_FIRST },
	{ "GSSAPI", &auth_kind_sasl, MECHANISM_FIRST },
	{ "EXTERNAL", &auth_kind_sasl, MECHANISM_FIRST },
	{ "OAUTHBEARER", &auth_kind_oauth,
	    MECHANISM_PASSWORD | MECHANISM_FIRST | MECHANISM_REVEALS },
	{ "XOAUTH2", &auth_kind_oauth, BOTH | MECHANISM_FIRST | MECHANISM_REVEALS },
	{ NULL, NULL, 0 },
};

const struct mechanism *
mechanism_find(struct span name)
{
	for (const struct mechanism *m = mechanisms; m->name != NULL; m++)
		if (span_is_nocase(name, m->name))
			return m;
	return NULL;
}

const struct mechanism *
mechanism_named(const struct account *a)
{
	const char *name = account_auth_method(a);

	return name != NULL ? mechanism_find(span_of(name)) : NULL;
}

bool
mechanism_needs_password(const struct account *a)
{
	const struct mechanism *m = mechanism_named(a);

	if (a->auth == AUTH_OFF)
		return false;
	return m == NULL || (m->flags & MECHANISM_PASSWORD) != 0;
}

static bool
is_offered(const struct mechanism *m, const char *offered)
{
	struct span list = span_of(offered), name;

	while (span_cut(&list, ' ', &name))
		if (span_is_nocase(name, m->name))
			return true;
	return false;
}

static bool
can_bind(const struct mechanism *m, enum tls_binding binding)
{
	return (m->flags & MECHANISM_BINDS) == 0 || binding != TLS_BINDING_NONE;
}

static bool
has_settings(const struct account *a, const struct mechanism *m, bool has_password,
    struct outcome *o)
{
	if ((m->flags & MECHANISM_USER) != 0 && a->user == NULL)
		return outcome_fail(o, CAUSE_AUTH_SETTING,
		    "authentication method %s needs a user name: the setting user",
		    m->name);
	if ((m->flags & MECHANISM_PASSWORD) != 0 && !has_password)
		return outcome_fail(o, CAUSE_AUTH_SETTING,
		    "authentication method %s needs a password: the setting passwordeval "
		    "or password",
		    m->name);
	return true;
}

static bool
check_named(
    const struct mechanism *m, const struct mechanism_choice *c, struct outcome *o)
{
	if (!is_offered(m, c->offered))
		return outcome_fail(o, CAUSE_AUTH_METHOD,
		    "the account says %s, and the server offers %s", m->name, c->offered);
	if (!can_bind(m, c->binding))
		return outcome_fail(o, CAUSE_AUTH_METHOD,
		    "%s binds the sign-in to the TLS session, and this connection has no "
		    "such binding",
		    m->name);
	return true;
}

bool
mechanism_choose(const struct account *a, const struct mechanism_choice *c,
    const struct mechanism **chosen, struct outcome *o)
{
	const struct mechanism *m = mechanism_named(a);
	bool only_clear = false;

	*chosen = m;
	if (m != NULL)
		return check_named(m, c, o) && has_settings(a, m, c->has_password, o);
	for (m = mechanisms; m->name != NULL; m++) {
		if ((m->flags & MECHANISM_AUTO) == 0 || !is_offered(m, c->offered) ||
		    !can_bind(m, c->binding))
			continue;
		*chosen = m;
		if (c->encrypted || (m->flags & MECHANISM_BARE) != 0)
			return has_settings(a, m, c->has_password, o);
		only_clear = true;
	}
	return outcome_fail(o, only_clear ? CAUSE_AUTH_CLEAR : CAUSE_AUTH_METHOD,
	    "the server offers %s", c->offered);
}
