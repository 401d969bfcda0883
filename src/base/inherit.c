/* SPDX-License-Identifier: ISC */
#include "base/inherit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

#define INHERITED_MAX 64

int
inherit_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const long n = fds != NULL ? strtol(fds, NULL, 10) : 0;

	if (pid == NULL || strtol(pid, NULL, 10) != (long)getpid() || n < 0 ||
	    n > INHERITED_MAX)
		return 0;
	for (int fd = INHERIT_FIRST; fd < INHERIT_FIRST + n; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return (int)n;
}

void
inherit_claim(void)
{
	char *pid = mem_printf("%ld", (long)getpid());

	(void)setenv("LISTEN_PID", pid, 1);
	free(pid);
}
