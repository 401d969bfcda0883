/* SPDX-License-Identifier: ISC
 *
 * catch_show.c - how mail looks that was caught
 */
#include <string.h>
#include <time.h>

#include "base/utf8.h"
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

/* "from <a@x> to <b@x>: What it is about"; with a user, "to <b@x>, signed in as me: ..."
 */
bool
catch_show_summary(struct buf *out, struct caught *c, struct outcome *o)
{
	size_t start = out->len;

	(void)o;
	buf_printf(out, "from <%s> to ", sender_of(c));
	add_recipients(out, c, "<", ">");
	if (c->from.user != NULL)
		buf_printf(out, ", signed in as %s", c->from.user);
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
	buf_puts(out, "]\n");
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
	buf_printf(
	    out, "X-Peer: %s\n", c->from.peer != NULL ? c->from.peer : "localhost");
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
	if (c->from.options != NULL && *c->from.options != '\0')
		add_options(out, c->from.options);
	ok = ok && add_readable(out, c, o);
	buf_puts(out, "------------ END MESSAGE ------------\n");
	return ok;
}

bool
catch_show_file(struct buf *out, struct caught *c, struct outcome *o)
{
	buf_printf(out, "X-Peer: %s\nX-MailFrom: %s\nX-RcptTo: ",
	    c->from.peer != NULL ? c->from.peer : "localhost", sender_of(c));
	add_recipients(out, c, "", "");
	buf_addc(out, '\n');
	if (c->from.user != NULL)
		buf_printf(out, "X-User: %s\n", c->from.user);
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
