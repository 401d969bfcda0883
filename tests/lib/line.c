/* SPDX-License-Identifier: ISC */
#include "lib/line.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "base/mem.h"

static void
cut(struct line *l, const char *text)
{
	*l = (struct line){ .text = mem_dup(text) };
	for (char *p = l->text; *p != '\0';) {
		assert(l->argc < LINE_WORDS_MAX);
		l->argv[l->argc++] = p;
		p += strcspn(p, " ");
		if (*p != '\0')
			*p++ = '\0';
	}
	for (int i = 0; i < l->argc; i++)
		if (strcmp(l->argv[i], "_") == 0)
			l->argv[i] += 1; /* the empty string behind it */
}

bool
line_parse(struct invocation *v, struct line *l, const char *text, struct outcome *o)
{
	cut(l, text);
	optind = 0; /* getopt(3): start anew */
	return invocation_parse(v, l->argc, l->argv, o);
}
