/* SPDX-License-Identifier: ISC */
#include "queue/detach.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "queue/drain.h"

#define PATIENCE 60 /* seconds */

static bool
is_of_queue(const struct spool *s, int fd)
{
	bool found = fd == s->dir || fd == s->lock;

	for (int f = 0; f < FOLDER_LAST; f++)
		found |= fd == s->folder[f];
	return found;
}

static void
close_others(const struct spool *s)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		const int fd = (int)strtol(e->d_name, NULL, 10);

		if (fd > STDERR_FILENO && fd != dirfd(dir) && !is_of_queue(s, fd))
			(void)close(fd);
	}
	if (dir != NULL)
		(void)closedir(dir);
}

/* Whoever gave the mail may wait until nobody holds its descriptors any more: a pipe, or,
 * where it came by SMTP, the connection. */
static void
let_go(const struct spool *s)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i <= STDERR_FILENO; i++)
		(void)dup2(fd, i);
	close_others(s);
	(void)setsid();
	(void)!chdir("/");
	(void)!nice(5);
}

static void
run(struct spool *s)
{
	const struct drain_wish wish = { .stays = true, .patience = PATIENCE };
	const struct lane_listener nobody = { .observer = NULL };
	struct outcome ignored;
	bool busy;

	s->observer = NULL;
	(void)drain_run(s, &wish, &nobody, &busy, &ignored);
}

/* Who runs the queue sees what came before they let go of it. */
bool
detach_is_running(struct spool *s)
{
	struct outcome ignored;
	bool busy;

	if (!spool_lock(s, &busy, &ignored))
		return busy;
	spool_unlock(s);
	return false;
}

/* The child in between ends at once, so that nobody has to wait for the runner. */
void
detach_runner(struct spool *s)
{
	pid_t pid = detach_is_running(s) ? -1 : fork();

	if (pid < 0)
		return;
	if (pid > 0) {
		(void)waitpid(pid, NULL, 0);
		return;
	}
	if (fork() == 0) {
		let_go(s);
		run(s);
	}
	_exit(0);
}
