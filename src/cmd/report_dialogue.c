/* SPDX-License-Identifier: ISC */
#include "cmd/report_dialogue.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "cmd/report.h"

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
report_note(const struct invocation *v, const char *words)
{
	if (v->verbose)
		print_dialogue((void *)(uintptr_t)v, '*', span_of(words));
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
