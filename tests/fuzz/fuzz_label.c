/* SPDX-License-Identifier: ISC
 *
 * fuzz_label.c - what stands on a queued mail, without the checksum that guards it: who
 * may write to the queue can make that, too
 *
 * What was read can be written, and is then read as the same.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "queue/label.h"

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
must_be_same(const struct entry *a, const struct entry *b)
{
	const struct envelope *one = &a->envelope, *other = &b->envelope;

	must(is_same(a->ticket.account, b->ticket.account));
	must(is_same(a->ticket.config, b->ticket.config));
	must(a->ticket.uid == b->ticket.uid && a->ticket.created == b->ticket.created);
	must(is_same(one->sender, other->sender) && is_same(one->envid, other->envid));
	must(one->ret == other->ret && one->notify == other->notify);
	must(one->n == other->n && one->only_wished == other->only_wished);
	for (size_t i = 0; i < one->n; i++) {
		must(is_same(one->rcpt[i].address, other->rcpt[i].address));
		must(is_same(one->rcpt[i].orcpt, other->rcpt[i].orcpt));
		must(one->rcpt[i].notify == other->rcpt[i].notify);
	}
}

static void
must_come_again(const struct entry *e)
{
	struct entry again;
	struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	entry_init(&again);
	must(label_write(&text, &e->ticket, &e->envelope, &e->source));
	must(label_read(&again, buf_span(&text)));
	must_be_same(e, &again);
	entry_free(&again);
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry e;

	entry_init(&e);
	if (label_read(&e, span_bytes((const char *)data, size))) {
		must(e.ticket.account != NULL && e.envelope.sender != NULL);
		must(e.envelope.n > 0);
		must_come_again(&e);
	}
	entry_free(&e);
	return 0;
}
