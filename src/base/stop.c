/* SPDX-License-Identifier: ISC */
#include "base/stop.h"

static volatile sig_atomic_t asked;

static const int signals[STOP_SIGNALS] = { SIGTERM, SIGINT, SIGCHLD };

static void
on_signal(int signal)
{
	if (signal != SIGCHLD)
		asked = 1;
}

void
stop_catch(struct stop *s)
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t held;

	asked = 0;
	(void)sigemptyset(&held);
	for (size_t i = 0; i < STOP_SIGNALS; i++) {
		(void)sigaddset(&held, signals[i]);
		(void)sigaction(signals[i], &action, &s->old[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &held, &s->before);
	s->mask = s->before;
	for (size_t i = 0; i < STOP_SIGNALS; i++)
		(void)sigdelset(&s->mask, signals[i]);
}

void
stop_release(const struct stop *s)
{
	for (size_t i = 0; i < STOP_SIGNALS; i++)
		(void)sigaction(signals[i], &s->old[i], NULL);
	(void)sigprocmask(SIG_SETMASK, &s->before, NULL);
}

bool
stop_is_asked(void)
{
	return asked != 0;
}
