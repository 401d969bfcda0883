/* SPDX-License-Identifier: ISC */
#include "lib/sample.h"

#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static void
count_line(struct source *s, struct span line, bool in_header)
{
	size_t n = line.n > 0 ? line.n - 1 : 0; /* less the CR */

	s->lines++;
	if (n > s->longest)
		s->longest = n;
	if (in_header)
		s->header_is_8bit |= span_has_8bit(line);
	else
		s->is_8bit |= span_has_8bit(line);
}

void
sample_source(struct source *s, struct span text)
{
	bool in_header = true;
	struct outcome o;
	struct span line;

	source_init(s);
	if (!source_write(s, text, &o) || !source_seal(s, &o))
		abort();
	while (span_cut(&text, '\n', &line)) {
		in_header = in_header && line.n > 1;
		count_line(s, line, in_header);
	}
}

void
sample_text(struct source *s, struct buf *out)
{
	struct span piece;
	struct outcome o;

	buf_init(out, SAMPLE_MAX);
	source_rewind(s);
	do {
		if (!source_next(s, &piece, &o))
			abort();
		buf_add_span(out, piece);
	} while (piece.n > 0);
}

void
sample_envelope(struct envelope *e, const char *sender, const char *recipients)
{
	struct outcome o;

	*e = (struct envelope){ 0 };
	envelope_set_sender(e, sender);
	if (!envelope_add_list(e, span_of(recipients), &o))
		abort();
}

void
sample_repeat(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_puts(out, text);
}

void
sample_numbered(struct buf *out, size_t size)
{
	for (size_t i = 0; out->len + 12 <= size; i++)
		buf_printf(out, "%010zu\r\n", i);
	while (out->len < size)
		buf_addc(out, '.');
}

static int
hex(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* One line, without its CR LF. *soft: it goes on with the next. */
static bool
unquote_line(struct span line, struct buf *out, bool *soft)
{
	*soft = false;
	if (line.n > 76 || (line.n > 0 && is_blank(line.p[line.n - 1])))
		return false;
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		int high, low;

		if (c != '=' && !is_blank(c) && (is_control(c) || is_8bit(c)))
			return false;
		if (c == '=' && i + 1 == line.n) {
			*soft = true;
		} else if (c == '=') {
			high = hex(line.p[i + 1]);
			low = i + 2 < line.n ? hex(line.p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			buf_addc(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_addc(out, c);
		}
	}
	return true;
}

bool
sample_unquote(struct span text, struct buf *out)
{
	struct span line;
	bool soft = false;

	while (span_cut(&text, '\n', &line)) {
		if (line.n == 0 || line.p[line.n - 1] != '\r')
			return false;
		if (!unquote_line(span_bytes(line.p, line.n - 1), out, &soft))
			return false;
		if (!soft)
			buf_puts(out, "\r\n");
	}
	return !soft;
}

int
sample_file(struct span bytes)
{
	int fd = memfd_create("sample", MFD_CLOEXEC);

	if (fd < 0 || !fd_write(fd, bytes.p, bytes.n) || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* Ends with the test: by SIGPIPE when it reads no more, by SIGKILL when it is gone. */
static void
write_pieces(int fd, struct span bytes, size_t piece)
{
	int unread;

	(void)signal(SIGPIPE, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (bytes.n > 0) {
		size_t n = bytes.n < piece ? bytes.n : piece;

		while (ioctl(fd, FIONREAD, &unread) == 0 && unread > 0)
			(void)sched_yield();
		if (!fd_write(fd, bytes.p, n))
			return;
		bytes = span_bytes(bytes.p + n, bytes.n - n);
	}
}

struct sample_pipe
sample_pipe(struct span bytes, size_t piece)
{
	int fd[2];
	pid_t child;

	if (pipe2(fd, O_CLOEXEC) != 0)
		abort();
	child = fork();
	if (child < 0)
		abort();
	if (child == 0) {
		(void)close(fd[0]);
		write_pieces(fd[1], bytes, piece);
		_exit(0);
	}
	(void)close(fd[1]);
	return (struct sample_pipe){ fd[0], child };
}

void
sample_pipe_end(struct sample_pipe *p)
{
	(void)close(p->fd);
	(void)kill(p->child, SIGKILL);
	if (waitpid(p->child, NULL, 0) != p->child)
		abort();
}

char *
sample_directory(void)
{
	char *path = mem_dup("/tmp/mailchute-test.XXXXXX");

	if (mkdtemp(path) == NULL)
		abort();
	return path;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
sample_directory_end(char *path)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		abort();
	free(path);
}

/* Makes the directories that lead to the file. */
static void
make_way(const char *path)
{
	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		char *part = mem_dup_bytes(path, (size_t)(slash - path));

		(void)mkdir(part, 0700); /* it may be there */
		free(part);
	}
}

char *
sample_write(const char *directory, const char *name, const char *text, int mode)
{
	char *path = mem_printf("%s/%s", directory, name);
	int fd;

	make_way(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || !fd_write(fd, text, strlen(text)) ||
	    fchmod(fd, (mode_t)mode) != 0 || close(fd) != 0)
		abort();
	return path;
}
