/* SPDX-License-Identifier: ISC */
#include "mail/compose.h"

#include <string.h>

#include "mail/body.h"
#include "mail/downgrade.h"
#include "mail/fold.h"
#include "mail/made.h"
#include "mail/repair.h"

#define BLOCK_MAX (SOURCE_FRONT_MAX / 2)
#define NAME_MAX_LENGTH (64 * 1024)

/* What only those may write who deliver the mail, or nobody (RFC 5321, 4.4). */
static bool
remove_trace(struct header *h)
{
	static const char *const names[] = { "Return-Path", "Content-Length" };
	bool found = false;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t at = 0;

		found |= header_find(h, names[i], &at);
		header_remove(h, names[i]);
	}
	return found;
}

/* The message on its way into the source. */
struct work {
	struct source *source;
	const struct header_policy *policy;
	struct buf block; /* the header as it will be, lines that end with LF */
	struct body body;
	struct repairs repair;
};

static bool
wants(const struct work *w, enum repair repair)
{
	return (w->policy->repair & repair) != 0;
}

/* Appends fields that were made here; they are repaired as any other. */
static bool
add_made(struct work *w, const struct buf *made, struct outcome *o)
{
	struct header h;
	bool ok;

	header_init(&h);
	h.text.max = made->max;
	header_parse(&h, buf_span(made));
	ok = repair_fields(&w->block, &h, 0, h.n, &w->repair, o);
	header_free(&h);
	return ok;
}

static bool
settle_block(struct work *w, struct header *h, const struct envelope *e,
    struct made *made, struct outcome *o)
{
	w->repair.is_signed = repair_header_is_signed(h);
	if (wants(w, REPAIR_TRACE) && remove_trace(h))
		w->repair.done |= REPAIRED_TRACE;
	return made_fill(made, h, e, w->policy, o) && add_made(w, &made->added, o) &&
	       repair_fields(&w->block, h, 0, made->at, &w->repair, o) &&
	       add_made(w, &made->resent, o) &&
	       repair_fields(&w->block, h, made->at, h->n, &w->repair, o);
}

/* Makes the header, as the policy wants it. */
static bool
make_block(struct work *w, struct header *h, const struct envelope *e, struct outcome *o)
{
	struct made made;
	bool ok;

	made_init(&made);
	if (w->policy->trace != NULL)
		buf_puts(&w->block, w->policy->trace);
	ok = settle_block(w, h, e, &made, o) && (buf_ok(&w->block) || made_too_long(o));
	made_free(&made);
	return ok;
}

/* The header goes in front, now that it can tell what the body is. The empty line follows
 * where there was one, where a body follows a header that nobody ended, and wherever
 * somebody might miss it. */
static void
write_block(struct work *w, struct header *h)
{
	struct source *s = w->source;
	struct span text, line;

	if (wants(w, REPAIR_MIME) && !repair_body_is_signed(h)) {
		repair_drop_label(h, &w->block, &w->body.facts);
		if (repair_label(&w->block, h, &w->body.facts))
			w->repair.done |= REPAIRED_LABELS;
	}
	text = buf_span(&w->block);
	s->header_is_8bit = span_has_8bit(text);
	if (h->ended || s->lines > 0 || wants(w, REPAIR_HEADERS))
		buf_addc(&w->block, '\n');
	text = buf_span(&w->block);
	while (span_cut(&text, '\n', &line)) {
		source_front(s, line);
		source_front(s, span_of("\r\n"));
		source_count_line(s, line.n);
	}
}

/* Puts another form of the message in place of one whose body has lines that no server
 * has to take. */
static bool
shorten_lines(struct work *w, const struct header *h, struct outcome *o)
{
	struct source other, *s = w->source;
	bool changed = false, ok = true;

	if (!w->body.facts.is_long || !wants(w, REPAIR_MIME))
		return true;
	source_init(&other);
	source_keep_in(&other, s->directory, (size_t)s->start);
	if (!repair_body_is_signed(h))
		ok = shorten(s, &other, &changed, o);
	if (ok && changed) {
		struct source old = *s;

		*s = other;
		other = old;
	}
	if (changed)
		w->repair.done |= REPAIRED_LINES;
	if (s->longest > LINE_LIMIT)
		w->repair.done |= REPAIRED_NOT_LINES;
	source_free(&other);
	return ok;
}

static bool
check_name(const char *name, struct outcome *o)
{
	return name == NULL || strlen(name) <= NAME_MAX_LENGTH ||
	       outcome_fail(o, CAUSE_MESSAGE, "the name for its From header is too long");
}

/* A header that is none becomes the beginning of the body. */
static bool
take_header(struct work *w, struct header *h, struct outcome *o)
{
	if (!wants(w, REPAIR_HEADERS) || !repair_is_body(h))
		return true;
	w->repair.done |= REPAIRED_NO_HEADER;
	h->n = 0;
	return body_write_lines(&w->body, buf_span(&h->text), o);
}

bool
compose(struct source *source, struct header *h, struct input *in,
    const struct envelope *e, const struct header_policy *policy, unsigned *repaired,
    struct outcome *o)
{
	struct work w = {
		.source = source,
		.policy = policy,
		.repair = { .wanted = policy->repair, .domain = policy->domain },
	};
	bool ok;

	buf_init(&w.block, BLOCK_MAX);
	body_init(&w.body, source);
	ok = check_name(policy->full_name, o) && take_header(&w, h, o) &&
	     make_block(&w, h, e, o) && body_write(&w.body, in, o);
	if (ok)
		write_block(&w, h);
	ok = ok && source_seal(source, o) && shorten_lines(&w, h, o);
	*repaired = w.repair.done | (w.body.is_cleaned ? REPAIRED_BYTES : 0);
	buf_free(&w.block);
	body_free(&w.body);
	return ok;
}
