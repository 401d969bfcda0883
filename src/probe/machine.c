/* SPDX-License-Identifier: ISC
 *
 * machine.c - the doctor's look at this machine
 */
#include "probe/checkup.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "queue/place.h"
#include "queue/scan.h"

#define OTHERS_MAY_READ 044

static void
look_at_file(struct checkup *c, const struct config_file *f, bool holds_secret)
{
	struct stat st;

	if (config_file_is_missing(f))
		return;
	if (f->error != 0) {
		checkup_add(
		    c, FINDING_WARN, "files", -1, "%s: %s", f->path, strerror(f->error));
		return;
	}
	if (stat(f->path, &st) != 0)
		return;
	checkup_add(c,
	    holds_secret && (st.st_mode & OTHERS_MAY_READ) != 0 ? FINDING_WARN
								: FINDING_OK,
	    "files", -1, "%s, mode %04o", f->path, (unsigned)st.st_mode & 07777);
}

void
checkup_files(struct checkup *c, const struct config *config, const struct account *a)
{
	for (size_t i = 0; i < config->files; i++)
		look_at_file(c, config->file[i],
		    secret_given(&a->password) && a->file != NULL &&
			strcmp(a->file, config->file[i]->path) == 0);
	if (a->aliases == NULL)
		return;
	if (access(a->aliases, R_OK) == 0)
		checkup_add(c, FINDING_OK, "aliases", -1, "%s", a->aliases);
	else
		checkup_add(c, FINDING_WARN, "aliases", -1, "%s: %s", a->aliases,
		    strerror(errno));
}

static size_t
count(struct spool *s, enum folder folder)
{
	struct scan scan;
	size_t n = 0;

	scan_begin(&scan, s, folder);
	while (scan_next(&scan))
		n++;
	scan_end(&scan);
	return n;
}

/* Whether a directory could be made by this user: in the nearest above it that is there.
 */
static bool
can_be_made(const char *path)
{
	char *above = mem_dup(path), *slash;
	bool ok;

	while ((slash = strrchr(above, '/')) != NULL && slash != above) {
		*slash = '\0';
		if (access(above, F_OK) == 0)
			break;
	}
	ok = access(slash == NULL ? "." : slash == above ? "/" : above, W_OK | X_OK) == 0;
	free(above);
	return ok;
}

/* A queue that isn't there yet is made when the first mail has to wait. */
static void
add_missing_queue(struct checkup *c, const char *path, enum spool_mode mode)
{
	if (can_be_made(path))
		checkup_add(c, FINDING_OK, "queue", -1, "empty, in %s", path);
	else
		checkup_add(c, FINDING_WARN, "queue", -1,
		    "%s is not there, and this user can't make it: nothing can wait%s%s",
		    path, mode == SPOOL_SHARE ? "; as root: install -d -m 1777 " : "",
		    mode == SPOOL_SHARE ? path : "");
}

void
checkup_queue(struct checkup *c, const struct config *config, const struct account *a)
{
	enum spool_mode mode;
	struct spool spool;
	struct outcome o;
	char *path;

	if (a->queue == QUEUE_OFF && a->socket != NULL) {
		checkup_add(c, FINDING_INFO, "queue", -1,
		    "none of this account: what the service at %s takes is its own to "
		    "keep and to send, and what it puts off goes back to its program, "
		    "with the status 75",
		    a->socket);
		return;
	}
	if (a->queue == QUEUE_OFF) {
		checkup_add(c, FINDING_INFO, "queue", -1,
		    "off: a mail that can't be sent at once goes back to its program, "
		    "with the status 75");
		return;
	}
	spool_init(&spool);
	path = place_of(a, config_is_system(config, a), &mode);
	if (path == NULL)
		checkup_add(
		    c, FINDING_WARN, "queue", -1, "there is no home directory for it");
	else if (spool_open(&spool, path, SPOOL_USE, &o))
		checkup_add(c, FINDING_OK, "queue", -1, "%zu waiting, %zu held, in %s",
		    count(&spool, FOLDER_NEW), count(&spool, FOLDER_HOLD), path);
	else if (o.cause == CAUSE_NO_QUEUE)
		add_missing_queue(c, path, mode);
	else
		checkup_add(c, FINDING_WARN, "queue", -1, "%s", o.text);
	spool_close(&spool);
	free(path);
}

void
checkup_sendmail(struct checkup *c)
{
	static const char path[] = "/usr/sbin/sendmail";
	char theirs[PATH_MAX], ours[PATH_MAX];
	struct stat a, b;

	if (realpath(path, theirs) == NULL) {
		checkup_add(c, FINDING_WARN, "sendmail", -1,
		    "there is no %s: cron and others can't send mail", path);
		return;
	}
	if (realpath("/proc/self/exe", ours) != NULL && stat(theirs, &a) == 0 &&
	    stat(ours, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		checkup_add(c, FINDING_OK, "sendmail", -1, "%s is this program", path);
	else
		checkup_add(c, FINDING_WARN, "sendmail", -1,
		    "%s is %s: cron and others don't use this account", path,
		    strcmp(theirs, path) == 0 ? "another program" : theirs);
}
