/* SPDX-License-Identifier: ISC
 *
 * oauth.c - OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2, which libgsasl lacks
 *
 * All is said in the first message. To a refusal the server adds an explanation in JSON
 * as one more challenge, which the client has to answer before it gets the reply proper.
 */
#include <stdlib.h>
#include <string.h>

#include "auth/kind.h"
#include "base/mem.h"

#define REMARK_MAX 300

struct oauth {
	const struct auth_request *request;
	bool bearer; /* OAUTHBEARER */
	bool said;   /* the first message is out */
	struct buf remark;
};

static void *
begin_oauth(const struct mechanism *m, const struct auth_request *r, struct outcome *o)
{
	struct oauth *a = mem_new(sizeof *a);

	(void)o;
	a->request = r;
	a->bearer = strcmp(m->name, "OAUTHBEARER") == 0;
	buf_init(&a->remark, REMARK_MAX);
	return a;
}

/* A user name in a GS2 header (RFC 5801, 4): ',' and '=' are escaped. */
static void
add_saslname(struct buf *out, const char *user)
{
	for (; *user != '\0'; user++)
		if (*user == ',' || *user == '=')
			buf_puts(out, *user == ',' ? "=2C" : "=3D");
		else
			buf_addc(out, *user);
}

static void
add_token(struct buf *out, const struct auth_request *r)
{
	buf_puts(out, "\001auth=Bearer ");
	buf_add(out, r->password->data, r->password->len);
	buf_puts(out, "\001\001");
}

static void
say(const struct oauth *a, struct buf *out)
{
	const struct auth_request *r = a->request;

	if (a->bearer) {
		buf_puts(out, "n,");
		if (r->user != NULL)
			buf_puts(out, "a=");
		add_saslname(out, r->user != NULL ? r->user : "");
		buf_printf(out, ",\001host=%s\001port=%d", r->host, r->port);
	} else {
		buf_printf(out, "user=%s", r->user);
	}
	add_token(out, r);
}

/* An empty challenge to XOAUTH2 means that the server didn't take the initial response
 * and wants it now. */
static bool
step_oauth(void *self, struct span challenge, struct buf *response, bool *credible,
    struct outcome *o)
{
	struct oauth *a = self;

	(void)o;
	if (!a->said || (challenge.n == 0 && a->remark.len == 0)) {
		say(a, response);
		a->said = true;
	} else {
		size_t n = challenge.n < REMARK_MAX ? challenge.n : REMARK_MAX;

		buf_clear(&a->remark);
		buf_add(&a->remark, challenge.p, n);
		if (a->bearer)
			buf_addc(response, '\001'); /* RFC 7628, 3.2.3 */
	}
	*credible =
	    true; /* TLS has shown who the server is; there is nothing else to prove */
	return true;
}

static const char *
remark_oauth(const void *self)
{
	const struct oauth *a = self;

	return a->remark.len > 0 ? a->remark.data : NULL;
}

static void
end_oauth(void *self)
{
	struct oauth *a = self;

	buf_free(&a->remark);
	free(a);
}

const struct auth_kind auth_kind_oauth = { begin_oauth, step_oauth, remark_oauth,
	end_oauth };
