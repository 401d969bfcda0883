/* SPDX-License-Identifier: ISC */
#include "mail/content.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mail/decode.h"
#include "mail/mime.h"
#include "mail/value.h"

#define FILE_NAME_MAX 4096
#define CHARSET_MAX 64

/* What is known while a message is walked through. */
struct walk {
	struct content *content;
	bool is_open; /* a part is */
	bool is_text; /* for the reader, and not to be saved */
	bool is_html;
	char *type;
	char *name;
	char *encoding;
	struct buf charset;
	struct buf lines; /* of the part, which end with LF */
};

static void
attach(struct walk *w, size_t size)
{
	struct content *c = w->content;

	c->v = mem_room(c->v, c->n, sizeof *c->v);
	c->v[c->n++] = (struct attachment){ w->name, w->type, size };
	w->name = w->type = NULL;
}

static void
finish_part(struct walk *w)
{
	struct buf bytes;

	if (!w->is_open)
		return;
	buf_init(&bytes, CONTENT_MAX);
	decode_bytes(&bytes, span_of(w->encoding), buf_span(&w->lines));
	if (w->is_text)
		decode_text(w->is_html ? &w->content->html : &w->content->text,
		    buf_span(&w->charset), buf_span(&bytes));
	else
		attach(w, bytes.len);
	buf_free(&bytes);
	buf_clear(&w->lines);
	buf_clear(&w->charset);
	free(w->type);
	free(w->name);
	free(w->encoding);
	w->type = w->name = w->encoding = NULL;
	w->is_open = false;
}

static struct span
field_of(const struct header *h, const char *name)
{
	size_t i = 0;

	return header_find(h, name, &i) ? field_body(h, &h->v[i]) : span_of("");
}

/* RFC 2231, 4: "utf-8'en'a%20name", as the encoded word (RFC 2047) that it comes to. */
static void
add_extended(struct buf *out, struct span value)
{
	struct span charset = { "", 0 }, language = { "", 0 };

	(void)span_cut(&value, '\'', &charset);
	(void)span_cut(&value, '\'', &language);
	buf_printf(out, "=?%.*s?Q?", (int)charset.n, charset.p);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == '%')
			buf_addc(out, '=');
		else if (value.p[i] == '_')
			buf_puts(out, "=5F");
		else
			buf_addc(out, value.p[i]);
	buf_puts(out, "?=");
}

/* The parameter in any of the forms in which programs write it, or nothing. */
static bool
take_name(struct buf *out, struct span field, const char *plain, const char *extended)
{
	struct buf value;
	bool found;

	if (value_parameter(field, plain, out) == VALUE_FOUND)
		return true;
	buf_clear(out);
	buf_init(&value, FILE_NAME_MAX);
	found = value_parameter(field, extended, &value) == VALUE_FOUND;
	if (found)
		add_extended(out, buf_span(&value));
	buf_free(&value);
	return found;
}

/* The name of the file; many programs have encoded words there. */
static char *
name_of(struct span disposition, struct span type)
{
	struct buf raw, name;

	buf_init(&raw, 2 * FILE_NAME_MAX);
	buf_init(&name, 2 * FILE_NAME_MAX);
	if (take_name(&raw, disposition, "filename", "filename*") ||
	    take_name(&raw, type, "name", "name*"))
		decode_field(&name, buf_span(&raw));
	buf_free(&raw);
	return buf_take(&name);
}

static bool
walk_header(void *arg, size_t i, enum mime_kind kind, struct header *h, bool ended,
    struct outcome *o)
{
	const struct span type = field_of(h, "Content-Type"),
			  disposition = field_of(h, "Content-Disposition");
	struct walk *w = arg;
	struct span token = value_token(type);

	(void)i;
	(void)ended;
	(void)o;
	finish_part(w);
	if (kind != MIME_LEAF && kind != MIME_OPAQUE)
		return true;
	w->is_open = true;
	w->type = span_dup(token.n > 0 ? token : span_of("text/plain"));
	w->name = name_of(disposition, type);
	w->encoding = span_dup(mime_encoding(h));
	w->is_html = span_is_nocase(token, "text/html");
	w->is_text = *w->name == '\0' && span_starts_nocase(span_of(w->type), "text/") &&
		     !span_is_nocase(value_token(disposition), "attachment");
	(void)value_parameter(type, "charset", &w->charset);
	return true;
}

static bool
walk_body(void *arg, size_t i, struct span part, bool ends, struct outcome *o)
{
	struct walk *w = arg;

	(void)i;
	(void)o;
	buf_add_span(&w->lines, part);
	if (ends)
		buf_addc(&w->lines, '\n');
	return true;
}

/* The line end before a boundary is the boundary's (RFC 2046, 5.1.1). */
static bool
walk_frame(void *arg, struct span part, bool ends, struct outcome *o)
{
	struct walk *w = arg;

	(void)part;
	(void)ends;
	(void)o;
	if (w->is_open && w->lines.len > 0)
		buf_truncate(&w->lines, w->lines.len - 1);
	finish_part(w);
	return true;
}

bool
content_read(struct content *c, struct source *m, struct outcome *o)
{
	static const struct mime_visitor visitor = { walk_header, walk_body, walk_frame };
	struct walk w = { .content = c };
	bool ok, sound;

	*c = (struct content){ .n = 0 };
	buf_init(&c->text, CONTENT_MAX);
	buf_init(&c->html, CONTENT_MAX);
	buf_init(&w.charset, CHARSET_MAX);
	buf_init(&w.lines, CONTENT_MAX);
	ok = mime_walk(m, &visitor, &w, &sound, o);
	finish_part(&w);
	buf_free(&w.charset);
	buf_free(&w.lines);
	return ok;
}

void
content_free(struct content *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].type);
	}
	free(c->v);
	buf_free(&c->text);
	buf_free(&c->html);
	*c = (struct content){ .n = 0 };
}
