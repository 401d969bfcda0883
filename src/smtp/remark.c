/* SPDX-License-Identifier: ISC */
#include "smtp/remark.h"

#include <stdio.h>
#include <string.h>

#include "net/certificate.h"
#include "net/facts.h"

#define NOTE_MAX 1024
#define WORDS_MAX 4096

/* SHA-1 and MD5 are what older settings have. */
static void
warn_if_weak(const struct session *s)
{
	const struct tls_settings *t = &s->account->tls_settings;
	struct fingerprint sha256;
	struct buf words;

	if (t->fingerprint.n == 0 || t->fingerprint.n == FINGERPRINT_MAX)
		return;
	sha256 = certificate_fingerprint(s->tls);
	buf_init(&words, NOTE_MAX);
	buf_printf(&words,
	    "tls_fingerprint holds an %s fingerprint, which is no longer safe; the "
	    "SHA-256 one of this certificate is: tls_fingerprint ",
	    t->fingerprint.n == 16 ? "MD5" : "SHA-1");
	fingerprint_add(&words, &sha256);
	channel_warn(&s->channel, words.data);
	buf_free(&words);
}

/* Who writes a pin means it; but msmtp's files may hold both. */
static void
warn_if_unchecked(const struct session *s)
{
	const struct tls_settings *t = &s->account->tls_settings;
	char words[128];

	if (t->fingerprint.n == 0 && t->pubkey_fingerprint.n == 0)
		return;
	(void)snprintf(words, sizeof words,
	    "tls_certcheck is off: %s counts for nothing, and anybody can pose as the "
	    "server",
	    t->fingerprint.n > 0 ? "tls_fingerprint" : "tls_pubkey_fingerprint");
	channel_warn(&s->channel, words);
}

/* For those who want to know whom we talk to, in all detail. */
static void
note_certificate(const struct session *s)
{
	const struct observer *observer = s->channel.observer;
	struct certificate_facts facts;
	struct buf words;

	if (observer == NULL || !observer->curious || !certificate_facts(s->tls, &facts))
		return;
	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "certificate: %s, for %s, issued by %s, SHA-256 ",
	    facts.subject != NULL ? facts.subject : "nobody", facts.names,
	    facts.issuer != NULL ? facts.issuer : "nobody");
	fingerprint_add(&words, &facts.sha256);
	buf_puts(&words, ", of its key ");
	fingerprint_add(&words, &facts.pubkey);
	channel_note(&s->channel, '*', words.data);
	buf_free(&words);
	certificate_facts_free(&facts);
}

void
remark_on_tls(const struct session *s)
{
	note_certificate(s);
	if (s->account->tls_settings.check)
		warn_if_weak(s);
	else
		warn_if_unchecked(s);
}

/* Where TLS is rare, and of little use: nobody is on the way to it. */
static bool
is_near(const struct session *s)
{
	const char *peer = s->peer.peer;
	const bool own = strncmp(peer, "127.", 4) == 0 || strcmp(peer, "::1") == 0;

	return s->account->socket != NULL || (own && s->account->proxy_host == NULL);
}

bool
remark_no_starttls(const struct session *s, struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_TLS_NONE, "its answer to EHLO names no STARTTLS");
	if (is_near(s)) {
		(void)outcome_offer(o, "tls", "off");
		outcome_refine(o, CAUSE_TLS_NONE, NULL,
		    "it is a server of this machine: nobody is on the way to it");
	} else if (s->account->protocol == PROTOCOL_LMTP) {
		(void)outcome_offer(o, "tls", "off");
		outcome_refine(o, CAUSE_TLS_NONE, NULL,
		    "where nobody else reaches the network on the way to it; few servers "
		    "of LMTP have TLS");
	}
	return outcome_at(o, STAGE_TLS);
}
