/* SPDX-License-Identifier: ISC */
#include "conf/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/near.h"
#include "conf/rcfile.h"
#include "conf/type.h"

#define FILE_MAX (1024 * 1024) /* bytes of a configuration file */
#define READ_MS 10000          /* what a pipe that is named as a file has */
#define WORDS_MAX (64 * 1024)

void
config_free(struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		account_free(c->v[i]);
	for (size_t i = 0; i < c->files; i++)
		free(c->file[i].path);
	free(c->v);
	free(c->file);
	*c = (struct config){ 0 };
}

static bool
unreadable(const char *path, struct outcome *o)
{
	return outcome_fail(o, CAUSE_CONFIG_FILE, "%s: %s", path,
	    errno == EFBIG ? "it is larger than 1 MB" : strerror(errno));
}

/* Who may read a file with a password in it: its owner, and nobody else. Root may do as
 * it pleases, and the system's file is the administrator's business. */
static bool
check_exposure(const struct stat *st, const struct config_file *f, struct outcome *o)
{
	if (f->is_system || geteuid() == 0)
		return true;
	if (st->st_uid != geteuid())
		return outcome_fail(o, CAUSE_EXPOSED,
		    "%s: it holds a password, and it belongs to somebody else", f->path);
	if ((st->st_mode & (S_IXUSR | S_IRWXG | S_IRWXO)) != 0)
		return outcome_fail(o, CAUSE_EXPOSED,
		    "%s: it holds a password, and others may read it: chmod 600 %s",
		    f->path, f->path);
	return true;
}

static bool
read_open_file(struct config *c, int fd, const struct config_file *f, struct outcome *o)
{
	bool has_secret = false, ok;
	struct buf text;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return unreadable(f->path, o);
	buf_init(&text, FILE_MAX);
	if (S_ISREG(st.st_mode) && st.st_size <= FILE_MAX)
		buf_reserve(&text, (size_t)st.st_size); /* a password must never move */
	ok = fd_read_all(fd, &text, clock_in(READ_MS)) || unreadable(f->path, o);
	ok = ok && rcfile_parse(c, buf_span(&text), f->path, &has_secret, o);
	if (ok && has_secret)
		ok = check_exposure(&st, f, o);
	buf_free_secret(&text);
	return ok;
}

/* Notes the file, and reads it where it can be opened. The config takes over `path`. */
static bool
read_file(struct config *c, char *path, bool is_system, struct outcome *o)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct config_file *f;
	bool ok;

	c->file = mem_room(c->file, c->files, sizeof *c->file);
	f = &c->file[c->files++];
	*f = (struct config_file){ path, is_system, fd < 0 ? errno : 0 };
	if (fd < 0)
		return true;
	ok = read_open_file(c, fd, f, o);
	(void)close(fd);
	return ok;
}

static bool
is_missing(const struct config_file *f)
{
	return f->error == ENOENT || f->error == ENOTDIR;
}

static bool
was_found(const struct config *c)
{
	return !is_missing(&c->file[c->files - 1]);
}

static char *
xdg_path(const char *home, const char *name)
{
	const char *xdg = secure_getenv("XDG_CONFIG_HOME");

	if (xdg != NULL && *xdg != '\0')
		return mem_printf("%s/%s", xdg, name);
	return mem_printf("%s/.config/%s", home, name);
}

/* The first that exists. */
static bool
read_user_file(struct config *c, struct outcome *o)
{
	char *home = home_directory();
	bool ok = true;

	if (home == NULL)
		return true;
	ok = read_file(c, xdg_path(home, "mailchute/config"), false, o);
	if (ok && !was_found(c))
		ok = read_file(c, mem_printf("%s/.msmtprc", home), false, o);
	if (ok && !was_found(c))
		ok = read_file(c, xdg_path(home, "msmtp/config"), false, o);
	free(home);
	return ok;
}

static bool
read_system_file(struct config *c, struct outcome *o)
{
	if (!read_file(c, mem_dup(SYSCONFDIR "/mailchute/config"), true, o))
		return false;
	return was_found(c) || read_file(c, mem_dup(SYSCONFDIR "/msmtprc"), true, o);
}

bool
config_load(struct config *c, const char *user_file, struct outcome *o)
{
	if (user_file == NULL)
		return read_user_file(c, o) && read_system_file(c, o);
	if (!read_file(c, mem_dup(user_file), false, o))
		return false;
	errno = c->file[0].error;
	return errno == 0 ? read_system_file(c, o) : unreadable(user_file, o);
}

struct account *
config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i]->name, name) == 0)
			return c->v[i];
	return NULL;
}

/* Files that are there and can't be read: the user may think that they count. */
static void
add_unreadable(const struct config *c, struct buf *out)
{
	for (size_t i = 0; i < c->files; i++)
		if (c->file[i].error != 0 && !is_missing(&c->file[i]))
			buf_printf(out, "%s%s: %s", out->len > 0 ? "; " : "",
			    c->file[i].path, strerror(c->file[i].error));
}

static void
add_names(const struct config *c, const char *wanted, struct buf *out)
{
	struct near near = near_start(span_of(wanted));

	buf_printf(out, "account %s not found; there is: ", wanted);
	for (size_t i = 0; i < c->n; i++) {
		buf_printf(out, "%s%s", i > 0 ? ", " : "", c->v[i]->name);
		near_try(&near, c->v[i]->name);
	}
	if (near.best != NULL)
		buf_printf(out, ". Did you mean \"%s\"?", near.best);
}

struct account *
config_account(const struct config *c, const char *name, struct outcome *o)
{
	struct account *a = config_find(c, name);
	struct buf words;

	if (a != NULL)
		return a;
	buf_init(&words, WORDS_MAX);
	if (c->n > 0)
		add_names(c, name, &words);
	else
		add_unreadable(c, &words);
	(void)outcome_fail(
	    o, c->n > 0 ? CAUSE_NO_ACCOUNT : CAUSE_NO_CONFIG, "%s", words.data);
	buf_free(&words);
	return NULL;
}
