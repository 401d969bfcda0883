/* SPDX-License-Identifier: ISC */
#include "cmd/report_mail.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"
#include "cmd/report.h"
#include "mail/compose.h"
#include "relay/logline.h"
#include "relay/relay.h"

#define TIME_FORMAT "%b %d %H:%M:%S"
#define STAMP_MAX 128

/* Whether the outcome is about this recipient, and not about the mail or the connection.
 */
static bool
is_own(const struct account *a, const struct outcome *o)
{
	if (o->cause == CAUSE_ALIAS)
		return true;
	if (o->stage == STAGE_FINAL)
		return a->protocol == PROTOCOL_LMTP;
	return o->stage == STAGE_RCPT && o->cause != CAUSE_SENDER &&
	       o->cause != CAUSE_QUOTA &&
	       (outcome_is_said(o) || o->cause == CAUSE_ADDRESS ||
		   o->cause == CAUSE_GUARDED || o->cause == CAUSE_NO_SMTPUTF8);
}

/* The address that the outcome of a recipient is about; NULL: none. */
static const char *
address_of(const struct account *a, const struct envelope *e, const struct recipient *r)
{
	if (r->outcome.cause == CAUSE_SENDER)
		return e->sender;
	return is_own(a, &r->outcome) ? r->address : NULL;
}

static void
print_outcomes(
    const struct invocation *v, const struct account *a, const struct envelope *e)
{
	bool told = false;

	for (size_t i = 0; i < e->n; i++) {
		const struct outcome *o = &e->rcpt[i].outcome;
		bool own = is_own(a, o);

		if (outcome_verdict(o) == VERDICT_DONE || (!own && told))
			continue;
		report_outcome(v, a, address_of(a, e, &e->rcpt[i]), o);
		told |= !own;
	}
}

