/* SPDX-License-Identifier: ISC
 *
 * fuzz_mime.c - a message in its 7-bit form, and with short lines
 *
 * Where there is a new form, it has no 8 bits outside headers and what must stay as it
 * is, the same parts as the message had, and in each part, once it is decoded, the same
 * text. Making it again changes nothing.
 */
#include "fuzz/fuzz.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "lib/sample.h"
#include "mail/compose.h"
#include "mail/content.h"
#include "mail/downgrade.h"
#include "mail/mime.h"
#include "mail/value.h"

/* What the walker tells about a message: a part's text, and how it is encoded. */
struct part {
	enum mime_kind kind;
	struct buf body;
	bool identity; /* the body stands as it is: RFC 2045, 6.2 */
	bool quoted;
};

struct view {
	struct part *part;
	size_t n;
	struct buf frame;
	bool odd; /* a message within the message lacks the line before its header */
};

static bool
see_header(void *arg, size_t i, enum mime_kind kind, struct header *h, bool ended,
    struct outcome *o)
{
	struct view *v = arg;
	struct part *p;
	struct span label;
	size_t at = 0;

	(void)o;
	must(i == v->n);
	v->part = mem_room(v->part, v->n, sizeof *v->part);
	p = &v->part[v->n++];
	*p = (struct part){ .kind = kind };
	buf_init(&p->body, SAMPLE_MAX);
	v->odd |= !ended && header_find(h, "Content-Type", &at) &&
		  span_starts_nocase(span_trim(field_body(h, &h->v[at])), "message/");
	at = 0;
	label = header_find(h, "Content-Transfer-Encoding", &at)
		    ? value_token(field_body(h, &h->v[at]))
		    : span_of("7bit");
	p->quoted = span_is_nocase(label, "quoted-printable");
	p->identity = span_is_nocase(label, "7bit") || span_is_nocase(label, "8bit") ||
		      span_is_nocase(label, "binary");
	return true;
}

static bool
see_body(void *arg, size_t i, struct span piece, bool ends, struct outcome *o)
{
	struct view *v = arg;

	(void)o;
	must(i == v->n - 1);
	must(memchr(piece.p, '\r', piece.n) == NULL);
	must(memchr(piece.p, '\n', piece.n) == NULL);
	buf_add_span(&v->part[i].body, piece);
	buf_puts(&v->part[i].body, ends ? "\r\n" : "");
	return true;
}

static bool
see_frame(void *arg, struct span piece, bool ends, struct outcome *o)
{
	struct view *v = arg;

	(void)o;
	must(memchr(piece.p, '\r', piece.n) == NULL);
	buf_add_span(&v->frame, piece);
	buf_puts(&v->frame, ends ? "\r\n" : "");
	return true;
}

static const struct mime_visitor viewer = { see_header, see_body, see_frame };

static void
view(struct source *s, struct view *v)
{
	struct outcome o;
	bool sound;

	*v = (struct view){ 0 };
	buf_init(&v->frame, SAMPLE_MAX);
	must(mime_walk(s, &viewer, v, &sound, &o));
	must(sound);
}

static void
view_free(struct view *v)
{
	for (size_t i = 0; i < v->n; i++)
		buf_free(&v->part[i].body);
	free(v->part);
	buf_free(&v->frame);
}

static bool
is_same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* A part before and after. 8 bits in an encoding that has none may become anything. */
static void
check_part(const struct part *before, const struct part *after)
{
	bool was_8bit = span_has_8bit(buf_span(&before->body));
	struct buf decoded;

	must(before->kind == after->kind);
	if (was_8bit && !before->identity && before->kind != MIME_OPAQUE)
		return;
	if (!was_8bit || before->kind == MIME_OPAQUE) {
		must(is_same(&before->body, &after->body));
		return;
	}
	must(after->quoted);
	buf_init(&decoded, SAMPLE_MAX);
	must(sample_unquote(buf_span(&after->body), &decoded));
	must(is_same(&before->body, &decoded));
	buf_free(&decoded);
}

static void
check_forms(struct source *old, struct source *new)
{
	struct view before, after;

	view(old, &before);
	view(new, &after);
	must(!span_has_8bit(buf_span(&after.frame)));
	for (size_t i = 0; i < after.n; i++)
		must(after.part[i].kind == MIME_OPAQUE ||
		     !span_has_8bit(buf_span(&after.part[i].body)));
	must(before.odd || (before.n == after.n && before.frame.len == after.frame.len));
	for (size_t i = 0; !before.odd && i < before.n; i++)
		check_part(&before.part[i], &after.part[i]);
	view_free(&before);
	view_free(&after);
}

static void
check_again(struct source *new)
{
	struct buf once, twice;
	struct source again;
	struct outcome o;
	bool changed;

	source_init(&again);
	must(downgrade(new, &again, &changed, &o) && changed);
	sample_text(new, &once);
	sample_text(&again, &twice);
	must(is_same(&once, &twice));
	buf_free(&once);
	buf_free(&twice);
	source_free(&again);
}

/* A part before and after shorten(). */
static void
check_short_part(const struct part *before, const struct part *after)
{
	struct buf decoded;

	must(before->kind == after->kind);
	if (is_same(&before->body, &after->body))
		return;
	must(before->kind != MIME_OPAQUE);
	if (!before->identity)
		return;
	must(after->quoted);
	buf_init(&decoded, SAMPLE_MAX);
	must(sample_unquote(buf_span(&after->body), &decoded));
	must(is_same(&before->body, &decoded));
	buf_free(&decoded);
}

static void
check_short_forms(struct source *old, struct source *new)
{
	struct view before, after;

	view(old, &before);
	view(new, &after);
	must(before.odd || (before.n == after.n && is_same(&before.frame, &after.frame)));
	for (size_t i = 0; !before.odd && i < before.n; i++)
		check_short_part(&before.part[i], &after.part[i]);
	view_free(&before);
	view_free(&after);
}

static void
check_short(struct source *old)
{
	struct source new;
	struct outcome o;
	bool changed;

	source_init(&new);
	must(shorten(old, &new, &changed, &o));
	if (changed)
		check_short_forms(old, &new);
	else
		must(new.size == 0);
	source_free(&new);
}

/* Any bytes, as a message that can be sent. */
static bool
message_of(struct span bytes, struct source *s)
{
	static const struct header_policy policy = {
		.set_from = SET_OFF, .set_date = SET_OFF, .set_message_id = SET_OFF
	};
	const struct envelope e = { 0 };
	int fd = sample_file(bytes);
	struct header h;
	struct input in;
	struct outcome o;
	unsigned repaired;
	bool ok;

	input_init(&in, fd);
	header_init(&h);
	source_init(s);
	ok = header_read(&h, &in, &o) && compose(s, &h, &in, &e, &policy, &repaired, &o);
	header_free(&h);
	input_free(&in);
	(void)close(fd);
	return ok;
}

/* All of it is text, or attached, and no more than there is. */
static void
check_content(struct source *m)
{
	struct content c;
	struct outcome o;
	size_t attached = 0;

	must(content_read(&c, m, &o));
	for (size_t i = 0; i < c.n; i++)
		attached += c.v[i].size;
	must(attached <= m->size);
	content_free(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source old, new;
	struct outcome o;
	bool changed;

	if (message_of(span_bytes((const char *)data, size), &old)) {
		source_init(&new);
		must(downgrade(&old, &new, &changed, &o));
		if (changed) {
			check_forms(&old, &new);
			check_again(&new);
		} else {
			must(new.size == 0);
		}
		check_short(&old);
		check_content(&old);
		source_free(&new);
	}
	source_free(&old);
	return 0;
}
