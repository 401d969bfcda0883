/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <ctype.h>

#include "auth/mechanism.h"
#include "conf/option.h"

static struct account *
account_with(const char *auth, const char *user)
{
	const struct origin here = { "test", 1, true };
	struct account *a = account_new("test");
	struct outcome o;

	assert_true(option_set(
	    a, option_find(span_of("auth")), span_of(auth), here, CAUSE_CONFIG, &o));
	if (user != NULL)
		assert_true(option_set(a, option_find(span_of("user")), span_of(user),
		    here, CAUSE_CONFIG, &o));
	return a;
}

TEST(a_password_is_needed_where_the_method_may_want_one)
{
	static const struct {
		const char *auth;
		bool needed;
	} cases[] = {
		{ "off", false },
		{ "on", true },
		{ "plain", true },
		{ "scram-sha-256", true },
		{ "ntlm", true },
		{ "oauthbearer", true },
		{ "external", false },
		{ "gssapi", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_with(cases[i].auth, NULL);

		check_int(cases[i].auth, mechanism_needs_password(a), cases[i].needed);
		account_free(a);
	}
}

#define ALL                                                                              \
	"PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM GSSAPI EXTERNAL OAUTHBEARER XOAUTH2 "      \
	"SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS"

#define NONE TLS_BINDING_NONE
#define UNIQUE TLS_BINDING_UNIQUE
#define EXPORTER TLS_BINDING_EXPORTER

TEST(the_method_follows_from_offer_channel_and_account)
{
	static const struct {
		const char *auth, *offered;
		bool tls;
		enum tls_binding binding;
		const char *chosen; /* NULL: none, because of */
		enum cause cause;
	} cases[] = {
		/* Any: the strongest that is offered and fits the channel */
		{ "on", ALL, true, EXPORTER, "SCRAM-SHA-256-PLUS", CAUSE_NONE },
		{ "on", ALL, true, UNIQUE, "SCRAM-SHA-256-PLUS", CAUSE_NONE },
		{ "on", ALL, true, NONE, "SCRAM-SHA-256", CAUSE_NONE },
		{ "on", ALL, false, NONE, "SCRAM-SHA-256", CAUSE_NONE },
		{ "on", "SCRAM-SHA-1-PLUS SCRAM-SHA-256", true, EXPORTER,
		    "SCRAM-SHA-1-PLUS", CAUSE_NONE },
		{ "on", "SCRAM-SHA-1 SCRAM-SHA-256", true, NONE, "SCRAM-SHA-256",
		    CAUSE_NONE },
		{ "on", "SCRAM-SHA-1 PLAIN", true, NONE, "SCRAM-SHA-1", CAUSE_NONE },
		{ "on", "SCRAM-SHA-1 PLAIN", false, NONE, "SCRAM-SHA-1", CAUSE_NONE },
		{ "on", "LOGIN PLAIN", true, NONE, "PLAIN", CAUSE_NONE },
		{ "on", "LOGIN", true, NONE, "LOGIN", CAUSE_NONE },
		{ "on", "CRAM-MD5 PLAIN", true, NONE, "PLAIN", CAUSE_NONE },
		{ "on", "DIGEST-MD5 CRAM-MD5", true, NONE, "CRAM-MD5", CAUSE_NONE },
		{ "on", "DIGEST-MD5", true, NONE, "DIGEST-MD5", CAUSE_NONE },
		{ "on", "plain", true, NONE, "PLAIN", CAUSE_NONE },

		/* Any, and nothing fits */
		{ "on", "PLAIN LOGIN", false, NONE, NULL, CAUSE_AUTH_CLEAR },
		{ "on", "PLAIN CRAM-MD5", false, NONE, NULL, CAUSE_AUTH_CLEAR },
		{ "on", "DIGEST-MD5", false, NONE, NULL, CAUSE_AUTH_CLEAR },
		{ "on", "", true, NONE, NULL, CAUSE_AUTH_METHOD },
		{ "on", "SCRAM-SHA-256-PLUS", true, NONE, NULL, CAUSE_AUTH_METHOD },
		{ "on", "SCRAM-SHA-256-PLUS", false, NONE, NULL, CAUSE_AUTH_METHOD },
		{ "on", "NTLM GSSAPI EXTERNAL", true, EXPORTER, NULL, CAUSE_AUTH_METHOD },
		{ "on", "XOAUTH2 OAUTHBEARER", true, EXPORTER, NULL, CAUSE_AUTH_METHOD },
		{ "on", "XPLAIN PLAINX SCRAM-SHA-2", true, NONE, NULL,
		    CAUSE_AUTH_METHOD },

		/* The one that the account names, on any channel */
		{ "plain", ALL, true, EXPORTER, "PLAIN", CAUSE_NONE },
		{ "plain", "PLAIN", false, NONE, "PLAIN", CAUSE_NONE },
		{ "login", "PLAIN LOGIN", false, NONE, "LOGIN", CAUSE_NONE },
		{ "cram-md5", "CRAM-MD5", false, NONE, "CRAM-MD5", CAUSE_NONE },
		{ "digest-md5", ALL, false, NONE, "DIGEST-MD5", CAUSE_NONE },
		{ "ntlm", ALL, true, NONE, "NTLM", CAUSE_NONE },
		{ "gssapi", ALL, true, NONE, "GSSAPI", CAUSE_NONE },
		{ "external", ALL, true, NONE, "EXTERNAL", CAUSE_NONE },
		{ "oauthbearer", ALL, true, NONE, "OAUTHBEARER", CAUSE_NONE },
		{ "xoauth2", ALL, true, NONE, "XOAUTH2", CAUSE_NONE },
		{ "scram-sha-1", ALL, true, EXPORTER, "SCRAM-SHA-1", CAUSE_NONE },
		{ "scram-sha-256", ALL, true, EXPORTER, "SCRAM-SHA-256", CAUSE_NONE },
		{ "scram-sha-256-plus", ALL, true, UNIQUE, "SCRAM-SHA-256-PLUS",
		    CAUSE_NONE },
		{ "plain", "LOGIN", true, NONE, NULL, CAUSE_AUTH_METHOD },
		{ "plain", "", true, NONE, NULL, CAUSE_AUTH_METHOD },
		{ "scram-sha-1", "SCRAM-SHA-1-PLUS", true, EXPORTER, NULL,
		    CAUSE_AUTH_METHOD },
		{ "scram-sha-256-plus", ALL, true, NONE, NULL, CAUSE_AUTH_METHOD },
		{ "scram-sha-1-plus", ALL, false, NONE, NULL, CAUSE_AUTH_METHOD },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_with(cases[i].auth, "joe");
		const struct mechanism_choice choice = { cases[i].offered, cases[i].tls,
			cases[i].binding, true };
		const struct mechanism *m = NULL;
		struct outcome o;
		char label[200];
		bool ok;

		(void)snprintf(label, sizeof label, "%s of %s, tls %d, binding %d",
		    cases[i].auth, cases[i].offered, cases[i].tls, (int)cases[i].binding);
		ok = mechanism_choose(a, &choice, &m, &o);
		check_int(label, ok, cases[i].chosen != NULL);
		if (ok)
			check_text(label, m->name, cases[i].chosen);
		else
			check_int(label, o.cause, cases[i].cause);
		account_free(a);
	}
}

TEST(a_method_gets_the_settings_that_it_needs_or_says_which)
{
	static const struct {
		const char *auth, *user;
		bool password, ok;
		const char *words;
	} cases[] = {
		{ "plain", "joe", true, true, NULL },
		{ "plain", NULL, true, false, "user" },
		{ "plain", "joe", false, false, "password" },
		{ "on", NULL, true, false, "user" },
		{ "on", "joe", false, false, "password" },
		{ "xoauth2", NULL, true, false, "user" },
		{ "xoauth2", "joe", false, false, "password" },
		{ "oauthbearer", NULL, true, true, NULL },
		{ "oauthbearer", "joe", false, false, "password" },
		{ "external", NULL, false, true, NULL },
		{ "gssapi", "joe", false, true, NULL },
		{ "gssapi", NULL, false, true, NULL },
		{ "ntlm", "joe", false, false, "password" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_with(cases[i].auth, cases[i].user);
		const struct mechanism_choice choice = { ALL, true, NONE,
			cases[i].password };
		const struct mechanism *m;
		struct outcome o;
		bool ok;

		ok = mechanism_choose(a, &choice, &m, &o);
		check_int(cases[i].auth, ok, cases[i].ok);
		if (!ok) {
			check_int(cases[i].auth, o.cause, CAUSE_AUTH_SETTING);
			check_part(cases[i].auth, o.text, cases[i].words);
		}
		account_free(a);
	}
}

static const struct mechanism *
row_of(const char *name)
{
	for (const struct mechanism *m = mechanisms; m->name != NULL; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

TEST(every_word_of_the_setting_is_a_method_and_every_method_has_a_word)
{
	const struct option_row *auth = option_find(span_of("auth"));
	size_t words = 0, methods = 0;

	for (const struct choice *c = auth->choices; c->word != NULL; c++) {
		struct account *a;

		if (c->value < AUTH_METHOD)
			continue;
		a = account_with(c->word, NULL);
		check_text(c->word, account_auth_method(a), c->shown);
		check(c->word, row_of(c->shown) != NULL);
		check(c->word, mechanism_named(a) == row_of(c->shown));
		for (size_t i = 0; c->word[i] != '\0'; i++)
			check_int(
			    c->word, toupper((unsigned char)c->word[i]), c->shown[i]);
		account_free(a);
		words++;
	}
	for (const struct mechanism *m = mechanisms; m->name != NULL; m++)
		methods++;
	assert_int_equal(words, methods);
}

TEST(off_and_on_name_no_method)
{
	static const char *const words[] = { "off", "on" };

	for (size_t i = 0; i < COUNT(words); i++) {
		struct account *a = account_with(words[i], "joe");

		assert_null(mechanism_named(a));
		assert_null(account_auth_method(a));
		account_free(a);
	}
}

TEST(what_reveals_a_secret_is_never_chosen_without_tls)
{
	for (const struct mechanism *m = mechanisms; m->name != NULL; m++)
		if ((m->flags & MECHANISM_REVEALS) != 0)
			check(m->name, (m->flags & MECHANISM_BARE) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_is_needed_where_the_method_may_want_one),
		cmocka_unit_test(the_method_follows_from_offer_channel_and_account),
		cmocka_unit_test(a_method_gets_the_settings_that_it_needs_or_says_which),
		cmocka_unit_test(
		    every_word_of_the_setting_is_a_method_and_every_method_has_a_word),
		cmocka_unit_test(off_and_on_name_no_method),
		cmocka_unit_test(what_reveals_a_secret_is_never_chosen_without_tls),
	};

	return cmocka_run_group_tests_name("mechanism", tests, NULL, NULL);
}
