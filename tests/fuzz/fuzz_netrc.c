/* SPDX-License-Identifier: ISC
 *
 * fuzz_netrc.c - a file of passwords
 *
 * What is found is a part of the file, less its quotes, and stands in the line that is
 * told; and for a password to be found, host and user must be in the file as well.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "conf/netrc.h"

/* Less quotes, which may stand anywhere in a word. */
static char *
without_quotes(struct span s, size_t *n)
{
	char *out = malloc(s.n + 1);

	must(out != NULL);
	*n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '"' && s.p[i] != '\'')
			out[(*n)++] = s.p[i];
	return out;
}

static void
must_hold(struct span text, struct span part)
{
	size_t n, k;
	char *all = without_quotes(text, &n), *some = without_quotes(part, &k);

	must(k == 0 || memmem(all, n, some, k) != NULL);
	free(all);
	free(some);
}

static struct span
line_of(struct span text, int wanted)
{
	struct span line = { "", 0 };

	for (int i = 0; i < wanted; i++)
		must(span_cut(&text, '\n', &line));
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct secret s = { 0 };
	int line = 0;

	if (netrc_find(text, "mx.example", "joe", &s, &line)) {
		must(secret_given(&s) && line > 0);
		must_hold(text, span_of("mx.example"));
		must_hold(text, span_of("joe"));
		must_hold(line_of(text, line), span_bytes(s.data, s.len));
	} else {
		must(!secret_given(&s) && line == 0);
	}
	secret_free(&s);
	return 0;
}
