/* SPDX-License-Identifier: ISC */
#include "lib/prover.h"

#include "lib/unit.h"

static const struct mechanism *
named(const char *name)
{
	for (const struct mechanism *m = mechanisms; m->name != NULL; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	fail_msg("no mechanism %s", name);
	return NULL;
}

void
prover_begin(
    struct prover *p, const char *mechanism, const char *user, const char *password)
{
	*p = (struct prover){ .request = {
				  .user = user,
				  .service = "smtp",
				  .host = "server.example.com",
				  .port = 587,
			      } };
	secret_set(&p->password, span_of(password));
	p->request.password = &p->password;
	buf_init(&p->said, AUTH_MESSAGE_MAX);
	assert_true(auth_begin(&p->auth, named(mechanism), &p->request, &p->o));
}

void
prover_end(struct prover *p)
{
	auth_end(&p->auth);
	secret_free(&p->password);
	buf_free(&p->said);
}

void
prover_again(struct prover *p, const char *mechanism)
{
	auth_end(&p->auth);
	assert_true(auth_begin(&p->auth, named(mechanism), &p->request, &p->o));
}

bool
prover_step(struct prover *p, struct span challenge)
{
	buf_clear(&p->said);
	return auth_step(&p->auth, challenge, &p->said, &p->o);
}

bool
prover_is_sure(struct prover *p)
{
	return auth_accepted(&p->auth, &p->o);
}
