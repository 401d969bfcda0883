/* SPDX-License-Identifier: ISC
 *
 * child.h - a child process that doesn't outlive us
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <sys/types.h>

/* As fork(2), but the child gets this signal when we end, however that comes about: who
 * holds a pipe or a terminal would else keep it from others. */
pid_t child_fork(int signal);

/* Kills a child that may still run, and waits for its end; the status is that of
 * waitpid(2). */
int child_kill(pid_t pid);

#endif
