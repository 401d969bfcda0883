/* SPDX-License-Identifier: ISC
 *
 * test_users.c - who may sign in to us: our own client is the other side
 */
#include "lib/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "auth/auth.h"
#include "auth/users.h"
#include "auth/verify.h"
#include "base/mem.h"
#include "lib/sample.h"

#define MESSAGE_MAX 4096

/* Whether the client gets in. */
static bool
sign_in(const struct users *u, const char *method, const char *user, const char *password)
{
	struct secret secret = { 0 };
	const struct auth_request request = {
		.user = user, .password = &secret, .service = "smtp", .host = "mx.test"
	};
	enum verified verified = VERIFY_MORE;
	struct buf said, challenge;
	struct outcome o;
	struct auth client;
	struct verify *server = verify_begin(u, method, "mx.test", &o);
	bool ok = server != NULL;

	secret_set(&secret, span_of(password));
	buf_init(&said, MESSAGE_MAX);
	buf_init(&challenge, MESSAGE_MAX);
	ok = ok && auth_begin(&client, mechanism_find(span_of(method)), &request, &o);
	/* LOGIN begins with a question */
	if (ok && strcmp(method, "LOGIN") != 0)
		ok = auth_step(&client, span_of(""), &said, &o);
	while (ok && (verified = verify_step(server, buf_span(&said), &challenge)) ==
			 VERIFY_MORE) {
		buf_clear(&said);
		ok = auth_step(&client, buf_span(&challenge), &said, &o);
		buf_clear(&challenge);
	}
	if (ok && verified == VERIFY_RIGHT)
		check_text(method, verify_user(server), user);
	auth_end(&client);
	verify_end(server);
	buf_free(&said);
	buf_free(&challenge);
	secret_free(&secret);
	return ok && verified == VERIFY_RIGHT;
}

TEST(only_the_right_password_of_a_user_that_there_is_lets_in)
{
	static const struct {
		const char *user, *password;
		bool right;
	} cases[] = {
		{ "ops", "sw0rd fish", true },
		{ "ops", "sw0rd", false },
		{ "ops", "sw0rd fish ", false },
		{ "hanako", "a:b", true },
		{ "hanako", "a", false },
		{ "nobody", "", false },
		{ "empty", "", false },
		{ "blank", "", false },
		{ "", "x", false },
		{ "# off", "x", false },
		{ "op", "sw0rd fish", false },
		{ "OPS", "sw0rd fish", false },
		{ "windows", "cr", true },
	};
	static const char *const methods[] = { "PLAIN", "LOGIN", "SCRAM-SHA-256" };
	char *directory = sample_directory();
	char *path = sample_write(directory, "users",
	    "ops:sw0rd fish\n\n# off:x\nhanako:a:b\nempty:\nblank:{PLAIN}\n:x\nno "
	    "colon\nwindows:cr\r\n",
	    0600);
	struct outcome o;
	struct users *u = users_open(path, &o);

	check("users", u != NULL);
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t k = 0; k < COUNT(methods); k++)
			check(cases[i].user, sign_in(u, methods[k], cases[i].user,
						 cases[i].password) == cases[i].right);
	users_free(u);
	free(path);
	sample_directory_end(directory);
}

/* All of the password "sw0rd fish". */
#define SCRAM                                                                            \
	"{SCRAM-SHA-256}4096,MDEyMzQ1Njc4OWFiY2RlZg==,"                                  \
	"9L9RfFxANACCr63DSTqjjCdBcaQjOanalp5EyldzvhQ=,"                                  \
	"AMrtQiNKuYkWZoJ+XEhBF66R/GhdXHLT8KjGf3sqbzg="
#define SHA512                                                                           \
	"$6$rounds=1000$saltsalt$hPLWTGtQ9mbKoH2HhSJbAsaneGQwNy7.jYRuBL/"                \
	"Iwmh76Mbp4q3HcVVHvMD1j9Ol.B2zy9e7WEenWLhYzDUiT."
#define BCRYPT "$2b$04$abcdefghijklmnopqrstuuaK/1cMdr1j8L/hFRnKCM/cXumtGl7i6"
#define YESCRYPT "$y$j75$saltsaltsalt$cSNBETvXtKsKzXRHPFzb2.ll/L9JPDVenEerjGQC4b1"

static struct users *
users_with(const char *text, struct outcome *o)
{
	char *directory = sample_directory();
	char *path = sample_write(directory, "users", text, 0600);
	struct users *u = users_open(path, o);

	free(path);
	sample_directory_end(directory);
	return u;
}

