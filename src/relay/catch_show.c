/* SPDX-License-Identifier: ISC
 *
 * catch_show.c - how mail looks that was caught
 */
#include <string.h>
#include <time.h>

#include "base/encode.h"
#include "mail/decode.h"
#include "relay/catch.h"

static const char *
sender_of(const struct caught *c)
{
	return c->envelope->sender != NULL ? c->envelope->sender : "";
}

/* "<a@x>, <b@x>" */
static void
add_recipients(
    struct buf *out, const struct caught *c, const char *left, const char *right)
{
	for (size_t i = 0; i < c->envelope->n; i++)
		buf_printf(out, "%s%s%s%s", i > 0 ? ", " : "", left,
		    c->envelope->rcpt[i].address, right);
}

/* The message, lines that end with LF. */
bool
catch_show_raw(struct buf *out, struct caught *c, struct outcome *o)
{
	struct span piece;

	source_rewind(c->message);
	do {
		if (!source_next(c->message, &piece, o))
			return false;
		buf_add_without(out, piece, '\r');
	} while (piece.n > 0);
	return true;
}

/* "from <a@x> to <b@x>: What it is about" */
bool
catch_show_summary(struct buf *out, struct caught *c, struct outcome *o)
{
	size_t start = out->len;

	(void)o;
	buf_printf(out, "from <%s> to ", sender_of(c));
	add_recipients(out, c, "<", ">");
	buf_puts(out, ": ");
	decode_header(out, &c->header, "Subject");
	if (buf_ok(out))
		make_printable(out->data + start, out->len - start, ' ');
	buf_addc(out, '\n');
	return true;
}

/* As Python shows a list of strings: ['BODY=8BITMIME', 'SIZE=341'] */
static void
add_options(struct buf *out, const char *options)
{
	struct span left = span_of(options), one;
	const char *before = "mail options: [";

	while (span_cut(&left, ' ', &one)) {
		buf_printf(out, "%s'%.*s'", before, (int)one.n, one.p);
		before = ", ";
	}
	buf_puts(out, "]\n\n");
}

/* The header, and X-Peer as the last of its lines; then the rest. */
static bool
add_readable(struct buf *out, struct caught *c, struct outcome *o)
{
	struct buf all;
	bool ok;
	size_t n;

	buf_init(&all, CATCH_MAX);
	ok = decode_message(&all, c->message, o);
	n = c->header.text.len < all.len ? c->header.text.len : all.len;
	buf_add(out, all.data, n);
	buf_printf(out, "X-Peer: %s\n", c->peer != NULL ? c->peer : "localhost");
	if (n == all.len || all.data[n] != '\n')
		buf_addc(out, '\n');
	buf_add(out, all.data + n, all.len - n);
	buf_free(&all);
	return ok;
}

/* The frame is that of DebuggingServer in Python's module smtpd. */
bool
catch_show_frame(struct buf *out, struct caught *c, struct outcome *o)
{
	bool ok = catch_show_summary(out, c, o);

	buf_puts(out, "---------- MESSAGE FOLLOWS ----------\n");
	if (c->options != NULL && *c->options != '\0')
		add_options(out, c->options);
	ok = ok && add_readable(out, c, o);
	buf_puts(out, "------------ END MESSAGE ------------\n");
	return ok;
}

bool
catch_show_file(struct buf *out, struct caught *c, struct outcome *o)
{
	buf_printf(out, "X-Peer: %s\nX-MailFrom: %s\nX-RcptTo: ",
	    c->peer != NULL ? c->peer : "localhost", sender_of(c));
	add_recipients(out, c, "", "");
	buf_addc(out, '\n');
	return catch_show_raw(out, c, o);
}

/* Whether the line begins with any number of '>' and "From ". */
static bool
is_from_line(struct span line)
{
	while (line.n > 0 && line.p[0] == '>')
		line = span_bytes(line.p + 1, line.n - 1);
	return line.n >= 5 && memcmp(line.p, "From ", 5) == 0;
}

bool
catch_show_mbox(struct buf *out, struct caught *c, struct outcome *o)
{
	const char *sender = sender_of(c);
	time_t now = time(NULL);
	struct span left, line;
	struct buf text;
	char stamp[64];
	struct tm tm;
	bool ok;

	(void)strftime(stamp, sizeof stamp, "%a %b %e %H:%M:%S %Y", gmtime_r(&now, &tm));
	buf_printf(
	    out, "From %s %s\n", *sender != '\0' ? sender : "MAILER-DAEMON", stamp);
	buf_init(&text, CATCH_MAX);
	ok = catch_show_file(&text, c, o);
	left = buf_span(&text);
	while (span_cut(&left, '\n', &line)) {
		if (is_from_line(line))
			buf_addc(out, '>');
		buf_add_span(out, line);
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
	buf_free(&text);
	return ok;
}

/* RFC 8259, 7; bytes that aren't UTF-8 become '?'. */
static void
json_string(struct buf *out, struct span s)
{
	bool good = is_utf8(s);

	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch == '"' || ch == '\\')
			buf_printf(out, "\\%c", ch);
		else if (ch == '\n')
			buf_puts(out, "\\n");
		else if (is_control(ch))
			buf_printf(out, "\\u%04x", (unsigned)ch);
		else
			buf_addc(out, is_8bit(ch) && !good ? '?' : ch);
	}
	buf_addc(out, '"');
}

static void
json_member(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, ",\"%s\":", name);
	json_string(out, value);
}

static void
json_header(struct buf *out, const struct header *h)
{
	buf_puts(out, ",\"headers\":[");
	for (size_t i = 0; i < h->n; i++) {
		struct buf value;

		buf_init(&value, HEADER_MAX);
		decode_field(&value, field_body(h, &h->v[i]));
		buf_puts(out, i > 0 ? ",[" : "[");
		json_string(out, field_name(h, &h->v[i]));
		buf_addc(out, ',');
		json_string(out, buf_span(&value));
		buf_addc(out, ']');
		buf_free(&value);
	}
	buf_addc(out, ']');
}

/* A message that is no UTF-8 is in base64, under a name that says so. */
static bool
json_message(struct buf *out, struct caught *c, struct outcome *o)
{
	struct buf text;
	bool ok;

	buf_init(&text, CATCH_MAX);
	ok = catch_show_raw(&text, c, o);
	if (is_utf8(buf_span(&text))) {
		json_member(out, "message", buf_span(&text));
	} else {
		buf_puts(out, ",\"message_base64\":\"");
		base64_encode(out, buf_span(&text));
		buf_addc(out, '"');
	}
	buf_free(&text);
	return ok;
}

bool
catch_show_json(struct buf *out, struct caught *c, struct outcome *o)
{
	struct buf subject;
	bool ok;

	buf_printf(out, "{\"time\":%lld", (long long)time(NULL));
	json_member(out, "peer", span_of(c->peer != NULL ? c->peer : ""));
	json_member(out, "options", span_of(c->options != NULL ? c->options : ""));
	json_member(out, "sender", span_of(sender_of(c)));
	buf_puts(out, ",\"recipients\":[");
	for (size_t i = 0; i < c->envelope->n; i++) {
		if (i > 0)
			buf_addc(out, ',');
		json_string(out, span_of(c->envelope->rcpt[i].address));
	}
	buf_addc(out, ']');
	buf_init(&subject, HEADER_MAX);
	decode_header(&subject, &c->header, "Subject");
	json_member(out, "subject", buf_span(&subject));
	buf_free(&subject);
	json_header(out, &c->header);
	ok = json_message(out, c, o);
	buf_puts(out, "}\n");
	return ok;
}
