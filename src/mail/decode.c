/* SPDX-License-Identifier: ISC */
#include "mail/decode.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/encode.h"
#include "base/utf8.h"
#include "mail/mime.h"
#include "mail/value.h"

#define CHARSET_MAX 64
#define TEXT_MAX (64 * 1024 * 1024) /* bytes of one part that are decoded */

/* Appends what iconv() makes of the bytes. */
static void
add_converted(struct buf *out, iconv_t converter, struct span bytes)
{
	char *in = (char *)(size_t)bytes.p, piece[1024];

	while (bytes.n > 0) {
		char *to = piece;
		size_t room = sizeof piece;
		size_t n = iconv(converter, &in, &bytes.n, &to, &room);

		buf_add(out, piece, sizeof piece - room);
		if (n != (size_t)-1 || errno == E2BIG)
			continue;
		buf_addc(out, '?');
		in++;
		bytes.n--;
	}
}

/* Whether the bytes need no change. Those of ISO-2022-JP look like ASCII. */
static bool
is_plain(struct span charset, struct span bytes)
{
	return charset.n == 0 || charset.n >= CHARSET_MAX ||
	       (is_utf8(bytes) && !span_starts_nocase(charset, "iso-2022"));
}

/* Appends the bytes, which are in that character set, in UTF-8. */
static void
add_utf8(struct buf *out, struct span charset, struct span bytes)
{
	char name[CHARSET_MAX];
	iconv_t converter = (iconv_t)-1;

	if (!is_plain(charset, bytes)) {
		memcpy(name, charset.p, charset.n);
		name[charset.n] = '\0';
		converter = iconv_open("UTF-8", name);
	}
	if (converter == (iconv_t)-1) {
		buf_add_span(out, bytes);
		return;
	}
	add_converted(out, converter, bytes);
	(void)iconv_close(converter);
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEFabcdef";
	const char *at = memchr(digits, c, sizeof digits - 1);
	int i = at != NULL ? (int)(at - digits) : -1;

	return i < 16 ? i : i - 6;
}

/* Appends the byte that "=XX" stands for; false where it is none. */
static bool
add_hex(struct buf *out, struct span s)
{
	int high = s.n >= 3 ? hex_digit(s.p[1]) : -1;
	int low = s.n >= 3 ? hex_digit(s.p[2]) : -1;

	if (high < 0 || low < 0)
		return false;
	buf_addc(out, (char)(high << 4 | low));
	return true;
}

/* RFC 2047, 2: "=?CHARSET?ENCODING?TEXT?=". */
struct encoded {
	struct span charset;
	char encoding; /* 'b' or 'q' */
	struct span text;
	size_t n; /* bytes of all of it */
};

/* Reads one that begins at the start of `s`. */
static bool
encoded_read(struct span s, struct encoded *e)
{
	struct span rest = span_bytes(s.p + 2, s.n - 2), encoding = { "", 0 };
	const char *star;

	if (!span_cut(&rest, '?', &e->charset) || !span_cut(&rest, '?', &encoding) ||
	    encoding.n != 1 || strchr("bBqQ", encoding.p[0]) == NULL ||
	    !span_cut(&rest, '?', &e->text) || rest.n == 0 || rest.p[0] != '=')
		return false;
	star = memchr(e->charset.p, '*', e->charset.n); /* RFC 2231, 5: a language */
	if (star != NULL)
		e->charset.n = (size_t)(star - e->charset.p);
	e->encoding = (char)(encoding.p[0] | 0x20);
	e->n = (size_t)(rest.p + 1 - s.p);
	return memchr(e->text.p, ' ', e->text.n) == NULL;
}

/* Appends the bytes that it stands for. */
static bool
encoded_add(struct buf *out, const struct encoded *e)
{
	if (e->encoding == 'b')
		return base64_decode(out, e->text);
	for (size_t i = 0; i < e->text.n; i++) {
		struct span left = span_bytes(e->text.p + i, e->text.n - i);

		if (left.p[0] == '=' && add_hex(out, left))
			i += 2;
		else
			buf_addc(out, left.p[0] == '_' ? ' ' : left.p[0]);
	}
	return true;
}

static bool
is_folding(char c)
{
	return is_blank(c) || c == '\n' || c == '\r';
}

static size_t
blanks_at(struct span s)
{
	size_t n = 0;

	while (n < s.n && is_folding(s.p[n]))
		n++;
	return n;
}

/* Words in one character set, side by side: some programs cut characters in two. Returns
 * how many bytes of `s` they are; 0: none begins here. */
static size_t
add_run(struct buf *out, struct span s)
{
	struct encoded e = { .n = 0 };
	struct span charset = { "", 0 };
	size_t used = 0, at = 0;
	struct buf bytes;

	buf_init(&bytes, HEADER_MAX);
	while (s.n - at > 2 && s.p[at] == '=' && s.p[at + 1] == '?' &&
	       encoded_read(span_bytes(s.p + at, s.n - at), &e) &&
	       (used == 0 || (e.charset.n == charset.n &&
				 strncasecmp(e.charset.p, charset.p, charset.n) == 0)) &&
	       encoded_add(&bytes, &e)) {
		charset = e.charset;
		used = at + e.n;
		at = used + blanks_at(span_bytes(s.p + used, s.n - used));
	}
	if (used > 0)
		add_utf8(out, charset, buf_span(&bytes));
	buf_free(&bytes);
	return used;
}

