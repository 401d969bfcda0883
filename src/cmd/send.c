/* SPDX-License-Identifier: ISC
 *
 * send.c - the main job
 */
#include <sysexits.h>
#include <unistd.h>

#include "cmd/job.h"
#include "cmd/mail.h"
#include "cmd/recipients.h"
#include "cmd/report.h"
#include "mail/compose.h"
#include "probe/neighbour.h"
#include "relay/relay.h"
#include "relay/route.h"

static bool
collect_recipients(struct mail *m, struct outcome *o)
{
	if (!recipients_given(m->v, &m->envelope, &m->literal, o))
		return false;
	if (m->v->read_recipients && !recipients_from_header(&m->envelope, &m->header, o))
		return false;
	return m->envelope.n + m->literal.n > 0 ||
	       outcome_fail(o, CAUSE_NO_RECIPIENT, "%s",
		   m->v->read_recipients ? "the mail has no address in To, Cc or Bcc"
					 : "");
}

/* That of the account; other accounts to which parts of the mail go may have others. */
static bool
open_queue(struct mail *m, struct outcome *o)
{
	if (!keep_open(&m->keep, m->v, &m->config, m->choice.by, m->account, o))
		return false;
	if (m->keep.policy != QUEUE_OFF)
		spool_buffer(&m->keep.spool, &m->source);
	return true;
}

/* All that can fail before the network is touched, in the order in which it should. */
static bool
make_ready(struct mail *m, struct outcome *o)
{
	return header_read(&m->header, &m->input, o) && collect_recipients(m, o) &&
	       mail_settle(m, o) &&
	       recipients_expand(
		   m->v, m->account, &m->envelope, &m->literal, &m->lost, o) &&
	       routes_split(&m->routes, m->account, &m->config, &m->envelope, o) &&
	       open_queue(m, o) && mail_compose(m, o);
}

/* Recipients whose aliases lead to nobody go through no account. */
static void
report_lost(struct mail *m)
{
	if (m->lost.n > 0)
		report_part(m->v, m->account, &m->lost, &m->source);
	envelope_append(&m->envelope, &m->lost);
}

/* Whoever has mails to send on port 25, and can't, wants to know which port will do. */
static void
look_next_door(const struct account *a, struct envelope *e)
{
	struct outcome *first = &e->rcpt[0].outcome;

	if (first->cause == CAUSE_PORT25)
		neighbour_note(a, first);
}

/* To the server, to the queue, or to the one and then the other. */
static void
dispatch(struct mail *m, struct keep *k, struct account *a, struct envelope *e)
{
	const struct observer observer = report_observer(m->v);

	if (k->policy == QUEUE_ALWAYS) {
		keep_mail(k, m->v, e, &m->source);
		return;
	}
	relay_send(a, e, &m->source, &observer);
	look_next_door(a, e);
	if (k->policy == QUEUE_ON_FAILURE)
		keep_rest(k, m->v, a, e, &m->source);
}

static void
dispatch_part(struct mail *m, struct account *a, struct envelope *e)
{
	struct keep other;
	struct outcome o;

	if (a == m->account) {
		dispatch(m, &m->keep, a, e);
		return;
	}
	keep_init(&other);
	if (keep_open(&other, m->v, &m->config, m->choice.by, a, &o))
		dispatch(m, &other, a, e);
	else
		envelope_settle(e, &o);
	keep_close(&other);
}

static int
send_mail(struct mail *m)
{
	struct outcome o;

	if (!make_ready(m, &o))
		return report_failure(m->v, &o);
	for (size_t i = 0; i < m->routes.n; i++) {
		const struct route *route = &m->routes.v[i];
		struct envelope *part = &m->routes.v[i].part.envelope;

		dispatch_part(m, route->account, part);
		report_part(m->v, route->account, part, &m->source);
	}
	routes_join(&m->routes, &m->envelope);
	report_lost(m);
	if (m->envelope.n == 0) {
		report_warning(m->v, "all recipients are aliases for /dev/null: nothing "
				     "was sent");
		return EX_OK;
	}
	return report_whole(m->v, m->account, &m->envelope);
}

int
job_send(const struct invocation *v, bool has_input)
{
	struct mail m;
	struct outcome o;
	int status;

	if (!has_input) {
		(void)outcome_fail(&o, CAUSE_NO_INPUT, "it is closed");
		return report_failure(v, &o);
	}
	mail_init(&m, v);
	input_init(&m.input, STDIN_FILENO);
	m.input.ends_at_dot = v->as_sendmail && !v->ignore_dots;
	if (v->errors_by_mail)
		report_note(v, "nobody gets mail about an error: it is told here");
	status = send_mail(&m);
	input_free(&m.input);
	mail_free(&m);
	return status;
}
