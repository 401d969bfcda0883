/* SPDX-License-Identifier: ISC */
#include "queue/turn.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

#define MOMENT 1000 /* milliseconds that who was asked to end has before others are */

void
turns_init(struct turns *t, size_t most)
{
	*t = (struct turns){ .most = most, .time = TURN_TIME, .grace = TURN_GRACE };
}

void
turns_free(struct turns *t)
{
	free(t->v);
	turns_init(t, 0);
}

struct turn *
turns_find(const struct turns *t, uid_t user)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].user == user)
			return &t->v[i];
	return NULL;
}

struct turn *
turns_add(struct turns *t, uid_t user)
{
	t->v = mem_room(t->v, t->n, sizeof *t->v);
	t->v[t->n] = (struct turn){ .user = user };
	return &t->v[t->n++];
}

void
turns_begin(struct turns *t, struct turn *turn, pid_t pid)
{
	turn->again = clock_in(TURN_PAUSE * 1000);
	turn->until = clock_in(t->time);
	turn->is_asked = turn->is_cut = false;
	if (pid > 0) {
		turn->pid = pid;
		t->running++;
	}
}

static void
note_failure(struct turn *turn)
{
	if (turn->failures < TURN_DOUBLED_MAX)
		turn->failures++;
	turn->again = clock_in((TURN_PAUSE * 1000) << turn->failures);
}

struct turn *
turns_end(struct turns *t, pid_t pid, int status)
{
	for (size_t i = 0; i < t->n; i++) {
		struct turn *turn = &t->v[i];

		if (turn->pid != pid)
			continue;
		turn->pid = 0;
		t->running--;
		turn->is_cut = turn->is_asked && status == 0;
		if (status == 0)
			turn->failures = 0;
		else
			note_failure(turn);
		return turn;
	}
	return NULL;
}

/* Whose time is over first. */
static struct turn *
first(const struct turns *t)
{
	struct turn *found = NULL;

	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].pid > 0 && (found == NULL || t->v[i].until < found->until))
			found = &t->v[i];
	return found;
}

static void
press(struct turns *t, struct turn *turn)
{
	(void)kill(turn->pid, turn->is_asked ? SIGKILL : SIGTERM);
	turn->until = clock_in(t->grace);
	turn->is_asked = true;
	t->pressed = clock_in(MOMENT);
}

int64_t
turns_press(struct turns *t)
{
	struct turn *turn = first(t);

	if (turn != NULL && clock_left(turn->until) == 0 && clock_left(t->pressed) == 0) {
		press(t, turn);
		turn = first(t);
	}
	if (turn == NULL)
		return INT64_MAX;
	return turn->until > t->pressed ? turn->until : t->pressed;
}

int64_t
turns_next(const struct turns *t)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].pid == 0)
			next = clock_first(next, t->v[i].again);
	return next;
}

struct turn *
turns_cut(const struct turns *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].is_cut)
			return &t->v[i];
	return NULL;
}

void
turns_stop(const struct turns *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].pid > 0)
			(void)kill(t->v[i].pid, SIGTERM);
}