/* Whether one stands behind the blanks. */
static bool
begins_word(struct span s)
{
	struct encoded ignored;

	return s.n > 2 && s.p[0] == '=' && s.p[1] == '?' && encoded_read(s, &ignored);
}

void
decode_field(struct buf *out, struct span body)
{
	bool behind_word = false;

	body = span_trim(body);
	while (body.n > 0) {
		size_t n = add_run(out, body), blanks = blanks_at(body);
		struct span rest = span_bytes(body.p + blanks, body.n - blanks);

		if (n == 0 && blanks > 0 && !(behind_word && begins_word(rest)))
			buf_addc(out, ' ');
		if (n == 0 && blanks == 0)
			buf_addc(out, body.p[0]);
		behind_word = n > 0;
		n = n > 0 ? n : blanks > 0 ? blanks : 1;
		body = span_bytes(body.p + n, body.n - n);
	}
}

void
decode_header(struct buf *out, const struct header *h, const char *name)
{
	size_t i = 0;

	if (header_find(h, name, &i))
		decode_field(out, field_body(h, &h->v[i]));
}

/* What is known while a message is walked through. */
struct walk {
	struct buf *out;
	struct buf text; /* of the part, to be decoded; the lines end with LF */
	bool decodes;    /* this part is to be */
	bool is_base64;
	struct buf charset;
};

static void
add_unquoted(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		struct span left = span_bytes(text.p + i, text.n - i);

		if (left.p[0] != '=')
			buf_addc(out, left.p[0]);
		else if (left.n > 1 && left.p[1] == '\n')
			i++;
		else if (add_hex(out, left))
			i += 2;
		else
			buf_addc(out, '=');
	}
}

void
decode_bytes(struct buf *out, struct span encoding, struct span lines)
{
	struct buf joined;

	if (span_is_nocase(encoding, "quoted-printable")) {
		add_unquoted(out, lines);
	} else if (span_is_nocase(encoding, "base64")) {
		buf_init(&joined, TEXT_MAX);
		buf_add_without(&joined, lines, '\n');
		if (!base64_decode(out, buf_span(&joined)))
			buf_add_span(out, lines);
		buf_free(&joined);
	} else {
		buf_add_span(out, lines);
	}
}

void
decode_text(struct buf *out, struct span charset, struct span bytes)
{
	struct buf lines;

	buf_init(&lines, TEXT_MAX);
	buf_add_without(&lines, bytes, '\r');
	add_utf8(out, charset, buf_span(&lines));
	if (lines.len > 0 && lines.data[lines.len - 1] != '\n')
		buf_addc(out, '\n');
	buf_free(&lines);
}

/* The part has come to its end. */
static void
finish_part(struct walk *w)
{
	struct buf bytes;

	if (!w->decodes)
		return;
	buf_init(&bytes, TEXT_MAX);
	decode_bytes(&bytes, span_of(w->is_base64 ? "base64" : "quoted-printable"),
	    buf_span(&w->text));
	decode_text(w->out, buf_span(&w->charset), buf_span(&bytes));
	buf_free(&bytes);
	buf_clear(&w->text);
	w->decodes = false;
}

static struct span
field_of(const struct header *h, const char *name)
{
	size_t i = 0;

	return header_find(h, name, &i) ? field_body(h, &h->v[i]) : span_of("");
}

static bool
walk_header(void *arg, size_t i, enum mime_kind kind, struct header *h, bool ended,
    struct outcome *o)
{
	struct walk *w = arg;
	struct span type = field_of(h, "Content-Type"), encoding = mime_encoding(h);

	(void)i;
	(void)o;
	finish_part(w);
	buf_add_span(w->out, buf_span(&h->text));
	if (ended)
		buf_addc(w->out, '\n');
	w->is_base64 = span_is_nocase(encoding, "base64");
	w->decodes = kind == MIME_LEAF &&
		     (type.n == 0 || span_starts_nocase(value_token(type), "text/")) &&
		     (w->is_base64 || span_is_nocase(encoding, "quoted-printable"));
	buf_clear(&w->charset);
	(void)value_parameter(type, "charset", &w->charset);
	return true;
}

static bool
walk_body(void *arg, size_t i, struct span part, bool ends, struct outcome *o)
{
	struct walk *w = arg;
	struct buf *to = w->decodes ? &w->text : w->out;

	(void)i;
	(void)o;
	buf_add_span(to, part);
	if (ends)
		buf_addc(to, '\n');
	return true;
}

static bool
walk_frame(void *arg, struct span part, bool ends, struct outcome *o)
{
	struct walk *w = arg;

	(void)o;
	finish_part(w);
	buf_add_span(w->out, part);
	if (ends)
		buf_addc(w->out, '\n');
	return true;
}

bool
decode_message(struct buf *out, struct source *m, struct outcome *o)
{
	static const struct mime_visitor visitor = { walk_header, walk_body, walk_frame };
	struct walk w = { .out = out };
	bool ok, sound;

	buf_init(&w.text, TEXT_MAX);
	buf_init(&w.charset, CHARSET_MAX);
	ok = mime_walk(m, &visitor, &w, &sound, o);
	if (ok)
		finish_part(&w);
	buf_free(&w.text);
	buf_free(&w.charset);
	return ok;
}
