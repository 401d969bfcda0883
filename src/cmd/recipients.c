/* SPDX-License-Identifier: ISC */
#include "cmd/recipients.h"

#include <string.h>
#include <unistd.h>

#include "cmd/choose.h"
#include "cmd/report_dialogue.h"
#include "mail/address.h"
#include "mail/compose.h"
#include "mail/expand.h"

void
here_init(struct here *h, const struct account *a)
{
	*h = (struct here){ .host = "" };
	if (gethostname(h->host, sizeof h->host - 1) != 0)
		h->host[0] = '\0';
	h->local = (struct local){ h->host, a->maildomain, a->local_domains };
}

/* A list with commas, some of it with a '\' in front. */
static bool
add_word(
    struct span text, struct envelope *e, struct envelope *literal, struct outcome *o)
{
	while (text.n > 0) {
		size_t n = address_find(text, ",");
		struct span one = span_trim(span_bytes(text.p, n));
		bool is_literal = one.n > 1 && one.p[0] == '\\';

		if (is_literal)
			one = span_bytes(one.p + 1, one.n - 1);
		if (!envelope_add_list(is_literal ? literal : e, one, o))
			return false;
		n += n < text.n;
		text = span_bytes(text.p + n, text.n - n);
	}
	return true;
}

/* Groups have commas and colons of their own, and no '\' that means anything. */
static bool
has_literal(struct span text)
{
	return memchr(text.p, '\\', text.n) != NULL && address_find(text, ":;") == text.n;
}

/* An address that was read from a file may have the end of its line with it. */
static struct span
trim_ends(struct span s)
{
	while (s.n > 0 && strchr("\r\n", s.p[s.n - 1]) != NULL)
		s.n--;
	return span_trim(s);
}

bool
recipients_given(const struct invocation *v, struct envelope *e, struct envelope *literal,
    struct outcome *o)
{
	for (size_t i = 0; i < v->recipients; i++) {
		struct span arg = trim_ends(span_of(v->recipient[i]));

		if (!span_is_line(arg))
			return outcome_fail(o, CAUSE_ADDRESS,
			    "\"%.100s\" holds a control character (a line end?)",
			    v->recipient[i]);
		if (!(v->as_sendmail && has_literal(arg) ? add_word(arg, e, literal, o)
							 : envelope_add_list(e, arg, o)))
			return false;
	}
	return true;
}

bool
recipients_expand(const struct invocation *v, const struct account *a,
    struct aliases *known, struct envelope *e, const struct envelope *literal,
    struct envelope *lost, struct outcome *o)
{
	const struct observer observer = report_observer(v);
	struct here here;
	const struct expansion x = {
		.aliases = a->aliases,
		.known = known,
		.root_to = a->root_to,
		.local = &here.local,
		.warn = observer.warn,
		.arg = observer.arg,
	};

	here_init(&here, a);
	if (!expand_recipients(e, &x, lost, o))
		return false;
	for (size_t i = 0; i < literal->n; i++)
		envelope_add(e, literal->rcpt[i].address);
	if ((repairs_wanted(v, a) & REPAIR_ADDRESSES) != 0 && a->maildomain != NULL)
		envelope_qualify(e, a->maildomain);
	return true;
}
