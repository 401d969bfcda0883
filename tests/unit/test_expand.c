/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lib/sample.h"
#include "mail/aliases.h"
#include "mail/expand.h"

static const struct local here = {
	.host = "host1.lab.example",
	.maildomain = "lab.example",
	.domains = "vm.example",
};

struct run {
	char *directory;
	bool ok;
	struct envelope e;
	struct envelope lost;
	struct outcome o;
	struct buf warnings;
};

static void
hear(void *arg, const char *words)
{
	struct run *r = arg;

	buf_printf(&r->warnings, "%s\n", words);
}

/* `list` is the text of a file "list" beside the aliases; each may be NULL. */
static void
run(struct run *r, const char *aliases, const char *list, const char *root_to,
    const char *recipients)
{
	struct expansion x = {
		.root_to = root_to, .local = &here, .warn = hear, .arg = r
	};
	char *path = NULL;

	*r = (struct run){ .directory = sample_directory() };
	buf_init(&r->warnings, SAMPLE_MAX);
	sample_envelope(&r->e, "s@x", recipients);
	if (list != NULL)
		free(sample_write(r->directory, "list", list, 0600));
	if (aliases != NULL)
		path = sample_write(r->directory, "al", aliases, 0600);
	x.aliases = path;
	r->ok = expand_recipients(&r->e, &x, &r->lost, &r->o);
	free(path);
}

static void
end(struct run *r)
{
	envelope_free(&r->e);
	envelope_free(&r->lost);
	buf_free(&r->warnings);
	sample_directory_end(r->directory);
}

static void
check_recipients(const char *label, const struct envelope *e, const char *want)
{
	struct buf got;

	buf_init(&got, SAMPLE_MAX);
	for (size_t i = 0; i < e->n; i++)
		buf_printf(&got, "%s%s", i > 0 ? " " : "", e->rcpt[i].address);
	check_text(label, got.data, want);
	buf_free(&got);
}

