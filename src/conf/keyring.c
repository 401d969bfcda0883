/* SPDX-License-Identifier: ISC */
#include "conf/keyring.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/mem.h"

#define TOOL "secret-tool"
#define LIMIT_MS 25000
#define WORDS_MAX (64 * 1024)
#define WORDS_SHOWN 200

enum answer { ANSWER_FOUND, ANSWER_NONE, ANSWER_FAILED };

/* Without a session bus there is nobody to ask, and secret-tool might try to start one.
 */
static bool
has_session_bus(void)
{
	const char *address = secure_getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
	char *bus;
	bool found;

	if (address != NULL && *address != '\0')
		return true;
	if (runtime == NULL || *runtime == '\0')
		return false;
	bus = mem_printf("%s/bus", runtime);
	found = access(bus, F_OK) == 0;
	free(bus);
	return found;
}

/* secret-tool ends with 1 and no word where the keyring has nothing of the kind. */
static enum answer
judge(int status, const struct buf *out, const struct buf *words, struct buf *why)
{
	struct span said = span_trim(buf_span(words));

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && out->len > 0)
		return ANSWER_FOUND;
	if (WIFEXITED(status) && WEXITSTATUS(status) <= 1 && said.n == 0)
		return ANSWER_NONE;
	if (said.n > 0)
		buf_printf(why, "the keyring can't be asked (" TOOL ": %.*s)",
		    span_shown(said, WORDS_SHOWN), said.p);
	else
		buf_printf(why, "the keyring can't be asked (" TOOL " ended with %s %d)",
		    WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return ANSWER_FAILED;
}

/* A line end is none of the password: what was put there with echo(1) has one. */
static void
take_first_line(struct span all, struct secret *password)
{
	struct span line = { "", 0 };

	(void)span_cut(&all, '\n', &line);
	secret_set(password, line);
}

static enum answer
ask(const char *const *argv, int64_t deadline, struct secret *password, struct buf *why)
{
	enum answer answer = ANSWER_FAILED;
	struct buf out, words;
	struct outcome o;
	int status;

	buf_init(&out, SECRET_MAX);
	buf_reserve(&out, SECRET_MAX);
	buf_init(&words, WORDS_MAX);
	if (command_execute(argv, deadline, &out, &words, &status, CAUSE_PASSWORD, &o))
		answer = judge(status, &out, &words, why);
	else
		buf_printf(why, "the keyring can't be asked (%s)", o.text);
	if (answer == ANSWER_FOUND)
		take_first_line(buf_span(&out), password);
	buf_free_secret(&out);
	buf_free(&words);
	return answer;
}

bool
keyring_find(const char *host, const char *user, struct secret *password, struct buf *why)
{
	const char *const now[] = { TOOL, "lookup", "host", host, "service", "smtp",
		"user", user, NULL };
	const char *const once[] = { TOOL, "lookup", "user", user, "protocol", "smtp",
		"server", host, NULL };
	int64_t deadline = clock_in(LIMIT_MS);
	enum answer answer;

	if (!has_session_bus()) {
		buf_puts(why, "there is no keyring (no D-Bus session)");
		return false;
	}
	if (!command_exists(TOOL)) {
		buf_puts(why, "the keyring can't be asked (" TOOL " isn't installed)");
		return false;
	}
	answer = ask(now, deadline, password, why);
	if (answer == ANSWER_NONE)
		answer = ask(once, deadline, password, why);
	if (answer == ANSWER_NONE)
		buf_puts(why, "the keyring has none");
	return answer == ANSWER_FOUND;
}
