/* SPDX-License-Identifier: ISC
 *
 * smtp.c - SMTP on standard input and output: sendmail -bs
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/caller.h"
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

int
job_smtp(const struct invocation *v)
{
	struct pair pair = { STDIN_FILENO, STDOUT_FILENO };
	struct visitor visitor = { .place = "stdin", .uid = (long)getuid() };
	struct arrival arrival;
	struct submit *submit;
	struct stream stream;
	struct outcome o;
	char *domain;

	if (!v->has_input) {
		(void)outcome_fail(&o, CAUSE_NO_INPUT, "it is closed");
		return report_failure(v, &o);
	}
	if (is_visited(&arrival))
		return serve_visitor(v, &arrival);
	domain = caller_domain();
	if (domain == NULL)
		domain = mem_dup("");
	submit = submit_new(v, domain, NULL);
	stream_init(&stream, &pair_carrier, &pair);
	serve_session(&(struct service){ .name = *domain != '\0' ? domain : "localhost",
			  .sink = &submit_sink,
			  .self = submit,
			  .bare = true },
	    &visitor, &stream, -1, NULL);
	submit_free(submit);
	free(domain);
	return EX_OK;
}
