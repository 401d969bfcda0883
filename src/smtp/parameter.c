/* SPDX-License-Identifier: ISC */
#include "smtp/parameter.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "mail/address.h"

static bool
is_utf8_address(const char *s)
{
	return s != NULL && span_has_8bit(span_of(s));
}

bool
envelope_is_utf8(const struct envelope *e)
{
	bool found = is_utf8_address(e->sender);

	for (size_t i = 0; i < e->n && !found; i++)
		found = is_utf8_address(e->rcpt[i].address);
	return found;
}

bool
add_path(struct buf *out, const char *address, bool utf8, struct outcome *o)
{
	const char *domain = address_domain(address);
	struct span local = span_of(address);
	char *ascii = NULL;

	if (domain != NULL)
		local.n = (size_t)(domain - address);
	if (!utf8 && span_has_8bit(local))
		return outcome_fail(o, CAUSE_NO_SMTPUTF8, "%s", address);
	if (domain != NULL && !utf8) {
		ascii = domain_to_ascii(domain);
		if (ascii == NULL)
			return outcome_fail(
			    o, CAUSE_ADDRESS, "%s: its domain can't be one", address);
		domain = ascii;
	}
	buf_addc(out, '<');
	buf_add_span(out, local);
	if (domain != NULL)
		buf_puts(out, domain);
	buf_addc(out, '>');
	free(ascii);
	return true;
}

/* RFC 3461, 4: any character but '+', '=' and those outside printable ASCII stands for
 * itself. */
static void
add_xtext(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7f || *s == '+' || *s == '=')
			buf_printf(out, "+%02X", (unsigned char)*s);
		else
			buf_addc(out, *s);
}

void
add_mail_dsn(struct buf *out, const struct envelope *e)
{
	static const char *const words[] = {
		[RET_UNSET] = "",
		[RET_HDRS] = " RET=HDRS",
		[RET_FULL] = " RET=FULL",
	};

	buf_puts(out, words[e->ret]);
	if (e->envid != NULL) {
		buf_puts(out, " ENVID=");
		add_xtext(out, e->envid);
	}
}

void
add_rcpt_dsn(struct buf *out, const struct envelope *e, const struct recipient *to)
{
	static const struct {
		enum notify bit;
		const char *word;
	} words[] = {
		{ NOTIFY_NEVER, "NEVER" },
		{ NOTIFY_FAILURE, "FAILURE" },
		{ NOTIFY_DELAY, "DELAY" },
		{ NOTIFY_SUCCESS, "SUCCESS" },
	};
	const unsigned notify = to->notify != NOTIFY_UNSET ? to->notify : e->notify;
	const char *before = " NOTIFY=";

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if ((notify & (unsigned)words[i].bit) != 0) {
			buf_printf(out, "%s%s", before, words[i].word);
			before = ",";
		}
	if (to->orcpt != NULL) {
		buf_printf(
		    out, " ORCPT=%s;", is_utf8_address(to->orcpt) ? "utf-8" : "rfc822");
		add_xtext(out, to->orcpt);
	}
}
