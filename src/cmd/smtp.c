/* SPDX-License-Identifier: ISC
 *
 * smtp.c - SMTP on standard input and output: sendmail -bs
 */
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/serve.h"
#include "cmd/submit.h"
#include "net/pair.h"
#include "serve/server.h"

/* Whether somebody else is at the other end of standard input: inetd, or systemd, has
 * started us for a client of theirs. */
static bool
is_visited(struct arrival *a)
{
	return listen_connected(STDIN_FILENO, a) &&
	       (*a->address != '\0' || a->uid != (long)getuid());
}

static int
serve_visitor(const struct invocation *v, const struct arrival *a)
{
	struct server s;
	struct outcome o;
	int status = EX_OK;

	(void)fcntl(a->fd, F_SETFL, fcntl(a->fd, F_GETFL) | O_NONBLOCK);
	if (server_init(&s, v, &o))
		server_talk(&s, a);
	else
		status = report_failure(v, &o);
	server_free(&s);
	return status;
}

/* Without settings, the client will hear so when it names a sender. */
static struct service
choose_service(struct server *s, const struct invocation *v)
{
	struct outcome ignored;

	return server_choose(s, v, &ignored) ? service_by(s->account)
					     : (struct service){ .lmtp = false };
}

static void
serve_caller(const struct invocation *v)
{
	struct pair pair = { STDIN_FILENO, STDOUT_FILENO };
	struct visitor visitor = { .place = "stdin", .uid = (long)getuid() };
	struct server s;
	struct service service = choose_service(&s, v);
	struct submit *submit = submit_new(v, s.domain);
	struct stream stream;

	service.name = server_name(&s);
	service.sink = &submit_sink;
	service.self = submit;
	service.bare = true;
	stream_init(&stream, &pair_carrier, &pair);
	serve_session(&service, &visitor, &stream, -1, NULL);
	submit_free(submit);
	server_free(&s);
}

int
job_smtp(const struct invocation *v)
{
	struct arrival arrival;
	struct outcome o;

	if (!v->has_input) {
		(void)outcome_fail(&o, CAUSE_NO_INPUT, "it is closed");
		return report_failure(v, &o);
	}
	if (is_visited(&arrival))
		return serve_visitor(v, &arrival);
	serve_caller(v);
	return EX_OK;
}
