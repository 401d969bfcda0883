/* SPDX-License-Identifier: ISC
 *
 * catch_python.c - what DebuggingServer of Python's module smtpd has printed (3.5 to
 * 3.11), byte for byte: for scripts that read it
 */
#include <string.h>

#include "relay/catch.h"

/* As Python shows bytes: with double quotes where only single ones are in them. */
static void
add_bytes(struct buf *out, struct span s)
{
	const bool has_single = memchr(s.p, '\'', s.n) != NULL,
		   has_double = memchr(s.p, '"', s.n) != NULL;
	const char quote = has_single && !has_double ? '"' : '\'';

	buf_addc(out, 'b');
	buf_addc(out, quote);
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (c == quote || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\t')
			buf_puts(out, "\\t");
		else if (is_control(c) || is_8bit(c))
			buf_printf(out, "\\x%02x", (unsigned char)c);
		else
			buf_addc(out, c);
	}
	buf_addc(out, quote);
	buf_addc(out, '\n');
}

/* A list of words, in capitals: ['BODY=8BITMIME', 'SIZE=341'] */
static void
add_options(struct buf *out, const char *name, const char *options, const char *end)
{
	struct span left = span_of(options != NULL ? options : ""), word;
	const char *before = "[";

	if (left.n == 0)
		return;
	buf_printf(out, "%s options: ", name);
	while (span_cut(&left, ' ', &word)) {
		if (word.n == 0)
			continue;
		buf_printf(out, "%s'", before);
		for (size_t i = 0; i < word.n; i++)
			buf_addc(out, word.p[i] >= 'a' && word.p[i] <= 'z'
					  ? (char)(word.p[i] - 32)
					  : word.p[i]);
		buf_addc(out, '\'');
		before = ", ";
	}
	buf_printf(out, "]\n%s", end);
}

bool
catch_show_python(struct buf *out, struct caught *c, struct outcome *o)
{
	struct span left, line;
	struct buf text, peer;
	bool in_header = true, ok;

	buf_init(&text, CATCH_MAX);
	buf_init(&peer, CATCH_MAX);
	ok = catch_show_raw(&text, c, o);
	buf_printf(&peer, "X-Peer: %s", c->from.peer != NULL ? c->from.peer : "");
	buf_puts(out, "---------- MESSAGE FOLLOWS ----------\n");
	add_options(out, "mail", c->from.options, "");
	add_options(out, "rcpt", c->from.rcpt_options, "\n");
	left = buf_span(&text);
	if (left.n > 0 && left.p[left.n - 1] == '\n') /* Python's data has no last one */
		left.n--;
	while (span_cut(&left, '\n', &line)) {
		if (in_header && line.n == 0)
			add_bytes(out, buf_span(&peer));
		in_header = in_header && line.n > 0;
		add_bytes(out, line);
	}
	buf_puts(out, "------------ END MESSAGE ------------\n");
	buf_free(&text);
	buf_free(&peer);
	return ok;
}
