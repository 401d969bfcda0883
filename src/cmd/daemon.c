/* SPDX-License-Identifier: ISC
 *
 * daemon.c - mail by SMTP, from programs and other machines: -bd
 */
#include "serve/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/job.h"
#include "cmd/keep.h"
#include "cmd/report.h"
#include "cmd/serve.h"
#include "cmd/step_down.h"
#include "conf/option.h"
#include "conf/password.h"

#define PORT "25" /* where none is given */
#define VALUE_MAX 4096

/* Settings that are used up when it begins: sockets are open, and whoever could open
 * others, as root, is gone. */
static const char *const lasting[] = { "listen", "listen_user", "listen_connections",
	"listen_connections_each" };

#define LASTING (sizeof lasting / sizeof lasting[0])

struct service_job {
	struct server server;
	struct listeners listeners;
	char *begun_with[LASTING]; /* as they were then; owned */
};

static void
talk(void *arg, const struct arrival *a)
{
	struct service_job *j = arg;

	server_talk(&j->server, a);
	(void)fflush(stdout);
}

/* As people write it; owned by the caller. */
static char *
value_of(const struct account *a, const char *setting)
{
	struct buf value;

	buf_init(&value, VALUE_MAX);
	option_show(a, option_find(span_of(setting)), &value);
	if (value.len == 0)
		buf_puts(&value, "(not set)");
	return buf_take(&value);
}

static void
note_lasting(struct service_job *j)
{
	for (size_t i = 0; i < LASTING; i++)
		j->begun_with[i] = value_of(j->server.account, lasting[i]);
}

/* What was changed in vain. */
static void
warn_of_lasting(const struct service_job *j)
{
	for (size_t i = 0; i < LASTING; i++) {
		char *now = value_of(j->server.account, lasting[i]), *words;

		words = mem_printf("SIGHUP: \"%s %s\" counts from the next start; until "
				   "then, it is \"%s\"",
		    lasting[i], now, j->begun_with[i]);
		if (strcmp(now, j->begun_with[i]) != 0)
			report_warning(j->server.v, words);
		free(words);
		free(now);
	}
}

/* Settings that are wrong change nothing. */
static bool
reread(void *arg)
{
	struct service_job *j = arg;
	const struct invocation *v = j->server.v;
	struct server new;
	struct outcome o;

	if (server_init(&new, v, &o)) {
		server_free(&j->server);
		j->server = new;
		warn_of_lasting(j);
		return true;
	}
	(void)report_failure(v, &o);
	report_warning(v,
	    "SIGHUP: what was read before still counts, until the mistake is "
	    "mended and the next SIGHUP comes");
	server_free(&new);
	return false;
}

/* Mail that waits is sent by this same service. */
static void
run_queue(void *arg)
{
	const struct service_job *j = arg;
	struct invocation v = *j->server.v;

	v.queue_wish.stays = true;
	v.known = server_known(&j->server);
	(void)job_queue_run(&v);
}

/* Without a runner, the queue only grows. */
static void
announce_queue(const struct server *s)
{
	if (s->account->queue == QUEUE_OFF)
		return;
	if (s->v->runs_queue)
		(void)printf("%s: running the queue, too\n", s->v->program);
	else if (!keep_is_run(&s->config, s->account))
		(void)printf("%s: mail may wait in the queue, and nobody runs it; "
			     "\"%s -bd -q30m\" serves and runs it\n",
		    s->v->program, s->v->program);
}

static void
announce(void *arg)
{
	const struct service_job *j = arg;

	for (size_t i = 0; i < j->listeners.n; i++)
		(void)printf("%s: listening at %s\n", j->server.v->program,
		    j->listeners.v[i].name);
	announce_queue(&j->server);
	if (getuid() == 0 && j->server.account->listen_user == NULL)
		(void)printf("%s: serving as root; listen_user names somebody with less "
			     "power\n",
		    j->server.v->program);
	(void)fflush(stdout);
}

/* As root, for ports below 1024. */
static bool
open_places(struct service_job *j, struct outcome *o)
{
	listen_inherit(&j->listeners);
	return j->listeners.n > 0 ||
	       listen_open(&j->listeners, j->server.account->listen, PORT, o);
}

