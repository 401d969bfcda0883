/* SPDX-License-Identifier: ISC
 *
 * habit.h - the words in which a server says yes to a recipient, and to a message
 *
 * The code is the same, 250, and so an answer too many, in the midst of many that are
 * under way, would go unseen: each would be taken for the answer to the next command. But
 * what stands first behind the code mostly differs, such as 2.1.5 and 2.0.0.
 */
#ifndef SMTP_HABIT_H
#define SMTP_HABIT_H

#include <stdbool.h>

#define HABIT_MAX 32

struct habit {
	char recipient[HABIT_MAX]; /* the first word of such an answer; "": not known */
	char message[HABIT_MAX];
};

/* The first word of an answer, as far as it has room. */
void habit_word(char word[HABIT_MAX], const char *answer);

/* Whether a message was answered in the words for a recipient, for all that is known. */
bool habit_is_broken(const struct habit *h, const char *answer);

#endif
