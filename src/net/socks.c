/* SPDX-License-Identifier: ISC */
#include "net/socks.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"

#define SOCKS_VERSION 5
#define NO_SIGN_IN 0
#define NO_METHOD 0xff /* none of those that were offered will do */
#define CONNECT 1
enum { IPV4 = 1, DOMAIN = 3, IPV6 = 4 };

#define NAME_MAX_LENGTH 255 /* its length is one byte */
#define REQUEST_MAX (4 + 1 + NAME_MAX_LENGTH + 2)

/* How long, and how much, we listen to what isn't SOCKS. */
#define QUOTED_MS 1000
#define QUOTED_MAX 60
#define HEX_MAX 8

/* The reply codes of RFC 1928, 6. What is over soon is worth another try. */
static const struct {
	enum cause cause;
	const char *words;
} refusals[] = {
	{ CAUSE_NONE, NULL },
	{ CAUSE_PROXY_CONNECT, "the proxy has a general failure" },
	{ CAUSE_PROXY_REFUSED, "the proxy's rules do not allow this connection" },
	{ CAUSE_PROXY_CONNECT, "the proxy finds the network unreachable" },
	{ CAUSE_PROXY_CONNECT, "the proxy can't find or reach the host" },
	{ CAUSE_PROXY_CONNECT, "the connection was refused there" },
	{ CAUSE_PROXY_CONNECT, "the proxy got no answer in time (TTL expired)" },
	{ CAUSE_PROXY_REFUSED, "the proxy does not make connections (CONNECT)" },
	{ CAUSE_PROXY_REFUSED, "the proxy does not take this kind of address" },
};

static unsigned
byte_at(struct span s, size_t i)
{
	return (unsigned char)s.p[i];
}

static bool
fail(const struct socks *to, enum cause cause, const char *why, struct outcome *o)
{
	return outcome_fail(o, cause,
	    "cannot connect to %s, port %d, through the proxy %s, port %d: %s", to->host,
	    to->port, to->proxy_host, to->proxy_port, why);
}

/* What the stream says about "the server" is about the proxy here. */
static bool
lost(const struct socks *to, const struct outcome *why, struct outcome *o)
{
	char words[128];

	if (why->cause == CAUSE_TIMEOUT) {
		(void)snprintf(
		    words, sizeof words, "no answer from the proxy: %.60s", why->text);
		return fail(to, CAUSE_PROXY_TIMEOUT, words, o);
	}
	if (why->cause == CAUSE_HANGUP)
		return fail(to, CAUSE_PROXY_HANGUP,
		    "the proxy closed the connection before it had answered", o);
	*o = *why;
	return false;
}

/* Sends what is in the stream, and takes the next `n` bytes. */
static bool
receive(struct stream *s, const struct socks *to, struct span *bytes, size_t n,
    int64_t deadline, struct outcome *o)
{
	struct outcome why;

	return (stream_flush(s, deadline, &why) &&
		   stream_bytes(s, bytes, n, deadline, &why)) ||
	       lost(to, &why, o);
}

static void
add_quoted(struct buf *out, struct span seen)
{
	if (!span_has_control(seen)) {
		buf_printf(out, "\"%.*s\"", (int)seen.n, seen.p);
		return;
	}
	buf_puts(out, "the bytes");
	for (size_t i = 0; i < seen.n && i < HEX_MAX; i++)
		buf_printf(out, " %02X", byte_at(seen, i));
}

/* The rest of the first line, or what there is of it. */
static void
add_line(struct buf *out, struct stream *s, int64_t deadline)
{
	int64_t until = clock_first(deadline, clock_in(QUOTED_MS));
	struct outcome ignored;
	struct span line = { "", 0 };
	size_t n;

	if (!stream_line(s, &line, QUOTED_MAX, until, &ignored)) {
		n = stream_unread(s);
		(void)stream_bytes(
		    s, &line, n < QUOTED_MAX ? n : QUOTED_MAX, until, &ignored);
	}
	buf_add_span(out, line);
}

/* Whoever isn't a SOCKS5 proxy often tells who it is in its first line. */
static bool
no_socks(struct stream *s, const struct socks *to, struct span first, int64_t deadline,
    struct outcome *o)
{
	struct buf seen, words;

	buf_init(&seen, QUOTED_MAX + 16);
	buf_init(&words, 256);
	buf_add_span(&seen, first);
	add_line(&seen, s, deadline);
	if (span_starts_nocase(buf_span(&seen), "HTTP/"))
		buf_puts(&words, "this is an HTTP proxy, and no SOCKS5 proxy: ");
	else
		buf_puts(&words, "this is no SOCKS5 proxy: ");
	add_quoted(&words, buf_span(&seen));
	buf_puts(&words, " came in place of its reply");
	(void)fail(to, CAUSE_PROXY_PROTOCOL, words.data, o);
	buf_free(&seen);
	buf_free(&words);
	return false;
}

