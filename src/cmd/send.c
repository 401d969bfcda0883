/* SPDX-License-Identifier: ISC
 *
 * send.c - the main job
 */
#include <sysexits.h>
#include <unistd.h>

#include "cmd/dispatch.h"
#include "cmd/job.h"
#include "cmd/mail.h"
#include "cmd/recipients.h"
#include "cmd/report.h"
#include "cmd/report_dialogue.h"
#include "cmd/report_mail.h"
#include "mail/compose.h"
#include "mail/named.h"

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

/* All that can fail before the network is touched, in the order in which it should. */
static bool
make_ready(struct mail *m, struct outcome *o)
{
	return header_read(&m->header, &m->input, o) && collect_recipients(m, o) &&
	       mail_settle(m, o) &&
	       recipients_expand(
		   m->v, m->account, NULL, &m->envelope, &m->literal, &m->lost, o) &&
	       routes_split(&m->routes, m->account, &m->config, &m->envelope, o) &&
	       dispatch_prepare(m, o) && mail_compose(m, o);
}

/* Recipients whose aliases lead to nobody go through no account. */
static void
report_lost(struct mail *m)
{
	if (m->lost.n > 0)
		report_part(m->v, m->account, &m->lost, &m->source);
	envelope_append(&m->envelope, &m->lost);
}

static int
send_mail(struct mail *m)
{
	struct outcome o;

	if (!make_ready(m, &o))
		return report_failure(m->v, &o);
	dispatch_mail(m);
	report_lost(m);
	keep_refused(&m->keep, m->v, &m->envelope, &m->source);
	if (m->envelope.n == 0) {
		report_warning(m->v, "all recipients are aliases for /dev/null: nothing "
				     "was sent");
		return EX_OK;
	}
	return report_whole(m->v, m->account, &m->envelope);
}

int
job_send(const struct invocation *v)
{
	struct mail m;
	struct outcome o;
	int status;

	if (!v->has_input) {
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
