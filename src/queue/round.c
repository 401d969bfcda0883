/* SPDX-License-Identifier: ISC */
#include "queue/round.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/privilege.h"
#include "base/stop.h"
#include "queue/hurry.h"
#include "queue/place.h"
#include "queue/state.h"
#include "queue/turn.h"
#include "queue/uplink.h"

#define ASIDE_SIZE 32 /* "foreign-" and a name of an entry */
#define ASIDE_MAX 100 /* lines about what was set aside, for others can make it */
#define PIECE 4096
#define REST 10 /* looking for queues takes at most one part of so many of the time */

struct going {
	const struct round *round;
	struct spool own;    /* our queue */
	struct spool keeper; /* of the state of the accounts: in it */
	int place;
	int watch;     /* the place, and the keeper's folder */
	int network;   /* news of it, see uplink.h */
	bool is_stuck; /* an account waits for its next try */
	struct turns turns;
	unsigned set_aside;
	struct stop stop;
	int status;
};

static void
say(const struct going *g, const char *words)
{
	const struct observer *observer = g->round->observer;

	if (observer != NULL && observer->warn != NULL)
		observer->warn(observer->arg, words);
}

/* As its owner, who alone may, where the place isn't ours: so nobody can have us move
 * what they couldn't. */
static bool
move_aside(struct going *g, const char *name, uid_t owner, const char *aside)
{
	struct outcome ignored;
	bool ok;

	if (owner == getuid())
		return renameat(g->place, name, g->place, aside) == 0;
	ok = privilege_lend(owner, &ignored) &&
	     renameat(g->place, name, g->place, aside) == 0;
	(void)privilege_raise();
	return ok;
}

/* Whoever was here first would keep the user from having a queue for ever. Returns
 * whether what is there now is the user's. */
static bool
clear_way(struct going *g, const char *name, uid_t user)
{
	char aside[ASIDE_SIZE] = "foreign-";
	struct stat st;
	char *words;

	if (fstatat(g->place, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (st.st_uid == user && S_ISDIR(st.st_mode))
		return true;
	entry_new_id(aside + strlen(aside));
	if (!move_aside(g, name, st.st_uid, aside))
		return false;
	if (g->set_aside++ >= ASIDE_MAX)
		return false;
	words =
	    mem_printf("%s/%s was no queue of the user with the id %u, but of the one "
		       "with the id %u: it was set aside as %s/%s",
		g->round->path, name, (unsigned)user, (unsigned)st.st_uid, g->round->path,
		aside);
	say(g, words);
	free(words);
	return false;
}

static int
run_child(const struct going *g, uid_t user, bool again)
{
	const struct round *r = g->round;
	struct outcome o;
	struct spool s;
	int status;
	bool ok;

	spool_init(&s);
	ok = (user == getuid() || privilege_lend(user, &o)) &&
	     spool_open_of(&s, r->path, user, SPOOL_CREATE, &o);
	s.keeper = &g->keeper;
	s.largest = r->largest;
	status = r->run(r->arg, ok ? &s : NULL, again, &o);
	spool_close(&s);
	return status;
}

/* `again`: it was cut short, and goes on. */
static void
start(struct going *g, struct turn *turn, bool again)
{
	pid_t pid = child_fork(SIGTERM);

	if (pid == 0)
		_exit(run_child(g, turn->user, again));
	turns_begin(&g->turns, turn, pid);
}

/* Nobody else would say so. */
static void
say_killed(const struct going *g, const struct turn *turn, int status)
{
	const long long minutes = (clock_left(turn->again) + 59999) / 60000;
	char *words =
	    mem_printf("the run of the queue %s/u%u was killed by signal %d (%s); "
		       "its mail is safe, and tried again in %lld minutes",
		g->round->path, (unsigned)turn->user, WTERMSIG(status),
		strsignal(WTERMSIG(status)), minutes);

	say(g, words);
	free(words);
}

static void
reap(struct going *g)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		const struct turn *turn = turns_end(&g->turns, pid, status);

		if (turn != NULL && WIFSIGNALED(status))
			say_killed(g, turn, status);
		if (turn != NULL && g->status == 0)
			g->status =
			    WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
	}
}

/* Until a child has ended, or one of these can be read. */
static void
wait_for(const struct going *g, struct pollfd *news, size_t n, int64_t until)
{
	const int64_t left = until < INT64_MAX ? clock_left(until) : -1;
	const struct timespec timeout = { left / 1000, left % 1000 * 1000000 };

	(void)ppoll(news, n, left < 0 ? NULL : &timeout, &g->stop.mask);
}

/* Whether a network that comes up would be news to anybody. */
static bool
is_stuck(const struct going *g)
{
	struct state s;
	bool waits;

	state_load(&s, &g->keeper);
	waits = state_waits(&s);
	state_free(&s);
	return waits;
}

/* Until also a user has got a queue, or one is to be run again; and, where an account
 * can't be reached, until the network comes up: then all runs see that it is due. So they
 * do where it came up while they tried. */
