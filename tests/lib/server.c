/* SPDX-License-Identifier: ISC */
#include "lib/server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "conf/option.h"
#include "lib/sample.h"
#include "lib/script.h"

/* What waits for the end of the message is said when that was heard. */
static void
serve(int listener, struct span says, int keep)
{
	int fd = accept(listener, NULL, NULL);
	size_t n = script_invitation(says);
	char chunk[4096];
	struct buf heard;
	ssize_t got;

	(void)signal(SIGPIPE, SIG_IGN);
	buf_init(&heard, SAMPLE_MAX);
	if (fd < 0 || !fd_write(fd, says.p, n))
		_exit(1);
	while ((got = fd_read(fd, chunk, sizeof chunk)) > 0) {
		buf_add(&heard, chunk, (size_t)got);
		if (n < says.n && strstr(heard.data, SCRIPT_END_OF_MESSAGE) != NULL) {
			(void)fd_write(fd, says.p + n, says.n - n);
			n = says.n;
		}
	}
	_exit(fd_write(keep, heard.data, heard.len) ? 0 : 1);
}

void
server_start(struct server *s, const char *says)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof a;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&a, n) != 0 || listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &n) != 0)
		abort();
	s->port = ntohs(a.sin_port);
	s->heard = sample_file(span_of(""));
	s->child = fork();
	if (s->child < 0)
		abort();
	if (s->child == 0)
		serve(listener, span_of(says), s->heard);
	(void)close(listener);
}

char *
server_stop(struct server *s)
{
	struct buf heard;

	buf_init(&heard, SAMPLE_MAX);
	if (waitpid(s->child, NULL, 0) != s->child || lseek(s->heard, 0, SEEK_SET) != 0 ||
	    !fd_read_all(s->heard, &heard, clock_in(20000)))
		abort();
	(void)close(s->heard);
	return buf_take(&heard);
}

struct account *
server_account(int port)
{
	struct account *a = account_new("test");
	char number[16];

	(void)snprintf(number, sizeof number, "%d", port);
	server_account_set(a, "host", "127.0.0.1");
	server_account_set(a, "port", number);
	server_account_set(a, "timeout", "20");
	return a;
}

void
server_account_set(struct account *a, const char *name, const char *value)
{
	const struct option_row *row = option_find(span_of(name));
	const struct origin here = { "test", 1, true };
	struct outcome o;

	if (row == NULL || !option_set(a, row, span_of(value), here, CAUSE_CONFIG, &o))
		abort();
}
