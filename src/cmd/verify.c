/* SPDX-License-Identifier: ISC
 *
 * verify.c - what would become of a mail to these addresses; none is sent
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/utf8.h"
#include "cmd/identity.h"
#include "cmd/job.h"
#include "cmd/recipients.h"
#include "cmd/report.h"
#include "relay/guard.h"
#include "relay/route.h"

#define WORDS_MAX (1024 * 1024)

static void
print(struct buf *words)
{
	make_printable(words->data, words->len, '?');
	(void)printf("%s\n", words->data);
	buf_free(words);
}

static void
print_account(const struct account *a, const struct envelope *e)
{
	struct buf words;

	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "account %s, server ", account_label(a));
	account_place(a, &words);
	buf_printf(&words, ", sender <%s>", e->sender);
	print(&words);
}

/* What of it isn't as print_account() says. */
static bool
add_way(struct buf *words, struct account *a, const struct config *c, const char *address,
    struct outcome *o)
{
	struct account *through = route_find(a, c, address, o);

	if (through == NULL)
		return false;
	if (through != a) {
		buf_printf(words, " (account %s, ", account_label(through));
		account_place(through, words);
		buf_puts(words, ")");
	}
	if (through->redirect_all != NULL)
		buf_printf(words, " (redirected to %s)", through->redirect_all);
	else if (!guard_allows(through, address))
		buf_puts(words, " (refused: allow_recipients)");
	return true;
}

static bool
print_recipients(const char *address, struct account *a, const struct config *c,
    const struct envelope *e, struct outcome *o)
{
	struct buf words;
	bool ok = true;

	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "%s: ", address);
	for (size_t i = 0; ok && i < e->n; i++) {
		buf_printf(&words, "%s%s", i > 0 ? ", " : "", e->rcpt[i].address);
		ok = add_way(&words, a, c, e->rcpt[i].address, o);
	}
	if (e->n == 0)
		buf_puts(&words, "nobody, on purpose");
	if (ok)
		print(&words);
	else
		buf_free(&words);
	return ok;
}

/* "No such user", where it is the address that isn't good. */
static int
refused(const struct invocation *v, const struct outcome *o)
{
	int status = report_failure(v, o);

	return o->cause == CAUSE_ADDRESS || o->cause == CAUSE_ALIAS ? EX_NOUSER : status;
}

/* One word of the command line. */
static int
verify_word(
    const struct invocation *v, struct account *a, const struct config *c, char *word)
{
	struct invocation one = *v;
	struct envelope e = { 0 }, literal = { 0 }, lost = { 0 };
	struct outcome o;
	bool ok;

	one.recipient = &word;
	one.recipients = 1;
	ok = recipients_given(&one, &e, &literal, &o) &&
	     recipients_expand(v, a, NULL, &e, &literal, &lost, &o);
	if (ok && lost.n > 0) {
		o = lost.rcpt[0].outcome;
		ok = false;
	}
	ok = ok && print_recipients(word, a, c, &e, &o);
	envelope_free(&e);
	envelope_free(&literal);
	envelope_free(&lost);
	return ok ? EX_OK : refused(v, &o);
}

static int
verify_all(
    const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	struct identity identity;
	struct envelope e = { 0 };
	struct outcome o;
	int first = EX_OK;

	if (!identity_settle(&identity, made, &e, &o)) {
		first = report_failure(v, &o);
	} else {
		print_account(made->account, &e);
		for (size_t i = 0; i < v->recipients; i++) {
			int status = verify_word(v, made->account, c, v->recipient[i]);

			first = first != EX_OK ? first : status;
		}
	}
	identity_free(&identity);
	envelope_free(&e);
	return first;
}

int
job_verify(const struct invocation *v)
{
	return job_with_account(v, verify_all);
}
