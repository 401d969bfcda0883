/* SPDX-License-Identifier: ISC */
#include "cmd/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cmd/job.h"
#include "conf/home.h"
#include "conf/option.h"

#define WORDS_MAX (64 * 1024)

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

/* How a command is written is told for each job. */
static const char *
hint_for(const struct invocation *v, const struct outcome *o)
{
	const bool is_unsaid = o->cause == CAUSE_USAGE && o->hint == NULL;
	const char *manual = is_unsaid ? job_manual(v) : NULL;

	return manual != NULL ? manual : outcome_hint(o);
}

/* What to do; a line of settings is offered alone, where words lead up to it, or goes
 * before them. */
static void
add_fix(
    struct buf *out, const struct context *c, const struct outcome *o, const char *hint)
{
	const char *words = hint != NULL ? hint : "";
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
	add_fix(&out, c, o, hint_for(v, o));
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
report_outcome(const struct invocation *v, const struct account *a, const char *address,
    const struct outcome *o)
{
	const struct context c = { v->program, a, address, false };

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
