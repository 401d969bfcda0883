/* SPDX-License-Identifier: ISC */
#include "auth/stored.h"

#include <string.h>

#include "auth/hash.h"

#define ITERATIONS_MAX 1000000 /* a second or so */

static bool
is_scheme_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) ||
	       strchr("-_.", c) != NULL;
}

/* Takes "{SCHEME}" off the front. */
static bool
take_scheme(struct span *value, struct span *scheme)
{
	size_t n = 1;

	if (value->n == 0 || value->p[0] != '{')
		return false;
	while (n < value->n && value->p[n] != '\0' && is_scheme_letter(value->p[n]))
		n++;
	if (n == 1 || n == value->n || value->p[n] != '}')
		return false;
	*scheme = span_bytes(value->p + 1, n - 1);
	*value = span_bytes(value->p + n + 1, value->n - n - 1);
	return true;
}

/* "!", "*", "!!", "!$6$...", as passwd(1) leaves them; other passwords may begin so. */
static bool
is_locked(struct span value)
{
	size_t n = 0;

	while (n < value.n && (value.p[n] == '!' || value.p[n] == '*'))
		n++;
	return n > 0 && (n == value.n || value.p[n] == ':' ||
			    hash_is(span_bytes(value.p + n, value.n - n)));
}

static struct stored
read_hash(struct span value)
{
	struct stored s = { .kind = STORED_HASH, .text = { "", 0 } };

	(void)span_cut(&value, ':', &s.text);
	if (!hash_is(s.text)) {
		s.kind = STORED_NONE;
	} else if (!hash_is_quick(s.text)) {
		s.kind = STORED_SLOW;
		s.text = hash_kind(s.text);
	}
	return s;
}

static struct stored
read_scram(struct span value)
{
	struct stored s = { .kind = STORED_SCRAM, .text = { "", 0 } };
	struct span keys, iterations;
	uint64_t n;

	(void)span_cut(&value, ':', &keys);
	if (!span_cut(&keys, ',', &iterations) || !span_cut(&keys, ',', &s.salt) ||
	    !span_cut(&keys, ',', &s.stored_key) ||
	    !span_cut(&keys, ',', &s.server_key) || keys.n > 0 ||
	    !span_number(iterations, 10, ITERATIONS_MAX, &n) || n == 0)
		s.kind = STORED_NONE;
	else
		s.iterations = (unsigned)n;
	return s;
}

static struct stored
read_plain(struct span value)
{
	return (struct stored){ .kind = value.n > 0 ? STORED_PLAIN : STORED_LOCKED,
		.text = value };
}

struct stored
stored_read(struct span value)
{
	static const struct {
		const char *name;
		struct stored (*read)(struct span value);
	} schemes[] = {
		{ "PLAIN", read_plain },
		{ "CRYPT", read_hash },
		{ "SCRAM-SHA-256", read_scram },
	};
	struct stored s = { .kind = STORED_NONE };
	struct span scheme;

	if (is_locked(value))
		return (struct stored){ .kind = STORED_LOCKED, .text = { "", 0 } };
	if (hash_is(value))
		return read_hash(value);
	if (!take_scheme(&value, &scheme))
		return read_plain(value);
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (span_is_nocase(scheme, schemes[i].name))
			s = schemes[i].read(value);
	if (s.kind == STORED_NONE)
		s.text = scheme;
	return s;
}
