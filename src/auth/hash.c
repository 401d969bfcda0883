/* SPDX-License-Identifier: ISC */
#include "auth/hash.h"

#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "base/mem.h"

/* So that one try takes a second or two, and 128 MB, at most. */
#define ROUNDS_MAX 2000000
#define DOUBLED_MAX 14
#define MEMORY_MAX 'C' /* 2^15 blocks of 4 KB */

bool
hash_is(struct span text)
{
	static const char *const kinds[] = { "$1$", "$2a$", "$2b$", "$2x$", "$2y$", "$5$",
		"$6$", "$7$", "$y$", "$gy$" };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (text.n >= strlen(kinds[i]) &&
		    memcmp(text.p, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

struct span
hash_kind(struct span hash)
{
	const char *end = memchr(hash.p + 1, '$', hash.n - 1);

	return span_bytes(hash.p, (size_t)(end - hash.p) + 1);
}

/* "rounds=656000$", or nothing: a few thousand. */
static bool
has_few_rounds(struct span cost)
{
	struct span digits;
	uint64_t rounds;

	if (!span_starts_nocase(cost, "rounds="))
		return true;
	(void)span_cut(&cost, '=', &digits);
	return span_cut(&cost, '$', &digits) &&
	       span_number(digits, 10, ROUNDS_MAX, &rounds);
}

/* "12$": doubled so often. */
static bool
is_doubled_little(struct span cost)
{
	struct span digits;
	uint64_t times;

	return span_cut(&cost, '$', &digits) &&
	       span_number(digits, 10, DOUBLED_MAX, &times);
}

/* Whether digits, the least significant first, of which '.' is 0 and later letters are
 * more, stand for no more than one of them. */
static bool
is_at_most(struct span digits, char most)
{
	for (size_t i = 1; i < digits.n; i++)
		if (digits.p[i] != '.')
			return false;
	return digits.n > 0 && digits.p[0] <= most;
}

/* "j9T$": how, log2 of the memory, and the size of a block. */
static bool
is_small_yescrypt(struct span cost)
{
	return cost.n > 3 && cost.p[0] == 'j' && cost.p[1] <= MEMORY_MAX &&
	       cost.p[2] <= 'T' && cost.p[3] == '$';
}

/* "CU..../....": the same with 1 and 5 digits, and how often in 5. */
static bool
is_small_scrypt(struct span cost)
{
	return cost.n >= 11 && cost.p[0] <= MEMORY_MAX + 1 &&
	       is_at_most(span_bytes(cost.p + 1, 5), 'U') &&
	       is_at_most(span_bytes(cost.p + 6, 5), '/');
}

bool
hash_is_quick(struct span hash)
{
	const struct span kind = hash_kind(hash);
	const struct span cost = span_bytes(hash.p + kind.n, hash.n - kind.n);

	switch (kind.p[1]) {
	case '5':
	case '6':
		return has_few_rounds(cost);
	case '2':
		return is_doubled_little(cost);
	case 'y':
	case 'g':
		return is_small_yescrypt(cost);
	case '7':
		return is_small_scrypt(cost);
	default:
		return true;
	}
}

#ifdef HAVE_CRYPT_H

#include <crypt.h>

static struct {
	__typeof__(crypt_r) *crypt_r;
} library;

bool
hash_ready(struct outcome *o)
{
	static const char *const names[] = { "crypt_r" };

	return library_load(CRYPT_FILE, names, &library, 1, o);
}

static char *
make_hash(const char *password, const char *like, struct crypt_data *data)
{
	return library.crypt_r(password, like, data);
}

#else

struct crypt_data {
	int none;
};

bool
hash_ready(struct outcome *o)
{
	return outcome_fail(o, CAUSE_SYSTEM, "this program was built without crypt(3)");
}

static char *
make_hash(const char *password, const char *like, struct crypt_data *data)
{
	(void)password;
	(void)like;
	(void)data;
	return NULL;
}

#endif

/* What crypt(3) can't make begins with '*', and is no hash. */
bool
hash_matches(struct span hash, const char *password)
{
	struct crypt_data *data = mem_new(sizeof *data);
	char *like = span_dup(hash);
	const char *made = make_hash(password, like, data);
	const bool ok = made != NULL && *made == '$' && strcmp(made, like) == 0;

	explicit_bzero(data, sizeof *data);
	free(data);
	free(like);
	return ok;
}
