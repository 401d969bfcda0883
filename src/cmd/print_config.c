/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cmd/job.h"
#include "cmd/recipients.h"
#include "cmd/report.h"

#define SHOWN_MAX (64 * 1024)

static void
print_files(const struct invocation *v, const struct config *c, const struct account *a)
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
	if (a->file == NULL)
		(void)printf("using account specified on command line\n");
	else if (v->account == NULL)
		(void)printf("falling back to default account\n");
	if (a->file != NULL)
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

static void
print_settings(struct account *a)
{
	struct origin before = { "", -1, false };
	struct buf value;

	a->port = account_port(a);
	buf_init(&value, SHOWN_MAX);
	for (size_t i = 0; i < option_count; i++) {
		struct origin now = option_origin(a, &options[i]);

		buf_clear(&value);
		option_show(a, &options[i], &value);
		print_origin(&now, &before);
		print_name(&options[i]);
		(void)printf(" = %s\n", value.len > 0 ? value.data : "(not set)");
		before = now;
	}
	buf_free(&value);
}

/* Those that the command line names must be good. */
static bool
check_recipients(const struct invocation *v, const struct account *a, struct outcome *o)
{
	struct envelope e = { 0 }, lost = { 0 };
	bool ok = recipients_given(v, &e, o) && recipients_expand(v, a, &e, &lost, o);

	if (ok && lost.n > 0) {
		*o = lost.rcpt[0].outcome;
		ok = false;
	}
	envelope_free(&e);
	envelope_free(&lost);
	return ok;
}

int
job_print_config(const struct invocation *v)
{
	struct config config = { 0 };
	struct outcome o;
	struct account *a = invocation_account(v, &config, &o);
	int status = EX_OK;

	if (a != NULL && account_check(a, &o)) {
		print_files(v, &config, a);
		print_settings(a);
		(void)printf("reading recipients from the command line%s\n",
		    v->read_recipients ? " and the mail" : "");
		if (!check_recipients(v, a, &o))
			status = report_failure(v, &o);
	} else {
		status = report_failure(v, &o);
	}
	config_free(&config);
	return status;
}
