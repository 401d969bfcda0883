/* SPDX-License-Identifier: ISC */
#include "serve/companion.h"

#include <poll.h>
#include <sys/wait.h>
#include <time.h>

#include "base/child.h"
#include "base/clock.h"

bool
companion_is_due(const struct companion *c)
{
	return c->run != NULL && c->pid == 0 && clock_left(c->due) == 0;
}

void
companion_note(struct companion *c, pid_t pid)
{
	c->pid = pid > 0 ? pid : 0;
	c->due = clock_in(COMPANION_ENDED_MS);
	c->renews = false;
}

void
companion_stop(const struct companion *c)
{
	if (c->pid > 0)
		(void)kill(c->pid, SIGTERM);
}

void
companion_renew(struct companion *c)
{
	companion_stop(c);
	c->renews = true;
}

/* Somebody else may have waited for it: then nothing is known. */
void
companion_reap(struct companion *c)
{
	int status = 0;
	pid_t got;

	if (c->pid == 0)
		return;
	got = waitpid(c->pid, &status, WNOHANG);
	if (got == 0)
		return;
	c->pid = 0;
	c->due = clock_in(c->renews                        ? 0
			  : got > 0 && WIFSIGNALED(status) ? COMPANION_KILLED_MS
							   : COMPANION_ENDED_MS);
}

void
companion_end(struct companion *c, int64_t deadline, const sigset_t *waiting)
{
	companion_reap(c);
	while (c->pid > 0 && clock_left(deadline) > 0) {
		const int left = clock_left(deadline);
		const struct timespec wait = { left / 1000, left % 1000 * 1000000L };

		(void)ppoll(NULL, 0, &wait, waiting);
		companion_reap(c);
	}
	if (c->pid > 0)
		(void)child_kill(c->pid);
	c->pid = 0;
}
