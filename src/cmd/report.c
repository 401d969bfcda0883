/* SPDX-License-Identifier: ISC */
#include "cmd/report.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "conf/home.h"
#include "conf/option.h"
#include "mail/compose.h"
#include "relay/logline.h"
#include "relay/relay.h"

#define WORDS_MAX (64 * 1024)
#define TIME_FORMAT "%b %d %H:%M:%S"
#define STAMP_MAX 128

/* What a failure is about, for the start of its first line. */
struct context {
	const char *program;
	const struct account *account; /* NULL: none yet */
	const char *address;           /* that it is about; NULL: none of its own */
	bool is_warning;
};

/* Where the server is part of the story, its name belongs to it. */
static void
add_place(struct buf *out, const struct context *c, const struct outcome *o)
{
	buf_printf(out, "%s: %s", c->program, c->is_warning ? "warning: " : "");
	if (c->account == NULL)
		return;
	if (c->account->file != NULL)
		buf_printf(out, "%s: ", account_label(c->account));
	if (o->stage > STAGE_CONNECT) {
		account_place(c->account, out);
		buf_puts(out, ": ");
	}
}

/* Appends a file's name with ~ for the home directory. */
static void
add_path(struct buf *out, const char *path)
{
	char *home = home_directory();
	size_t n = home != NULL ? strlen(home) : 0;

	if (n > 1 && strncmp(path, home, n) == 0 && path[n] == '/')
		buf_printf(out, "~%s", path + n);
	else
		buf_puts(out, path);
	free(home);
}

/* Where the setting stands that the line begins with; or the file and the account that it
 * belongs into: at the end of the file, it would be another one's.
 * False where it begins with none. */
static bool
add_setting_place(struct buf *out, const struct account *a, const char *line)
{
	const struct option_row *row =
	    option_find(span_bytes(line, strcspn(line, " \t")));
	struct origin from;

	if (a == NULL || a->file == NULL || row == NULL)
		return false;
	from = option_origin(a, row);
	add_path(out, from.line > 0 ? from.file : a->file);
	if (from.line > 0)
		buf_printf(out, ":%d  ", from.line);
	else
		buf_printf(out, ", in account %s:  ", account_label(a));
	return true;
}

static void
add_said(struct buf *out, const struct outcome *o, const char *before, const char *after)
{
	struct span text = span_of(o->text), line = { "", 0 };

	do {
		(void)span_cut(&text, '\n', &line);
		buf_printf(out, "%ssaid: %d %.*s%s", before, o->code, (int)line.n, line.p,
		    after);
	} while (text.n > 0);
}

/* On one line, for logs and mails, which show few. */
static void
add_short(struct buf *out, const struct context *c, const struct outcome *o)
{
	add_place(out, c, o);
	outcome_words(o, c->address, out);
	if (outcome_is_said(o))
		add_said(out, o, "; ", "");
	if (*o->note != '\0')
		buf_printf(out, "; note: %s", o->note);
	buf_printf(out, " [%s]\n", outcome_name(o));
}

static void
add_long(struct buf *out, const struct context *c, const struct outcome *o)
{
	add_place(out, c, o);
	outcome_sentence(o, c->address, out);
	buf_printf(out, " [%s]\n", outcome_name(o));
	if (outcome_is_said(o))
		add_said(out, o, "  ", "\n");
	if (outcome_seen(o) != NULL)
		buf_printf(out, "  seen: %s\n", outcome_seen(o));
	if (*o->note != '\0')
		buf_printf(out, "  note: %s\n", o->note);
}

/* What to do; a line of settings is offered alone, where words lead up to it, or goes
 * before them. */
static void
add_fix(struct buf *out, const struct context *c, const struct outcome *o)
{
	const char *hint = outcome_hint(o), *words = hint != NULL ? hint : "";
	const bool leads = *words != '\0' && words[strlen(words) - 1] == ':';
	const char *line = *o->setting != '\0' && !leads ? o->setting : words;

	if (*line == '\0')
		return;
	buf_puts(out, "  fix:  ");
	if (!add_setting_place(out, c->account, line) && leads)
		(void)add_setting_place(out, c->account, o->setting);
	buf_puts(out, line);
	if (line != words && *words != '\0')
		buf_printf(out, "    (%s)", words);
	if (leads && *o->setting != '\0')
		buf_printf(out, "\n%s", o->setting);
	buf_puts(out, "\n");
}

