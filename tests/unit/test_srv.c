/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "lib/sample.h"
#include "net/lookup.h"
#include "net/srv.h"

/* --- replies ------------------------------------------------------------------------ */

static void
add_number(struct buf *out, unsigned n)
{
	buf_addc(out, (char)(n >> 8 & 0xff));
	buf_addc(out, (char)(n & 0xff));
}

/* "a.example" as labels; "^" for a pointer to the name that was asked for. */
static void
add_name(struct buf *out, const char *name)
{
	struct span rest = span_of(name), label;

	if (strcmp(name, "^") == 0) {
		buf_add(out, "\xc0\x0c", 2);
		return;
	}
	while (span_cut(&rest, '.', &label)) {
		buf_addc(out, (char)label.n);
		buf_add_span(out, label);
	}
	buf_addc(out, '\0');
}

static void
begin(struct buf *out, unsigned answers)
{
	static const unsigned char flags[] = { 0x12, 0x34, 0x81, 0x80 };

	buf_init(out, SAMPLE_MAX);
	buf_add(out, flags, sizeof flags);
	add_number(out, 1);
	add_number(out, answers);
	add_number(out, 0);
	add_number(out, 0);
	add_name(out, "_submission._tcp.example");
	add_number(out, 33);
	add_number(out, 1);
}

static void
add_record(struct buf *out, unsigned type, unsigned class, struct span data)
{
	add_name(out, "^");
	add_number(out, type);
	add_number(out, class);
	add_number(out, 0);
	add_number(out, 60);
	add_number(out, (unsigned)data.n);
	buf_add_span(out, data);
}

static void
add_server(struct buf *out, unsigned priority, unsigned weight, unsigned port,
    const char *target)
{
	struct buf data;

	buf_init(&data, SAMPLE_MAX);
	add_number(&data, priority);
	add_number(&data, weight);
	add_number(&data, port);
	add_name(&data, target);
	add_record(out, 33, 1, buf_span(&data));
	buf_free(&data);
}

/* "PRIORITY WEIGHT TARGET:PORT, ..." The caller frees it. */
static char *
shown(const struct srv_list *list)
{
	struct buf out;

	buf_init(&out, SAMPLE_MAX);
	for (int i = 0; i < list->n; i++)
		buf_printf(&out, "%s%u %u %s:%d", i > 0 ? ", " : "", list->v[i].priority,
		    list->v[i].weight, list->v[i].target, list->v[i].port);
	return buf_take(&out);
}

