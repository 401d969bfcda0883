/* SPDX-License-Identifier: ISC */
#include "queue/notice.h"

#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "mail/stamp.h"

#define WORDS_MAX 4096

static const struct {
	const char *subject;
	const char *happened; /* behind "Your mail of DATE"; people follow */
	const char *action;   /* RFC 3464, 2.3.3 */
	char class;           /* of the enhanced status (RFC 3463, 2) */
	const char *status;   /* where that of the outcome is of none or another */
} kinds[] = {
	[BOUNCE_FAILED] = { "Your mail could not be delivered",
	    "could not be delivered to these recipients, and is no longer tried",
	    "failed", '5', "4.4.7" },
	[BOUNCE_DELAYED] = { "Your mail is delayed",
	    "has not reached these recipients yet", "delayed", '4', "4.4.0" },
	[BOUNCE_RELAYED] = { "Your mail was handed on",
	    "was taken by the next server for these recipients, which sends no notices "
	    "about what becomes of it",
	    "relayed", '2', "2.0.0" },
};

/* What to do about a failure, by the subject and detail of its status (RFC 3463, 3): the
 * first that it begins with. */
static const struct {
	const char *status;
	const char *advice;
} advices[] = {
	{ "1.8", "The server doesn't like your own address: ask who runs this machine." },
	{ "1.7", "The server doesn't like your own address: ask who runs this machine." },
	{ "1.", "Check the address: is it spelled as the recipient gave it to you?" },
	{ "2.2", "The mailbox is full: tell the recipient by another way, or wait." },
	{ "2.", "The mailbox can't be used: tell the recipient by another way." },
	{ "3.4", "Send less at a time: an attachment grows by 37 % in the mail." },
	{ "4.7",
	    "If it is still of use, send it again; if it is urgent, take another way." },
	{ "4.6", "A mail went round in circles: ask who runs the recipient's mail." },
	{ "6.", "The server can't take a mail of this form: try plain text, or another "
		"format of the attachment." },
	{ "7.",
	    "The server's rules forbid this mail. Its words say why, as far as it "
	    "tells; who runs it can be asked: postmaster at the recipient's domain." },
	{ "", "What the server said is all that is known; who runs it can be asked: "
	      "postmaster at the recipient's domain." },
};

const char *
notice_subject(const struct bounce *b)
{
	return kinds[b->kind].subject;
}

/* The status for the kind: a mail that was put off until its time was over has expired,
 * whatever put it off. */
static const char *
status_of(enum bounce_kind kind, const struct outcome *o)
{
	bool counts = *o->status == kinds[kind].class &&
		      (kind != BOUNCE_FAILED || outcome_verdict(o) == VERDICT_REJECT);

	return counts ? o->status : kinds[kind].status;
}

/* Text of several lines, each behind `indent`. */
static void
add_lines(struct buf *out, const char *indent, const char *text)
{
	struct span rest = span_of(text), line;

	while (span_cut(&rest, '\n', &line)) {
		buf_puts(out, indent);
		buf_add_span(out, line);
		buf_addc(out, '\n');
	}
}

static void
add_reason(struct buf *out, const struct bounce_item *item, const struct outcome *o)
{
	buf_puts(out, "    ");
	outcome_words(o, NULL, out);
	buf_addc(out, '\n');
	if (!outcome_is_said(o))
		return;
	buf_printf(out, "    %s said (%d):\n",
	    item->server != NULL ? item->server : "the server", o->code);
	add_lines(out, "      ", o->text);
}

static const char *
advice_for(const char *status)
{
	size_t i = 0;

	while (strncmp(status + 2, advices[i].status, strlen(advices[i].status)) != 0)
		i++;
	return advices[i].advice;
}

static void
add_recipient(struct buf *out, const struct bounce *b, const struct bounce_item *item,
    const struct recipient *to)
{
	buf_printf(out, "\n  %s\n", to->address);
	if (to->orcpt != NULL)
		buf_printf(out, "    (whom you called %s)\n", to->orcpt);
	if (b->kind == BOUNCE_RELAYED)
		return;
	add_reason(out, item, &to->outcome);
	if (b->kind == BOUNCE_FAILED)
		buf_printf(out, "    %s\n", advice_for(status_of(b->kind, &to->outcome)));
}

static void
add_item(struct buf *out, const struct bounce *b, const struct bounce_item *item)
{
	buf_puts(out, "\nYour mail of ");
	stamp_add_date(out, item->arrived);
	buf_printf(out, "\n%s:\n", kinds[b->kind].happened);
	for (size_t i = 0; i < item->n; i++)
		add_recipient(out, b, item, item->rcpt[i]);
}

