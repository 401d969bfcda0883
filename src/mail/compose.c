/* SPDX-License-Identifier: ISC */
#include "mail/compose.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/mem.h"
#include "mail/address.h"
#include "mail/downgrade.h"
#include "mail/fold.h"
#include "mail/repair.h"
#include "mail/rewrite.h"
#include "mail/stamp.h"
#include "mail/word.h"

#define ADDED_MAX (8 * HEADER_MAX) /* bytes of the header fields that are made here */
#define BLOCK_MAX (SOURCE_FRONT_MAX / 2)
#define NAME_MAX_LENGTH (64 * 1024)
#define LINE_MAX 78 /* RFC 5322, 2.1.1 */
#define WORDS_MAX 1024

static const char *const plain_recipients[] = { "To", "Cc", "Bcc", NULL };
static const char *const authors[] = { "From", "Resent-From", NULL };
static const char *const resent_recipients[] = { "Resent-To", "Resent-Cc", "Resent-Bcc",
	NULL };

static const char *const hidden_recipients[] = { "Bcc", "Resent-Bcc", NULL };

static bool
is_one_of(struct span name, const char *const names[])
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return false;
}

static bool
add_field_recipients(
    struct envelope *e, const struct header *h, const struct field *f, struct outcome *o)
{
	struct span name = field_name(h, f);
	bool hidden = is_one_of(name, hidden_recipients);
	struct address_list list = { 0 };
	struct outcome why;
	bool ok = address_list_parse(&list, field_body(h, f), &why);

	for (size_t i = 0; ok && i < list.n; i++)
		(hidden ? envelope_add_hidden : envelope_add)(e, list.v[i].spec);
	address_list_free(&list);
	return ok || outcome_fail(o, why.cause, "in the header %.*s: %s", (int)name.n,
			 name.p, why.text);
}

static bool
is_resent(const struct header *h, size_t i)
{
	return span_starts_nocase(field_name(h, &h->v[i]), "Resent-");
}

/* The first run of Resent- fields that names recipients: *start is its first field, *end
 * the one behind it. False where there is none. */
static bool
resent_block(const struct header *h, size_t *start, size_t *end)
{
	bool found = false;

	for (*end = 0; *end < h->n && !found;) {
		for (*start = *end; *start < h->n && !is_resent(h, *start);)
			(*start)++;
		for (*end = *start; *end < h->n && is_resent(h, *end); (*end)++)
			found |= is_one_of(field_name(h, &h->v[*end]), resent_recipients);
	}
	return found;
}

bool
recipients_from_header(struct envelope *e, const struct header *h, struct outcome *o)
{
	const char *const *names = resent_recipients;
	size_t i, end;

	if (!resent_block(h, &i, &end)) {
		names = plain_recipients;
		i = 0;
		end = h->n;
	}
	for (; i < end; i++)
		if (is_one_of(field_name(h, &h->v[i]), names) &&
		    !add_field_recipients(e, h, &h->v[i], o))
			return false;
	return true;
}

char *
sender_from_header(const struct header *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct address_list list = { 0 };
		struct outcome ignored;
		char *spec = NULL;

		if (is_one_of(field_name(h, &h->v[i]), authors) &&
		    address_list_parse(&list, field_body(h, &h->v[i]), &ignored) &&
		    list.n > 0 && *list.v[0].spec != '\0')
			spec = mem_dup(list.v[0].spec);
		address_list_free(&list);
		if (spec != NULL)
			return spec;
	}
	return NULL;
}

static void
add_from(struct buf *out, const char *sender, const struct header_policy *policy)
{
	bool named = policy->full_name != NULL && *policy->full_name != '\0';

	buf_puts(out, "From: ");
	if (named) {
		word_add_name(out, span_of(policy->full_name));
		buf_puts(out, " <");
	}
	if (sender != NULL && *sender != '\0')
		buf_puts(out, sender);
	else if (policy->rewrite != NULL && policy->rewrite->when == REWRITE_ALWAYS)
		buf_puts(out, policy->rewrite->from);
	else
		buf_printf(out, "MAILER-DAEMON@%s", policy->domain);
	buf_puts(out, named ? ">\n" : "\n");
}

static void
add_date(struct buf *out, const char *name, time_t now)
{
	buf_printf(out, "%s: ", name);
	stamp_add_date(out, now);
	buf_addc(out, '\n');
}

static bool
add_message_id(struct buf *out, const char *name, const char *domain, struct outcome *o)
{
	bool ok;

	buf_printf(out, "%s: ", name);
	ok = stamp_add_id(out, domain, name, o);
	buf_addc(out, '\n');
	return ok;
}

