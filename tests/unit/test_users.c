/* SPDX-License-Identifier: ISC
 *
 * test_users.c - who may sign in to us: our own client is the other side
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "auth/auth.h"
#include "auth/users.h"
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
		{ "# off", "x", false },
		{ "op", "sw0rd fish", false },
		{ "OPS", "sw0rd fish", false },
		{ "windows", "cr", true },
	};
	static const char *const methods[] = { "PLAIN", "LOGIN", "SCRAM-SHA-256" };
	char *directory = sample_directory();
	char *path = sample_write(directory, "users",
	    "ops:sw0rd fish\n\n# off:x\nhanako:a:b\nempty:\nno colon\nwindows:cr\r\n",
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
		cmocka_unit_test(a_file_that_others_can_read_or_nobody_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
