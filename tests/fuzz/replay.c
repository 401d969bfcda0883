/* SPDX-License-Identifier: ISC
 *
 * replay.c - runs a fuzz target over its corpus, with any compiler
 *
 *	fuzz_NAME           every file of tests/fuzz/corpus/NAME; of small files also
 *	                    every beginning, and every copy with one byte changed
 *	fuzz_NAME FILE...   these files alone, as they are
 *
 * How much is run depends on the corpus only, and is bounded. The bytes at which a target
 * aborts are left in the file NAME.failed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"

#define FILE_MAX (1024 * 1024)
#define SMALL 400        /* bytes of a file that is worth changing */
#define CHANGES_MAX 8000 /* of all files together */

/* What one byte becomes, one after the other. */
static const unsigned char changes[] = { 0x00, '\n', ' ', 0xff };

/* For save(): what is being run, and where it goes. */
static struct span present;
static char *saved;

static void
save(int signal_number)
{
	int fd = open(saved, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	(void)signal_number;
	if (fd >= 0 && fd_write(fd, present.p, present.n)) {
		(void)fd_write(STDERR_FILENO, "see ", 4);
		(void)fd_write(STDERR_FILENO, saved, strlen(saved));
		(void)fd_write(STDERR_FILENO, "\n", 1);
	}
	(void)signal(SIGABRT, SIG_DFL); /* on return abort(3) goes on */
}

/* A copy on the heap of just this size, so that a read past its end is noticed. */
static void
run(const char *data, size_t n)
{
	uint8_t *copy = mem_grow(NULL, n, 1);

	if (n > 0)
		memcpy(copy, data, n);
	present = span_bytes(data, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void
run_changed(const struct buf *b, size_t *left)
{
	for (size_t n = 0; n<b->len && * left> 0; n++, (*left)--)
		run(b->data, n);
	for (size_t i = 0; i < b->len; i++) {
		char before = b->data[i];

		for (size_t k = 0; k<sizeof changes && * left> 0; k++, (*left)--) {
			b->data[i] = (char)changes[k];
			run(b->data, b->len);
		}
		b->data[i] = before;
	}
}

static void
run_file(const char *path, size_t *left)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b;

	buf_init(&b, FILE_MAX);
	if (fd < 0 || !fd_read_all(fd, &b, clock_in(20000))) {
		(void)fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	(void)close(fd);
	run(b.data, b.len);
	if (b.len <= SMALL)
		run_changed(&b, left);
	buf_free(&b);
}

static int
is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* What the program is called, less the path and "fuzz_". */
static const char *
target_of(const char *program)
{
	const char *name = strrchr(program, '/');

	name = name != NULL ? name + 1 : program;
	return strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *target = target_of(argv[0]);
	size_t none = 0, left = CHANGES_MAX;
	struct dirent **entry;
	char *corpus;
	int n;

	saved = mem_printf("%s.failed", target);
	(void)signal(SIGABRT, save);
	for (int i = 1; i < argc; i++)
		run_file(argv[i], &none);
	if (argc > 1) {
		free(saved);
		return 0;
	}
	corpus =
	    mem_printf("%s/tests/fuzz/corpus/%s", srcdir != NULL ? srcdir : ".", target);
	n = scandir(corpus, &entry, is_visible, alphasort);
	if (n <= 0) {
		(void)fprintf(stderr, "no corpus in %s\n", corpus);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		char *path = mem_printf("%s/%s", corpus, entry[i]->d_name);
		size_t share = left / (size_t)(n - i), before = share;

		run_file(path, &share);
		left -= before - share;
		free(path);
		free(entry[i]);
	}
	(void)printf("%d files, %zu changes\n", n, CHANGES_MAX - left);
	free(entry);
	free(corpus);
	free(saved);
	return 0;
}
