/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <glob.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "lib/sample.h"
#include "lib/server.h"
#include "relay/catch.h"

static const char message[] = "Subject: =?utf-8?B?w6Q=?= \"x\"\r\n"
			      "Content-Transfer-Encoding: quoted-printable\r\n"
			      "\r\n"
			      "From me\r\n"
			      ">From you=3D\r\n";

#define HEADER                                                                           \
	"Subject: =?utf-8?B?w6Q=?= \"x\"\n"                                              \
	"Content-Transfer-Encoding: quoted-printable\n"
#define ENVELOPE "X-Peer: 127.0.0.1\nX-MailFrom: s@x\nX-RcptTo: a@x, b@x\n"

/* What the function makes of the message. */
static char *
shown(bool (*show)(struct buf *, struct caught *, struct outcome *), const char *options,
    const char *user)
{
	struct envelope e;
	struct source m;
	struct caught c;
	struct outcome o;
	struct buf out;

	sample_envelope(&e, "s@x", "a@x, b@x");
	sample_source(&m, span_of(message));
	buf_init(&out, SAMPLE_MAX);
	assert_true(caught_init(
	    &c, &e, &m, &(struct caught_from){ "127.0.0.1", user, options, NULL }, &o));
	assert_true(show(&out, &c, &o));
	caught_free(&c);
	source_free(&m);
	envelope_free(&e);
	return buf_take(&out);
}

TEST(a_mail_is_shown_in_each_format)
{
	static const struct {
		const char *label;
		bool (*show)(struct buf *, struct caught *, struct outcome *);
		const char *options, *user, *text;
	} cases[] = {
		{ "summary", catch_show_summary, NULL, NULL,
		    "from <s@x> to <a@x>, <b@x>: \303\244 \"x\"\n" },
		{ "raw", catch_show_raw, NULL, NULL, HEADER "\nFrom me\n>From you=3D\n" },
		{ "frame", catch_show_frame, NULL, NULL,
		    "from <s@x> to <a@x>, <b@x>: \303\244 \"x\"\n"
		    "---------- MESSAGE FOLLOWS ----------\n" HEADER
		    "X-Peer: 127.0.0.1\n\nFrom me\n>From you=\n"
		    "------------ END MESSAGE ------------\n" },
		{ "options", catch_show_frame, "BODY=8BITMIME SIZE=9", NULL,
		    "FOLLOWS ----------\nmail options: ['BODY=8BITMIME', "
		    "'SIZE=9']\nSubject" },
		{ "summary with a user", catch_show_summary, NULL, "me",
		    "from <s@x> to <a@x>, <b@x>, signed in as me: \303\244" },
		{ "file with a user", catch_show_file, NULL, "me",
		    "X-RcptTo: a@x, b@x\nX-User: me\nSubject" },
		{ "json with a user", catch_show_json, NULL, "me", "\"user\":\"me\"" },
		{ "python", catch_show_python, "size=9 BODY=8BITMIME ", NULL,
		    "---------- MESSAGE FOLLOWS ----------\n"
		    "mail options: ['SIZE=9', 'BODY=8BITMIME']\n"
		    "b'Subject: =?utf-8?B?w6Q=?= \"x\"'\n"
		    "b'Content-Transfer-Encoding: quoted-printable'\n"
		    "b'X-Peer: 127.0.0.1'\nb''\nb'From me'\nb'>From you=3D'\n"
		    "------------ END MESSAGE ------------\n" },
		{ "file", catch_show_file, NULL, NULL,
		    ENVELOPE HEADER "\nFrom me\n>From you=3D\n" },
		{ "mbox", catch_show_mbox, NULL, NULL,
		    "\n" ENVELOPE HEADER "\n>From me\n>>From you=3D\n\n" },
		{ "mbox starts", catch_show_mbox, NULL, NULL, "From s@x " },
		{ "json", catch_show_json, "BODY=8BITMIME", NULL,
		    "\"peer\":\"127.0.0.1\",\"user\":null,\"options\":\"BODY=8BITMIME\","
		    "\"sender\":\"s@x\",\"recipients\":[\"a@x\",\"b@x\"],"
		    "\"subject\":\"\303\244 \\\"x\\\"\",\"headers\":[[\"Subject\","
		    "\"\303\244 \\\"x\\\"\"],[\"Content-Transfer-Encoding\","
		    "\"quoted-printable\"]],\"text\":\"From me\\n>From you=\\n\","
		    "\"html\":\"\",\"attachments\":[],\"message\":\"Subject: " },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = shown(cases[i].show, cases[i].options, cases[i].user);

		check_part(cases[i].label, text, cases[i].text);
		free(text);
	}
}

static void
catch_into(const char *to, enum cause cause)
{
	struct account *a = account_new("a");
	struct envelope e;
	struct source m;

	server_account_set(a, "protocol", "catch");
	server_account_set(a, "catch_to", to);
	sample_envelope(&e, "s@x", "a@x, b@x");
	sample_source(&m, span_of(message));
	catch_mail(a, &e, &m);
	check_int(to, e.rcpt[0].outcome.cause, cause);
	check_int(to, e.rcpt[1].outcome.cause, cause);
	source_free(&m);
	envelope_free(&e);
	account_free(a);
}

/* All files that match, one behind the other. */
static char *
files(const char *pattern, size_t *n)
{
	struct buf all;
	struct stat st;
	glob_t found;

	buf_init(&all, SAMPLE_MAX);
	*n = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
	for (size_t i = 0; i < *n; i++)
		assert_true(file_read(found.gl_pathv[i], &all, &st));
	if (*n > 0)
		globfree(&found);
	buf_addc(&all, '\0');
	return buf_take(&all);
}

TEST(mails_are_put_where_the_setting_says)
{
	static const struct {
		const char *kind, *path;
		size_t files;
		const char *text;
	} cases[] = {
		{ "maildir:", "md/new/*", 2, "X-MailFrom: s@x\n" },
		{ "maildir:", "md/tmp/*", 0, "" },
		{ "eml:", "md/*.eml", 2, "X-MailFrom: s@x\n" },
		{ "mbox:", "md", 1, "\n\nFrom s@x " },
		{ "json:", "md", 1, "}\n{" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *directory = sample_directory(), *text;
		char *to = mem_printf("%s%s/md", cases[i].kind, directory);
		char *pattern = mem_printf("%s/%s", directory, cases[i].path);
		size_t n;

		catch_into(to, CAUSE_NONE);
		catch_into(to, CAUSE_NONE);
		text = files(pattern, &n);
		check_int(to, n, cases[i].files);
		check_part(cases[i].path, text, cases[i].text);
		free(text);
		free(pattern);
		free(to);
		sample_directory_end(directory);
	}
}

TEST(a_place_that_cannot_be_written_is_told_for_each_recipient)
{
	catch_into("mbox:/nowhere/at/all", CAUSE_CATCH);
	catch_into("maildir:/dev/null/x", CAUSE_CATCH);
	catch_into("eml:/dev/null/x", CAUSE_CATCH);
	catch_into("json:/dev/full", CAUSE_CATCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_shown_in_each_format),
		cmocka_unit_test(mails_are_put_where_the_setting_says),
		cmocka_unit_test(
		    a_place_that_cannot_be_written_is_told_for_each_recipient),
	};

	return cmocka_run_group_tests_name("catch", tests, NULL, NULL);
}
