/* SPDX-License-Identifier: ISC */
#include "queue/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* So many mails are worth another connection from the start. */
#define MAILS_A_LANE 128

/* Else another one is opened where what is left would take longer than this. */
#define PATIENCE 1000 /* milliseconds */

static char *
copy(const char *s)
{
	return s != NULL ? mem_dup(s) : NULL;
}

void
group_init(struct group *g, const struct ticket *t, bool is_alone)
{
	*g = (struct group){ .ticket = *t, .is_alone = is_alone };
	g->ticket.account = copy(t->account);
	g->ticket.config = copy(t->config);
	g->ticket.submitter = NULL; /* there are many in a group */
	g->has_agent = agent_find(&g->agent, &g->ticket, &g->why);
}

void
group_free(struct group *g)
{
	free(g->ticket.account);
	free(g->ticket.config);
	agent_free(&g->agent);
	free(g->id);
	work_free(g->work);
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
group_is_for(const struct group *g, const struct ticket *t, bool is_alone)
{
	return is_same(g->ticket.account, t->account) &&
	       is_same(g->ticket.config, t->config) && g->ticket.uid == t->uid &&
	       g->is_alone == is_alone;
}

void
group_add(struct group *g, const char *id)
{
	g->id = mem_room(g->id, g->n, sizeof *g->id);
	memcpy(g->id[g->n++], id, ENTRY_ID_SIZE);
}

/* The list moves to where the lanes see it. */
static void
share_work(struct group *g)
{
	g->work = work_new(g->n);
	for (size_t i = 0; i < g->n; i++)
		memcpy(g->work->item[i].id, g->id[i], ENTRY_ID_SIZE);
	free(g->id);
	g->id = NULL;
}

/* Milliseconds that the rest will take, at the pace so far. */
static int64_t
time_left(const struct group *g)
{
	size_t settled = atomic_load(&g->work->settled);

	if (g->since == 0 || settled >= g->n)
		return 0;
	if (settled == g->settled)
		return clock_now() - g->since;
	return (clock_now() - g->since) * (int64_t)(g->n - settled) /
	       (int64_t)(settled - g->settled);
}

void
group_watch(struct group *g)
{
	if (g->since != 0 || g->work == NULL || !atomic_load(&g->work->works))
		return;
	g->since = clock_now();
	g->settled = atomic_load(&g->work->settled);
}

bool
group_wants_lane(const struct group *g)
{
	if (g->work == NULL)
		return true;
	if (!atomic_load(&g->work->works) || atomic_load(&g->work->stop) ||
	    atomic_load(&g->work->next) >= g->n ||
	    g->started >= (unsigned)g->agent.account->queue_lanes ||
	    g->started == LANES_MAX)
		return false;
	return g->started < 1 + g->n / MAILS_A_LANE || time_left(g) > PATIENCE;
}

bool
group_start_lane(struct group *g, struct lane_task task)
{
	pid_t pid;

	if (g->work == NULL)
		share_work(g);
	task.work = g->work;
	task.number = g->started;
	task.ticket = &g->ticket;
	pid = lane_start(&task);
	if (pid < 0)
		return false;
	g->lane[g->started++] = pid;
	g->running++;
	return true;
}

bool
group_reap(struct group *g, pid_t pid, unsigned *number)
{
	for (unsigned i = 0; i < g->started; i++)
		if (g->lane[i] == pid) {
			g->lane[i] = 0;
			*number = i;
			g->running--;
			return true;
		}
	return false;
}

const struct work_report *
group_trouble(const struct group *g)
{
	const struct work_report *gravest = NULL;

	for (unsigned i = 0; i < g->started; i++) {
		const struct work_report *r = &g->work->report[i];

		if (r->trouble > (gravest != NULL ? gravest->trouble : TROUBLE_SESSION))
			gravest = r;
	}
	if (gravest != NULL && gravest->trouble == TROUBLE_ACCOUNT &&
	    atomic_load(&g->work->works))
		return NULL;
	return gravest;
}
