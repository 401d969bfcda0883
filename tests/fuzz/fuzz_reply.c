/* SPDX-License-Identifier: ISC
 *
 * fuzz_reply.c - what a server says, as replies
 *
 * The first byte says how many bytes come at a time. However they come, the replies are
 * the same.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/clock.h"
#include "lib/sample.h"
#include "lib/script.h"
#include "smtp/reply.h"

/* All replies, and the cause of the end, as a text. */
static void
read_all(struct span bytes, size_t piece, struct buf *out)
{
	struct stream stream;
	struct script script;
	struct reply r;
	struct outcome o;

	script_init_bytes(&script, bytes, SCRIPT_CLOSES);
	script.read_max = piece;
	script_stream(&script, &stream);
	reply_init(&r);
	while (reply_read(&r, &stream, clock_in(1000), &o)) {
		must(r.code >= 200 && r.code <= 599);
		must(r.text.len <= REPLY_TEXT_MAX);
		buf_printf(out, "%d=%zu:", r.code, r.text.len);
		buf_add_span(out, buf_span(&r.text));
	}
	must(o.cause == CAUSE_HANGUP || o.cause == CAUSE_PROTOCOL ||
	     o.cause == CAUSE_NOT_SMTP);
	buf_puts(out, outcome_name(&o));
	reply_free(&r);
	stream_close(&stream);
	script_free(&script);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = { (const char *)data + 1, size - 1 };
	struct buf whole, pieces;

	if (size < 1)
		return 0;
	buf_init(&whole, SAMPLE_MAX);
	buf_init(&pieces, SAMPLE_MAX);
	read_all(bytes, 0, &whole);
	read_all(bytes, 1 + data[0] % 64, &pieces);
	must(whole.len == pieces.len);
	must(memcmp(whole.data, pieces.data, whole.len) == 0);
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
