/* SPDX-License-Identifier: ISC */
#include "conf/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/near.h"
#include "mail/sender.h"

#define WORDS_MAX (64 * 1024)

void
config_free(struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		account_free(c->v[i]);
	for (size_t i = 0; i < c->files; i++) {
		free(c->file[i]->path);
		free(c->file[i]);
	}
	for (size_t i = 0; i < c->n_kept; i++)
		free(c->kept[i]);
	free(c->v);
	free(c->file);
	free(c->kept);
	*c = (struct config){ 0 };
}

/* The name of the file in `c` that is this one in the other. */
static const char *
same_file(const struct config *c, const struct config *from, const char *path)
{
	for (size_t i = 0; i < from->files; i++)
		if (from->file[i]->path == path)
			return c->file[i]->path;
	return NULL;
}

void
config_copy(struct config *c, const struct config *from)
{
	for (size_t i = 0; i < from->files; i++) {
		const struct config_file *f = from->file[i];

		config_note(c, mem_dup(f->path), f->is_system)->error = f->error;
	}
	for (size_t i = 0; i < from->n; i++) {
		const struct account *a = from->v[i];

		c->v = mem_room(c->v, c->n, sizeof(struct account *));
		c->v[c->n++] = account_copy(a, same_file(c, from, a->file));
	}
}

struct config_file *
config_note(struct config *c, char *path, bool is_system)
{
	struct config_file *f = mem_new(sizeof *f);

	c->file = mem_room(c->file, c->files, sizeof(struct config_file *));
	*f = (struct config_file){ .is_system = is_system };
	f->path = path;
	c->file[c->files++] = f;
	return f;
}

const char *
config_keep(struct config *c, char *text)
{
	c->kept = mem_room(c->kept, c->n_kept, sizeof(char *));
	c->kept[c->n_kept++] = text;
	return text;
}

bool
config_file_is_missing(const struct config_file *f)
{
	return f->error == ENOENT || f->error == ENOTDIR;
}

struct account *
config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i]->name, name) == 0)
			return c->v[i];
	return NULL;
}

bool
config_is_system(const struct config *c, const struct account *a)
{
	for (size_t i = 0; i < c->files; i++)
		if (c->file[i]->path == a->file)
			return c->file[i]->is_system;
	return false;
}

struct account *
config_find_sender(const struct config *c, const char *address)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i]->from != NULL && sender_matches(c->v[i]->from, address))
			return c->v[i];
	return NULL;
}

/* Files that are there and can't be read: the user may think that they count. */
static void
add_unreadable(const struct config *c, struct buf *out)
{
	for (size_t i = 0; i < c->files; i++)
		if (c->file[i]->error != 0 && !config_file_is_missing(c->file[i]))
			buf_printf(out, "%s%s: %s", out->len > 0 ? "; " : "",
			    c->file[i]->path, strerror(c->file[i]->error));
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

/* Those that were read. */
static void
add_read(const struct config *c, struct buf *out)
{
	for (size_t i = 0; i < c->files; i++)
		if (c->file[i]->error == 0)
			buf_printf(
			    out, "%s%s", out->len > 0 ? " and " : "", c->file[i]->path);
}

/* There is a file, but for comments and defaults an empty one, or there is none at all.
 */
static void
complain_of_no_account(const struct config *c, struct outcome *o)
{
	struct buf read;

	buf_init(&read, WORDS_MAX);
	add_read(c, &read);
	(void)outcome_fail(o, CAUSE_NO_CONFIG, "%s", read.data);
	if (read.len > 0)
		outcome_refine(o, CAUSE_NO_CONFIG,
		    "there is no account yet in what was read",
		    "no line there begins with account or host; write some, as your "
		    "provider tells, or as \"mailchute --configure=ADDRESS\" does:");
	(void)outcome_offer(o, "account",
	    "default\nhost mail.example.org\nport 587\ntls on\nauth on\n"
	    "user me@example.org\nfrom me@example.org");
	buf_free(&read);
}

static void
complain_of_others(const struct config *c, const char *wanted, struct outcome *o)
{
	struct buf words;
	char *line;

	buf_init(&words, WORDS_MAX);
	add_names(c, wanted, &words);
	(void)outcome_fail(o, CAUSE_NO_ACCOUNT, "%s", words.data);
	buf_free(&words);
	if (c->n > 1 || strcmp(wanted, "default") != 0)
		return;
	line = mem_printf("default : %s", c->v[0]->name);
	(void)outcome_offer(o, "account", line);
	if (*o->setting != '\0')
		outcome_refine(o, CAUSE_NO_ACCOUNT, NULL,
		    "at the end of its file; or name it with -a, but not as sendmail");
	free(line);
}

static void
complain_of_unreadable(const char *which, struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_CONFIG,
	    "no account can be read: %s; the user who sends mail, here the one with the "
	    "id %lu, has to be able to read it",
	    which, (unsigned long)geteuid());
}

struct account *
config_account(const struct config *c, const char *name, struct outcome *o)
{
	struct account *a = config_find(c, name);
	struct buf unreadable;

	if (a != NULL)
		return a;
	buf_init(&unreadable, WORDS_MAX);
	add_unreadable(c, &unreadable);
	if (c->n > 0)
		complain_of_others(c, name, o);
	else if (unreadable.len > 0)
		complain_of_unreadable(unreadable.data, o);
	else
		complain_of_no_account(c, o);
	buf_free(&unreadable);
	return NULL;
}
