/* SPDX-License-Identifier: ISC */
#include "cmd/ways.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	enum choice_by by;
	const char *name;
} ways[] = {
	{ CHOICE_COMMAND_LINE, "--host" },
	{ CHOICE_VARIABLES, "MAILCHUTE_HOST" },
	{ CHOICE_NAME, "--account" },
	{ CHOICE_SENDER, "the sender's account" },
	{ CHOICE_DEFAULT, "the default account" },
	{ CHOICE_ENVIRONMENT, "SMTPSERVER" },
	{ CHOICE_SERVICE, "the service of this machine" },
};

#define WAYS (sizeof ways / sizeof ways[0])

const char *
way_name(enum choice_by by)
{
	for (size_t i = 0; i < WAYS; i++)
		if (ways[i].by == by)
			return ways[i].name;
	return "";
}

void
ways_add_order(struct buf *out, enum choice_by taken)
{
	for (size_t i = 0; i < WAYS; i++)
		buf_printf(out, ways[i].by == taken ? "%s[%s]" : "%s%s",
		    i > 0 ? ", " : "", ways[i].name);
}

static void
add_files(struct buf *out, const struct config *c)
{
	bool read = false, told = false;

	for (size_t i = 0; i < c->files; i++) {
		const struct config_file *f = c->file[i];

		read |= f->error == 0;
		if (f->error == 0 || config_file_is_missing(f))
			continue;
		buf_printf(
		    out, "%s%s: %s", told ? "; " : "", f->path, strerror(f->error));
		told = true;
	}
	if (!told)
		buf_puts(out, read ? "the files have none" : "there is no file");
}

/* A file that can't be read may have it. */
static void
add_reason(struct buf *out, enum choice_by by, const struct invocation *v,
    const struct config *c, const struct choice_made *made)
{
	const char *server = secure_getenv("SMTPSERVER");

	switch (by) {
	case CHOICE_COMMAND_LINE:
	case CHOICE_NAME:
		buf_puts(out, "not given");
		break;
	case CHOICE_VARIABLES:
		buf_puts(out, v->file != NULL ? "not heard with --file" : "not set");
		break;
	case CHOICE_SENDER:
		buf_puts(out, made->sender == NULL ? "no sender was given"
						   : "none that can be read has it");
		break;
	case CHOICE_DEFAULT:
		if (config_find(c, "default") != NULL)
			buf_puts(out, "MAILCHUTE_SOCKET counts before it");
		else
			add_files(out, c);
		break;
	case CHOICE_ENVIRONMENT:
		buf_puts(out, server == NULL || *server == '\0'
				  ? "not set"
				  : "set, but neither is EMAIL nor was a sender given");
		break;
	case CHOICE_SERVICE:
		break;
	}
}

void
ways_add_passed(struct buf *out, const struct invocation *v, const struct config *c,
    const struct choice_made *made)
{
	for (size_t i = 0; i < WAYS && ways[i].by != made->by; i++) {
		buf_printf(out, "%s%s (", i > 0 ? ", " : "", ways[i].name);
		add_reason(out, ways[i].by, v, c, made);
		buf_puts(out, ")");
	}
}
