/* SPDX-License-Identifier: ISC */
#include "probe/rmqs.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/mem.h"
#include "smtp/credentials.h"
#include "smtp/session.h"

/* RFC 1985, 5.2 */
#define UNKNOWN_COMMAND 500
#define BAD_ARGUMENT 501

/* What may stand behind ETRN: a new string, with names outside ASCII as A-labels. */
static char *
argument_of(const char *queue, struct outcome *o)
{
	const size_t mark = *queue == '@' || *queue == '#' ? 1 : 0;
	char *name = *queue == '#' ? mem_dup(queue + 1) : domain_to_ascii(queue + mark);
	char *argument = NULL;

	if (name != NULL && *name != '\0' && strpbrk(name, " \t") == NULL &&
	    !span_has_8bit(span_of(name)) && !span_has_control(span_of(name)))
		argument = mem_printf("%.*s%s", (int)mark, queue, name);
	else
		(void)outcome_fail(o, CAUSE_ADDRESS,
		    "\"%.100s\" can't be a queue: it should be a host, @domain or #queue",
		    queue);
	free(name);
	return argument;
}

static bool
refused(const struct session *s, struct outcome *o)
{
	const int code = s->channel.reply.code;

	(void)channel_refused(&s->channel, STAGE_QUEUE, o);
	if (code == UNKNOWN_COMMAND || code == BAD_ARGUMENT)
		o->cause = CAUSE_QUEUE_NAME;
	return false;
}

static bool
start(struct session *s, const char *argument, struct outcome *o)
{
	if (!caps_have(&s->caps, CAP_ETRN)) {
		(void)outcome_fail(o, CAUSE_NO_ETRN, "its answer to EHLO names no ETRN");
		return outcome_at(o, STAGE_QUEUE);
	}
	if (!channel_ask(&s->channel, STAGE_QUEUE, "ETRN ", span_of(argument), o))
		return false;
	return s->channel.reply.code / 100 == 2 || refused(s, o);
}

static bool
ask(const struct account *a, const char *argument, struct password *password,
    const struct observer *observer, struct outcome *o)
{
	struct session s;
	bool ok;

	if (!credentials_open(&s, a, password, observer, o))
		return false;
	ok = start(&s, argument, o);
	session_close(&s, ok || o->code != 0 || o->cause == CAUSE_NO_ETRN);
	return ok;
}

static bool
run(struct account *a, const char *argument, const struct observer *observer,
    struct outcome *o)
{
	struct password password = { 0 };
	struct hosts hosts;
	bool ok;

	hosts_begin(&hosts, a);
	do {
		hosts_next(&hosts, a);
		ok = ask(a, argument, &password, observer, o);
		if (ok || !hosts_left(&hosts) || !session_may_move_on(o))
			break;
		session_note_move(a, o, observer);
	} while (true);
	hosts_end(&hosts);
	password_free(&password);
	return ok;
}

bool
rmqs_start(struct account *a, const char *queue, const struct observer *observer,
    struct outcome *o)
{
	char *argument = argument_of(queue, o);
	bool ok = argument != NULL && run(a, argument, observer, o);

	free(argument);
	return ok;
}
