/* SPDX-License-Identifier: ISC
 *
 * catch_json.c - mail that was caught, for programs: an object on a line
 */
#include <time.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/utf8.h"
#include "mail/content.h"
#include "mail/decode.h"
#include "relay/catch.h"

static void
add_envelope(struct json *j, const struct caught *c)
{
	const struct envelope *e = c->envelope;

	json_text(j, "peer", c->from.peer != NULL ? c->from.peer : "");
	json_text(j, "user", c->from.user);
	json_text(j, "options", c->from.options != NULL ? c->from.options : "");
	json_text(j, "sender", e->sender != NULL ? e->sender : "");
	json_open(j, "recipients", '[');
	for (size_t i = 0; i < e->n; i++)
		json_text(j, NULL, e->rcpt[i].address);
	json_close(j, ']');
}

static void
add_header(struct json *j, const struct header *h)
{
	struct buf value;

	buf_init(&value, HEADER_MAX);
	decode_header(&value, h, "Subject");
	json_span(j, "subject", buf_span(&value));
	json_open(j, "headers", '[');
	for (size_t i = 0; i < h->n; i++) {
		buf_clear(&value);
		decode_field(&value, field_body(h, &h->v[i]));
		json_open(j, NULL, '[');
		json_span(j, NULL, field_name(h, &h->v[i]));
		json_span(j, NULL, buf_span(&value));
		json_close(j, ']');
	}
	json_close(j, ']');
	buf_free(&value);
}

static bool
add_content(struct json *j, struct source *m, struct outcome *o)
{
	struct content content;
	bool ok = content_read(&content, m, o);

	json_span(j, "text", buf_span(&content.text));
	json_span(j, "html", buf_span(&content.html));
	json_open(j, "attachments", '[');
	for (size_t i = 0; i < content.n; i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", content.v[i].name);
		json_text(j, "type", content.v[i].type);
		json_number(j, "size", (int64_t)content.v[i].size);
		json_close(j, '}');
	}
	json_close(j, ']');
	content_free(&content);
	return ok;
}

/* A message that is no UTF-8 is in base64, under a name that says so. */
static bool
add_message(struct json *j, struct caught *c, struct outcome *o)
{
	struct buf text, encoded;
	bool ok;

	buf_init(&text, CATCH_MAX);
	buf_init(&encoded, CATCH_MAX);
	ok = catch_show_raw(&text, c, o);
	if (is_utf8(buf_span(&text))) {
		json_span(j, "message", buf_span(&text));
	} else {
		base64_encode(&encoded, buf_span(&text));
		json_span(j, "message_base64", buf_span(&encoded));
	}
	buf_free(&text);
	buf_free(&encoded);
	return ok;
}

bool
catch_show_json(struct buf *out, struct caught *c, struct outcome *o)
{
	struct json j = { .out = out };
	bool ok;

	json_open(&j, NULL, '{');
	json_number(&j, "time", (int64_t)time(NULL));
	add_envelope(&j, c);
	add_header(&j, &c->header);
	ok = add_content(&j, c->message, o) && add_message(&j, c, o);
	json_close(&j, '}');
	buf_addc(out, '\n');
	return ok;
}
