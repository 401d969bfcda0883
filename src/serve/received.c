/* SPDX-License-Identifier: ISC */
#include "serve/received.h"

#include <string.h>

#include "base/buf.h"
#include "mail/stamp.h"

#define FIELD_MAX 4096
#define HELLO_MAX 255
#define HOPS_MAX 100

/* What the client calls itself: it may be anything, and must not pass for anything else.
 */
static void
add_name(struct buf *out, const char *name)
{
	for (size_t i = 0; i < HELLO_MAX && name[i] != '\0'; i++) {
		const char c = name[i];
		const bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
				  (c >= 'A' && c <= 'Z') || strchr(".-:[]_", c) != NULL;

		buf_addc(out, fine ? c : '?');
	}
	if (*name == '\0')
		buf_puts(out, "unknown");
}

/* RFC 3848; RFC 6531, 4.3. */
static void
add_protocol(struct buf *out, const struct posting *p)
{
	const struct visitor *v = p->visitor;
	const char *plain = p->smtputf8 ? "UTF8SMTP" : "ESMTP";
	const char *lmtp = p->smtputf8 ? "UTF8LMTP" : "LMTP";

	if (v->extended)
		buf_printf(out, "%s%s%s", v->lmtp ? lmtp : plain, v->encrypted ? "S" : "",
		    v->user != NULL ? "A" : "");
	else
		buf_puts(out, "SMTP");
}

static void
add_recipient(struct buf *out, const struct envelope *e)
{
	if (e->n == 1 && !span_has_8bit(span_of(e->rcpt[0].address)))
		buf_printf(out, "\n\tfor <%s>", e->rcpt[0].address);
}

char *
received_field(const struct posting *p, const char *host, const char *id, time_t now)
{
	const struct visitor *v = p->visitor;
	struct buf out;

	buf_init(&out, FIELD_MAX);
	buf_puts(&out, "Received: from ");
	add_name(&out, v->hello);
	if (v->address != NULL)
		buf_printf(&out, " ([%s%s])", strchr(v->address, ':') ? "IPv6:" : "",
		    v->address);
	else if (v->uid >= 0)
		buf_printf(&out, " (uid %ld)", v->uid);
	buf_puts(&out, "\n\tby ");
	add_name(&out, host);
	buf_puts(&out, " with ");
	add_protocol(&out, p);
	buf_printf(&out, " id %s", id);
	add_recipient(&out, &p->envelope);
	buf_puts(&out, ";\n\t");
	stamp_add_date(&out, now);
	buf_addc(&out, '\n');
	return buf_take(&out);
}

bool
received_too_often(const struct header *h)
{
	size_t n = 0;

	for (size_t i = 0; header_find(h, "Received", &i); i++)
		n++;
	return n > HOPS_MAX;
}
