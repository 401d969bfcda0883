/* SPDX-License-Identifier: ISC */
#include "queue/agent.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/privilege.h"
#include "conf/environment.h"
#include "conf/load.h"
#include "conf/pattern.h"

#define ENVIRONMENT "environment"
#define SYSTEM "system"

/* FNV-1a */
static void
mix(uint64_t *mark, uint64_t value)
{
	for (int i = 0; i < 8; i++) {
		*mark ^= value & 0xff;
		*mark *= 0x100000001b3;
		value >>= 8;
	}
}

static void
mix_file(uint64_t *mark, const char *path)
{
	struct stat st = { 0 };

	if (path == NULL || stat(path, &st) != 0)
		st = (struct stat){ 0 };
	mix(mark, (uint64_t)st.st_dev);
	mix(mark, (uint64_t)st.st_ino);
	mix(mark, (uint64_t)st.st_size);
	mix(mark, (uint64_t)st.st_ctim.tv_sec);
	mix(mark, (uint64_t)st.st_ctim.tv_nsec);
}

static uint64_t
mark_of(const struct agent *r)
{
	uint64_t mark = 0xcbf29ce484222325;

	for (size_t i = 0; i < r->config.files; i++)
		mix_file(&mark, r->config.file[i]->path);
	if (r->account != NULL)
		mix_file(&mark, r->account->password_file);
	return mark;
}

static bool
is_of(const struct ticket *t, const char *config)
{
	return t->config != NULL && strcmp(t->config, config) == 0;
}

bool
agent_may(const struct ticket *t)
{
	return !privilege_is_lent() || is_of(t, SYSTEM);
}

static bool
from_environment(struct agent *r, struct outcome *o)
{
	struct config *c = &r->config;

	c->v = mem_room(c->v, c->n, sizeof(struct account *));
	r->account = c->v[c->n++] = account_new(ENVIRONMENT);
	return environment_apply(c, r->account, o);
}

/* The file is the system's, or one of whoever we are. */
static bool
load(struct config *c, const struct ticket *t, struct outcome *o)
{
	if (is_of(t, SYSTEM))
		return config_load_system(c, o);
	if (t->config != NULL && t->uid != geteuid())
		return outcome_fail(o, CAUSE_CONFIG,
		    "%s was named by the user with the id %lu: only a queue run of "
		    "theirs may use it",
		    t->config, (unsigned long)t->uid);
	return config_load(c, t->config, o);
}

static bool
from_files(struct agent *r, const struct ticket *t, struct outcome *o)
{
	if (!load(&r->config, t, o))
		return false;
	r->account = config_account(&r->config, t->account, o);
	return r->account != NULL;
}

bool
agent_find(struct agent *r, const struct ticket *t, struct outcome *o)
{
	const struct pattern_context host = { false, NULL };
	uid_t user;
	bool ok;

	*r = (struct agent){ .account = NULL };
	if (!agent_may(t))
		return outcome_fail(o, CAUSE_CONFIG,
		    "not of the system's configuration: a run of their own sends it");
	user = privilege_raise();
	ok = is_of(t, ENVIRONMENT) ? from_environment(r, o) : from_files(r, t, o);
	r->mark = mark_of(r);
	ok = ok && account_check(r->account, o) &&
	     pattern_expand(&r->account->domain, &host, o) &&
	     pattern_expand(&r->account->maildomain, &host, o);
	privilege_return(user);
	return ok;
}

void
agent_free(struct agent *r)
{
	config_free(&r->config);
	r->account = NULL;
}