/* Whether it is the account that root has found: who can't read that finds another one,
 * such as the service of this machine, which is this one. */
static bool
is_same_account(const struct server *a, const struct server *b)
{
	return a->choice.by == b->choice.by &&
	       strcmp(a->account->name, b->account->name) == 0;
}

/* The settings again, as the user who is to serve sees them. */
static bool
choose_anew(struct service_job *j, struct outcome *o)
{
	const struct account *a = j->server.account;
	struct server new;

	if (!server_choose(&new, j->server.v, o)) {
		(void)outcome_note(o, "as the user %s (listen_user)", a->listen_user);
	} else if (!is_same_account(&new, &j->server)) {
		(void)outcome_fail(o, CAUSE_CONFIG_FILE,
		    "%s can't be read by the user %s (listen_user)",
		    a->file != NULL ? a->file : "the account", a->listen_user);
	} else {
		server_free(&j->server);
		j->server = new;
		return true;
	}
	server_free(&new);
	return false;
}

/* Whether the password can be read; what asks somebody, or some program, isn't tried. */
static bool
has_password(const struct account *a, struct outcome *o)
{
	struct password p = { .origin = NULL };
	bool ok = a->password_file == NULL || password_get(a, &p, o);

	password_free(&p);
	return ok;
}

/* Who serves as another user won't get the right to read it; else it may come later. */
static bool
check_password(const struct service_job *j, bool changed, struct outcome *o)
{
	const struct account *a = j->server.account;

	if (has_password(a, o))
		return true;
	if (changed)
		return outcome_note(o, "as the user %s (listen_user)", a->listen_user);
	report_misgiving(j->server.v, o);
	return true;
}

/* What is made and read from here on is the user's own who serves. */
static bool
prepare(struct service_job *j, struct outcome *o)
{
	bool changed;

	return open_places(j, o) && step_down(j->server.account, &changed, o) &&
	       (!changed || choose_anew(j, o)) && check_password(j, changed, o) &&
	       server_equip(&j->server, o) &&
	       server_may_listen(&j->server, &j->listeners, o);
}

/* From one machine or user: nobody can keep all others out. */
static size_t
most_each(const struct account *a)
{
	const int quarter = a->listen_connections / 4;

	if (a->listen_connections_each > 0)
		return (size_t)a->listen_connections_each;
	return quarter > 0 ? (size_t)quarter : 1;
}

/* Who comes by TCP from this machine is all its programs in one: they leave a quarter to
 * those who come another way, where there is one. */
static size_t
most_here(const struct account *a, const struct listeners *l)
{
	size_t others = 0;

	if (a->listen_connections_each > 0)
		return (size_t)a->listen_connections_each;
	for (size_t i = 0; i < l->n; i++)
		others += !l->v[i].is_loopback || strchr(l->v[i].name, '/') != NULL;
	return (size_t)a->listen_connections - (others > 0 ? most_each(a) : 0);
}

static bool
run(struct service_job *j, struct outcome *o)
{
	const struct account *a = j->server.account;
	struct daemon d = {
		.listeners = &j->listeners,
		.most = (size_t)a->listen_connections,
		.most_each = most_each(a),
		.most_here = most_here(a, &j->listeners),
		.ready = announce,
		.serve = talk,
		.reread = reread,
		.companion = { .run = j->server.v->runs_queue ? run_queue : NULL,
		    .arg = j },
		.wake = -1,
		.arg = j,
	};

	return daemon_run(&d, o);
}

int
job_daemon(const struct invocation *v)
{
	struct service_job j = { .listeners = { NULL, 0 } };
	struct outcome o;
	int status = EX_OK;

	if (server_choose(&j.server, v, &o) && prepare(&j, &o)) {
		note_lasting(&j);
		if (!run(&j, &o))
			status = report_failure(v, &o);
	} else {
		status = report_failure(v, &o);
	}
	for (size_t i = 0; i < LASTING; i++)
		free(j.begun_with[i]);
	listen_close(&j.listeners);
	server_free(&j.server);
	return status;
}