/* Each on the line of the one before, while there is room. */
static void
add_open_recipients(struct buf *out, const struct envelope *e)
{
	size_t line = out->len, before = out->len;

	for (size_t i = 0; i < e->n; i++) {
		const char *address = e->rcpt[i].address;

		if (e->rcpt[i].hidden)
			continue;
		if (out->len == before) {
			buf_printf(out, "To: %s", address);
		} else if (out->len - line + strlen(address) + 3 <= LINE_MAX) {
			buf_printf(out, ", %s", address);
		} else {
			buf_puts(out, ",\n ");
			line = out->len - 1;
			buf_puts(out, address);
		}
	}
	buf_puts(out, out->len > before ? "\n" : "To: undisclosed-recipients:;\n");
}

static void
settle_to(struct header *h, const struct envelope *e, const struct header_policy *policy,
    struct buf *added)
{
	if (policy->set_to == TO_OFF)
		return;
	header_remove(h, "To");
	header_remove(h, "Cc");
	header_remove(h, "Bcc");
	if (policy->set_to == TO_ON)
		add_open_recipients(added, e);
	else
		buf_puts(added, "To: undisclosed-recipients:;\n");
}

/* With SET_ON, what stands in From doesn't count anyway. */
static bool
rewrite_from(struct header *h, const struct header_policy *policy, struct buf *added)
{
	struct buf odd;
	bool done;

	if (policy->rewrite == NULL || policy->set_from == SET_ON)
		return false;
	buf_init(&odd, WORDS_MAX);
	done = rewrite_header(h, policy->rewrite, added, &odd);
	if (odd.len > 0 && policy->warn != NULL)
		policy->warn(policy->arg, odd.data);
	buf_free(&odd);
	return done;
}

static bool
is_missing(const struct header *h, const char *name, int set)
{
	return set == SET_ON || (set == SET_AUTO && !header_has(h, name));
}

/* Takes out what must not be sent, and puts into `added` what is missing. */
static bool
settle_header(struct header *h, const struct envelope *e,
    const struct header_policy *policy, struct buf *added, struct outcome *o)
{
	if (policy->remove_bcc) {
		header_remove(h, "Bcc");
		header_remove(h, "Resent-Bcc");
	}
	if (!rewrite_from(h, policy, added) && is_missing(h, "From", policy->set_from)) {
		header_remove(h, "From");
		add_from(added, e->sender, policy);
	}
	settle_to(h, e, policy, added);
	if (is_missing(h, "Date", policy->set_date)) {
		header_remove(h, "Date");
		add_date(added, "Date", policy->now);
	}
	if (is_missing(h, "Message-ID", policy->set_message_id)) {
		header_remove(h, "Message-ID");
		return add_message_id(added, "Message-ID", policy->message_id_domain, o);
	}
	return true;
}

static bool
is_in_block(const struct header *h, size_t start, size_t end, const char *name)
{
	size_t i = start;

	return header_find(h, name, &i) && i < end;
}

/* What a block of Resent- fields lacks (RFC 5322, 3.6.6) goes in front of it: *start is
 * its first field. */
static bool
settle_resent(const struct header *h, const struct header_policy *policy, size_t *start,
    struct buf *added, struct outcome *o)
{
	size_t end;

	*start = 0;
	if ((policy->repair & REPAIR_HEADERS) == 0 || !resent_block(h, start, &end))
		return true;
	if (policy->set_date == SET_AUTO && !is_in_block(h, *start, end, "Resent-Date"))
		add_date(added, "Resent-Date", policy->now);
	if (policy->set_message_id == SET_OFF ||
	    is_in_block(h, *start, end, "Resent-Message-ID"))
		return true;
	return add_message_id(added, "Resent-Message-ID", policy->message_id_domain, o);
}

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
	struct buf clean; /* a part of the body that had to be repaired */
	size_t length;    /* of the present line of the body, so far */
	struct body_facts body;
	struct utf8 utf8;
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

/* What is made here for this header. */
struct made {
	struct buf added;
	struct buf resent; /* goes in front of field `at` */
	size_t at;
};

static bool
settle_block(struct work *w, struct header *h, const struct envelope *e,
    struct made *made, struct outcome *o)
{
	w->repair.is_signed = repair_header_is_signed(h);
	if (wants(w, REPAIR_TRACE) && remove_trace(h))
		w->repair.done |= REPAIRED_TRACE;
	return settle_header(h, e, w->policy, &made->added, o) &&
	       settle_resent(h, w->policy, &made->at, &made->resent, o) &&
	       add_made(w, &made->added, o) &&
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

