/* SPDX-License-Identifier: ISC */
#include "base/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t
child_fork(int signal)
{
	const pid_t parent = getpid(), pid = fork();

	/* a parent that ended before prctl() sends nothing any more */
	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, signal) != 0 || getppid() != parent))
		_exit(1);
	return pid;
}

int
child_kill(pid_t pid)
{
	int status = 0;

	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}
