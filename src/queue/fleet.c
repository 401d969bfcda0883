/* SPDX-License-Identifier: ISC */
#include "queue/fleet.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

unsigned
fleet_size(const struct pick *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->group[i].running;
	return n;
}

static unsigned
allowed(const struct pick *p)
{
	unsigned most = 1;

	for (size_t i = 0; i < p->n; i++) {
		const struct account *a = p->group[i].agent.account;

		if (a != NULL && (unsigned)a->queue_lanes > most)
			most = (unsigned)a->queue_lanes;
	}
	return most;
}

/* A lane for each group that has none, if `first`; else one more where it helps. */
static void
start_lanes(struct pick *p, const struct lane_task *task, bool first)
{
	const unsigned most = allowed(p);
	unsigned running = fleet_size(p);

	for (size_t i = 0; i < p->n; i++) {
		struct group *g = &p->group[i];

		group_watch(g);
		while (running < most && (g->work == NULL) == first &&
		       group_wants_lane(g) && group_start_lane(g, *task))
			running++;
	}
}

/* Where there can be no process more. */
static void
drop_unstarted(struct pick *p)
{
	for (size_t i = p->n; i-- > 0;) {
		const struct group *g = &p->group[i];

		if (g->work == NULL || g->started > 0)
			continue;
		pick_drop(p, i);
		pick_put_off(p);
	}
}

void
fleet_start(struct pick *p, const struct lane_task *task)
{
	start_lanes(p, task, true);
	start_lanes(p, task, false);
	drop_unstarted(p);
}

bool
fleet_may_grow(const struct pick *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct group *g = &p->group[i];

		if (g->work != NULL && atomic_load(&g->work->works) &&
		    atomic_load(&g->work->next) < g->n &&
		    g->started < (unsigned)g->agent.account->queue_lanes)
			return true;
	}
	return false;
}

void
fleet_stop(const struct pick *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (unsigned j = 0; j < p->group[i].started; j++)
			if (p->group[i].lane[j] > 0)
				(void)kill(p->group[i].lane[j], SIGTERM);
}

void
fleet_end(const struct pick *p)
{
	fleet_stop(p);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
}
