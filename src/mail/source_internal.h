/* SPDX-License-Identifier: ISC
 *
 * source_internal.h - what source.c shares with source_file.c, which has the temporary
 * file of a message that is too long for memory, and with nobody else
 */
#ifndef MAIL_SOURCE_INTERNAL_H
#define MAIL_SOURCE_INTERNAL_H

#include "mail/source.h"

/* Moves to the file what is held in memory; makes the file where there is none yet. Fails
 * with CAUSE_STORE. */
bool source_spill(struct source *s, struct outcome *o);

/* CAUSE_STORE, with errno and the place of the file. Returns false. */
bool source_fail(const struct source *s, struct outcome *o);

#endif
