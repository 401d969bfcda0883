/* SPDX-License-Identifier: ISC */
#include "relay/guard.h"

#include "mail/sender.h"
#include "mail/word.h"

#define LEAD_MAX (32 * 1024 * 1024)

bool
guard_is_set(const struct account *a)
{
	return a->redirect_all != NULL || a->allow_recipients != NULL;
}

bool
guard_allows(const struct account *a, const char *address)
{
	return a->redirect_all != NULL || a->allow_recipients == NULL ||
	       recipient_matches(a->allow_recipients, address);
}

/* One address a line. Those outside ASCII become encoded words: the server need not know
 * about SMTPUTF8 for this. */
static void
add_original_recipients(struct buf *out, const struct envelope *e)
{
	struct words w;

	buf_puts(out, GUARD_HEADER ":");
	words_begin(&w, out, sizeof GUARD_HEADER);
	for (size_t i = 0; i < e->n; i++) {
		const struct span address = span_of(e->rcpt[i].address);

		words_blanks(&w, span_of(i == 0 ? " " : "\n "));
		if (span_has_8bit(address))
			words_text(&w, address);
		else
			words_plain(&w, address, 0);
		if (i + 1 < e->n)
			words_plain(&w, span_of(","), APART_LEFT);
	}
	words_end(&w);
	buf_puts(out, "\n");
}

/* Lines that end with LF, as lines of a message. */
static void
lead(struct guard *g, struct source *m, struct span text)
{
	struct buf lines;
	struct span line;

	buf_init(&lines, LEAD_MAX);
	while (span_cut(&text, '\n', &line)) {
		buf_add_span(&lines, line);
		buf_puts(&lines, "\r\n");
	}
	g->lead = lines.len;
	source_lead(m, buf_span(&lines));
	buf_free(&lines);
}

static void
redirect(struct guard *g, const char *address, const struct envelope *e, struct source *m)
{
	struct buf text;

	for (size_t i = 0; i < e->n; i++)
		part_add(&g->part, e, i, address);
	buf_init(&text, LEAD_MAX);
	add_original_recipients(&text, e);
	lead(g, m, buf_span(&text));
	buf_free(&text);
}

void
guard_begin(
    struct guard *g, const struct account *a, struct envelope *e, struct source *m)
{
	g->lead = 0;
	part_init(&g->part, e);
	if (a->redirect_all != NULL) {
		redirect(g, a->redirect_all, e, m);
		return;
	}
	for (size_t i = 0; i < e->n; i++) {
		struct outcome *o = &e->rcpt[i].outcome;

		if (guard_allows(a, e->rcpt[i].address)) {
			part_add(&g->part, e, i, NULL);
		} else {
			(void)outcome_fail(o, CAUSE_GUARDED, "%s", "");
			(void)outcome_at(o, STAGE_RCPT);
		}
	}
}

void
guard_end(struct guard *g, struct envelope *e, struct source *m)
{
	part_join(&g->part, e);
	part_free(&g->part);
	if (g->lead > 0)
		source_drop_lead(m, g->lead);
}
