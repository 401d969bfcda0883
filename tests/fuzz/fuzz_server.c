/* SPDX-License-Identifier: ISC
 *
 * fuzz_server.c - a whole session of the server: whatever a client says
 *
 * The first byte says how many bytes come at a time, whether the client speaks LMTP, may
 * end its messages with LF, has to sign in, and is offered TLS. However the bytes come,
 * the same is said and done; each message that was begun has an end; no message has a
 * lone CR or LF, or a NUL; and what the server says are replies. There is nobody to shake
 * hands with: once STARTTLS was answered with 220, nothing more is said or done, whatever
 * stood behind it.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "auth/users.h"
#include "lib/basket.h"
#include "net/identity.h"

#define GO_ON "220 2.0.0 go on\r\n" /* STARTTLS is accepted */

static struct users *users;
static struct tls_identity *identity;

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

/* No command behind STARTTLS had an answer. */
static void
check_start(const char *said)
{
	const char *start = strstr(said, GO_ON);

	must(start == NULL || start[strlen(GO_ON)] == '\0');
}

static void
set_up(void)
{
	struct outcome o;

	if (users != NULL)
		return;
	users = users_from("ops:sw0rd");
	identity = tls_identity_new("mx.test", &(struct fingerprint){ 0 }, &o);
	must(identity != NULL);
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

	set_up();
	service.identity = (how & 8) != 0 ? identity : NULL;
	service.must_encrypt = service.identity != NULL && service.must_sign_in;
	service.users = service.must_sign_in ? users : NULL;
	basket_init(&whole);
	basket_init(&pieces);
	pieces.read_max = how / 16 + 1;
	said = basket_play(&whole, &service, says);
	again = basket_play(&pieces, &service, says);
	check_replies(span_of(said));
	check_start(said);
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
