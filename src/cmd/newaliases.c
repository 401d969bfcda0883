/* SPDX-License-Identifier: ISC
 *
 * newaliases.c - is the file of aliases in order? It is read with each mail, so there is
 * nothing to rebuild
 */
#include <stdio.h>
#include <sysexits.h>

#include "cmd/choose.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "mail/aliases.h"

#define WORDS_MAX 1024

static void
warn_of(const struct invocation *v, const struct alias *by, const struct alias_item *item)
{
	struct buf words;

	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "%.300s:%d: \"%.100s\" gets no mail: only mail addresses do",
	    by->file, item->line, item->text);
	report_warning(v, words.data);
	buf_free(&words);
}

/* What it includes must be readable, too; that adds to the end of what is gone through.
 */
static bool
check_items(const struct invocation *v, struct aliases *all, struct outcome *o)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t j = 0; j < all->v[i]->n; j++) {
			const struct alias *by = all->v[i];
			const struct alias_item *item = &by->v[j];

			if (item->kind == ALIAS_OTHER)
				warn_of(v, by, item);
			if (item->kind == ALIAS_INCLUDE &&
			    aliases_include(all, by, item, o) == NULL)
				return false;
		}
	return true;
}

static int
check_aliases(const struct invocation *v, const char *path)
{
	struct aliases all = { 0 };
	struct outcome o;
	int status = EX_OK;
	size_t names;

	if (path == NULL) {
		(void)printf("0 aliases: the setting aliases names no file\n");
		return EX_OK;
	}
	if (aliases_read(&all, path, &o) && (names = all.n, check_items(v, &all, &o)))
		(void)printf("%s: %zu aliases\n", path, names);
	else
		status = report_failure(v, &o);
	aliases_free(&all);
	return status;
}

int
job_aliases(const struct invocation *v)
{
	struct config config = { 0 };
	struct choice_made made = { 0 };
	struct outcome o;
	int status = choose_account(&made, v, &config, NULL, &o)
			 ? check_aliases(v, made.account->aliases)
			 : report_failure(v, &o);

	choice_free(&made);
	config_free(&config);
	return status;
}
