/* SPDX-License-Identifier: ISC */
#include "lib/queue.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "lib/sample.h"

char *queue_directory;

int
queue_make(void **state)
{
	(void)state;
	(void)umask(022);
	queue_directory = sample_directory();
	return 0;
}

int
queue_remove(void **state)
{
	(void)state;
	sample_directory_end(queue_directory);
	return 0;
}

char *
queue_path(const char *name)
{
	return mem_printf("%s/%s", queue_directory, name);
}

void
queue_open(struct spool *s)
{
	char *path = queue_path("queue");
	struct outcome o;

	check(path, spool_open(s, path, SPOOL_CREATE, &o));
	free(path);
}

struct ticket
queue_ticket(void)
{
	static char account[] = "work", config[] = "/home/joe/work rc";
	static char submitter[] = "uid 4711";

	return (struct ticket){ .account = account,
		.config = config,
		.submitter = submitter,
		.uid = 4242,
		.created = QUEUE_THEN,
		.next = QUEUE_THEN + 300 };
}

bool
queue_put(struct spool *s, struct source *m, char id[ENTRY_ID_SIZE], struct outcome *o)
{
	const struct ticket t = queue_ticket();
	struct envelope e = { 0 };
	bool ok;

	sample_envelope(&e, "s@x", "a@x, \"b b\"@y");
	ok = spool_put(s, &t, &e, m, id, o);
	envelope_free(&e);
	return ok;
}

void
queue_put_message(struct spool *s, char id[ENTRY_ID_SIZE])
{
	struct source m;
	struct outcome o;

	sample_source(&m, span_of(QUEUE_MESSAGE));
	assert_true(queue_put(s, &m, id, &o));
	source_free(&m);
}

char *
queue_path_of(const char *folder, const char *id)
{
	return mem_printf("%s/queue/%s/%s", queue_directory, folder, id);
}

bool
queue_has(const char *folder, const char *id)
{
	char *path = queue_path_of(folder, id);
	struct stat st;
	bool there = lstat(path, &st) == 0;

	free(path);
	return there;
}

size_t
queue_count(const char *folder)
{
	char *path = queue_path_of(folder, ".");
	DIR *dir = opendir(path);
	size_t n = 0;

	free(path);
	if (dir == NULL)
		return 0;
	for (const struct dirent *d; (d = readdir(dir)) != NULL;)
		n += *d->d_name != '.';
	(void)closedir(dir);
	return n;
}
