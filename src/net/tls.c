/* SPDX-License-Identifier: ISC */
#include "net/tls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/certificate.h"
#include "net/socket.h"
#include "net/stranger.h"
#include "net/tls_internal.h"

/* The first byte of a TLS record: RFC 8446, 5.1. */
#define RECORD_ALERT 21
#define RECORD_HANDSHAKE 22

struct tls *
tls_new(const struct tls_settings *settings, const struct secret *pin, struct outcome *o)
{
	struct tls *t = mem_new(sizeof *t);

	*t = (struct tls){ .settings = settings, .pin = pin, .fd = -1 };
	trust_init(&t->trust);
	if (tls_set_up(t, o))
		return t;
	tls_free(t);
	return NULL;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	if (t->session != NULL)
		gnutls.deinit(t->session);
	if (t->cred != NULL)
		gnutls.certificate_free_credentials(t->cred);
	if (t->description != NULL)
		(*gnutls.free)(t->description);
	trust_free(&t->trust);
	free(t);
}

/* The first bytes from the server tell what it really speaks, when it isn't TLS. */
static void
note_first(struct tls *t, const char *p, size_t n)
{
	size_t room = sizeof t->first - 1 - t->nfirst;

	n = n < room ? n : room;
	memcpy(t->first + t->nfirst, p, n);
	t->nfirst += n;
}

static ssize_t
pull(gnutls_transport_ptr_t arg, void *p, size_t n)
{
	struct tls *t = arg;
	ssize_t got = recv(t->fd, p, n, 0);

	if (got > 0)
		note_first(t, p, (size_t)got);
	else if (got < 0)
		gnutls.transport_set_errno(t->session, errno);
	return got;
}

static ssize_t
push(gnutls_transport_ptr_t arg, const giovec_t *v, int n)
{
	struct tls *t = arg;
	struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)v,
		.msg_iovlen = (size_t)n };
	ssize_t sent = sendmsg(t->fd, &message, MSG_NOSIGNAL);

	if (sent < 0)
		gnutls.transport_set_errno(t->session, errno);
	return sent;
}

static int
events(const struct tls *t)
{
	return gnutls.record_get_direction(t->session) == 0 ? POLLIN : POLLOUT;
}

