/* SPDX-License-Identifier: ISC */
#include "queue/label.h"

#include <inttypes.h>
#include <string.h>

#define ACCOUNT_MAX 1000 /* bytes of its name, which is also kept with its state */

/* A line of the envelope; false where the value would make two of it. */
static bool
add_line(struct buf *out, const char *key, const char *value)
{
	buf_printf(out, "%s %s\n", key, value);
	return !span_has_control(span_of(value));
}

static void
add_number(struct buf *out, const char *key, uint64_t n)
{
	if (n != 0)
		buf_printf(out, "%s %" PRIu64 "\n", key, n);
}

static bool
add_ticket(struct buf *out, const struct ticket *t)
{
	add_number(out, "uid", t->uid);
	add_number(out, "created", (uint64_t)t->created);
	return add_line(out, "account", t->account) &&
	       (t->config == NULL || add_line(out, "config", t->config)) &&
	       (t->submitter == NULL || add_line(out, "submitter", t->submitter));
}

static void
add_figures(struct buf *out, const struct source *m)
{
	add_number(out, "lines", m->lines);
	add_number(out, "longest", m->longest);
	if (m->is_8bit)
		buf_puts(out, "8bit body\n");
	if (m->header_is_8bit)
		buf_puts(out, "8bit header\n");
}

static bool
add_envelope(struct buf *out, const struct envelope *e)
{
	bool ok = add_line(out, "sender", e->sender != NULL ? e->sender : "") &&
		  (e->envid == NULL || add_line(out, "envid", e->envid));

	add_number(out, "ret", e->ret);
	add_number(out, "notify", e->notify);
	if (e->only_wished)
		buf_puts(out, "wished yes\n");
	for (size_t i = 0; ok && i < e->n; i++) {
		ok = add_line(out, "to", e->rcpt[i].address) &&
		     (e->rcpt[i].orcpt == NULL ||
			 add_line(out, "orcpt", e->rcpt[i].orcpt));
		add_number(out, "notify", e->rcpt[i].notify);
	}
	return ok;
}

bool
label_write(struct buf *out, const struct ticket *t, const struct envelope *e,
    const struct source *m)
{
	bool ok = add_ticket(out, t);

	add_figures(out, m);
	return ok && add_envelope(out, e);
}

/* A key of the envelope, and what becomes of its value; false where it can't be one. */
struct key {
	const char *name;
	bool (*take)(struct entry *e, struct span value);
};

static bool
take_number(struct span value, uint64_t max, uint64_t *n)
{
	return span_number(value, 10, max, n);
}

/* Takes a string that must not be there yet. */
static bool
take_text(char **place, struct span value)
{
	if (*place != NULL)
		return false;
	*place = span_dup(value);
	return true;
}

static bool
take_account(struct entry *e, struct span value)
{
	return value.n <= ACCOUNT_MAX && take_text(&e->ticket.account, value);
}

static bool
take_config(struct entry *e, struct span value)
{
	return take_text(&e->ticket.config, value);
}

static bool
take_submitter(struct entry *e, struct span value)
{
	return take_text(&e->ticket.submitter, value);
}

static bool
take_uid(struct entry *e, struct span value)
{
	uint64_t n;

	if (!take_number(value, UINT32_MAX, &n))
		return false;
	e->ticket.uid = (uid_t)n;
	return true;
}

static bool
take_created(struct entry *e, struct span value)
{
	uint64_t n;

	if (!take_number(value, INT64_MAX, &n))
		return false;
	e->ticket.created = (int64_t)n;
	return true;
}

static bool
take_lines(struct entry *e, struct span value)
{
	return take_number(value, UINT64_MAX, &e->source.lines);
}

static bool
take_longest(struct entry *e, struct span value)
{
	uint64_t n;

	if (!take_number(value, SIZE_MAX, &n))
		return false;
	e->source.longest = (size_t)n;
	return true;
}

static bool
take_8bit(struct entry *e, struct span value)
{
	const bool is_body = span_is(value, "body");

	e->source.is_8bit |= is_body;
	e->source.header_is_8bit |= !is_body;
	return is_body || span_is(value, "header");
}

/* A path (RFC 5321, 4.1.2) ends with its address: outside quotes, that has nothing that
 * could end it. */
static bool
fits_path(struct span address)
{
	bool quoted = false;

	for (size_t i = 0; i < address.n; i++) {
		const char c = address.p[i];

		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\')
			i++;
		else if (!quoted && (c == ' ' || c == '<' || c == '>'))
			return false;
	}
	return !quoted;
}

static bool
take_sender(struct entry *e, struct span value)
{
	return fits_path(value) && take_text(&e->envelope.sender, value);
}

static bool
take_envid(struct entry *e, struct span value)
{
	return take_text(&e->envelope.envid, value);
}

static bool
take_ret(struct entry *e, struct span value)
{
	uint64_t n;

	if (!take_number(value, RET_FULL, &n))
		return false;
	e->envelope.ret = (enum ret)n;
	return true;
}

static bool
take_notify(struct entry *e, struct span value)
{
	uint64_t n;

	if (!take_number(
		value, NOTIFY_NEVER | NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY, &n))
		return false;
	if (e->envelope.n > 0)
		e->envelope.rcpt[e->envelope.n - 1].notify = (unsigned)n;
	else
		e->envelope.notify = (unsigned)n;
	return true;
}

static bool
take_wished(struct entry *e, struct span value)
{
	e->envelope.only_wished = true;
	return span_is(value, "yes");
}

/* Their numbers are those of the lines: none is left out, not even a double. */
static bool
take_recipient(struct entry *e, struct span value)
{
	struct envelope one = { 0 };
	char *address = span_dup(value);

	envelope_add(&one, address);
	free(address);
	envelope_append(&e->envelope, &one);
	return value.n > 0 && fits_path(value);
}

static bool
take_orcpt(struct entry *e, struct span value)
{
	return e->envelope.n > 0 &&
	       take_text(&e->envelope.rcpt[e->envelope.n - 1].orcpt, value);
}

static const struct key keys[] = {
	{ "account", take_account },
	{ "config", take_config },
	{ "submitter", take_submitter },
	{ "uid", take_uid },
	{ "created", take_created },
	{ "lines", take_lines },
	{ "longest", take_longest },
	{ "8bit", take_8bit },
	{ "sender", take_sender },
	{ "envid", take_envid },
	{ "ret", take_ret },
	{ "notify", take_notify },
	{ "wished", take_wished },
	{ "to", take_recipient },
	{ "orcpt", take_orcpt },
};

static bool
take_line(struct entry *e, struct span line)
{
	struct span name;

	if (span_has_control(line) || !span_cut(&line, ' ', &name))
		return false;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (span_is(name, keys[i].name))
			return keys[i].take(e, line);
	return false;
}

bool
label_read(struct entry *e, struct span text)
{
	struct span line;

	if (text.n == 0 || text.p[text.n - 1] != '\n')
		return false;
	while (span_cut(&text, '\n', &line))
		if (!take_line(e, line))
			return false;
	return e->ticket.account != NULL && e->envelope.sender != NULL &&
	       e->envelope.n > 0;
}
