/* SPDX-License-Identifier: ISC
 *
 * lookup.h - asking what may take its time, without being held up
 *
 * The resolver of the C library honours everything that an administrator can set up for
 * names, but knows no deadline. So a child process asks it, and writes the answer into a
 * pipe that can be polled together with everything else, or given up.
 */
#ifndef NET_LOOKUP_H
#define NET_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct lookup {
	pid_t pid; /* 0: none */
	int fd;    /* readable when the answer is there; -1: none */
};

/* Begins a look-up: ask() runs in the child, may block, and fills the `size` zeroed bytes
 * at `answer`, which hold no pointers. False, and errno, where there is no process to be
 * had. */
bool lookup_begin(struct lookup *l, void (*ask)(const void *question, void *answer),
    const void *question, size_t size);

/* Takes the answer of that size, once `fd` is readable, and ends the look-up. False where
 * the child had none to give. */
bool lookup_end(struct lookup *l, void *answer, size_t size);

/* Ends a look-up early; fine on one that has ended or was never begun. */
void lookup_cancel(struct lookup *l);

/* All of these for who has nothing else to wait for. False with errno, ETIMEDOUT at the
 * deadline. */
bool lookup_ask(void (*ask)(const void *question, void *answer), const void *question,
    void *answer, size_t size, int64_t deadline);

#endif
