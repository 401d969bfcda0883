/* SPDX-License-Identifier: ISC */
#include "relay/catch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

typedef bool shower(struct buf *out, struct caught *c, struct outcome *o);

static bool
fail(struct outcome *o, const char *path)
{
	return outcome_fail(o, CAUSE_CATCH, "%s: %s", path, strerror(errno));
}

/* Who reads it on a terminal must not have it change the terminal. */
static void
tame(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\t')
			text->data[i] = ' ';
	make_printable(text->data, text->len, '\n');
}

static bool
to_output(const char *path, struct buf *text, struct outcome *o)
{
	(void)path;
	if (isatty(STDOUT_FILENO))
		tame(text);
	return fd_write(STDOUT_FILENO, text->data, text->len) ||
	       fail(o, "standard output");
}

/* Each has the file for itself. */
static bool
append(const char *path, struct buf *text, struct outcome *o)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	bool ok =
	    fd >= 0 && flock(fd, LOCK_EX) == 0 && fd_write(fd, text->data, text->len);
	int error = errno;

	if (fd >= 0 && close(fd) != 0 && ok) {
		ok = false;
		error = errno;
	}
	errno = error;
	return ok || fail(o, path);
}

static bool
write_new(const char *path, const struct buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && fd_write(fd, text->data, text->len);
	int error = errno;

	if (fd >= 0 && close(fd) != 0 && ok) {
		ok = false;
		error = errno;
	}
	errno = error;
	return ok;
}

static bool
make_directory(const char *path)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool
make_folder(const char *path, struct outcome *o)
{
	return make_directory(path) || fail(o, path);
}

static bool
make_maildir(const char *path, struct outcome *o)
{
	static const char *const inside[] = { "", "/tmp", "/new", "/cur" };
	bool ok = true;

	for (size_t i = 0; i < sizeof inside / sizeof inside[0] && ok; i++) {
		char *directory = mem_printf("%s%s", path, inside[i]);

		ok = make_folder(directory, o);
		free(directory);
	}
	return ok;
}

static bool
make_file(const char *path, struct outcome *o)
{
	struct buf nothing;
	bool ok;

	buf_init(&nothing, 1);
	ok = append(path, &nothing, o);
	buf_free(&nothing);
	return ok;
}

/* A name that no other file has, and that comes behind those made before. */
static char *
unique_name(void)
{
	static unsigned count; /* of this process */
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return mem_printf("%lld.%09ld.%ld_%u", (long long)now.tv_sec, now.tv_nsec,
	    (long)getpid(), count++);
}

/* Written in `tmp` and moved to `new`, so that readers see whole mails only. */
static bool
to_maildir(const char *path, struct buf *text, struct outcome *o)
{
	char *name = unique_name();
	char *before = mem_printf("%s/tmp/%s", path, name);
	char *after = mem_printf("%s/new/%s", path, name);
	bool ok = make_maildir(path, o);

	if (ok && (!write_new(before, text) || rename(before, after) != 0))
		ok = fail(o, path);
	free(before);
	free(after);
	free(name);
	return ok;
}

static bool
to_eml(const char *path, struct buf *text, struct outcome *o)
{
	char *name = unique_name();
	char *before = mem_printf("%s/.%s", path, name);
	char *after = mem_printf("%s/%s.eml", path, name);
	bool ok =
	    make_directory(path) && write_new(before, text) && rename(before, after) == 0;

	if (!ok)
		(void)fail(o, path);
	free(before);
	free(after);
	free(name);
	return ok;
}

static shower *const formats[] = {
	[CATCH_FRAME] = catch_show_frame,
	[CATCH_PYTHON] = catch_show_python,
	[CATCH_RAW] = catch_show_raw,
	[CATCH_SUMMARY] = catch_show_summary,
	[CATCH_JSON] = catch_show_json,
};

static const struct kind {
	const char *prefix;
	shower *show; /* NULL: the format says */
	bool (*put)(const char *path, struct buf *text, struct outcome *o);
	bool (*make)(const char *path, struct outcome *o); /* NULL: it is there */
} kinds[] = {
	{ "maildir:", catch_show_file, to_maildir, make_maildir },
	{ "mbox:", catch_show_mbox, append, make_file },
	{ "eml:", catch_show_file, to_eml, make_folder },
	{ "json:", catch_show_json, append, make_file },
	{ "-", NULL, to_output, NULL },
};

static const struct kind *
kind_of(const char *to)
{
	const struct kind *k = kinds;

	while (k->show != NULL && strncmp(to, k->prefix, strlen(k->prefix)) != 0)
		k++;
	return k;
}

bool
catch_prepare(const struct account *a, struct outcome *o)
{
	const struct kind *k = kind_of(a->catch_to);

	return k->make == NULL || k->make(a->catch_to + strlen(k->prefix), o);
}

bool
catch_put(const struct account *a, struct caught *c, struct outcome *o)
{
	const struct kind *k = kind_of(a->catch_to);
	shower *show = k->show != NULL ? k->show : formats[a->catch_format];
	struct buf text;
	bool ok;

	buf_init(&text, CATCH_MAX);
	ok = show(&text, c, o);
	if (ok && !buf_ok(&text))
		ok = outcome_fail(
		    o, CAUSE_CATCH, "it is larger than %d MB", CATCH_MAX / 1024 / 1024);
	ok = ok && k->put(a->catch_to + strlen(k->prefix), &text, o);
	buf_free(&text);
	return ok;
}

/* The lines up to the first empty one, and more; they end with LF then. */
static bool
read_header(struct buf *text, struct source *m, struct outcome *o)
{
	struct span piece;

	source_rewind(m);
	do {
		if (!source_next(m, &piece, o))
			return false;
		buf_add_without(text, piece, '\r');
	} while (piece.n > 0 && memmem(text->data, text->len, "\n\n", 2) == NULL);
	return true;
}

bool
caught_init(struct caught *c, const struct envelope *e, struct source *m,
    const struct caught_from *from, struct outcome *o)
{
	struct buf text;
	bool ok;

	*c = (struct caught){ .envelope = e, .message = m, .from = *from };
	header_init(&c->header);
	buf_init(&text, CATCH_MAX);
	ok = read_header(&text, m, o);
	if (ok)
		header_parse(&c->header, buf_span(&text));
	buf_free(&text);
	return ok;
}

void
caught_free(struct caught *c)
{
	header_free(&c->header);
	*c = (struct caught){ .message = NULL };
}

void
catch_mail(const struct account *a, struct envelope *e, struct source *m)
{
	const struct caught_from here = { .peer = NULL };
	struct outcome o;
	struct caught c;

	if (caught_init(&c, e, m, &here, &o) && catch_put(a, &c, &o))
		outcome_accept(&o, STAGE_FINAL, 250, "2.0.0 caught");
	envelope_settle(e, &o);
	caught_free(&c);
}