static void
print_failure(
    const struct invocation *v, const struct context *c, const struct outcome *o)
{
	struct buf out;

	buf_init(&out, WORDS_MAX);
	if (isatty(STDERR_FILENO) && !v->errors_by_mail)
		add_long(&out, c, o);
	else
		add_short(&out, c, o);
	add_fix(&out, c, o);
	make_printable(out.data, out.len, '\n');
	(void)fputs(out.data, stderr);
	buf_free(&out);
}

/* Nobody sees what the programs that call sendmail get on standard error. */
static void
log_failure(const struct invocation *v, const struct context *c, const struct outcome *o)
{
	struct buf words;

	if (!v->as_sendmail || v->job != JOB_SEND)
		return;
	buf_init(&words, WORDS_MAX);
	add_place(&words, c, o);
	outcome_words(o, c->address, &words);
	buf_printf(&words, " [%s]", outcome_name(o));
	make_printable(words.data, words.len, ' ');
	log_to_syslog(v->program, LOG_MAIL, false, words.data);
	buf_free(&words);
}

int
report_failure(const struct invocation *v, const struct outcome *o)
{
	return report_trouble(v, NULL, o);
}

int
report_trouble(
    const struct invocation *v, const struct account *a, const struct outcome *o)
{
	const struct context c = { .program = v->program, .account = a };

	if (!v->quiet || o->cause == CAUSE_USAGE || o->cause == CAUSE_FORBIDDEN)
		print_failure(v, &c, o);
	log_failure(v, &c, o);
	return outcome_sysexit(o);
}

void
report_misgiving(const struct invocation *v, const struct outcome *o)
{
	const struct context c = { .program = v->program, .is_warning = true };

	if (!v->quiet)
		print_failure(v, &c, o);
}

void
report_warning(const struct invocation *v, const char *words)
{
	char *text;

	if (v->quiet)
		return;
	text = mem_dup(words);
	make_printable(text, strlen(text), ' '); /* it may name what others named */
	(void)fprintf(stderr, "%s: warning: %s\n", v->program, text);
	free(text);
}

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
		const struct context c = { v->program, a, address_of(a, e, &e->rcpt[i]),
			false };

		if (outcome_verdict(o) == VERDICT_DONE || (!own && told))
			continue;
		print_failure(v, &c, o);
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
report_tried(const struct invocation *v, const struct account *a,
    const struct envelope *e, const struct source *m)
{
	write_log(v, a, e, m);
}

/* Arrows as with msmtp: to the server, and from it. */
static const char *
mark_for(char who)
{
	return who == 'C' ? "-->" : who == 'S' ? "<--" : "*";
}

static void
print_dialogue(void *arg, char who, struct span line)
{
	const struct invocation *v = arg;
	char *text = span_dup(line);

	if (v->detailed)
		(void)printf("%6lld ms  ", (long long)(clock_now() - v->began));
	make_printable(text, line.n, ' ');
	(void)printf("%s %s\n", mark_for(who), text);
	(void)fflush(stdout);
	free(text);
}

void
report_note(const struct invocation *v, const char *words)
{
	if (v->verbose)
		print_dialogue((void *)(uintptr_t)v, '*', span_of(words));
}

static void
print_stage(void *arg, enum stage stage)
{
	static const char *const names[STAGE_LAST] = {
		[STAGE_LOCAL] = "stage: none",
		[STAGE_CONNECT] = "stage: connection",
		[STAGE_GREETING] = "stage: greeting",
		[STAGE_HELLO] = "stage: hello",
		[STAGE_TLS] = "stage: TLS",
		[STAGE_AUTH] = "stage: sign-in",
		[STAGE_MAIL] = "stage: sender",
		[STAGE_RCPT] = "stage: recipients",
		[STAGE_DATA] = "stage: message",
		[STAGE_FINAL] = "stage: end",
		[STAGE_QUEUE] = "stage: queue",
	};

	print_dialogue(arg, '*', span_of(names[stage]));
}

static void
print_warning(void *arg, const char *words)
{
	report_warning(arg, words);
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

struct observer
report_observer(const struct invocation *v)
{
	return (struct observer){
		.said = v->verbose ? print_dialogue : NULL,
		.reached = v->verbose ? print_stage : NULL,
		.curious = v->detailed,
		.warn = print_warning,
		.arg = (void *)(uintptr_t)v,
	};
}
