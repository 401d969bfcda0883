/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/checksum.h"

/* Of RFC 3720, B.4, and of the usual check for a CRC. */
TEST(the_sums_are_those_of_crc_32c)
{
	static const char zeros[32];
	char ones[32], rising[32];

	memset(ones, 0xff, sizeof ones);
	for (size_t i = 0; i < sizeof rising; i++)
		rising[i] = (char)i;
	assert_int_equal(checksum_add(0, span_of("")), 0);
	assert_int_equal(checksum_add(0, span_of("123456789")), 0xe3069283);
	assert_int_equal(checksum_add(0, span_bytes(zeros, 32)), 0x8a9136aa);
	assert_int_equal(checksum_add(0, span_bytes(ones, 32)), 0x62a8ab43);
	assert_int_equal(checksum_add(0, span_bytes(rising, 32)), 0x46dd794e);
}

TEST(a_sum_of_parts_is_the_sum_of_all)
{
	struct span all = span_of("It was written whole.");

	for (size_t n = 0; n <= all.n; n++) {
		uint32_t sum = checksum_add(0, span_bytes(all.p, n));

		sum = checksum_add(sum, span_bytes(all.p + n, all.n - n));
		assert_int_equal(sum, checksum_add(0, all));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sums_are_those_of_crc_32c),
		cmocka_unit_test(a_sum_of_parts_is_the_sum_of_all),
	};

	return cmocka_run_group_tests_name("checksum", tests, NULL, NULL);
}
