/* SPDX-License-Identifier: ISC
 *
 * finding.c - what the doctor has found, and how long it may look
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "probe/checkup.h"

#define TEXT_MAX (16 * 1024)
#define WAIT_S 10 /* the most for each wait of the session */

void
checkup_add(struct checkup *c, enum finding_state state, const char *what, int ms,
    const char *fmt, ...)
{
	struct finding f = { .state = state, .what = what, .ms = ms };
	struct buf text;
	va_list ap;

	buf_init(&text, TEXT_MAX);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	make_printable(text.data, text.len, ' ');
	f.text = buf_take(&text);
	c->v = mem_room(c->v, c->n, sizeof *c->v);
	c->v[c->n++] = f;
}

bool
checkup_fail(
    struct checkup *c, const struct account *a, const char *what, const struct outcome *o)
{
	struct buf words;

	buf_init(&words, TEXT_MAX);
	outcome_words(o, NULL, &words);
	if (outcome_is_said(o))
		buf_printf(&words, "; said: %d %s", o->code, o->text);
	checkup_add(c, FINDING_FAIL, what, -1, "%s [%s]", words.data, outcome_name(o));
	buf_free(&words);
	if (c->why.cause == CAUSE_NONE) {
		c->why = *o;
		c->of = a;
	}
	return false;
}

void
checkup_hurry(const struct checkup *c, struct account *a)
{
	if (a->timeouts.any == 0 || a->timeouts.any > WAIT_S)
		a->timeouts.any = WAIT_S;
	a->timeouts.until = c->deadline;
}

void
checkup_free(struct checkup *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].text);
	free(c->v);
	c->v = NULL;
	c->n = 0;
}

const char *
finding_word(enum finding_state state)
{
	static const char *const words[] = {
		[FINDING_OK] = "ok",
		[FINDING_INFO] = "info",
		[FINDING_WARN] = "warn",
		[FINDING_FAIL] = "FAIL",
	};

	return words[state];
}