void
notice_add_words(struct buf *out, const struct bounce *b)
{
	buf_printf(out,
	    "This is the mail program of %s. Nobody reads answers to this mail.\n",
	    b->host);
	if (b->n > 1)
		buf_printf(out,
		    "\n%zu of your mails are told of here at once, since there are "
		    "many.\n",
		    b->n);
	for (size_t i = 0; i < b->n; i++)
		add_item(out, b, &b->item[i]);
	if (b->kind == BOUNCE_DELAYED) {
		buf_puts(out, "\nYou need not do anything: it is tried again until\n");
		stamp_add_date(out, b->until);
		buf_puts(out, ".\n");
	}
	if (b->message != NULL)
		buf_puts(out, "\nYour mail, or the header of it, stands below.\n");
}

/* A value of which nobody knows what it holds. */
static void
add_ascii(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		buf_addc(out, is_control(*s) || is_8bit(*s) ? '?' : *s);
}

/* The value of the UTF-8 character at *s, which is moved behind it; a byte that begins
 * none stands for itself. */
static unsigned
next_character(const char **s)
{
	unsigned first = (unsigned char)*(*s)++, value;
	int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;

	value = more > 0 ? first & (0x3fU >> more) : first;
	for (; more > 0 && ((unsigned char)**s & 0xc0) == 0x80; more--)
		value = value << 6 | ((unsigned char)*(*s)++ & 0x3f);
	return value;
}

/* "rfc822; ADDRESS", or "utf-8; " with \x{HEX} for what isn't ASCII (RFC 6533, 3). */
static void
add_address(struct buf *out, const char *field, const char *address)
{
	bool utf8 = span_has_8bit(span_of(address));

	buf_printf(out, "%s: %s; ", field, utf8 ? "utf-8" : "rfc822");
	while (*address != '\0') {
		unsigned c = next_character(&address);

		if (c > ' ' && c < 0x7f && (!utf8 || (c != '\\' && c != '+' && c != '=')))
			buf_addc(out, (char)c);
		else if (utf8)
			buf_printf(out, "\\x{%X}", c);
		else
			buf_addc(out, '?');
	}
	buf_addc(out, '\n');
}

static void
add_date(struct buf *out, const char *field, time_t when)
{
	buf_printf(out, "%s: ", field);
	stamp_add_date(out, when);
	buf_addc(out, '\n');
}

/* What the server said, folded where it had lines; or what was seen here. */
static void
add_diagnostic(struct buf *out, const struct outcome *o)
{
	struct span rest = span_of(o->text), line;
	struct buf words;

	if (!outcome_is_said(o)) {
		buf_init(&words, WORDS_MAX);
		outcome_words(o, NULL, &words);
		buf_puts(out, "Diagnostic-Code: x-mailchute; ");
		add_ascii(out, words.data);
		buf_addc(out, '\n');
		buf_free(&words);
		return;
	}
	buf_printf(out, "Diagnostic-Code: smtp; %d", o->code);
	for (const char *before = " "; span_cut(&rest, '\n', &line); before = "\n ") {
		char *text = span_dup(line);

		buf_puts(out, before);
		add_ascii(out, text);
		free(text);
	}
	buf_addc(out, '\n');
}

/* RFC 3464, 2.3 */
static void
add_recipient_fields(struct buf *out, const struct bounce *b,
    const struct bounce_item *item, const struct recipient *to)
{
	const struct outcome *o = &to->outcome;

	buf_addc(out, '\n');
	if (to->orcpt != NULL)
		add_address(out, "Original-Recipient", to->orcpt);
	add_address(out, "Final-Recipient", to->address);
	buf_printf(out, "Action: %s\nStatus: %s\n", kinds[b->kind].action,
	    status_of(b->kind, o));
	if (item->server != NULL && (outcome_is_said(o) || b->kind == BOUNCE_RELAYED)) {
		buf_puts(out, "Remote-MTA: dns; ");
		add_ascii(out, item->server);
		buf_addc(out, '\n');
	}
	if (b->kind != BOUNCE_RELAYED)
		add_diagnostic(out, o);
	add_date(out, "Last-Attempt-Date", b->now);
	if (b->kind == BOUNCE_DELAYED)
		add_date(out, "Will-Retry-Until", b->until);
}

/* RFC 3464, 2.2 */
static void
add_message_fields(struct buf *out, const struct bounce *b)
{
	const struct envelope *e = b->item[0].envelope;

	if (b->n == 1 && e->envid != NULL) {
		buf_puts(out, "Original-Envelope-Id: ");
		add_ascii(out, e->envid);
		buf_addc(out, '\n');
	}
	buf_printf(out, "Reporting-MTA: dns; %s\n", b->host);
	if (b->n > 1)
		return;
	buf_printf(out, "X-Mailchute-Queue-ID: %s\n", b->item[0].id);
	add_date(out, "Arrival-Date", b->item[0].arrived);
}

void
notice_add_status(struct buf *out, const struct bounce *b)
{
	add_message_fields(out, b);
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->item[i].n; j++)
			add_recipient_fields(out, b, &b->item[i], b->item[i].rcpt[j]);
}