TEST(a_password_may_be_kept_as_a_hash_or_as_keys)
{
	static const struct {
		const char *kept;
		bool plain, scram; /* whether the right password gets in by these */
	} cases[] = {
		{ "{PLAIN}sw0rd fish", true, true },
		{ SCRAM, true, true },
		{ SHA512, true, false },
		{ SHA512 ":19000:0:99999:7:::", true, false },
		{ "{CRYPT}" BCRYPT, true, false },
		{ YESCRYPT, true, false },
		{ "!" SHA512, false, false },
		{ "*", false, false },
		{ "$6$", false, false },
		{ "$6$x", false, false },
		{ "$2b$09$nonsense", false, false },
		{ "{SCRAM-SHA-256}4096,&,&,&", false, false },
	};
	struct outcome o;

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[600];
		struct users *u;

		(void)snprintf(text, sizeof text, "hanako:x\nops:%s\n", cases[i].kept);
		u = users_with(text, &o);
		check(cases[i].kept, u != NULL);
		check(cases[i].kept,
		    sign_in(u, "PLAIN", "ops", "sw0rd fish") == cases[i].plain);
		check(cases[i].kept,
		    sign_in(u, "LOGIN", "ops", "sw0rd fish") == cases[i].plain);
		check(cases[i].kept,
		    sign_in(u, "SCRAM-SHA-256", "ops", "sw0rd fish") == cases[i].scram);
		check(cases[i].kept, !sign_in(u, "PLAIN", "ops", "sw0rd fis"));
		check(cases[i].kept, !sign_in(u, "PLAIN", "ops", cases[i].kept));
		check(cases[i].kept, !sign_in(u, "SCRAM-SHA-256", "ops", "sw0rd fis"));
		check(cases[i].kept, !sign_in(u, "PLAIN", "nobody", "sw0rd fish"));
		check("another", sign_in(u, "PLAIN", "hanako", "x"));
		users_free(u);
	}
}

TEST(scram_is_offered_where_all_can_use_it)
{
	static const struct {
		const char *text, *all, *bare;
	} cases[] = {
		{ "ops:x\nweb:" SCRAM "\n", "PLAIN LOGIN SCRAM-SHA-256",
		    "SCRAM-SHA-256" },
		{ "ops:x\nold:!" SHA512 "\n", "PLAIN LOGIN SCRAM-SHA-256",
		    "SCRAM-SHA-256" },
		{ "ops:x\nweb:" SHA512 "\n", "PLAIN LOGIN", NULL },
	};
	struct outcome o;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct users *u = users_with(cases[i].text, &o);

		check_text(cases[i].text, users_methods(u, false), cases[i].all);
		if (cases[i].bare == NULL)
			check(cases[i].text, users_methods(u, true) == NULL);
		else
			check_text(cases[i].text, users_methods(u, true), cases[i].bare);
		users_free(u);
	}
}

/* What SCRAM says of this name: "salt,i=iterations". The caller frees it. */
static char *
shown_of(const struct users *u, const char *name)
{
	char first[100];
	struct outcome o;
	struct verify *v = verify_begin(u, "SCRAM-SHA-256", "mx.test", &o);
	struct buf challenge;
	char *salt;

	(void)snprintf(first, sizeof first, "n,,n=%s,r=abcdefgh", name);
	buf_init(&challenge, MESSAGE_MAX);
	assert_non_null(v);
	check_int(name, verify_step(v, span_of(first), &challenge), VERIFY_MORE);
	verify_end(v);
	salt = strstr(challenge.data, ",s=");
	assert_non_null(salt);
	salt = mem_dup(salt + 3);
	buf_free(&challenge);
	return salt;
}

static void
check_shown(const struct users *u, const char *name, const char *like, bool same)
{
	char *shown = shown_of(u, name);

	check(shown, (strcmp(shown, like) == 0) == same);
	check_int(name, (long)strlen(shown), (long)strlen(like));
	check_text(name, strrchr(shown, ','), strrchr(like, ','));
	free(shown);
}

