/* SPDX-License-Identifier: ISC
 *
 * fuzz_socks.c - what a SOCKS5 proxy says, and after it the server
 *
 * The first byte says how many bytes come at a time. However they come, the connection
 * stands or it doesn't; and where it stands, the server's words begin behind the proxy's,
 * not one byte earlier or later.
 */
#include "fuzz/fuzz.h"

#include "base/clock.h"
#include "lib/script.h"
#include "net/socks.h"

/* The length of the proxy's two replies, where they say yes (RFC 1928, 3 and 6); else 0.
 */
static size_t
length(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = 0;

	if (s.n < 7 || p[0] != 5 || p[1] != 0 || p[2] != 5 || p[3] != 0)
		return 0;
	if (p[5] == 1)
		n = 2 + 4 + 4 + 2;
	else if (p[5] == 4)
		n = 2 + 4 + 16 + 2;
	else if (p[5] == 3)
		n = 2 + 4 + 1 + (size_t)p[6] + 2;
	return n <= s.n ? n : 0;
}

static enum cause
connect_through(struct span bytes, size_t piece)
{
	static const struct socks to = { "mx.example", 25, "proxy.example", 1080 };
	struct stream stream;
	struct script script;
	struct outcome o = { .cause = CAUSE_NONE };
	bool ok;

	script_init_bytes(&script, bytes, SCRIPT_CLOSES);
	script.read_max = piece;
	script_stream(&script, &stream);
	ok = socks_connect(&stream, &to, clock_in(1000), &o);
	must(ok == (length(bytes) > 0));
	if (ok)
		must(script.taken == length(bytes) && stream_unread(&stream) == 0);
	else
		must(o.cause == CAUSE_PROXY_HANGUP || o.cause == CAUSE_PROXY_PROTOCOL ||
		     o.cause == CAUSE_PROXY_AUTH || o.cause == CAUSE_PROXY_REFUSED ||
		     o.cause == CAUSE_PROXY_CONNECT);
	stream_close(&stream);
	script_free(&script);
	return o.cause;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = { (const char *)data + 1, size - 1 };

	if (size < 1)
		return 0;
	must(connect_through(bytes, 0) == connect_through(bytes, 1 + data[0] % 64));
	return 0;
}