static bool
is_passing(int error)
{
	return error == GNUTLS_E_AGAIN || error == GNUTLS_E_INTERRUPTED ||
	       error == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

/* Whether what came in place of TLS is a line of text; TLS may follow it. */
static bool
is_text(const struct tls *t)
{
	size_t length = strcspn(t->first, "\r\n");

	for (size_t i = 0; i < length; i++)
		if (is_8bit(t->first[i]) ||
		    (is_control(t->first[i]) && t->first[i] != '\t'))
			return false;
	return length >= 4;
}

static bool
is_about_version(const struct tls *t, int error)
{
	return error == GNUTLS_E_UNSUPPORTED_VERSION_PACKET ||
	       (error == GNUTLS_E_FATAL_ALERT_RECEIVED &&
		   gnutls.alert_get(t->session) == GNUTLS_A_PROTOCOL_VERSION);
}

/* The oldest version that will do, as far as this is known without GnuTLS's parser. */
static int
oldest_version(const struct tls_settings *s)
{
	return s->min_version > 0 ? s->min_version : s->priorities == NULL ? 12 : 0;
}

/* A server that wants to see who we are, and can't, ends it without many words; with TLS
 * 1.3 only when we think that all is well. */
static bool
was_ended(const struct tls *t, enum cause cause, const char *how, struct outcome *o)
{
	const bool asked = t->settings->cert_file == NULL &&
			   gnutls.certificate_client_get_request_status(t->session) != 0;

	(void)outcome_fail(o, cause, "%s%s", how,
	    asked ? "; it had asked for a certificate of ours, and the account has none"
		  : "");
	if (asked)
		outcome_refine(o, cause, NULL,
		    "tls_cert_file FILE    (with tls_key_file FILE: the operator says "
		    "which)");
	return false;
}

static bool
was_alerted(const struct tls *t, struct outcome *o)
{
	const char *why = gnutls.alert_get_name(gnutls.alert_get(t->session));
	char how[128];

	(void)snprintf(how, sizeof how, "the server ended the handshake: %s",
	    why != NULL ? why : "it doesn't say why");
	return was_ended(t, CAUSE_TLS_FAILED, how, o);
}

/* Both sides speak TLS, and not the same. */
static bool
no_agreement(const struct tls *t, int error, struct outcome *o)
{
	const struct tls_settings *s = t->settings;

	if (error == GNUTLS_E_NO_PRIORITIES_WERE_SET)
		return outcome_fail(o, CAUSE_TLS_SETUP,
		    "tls_priorities and tls_min_version leave no version of TLS");
	if (error == GNUTLS_E_DH_PRIME_UNACCEPTABLE && s->min_dh_bits > 0)
		return outcome_fail(o, CAUSE_TLS_FAILED,
		    "the server's Diffie-Hellman prime is shorter than the %d bits of "
		    "tls_min_dh_prime_bits",
		    s->min_dh_bits);
	if (is_about_version(t, error) && oldest_version(s) > 0)
		return outcome_fail(o, CAUSE_TLS_FAILED,
		    "the server has no TLS 1.%d or newer", oldest_version(s) - 10);
	if (error == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return was_alerted(t, o);
	return outcome_fail(o, CAUSE_TLS_FAILED, "%s", gnutls.strerror(error));
}

static bool
handshake_failed(struct tls *t, int error, bool from_start, struct outcome *o)
{
	char rest[sizeof t->first];
	ssize_t more = recv(t->fd, rest, sizeof rest, MSG_DONTWAIT);
	int length;

	if (more > 0) /* GnuTLS has read no more than the head of a record */
		note_first(t, rest, (size_t)more);
	length = (int)strcspn(t->first, "\r\n");
	if (is_text(t) && from_start && strncmp(t->first, "220", 3) == 0)
		return outcome_fail(o, CAUSE_TLS_STARTTLS,
		    "\"%.*s\" came where a TLS record was expected", length, t->first);
	if (is_text(t) && !from_start)
		return outcome_fail(o, CAUSE_TLS_INJECTED, "\"%.*s\"", length, t->first);
	if (is_text(t))
		return !stranger_fail(o, span_bytes(t->first, (size_t)length)) &&
		       outcome_fail(o, CAUSE_PROTOCOL,
			   "\"%.*s\" came where a TLS record was expected", length,
			   t->first);
	if (error == GNUTLS_E_PREMATURE_TERMINATION || error == GNUTLS_E_PULL_ERROR ||
	    error == GNUTLS_E_PUSH_ERROR)
		return outcome_fail(
		    o, CAUSE_HANGUP, "the server closed it during the TLS handshake");
	return no_agreement(t, error, o);
}

static bool
shake_hands(struct tls *t, bool from_start, int64_t deadline, struct outcome *o)
{
	int error;

	while ((error = gnutls.handshake(t->session)) != GNUTLS_E_SUCCESS) {
		if (!is_passing(error))
			return handshake_failed(t, error, from_start, o);
		if (clock_left(deadline) == 0 ||
		    (error == GNUTLS_E_AGAIN &&
			socket_wait(t->fd, events(t), deadline) == 0))
			return outcome_fail(
			    o, CAUSE_TIMEOUT, "no answer to the TLS handshake");
	}
	return true;
}

static void
attach(struct tls *t, int fd)
{
	t->fd = fd;
	gnutls.transport_set_ptr(t->session, t);
	gnutls.transport_set_pull_function(t->session, pull);
	gnutls.transport_set_vec_push_function(t->session, push);
}

bool
tls_handshake(struct tls *t, int fd, const char *host, bool from_start, int64_t deadline,
    struct outcome *o)
{
	const char *wanted =
	    t->settings->host_override != NULL ? t->settings->host_override : host;
	char *name = domain_to_ascii(wanted);
	bool ok = name != NULL;

	if (ok && *name != '\0' && name[strlen(name) - 1] == '.')
		name[strlen(name) - 1] =
		    '\0'; /* RFC 6066, 3: not in SNI, nor in certificates */
	if (!ok)
		return outcome_fail(
		    o, CAUSE_TLS_SETUP, "\"%s\" can't be the name of a host", wanted);
	attach(t, fd);
	if (!is_ip_address(name)) /* RFC 6066, 3: no addresses */
		ok = gnutls.server_name_set(t->session, GNUTLS_NAME_DNS, name,
			 strlen(name)) == GNUTLS_E_SUCCESS ||
		     outcome_fail(
			 o, CAUSE_TLS_SETUP, "\"%s\" is too long for a host name", name);
	ok = ok && shake_hands(t, from_start, deadline, o);
	if (ok)
		t->description = gnutls.session_get_desc(t->session);
	ok = ok && certificate_check(t, name, o);
	free(name);
	return ok;
}

bool
tls_answer(struct tls *t, int fd, int64_t deadline, struct outcome *o)
{
	attach(t, fd);
	return shake_hands(t, false, deadline, o);
}

enum tls_answer
tls_probe(int fd, int64_t deadline, char line[TLS_FIRST_MAX])
{
	const struct tls_settings anybody = { .check = false };
	enum tls_answer answer = TLS_ANSWER_NONE;
	struct outcome ignored;
	struct tls *t = tls_new(&anybody, NULL, &ignored);

	if (t == NULL)
		return TLS_ANSWER_NONE;
	(void)tls_handshake(t, fd, "localhost", true, deadline, &ignored);
	if (t->first[0] == RECORD_HANDSHAKE || t->first[0] == RECORD_ALERT)
		answer = TLS_ANSWER_TLS;
	else if (is_text(t))
		answer = TLS_ANSWER_TEXT;
	(void)snprintf(
	    line, TLS_FIRST_MAX, "%.*s", (int)strcspn(t->first, "\r\n"), t->first);
	make_printable(line, strlen(line), ' ');
	tls_free(t);
	return answer;
}

static ssize_t
moved(struct tls *t, ssize_t n, struct outcome *o)
{
	if (n >= 0)
		return n;
	if (is_passing((int)n))
		return events(t) == POLLIN ? CARRIER_WANTS_READ : CARRIER_WANTS_WRITE;
	if (n == GNUTLS_E_PREMATURE_TERMINATION || n == GNUTLS_E_PULL_ERROR ||
	    n == GNUTLS_E_PUSH_ERROR)
		(void)was_ended(t, CAUSE_HANGUP, "the server closed the connection", o);
	else if (n == GNUTLS_E_FATAL_ALERT_RECEIVED)
		(void)was_alerted(t, o);
	else
		(void)outcome_fail(o, CAUSE_TLS_FAILED, "%s", gnutls.strerror((int)n));
	return CARRIER_FAILED;
}

/* A session ticket (TLS 1.3) looks like data to poll(2) and is none: GnuTLS takes it in
 * and says GNUTLS_E_AGAIN, and the caller waits on under its deadline. */
static ssize_t
read_tls(void *self, void *p, size_t n, struct outcome *o)
{
	struct tls *t = self;

	return moved(t, gnutls.record_recv(t->session, p, n), o);
}

static ssize_t
write_tls(void *self, const void *p, size_t n, struct outcome *o)
{
	struct tls *t = self;

	return moved(t, gnutls.record_send(t->session, p, n), o);
}

static int
wait_tls(void *self, int wanted, int64_t deadline)
{
	struct tls *t = self;

	return socket_wait(t->fd, wanted, deadline);
}

static void
close_tls(void *self)
{
	struct tls *t = self;
	int fd = t->fd;

	(void)gnutls.bye(
	    t->session, GNUTLS_SHUT_WR); /* a courtesy: nothing depends on it */
	tls_free(t);
	(void)close(fd);
}

const struct carrier tls_carrier = { read_tls, write_tls, wait_tls, close_tls, false };

const char *
tls_description(const struct tls *t)
{
	return t->description != NULL ? t->description : "";
}

enum tls_binding
tls_binding(const struct tls *t, struct buf *out)
{
	bool modern = gnutls.protocol_get_version(t->session) == GNUTLS_TLS1_3;
	gnutls_datum_t binding = { 0 };

	/* Without the extended master secret tls-unique proves nothing (RFC 7627, 1). */
	if (!modern && gnutls.session_ext_master_secret_status(t->session) == 0)
		return TLS_BINDING_NONE;
	if (gnutls.session_channel_binding(t->session,
		modern ? GNUTLS_CB_TLS_EXPORTER : GNUTLS_CB_TLS_UNIQUE,
		&binding) != GNUTLS_E_SUCCESS)
		return TLS_BINDING_NONE;
	buf_add(out, binding.data, binding.size);
	(*gnutls.free)(binding.data);
	return modern ? TLS_BINDING_EXPORTER : TLS_BINDING_UNIQUE;
}
