/* SPDX-License-Identifier: ISC
 *
 * worker.h - the processes that serve clients: one client at a time each
 *
 * To begin a process costs more than to take a short mail. So one that is through with
 * its client says so, and waits a moment for another, who comes to it as a descriptor
 * through its channel, a socket. Who has waited in vain ends. One that dies takes with it
 * the client that it has.
 */
#ifndef SERVE_WORKER_H
#define SERVE_WORKER_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "net/listen.h"

/* So many have a channel; more than these serve one client each. */
#define WORKER_CHANNELS_MAX 64

/* For which one waits for its next client. */
#define WORKER_IDLE_MS 2000

struct worker {
	pid_t pid;
	int channel;               /* -1: it gets no other client */
	bool is_busy;              /* it has a client */
	char who[LISTEN_NAME_MAX]; /* that is; as arrival.address, or the user */
};

/* The zero value is nobody. */
struct workers {
	struct worker *v;
	size_t n;
};

/* How many have a client: any, or, where `who` isn't NULL, this one. */
size_t workers_busy(const struct workers *w, const char *who);

/* Hands a client to one that waits; false: nobody does. The caller keeps its descriptor.
 */
bool workers_give(struct workers *w, const struct arrival *a, const char *who);

/* Begins one, for this client. Returns its process, as fork(2): in the child, which has
 * nothing of the others, *channel is for worker_next(), or -1. */
pid_t workers_begin(struct workers *w, const char *who, int *channel);

/* Fills in the channels by which somebody may say that it is through, WORKER_CHANNELS_MAX
 * at most, and returns their number. Once poll(2) has been through them, and before
 * anything else, workers_hear() notes who has. */
size_t workers_watch(const struct workers *w, struct pollfd *p);
void workers_hear(struct workers *w, const struct pollfd *p);

/* Notes who has ended. */
void workers_reap(struct workers *w);

/* Those who are there get no other client: each ends when it is through. */
void workers_dismiss(struct workers *w);

/* Has all of them end: by SIGTERM, and after so many milliseconds by SIGKILL. SIGCHLD is
 * let in by the mask `waiting`. */
void workers_end(struct workers *w, int grace, const sigset_t *waiting);

/* In such a process: says that it is through with its client, and waits for another.
 * False: there is none, and it is to end. */
bool worker_next(int channel, struct arrival *a);

#endif
