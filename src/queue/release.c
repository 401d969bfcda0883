/* SPDX-License-Identifier: ISC */
#include "queue/release.h"

#include <dirent.h>
#include <fcntl.h>

#include "base/mem.h"
#include "base/privilege.h"
#include "queue/hurry.h"
#include "queue/place.h"
#include "queue/state.h"

void
release_account(struct spool *s, const struct ticket *t)
{
	struct outcome ignored; /* then it waits for its next try */

	(void)state_release(s, t, &ignored);
	hurry_account(s, t);
}

/* What is kept for all queues, by whoever runs them: as a queue that has no mail. */
static void
release_shared(struct spool *s, const struct ticket *t)
{
	struct outcome ignored;
	struct spool shared;

	spool_init(&shared);
	shared.dir =
	    openat(s->dir, PLACE_KEEPER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	shared.path = mem_printf("%s/" PLACE_KEEPER, s->path);
	if (shared.dir >= 0)
		(void)state_release(&shared, t, &ignored);
	spool_close(&shared);
}

/* Each as the user whose queue it is. */
static void
visit(const char *path, const struct ticket *t,
    void (*release)(struct spool *s, const struct ticket *t))
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	uid_t user;

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		struct outcome ignored;
		struct spool s;

		if (!place_is_part(d->d_name, &user) || !privilege_lend(user, &ignored))
			continue;
		if (spool_open_of(&s, path, user, SPOOL_USE, &ignored))
			release(&s, t);
		spool_close(&s);
		(void)privilege_raise();
	}
	if (dir != NULL)
		(void)closedir(dir);
}

/* What is kept for all comes first: runners look at it as soon as they are woken. */
void
release_everywhere(const char *path, const struct ticket *t)
{
	visit(path, t, release_shared);
	visit(path, t, release_account);
}
