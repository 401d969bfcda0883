/* SPDX-License-Identifier: ISC */
#include "conf/type.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/home.h"
#include "mail/address.h"

#define SHA256_TEXT (32 * 3 - 1) /* pairs of digits, one byte between two */

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
	if (!span_is_line(value))
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

	if (value.n == 0 || !span_is_line(value))
		return store_text(row, value, place);
	path = home_expand(value);
	if (path == NULL)
		return false;
	replace(place, path);
	return true;
}

const struct option_type type_path = { store_path, show_text, copy_text, clear_text };

/* directory: not one that depends on where we were started */

static bool
store_directory(const struct option_row *row, struct span value, void *place)
{
	const bool is_whole = value.n == 0 || value.p[0] == '/' || value.p[0] == '~';

	return is_whole && store_path(row, value, place);
}

const struct option_type type_directory = { store_directory, show_text, copy_text,
	clear_text };

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

/* switches */

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

/* The first word without the blanks behind its commas, and the rest; owned by the caller.
 */
static char *
close_list(struct span value)
{
	char *text = span_dup(value), *to = text;
	const char *from = text;

	while (*from != '\0' && !is_blank(*from)) {
		*to++ = *from;
		if (*from++ == ',')
			from += strspn(from, " \t");
	}
	memmove(to, from, strlen(from) + 1);
	return text;
}

/* "PATTERNS ACCOUNT": a list, and what follows its blanks, the account's name. */
static bool
store_routes(const struct option_row *row, struct span value, void *place)
{
	char *before = *(char **)place, *line;
	bool ok;

	if (value.n == 0)
		return store_text(row, value, place);
	line = close_list(value);
	ok = !span_has_control(value) && strchr(line, ' ') != NULL;
	if (ok) {
		*(char **)place =
		    before != NULL ? mem_printf("%s\n%s", before, line) : mem_dup(line);
		free(before);
	}
	free(line);
	return ok;
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
