/* SPDX-License-Identifier: ISC
 *
 * fuzz_journal.c - what became of a queued mail, as told by who can make its checksums
 *
 * Each line gets its checksum, so that it is looked into. Whatever it says, nobody gets a
 * mail or a notice that isn't theirs, and what is whole ends with a line.
 */
#include "fuzz/fuzz.h"

#include <inttypes.h>
#include <string.h>

#include "base/checksum.h"
#include "base/mem.h"
#include "queue/entry.h"
#include "queue/journal.h"

#define RECIPIENTS 3

static void
add_sums(struct span bytes, struct buf *out)
{
	struct span line;

	while (span_cut(&bytes, '\n', &line)) {
		buf_printf(out, "%08" PRIx32 " ", checksum_add(0, line));
		buf_add_span(out, line);
		buf_puts(out, "\n");
	}
}

static void
must_be_sound(const struct entry *e)
{
	const size_t waiting = entry_waiting(e);

	must(e->envelope.n == RECIPIENTS && waiting <= RECIPIENTS);
	must(waiting > 0 || entry_next(e) == INT64_MAX);
	for (size_t i = 0; i < RECIPIENTS; i++) {
		const struct outcome *o = &e->envelope.rcpt[i].outcome;

		must(e->progress[i].tries >= 0 && e->progress[i].tries < INT32_MAX &&
		     e->progress[i].next >= 0);
		must(o->cause < CAUSE_LAST && o->stage < STAGE_LAST);
		must(o->code >= 0 && o->code <= 999);
		must(memchr(o->text, '\0', sizeof o->text) != NULL);
		must(memchr(o->status, '\0', sizeof o->status) != NULL);
		must(outcome_sysexit(o) >= 0 && outcome_name(o) != NULL);
	}
}

static void
must_replay(struct span text)
{
	struct entry e;
	size_t whole;

	entry_init(&e);
	for (size_t i = 0; i < RECIPIENTS; i++)
		envelope_add(&e.envelope, i == 0 ? "a@x" : i == 1 ? "b@x" : "c@x");
	e.progress = mem_new(RECIPIENTS * sizeof *e.progress);
	whole = journal_replay(&e, text);
	must(whole <= text.n && (whole == 0 || text.p[whole - 1] == '\n'));
	must_be_sound(&e);
	entry_free(&e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = { (const char *)data, size };
	struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	add_sums(bytes, &text);
	must_replay(bytes);
	must_replay(buf_span(&text));
	buf_free(&text);
	return 0;
}
