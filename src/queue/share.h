/* SPDX-License-Identifier: ISC
 *
 * share.h - how much of a queue is of one of those whose mail it holds
 */
#ifndef QUEUE_SHARE_H
#define QUEUE_SHARE_H

#include <stdint.h>

#include "queue/spool.h"

/* The bytes of all mails that wait, or are held, whose ticket has this submitter. Each
 * mail's label is read for it. */
uint64_t share_of(struct spool *s, const char *submitter);

#endif
