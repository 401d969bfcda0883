/* SPDX-License-Identifier: ISC */
#include "mail/named.h"

#include "base/mem.h"
#include "mail/address.h"

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

bool
header_resent_block(const struct header *h, size_t *start, size_t *end)
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

	if (!header_resent_block(h, &i, &end)) {
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
