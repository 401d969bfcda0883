/* SPDX-License-Identifier: ISC */
#include "net/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

_Static_assert(
    sizeof(struct lookup_answer) <= 4096, "one write to a pipe, whole or not at all");

static void
look_up(const char *host, int port, int family, int flags, struct lookup_answer *answer)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | flags,
	};
	struct addrinfo *list = NULL;
	char service[16];

	*answer = (struct lookup_answer){ 0 };
	(void)snprintf(service, sizeof service, "%d", port);
	answer->error = getaddrinfo(host, service, &hints, &list);
	if (answer->error != 0)
		return;
	for (struct addrinfo *i = list; i != NULL && answer->n < LOOKUP_MAX;
	     i = i->ai_next)
		memcpy(&answer->addr[answer->n++], i->ai_addr, i->ai_addrlen);
	freeaddrinfo(list);
}

bool
lookup_at_once(const char *host, int port, int family, struct lookup_answer *answer)
{
	if (strcasecmp(host, "localhost") == 0 || strcasecmp(host, "localhost.") == 0)
		host = family == AF_INET6 ? "::1" : "127.0.0.1";
	look_up(host, port, family, AI_NUMERICHOST, answer);
	return answer->error == 0;
}

bool
lookup_start(struct lookup *l, const char *host, int port, int family)
{
	const pid_t parent = getpid();
	struct lookup_answer answer;
	int fd[2];

	*l = (struct lookup){ 0, -1 };
	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	l->pid = fork();
	if (l->pid == 0) {
		/* whoever is killed must not leave somebody behind who holds its pipes
		 * open */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
			_exit(1);
		look_up(host, port, family, 0, &answer);
		_exit(fd_write(fd[1], &answer, sizeof answer) ? 0 : 1);
	}
	(void)close(fd[1]);
	l->fd = fd[0];
	if (l->pid > 0)
		return true;
	lookup_cancel(l);
	return false;
}

void
lookup_take(struct lookup *l, struct lookup_answer *answer)
{
	if (fd_read(l->fd, answer, sizeof *answer) != (ssize_t)sizeof *answer)
		*answer = (struct lookup_answer){ .error = EAI_FAIL };
	lookup_cancel(l);
}

void
lookup_cancel(struct lookup *l)
{
	if (l->pid > 0) {
		(void)kill(l->pid, SIGKILL);
		while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	if (l->fd >= 0)
		(void)close(l->fd);
	*l = (struct lookup){ 0, -1 };
}

bool
lookup_may_recover(int error)
{
	return error != EAI_NONAME && error != EAI_NODATA && error != EAI_ADDRFAMILY;
}
