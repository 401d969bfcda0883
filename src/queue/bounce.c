/* SPDX-License-Identifier: ISC */
#include "queue/bounce.h"

#include <string.h>

#include "base/buf.h"
#include "mail/fold.h"
#include "mail/header.h"
#include "mail/quoted.h"
#include "mail/stamp.h"
#include "queue/notice.h"

/* A digest of as many mails as ever wait, with all their recipients. */
#define PART_MAX (64 * 1024 * 1024)
#define RANDOM_MAX 64

/* A notice while it is written. */
struct writer {
	struct source *out;
	const struct bounce *b;
	struct buf boundary;
	size_t length; /* of the present line */
	bool in_header;
	bool whole;        /* the third part is the message, and not only its header */
	struct buf header; /* of the message; lines end with CR LF */
	bool plain;        /* that is ASCII, in lines of fair length */
};

bool
bounce_is_wanted(
    const struct envelope *e, const struct recipient *to, enum bounce_kind kind)
{
	static const unsigned bits[] = {
		[BOUNCE_FAILED] = NOTIFY_FAILURE,
		[BOUNCE_DELAYED] = NOTIFY_DELAY,
		[BOUNCE_RELAYED] = NOTIFY_SUCCESS,
	};
	unsigned notify = to->notify != NOTIFY_UNSET ? to->notify : e->notify;

	if (e->sender == NULL || *e->sender == '\0')
		return false;
	if (notify == NOTIFY_UNSET)
		notify = NOTIFY_FAILURE | NOTIFY_DELAY;
	return (notify & bits[kind]) != 0;
}

static bool
put(struct writer *w, struct span bytes, struct outcome *o)
{
	*(w->in_header ? &w->out->header_is_8bit : &w->out->is_8bit) |=
	    span_has_8bit(bytes);
	(void)source_count_lines(w->out, bytes, &w->length);
	return source_write(w->out, bytes, o);
}

static bool
put_text(struct writer *w, const char *text, struct outcome *o)
{
	return put(w, span_of(text), o);
}

/* Puts lines that end with LF as quoted-printable, or else as they are. */
static bool
put_lines(struct writer *w, struct span lines, bool quoted, struct outcome *o)
{
	struct span line;
	struct buf out;
	bool ok;

	buf_init(&out, 4 * PART_MAX);
	while (span_cut(&lines, '\n', &line)) {
		struct quoted q = { 0 };

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (quoted) {
			quoted_encode(&q, &out, line, true);
		} else {
			buf_add_span(&out, line);
			buf_puts(&out, "\r\n");
		}
	}
	ok = put(w, buf_span(&out), o);
	buf_free(&out);
	return ok;
}

/* The boundary before a part, and its header. */
static bool
put_part(struct writer *w, const char *type, const char *encoding, struct outcome *o)
{
	struct buf head;
	bool ok;

	buf_init(&head, 1024);
	buf_printf(&head,
	    "\r\n--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n",
	    w->boundary.data, type, encoding);
	ok = put(w, buf_span(&head), o);
	buf_free(&head);
	return ok;
}

static bool
put_words(struct writer *w, struct outcome *o)
{
	struct buf words;
	bool ok;

	buf_init(&words, PART_MAX);
	notice_add_words(&words, w->b);
	ok = put_part(w, "text/plain; charset=utf-8", "quoted-printable", o) &&
	     put_lines(w, buf_span(&words), true, o);
	buf_free(&words);
	return ok;
}

static bool
put_status(struct writer *w, struct outcome *o)
{
	struct buf status;
	bool ok;

	buf_init(&status, PART_MAX);
	notice_add_status(&status, w->b);
	ok = put_part(w, "message/delivery-status", "7bit", o) &&
	     put_lines(w, buf_span(&status), false, o);
	buf_free(&status);
	return ok;
}

