/* SPDX-License-Identifier: ISC
 *
 * fuzz_server.c - a whole session of the server: whatever a client says
 *
 * The first byte says how many bytes come at a time, whether the client speaks LMTP, may
 * end its messages with LF, and has to sign in. However the bytes come, the same is said
 * and done; each message that was begun has an end; no message has a lone CR or LF, or a
 * NUL; and what the server says are replies.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "auth/users.h"
#include "lib/basket.h"

static struct users *users;

static void
check_replies(struct span said)
{
	struct span line;

	must(said.n == 0 || said.p[said.n - 1] == '\n');
	while (span_cut(&said, '\n', &line)) {
		must(line.n >= 5 && line.n <= 511 && line.p[line.n - 1] == '\r');
		must(is_digit(line.p[0]) && is_digit(line.p[1]) && is_digit(line.p[2]));
		must(line.p[3] == ' ' || line.p[3] == '-');
	}
}

static void
check_log(struct span log)
{
	must(memchr(log.p, '\0', log.n) == NULL);
	for (size_t i = 0; i < log.n; i++)
		must(log.p[i] != '\r' || (i + 1 < log.n && log.p[i + 1] == '\n'));
}

/* SCRAM says something else each time. */
static bool
is_random(const char *said)
{
	return strstr(said, "\n334 c") != NULL; /* "r=...", in base64 */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const unsigned how = n > 0 ? data[0] : 0;
	const struct span says =
	    n > 0 ? span_bytes((const char *)data + 1, n - 1) : span_of("");
	struct service service = {
		.lmtp = (how & 1) != 0,
		.bare = (how & 2) != 0,
		.must_sign_in = (how & 4) != 0,
		.limits = { .size = 10000, .recipients = 5, .messages = 20 },
	};
	struct basket whole, pieces;
	char *said, *again;

	if (users == NULL)
		users = users_from("ops:sw0rd");
	service.users = service.must_sign_in ? users : NULL;
	basket_init(&whole);
	basket_init(&pieces);
	pieces.read_max = how / 8 + 1;
	said = basket_play(&whole, &service, says);
	again = basket_play(&pieces, &service, says);
	check_replies(span_of(said));
	check_log(buf_span(&whole.log));
	must(is_random(said) || strcmp(said, again) == 0);
	must(strcmp(whole.log.data, pieces.log.data) == 0);
	must(whole.ended == 0 && pieces.ended == 0);
	free(said);
	free(again);
	basket_free(&whole);
	basket_free(&pieces);
	return 0;
}
