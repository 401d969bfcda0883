/* SPDX-License-Identifier: ISC */
#include "auth/hash.h"

#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "base/mem.h"

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