static bool
put_message(struct writer *w, struct outcome *o)
{
	struct source *m = w->b->message;
	struct span piece;

	if (!put_part(w, "message/rfc822",
		m->is_8bit || m->header_is_8bit ? "8bit" : "7bit", o))
		return false;
	source_rewind(m);
	do {
		if (!source_next(m, &piece, o) || !put(w, piece, o))
			return false;
	} while (piece.n > 0);
	return true;
}

static bool
put_third(struct writer *w, struct outcome *o)
{
	if (w->b->message == NULL)
		return true;
	if (w->whole)
		return put_message(w, o);
	return put_part(w, "text/rfc822-headers; charset=utf-8",
		   w->plain ? "7bit" : "quoted-printable", o) &&
	       put_lines(w, buf_span(&w->header), !w->plain, o);
}

/* Reads the header of the message, or as much of it as one may be long. */
static bool
read_header(struct writer *w, struct outcome *o)
{
	struct source *m = w->b->message;
	struct span piece;
	char *end = NULL;

	source_rewind(m);
	while (end == NULL && buf_ok(&w->header)) {
		if (!source_next(m, &piece, o))
			return false;
		if (piece.n == 0)
			break;
		buf_add_span(&w->header, piece);
		end = memmem(w->header.data, w->header.len, "\r\n\r\n", 4);
	}
	if (end != NULL)
		buf_truncate(&w->header, (size_t)(end - w->header.data) + 2);
	w->plain =
	    !span_has_8bit(buf_span(&w->header)) && !fold_is_needed(buf_span(&w->header));
	return true;
}

/* RFC 3461, 4.3: what the sender wants counts for failures only. */
static bool
wants_whole(const struct bounce *b)
{
	enum ret ret = b->item[0].envelope->ret;

	return b->kind == BOUNCE_FAILED && b->message->longest <= LINE_LIMIT &&
	       (ret == RET_FULL ||
		   (ret == RET_UNSET && b->message->size <= BOUNCE_WHOLE_MAX));
}

static bool
put_header(struct writer *w, struct outcome *o)
{
	const struct bounce *b = w->b;
	bool is_8bit = w->whole && (b->message->is_8bit || b->message->header_is_8bit);
	struct buf head;
	bool ok;

	buf_init(&head, 64 * 1024);
	buf_puts(&head, "Date: ");
	stamp_add_date(&head, b->now);
	buf_printf(&head,
	    "\r\nFrom: Mail Delivery System <MAILER-DAEMON@%s>\r\nTo: <%s>\r\n"
	    "Subject: %s\r\nMessage-ID: ",
	    b->maildomain, b->item[0].envelope->sender, notice_subject(b));
	ok = stamp_add_id(&head, b->maildomain, "Message-ID", o);
	buf_printf(&head,
	    "\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\r\n"
	    " boundary=\"%s\"\r\nContent-Transfer-Encoding: %s\r\n\r\n",
	    w->boundary.data, is_8bit ? "8bit" : "7bit");
	w->in_header = true;
	ok = ok && put(w, buf_span(&head), o);
	w->in_header = false;
	buf_free(&head);
	return ok;
}

static bool
put_end(struct writer *w, struct outcome *o)
{
	return put_text(w, "\r\n--", o) && put(w, buf_span(&w->boundary), o) &&
	       put_text(w, "--\r\n", o);
}

bool
bounce_write(struct source *out, const struct bounce *b, struct outcome *o)
{
	struct writer w = { .out = out, .b = b };
	bool ok = true;

	buf_init(&w.boundary, RANDOM_MAX);
	buf_init(&w.header, HEADER_MAX);
	buf_puts(&w.boundary, "=_"); /* which stands in no quoted-printable */
	w.whole = b->message != NULL && wants_whole(b);
	if (b->message != NULL && !w.whole)
		ok = read_header(&w, o);
	ok = ok && stamp_add_random(&w.boundary, "boundary", o) && put_header(&w, o) &&
	     put_words(&w, o) && put_status(&w, o) && put_third(&w, o) &&
	     put_end(&w, o) && source_seal(out, o);
	buf_free(&w.boundary);
	buf_free(&w.header);
	return ok;
}
