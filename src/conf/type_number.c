/* SPDX-License-Identifier: ISC
 *
 * type_number.c - the types whose value is an int: numbers, times, and words that stand
 * for one
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "conf/type.h"

#define NUMBER_MAX_LENGTH 20
#define PORT_MAX 65535

/* numbers */

static bool
parse_decimal(struct span value, int max, int *out)
{
	uint64_t n;

	if (!span_number(value, 10, (uint64_t)max, &n) || n == 0)
		return false;
	*out = (int)n;
	return true;
}

/* One that begins with 0: hexadecimal, or octal. */
static bool
parse_prefixed(struct span value, int max, int *out)
{
	char digits[NUMBER_MAX_LENGTH + 1] = "", *end;
	long n;

	if (value.n > NUMBER_MAX_LENGTH)
		return false;
	memcpy(digits, value.p, value.n);
	errno = 0;
	n = strtol(digits, &end, 0);
	if (errno != 0 || end != digits + value.n || n < 1 || n > max)
		return false;
	*out = (int)n;
	return true;
}

static bool
parse_number(struct span value, int max, int *out)
{
	return value.n > 0 && value.p[0] == '0' ? parse_prefixed(value, max, out)
						: parse_decimal(value, max, out);
}

static void
copy_int(void *to, const void *from)
{
	*(int *)to = *(const int *)from;
}

static void
clear_int(void *place)
{
	*(int *)place = 0;
}

static bool
unset_int(void *place)
{
	*(int *)place = 0;
	return true;
}

static bool
store_port(const struct option_row *row, struct span value, void *place)
{
	(void)row;
	return value.n == 0 ? unset_int(place) : parse_number(value, PORT_MAX, place);
}

static void
show_int(const struct option_row *row, const void *place, struct buf *out)
{
	(void)row;
	buf_printf(out, "%d", *(const int *)place);
}

const struct option_type type_port = { store_port, show_int, copy_int, clear_int };

static bool
store_count(const struct option_row *row, struct span value, void *place)
{
	(void)row;
	return value.n == 0 ? unset_int(place) : parse_number(value, INT_MAX, place);
}

static void
show_count(const struct option_row *row, const void *place, struct buf *out)
{
	if (*(const int *)place != 0)
		show_int(row, place, out);
}

const struct option_type type_count = { store_count, show_count, copy_int, clear_int };

static bool
store_wait(const struct option_row *row, struct span value, void *place)
{
	(void)row;
	return parse_number(value, INT_MAX / 1000, place);
}

static bool
store_seconds(const struct option_row *row, struct span value, void *place)
{
	return span_is(value, "off") ? unset_int(place) : store_wait(row, value, place);
}

static void
show_seconds(const struct option_row *row, const void *place, struct buf *out)
{
	int n = *(const int *)place;

	(void)row;
	if (n == 0)
		buf_puts(out, "off");
	else
		buf_printf(out, "%d second%s", n, n == 1 ? "" : "s");
}

const struct option_type type_seconds = { store_seconds, show_seconds, copy_int,
	clear_int };
const struct option_type type_wait = { store_wait, show_seconds, copy_int, clear_int };

static const struct {
	char letter;
	int seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

#define UNITS (sizeof units / sizeof units[0])

/* The seconds of a unit; 0: there is none. */
static int
unit_of(char letter)
{
	for (size_t i = 0; i < UNITS; i++)
		if (units[i].letter == letter)
			return units[i].seconds;
	return 0;
}

/* A number and a unit, once or more; a number alone would be of nobody knows what. */
static bool
store_interval(const struct option_row *row, struct span value, void *place)
{
	uint64_t all = 0;

	(void)row;
	if (span_is(value, "off"))
		return unset_int(place);
	while (value.n > 0) {
		size_t n = 0;
		uint64_t part;
		int unit;

		while (n < value.n && is_digit(value.p[n]))
			n++;
		unit = n < value.n ? unit_of(value.p[n]) : 0;
		if (unit == 0 ||
		    !span_number(span_bytes(value.p, n), 10, INT_MAX / 1000, &part))
			return false;
		all += part * (uint64_t)unit;
		if (all > INT_MAX / 1000)
			return false;
		value = span_bytes(value.p + n + 1, value.n - n - 1);
	}
	if (all > 0)
		*(int *)place = (int)all;
	return all > 0;
}

static void
show_interval(const struct option_row *row, const void *place, struct buf *out)
{
	int left = *(const int *)place;

	(void)row;
	if (left == 0)
		buf_puts(out, "off");
	for (size_t i = 0; i < UNITS; i++) {
		if (left >= units[i].seconds)
			buf_printf(out, "%d%c", left / units[i].seconds, units[i].letter);
		left %= units[i].seconds;
	}
}

const struct option_type type_interval = { store_interval, show_interval, copy_int,
	clear_int };

/* words */

static const struct choice *
choice_of(const struct option_row *row, struct span word)
{
	for (const struct choice *c = row->choices; c->word != NULL; c++)
		if (span_is_nocase(word, c->word))
			return c;
	return NULL;
}

static void
show_choice(const struct choice *c, struct buf *out)
{
	buf_puts(out, c->shown != NULL ? c->shown : c->word);
}

static bool
store_word(const struct option_row *row, struct span value, void *place)
{
	const struct choice *c = choice_of(row, value);

	if (c == NULL)
		return false;
	*(int *)place = c->value;
	return true;
}

static void
show_word(const struct option_row *row, const void *place, struct buf *out)
{
	for (const struct choice *c = row->choices; c->word != NULL; c++)
		if (c->value == *(const int *)place) {
			show_choice(c, out);
			return;
		}
}

const struct option_type type_word = { store_word, show_word, copy_int, clear_int };

/* A value of 0 (off) and an odd one (never) can only stand alone. */
static bool
store_words(const struct option_row *row, struct span value, void *place)
{
	int all = 0, n = 0;
	bool alone = false;
	struct span word;

	while (span_cut(&value, ',', &word)) {
		const struct choice *c = choice_of(row, word);

		if (c == NULL)
			return false;
		alone |= c->value == 0 || (c->value & 1) != 0;
		all |= c->value;
		n++;
	}
	if (n == 0 || (alone && n > 1))
		return false;
	*(int *)place = all;
	return true;
}

static void
show_words(const struct option_row *row, const void *place, struct buf *out)
{
	int all = *(const int *)place, left = all;
	size_t before = out->len;

	for (const struct choice *c = row->choices; c->word != NULL; c++)
		if (c->value != 0 ? (left & c->value) == c->value : all == 0) {
			if (out->len > before)
				buf_addc(out, ',');
			show_choice(c, out);
			left &= ~c->value;
		}
}

const struct option_type type_words = { store_words, show_words, copy_int, clear_int };
