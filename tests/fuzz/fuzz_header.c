/* SPDX-License-Identifier: ISC
 *
 * fuzz_header.c - a mail as it is piped in, read and composed
 *
 * The first byte is the policy. What comes out is fit for the wire, and its figures are
 * right; and where From is always to be the account's, it is. Where it is repaired, no
 * line is too long without a word about it, and nothing more is left to repair.
 */
#include "fuzz/fuzz.h"

#include <string.h>
#include <unistd.h>

#include "lib/sample.h"
#include "mail/address.h"
#include "mail/compose.h"
#include "mail/fold.h"
#include "mail/named.h"
#include "mail/rewrite.h"

#define OWN "me@x.example"

static bool
is_field(struct span line, const char *name)
{
	size_t n = strlen(name);

	if (!span_starts_nocase(line, name))
		return false;
	while (n < line.n && is_blank(line.p[n]))
		n++;
	return n < line.n && line.p[n] == ':';
}

/* Line by line: each ends with CR LF, and no other CR, LF or NUL is anywhere. */
static void
check_message(const struct source *s, struct span text, bool no_bcc)
{
	struct source figures = { 0 };
	bool in_header = true;
	struct span line;

	must(text.n == s->size);
	must(text.n == 0 || text.p[text.n - 1] == '\n');
	while (span_cut(&text, '\n', &line)) {
		must(line.n > 0 && line.p[line.n - 1] == '\r');
		line.n--;
		must(memchr(line.p, '\r', line.n) == NULL);
		must(memchr(line.p, '\0', line.n) == NULL);
		figures.lines++;
		if (line.n > figures.longest)
			figures.longest = line.n;
		in_header = in_header && line.n > 0;
		if (in_header)
			figures.header_is_8bit |= span_has_8bit(line);
		else
			figures.is_8bit |= span_has_8bit(line);
		if (in_header && no_bcc)
			must(!is_field(line, "Bcc") && !is_field(line, "Resent-Bcc"));
	}
	must(figures.lines == s->lines);
	must(figures.longest == s->longest);
	must(figures.is_8bit == s->is_8bit);
	must(figures.header_is_8bit == s->header_is_8bit);
}

/* Nobody but the account stands in a From field that says anything. */
static void
check_authors(struct span text)
{
	struct address_list list = { 0 };
	bool in_from = false;
	struct span line;
	struct outcome o;
	struct buf from;

	buf_init(&from, text.n + 1);
	while (span_cut(&text, '\n', &line) && line.n > 1) {
		size_t name = 0;

		if (!is_blank(line.p[0])) {
			in_from = is_field(line, "From");
			name = in_from ? strcspn(line.p, ":") + 1 : 0;
			buf_puts(&from, in_from ? "," : "");
		}
		if (in_from)
			buf_add(&from, line.p + name, line.n - name);
	}
	must(address_list_parse(&list, buf_span(&from), &o));
	for (size_t i = 0; i < list.n; i++)
		must(strcasecmp(list.v[i].spec, OWN) == 0);
	address_list_free(&list);
	buf_free(&from);
}

/* A repaired message; `done` is what had to be done for it. */
static void
check_repaired(const struct source *s, struct span text, unsigned done)
{
	bool in_header = true;
	struct span line;

	must(s->longest <= LINE_LIMIT || (done & REPAIRED_NOT_LINES) != 0);
	must(text.n >= 2);
	while (in_header && span_cut(&text, '\n', &line)) {
		in_header = line.n > 1;
		must(line.n - 1 <= LINE_LIMIT);
		must(!in_header || line.p[0] != '\r');
		must(!is_field(line, "Return-Path") && !is_field(line, "Content-Length"));
	}
	must(!in_header);
}

static void
compose_again(struct span text, const struct envelope *e,
    const struct header_policy *policy, struct buf *out, unsigned *done)
{
	int fd = sample_file(text);
	struct source source;
	struct header h;
	struct input in;
	struct outcome o;

	input_init(&in, fd);
	header_init(&h);
	source_init(&source);
	must(header_read(&h, &in, &o));
	must(compose(&source, &h, &in, e, policy, done, &o));
	sample_text(&source, out);
	source_free(&source);
	header_free(&h);
	input_free(&in);
	(void)close(fd);
}

/* What is repaired needs no repair. */
static void
check_settled(
    struct span text, const struct envelope *e, const struct header_policy *policy)
{
	struct buf again;
	unsigned done;

	compose_again(text, e, policy, &again, &done);
	must((done & ~(unsigned)REPAIRED_NOT_LINES) == 0);
	must(again.len == text.n && memcmp(again.data, text.p, text.n) == 0);
	buf_free(&again);
}

static void
check_recipients(const struct header *h)
{
	struct envelope e = { 0 };
	struct outcome o;

	if (recipients_from_header(&e, h, &o))
		for (size_t i = 0; i < e.n; i++)
			must(*e.rcpt[i].address != '\0');
	else
		must(o.cause == CAUSE_ADDRESS);
	envelope_free(&e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct local local = { "host.example", NULL, NULL };
	struct rewrite rewrite = { .from = OWN, .local = &local };
	struct header_policy policy = {
		.rewrite = &rewrite,
		.full_name = "J\303\266",
		.domain = "host.example",
		.message_id_domain = "id.example",
		.now = 1700000000,
	};
	struct envelope e = { 0 };
	struct source source;
	unsigned repaired = 0;
	struct header h;
	struct input in;
	struct outcome o;
	struct buf text;
	int fd;

	if (size < 1)
		return 0;
	policy.set_from = data[0] % 3;
	policy.set_date = (data[0] & 8) != 0 ? SET_AUTO : SET_OFF;
	policy.set_message_id = (data[0] & 16) != 0 ? SET_AUTO : SET_OFF;
	policy.remove_bcc = (data[0] & 32) != 0;
	rewrite.when = (data[0] & 4) == 0     ? REWRITE_OFF
		       : (data[0] & 128) != 0 ? REWRITE_ALWAYS
					      : REWRITE_AUTO;
	if ((data[0] & (rewrite.when == REWRITE_OFF ? 128 : 8)) != 0)
		policy.repair = REPAIR_ALL;
	envelope_set_sender(&e, (data[0] & 64) != 0 ? OWN : "");
	fd = sample_file(span_bytes((const char *)data + 1, size - 1));
	input_init(&in, fd);
	header_init(&h);
	source_init(&source);
	if (header_read(&h, &in, &o)) {
		size_t at = 0;
		bool had_blind = header_find(&h, "Resent-Bcc", &at);

		check_recipients(&h);
		if (compose(&source, &h, &in, &e, &policy, &repaired, &o)) {
			sample_text(&source, &text);
			check_message(&source, buf_span(&text), policy.remove_bcc);
			if (rewrite.when == REWRITE_ALWAYS)
				check_authors(buf_span(&text));
			if (policy.repair != 0)
				check_repaired(&source, buf_span(&text), repaired);
			/* a block whose only recipients were blind copies is no block
			 * any more, and another one may be */
			if (policy.repair != 0 && rewrite.when == REWRITE_OFF &&
			    policy.set_from != SET_ON && !had_blind)
				check_settled(buf_span(&text), &e, &policy);
			buf_free(&text);
		} else {
			must(policy.repair != 0 && o.cause == CAUSE_MESSAGE);
		}
	} else {
		must(o.cause == CAUSE_MESSAGE);
	}
	source_free(&source);
	header_free(&h);
	input_free(&in);
	envelope_free(&e);
	(void)close(fd);
	return 0;
}
