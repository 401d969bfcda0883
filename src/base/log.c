/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

#define LINE_MAX_LENGTH (16 * 1024 * 1024)
#define LOCK_WAIT_MS 10000
#define SHORTEST 16 /* bytes of a line that are worth sending */

static bool
append(const char *path, const struct buf *text, struct outcome *o)
{
	int fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	bool ok;

	if (fd < 0)
		return outcome_fail(o, CAUSE_STORE, "cannot log to %s: cannot open: %s",
		    path, strerror(errno));
	ok = fd_lock(fd, 0, 0, clock_in(LOCK_WAIT_MS));
	if (!ok)
		(void)outcome_fail(o, CAUSE_STORE, "cannot log to %s: cannot lock: %s",
		    path, strerror(errno));
	else if (!fd_write(fd, text->data, text->len))
		ok = outcome_fail(o, CAUSE_STORE, "cannot log to %s: cannot write: %s",
		    path, strerror(errno));
	if (close(fd) != 0 && ok)
		ok = outcome_fail(o, CAUSE_STORE, "cannot log to %s: cannot write: %s",
		    path, strerror(errno));
	return ok;
}

bool
log_to_file(const char *path, const char *line, struct outcome *o)
{
	struct buf text;
	bool ok;

	buf_init(&text, LINE_MAX_LENGTH);
	buf_printf(&text, "%s\n", line);
	if (strcmp(path, "-") != 0)
		ok = append(path, &text, o);
	else if (fd_write(STDOUT_FILENO, text.data, text.len))
		ok = true;
	else
		ok = outcome_fail(
		    o, CAUSE_STORE, "cannot log to standard output: %s", strerror(errno));
	buf_free(&text);
	return ok;
}

/* Sends as much of the text as goes into a datagram: the beginning of a line is better
 * than nothing. */
static void
send_datagram(int fd, const struct sockaddr_un *to, struct span text)
{
	while (text.n > SHORTEST &&
	       sendto(fd, text.p, text.n, MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)to, sizeof *to) < 0 &&
	       errno == EMSGSIZE)
		text.n /= 2;
}

/* What syslog(3) would send: RFC 3164. That call may wait for ever for a daemon that is
 * stuck, and a mail that has gone must not look like one that hasn't. */
void
log_to_syslog(const char *ident, int facility, bool good, const char *line)
{
	const struct sockaddr_un daemon = { .sun_family = AF_UNIX,
		.sun_path = _PATH_LOG };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	time_t now = time(NULL);
	struct buf text;
	char stamp[32];
	struct tm tm;

	if (fd < 0)
		return;
	(void)localtime_r(&now, &tm);
	(void)strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &tm);
	buf_init(&text, LINE_MAX_LENGTH);
	buf_printf(&text, "<%d>%s %s[%ld]: %s", facility | (good ? LOG_INFO : LOG_ERR),
	    stamp, ident, (long)getpid(), line);
	send_datagram(fd, &daemon, buf_span(&text));
	buf_free(&text);
	(void)close(fd);
}
