/* SPDX-License-Identifier: ISC */
#include "conf/type.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "mail/address.h"

#define NUMBER_MAX_LENGTH 20
#define SHA256_TEXT (32 * 3 - 1) /* pairs of digits, one byte between two */

char *
home_directory(void)
{
	const char *home = secure_getenv("HOME");
	const struct passwd *pw;

	if (home != NULL && *home != '\0')
		return mem_dup(home);
	pw = getpwuid(getuid());
	return pw != NULL ? mem_dup(pw->pw_dir) : NULL;
}

char *
home_expand(struct span path)
{
	char *home, *whole;

	if (path.n == 0 || path.p[0] != '~')
		return span_dup(path);
	home = home_directory();
	if (home == NULL)
		return NULL;
	whole = mem_printf("%s%.*s", home, (int)path.n - 1, path.p + 1);
	free(home);
	return whole;
}

/* text */

static void
replace(char **place, char *s)
{
	free(*place);
	*place = s;
}

static bool
store_text(const struct option_row *row, struct span value, void *place)
{
	(void)row;
	if (span_has_control(value))
		return false;
	replace(place, value.n > 0 ? span_dup(value) : NULL);
	return true;
}

static void
show_text(const struct option_row *row, const void *place, struct buf *out)
{
	const char *s = *(char *const *)place;

	(void)row;
	if (s != NULL)
		buf_puts(out, s);
}

static void
copy_text(void *to, const void *from)
{
	const char *s = *(char *const *)from;

	replace(to, s != NULL ? mem_dup(s) : NULL);
}

static void
clear_text(void *place)
{
	replace(place, NULL);
}

const struct option_type type_text = { store_text, show_text, copy_text, clear_text };

/* path */

static bool
store_path(const struct option_row *row, struct span value, void *place)
{
	char *path;

	if (value.n == 0 || span_has_control(value))
		return store_text(row, value, place);
	path = home_expand(value);
	if (path == NULL)
		return false;
	replace(place, path);
	return true;
}

const struct option_type type_path = { store_path, show_text, copy_text, clear_text };

/* token */

static void
show_token(const struct option_row *row, const void *place, struct buf *out)
{
	const char *s = *(char *const *)place;
	size_t n = s != NULL ? tls_shown_length(s) : 0;

	(void)row;
	if (s == NULL)
		return;
	buf_add(out, s, n);
	if (s[n] != '\0')
		buf_puts(out, "*");
}

const struct option_type type_token = { store_path, show_token, copy_text, clear_text };

/* secret */

static bool
store_secret(const struct option_row *row, struct span value, void *place)
{
	(void)row;
	if (value.n > SECRET_MAX || memchr(value.p, '\0', value.n) != NULL)
		return false;
	if (value.n == 0)
		secret_free(place);
	else
		secret_set(place, value);
	return true;
}

static void
show_secret(const struct option_row *row, const void *place, struct buf *out)
{
	(void)row;
	if (secret_given(place))
		buf_puts(out, "*");
}

static void
copy_secret(void *to, const void *from)
{
	const struct secret *s = from;

	if (secret_given(s))
		secret_set(to, span_bytes(s->data, s->len));
	else
		secret_free(to);
}

static void
clear_secret(void *place)
{
	secret_free(place);
}

const struct option_type type_secret = { store_secret, show_secret, copy_secret,
	clear_secret };

/* numbers */

static bool
parse_number(struct span value, int base, long min, long max, int *out)
{
	char digits[NUMBER_MAX_LENGTH + 1] = "", *end;
	long n;

	if (value.n == 0 || value.n > NUMBER_MAX_LENGTH || !is_digit(value.p[0]))
		return false;
	memcpy(digits, value.p, value.n);
	errno = 0;
	n = strtol(digits, &end, base);
	if (errno != 0 || end != digits + value.n || n < min || n > max)
		return false;
	*out = (int)n;
	return true;
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
	return value.n == 0 ? unset_int(place) : parse_number(value, 0, 1, 65535, place);
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
	return value.n == 0 ? unset_int(place)
			    : parse_number(value, 10, 1, INT_MAX, place);
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
	return parse_number(value, 10, 1, INT_MAX / 1000, place);
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

/* switches and words */

static bool
store_switch(const struct option_row *row, struct span value, void *place)
{
	static const char *const yes[] = { "on", "yes", "true" };
	static const char *const no[] = { "off", "no", "false" };
	bool on = false, off = false;

	(void)row;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		on |= span_is_nocase(value, yes[i]);
		off |= span_is_nocase(value, no[i]);
	}
	if (!on && !off)
		return false;
	*(bool *)place = on;
	return true;
}

