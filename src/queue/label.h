/* SPDX-License-Identifier: ISC
 *
 * label.h - what stands on a queued mail: its envelope, and where it came from
 *
 * Lines "KEY VALUE", which end with LF. Those before the first "to" are about the mail,
 * those behind one are about this recipient. No value holds a control character, and a
 * key that isn't known makes the file none of ours.
 *
 *	account NAME     config PATH, "environment" or "system"     submitter NAME
 *	uid N            created SECONDS
 *	lines N          longest N        8bit body or header
 *	sender ADDRESS   envid ID         ret N      notify N      wished yes
 *	to ADDRESS       orcpt ADDRESS    notify N
 *
 * The numbers of ret and notify are those of the enums in envelope.h.
 */
#ifndef QUEUE_LABEL_H
#define QUEUE_LABEL_H

#include <stdbool.h>

#include "base/buf.h"
#include "queue/entry.h"

/* Appends the lines; of the message, its figures. False where a value can't stand in a
 * line. */
bool label_write(struct buf *out, const struct ticket *t, const struct envelope *e,
    const struct source *m);

/* Reads them into the entry: ticket, envelope, and the figures of the source. False where
 * they are none, or not all. */
bool label_read(struct entry *e, struct span text);

#endif
