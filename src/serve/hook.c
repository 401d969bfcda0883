/* SPDX-License-Identifier: ISC */
#include "serve/hook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/mem.h"

#define OUTPUT_MAX (64 * 1024)
#define LISTS_MAX (4 * 1024 * 1024)

/* What an exit status means to the client. */
static const struct {
	int status;
	int code;
	const char *text;
} meanings[] = {
	{ EX_DATAERR, 554, "5.6.0 the message can't be taken as it is" },
	{ EX_NOUSER, 550, "5.1.1 no such user" },
	{ EX_NOHOST, 550, "5.1.2 no such host" },
	{ EX_UNAVAILABLE, 554, "5.3.0 the message isn't taken" },
	{ EX_CANTCREAT, 452, "4.3.1 the message can't be kept" },
	{ EX_IOERR, 452, "4.3.1 the message can't be kept" },
	{ EX_TEMPFAIL, 451, "4.3.0 not now" },
	{ EX_NOPERM, 550, "5.7.1 the message isn't permitted" },
};

static void
set(const char *name, const char *value)
{
	if (setenv(name, value, 1) != 0)
		mem_exhausted();
}

static void
set_environment(const struct posting *p, const struct source *m)
{
	const struct envelope *e = &p->envelope;
	struct buf recipients, options;
	char *size = mem_printf("%llu", (unsigned long long)m->size);

	buf_init(&recipients, LISTS_MAX);
	buf_init(&options, LISTS_MAX);
	for (size_t i = 0; i < e->n; i++) {
		buf_printf(&recipients, "%s%s", i > 0 ? "\n" : "", e->rcpt[i].address);
		buf_printf(&options, "%s%s", i > 0 ? "\n" : "", p->rcpt_options[i]);
	}
	set("CAUGHT_PEER", p->visitor->address != NULL ? p->visitor->address : "");
	set("CAUGHT_SENDER", e->sender != NULL ? e->sender : "");
	set("CAUGHT_RECIPIENTS", recipients.data);
	set("CAUGHT_MAIL_OPTIONS", p->options != NULL ? p->options : "");
	set("CAUGHT_RCPT_OPTIONS", options.data);
	set("CAUGHT_USER", p->visitor->user != NULL ? p->visitor->user : "");
	set("CAUGHT_SIZE", size);
	buf_free(&recipients);
	buf_free(&options);
	free(size);
}

/* Writes the message, with LF, into a file that the command inherits; -1: it can't be. */
static int
message_file(struct source *m, struct outcome *o)
{
	int fd = memfd_create("message", 0);
	struct span piece = { "", 0 };
	bool ok = fd >= 0;

	source_rewind(m);
	do {
		struct buf lines;

		if (!ok || !source_next(m, &piece, o))
			break;
		buf_init(&lines, piece.n);
		buf_add_without(&lines, piece, '\r');
		ok = fd_write(fd, lines.data, lines.len);
		buf_free(&lines);
	} while (piece.n > 0);
	if (ok && piece.n == 0)
		return fd;
	if (!ok)
		(void)outcome_fail(o, CAUSE_STORE, "%s", strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* A reply at the start of the first line. */
static bool
take_reply(struct span out, int *code, char **text)
{
	struct span line = { "", 0 };

	(void)span_cut(&out, '\n', &line);
	line = span_trim(line);
	if (line.n < 3 || strchr("245", line.p[0]) == NULL || !is_digit(line.p[1]) ||
	    !is_digit(line.p[2]) || (line.n > 3 && line.p[3] != ' '))
		return false;
	*code = (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + line.p[2] - '0';
	*text = span_dup(span_trim(span_bytes(line.p + 3, line.n - 3)));
	return true;
}

static bool
answer(int code, const char *text, struct outcome *o)
{
	if (code >= 400)
		return outcome_reply(o, STAGE_FINAL, code, text);
	outcome_accept(o, STAGE_FINAL, 250, text);
	return true;
}

/* It ended in a way that was hardly meant. */
static bool
answer_odd(int status, struct buf *words, struct outcome *o)
{
	if (WIFEXITED(status))
		buf_printf(words, "it ended with status %d\n", WEXITSTATUS(status));
	else
		buf_printf(words, "signal %d ended it\n", WTERMSIG(status));
	return answer(451, "4.3.0 the command for messages has failed", o);
}

static bool
judge(int status, struct span out, struct buf *words, struct outcome *o)
{
	char *text;
	bool ok;
	int code;

	if (take_reply(out, &code, &text)) {
		ok = answer(code, text, o);
		free(text);
		return ok;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return answer(250, "2.0.0 taken", o);
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (WIFEXITED(status) && WEXITSTATUS(status) == meanings[i].status)
			return answer(meanings[i].code, meanings[i].text, o);
	return answer_odd(status, words, o);
}

bool
hook_run(const char *command, const struct posting *p, struct source *m,
    struct buf *words, struct outcome *o)
{
	struct buf out;
	char *line;
	int fd = message_file(m, o), status;
	bool ok;

	if (fd < 0)
		return false;
	set_environment(p, m);
	line = mem_printf("exec </dev/fd/%d; %s", fd, command);
	buf_init(&out, OUTPUT_MAX);
	ok = command_execute((const char *const[]){ "sh", "-c", line, NULL },
		 clock_in(HOOK_SECONDS * 1000LL), &out, words, &status, CAUSE_CATCH, o) &&
	     judge(status, buf_span(&out), words, o);
	buf_free(&out);
	free(line);
	(void)close(fd);
	return ok;
}