static void
show_switch(const struct option_row *row, const void *place, struct buf *out)
{
	(void)row;
	buf_puts(out, *(const bool *)place ? "on" : "off");
}

static void
copy_switch(void *to, const void *from)
{
	*(bool *)to = *(const bool *)from;
}

static void
clear_switch(void *place)
{
	*(bool *)place = false;
}

const struct option_type type_switch = { store_switch, show_switch, copy_switch,
	clear_switch };

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

/* fingerprint */

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = memchr(digits, c, sizeof digits - 1);
	int i = at != NULL ? (int)(at - digits) : -1;

	return i < 16 ? i : i - 6;
}

/* Pairs of hexadecimal digits, a colon or a blank between two of them. */
static bool
store_fingerprint(const struct option_row *row, struct span value, void *place)
{
	struct fingerprint f = { .n = (value.n + 1) / 3 };

	(void)row;
	if (value.n > 0 &&
	    ((value.n + 1) % 3 != 0 || (f.n != 32 && f.n != 20 && f.n != 16)))
		return false;
	for (size_t i = 0; i < f.n; i++) {
		const char *pair = value.p + i * 3;
		int high = hex_value(pair[0]), low = hex_value(pair[1]);

		if (high < 0 || low < 0 ||
		    (i + 1 < f.n && pair[2] != ':' && pair[2] != ' '))
			return false;
		f.bytes[i] = (unsigned char)(high << 4 | low);
	}
	*(struct fingerprint *)place = f;
	return true;
}

static void
show_fingerprint(const struct option_row *row, const void *place, struct buf *out)
{
	(void)row;
	fingerprint_add(out, place);
}

static void
copy_fingerprint(void *to, const void *from)
{
	*(struct fingerprint *)to = *(const struct fingerprint *)from;
}

static void
clear_fingerprint(void *place)
{
	*(struct fingerprint *)place = (struct fingerprint){ .n = 0 };
}

const struct option_type type_fingerprint = { store_fingerprint, show_fingerprint,
	copy_fingerprint, clear_fingerprint };

static bool
store_sha256(const struct option_row *row, struct span value, void *place)
{
	return (value.n == 0 || value.n == SHA256_TEXT) &&
	       store_fingerprint(row, value, place);
}

const struct option_type type_sha256 = { store_sha256, show_fingerprint, copy_fingerprint,
	clear_fingerprint };

/* mailbox */

static bool
store_mailbox(const struct option_row *row, struct span value, void *place)
{
	struct address a = { 0 };
	struct outcome ignored;
	bool ok;

	if (value.n == 0)
		return store_text(row, value, place);
	ok = address_parse(&a, value, &ignored) && *a.spec != '\0';
	if (ok)
		replace(place, mem_dup(a.spec));
	address_free(&a);
	return ok;
}

const struct option_type type_mailbox = { store_mailbox, show_text, copy_text,
	clear_text };

/* routes */

/* "PATTERNS ACCOUNT": two words; what follows the first blanks is the account's name. */
static bool
store_routes(const struct option_row *row, struct span value, void *place)
{
	char *before = *(char **)place;

	if (value.n == 0)
		return store_text(row, value, place);
	if (span_has_control(value) || memchr(value.p, ' ', value.n) == NULL)
		return false;
	*(char **)place = before != NULL
			      ? mem_printf("%s\n%.*s", before, (int)value.n, value.p)
			      : span_dup(value);
	free(before);
	return true;
}

static void
show_routes(const struct option_row *row, const void *place, struct buf *out)
{
	const char *s = *(char *const *)place;

	(void)row;
	for (; s != NULL && *s != '\0'; s++)
		buf_puts(out, *s == '\n' ? "; " : (char[]){ *s, '\0' });
}

const struct option_type type_routes = { store_routes, show_routes, copy_text,
	clear_text };

/* catch */

static bool
store_catch(const struct option_row *row, struct span value, void *place)
{
	static const char *const kinds[] = { "maildir:", "mbox:", "eml:", "json:" };

	(void)row;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t n = strlen(kinds[i]);
		char *path;

		if (value.n <= n || memcmp(value.p, kinds[i], n) != 0 ||
		    span_has_control(value))
			continue;
		path = home_expand(span_bytes(value.p + n, value.n - n));
		if (path == NULL)
			return false;
		replace(place, mem_printf("%s%s", kinds[i], path));
		free(path);
		return true;
	}
	if (!span_is(value, "-"))
		return false;
	replace(place, mem_dup("-"));
	return true;
}

const struct option_type type_catch = { store_catch, show_text, copy_text, clear_text };