/* RFC 1928, 3: which methods of signing in we know (none), and which one it wants. */
static bool
agree(struct stream *s, const struct socks *to, int64_t deadline, struct outcome *o)
{
	static const char hello[] = { SOCKS_VERSION, 1, NO_SIGN_IN };
	struct span reply = { "", 0 };
	char words[80];

	if (!stream_write(s, span_bytes(hello, sizeof hello), deadline, o) ||
	    !receive(s, to, &reply, 2, deadline, o))
		return false;
	if (byte_at(reply, 0) != SOCKS_VERSION)
		return no_socks(s, to, reply, deadline, o);
	if (byte_at(reply, 1) == NO_METHOD)
		return fail(to, CAUSE_PROXY_AUTH, "the proxy wants a sign-in", o);
	if (byte_at(reply, 1) == NO_SIGN_IN)
		return true;
	(void)snprintf(words, sizeof words,
	    "the proxy chose sign-in method %u, which was not offered",
	    byte_at(reply, 1));
	return fail(to, CAUSE_PROXY_PROTOCOL, words, o);
}

static void
add_name(struct buf *out, const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > NAME_MAX_LENGTH)
		return;
	buf_addc(out, DOMAIN);
	buf_addc(out, (char)n);
	buf_add(out, name, n);
}

/* ATYP and DST.ADDR of RFC 1928, 4. */
static bool
add_address(struct buf *out, const char *host, struct outcome *o)
{
	unsigned char address[sizeof(struct in6_addr)];
	size_t before = out->len;
	char *name;

	if (inet_pton(AF_INET, host, address) == 1) {
		buf_addc(out, IPV4);
		buf_add(out, address, 4);
	} else if (inet_pton(AF_INET6, host, address) == 1) {
		buf_addc(out, IPV6);
		buf_add(out, address, 16);
	} else if ((name = domain_to_ascii(host)) != NULL) {
		add_name(out, name);
		free(name);
	}
	return out->len > before ||
	       outcome_fail(
		   o, CAUSE_NO_HOST, "cannot locate host %s: it is no host name", host);
}

static bool
make_request(struct buf *out, const struct socks *to, struct outcome *o)
{
	buf_addc(out, SOCKS_VERSION);
	buf_addc(out, CONNECT);
	buf_addc(out, 0);
	if (!add_address(out, to->host, o))
		return false;
	buf_addc(out, (char)(to->port >> 8));
	buf_addc(out, (char)(to->port & 0xff));
	return true;
}

static bool
refused(const struct socks *to, unsigned code, struct outcome *o)
{
	char words[80];

	if (code < sizeof refusals / sizeof refusals[0])
		return fail(to, refusals[code].cause, refusals[code].words, o);
	(void)snprintf(words, sizeof words,
	    "the proxy refused, with a code that has no meaning (%u)", code);
	return fail(to, CAUSE_PROXY_REFUSED, words, o);
}

/* The address that the proxy connects from tells us nothing; it only has to be taken out
 * of the way. */
static bool
skip_address(struct stream *s, const struct socks *to, unsigned type, int64_t deadline,
    struct outcome *o)
{
	struct span bytes = { "", 0 };
	char words[80];

	switch (type) {
	case IPV4:
		return receive(s, to, &bytes, 4 + 2, deadline, o);
	case IPV6:
		return receive(s, to, &bytes, 16 + 2, deadline, o);
	case DOMAIN:
		return receive(s, to, &bytes, 1, deadline, o) &&
		       receive(s, to, &bytes, byte_at(bytes, 0) + 2, deadline, o);
	default:
		(void)snprintf(words, sizeof words,
		    "the proxy's reply names an address of an unknown kind (%u)", type);
		return fail(to, CAUSE_PROXY_PROTOCOL, words, o);
	}
}

/* RFC 1928, 6. A refusal may end after its code, whatever the RFC says. */
static bool
take_reply(struct stream *s, const struct socks *to, int64_t deadline, struct outcome *o)
{
	struct span reply = { "", 0 };

	if (!receive(s, to, &reply, 2, deadline, o))
		return false;
	if (byte_at(reply, 0) != SOCKS_VERSION)
		return no_socks(s, to, reply, deadline, o);
	if (byte_at(reply, 1) != 0)
		return refused(to, byte_at(reply, 1), o);
	return receive(s, to, &reply, 2, deadline, o) &&
	       skip_address(s, to, byte_at(reply, 1), deadline, o);
}

bool
socks_connect(
    struct stream *s, const struct socks *to, int64_t deadline, struct outcome *o)
{
	struct buf request;
	bool ok;

	buf_init(&request, REQUEST_MAX);
	ok = make_request(&request, to, o) && agree(s, to, deadline, o) &&
	     stream_write(s, buf_span(&request), deadline, o) &&
	     take_reply(s, to, deadline, o);
	buf_free(&request);
	return ok;
}
