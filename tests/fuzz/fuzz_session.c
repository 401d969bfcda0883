/* SPDX-License-Identifier: ISC
 *
 * fuzz_session.c - a whole session, from the greeting to QUIT, with a server that says
 * anything
 *
 * The first byte chooses the settings and how the conversation ends; the rest is what the
 * server says: a reply for each line that it hears, or all at once. Whatever that is, the
 * password isn't told in clear, nothing of worth is said where TLS was demanded, nothing
 * of a mail before a sign-in was accepted, and a message leaves whole, once, or not at
 * all.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "conf/account.h"
#include "lib/sample.h"
#include "lib/script.h"
#include "lib/server.h"
#include "smtp/batch.h"
#include "smtp/session.h"

#define STEPS_MAX 40
#define PASSWORD "sw0rdfish"
#define PASSWORD_IN_BASE64 "AG9wcwBzdzByZGZpc2g=" /* of PLAIN, for the user ops */

/* Who names one of the last three wants the password to be told, even in clear. */
static const char *const methods[] = { "on", "scram-sha-256", "cram-md5", "digest-md5",
	"ntlm", "plain", "xoauth2", "oauthbearer" };
#define REVEALING 5

static const char message[] = "Subject: x\r\n\r\nhello\r\n";
#define CHUNK "BDAT 21 LAST\r\n" /* what stands before it, where no dot ends it */

/* Cuts off the first reply: up to a line without a '-' behind its code. */
static struct span
cut_reply(struct span *says)
{
	const char *start = says->p;
	struct span line;

	while (span_cut(says, '\n', &line) && line.n > 3 && line.p[3] == '-')
		continue;
	return span_bytes(start, (size_t)(says->p - start));
}

/* A server that speaks when it is spoken to; what is left in the end it says at once. */
static size_t
write_steps(struct span says, struct script_step step[STEPS_MAX])
{
	const char *heard = NULL;
	size_t n = 0;

	while (says.n > 0 && n < STEPS_MAX) {
		struct span reply = n + 1 < STEPS_MAX ? cut_reply(&says) : says;

		step[n++] = (struct script_step){ heard, span_dup(reply) };
		heard = span_starts_nocase(reply, "354") ? SCRIPT_END_OF_MESSAGE : "\r\n";
	}
	return n;
}

static bool
has(const struct script *s, const char *words)
{
	return memmem(s->heard.data, s->heard.len, words, strlen(words)) != NULL;
}

/* Whether each line that was heard is one that may be said before TLS. */
static bool
is_harmless(const struct script *s)
{
	struct span heard = buf_span(&s->heard), line;

	while (span_cut(&heard, '\n', &line))
		if (!span_starts_nocase(line, "EHLO ") &&
		    !span_starts_nocase(line, "HELO ") &&
		    !span_starts_nocase(line, "LHLO ") && !span_is(line, "STARTTLS\r") &&
		    !span_is(line, "QUIT\r"))
			return false;
	return true;
}

/* How often the message was sent, each time whole. */
static int
count_messages(const struct script *s)
{
	const size_t n = strlen(message), before = strlen(CHUNK);
	const char *at = s->heard.data, *end = at + s->heard.len;
	int count = 0;

	for (; (at = memmem(at, (size_t)(end - at), message, n)) != NULL;
	     at += n, count++)
		must(strncmp(at + n, ".\r\n", 3) == 0 ||
		     strncmp(at - before, CHUNK, before) == 0);
	return count;
}

static void
check_words(const struct outcome *o)
{
	must(o->cause < CAUSE_LAST);
	for (const char *p = o->text; *p != '\0'; p++)
		must(*p == '\n' || !is_control(*p));
	must(strstr(o->text, PASSWORD) == NULL);
}

/* One mail for two over the session; each of them may get a transaction of his own. */
static void
send_mail(struct session *s, const struct script *script)
{
	struct batch b = { .channel = &s->channel, .caps = &s->caps };
	struct envelope e;
	struct source m;
	struct outcome o = { .cause = CAUSE_NONE };

	b.lmtp = s->account->protocol == PROTOCOL_LMTP;
	sample_envelope(&e, "s@x", "a@x, b@x");
	sample_source(&m, span_of(message));
	(void)transact(&b, &e, &m, &o);
	s->quit = b.quit;
	check_words(&o);
	for (size_t i = 0; i < e.n; i++) {
		check_words(&e.rcpt[i].outcome);
		if (e.rcpt[i].outcome.cause == CAUSE_NONE)
			must(count_messages(script) > 0);
	}
	must(count_messages(script) <= (int)e.n);
	envelope_free(&e);
	source_free(&m);
}

static struct account *
settings(unsigned char choice)
{
	struct account *a = server_account(25);

	if ((choice & 1) != 0) {
		server_account_set(a, "tls", "on");
		server_account_set(a, "tls_certcheck", "off");
	}
	if ((choice & 2) != 0) {
		server_account_set(a, "auth", methods[choice >> 5]);
		server_account_set(a, "user", "ops");
	}
	if ((choice & 4) != 0)
		server_account_set(a, "protocol", "lmtp");
	return a;
}

static void
converse(struct script *script, const struct account *a, bool reveals)
{
	struct secret password = { 0 };
	struct session s;
	struct outcome o = { .cause = CAUSE_NONE };
	bool open;

	secret_set(&password, span_of(PASSWORD));
	open = session_over(&s, &script_carrier, script, a, &password, &o);
	must(open == (o.cause == CAUSE_NONE));
	check_words(&o);
	must(reveals || (!has(script, PASSWORD) && !has(script, PASSWORD_IN_BASE64)));
	must(!a->tls || (!open && is_harmless(script)));
	must(!has(script, "\r\nMAIL "));
	if (open)
		send_mail(&s, script);
	session_close(&s, open);
	secret_free(&password);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script_step step[STEPS_MAX];
	struct script script;
	struct account *a;
	enum script_end end;
	size_t n = 0;

	if (size < 1)
		return 0;
	a = settings(data[0]);
	end = (data[0] & 16) != 0 ? SCRIPT_SILENT : SCRIPT_CLOSES;
	if ((data[0] & 8) != 0)
		script_init_bytes(
		    &script, span_bytes((const char *)data + 1, size - 1), end);
	else {
		n = write_steps(span_bytes((const char *)data + 1, size - 1), step);
		script_init(&script, step, n, end);
	}
	converse(&script, a, data[0] >> 5 >= REVEALING);
	script_free(&script);
	account_free(a);
	while (n > 0)
		free((char *)(uintptr_t)step[--n].says);
	return 0;
}
