/* SPDX-License-Identifier: ISC
 *
 * explain.c - what a message means, in more words
 */
#include "base/explain.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/near.h"
#include "cmd/job.h"
#include "cmd/report.h"

#define LINE_MAX_SHOWN 78

static void
print_wrapped(const char *text)
{
	struct span rest = span_of(text), word;
	size_t column = 0;

	while (span_cut(&rest, ' ', &word)) {
		const bool fits = column + 1 + word.n <= LINE_MAX_SHOWN;

		(void)printf("%s%.*s",
		    column == 0 ? "    "
		    : fits      ? " "
				: "\n    ",
		    (int)word.n, word.p);
		column = column != 0 && fits ? column + 1 + word.n : 4 + word.n;
	}
	(void)printf("\n");
}

/* What is done about it by whoever keeps a mail. */
static const char *
next_move(const struct outcome *o)
{
	switch (outcome_verdict(o)) {
	case VERDICT_RETRY:
		return "a later try may succeed";
	case VERDICT_REJECT:
		return "no later try will succeed";
	case VERDICT_HOLD:
		return "no try will succeed before something is changed";
	case VERDICT_DONE:
		break;
	}
	return "all is done";
}

static void
print_cause(enum cause cause)
{
	struct outcome o;

	(void)outcome_fail(&o, cause, "%s", "");
	(void)printf("%s\n", cause_name(cause));
	print_wrapped(explain(cause));
	if (outcome_hint(&o) != NULL)
		(void)printf("fix:  %s\n", outcome_hint(&o));
	(void)printf("exit status %d: %s\n", outcome_sysexit(&o), next_move(&o));
}

/* For the manual, which has the statuses elsewhere. */
static void
print_all(void)
{
	for (int cause = CAUSE_NONE + 1; cause < CAUSE_LAST; cause++) {
		(void)printf("%s\n", cause_name((enum cause)cause));
		print_wrapped(explain((enum cause)cause));
	}
}

/* The name in a whole message stands in its last brackets. */
static struct span
name_in(const char *text)
{
	const char *open = strrchr(text, '[');

	return open != NULL ? span_bytes(open + 1, strcspn(open + 1, "]"))
			    : span_trim(span_of(text));
}

static bool
unknown(struct span name, struct outcome *o)
{
	struct near near = near_start(name);

	for (int cause = 0; cause < CAUSE_LAST; cause++)
		near_try(&near, cause_name((enum cause)cause));
	return outcome_fail(o, CAUSE_USAGE,
	    "there is no \"%.*s\" to explain; %s%s, or all for the whole list",
	    (int)(name.n < 100 ? name.n : 100), name.p,
	    near.best != NULL ? "did you mean " : "give a name from the end of a message",
	    near.best != NULL ? near.best : "");
}

int
job_explain(const struct invocation *v)
{
	struct span name = name_in(v->argument);
	enum cause cause = cause_find(name);
	struct outcome o;

	if (cause != CAUSE_LAST) {
		print_cause(cause);
		return EX_OK;
	}
	if (span_is_nocase(name, "all")) {
		print_all();
		return EX_OK;
	}
	(void)unknown(name, &o);
	return report_failure(v, &o);
}
