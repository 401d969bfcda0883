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
#include "cmd/report_dialogue.h"
#include "cmd/ways.h"

#define JSON_MAX (1024 * 1024)
#define WORDS_MAX (64 * 1024)

static void
print_ways(
    const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	struct buf order, passed;

	buf_init(&order, WORDS_MAX);
	buf_init(&passed, WORDS_MAX);
	ways_add_order(&order, made->by);
	ways_add_passed(&passed, v, c, made);
	(void)printf("chosen as the first that there is of: %s\n", order.data);
	if (passed.len > 0)
		(void)printf("passed over: %s\n", passed.data);
	buf_free(&order);
	buf_free(&passed);
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
print_findings(const struct checkup *c)
{
	const size_t warnings = count(c, FINDING_WARN), failures = count(c, FINDING_FAIL);

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
print_account(
    const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	const struct account *a = made->account;

	(void)printf("account %s%s%s\n", account_label(a),
	    a->file != NULL ? " from " : "", a->file != NULL ? a->file : "");
	print_ways(v, c, made);
}

static void
add_ways(struct json *j, const struct invocation *v, const struct config *c,
    const struct choice_made *made)
{
	struct buf passed;

	buf_init(&passed, WORDS_MAX);
	ways_add_passed(&passed, v, c, made);
	json_text(j, "chosen", way_name(made->by));
	json_text(j, "passed_over", passed.len > 0 ? passed.data : NULL);
	buf_free(&passed);
}

static void
print_json(const struct checkup *c, const struct invocation *v,
    const struct config *config, const struct choice_made *made)
{
	const struct account *a = made->account;
	struct buf out;
	struct json j = { .out = &out };

	buf_init(&out, JSON_MAX);
	json_open(&j, NULL, '{');
	json_text(&j, "account", account_label(a));
	json_text(&j, "file", a->file);
	add_ways(&j, v, config, made);
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
	if (v->json) {
		print_json(&c, v, config, made);
	} else {
		print_account(v, config, made);
		print_findings(&c);
	}
	(void)fflush(stdout); /* so that the two streams tell it in this order */
	if (c.why.cause != CAUSE_NONE)
		status = report_trouble(v, c.of, &c.why);
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
