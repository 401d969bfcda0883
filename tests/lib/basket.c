/* SPDX-License-Identifier: ISC */
#include "lib/basket.h"

#include <string.h>

#include "base/mem.h"
#include "lib/script.h"

#define LOG_MAX (64 * 1024 * 1024)

void
basket_init(struct basket *b)
{
	*b = (struct basket){ .ended = 0 };
	buf_init(&b->log, LOG_MAX);
}

void
basket_free(struct basket *b)
{
	buf_free(&b->log);
}

static bool
begins(const char *address, const char *word)
{
	return strncmp(address, word, strlen(word)) == 0;
}

/* What another server would have said. */
static bool
refuse(const char *address, const char *where, enum stage stage, struct outcome *o)
{
	char no[20], later[20];

	(void)snprintf(no, sizeof no, "no-%s", where);
	(void)snprintf(later, sizeof later, "later-%s", where);
	if (begins(address, no))
		return outcome_reply(o, stage, 550, "5.1.1 not here\nnor there");
	if (begins(address, later))
		return outcome_reply(o, stage, 451, "4.2.1 not now");
	return true;
}

static bool
begin(void *self, struct posting *p, struct outcome *o)
{
	struct basket *b = self;

	buf_printf(&b->log, "MAIL %s [%s]\n", p->envelope.sender, p->options);
	if (!refuse(p->envelope.sender, "mail", STAGE_MAIL, o))
		return false;
	b->ended--;
	return true;
}

static bool
rcpt(void *self, struct posting *p, const struct recipient *to, struct outcome *o)
{
	struct basket *b = self;

	(void)p;
	buf_printf(&b->log, "RCPT %s notify=%u orcpt=%s\n", to->address, to->notify,
	    to->orcpt != NULL ? to->orcpt : "-");
	return refuse(to->address, "rcpt", STAGE_RCPT, o);
}

static void
settle(struct posting *p)
{
	struct envelope *e = &p->envelope;

	for (size_t i = 0; i < e->n; i++) {
		struct outcome *o = &e->rcpt[i].outcome;

		if (refuse(e->rcpt[i].address, "final", STAGE_FINAL, o))
			outcome_accept(o, STAGE_FINAL, 250, "2.0.0 kept");
	}
}

static void
message(void *self, struct posting *p, struct source *m)
{
	struct basket *b = self;
	struct outcome o;
	struct span piece;

	buf_puts(&b->log, "MESSAGE");
	for (size_t i = 0; i < p->envelope.n; i++)
		buf_printf(
		    &b->log, " %s(%s)", p->envelope.rcpt[i].address, p->rcpt_options[i]);
	buf_puts(&b->log, ":\n");
	while (source_next(m, &piece, &o) && piece.n > 0)
		buf_add_span(&b->log, piece);
	settle(p);
}

static void
end(void *self, struct posting *p)
{
	struct basket *b = self;

	(void)p;
	buf_puts(&b->log, "END\n");
	b->ended++;
}

static bool
permits(void *self, enum stage stage, struct manner *m, struct outcome *o)
{
	const struct basket *b = self;

	(void)m;
	return b->with == CAUSE_NONE || stage != b->strict ||
	       outcome_fail(o, b->with, "not now");
}

const struct sink basket_sink = { begin, rcpt, message, end, permits };

char *
basket_play(struct basket *b, const struct service *like, struct span says)
{
	struct visitor visitor = { .place = "test", .uid = -1 };
	struct service service = *like;
	struct script script;
	struct stream stream;
	char *heard;

	service.name = "mx.test";
	service.sink = &basket_sink;
	service.self = b;
	script_init_bytes(&script, says, SCRIPT_CLOSES);
	script.read_max = b->read_max;
	script_stream(&script, &stream);
	serve_session(&service, &visitor, &stream, -1, NULL);
	heard = mem_dup_bytes(script.heard.data, script.heard.len);
	script_free(&script);
	return heard;
}
