/* SPDX-License-Identifier: ISC
 *
 * inherit.h - descriptors that whoever has started us has opened for us, as systemd does
 */
#ifndef BASE_INHERIT_H
#define BASE_INHERIT_H

#define INHERIT_FIRST 3

/* How many there are, from INHERIT_FIRST on (sd_listen_fds(3)). They are ours alone: what
 * we run doesn't get them, and a child that we have forked isn't told of them. */
int inherit_count(void);

/* In a child that is to have them in place of its parent, which has asked for their
 * number before: so that no other child, and nothing that it runs, has them, too. */
void inherit_claim(void);

#endif
