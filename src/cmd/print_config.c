/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/input.h"
#include "base/utf8.h"
#include "cmd/job.h"
#include "cmd/print_config.h"
#include "cmd/recipients.h"
#include "cmd/report.h"
#include "conf/option.h"
#include "conf/pattern.h"
#include "conf/type.h"
#include "mail/named.h"

#define SHOWN_MAX (64 * 1024)

static void
print_files(const struct config *c)
{
	for (size_t i = 0; i < c->files; i++) {
		const struct config_file *f = c->file[i];
		const char *whose = f->is_system ? "system" : "user";

		if (f->error == 0)
			(void)printf("loaded %s configuration file %s\n", whose, f->path);
		else
			(void)printf("ignoring %s configuration file %s: %s\n", whose,
			    f->path, strerror(f->error));
	}
}

static void
print_choice(const struct choice_made *made)
{
	const struct account *a = made->account;

	switch (made->by) {
	case CHOICE_COMMAND_LINE:
		(void)printf("using account specified on command line\n");
		return;
	case CHOICE_VARIABLES:
		(void)printf("using account specified in environment\n");
		return;
	case CHOICE_ENVIRONMENT:
		(void)printf("falling back to default account\n"
			     "using environment variables EMAIL and SMTPSERVER\n");
		return;
	case CHOICE_SERVICE:
		(void)printf("using the service of this machine that takes mail\n");
		return;
	case CHOICE_SENDER:
		(void)printf("account chosen by envelope from address %s: %s\n",
		    made->sender, a->name);
		break;
	case CHOICE_DEFAULT:
		(void)printf("falling back to default account\n");
		break;
	case CHOICE_NAME:
		break;
	}
	(void)printf("using account %s from %s\n", a->name, a->file);
}

/* A comment tells where the settings below it come from, until the next. */
static void
print_origin(const struct origin *now, const struct origin *before)
{
	if (before->file == now->file && before->line == now->line)
		return;
	if (now->file == NULL)
		(void)printf("# default\n");
	else if (now->line == 0)
		(void)printf("# %s\n", now->file);
	else
		(void)printf("# %s:%d\n", now->file, now->line);
}

static void
print_name(const struct option_row *row)
{
	for (const char *p = row->name; *p != '\0'; p++)
		(void)putchar(*p == '_' && (row->flags & OPTION_SPACED) != 0 ? ' ' : *p);
}

/* A password that a command would print counts as set: it isn't run for this. */
static void
show_value(const struct account *a, const struct option_row *row, struct buf *value)
{
	buf_clear(value);
	option_show(a, row, value);
	if (row->type == &type_secret && value->len == 0 && a->auth != AUTH_OFF &&
	    a->passwordeval != NULL)
		buf_puts(value, "*");
	if (value->len == 0)
		buf_puts(value, "(not set)");
	else if (row->letter == 'f' && strcmp(value->data, "<>") == 0)
		buf_clear(value); /* the null sender is set */
}

static void
print_settings(struct account *a, unsigned without)
{
	struct origin before = { "", -1, false };
	struct buf value;

	a->port = account_port(a);
	a->proxy_port = account_proxy_port(a);
	buf_init(&value, SHOWN_MAX);
	for (size_t i = 0; i < option_count; i++) {
		struct origin now = option_origin(a, &options[i]);

		if ((options[i].flags & without) != 0)
			continue;
		show_value(a, &options[i], &value);
		make_printable(value.data, value.len, ' ');
		print_origin(&now, &before);
		print_name(&options[i]);
		(void)printf(" = %s\n", value.data);
		before = now;
	}
	buf_free(&value);
}

/* Those that the command line names must be good. */
static bool
check_recipients(const struct invocation *v, const struct account *a, struct outcome *o)
{
	struct envelope e = { 0 }, literal = { 0 }, lost = { 0 };
	bool ok = recipients_given(v, &e, &literal, o) &&
		  recipients_expand(v, a, NULL, &e, &literal, &lost, o);

	if (ok && lost.n > 0) {
		*o = lost.rcpt[0].outcome;
		ok = false;
	}
	envelope_free(&e);
	envelope_free(&literal);
	envelope_free(&lost);
	return ok;
}

/* What no setting says. */
static void
print_job(const struct invocation *v)
{
	if (v->rmqs != NULL)
		(void)printf("RMQS argument = %s\n", v->rmqs);
	else if (!v->serverinfo)
		(void)printf("reading recipients from the command line%s\n",
		    v->read_recipients ? " and the mail" : "");
}

void
print_config(
    const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	if (v->read_sender && made->sender != NULL)
		(void)printf(
		    "envelope from address extracted from mail: %s\n", made->sender);
	print_files(c);
	print_choice(made);
	print_settings(made->account, v->serverinfo || v->rmqs != NULL ? OPTION_MAIL : 0);
	print_job(v);
}

/* What a setting may be made of; a person at a terminal isn't asked for it. */
static char *
read_from_header(const struct invocation *v)
{
	struct outcome ignored;
	struct header header;
	struct input input;
	char *from = NULL;

	if (!v->has_input || isatty(STDIN_FILENO))
		return NULL;
	input_init(&input, STDIN_FILENO);
	header_init(&header);
	if (header_read(&header, &input, &ignored))
		from = sender_from_header(&header);
	header_free(&header);
	input_free(&input);
	return from;
}

static bool
choose_for_show(const struct invocation *v, struct config *c, struct choice_made *made,
    struct outcome *o)
{
	char *from = v->read_sender ? read_from_header(v) : NULL;
	bool ok = choose_account(made, v, c, from, o) && account_check(made->account, o);

	if (ok && from == NULL && made->account->from != NULL &&
	    pattern_has(made->account->from, 'F'))
		from = read_from_header(v);
	ok = ok && choose_sender(made, from, o);
	free(from);
	return ok;
}

int
job_print_config(const struct invocation *v)
{
	struct config config = { 0 };
	struct choice_made made = { 0 };
	struct outcome o;
	int status = EX_OK;

	if (choose_for_show(v, &config, &made, &o)) {
		print_config(v, &config, &made);
		if (!check_recipients(v, made.account, &o))
			status = report_failure(v, &o);
	} else {
		status = report_failure(v, &o);
	}
	choice_free(&made);
	config_free(&config);
	return status;
}
