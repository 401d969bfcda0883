/* SPDX-License-Identifier: ISC */
#include "mail/compose.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/encode.h"
#include "base/mem.h"
#include "mail/address.h"
#include "mail/rewrite.h"
#include "mail/word.h"

#define STAMP_MAX 64
#define ADDED_MAX (8 * HEADER_MAX) /* bytes of the header fields that are made here */
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

/* RFC 5322, 3.3, in local time. */
static void
add_date(struct buf *out, time_t now)
{
	char stamp[STAMP_MAX];
	struct tm tm;

	(void)localtime_r(&now, &tm);
	(void)strftime(stamp, sizeof stamp, "%a, %d %b %Y %H:%M:%S %z", &tm);
	buf_printf(out, "Date: %s\n", stamp);
}

/* RFC 5322, 3.6.4: nobody else will ever draw these 128 bits. */
static bool
add_message_id(struct buf *out, const char *domain, struct outcome *o)
{
	unsigned char random[16];
	char *ascii;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return outcome_fail(
		    o, CAUSE_SYSTEM, "no random numbers for the Message-ID");
	ascii = domain_to_ascii(domain);
	buf_puts(out, "Message-ID: <");
	for (size_t i = 0; i < sizeof random; i++)
		buf_printf(out, "%02x", random[i]);
	buf_printf(out, "@%s>\n", ascii != NULL ? ascii : "localhost");
	free(ascii);
	return true;
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
		add_date(added, policy->now);
	}
	if (is_missing(h, "Message-ID", policy->set_message_id)) {
		header_remove(h, "Message-ID");
		return add_message_id(added, policy->message_id_domain, o);
	}
	return true;
}

/* Ends a line of `length` bytes that has been written. */
static bool
end_line(struct source *s, size_t length, struct outcome *o)
{
	s->lines++;
	if (length > s->longest)
		s->longest = length;
	return source_write(s, span_of("\r\n"), o);
}

/* Lines that end with LF. */
static bool
write_header_lines(struct source *s, struct span text, struct outcome *o)
{
	struct span line;

	s->header_is_8bit |= span_has_8bit(text);
	while (span_cut(&text, '\n', &line))
		if (!source_write(s, line, o) || !end_line(s, line.n, o))
			return false;
	return true;
}

static bool
write_header(
    struct source *s, const struct header *h, struct span added, struct outcome *o)
{
	if (!write_header_lines(s, added, o))
		return false;
	for (size_t i = 0; i < h->n; i++) {
		const struct field *f = &h->v[i];

		if (!f->removed && !write_header_lines(
				       s, span_bytes(h->text.data + f->start, f->len), o))
			return false;
	}
	return true;
}

struct body {
	struct source *source;
	struct buf clean; /* a part that had to be repaired */
	size_t length;    /* of the present line, so far */
	bool repaired;
};

/* A part of a line with NULs dropped and CRs as blanks: neither may ever be sent. */
static struct span
cleaned(struct body *b, struct span part)
{
	buf_clear(&b->clean);
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] != '\0')
			buf_addc(&b->clean, part.p[i] == '\r' ? ' ' : part.p[i]);
	b->repaired = true;
	return buf_span(&b->clean);
}

static bool
write_part(struct body *b, struct span part, struct outcome *o)
{
	if (memchr(part.p, '\r', part.n) != NULL || memchr(part.p, '\0', part.n) != NULL)
		part = cleaned(b, part);
	b->source->is_8bit |= span_has_8bit(part);
	b->length += part.n;
	return source_write(b->source, part, o);
}

static bool
write_body(struct body *b, struct input *in, struct outcome *o)
{
	enum input_part part;
	struct span piece;

	while ((part = input_peek(in, &piece, o)) != INPUT_END) {
		if (part == INPUT_FAILED || !write_part(b, piece, o))
			return false;
		if (part == INPUT_LINE) {
			if (!end_line(b->source, b->length, o))
				return false;
			b->length = 0;
		}
		input_consume(in);
	}
	return true;
}

/* The empty line between header and body: where there was one, and where a body follows a
 * header that nobody ended. */
static bool
write_separator(
    struct source *s, const struct header *h, struct input *in, struct outcome *o)
{
	struct span ignored;
	enum input_part part = h->ended ? INPUT_LINE : input_peek(in, &ignored, o);

	if (part == INPUT_FAILED)
		return false;
	return part == INPUT_END || end_line(s, 0, o);
}

static bool
check_name(const char *name, struct outcome *o)
{
	return name == NULL || strlen(name) <= NAME_MAX_LENGTH ||
	       outcome_fail(o, CAUSE_MESSAGE, "the name for its From header is too long");
}

bool
compose(struct source *source, struct header *h, struct input *in,
    const struct envelope *e, const struct header_policy *policy, bool *repaired,
    struct outcome *o)
{
	struct body body = { .source = source };
	struct buf added;
	bool ok;

	buf_init(&added, ADDED_MAX);
	buf_init(&body.clean, INPUT_BUFFER);
	ok = check_name(policy->full_name, o) && settle_header(h, e, policy, &added, o);
	if (ok && !buf_ok(&added))
		ok = outcome_fail(o, CAUSE_MESSAGE,
		    "what has to be added to its header is longer than %d MB",
		    ADDED_MAX / 1024 / 1024);
	ok = ok && write_header(source, h, buf_span(&added), o) &&
	     write_separator(source, h, in, o) && write_body(&body, in, o) &&
	     source_seal(source, o);
	*repaired = body.repaired;
	buf_free(&added);
	buf_free(&body.clean);
	return ok;
}