static void
print_summary(
    const struct invocation *v, const struct account *a, const struct envelope *e)
{
	size_t accepted = envelope_accepted(e);

	if (accepted > 0)
		(void)fprintf(stderr, "%s: the mail went to %zu of %zu recipients [%s]\n",
		    v->program, accepted, e->n, cause_name(CAUSE_PARTIAL));
	else if (a->file != NULL)
		(void)fprintf(stderr, "%s: could not send mail (account %s from %s)\n",
		    v->program, a->name, a->file);
	else
		(void)fprintf(stderr, "%s: could not send mail\n", v->program);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* it is a setting */
/* The time and a blank, in the format of strftime(3); "none" is nothing at all. */
static void
add_stamp(struct buf *out, const char *format)
{
	time_t now = time(NULL);
	char stamp[STAMP_MAX];
	struct tm tm;

	if (format != NULL && strcmp(format, "none") == 0)
		return;
	(void)localtime_r(&now, &tm);
	if (strftime(stamp, sizeof stamp, format != NULL ? format : TIME_FORMAT, &tm) > 0)
		buf_printf(out, "%s ", stamp);
}
#pragma GCC diagnostic pop

static void
write_logfile(const struct invocation *v, const struct account *a, struct span line)
{
	struct outcome o;
	struct buf timed;

	buf_init(&timed, LOGLINE_MAX + STAMP_MAX);
	add_stamp(&timed, a->logfile_time_format);
	buf_add_span(&timed, line);
	if (!log_to_file(a->logfile, timed.data, &o))
		(void)fprintf(stderr, "%s: %s\n%s: log info was: %s\n", v->program,
		    o.text, v->program, line.p);
	buf_free(&timed);
}

static void
write_log(const struct invocation *v, const struct account *a, const struct envelope *e,
    const struct source *m)
{
	struct buf line;
	bool good = envelope_accepted(e) == e->n;
	int facility = a->syslog == 0 && v->as_sendmail && !good ? LOG_MAIL : a->syslog;

	if (a->logfile == NULL && facility == 0)
		return;
	buf_init(&line, LOGLINE_MAX);
	logline_add(&line, a, e, m, relay_sysexit(e, v->as_sendmail));
	if (v->submitter != NULL)
		logline_add_submitter(&line, v->submitter, v->machine);
	make_printable(line.data, line.len, ' ');
	if (a->logfile != NULL)
		write_logfile(v, a, buf_span(&line));
	if (facility != 0)
		log_to_syslog(v->program, facility, good, line.data);
	buf_free(&line);
}

void
report_part(const struct invocation *v, const struct account *a, const struct envelope *e,
    const struct source *m)
{
	if (!v->quiet)
		print_outcomes(v, a, e);
	write_log(v, a, e, m);
}

int
report_whole(
    const struct invocation *v, const struct account *a, const struct envelope *e)
{
	if (envelope_accepted(e) < e->n && !v->quiet)
		print_summary(v, a, e);
	if (v->job == JOB_TEST && envelope_accepted(e) == e->n)
		(void)printf("accepted: %d %s\n", e->rcpt[0].outcome.code,
		    e->rcpt[0].outcome.text);
	return relay_sysexit(e, v->as_sendmail);
}

void
report_tried(const struct invocation *v, const struct account *a,
    const struct envelope *e, const struct source *m)
{
	write_log(v, a, e, m);
}

void
report_kept(const struct invocation *v, const char *id)
{
	if (v->verbose)
		(void)fprintf(
		    stderr, "%s: the mail is kept in the queue as %s\n", v->program, id);
}

void
report_to_be_told(const struct invocation *v, const struct envelope *e, const char *id)
{
	if (v->quiet)
		return;
	(void)fprintf(stderr, "%s: the mail went to %zu of %zu recipients, and %s (%s)\n",
	    v->program, envelope_accepted(e), e->n,
	    e->sender != NULL && *e->sender != '\0'
		? "its sender gets mail about the others"
		: "no sender can be told of the others",
	    id);
}

void
report_put_off(const struct invocation *v, const struct account *a,
    const struct envelope *e, const char *id, time_t next)
{
	char when[STAMP_MAX];
	struct tm tm;

	if (v->quiet || (!v->verbose && isatty(STDERR_FILENO) == 0))
		return;
	print_outcomes(v, a, e);
	(void)localtime_r(&next, &tm);
	(void)strftime(when, sizeof when, "%H:%M", &tm);
	(void)fprintf(stderr, "%s: the mail is kept in the queue as %s; next try at %s\n",
	    v->program, id, when);
}

void
report_repairs(const struct invocation *v, unsigned done)
{
	static const struct {
		unsigned repaired;
		bool always;
		const char *words;
	} rows[] = {
		{ REPAIRED_BYTES, true,
		    "the mail held NUL bytes, which were removed, or lone carriage "
		    "returns, which became blanks: neither can be sent" },
		{ REPAIRED_NO_HEADER, false,
		    "repair: nothing in the first lines is a header that mail knows, so "
		    "all of it is the body" },
		{ REPAIRED_TRACE, false,
		    "repair: Return-Path or Content-Length was removed" },
		{ REPAIRED_ADDRESSES, false,
		    "repair: local names in the header got a domain" },
		{ REPAIRED_TEXT, false,
		    "repair: text in the header is now in encoded words (RFC 2047)" },
		{ REPAIRED_LONG_HEADERS, false,
		    "repair: headers with lines of more than 998 bytes were folded" },
		{ REPAIRED_LABELS, false,
		    "repair: the body got the MIME headers that it lacked" },
		{ REPAIRED_LINES, false,
		    "repair: text with lines of more than 998 bytes is now "
		    "quoted-printable" },
		{ REPAIRED_NOT_LINES, false,
		    "some lines have more than 998 bytes and stay so, because they are "
		    "signed or not clearly text: the server may refuse them" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if ((done & rows[i].repaired) != 0 && (rows[i].always || v->verbose))
			report_warning(v, rows[i].words);
}