TEST(servers_are_read_and_what_is_none_is_left_out)
{
	static const struct {
		const char *target;
		unsigned port;
		const char *want;
		bool refused;
	} cases[] = {
		{ "mail.example", 465, "7 9 mail.example:465", false },
		{ "MAIL-1.Example", 65535, "7 9 MAIL-1.Example:65535", false },
		{ "xn--mller-kva.example", 587, "7 9 xn--mller-kva.example:587", false },
		{ "^", 587, "7 9 _submission._tcp.example:587", false },
		{ "", 0, "", true },
		{ "", 465, "", true },
		{ "mail.example", 0, "", false },
		{ "mail\n.example", 465, "", false },
		{ "mail .example", 465, "", false },
		{ "mail;id.example", 465, "", false },
		{ "\033[1m.example", 465, "", false },
		{ "m\303\274ller.example", 465, "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct srv_list list;
		struct buf reply;
		char *got;

		begin(&reply, 1);
		add_server(&reply, 7, 9, cases[i].port, cases[i].target);
		check(cases[i].target, srv_parse(&list, buf_span(&reply)));
		got = shown(&list);
		check_text(cases[i].target, got, cases[i].want);
		check_int(cases[i].target, list.refused, cases[i].refused);
		free(got);
		buf_free(&reply);
	}
}

TEST(other_records_are_passed_over)
{
	struct srv_list list;
	struct buf reply;
	char *got;

	begin(&reply, 4);
	add_record(&reply, 5, 1, span_bytes("\3xyz", 5)); /* CNAME */
	add_server(&reply, 1, 0, 465, "a.example");
	add_record(&reply, 33, 3, span_bytes("?", 1)); /* of another class */
	add_server(&reply, 2, 0, 465, "b.example");
	assert_true(srv_parse(&list, buf_span(&reply)));
	got = shown(&list);
	assert_string_equal(got, "1 0 a.example:465, 2 0 b.example:465");
	free(got);
	buf_free(&reply);
}

TEST(there_is_an_end_to_the_servers_that_are_looked_at)
{
	struct srv_list list;
	struct buf reply;

	begin(&reply, 1000);
	for (unsigned i = 0; i < 1000; i++)
		add_server(&reply, i, 0, 465, "a.example");
	assert_true(srv_parse(&list, buf_span(&reply)));
	assert_int_equal(list.n, SRV_MAX);
	buf_free(&reply);
}

TEST(a_reply_that_is_cut_off_anywhere_is_malformed)
{
	struct srv_list list;
	struct buf reply;

	begin(&reply, 2);
	add_server(&reply, 1, 0, 465, "a.example");
	add_server(&reply, 1, 0, 465, "b.example");
	assert_true(srv_parse(&list, buf_span(&reply)));
	for (size_t n = 0; n < reply.len; n++) {
		assert_false(srv_parse(&list, span_bytes(reply.data, n)));
		assert_int_equal(list.n, 0);
	}
	buf_free(&reply);
}

TEST(a_record_whose_data_do_not_fit_is_malformed)
{
	static const struct {
		const char *label;
		struct span data;
	} cases[] = {
		{ "nothing", { "", 0 } },
		{ "no target", { "\0\1\0\1\1\321", 6 } },
		{ "a name without end", { "\0\1\0\1\1\321\11mail", 11 } },
		{ "a pointer to itself", { "\0\1\0\1\1\321\300\73", 8 } },
		{ "a pointer forward", { "\0\1\0\1\1\321\377\377", 8 } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct srv_list list;
		struct buf reply;

		begin(&reply, 1);
		add_record(&reply, 33, 1, cases[i].data);
		check(cases[i].label, !srv_parse(&list, buf_span(&reply)));
		check_int(cases[i].label, list.n, 0);
		buf_free(&reply);
	}
}

/* --- their order -------------------------------------------------------------------- */

static unsigned
least(unsigned limit)
{
	(void)limit;
	return 0;
}

static unsigned
most(unsigned limit)
{
	return limit;
}

static unsigned
half(unsigned limit)
{
	return limit / 2;
}

TEST(servers_are_drawn_by_priority_and_then_by_weight)
{
	static const struct {
		const char *label;
		unsigned (*chance)(unsigned limit);
		struct srv v[4];
		int n;
		const char *want; /* the targets */
	} cases[] = {
		{ "none", most, { { 0 } }, 0, "" },
		{ "one", most, { { 1, 0, 1, "a" } }, 1, "a" },
		{ "by priority", most, { { 20, 9, 1, "b" }, { 10, 0, 1, "a" } }, 2,
		    "ab" },
		{ "the largest priority", most,
		    { { 65535, 9, 1, "b" }, { 0, 65535, 1, "a" } }, 2, "ab" },
		{ "no weights", most,
		    { { 1, 0, 1, "a" }, { 1, 0, 1, "b" }, { 1, 0, 1, "c" } }, 3, "abc" },
		{ "no weight has a chance", least, { { 1, 9, 1, "a" }, { 1, 0, 1, "b" } },
		    2, "ba" },
		{ "but a small one", half, { { 1, 9, 1, "a" }, { 1, 0, 1, "b" } }, 2,
		    "ab" },
		{ "the last", most, { { 1, 1, 1, "a" }, { 1, 1, 1, "b" } }, 2, "ba" },
		{ "the heavy one", half,
		    { { 1, 1, 1, "a" }, { 1, 98, 1, "b" }, { 1, 1, 1, "c" } }, 3, "bac" },
		{ "each priority for itself", most,
		    { { 2, 5, 1, "c" }, { 1, 1, 1, "a" }, { 2, 5, 1, "d" },
			{ 1, 1, 1, "b" } },
		    4, "badc" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct srv_list list = { .n = cases[i].n };
		char got[8] = "";

		memcpy(list.v, cases[i].v, sizeof cases[i].v);
		srv_sort(&list, cases[i].chance);
		for (int k = 0; k < list.n; k++)
			got[k] = *list.v[k].target;
		check_text(cases[i].label, got, cases[i].want);
	}
}

/* --- asking in a child -------------------------------------------------------------- */

static void
add_one(const void *question, void *answer)
{
	*(int *)answer = *(const int *)question + 1;
}

static void
fill(const void *question, void *answer)
{
	memset(answer, *(const int *)question, 1000000);
}

static void
keep_silent(const void *question, void *answer)
{
	(void)question;
	(void)answer;
	for (;;)
		(void)pause();
}

static void
die(const void *question, void *answer)
{
	(void)question;
	(void)answer;
	_exit(0);
}

TEST(what_a_child_finds_out_comes_back)
{
	static char large[1000000];
	int question = 41, answer = 0;

	assert_true(
	    lookup_ask(add_one, &question, &answer, sizeof answer, clock_in(20000)));
	assert_int_equal(answer, 42);
	/* more than a pipe holds */
	assert_true(lookup_ask(fill, &question, large, sizeof large, clock_in(20000)));
	assert_int_equal(large[0], 41);
	assert_int_equal(large[sizeof large - 1], 41);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(a_child_that_does_not_answer_is_given_up_and_leaves_nothing_behind)
{
	int answer, before = dup(STDIN_FILENO), after;

	assert_false(lookup_ask(keep_silent, NULL, &answer, sizeof answer, clock_in(50)));
	assert_int_equal(errno, ETIMEDOUT);
	assert_false(lookup_ask(die, NULL, &answer, sizeof answer, clock_in(20000)));
	assert_int_not_equal(errno, ETIMEDOUT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	after = dup(STDIN_FILENO);
	assert_int_equal(after, before + 1);
	(void)close(before);
	(void)close(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_read_and_what_is_none_is_left_out),
		cmocka_unit_test(other_records_are_passed_over),
		cmocka_unit_test(there_is_an_end_to_the_servers_that_are_looked_at),
		cmocka_unit_test(a_reply_that_is_cut_off_anywhere_is_malformed),
		cmocka_unit_test(a_record_whose_data_do_not_fit_is_malformed),
		cmocka_unit_test(servers_are_drawn_by_priority_and_then_by_weight),
		cmocka_unit_test(what_a_child_finds_out_comes_back),
		cmocka_unit_test(
		    a_child_that_does_not_answer_is_given_up_and_leaves_nothing_behind),
	};

	return cmocka_run_group_tests_name("srv", tests, NULL, NULL);
}
