/* SPDX-License-Identifier: ISC
 *
 * expect.h - what a mail is expected to be, for those who test programs that send mail
 *
 * Words like KEY=VALUE or KEY~VALUE, with blanks between, all of which have to be true of
 * one mail. '=' is the same but for capitals (of ASCII), '~' stands for "has it in it".
 * Values with blanks in them stand between double quotes. Keys:
 *
 *	from	the sender of the envelope
 *	to	one of its recipients
 *	user	whom the client has signed in as
 *	subject	as readers see it
 *	text	the whole message, with text decoded
 */
#ifndef SERVE_EXPECT_H
#define SERVE_EXPECT_H

#include <stdbool.h>

#include "base/outcome.h"
#include "relay/catch.h"

/* Whether it is one; fails with CAUSE_USAGE. */
bool expect_validate(const char *text, struct outcome *o);

#define EXPECT_WORDS_MAX 400

/* How near a mail came to what was expected. */
struct expect_miss {
	int right;                    /* so many conditions are true */
	char words[EXPECT_WORDS_MAX]; /* the first that isn't, and what is so instead */
};

/* Whether the mail is as expected, which expect_validate() has let pass; else *miss says
 * why not. */
bool expect_is_met(const char *text, struct caught *c, struct expect_miss *miss);

#endif
