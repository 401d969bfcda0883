/* SPDX-License-Identifier: ISC
 *
 * secure.c - STARTTLS and AUTH: that nobody else listens, and who the client is (RFC
 * 3207, RFC 4954)
 */
#include <stdlib.h>
#include <string.h>

#include "auth/users.h"
#include "auth/verify.h"
#include "base/encode.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/identity.h"
#include "serve/dialogue.h"

#define MESSAGE_MAX CLIENT_LINE_MAX
#define WRONG_ERRORS 5 /* what a wrong password counts for: who guesses has few tries */

/* All that was said in the clear may have been somebody else's. */
static void
begin_again(struct dialogue *d, struct tls *t)
{
	stream_change_carrier(d->client.stream, &tls_carrier, t);
	dialogue_reset(d);
	free(d->hello);
	d->hello = NULL;
	free(d->user);
	d->user = NULL;
	d->visitor->hello = "";
	d->visitor->user = NULL;
	d->visitor->extended = false;
	d->visitor->encrypted = true;
}

static bool
answer(struct dialogue *d, struct tls *t)
{
	struct outcome ignored; /* there is nobody who could be told */
	bool ok = !d->client.lost && !dialogue_rests(d, true) &&
		  tls_answer(t, d->fd, client_deadline(&d->client), &ignored);

	(void)dialogue_rests(d, false);
	return ok;
}

static void
encrypt(struct dialogue *d, struct tls *t)
{
	if (answer(d, t)) {
		begin_again(d, t);
		return;
	}
	tls_free(t);
	d->client.lost = true;
	d->over = true;
}

static void
shake_hands(struct dialogue *d)
{
	struct stream *s = d->client.stream;
	struct outcome o;
	struct tls *t = tls_identity_session(d->service->identity, &o);

	if (t == NULL) {
		dialogue_say(d, 454, "4.7.0", "TLS isn't available now");
		return;
	}
	client_say(&d->client, 220, "2.0.0", "go on");
	client_flush(&d->client);
	stream_skip(s, stream_unread(s)); /* commands that were put behind STARTTLS */
	encrypt(d, t);
}

/* There are no words yet for what is wrong. */
void
dialogue_encrypt(struct dialogue *d)
{
	struct outcome o;
	struct tls *t = tls_identity_session(d->service->identity, &o);

	if (t != NULL)
		encrypt(d, t);
	else
		d->client.lost = d->over = true;
}

void
dialogue_starttls(struct dialogue *d, struct span rest)
{
	if (d->service->identity == NULL)
		dialogue_say(d, 502, "5.5.1", "TLS isn't offered here");
	else if (rest.n > 0)
		dialogue_say(d, 501, "5.5.4", "STARTTLS stands alone");
	else if (d->visitor->encrypted)
		dialogue_say(d, 503, "5.5.1", "this is TLS already");
	else if (dialogue_permits(d, STAGE_TLS))
		shake_hands(d);
}

const char *
dialogue_methods(const struct dialogue *d)
{
	if (d->service->users == NULL || d->visitor->user != NULL)
		return NULL;
	return users_methods(d->service->users,
	    !d->visitor->encrypted && d->service->must_sign_in && !d->service->bare);
}

/* The method as it is called, where it is one of those; owned by the caller. */
static char *
find_method(const struct dialogue *d, struct span name)
{
	struct span left = span_of(dialogue_methods(d)), one;

	while (span_cut(&left, ' ', &one)) {
		char *method = span_dup(one);

		if (span_is_nocase(name, method))
			return method;
		free(method);
	}
	return NULL;
}

/* Shows the challenge, and takes the answer. False where there is none. */
static bool
exchange(struct dialogue *d, const struct buf *challenge, struct buf *said)
{
	struct buf text;
	struct span line;
	bool ok;

	buf_init(&text, 2 * MESSAGE_MAX);
	base64_encode(&text, buf_span(challenge));
	client_challenge(&d->client, buf_span(&text));
	buf_free(&text);
	ok = dialogue_hear(d, &line, true);
	buf_clear_secret(said);
	if (!ok)
		return false;
	if (span_is(line, "*"))
		dialogue_say(d, 501, "5.7.0", "the sign-in was given up");
	else if (!base64_decode(said, line))
		dialogue_say(d, 501, "5.5.2", "this is no base64");
	else
		return true;
	return false;
}

static void
welcome(struct dialogue *d, const struct verify *v)
{
	if (!dialogue_permits(d, STAGE_AUTH))
		return;
	d->user = mem_dup(verify_user(v));
	make_printable(d->user, strlen(d->user), '?');
	d->visitor->user = d->user;
	dialogue_say(d, 235, "2.7.0", "welcome");
}

static void
converse(struct dialogue *d, struct verify *v, struct buf *said)
{
	enum verified verified;
	struct buf challenge;
	bool goes_on = true;

	buf_init(&challenge, MESSAGE_MAX);
	do {
		buf_clear(&challenge);
		verified = verify_step(v, buf_span(said), &challenge);
		if (verified == VERIFY_MORE)
			goes_on = exchange(d, &challenge, said);
	} while (goes_on && verified == VERIFY_MORE);
	buf_free(&challenge);
	if (goes_on && verified == VERIFY_RIGHT) {
		welcome(d, v);
	} else if (goes_on) {
		d->errors += WRONG_ERRORS - 1;
		dialogue_say(d, 535, "5.7.8", "user or password is wrong");
	}
}

/* Behind the method there may be a first answer; "=" is an empty one. */
static bool
take_initial(struct span rest, struct buf *said)
{
	return rest.n == 0 || span_is(rest, "=") || base64_decode(said, rest);
}

static void
sign_in(struct dialogue *d, const char *method, struct span rest)
{
	struct verify *v = NULL;
	struct outcome o;
	struct buf said;

	buf_init(&said, MESSAGE_MAX);
	buf_reserve(&said, MESSAGE_MAX);
	if (!take_initial(rest, &said))
		dialogue_say(d, 501, "5.5.2", "this is no base64");
	else if ((v = verify_begin(d->service->users, method, d->service->name, &o)) ==
		 NULL)
		dialogue_say(d, 454, "4.7.0", "no sign-in is possible now");
	else
		converse(d, v, &said);
	if (v != NULL)
		verify_end(v);
	buf_free_secret(&said);
}

/* Whether a sign-in has its place here. */
static bool
may_sign_in(struct dialogue *d)
{
	if (d->service->users == NULL)
		dialogue_say(d, 502, "5.5.1", "there is no need to sign in here");
	else if (d->visitor->user != NULL || d->is_open)
		dialogue_say(d, 503, "5.5.1", "not now");
	else if ((d->service->must_encrypt && !d->visitor->encrypted) ||
		 dialogue_methods(d) == NULL)
		dialogue_say(d, 530, "5.7.0", "STARTTLS comes first");
	else
		return true;
	return false;
}

void
dialogue_auth(struct dialogue *d, struct span rest)
{
	struct span name = { "", 0 };
	char *method;

	if (!may_sign_in(d))
		return;
	if (!span_cut(&rest, ' ', &name)) {
		dialogue_say(d, 501, "5.5.4", "by which method? it goes: AUTH method");
		return;
	}
	method = find_method(d, name);
	if (method != NULL)
		sign_in(d, method, span_trim(rest));
	else
		dialogue_say(d, 504, "5.5.4", "this method isn't offered here");
	free(method);
}
