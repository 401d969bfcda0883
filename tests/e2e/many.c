/* SPDX-License-Identifier: ISC
 *
 * many.c - many messages through one session, for tests with real servers
 *
 *	many PORT MESSAGES DEPTH BYTES SENDER RECIPIENT [REFUSED]
 *
 * Without TLS to 127.0.0.1. Each message is numbered in its Subject and has about so many
 * bytes; every fifth goes to REFUSED as well, and every tenth to nobody else. Prints
 * a line for each, with its number and the replies that its recipients got.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/sample.h"
#include "lib/server.h"
#include "smtp/batch.h"
#include "smtp/session.h"

struct run {
	long messages, given;
	size_t bytes;
	const char *sender, *recipient, *refused;
};

static bool
next(void *arg, struct envelope **e, struct source **m)
{
	struct run *r = arg;
	long number = r->given;
	struct buf text;

	if (number == r->messages)
		return false;
	r->given++;
	*e = mem_new(sizeof **e);
	*m = mem_new(sizeof **m);
	envelope_set_sender(*e, r->sender);
	if (r->refused == NULL || number % 10 != 9)
		envelope_add(*e, r->recipient);
	if (r->refused != NULL && number % 5 == 4)
		envelope_add(*e, r->refused);
	buf_init(&text, SAMPLE_MAX);
	buf_printf(&text, "Subject: %ld\r\n\r\n", number);
	while (text.len < r->bytes)
		buf_puts(&text, ".This is a line of the message, and has a dot.\r\n");
	sample_source(*m, buf_span(&text));
	buf_free(&text);
	return true;
}

static void
settled(void *arg, struct envelope *e, struct source *m)
{
	struct span rest, subject;
	struct buf text;

	(void)arg;
	sample_text(m, &text);
	rest = buf_span(&text);
	(void)span_cut(&rest, '\r', &subject);
	printf("%.*s", (int)subject.n, subject.p);
	for (size_t i = 0; i < e->n; i++)
		printf(" %d", e->rcpt[i].outcome.code);
	printf("\n");
	buf_free(&text);
	envelope_free(e);
	source_free(m);
	free(e);
	free(m);
}

int
main(int argc, char **argv)
{
	struct run r = { .messages = argc > 6 ? strtol(argv[2], NULL, 10) : 0 };
	const struct supply supply = { next, settled, &r };
	const struct secret none = { 0 };
	struct account *a;
	struct session s;
	struct outcome o;
	bool ok;

	if (argc < 7)
		return 64;
	r.bytes = strtoul(argv[4], NULL, 10);
	r.sender = argv[5];
	r.recipient = argv[6];
	r.refused = argc > 7 ? argv[7] : NULL;
	a = server_account((int)strtol(argv[1], NULL, 10));
	ok = session_open(&s, a, &none, NULL, &o);
	if (ok) {
		struct batch b = { .channel = &s.channel,
			.caps = &s.caps,
			.depth = (unsigned)strtol(argv[3], NULL, 10) };

		ok = batch_run(&b, &supply, &o);
		s.quit = b.quit;
	}
	if (!ok)
		fprintf(stderr, "%s: %s\n", outcome_name(&o), o.text);
	session_close(&s, ok);
	account_free(a);
	return ok ? 0 : 1;
}
