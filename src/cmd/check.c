/* SPDX-License-Identifier: ISC
 *
 * check.c - the doctor's findings, for people and for programs
 */
#include "probe/check.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/json.h"
#include "cmd/job.h"
#include "cmd/keep.h"
#include "cmd/report.h"

#define JSON_MAX (1024 * 1024)

/* Where an account is looked for, in this order. */
static const struct {
	enum choice_by by;
	const char *words;
} orders[] = {
	{ CHOICE_COMMAND_LINE, "--host" },
	{ CHOICE_VARIABLES, "MAILCHUTE_HOST" },
	{ CHOICE_NAME, "--account" },
	{ CHOICE_SENDER, "the sender's account" },
	{ CHOICE_DEFAULT, "the default account" },
	{ CHOICE_ENVIRONMENT, "SMTPSERVER" },
	{ CHOICE_SERVICE, "the service of this machine" },
};

static void
print_order(enum choice_by by)
{
	(void)printf("chosen as the first that there is of");
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
		(void)printf(orders[i].by == by ? "%s [%s]" : "%s %s", i > 0 ? "," : ":",
		    orders[i].words);
	(void)printf("\n");
}

static size_t
count(const struct checkup *c, enum finding_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->v[i].state == state;
	return n;
}

static void
print_findings(const struct checkup *c, const struct account *a, enum choice_by by)
{
	const size_t warnings = count(c, FINDING_WARN), failures = count(c, FINDING_FAIL);

	(void)printf("account %s%s%s\n", account_label(a),
	    a->file != NULL ? " from " : "", a->file != NULL ? a->file : "");
	print_order(by);
	for (size_t i = 0; i < c->n; i++) {
		const struct finding *f = &c->v[i];

		(void)printf(" %-5s %-10s %s", finding_word(f->state), f->what, f->text);
		if (f->ms >= 0)
			(void)printf("  (%d ms)", f->ms);
		(void)printf("\n");
	}
	(void)printf("%zu ok, %zu warning%s, %zu failure%s. Nothing was sent.",
	    count(c, FINDING_OK), warnings, warnings == 1 ? "" : "s", failures,
	    failures == 1 ? "" : "s");
	if (c->why.cause == CAUSE_NONE && c->recipient != NULL)
		(void)printf(" To send one: mailchute --test %s", c->recipient);
	(void)printf("\n");
}

static void
add_failure(struct json *j, const struct outcome *o)
{
	struct buf words;

	buf_init(&words, JSON_MAX);
	outcome_words(o, NULL, &words);
	json_open(j, "failure", '{');
	json_text(j, "code", outcome_name(o));
	json_text(j, "text", words.data);
	json_text(j, "fix", outcome_hint(o));
	json_text(j, "setting", *o->setting != '\0' ? o->setting : NULL);
	json_number(j, "reply", o->code);
	json_text(j, "said", outcome_is_said(o) ? o->text : NULL);
	json_text(j, "status", o->status);
	json_close(j, '}');
	buf_free(&words);
}

static void
print_json(const struct checkup *c, const struct account *a)
{
	struct buf out;
	struct json j = { .out = &out };

	buf_init(&out, JSON_MAX);
	json_open(&j, NULL, '{');
	json_text(&j, "account", account_label(a));
	json_text(&j, "file", a->file);
	json_number(&j, "exit", outcome_sysexit(&c->why));
	json_open(&j, "findings", '[');
	for (size_t i = 0; i < c->n; i++) {
		json_open(&j, NULL, '{');
		json_text(&j, "state", finding_word(c->v[i].state));
		json_text(&j, "what", c->v[i].what);
		json_text(&j, "text", c->v[i].text);
		if (c->v[i].ms >= 0)
			json_number(&j, "ms", c->v[i].ms);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	if (c->why.cause != CAUSE_NONE)
		add_failure(&j, &c->why);
	json_close(&j, '}');
	(void)printf("%s\n", out.data);
	buf_free(&out);
}

static int
check(const struct invocation *v, const struct config *config,
    const struct choice_made *made)
{
	struct account *a = made->account;
	const struct observer observer = report_observer(v);
	struct checkup c = { .recipient = v->to, .observer = &observer };
	int status = EX_OK;

	(void)checkup_run(&c, config, a);
	if (v->json)
		print_json(&c, a);
	else
		print_findings(&c, a, made->by);
	(void)fflush(stdout); /* so that the two streams tell it in this order */
	if (c.why.cause != CAUSE_NONE)
		status = report_trouble(v, a, &c.why);
	checkup_free(&c);
	if (status == EX_OK)
		keep_release(v, config, made->by, a);
	return status;
}

int
job_check(const struct invocation *v)
{
	return job_with_account(v, check);
}
