/* SPDX-License-Identifier: ISC
 *
 * pair.h - two descriptors as a carrier: standard input and output, whatever they are
 *
 * They are shared with whoever has started us, so they stay as they are: blocking,
 * mostly.
 */
#ifndef NET_PAIR_H
#define NET_PAIR_H

#include "net/stream.h"

struct pair {
	int in;
	int out;
};

/* `self` is a struct pair *, which outlives the stream. Closing closes neither. */
extern const struct carrier pair_carrier;

#endif
