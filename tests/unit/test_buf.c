/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

TEST(an_append_past_the_limit_is_dropped_whole)
{
	struct buf b;

	buf_init(&b, 8);
	buf_puts(&b, "12345");
	buf_puts(&b, "6789");
	assert_false(buf_ok(&b));
	assert_string_equal(b.data, "12345");
	buf_free(&b);
}

TEST(a_buf_may_be_filled_to_its_very_limit)
{
	struct buf b;

	buf_init(&b, 8);
	buf_puts(&b, "12345678");
	assert_true(buf_ok(&b));
	assert_string_equal(b.data, "12345678");
	buf_addc(&b, '9');
	assert_false(buf_ok(&b));
	assert_int_equal(b.len, 8);
	buf_free(&b);
}

TEST(after_an_overflow_even_what_fits_is_dropped)
{
	struct buf b;

	buf_init(&b, 8);
	buf_puts(&b, "123456789");
	buf_puts(&b, "1");
	buf_printf(&b, "%d", 2);
	assert_string_equal(b.data, "");
	assert_false(buf_ok(&b));
	buf_clear(&b);
	assert_true(buf_ok(&b));
	buf_puts(&b, "1");
	assert_string_equal(b.data, "1");
	buf_free(&b);
}

TEST(a_format_past_the_limit_is_dropped_whole)
{
	struct buf b;

	buf_init(&b, 8);
	buf_printf(&b, "%08d", 7);
	assert_true(buf_ok(&b));
	buf_printf(&b, "%s", "x");
	assert_false(buf_ok(&b));
	assert_string_equal(b.data, "00000007");
	buf_free(&b);
}

TEST(an_empty_buf_is_an_empty_string)
{
	struct buf b;
	char *taken;

	buf_init(&b, 8);
	assert_string_equal(b.data, "");
	buf_add(&b, NULL, 0);
	buf_puts(&b, "");
	buf_consume(&b, 0);
	buf_truncate(&b, 0);
	assert_int_equal(b.len, 0);
	taken = buf_take(&b);
	assert_string_equal(taken, "");
	free(taken);
	buf_free(&b);
	buf_free(&b);
	assert_string_equal(b.data, "");
}

TEST(what_is_consumed_is_gone_from_the_front)
{
	struct buf b;

	buf_init(&b, 64);
	buf_puts(&b, "one two");
	buf_consume(&b, 4);
	assert_string_equal(b.data, "two");
	buf_truncate(&b, 2);
	assert_string_equal(b.data, "tw");
	buf_consume(&b, 2);
	assert_string_equal(b.data, "");
	buf_free(&b);
}

TEST(what_is_taken_belongs_to_the_taker)
{
	struct buf b;
	char *taken;

	buf_init(&b, 64);
	buf_puts(&b, "mine");
	taken = buf_take(&b);
	buf_puts(&b, "yours");
	assert_string_equal(taken, "mine");
	assert_string_equal(b.data, "yours");
	free(taken);
	buf_free(&b);
}

TEST(a_buf_with_room_reserved_does_not_move)
{
	struct buf b;
	const char *place;

	buf_init(&b, 10000);
	buf_reserve(&b, 10000);
	place = b.data;
	for (int i = 0; i < 10000; i++)
		buf_addc(&b, 'x');
	assert_true(buf_ok(&b));
	assert_ptr_equal(b.data, place);
	buf_free(&b);
}

TEST(there_is_room_up_to_the_limit_whatever_was_allocated)
{
	struct buf b;

	buf_init(&b, 8);
	assert_int_equal(buf_room(&b), 0);
	buf_reserve(&b, 4);
	assert_int_equal(buf_room(&b), 4);
	buf_reserve(&b, 100);
	assert_int_equal(buf_room(&b), 8);
	memcpy(b.data, "12345678", 8);
	buf_filled(&b, 5);
	assert_string_equal(b.data, "12345");
	assert_int_equal(buf_room(&b), 3);
	buf_puts(&b, "678");
	assert_true(buf_ok(&b));
	assert_int_equal(buf_room(&b), 0);
	buf_free(&b);
}

static void
assert_is_zero(const struct buf *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(b->data[i], 0);
}

TEST(a_secret_leaves_no_trace_when_it_is_cleared)
{
	struct buf b;

	buf_init(&b, 63);
	buf_reserve(&b, 63);
	memset(b.data, 0, 63);
	buf_puts(&b, "hunter2");
	buf_clear_secret(&b);
	assert_int_equal(b.len, 0);
	assert_is_zero(&b, 63);
	buf_puts(&b, "hunter2 and more");
	buf_consume(&b, 9);
	buf_truncate(&b, 2);
	buf_clear(&b);
	buf_puts(&b, "x");
	buf_clear_secret(&b);
	assert_is_zero(&b, 63);
	buf_printf(&b, "%064d", 7); /* is too long */
	buf_clear_secret(&b);
	assert_is_zero(&b, 63);
	buf_free_secret(&b);
	buf_free_secret(&b);
	b = (struct buf){ 0 }; /* as in what was never begun */
	buf_free_secret(&b);
}

TEST(bytes_of_every_value_are_kept)
{
	char all[256];
	struct buf b;

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	buf_init(&b, 256);
	buf_add(&b, all, sizeof all);
	assert_int_equal(b.len, sizeof all);
	assert_memory_equal(b.data, all, sizeof all);
	assert_int_equal(b.data[256], '\0');
	buf_free(&b);
}

TEST(an_array_that_is_given_room_one_by_one_keeps_its_items)
{
	size_t *v = NULL;

	for (size_t i = 0; i < 1000; i++) {
		v = mem_room(v, i, sizeof *v);
		v[i] = i * 3;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(v[i], i * 3);
	free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_append_past_the_limit_is_dropped_whole),
		cmocka_unit_test(a_buf_may_be_filled_to_its_very_limit),
		cmocka_unit_test(after_an_overflow_even_what_fits_is_dropped),
		cmocka_unit_test(a_format_past_the_limit_is_dropped_whole),
		cmocka_unit_test(an_empty_buf_is_an_empty_string),
		cmocka_unit_test(what_is_consumed_is_gone_from_the_front),
		cmocka_unit_test(what_is_taken_belongs_to_the_taker),
		cmocka_unit_test(a_buf_with_room_reserved_does_not_move),
		cmocka_unit_test(there_is_room_up_to_the_limit_whatever_was_allocated),
		cmocka_unit_test(a_secret_leaves_no_trace_when_it_is_cleared),
		cmocka_unit_test(bytes_of_every_value_are_kept),
		cmocka_unit_test(an_array_that_is_given_room_one_by_one_keeps_its_items),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