TEST(who_is_not_there_is_shown_the_same_each_time_as_who_is)
{
	static const struct {
		const char *text;
		const char *absent, *there;
	} cases[] = {
		{ "ops:" SCRAM "\n", "nobody", "ops" },
		{ "ops:" SCRAM "\nroot:*\n", "root", "ops" },
		{ "web:x\nops:" SCRAM "\n", "nobody", "web" },
		{ "web:x\n", "nobody", "web" },
	};
	struct outcome o;

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *directory = sample_directory();
		char *file = mem_printf("%s/salts", directory);
		struct users *u = users_with(cases[i].text, &o);
		char *absent, *there;

		users_keep_secret(u, file);
		absent = shown_of(u, cases[i].absent);
		there = shown_of(u, cases[i].there);
		check_shown(u, cases[i].absent, absent, true);
		check_shown(u, cases[i].absent, there, false);
		check_shown(u, cases[i].there, there, true);
		check_shown(u, "another", absent, false);
		check("out", !sign_in(u, "SCRAM-SHA-256", cases[i].absent, "sw0rd fish"));
		users_free(u);

		/* when the service starts anew, and where it can keep no secret */
		u = users_with(cases[i].text, &o);
		users_keep_secret(u, file);
		check_shown(u, cases[i].absent, absent, true);
		check_shown(u, cases[i].there, there, true);
		users_keep_secret(u, NULL);
		check_shown(u, cases[i].absent, absent, false);
		users_free(u);

		/* or others may know the secret */
		assert_int_equal(chmod(file, 0640), 0);
		u = users_with(cases[i].text, &o);
		users_keep_secret(u, file);
		check_shown(u, cases[i].absent, absent, false);
		users_free(u);
		free(absent);
		free(there);
		free(file);
		sample_directory_end(directory);
	}
}

/* Of our processor, in clock(3)'s units. */
static clock_t
time_of(const struct users *u, const char *user)
{
	clock_t before = clock();

	check(user, !sign_in(u, "PLAIN", user, "wrong"));
	return clock() - before;
}

TEST(a_password_for_nobody_takes_as_long_as_a_wrong_one)
{
	static const char *const kept[] = {
		"{SCRAM-SHA-256}200000,MDEyMzQ1Njc4OWFiY2RlZg==,eA==,eA==",
		"$6$rounds=100000$saltsalt$x",
	};
	static const char *const others[] = { "nobody", "locked", "plain" };
	struct outcome o;

	for (size_t i = 0; i < COUNT(kept); i++) {
		char text[200];
		struct users *u;
		clock_t wrong;

		(void)snprintf(text, sizeof text, "plain:x\nlocked:*\nops:%s\n", kept[i]);
		u = users_with(text, &o);
		assert_non_null(u);
		wrong = time_of(u, "ops");
		for (size_t k = 0; k < COUNT(others); k++)
			check(others[k], time_of(u, others[k]) > wrong / 4);
		users_free(u);
	}
}

TEST(a_password_that_is_kept_in_another_way_is_told_with_its_user_alone)
{
	struct outcome o;

	check("users", users_with("ops:x\nweb:{SSHA}c2VjcmV0\n", &o) == NULL);
	check_int("cause", o.cause, CAUSE_CONFIG);
	check("user", strstr(o.text, "the password of web is kept as {SSHA}") != NULL);
	check("secret", strstr(o.text, "c2VjcmV0") == NULL);
}

TEST(a_password_that_would_keep_the_machine_busy_is_told_with_its_user_alone)
{
	struct outcome o;

	check("users", users_with("ops:x\nweb:$6$rounds=999999999$secret\n", &o) == NULL);
	check_int("cause", o.cause, CAUSE_CONFIG);
	check("user", strstr(o.text, "the password of web is kept as a $6$") != NULL);
	check("secret", strstr(o.text, "secret") == NULL);
}

TEST(a_file_that_others_can_read_or_nobody_is_not_used)
{
	char *directory = sample_directory();
	char *path = sample_write(directory, "users", "ops:x\n", 0640);
	struct outcome o;

	check("exposed", users_open(path, &o) == NULL);
	check_int("exposed", o.cause, CAUSE_EXPOSED);
	check("none", users_open("/nowhere/users", &o) == NULL);
	check_int("none", o.cause, CAUSE_FILE);
	free(path);
	sample_directory_end(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_right_password_of_a_user_that_there_is_lets_in),
		cmocka_unit_test(a_password_may_be_kept_as_a_hash_or_as_keys),
		cmocka_unit_test(scram_is_offered_where_all_can_use_it),
		cmocka_unit_test(who_is_not_there_is_shown_the_same_each_time_as_who_is),
		cmocka_unit_test(a_password_for_nobody_takes_as_long_as_a_wrong_one),
		cmocka_unit_test(
		    a_password_that_is_kept_in_another_way_is_told_with_its_user_alone),
		cmocka_unit_test(
		    a_password_that_would_keep_the_machine_busy_is_told_with_its_user_alone),
		cmocka_unit_test(a_file_that_others_can_read_or_nobody_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
