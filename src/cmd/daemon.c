/* SPDX-License-Identifier: ISC
 *
 * daemon.c - mail by SMTP, from programs and other machines: -bd
 */
#include "serve/daemon.h"

#include <stdio.h>
#include <sysexits.h>

#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/serve.h"

#define PORT "25" /* where none is given */

struct service_job {
	struct server server;
	struct listeners listeners;
};

static void
talk(void *arg, const struct arrival *a)
{
	struct service_job *j = arg;

	server_talk(&j->server, a);
	(void)fflush(stdout);
}

/* Settings that are wrong change nothing. */
static void
reread(void *arg)
{
	struct service_job *j = arg;
	const struct invocation *v = j->server.v;
	struct server new;
	struct outcome o;

	if (server_init(&new, v, &o)) {
		server_free(&j->server);
		j->server = new;
	} else {
		(void)report_failure(v, &o);
		server_free(&new);
	}
}

static void
announce(void *arg)
{
	const struct service_job *j = arg;

	for (size_t i = 0; i < j->listeners.n; i++)
		(void)printf("%s: listening at %s\n", j->server.v->program,
		    j->listeners.v[i].name);
	(void)fflush(stdout);
}

static bool
run(struct service_job *j, struct outcome *o)
{
	const struct account *a = j->server.account;
	struct daemon d = {
		.listeners = &j->listeners,
		.most = (size_t)a->listen_connections,
		.most_each = (size_t)a->listen_connections_each,
		.ready = announce,
		.serve = talk,
		.reread = reread,
		.wake = -1,
		.arg = j,
	};

	listen_inherit(&j->listeners);
	if ((j->listeners.n > 0 || listen_open(&j->listeners, a->listen, PORT, o)) &&
	    server_may_listen(&j->server, &j->listeners, o))
		return daemon_run(&d, o);
	listen_close(&j->listeners);
	return false;
}

int
job_daemon(const struct invocation *v)
{
	struct service_job j = { .listeners = { NULL, 0 } };
	struct outcome o;
	int status = EX_OK;

	if (!server_init(&j.server, v, &o) || !run(&j, &o))
		status = report_failure(v, &o);
	server_free(&j.server);
	return status;
}