static void
wait_for_news(struct going *g)
{
	struct pollfd news[] = { { g->watch, POLLIN, 0 },
		{ g->is_stuck ? g->network : -1, POLLIN, 0 } };
	char piece[PIECE];

	wait_for(g, news, 2, turns_next(&g->turns));
	(void)!read(g->watch, piece, sizeof piece);
	g->is_stuck = is_stuck(g);
	if (uplink_take(g->network) && g->is_stuck)
		hurry_accounts(&g->own, false);
}

/* Until there is room for one more. False: we are to end. */
static bool
wait_for_turn(struct going *g)
{
	for (reap(g); g->turns.running >= g->turns.most; reap(g)) {
		if (stop_is_asked())
			return false;
		wait_for(g, NULL, 0, turns_press(&g->turns));
	}
	return !stop_is_asked();
}

static void
visit_one(struct going *g, uid_t user, const char *name)
{
	struct turn *turn = turns_find(&g->turns, user);

	if (turn != NULL && (turn->pid != 0 || clock_left(turn->again) > 0))
		return;
	if (!clear_way(g, name, user))
		return;
	if (turn == NULL)
		turn = turns_add(&g->turns, user);
	if (wait_for_turn(g))
		start(g, turn, false);
}

static void
visit_all(struct going *g)
{
	int fd = openat(g->place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;
	uid_t user;

	while (dir != NULL && !stop_is_asked() && (d = readdir(dir)) != NULL)
		if (place_is_part(d->d_name, &user))
			visit_one(g, user, d->d_name);
	if (dir != NULL)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
}

/* Those who were cut short go on, once everybody has had a turn. */
static void
visit_again(struct going *g)
{
	struct turn *turn;

	for (reap(g); g->turns.running > 0 || turns_cut(&g->turns) != NULL; reap(g)) {
		if (stop_is_asked())
			return;
		turn = turns_cut(&g->turns);
		if (turn == NULL)
			wait_for(g, NULL, 0, INT64_MAX);
		else if (wait_for_turn(g))
			start(g, turn, true);
	}
}

/* Somebody may make and remove directories there without end. */
static void
stay(struct going *g)
{
	while (!stop_is_asked()) {
		const int64_t begun = clock_now();

		visit_all(g);
		wait_for(g, NULL, 0, clock_in(REST * (clock_now() - begun)));
		reap(g);
		if (!stop_is_asked())
			wait_for_news(g);
		reap(g);
	}
}

/* They finish what is under way. */
static void
end_runners(struct going *g)
{
	bool told = false;

	for (reap(g); g->turns.running > 0; reap(g)) {
		if (stop_is_asked() && !told)
			turns_stop(&g->turns);
		told = stop_is_asked();
		wait_for(g, NULL, 0, INT64_MAX);
	}
}

static bool
begin_to_stay(struct going *g, struct outcome *o)
{
	const uint32_t named = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;

	g->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (g->watch < 0 || inotify_add_watch(g->watch, g->round->path, named) < 0 ||
	    inotify_add_watch(g->watch, g->keeper.path, IN_MOVED_TO | IN_ONLYDIR) < 0)
		return outcome_fail(o, CAUSE_SYSTEM, "%s can't be watched: %s",
		    g->round->path, strerror(errno));
	g->network = uplink_open();
	if (g->network < 0)
		say(g, UPLINK_NONE);
	g->is_stuck = is_stuck(g);
	return true;
}

/* The folder lies in our own queue: nobody else could have made it. */
static bool
begin(struct going *g, struct outcome *o)
{
	char own[PLACE_PART_SIZE];

	place_name_part(own, geteuid());
	privilege_keep();
	g->place = open(g->round->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (g->place >= 0)
		(void)clear_way(g, own, geteuid());
	if (!spool_open(&g->own, g->round->path, SPOOL_SHARE, o))
		return false;
	if (g->place < 0) /* it is there only now */
		g->place =
		    open(g->round->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	g->keeper.dir = place_folder(g->own.dir, PLACE_KEEPER, geteuid());
	g->keeper.path = mem_printf("%s/" PLACE_KEEPER, g->own.path);
	if (g->place < 0 || g->keeper.dir < 0)
		return place_trouble(o, g->keeper.path, errno);
	g->own.keeper = &g->keeper;
	return !g->round->stays || begin_to_stay(g, o);
}

static void
run(struct going *g)
{
	if (g->round->stays) {
		stay(g);
	} else {
		visit_all(g);
		visit_again(g);
	}
	end_runners(g);
}

bool
round_run(const struct round *r, int *status, struct outcome *o)
{
	struct going g = { .round = r, .place = -1, .watch = -1, .network = -1 };
	bool ok;

	turns_init(&g.turns, r->stays ? ROUND_STAYING : ROUND_AT_ONCE);
	spool_init(&g.own);
	spool_init(&g.keeper);
	stop_catch(&g.stop);
	ok = begin(&g, o);
	if (ok)
		run(&g);
	stop_release(&g.stop);
	*status = g.status;
	turns_free(&g.turns);
	spool_close(&g.own);
	spool_close(&g.keeper);
	if (g.place >= 0)
		(void)close(g.place);
	if (g.watch >= 0)
		(void)close(g.watch);
	if (g.network >= 0)
		(void)close(g.network);
	return ok;
}
