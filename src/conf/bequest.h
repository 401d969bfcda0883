/* SPDX-License-Identifier: ISC
 *
 * bequest.h - what an account has from the one whose routes lead to it
 */
#ifndef CONF_BEQUEST_H
#define CONF_BEQUEST_H

#include "conf/config.h"

/* Gives the accounts that the routes of this account of the config lead to its queue,
 * unless they say `queue` themselves: part of a mail would else be lost where the other
 * is kept. The system's accounts have nothing from the user's, nor these from those. */
void bequeath_queue(struct config *c, const struct account *from);

/* The same for all accounts. */
void bequeath_queues(struct config *c);

#endif