	buf_init(&made.added, ADDED_MAX);
	buf_init(&made.resent, ADDED_MAX);
	if (w->policy->trace != NULL)
		buf_puts(&w->block, w->policy->trace);
	ok = settle_block(w, h, e, &made, o);
	if (ok && (!buf_ok(&made.added) || !buf_ok(&w->block)))
		ok = outcome_fail(o, CAUSE_MESSAGE,
		    "what has to be added to its header is longer than %d MB",
		    ADDED_MAX / 1024 / 1024);
	buf_free(&made.added);
	buf_free(&made.resent);
	return ok;
}

/* A part of a line with NULs dropped and CRs as blanks: neither may ever be sent. */
static struct span
cleaned(struct work *w, struct span part)
{
	buf_clear(&w->clean);
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] != '\0')
			buf_addc(&w->clean, part.p[i] == '\r' ? ' ' : part.p[i]);
	w->repair.done |= REPAIRED_BYTES;
	return buf_span(&w->clean);
}

static bool
write_part(struct work *w, struct span part, struct outcome *o)
{
	if (memchr(part.p, '\r', part.n) != NULL || memchr(part.p, '\0', part.n) != NULL)
		part = cleaned(w, part);
	w->source->is_8bit |= span_has_8bit(part);
	utf8_feed(&w->utf8, part);
	w->length += part.n;
	return source_write(w->source, part, o);
}

static bool
end_line(struct work *w, struct outcome *o)
{
	source_count_line(w->source, w->length);
	w->body.is_long |= w->length > LINE_LIMIT;
	w->utf8.bad |= !utf8_is_whole(&w->utf8);
	w->length = 0;
	return source_end_line(w->source, o);
}

/* What was read as a header, and is none. */
static bool
write_lines(struct work *w, struct span text, struct outcome *o)
{
	struct span line;

	while (span_cut(&text, '\n', &line))
		if (!write_part(w, line, o) || !end_line(w, o))
			return false;
	return true;
}

/* Counts the lines that end in the block. Returns how many. */
static uint64_t
count_lines(struct work *w, struct span block)
{
	uint64_t n = source_count_lines(w->source, block, &w->length);

	w->body.is_long |= w->source->longest > LINE_LIMIT;
	return n;
}

/* Nearly all of nearly all mails: lines that need no repair. */
static bool
write_blocks(struct work *w, struct input *in, struct outcome *o)
{
	struct span block;

	while (input_block(in, &block, o)) {
		if (block.n == 0)
			return true;
		w->source->is_8bit |= span_has_8bit(block);
		utf8_feed(&w->utf8, block);
		if (!source_text(w->source, block, count_lines(w, block), o))
			return false;
		input_take(in, block);
	}
	return false;
}

/* A line that needs repair, or a part of it. */
static bool
write_line(struct work *w, struct span piece, bool is_end, struct outcome *o)
{
	return write_part(w, piece, o) && (!is_end || end_line(w, o));
}

static bool
write_body(struct work *w, struct input *in, struct outcome *o)
{
	enum input_part part = INPUT_LINE;
	struct span piece;
	off_t at;

	if (w->source->size == 0 && input_in_file(in, SOURCE_MEMORY, &at))
		source_borrow(w->source, in->fd, at);
	while (part != INPUT_END) {
		if (!write_blocks(w, in, o))
			return false;
		part = input_peek(in, &piece, o);
		if (part == INPUT_FAILED)
			return false;
		if (part != INPUT_END) {
			if (!write_line(w, piece, part == INPUT_LINE, o))
				return false;
			input_consume(in);
		}
	}
	w->body.is_8bit = w->source->is_8bit;
	w->body.is_utf8 = !w->utf8.bad;
	return true;
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
		repair_drop_label(h, &w->block, &w->body);
		if (repair_label(&w->block, h, &w->body))
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

	if (!w->body.is_long || !wants(w, REPAIR_MIME))
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
	return write_lines(w, buf_span(&h->text), o);
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
	buf_init(&w.clean, INPUT_BUFFER);
	ok = check_name(policy->full_name, o) && take_header(&w, h, o) &&
	     make_block(&w, h, e, o) && write_body(&w, in, o);
	if (ok)
		write_block(&w, h);
	ok = ok && source_seal(source, o) && shorten_lines(&w, h, o);
	*repaired = w.repair.done;
	buf_free(&w.block);
	buf_free(&w.clean);
	return ok;
}
