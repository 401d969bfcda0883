/* SPDX-License-Identifier: ISC */
#include "queue/wake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/privilege.h"
#include "queue/uplink.h"

#define PIECE 8192

/* The attributes of new/ are touched by who wants a runner to look. That it is removed is
 * seen from above only, for we have it open. */
static int
watch_queue(const char *queue)
{
	char *folder = mem_printf("%s/new", queue);
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd >= 0 && (inotify_add_watch(fd, folder,
			    IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR) < 0 ||
			   inotify_add_watch(fd, queue, IN_DELETE | IN_ONLYDIR) < 0)) {
		(void)close(fd);
		fd = -1;
	}
	free(folder);
	return fd;
}

bool
wake_init(struct wake *w, const char *queue, bool hears_network, struct outcome *o)
{
	w->fd[WAKE_MAIL] = watch_queue(queue);
	if (w->fd[WAKE_MAIL] < 0)
		(void)outcome_fail(
		    o, CAUSE_SYSTEM, "%s can't be watched: %s", queue, strerror(errno));
	w->fd[WAKE_NETWORK] = hears_network ? uplink_open() : -1;
	w->fd[WAKE_TIME] = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	return w->fd[WAKE_MAIL] >= 0;
}

void
wake_on(const struct wake *w, const char *path)
{
	const uid_t user = privilege_raise();

	if (w->fd[WAKE_MAIL] >= 0)
		(void)inotify_add_watch(w->fd[WAKE_MAIL], path,
		    IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF |
			IN_MOVED_TO);
	privilege_return(user);
}

void
wake_free(struct wake *w)
{
	for (int i = 0; i < WAKE_DESCRIPTORS; i++) {
		if (w->fd[i] >= 0)
			(void)close(w->fd[i]);
		w->fd[i] = -1;
	}
}

/* A time of 0 would be no alarm: what is due by then is due at the first second. */
void
wake_at(struct wake *w, int64_t when)
{
	const time_t second = when < INT64_MAX ? (time_t)(when > 0 ? when : 1) : 0;
	const struct itimerspec at = { .it_value = { .tv_sec = second } };

	if (w->fd[WAKE_TIME] >= 0)
		(void)timerfd_settime(w->fd[WAKE_TIME],
		    TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL);
}

/* What was read tells only that there is something to be seen. */
static void
drain(int fd)
{
	char piece[PIECE];

	while (fd >= 0 && read(fd, piece, sizeof piece) > 0)
		continue;
}

bool
wake_take(struct wake *w)
{
	drain(w->fd[WAKE_MAIL]);
	drain(w->fd[WAKE_TIME]);
	return uplink_take(w->fd[WAKE_NETWORK]);
}
