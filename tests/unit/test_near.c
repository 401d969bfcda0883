/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/near.h"

static const char *
nearest(const char *word, const char *const *candidates)
{
	struct near n = near_start(span_of(word));

	for (; *candidates != NULL; candidates++)
		near_try(&n, *candidates);
	return n.best;
}

TEST(the_nearest_candidate_is_found)
{
	static const char *const settings[] = { "host", "port", "password",
		"passwordeval", "tls", "timeout", "user", NULL };
	static const struct {
		const char *word, *best;
	} cases[] = {
		{ "host", "host" },
		{ "hsot", "host" },  /* two letters swapped are one step */
		{ "hos", "host" },   /* one lost */
		{ "hostt", "host" }, /* one added */
		{ "past", NULL },    /* two of four changed */
		{ "pasword", "password" },
		{ "timeuot", "timeout" },
		{ "paswordevl", "passwordeval" }, /* two lost */
		{ "pswordevl", NULL },            /* three are too many */
		{ "tsl", "tls" },
		{ "ls", "tls" },
		{ "", NULL },
		{ "xy", NULL },
		{ "completely-different", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_text(
		    cases[i].word, nearest(cases[i].word, settings), cases[i].best);
}

TEST(at_most_a_third_of_the_candidates_letters_may_differ)
{
	static const struct {
		const char *word, *candidate;
		bool is_near;
	} cases[] = {
		{ "abc", "abd", true },              /* 1 of 3 */
		{ "ab", "ac", false },               /* 1 of 2 */
		{ "abcdef", "abcdgh", true },        /* 2 of 6 */
		{ "abcde", "abcgh", false },         /* 2 of 5 */
		{ "abcdefghi", "abcdefxyz", false }, /* 3 of 9: two is the most */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const candidates[] = { cases[i].candidate, NULL };

		check_int(cases[i].candidate, nearest(cases[i].word, candidates) != NULL,
		    cases[i].is_near);
	}
}

TEST(of_two_candidates_the_nearer_wins_and_of_equals_the_first)
{
	static const char *const a[] = { "timeouts", "timeout", NULL };
	static const char *const b[] = { "abcx", "abcy", NULL };

	assert_string_equal(nearest("timeout", a), "timeout");
	assert_string_equal(nearest("abcz", b), "abcx");
}

TEST(a_word_longer_than_any_name_is_near_to_nothing)
{
	static const char *const candidates[] = {
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL
	};

	assert_null(nearest("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", candidates));
	assert_string_equal(
	    nearest("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", candidates),
	    candidates[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_candidate_is_found),
		cmocka_unit_test(at_most_a_third_of_the_candidates_letters_may_differ),
		cmocka_unit_test(
		    of_two_candidates_the_nearer_wins_and_of_equals_the_first),
		cmocka_unit_test(a_word_longer_than_any_name_is_near_to_nothing),
	};

	return cmocka_run_group_tests_name("near", tests, NULL, NULL);
}