TEST(local_names_become_those_whom_their_aliases_lead_to)
{
	static const struct {
		const char *aliases, *recipients, *become;
	} cases[] = {
		{ "root: joe@x, ann@x\n", "root", "joe@x ann@x" },
		{ "root: joe@x\n", "b@y, root, c@y", "b@y joe@x c@y" },
		{ "root: joe@x\ncron: root\nops: cron, bob@x\n", "ops", "joe@x bob@x" },
		{ "root: joe@x\n", "nobody", "nobody" },
		{ "root: joe@x\n", "ROOT", "joe@x" },
		{ "ROOT: joe@x\n", "root", "joe@x" },
		{ "\"night shift\": joe@x\n", "\"night shift\"", "joe@x" },
		{ "\"root\": joe@x\n", "root", "joe@x" },

		/* Each of them, wherever it stands */
		{ "a: a@x\nb: b@x\nc: c@x\nd: d@x\n", "a, b, c, d", "a@x b@x c@x d@x" },

		/* Each once */
		{ "a: j@x, k@x\nb: k@x, j@X\n", "j@x, a, b", "j@x k@x" },
		{ "a: b, b, c\nb: c, j@x\nc: j@x\n", "a", "j@x" },

		/* Local domains */
		{ "root: j@x\n", "root@localhost", "j@x" },
		{ "root: j@x\n", "root@HOST1", "j@x" },
		{ "root: j@x\n", "root@host1.lab.example", "j@x" },
		{ "root: j@x\n", "root@vm.example", "j@x" },
		{ "root: j@x\n", "root@lab.example", "j@x" },
		{ "root: j@x\n", "ann@lab.example", "ann@lab.example" },
		{ "root: j@x\n", "ann@localhost", "ann@localhost" },
		{ "root: j@x\n", "root@else.example", "root@else.example" },

		/* For all others, but not for those who have their mailbox elsewhere */
		{ "root: j@x\ndefault: d@x\n", "nobody, root", "d@x j@x" },
		{ "*: d@x\n", "nobody@localhost", "d@x" },
		{ "*: s@x\ndefault: d@x\n", "nobody", "d@x" },
		{ "default: d@x\n", "ann@lab.example, ann@y", "ann@lab.example ann@y" },
		{ "a: ann\ndefault: d@x\n", "a", "d@x" },

		/* What is meant as it is */
		{ "root: root, j@x\n", "root", "root j@x" },
		{ "root: \\root, j@x\n", "root", "root j@x" },
		{ "root: root@localhost, j@x\n", "root", "root@localhost j@x" },
		{ "root: root@lab.example\n", "root", "root@lab.example" },
		{ "a: \\b\nb: j@x\n", "a", "b" },
		{ "default: joe\n", "nobody", "joe" },
		{ "default: team\nteam: joe, \\ann\n", "nobody", "joe ann" },
		{ "default: default\n", "nobody", "default" },

		/* Mail that nobody wants */
		{ "a: /dev/null\n", "a", "" },
		{ "a: /dev/null, j@x\n", "a", "j@x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, cases[i].aliases, NULL, NULL, cases[i].recipients);
		check(cases[i].aliases, r.ok);
		check_recipients(cases[i].aliases, &r.e, cases[i].become);
		check_int(cases[i].aliases, r.lost.n, 0);
		check_text(cases[i].aliases, r.warnings.data, "");
		end(&r);
	}
}

TEST(included_lists_are_part_of_the_way)
{
	static const struct {
		const char *aliases, *list, *become;
	} cases[] = {
		{ "t: :include:list\n", "a@x\nb@x\n", "a@x b@x" },
		{ "t: j@x, :include:list, k@x\n", "a@x, root\n", "j@x a@x root k@x" },
		{ "t: :include:list\nroot: r@x\n", "root # r\n", "r@x" },
		{ "t: :include:list, :include:list\n", "a@x\n", "a@x" },
		{ "t: :include:list\n", "t, a@x\n", "t a@x" },
		{ "t: :include:list, a@x\n", "/dev/null\n", "a@x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, cases[i].aliases, cases[i].list, NULL, "t");
		check(cases[i].list, r.ok);
		check_recipients(cases[i].list, &r.e, cases[i].become);
		check_text(cases[i].list, r.warnings.data, "");
		end(&r);
	}
}

TEST(a_circle_is_told_by_name_and_stops_nobody_else)
{
	static const struct {
		const char *aliases, *list, *recipients, *become, *lost, *words;
	} cases[] = {
		{ "a: b\nb: a\n", NULL, "a", "", "a", NULL },
		{ "a: b\nb: a\n", NULL, "j@x, a", "j@x", "a", NULL },
		{ "a: b\nb: a\n", NULL, "a, b", "", "a b", NULL },
		{ "a: b, j@x\nb: a\n", NULL, "a", "j@x", "", "circle: a, b, a (" },
		{ "a: b, j@x\nb: a\n", NULL, "b", "j@x", "", "circle: b, a, b (" },
		{ "r: j@x, a\na: b\nb: c\nc: a\n", NULL, "r", "j@x", "",
		    "circle: a, b, c, a (" },
		{ "a: b@localhost\nb: A\n", NULL, "a", "", "a", NULL },
		{ "a: :include:list\n", ":include:list, j@x\n", "a", "j@x", "",
		    "/list\n" },
		{ "a: b\nb: c\nc: d\nd: e\ne: f\nf: g\ng: a, j@x\n", NULL, "a", "j@x", "",
		    "circle: a, b, c, d, e, f, ... (7 names), a (" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *label = cases[i].aliases;
		struct run r;

		run(&r, label, cases[i].list, NULL, cases[i].recipients);
		check(label, r.ok);
		check_recipients(label, &r.e, cases[i].become);
		check_recipients(label, &r.lost, cases[i].lost);
		if (cases[i].words != NULL)
			check_part(label, r.warnings.data, cases[i].words);
		else
			check_text(label, r.warnings.data, "");
		for (size_t k = 0; k < r.lost.n; k++) {
			const struct outcome *o = &r.lost.rcpt[k].outcome;

			check_int(label, o->cause, CAUSE_ALIAS);
			check_int(label, outcome_sysexit(o), EX_CONFIG);
			check_part(label, o->text, "aliases go round in a circle: ");
			check_part(label, o->text, "/al:");
		}
		end(&r);
	}
}

TEST(what_is_no_address_is_left_out_and_told_once)
{
	struct run r;

	run(&r, "a: |/bin/x, j@x, /var/y\nb: a, k@x\n", NULL, NULL, "a, b");
	assert_true(r.ok);
	check_recipients("who", &r.e, "j@x k@x");
	check_part("command", r.warnings.data, "/al:1: \"|/bin/x\" is left out");
	check_part("file", r.warnings.data, "/al:1: \"/var/y\" is left out");
	assert_null(strstr(strstr(r.warnings.data, "/bin/x") + 1, "/bin/x"));
	end(&r);
}

TEST(who_is_left_with_nobody_is_lost_and_the_reason_is_told)
{
	static const struct {
		const char *aliases, *words;
	} cases[] = {
		{ "a:\n", "/al:1 has none" },
		{ "x: y\na: b\nb:\n", "/al:2 has none" },
		{ "a: |x, /y\n", "/al:1: \"|x\" is left out" },
		{ "a: b\nb: |x\n", "/al:2: \"|x\" is left out" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, cases[i].aliases, NULL, NULL, "a, j@x");
		check(cases[i].aliases, r.ok);
		check_recipients(cases[i].aliases, &r.e, "j@x");
		check_recipients(cases[i].aliases, &r.lost, "a");
		check_part(cases[i].aliases, r.lost.rcpt[0].outcome.text, cases[i].words);
		end(&r);
	}
}

TEST(root_to_gets_the_mail_of_all_who_stay_local)
{
	static const struct {
		const char *aliases, *recipients, *become;
	} cases[] = {
		{ NULL, "root", "r@x q@x" },
		{ NULL, "root@localhost, joe, ann@y", "r@x q@x ann@y" },
		{ NULL, "ann@lab.example", "ann@lab.example" },
		{ NULL, "ann@y", "ann@y" },
		{ "root: j@x\n", "root, cron", "j@x r@x q@x" },
		{ "root: \\root, j@x\n", "root", "r@x q@x j@x" },
		{ "a: b\n", "a", "r@x q@x" },
		{ "a: b\nb: a\n", "a", "r@x q@x" },
		{ "a:\n", "a", "r@x q@x" },
		{ "a: |b\n", "a", "r@x q@x" },
		{ "a: /dev/null\n", "a", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, cases[i].aliases, NULL, "Root <r@x>, q@x", cases[i].recipients);
		check(cases[i].recipients, r.ok);
		check_recipients(cases[i].recipients, &r.e, cases[i].become);
		check_int(cases[i].recipients, r.lost.n, 0);
		end(&r);
	}
}

TEST(what_goes_wrong_leaves_the_envelope_as_it_was)
{
	static const struct {
		const char *aliases, *root_to, *words;
	} cases[] = {
		{ "a: b\n!\n", NULL, "/al:2: " },
		{ "root: :include:none\n", NULL, "/al:1: :include:" },
		{ "root: j@x\n", "a b", "root_to: \"a b\" is not a mail address" },
		{ "root: j@x\n", ",", "root_to names no address" },
		{ "root: j@x\n", "<>", "root_to names no address" },
		{ "root: j@x\n", "j@x, <>", "root_to names no address" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, cases[i].aliases, NULL, cases[i].root_to, "a@x, root, b@x");
		check(cases[i].words, !r.ok);
		check_int(cases[i].words, r.o.cause, CAUSE_CONFIG);
		check_part(cases[i].words, r.o.text, cases[i].words);
		check_recipients(cases[i].words, &r.e, "a@x root b@x");
		check_int(cases[i].words, r.lost.n, 0);
		end(&r);
	}
}

TEST(the_file_is_read_only_where_somebody_is_local)
{
	struct expansion x = { .aliases = "/nonexistent/al", .local = &here };
	struct envelope e, lost = { 0 };
	struct outcome o;

	sample_envelope(&e, "s@x", "a@x, b@y");
	assert_true(expand_recipients(&e, &x, &lost, &o));
	envelope_add(&e, "root");
	assert_false(expand_recipients(&e, &x, &lost, &o));
	check_part("words", o.text, "/nonexistent/al: No such file");
	envelope_free(&e);
}

TEST(what_was_read_once_is_good_for_more_calls)
{
	static const char *const names[] = { "root", "cron", "root" };
	char *directory = sample_directory();
	char *path = sample_write(
	    directory, "al", "root: cron, b@x\ncron: j@x, cron2\ncron2: cron\n", 0600);
	struct aliases known = { 0 };
	struct run r = { .ok = false };
	const struct expansion x = {
		.aliases = path, .known = &known, .local = &here, .warn = hear, .arg = &r
	};

	buf_init(&r.warnings, SAMPLE_MAX);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct envelope e, lost = { 0 };

		sample_envelope(&e, "s@x", names[i]);
		assert_true(expand_recipients(&e, &x, &lost, &r.o));
		check_recipients(
		    names[i], &e, strcmp(names[i], "root") == 0 ? "j@x b@x" : "j@x");
		envelope_free(&e);
		(void)unlink(path);
	}
	check_part("the circle", r.warnings.data, "cron, cron2, cron");
	check_int("lines", (long)strcspn(r.warnings.data, "\n"),
	    (long)strlen(r.warnings.data) - 1);
	buf_free(&r.warnings);
	aliases_free(&known);
	free(path);
	sample_directory_end(directory);
}

/* As in a runner that nobody waits for. */
TEST(what_is_left_out_needs_nobody_who_hears_of_it)
{
	char *directory = sample_directory();
	char *path =
	    sample_write(directory, "al", "root: |run, ops\nops: root, j@x\n", 0600);
	const struct expansion x = { .aliases = path, .local = &here };
	struct envelope e, lost = { 0 };
	struct outcome o;

	sample_envelope(&e, "s@x", "root");
	assert_true(expand_recipients(&e, &x, &lost, &o));
	check_recipients("root", &e, "j@x");
	envelope_free(&e);
	free(path);
	sample_directory_end(directory);
}

TEST(notices_tell_of_the_name_that_the_sender_wrote)
{
	struct run r;

	run(&r, "root: cron, b@x\ncron: j@x\nann: ann\n", NULL, NULL,
	    "root, c@x, root@localhost, ann");
	check_recipients("who", &r.e, "j@x b@x c@x ann");
	assert_string_equal(r.e.rcpt[0].orcpt, "root");
	assert_string_equal(r.e.rcpt[1].orcpt, "root");
	assert_null(r.e.rcpt[2].orcpt);
	assert_null(r.e.rcpt[3].orcpt);
	assert_string_equal(r.e.sender, "s@x");
	end(&r);
}

TEST(who_was_hidden_stays_hidden)
{
	struct expansion x = { .root_to = "r@x, q@x", .local = &here };
	struct envelope e = { 0 }, lost = { 0 };
	struct outcome o;

	envelope_add_hidden(&e, "root");
	envelope_add(&e, "q@x");
	envelope_add_hidden(&e, "q@x");
	assert_true(expand_recipients(&e, &x, &lost, &o));
	check_recipients("who", &e, "r@x q@x");
	assert_true(e.rcpt[0].hidden);
	assert_false(e.rcpt[1].hidden);
	envelope_free(&e);
}

/* Each alias names the next one, and some of them twice: 2 to the power of MANY ways. */
TEST(long_and_wide_ways_take_no_time)
{
	enum { MANY = 50000 };
	clock_t start = clock();
	struct buf text;
	struct run r;

	buf_init(&text, SAMPLE_MAX);
	for (int i = 0; i < MANY; i++)
		buf_printf(&text, "a%d:a%d,a%d\n", i, i + 1, i + 1);
	buf_printf(&text, "a%d:j@x,a0\n", MANY);
	run(&r, text.data, NULL, NULL, "a0");
	assert_true(r.ok);
	check_recipients("who", &r.e, "j@x");
	assert_true(clock() - start < 60 * CLOCKS_PER_SEC);
	end(&r);
	buf_free(&text);
}

TEST(there_is_an_end_to_what_recipients_may_lead_to)
{
	struct buf text, recipients;
	struct run r;

	buf_init(&text, SAMPLE_MAX);
	buf_init(&recipients, SAMPLE_MAX);
	buf_puts(&text, "all:");
	sample_repeat(&text, "a,", EXPAND_MAX / 1000);
	buf_puts(&text, "\n");
	for (int i = 0; i < 1001; i++) {
		buf_printf(&text, "m%d:all\n", i);
		buf_printf(&recipients, "m%d,", i);
	}
	run(&r, text.data, NULL, NULL, recipients.data);
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_CONFIG);
	check_part("words", r.o.text, "more than 1000000 entries");
	end(&r);
	buf_free(&text);
	buf_free(&recipients);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_names_become_those_whom_their_aliases_lead_to),
		cmocka_unit_test(included_lists_are_part_of_the_way),
		cmocka_unit_test(a_circle_is_told_by_name_and_stops_nobody_else),
		cmocka_unit_test(what_is_no_address_is_left_out_and_told_once),
		cmocka_unit_test(who_is_left_with_nobody_is_lost_and_the_reason_is_told),
		cmocka_unit_test(root_to_gets_the_mail_of_all_who_stay_local),
		cmocka_unit_test(what_goes_wrong_leaves_the_envelope_as_it_was),
		cmocka_unit_test(the_file_is_read_only_where_somebody_is_local),
		cmocka_unit_test(what_was_read_once_is_good_for_more_calls),
		cmocka_unit_test(what_is_left_out_needs_nobody_who_hears_of_it),
		cmocka_unit_test(notices_tell_of_the_name_that_the_sender_wrote),
		cmocka_unit_test(who_was_hidden_stays_hidden),
		cmocka_unit_test(long_and_wide_ways_take_no_time),
		cmocka_unit_test(there_is_an_end_to_what_recipients_may_lead_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
