/* SPDX-License-Identifier: ISC */
#include "smtp/habit.h"

#include <stdio.h>
#include <string.h>

void
habit_word(char word[HABIT_MAX], const char *answer)
{
	(void)snprintf(word, HABIT_MAX, "%.*s", (int)strcspn(answer, " \t\r\n"), answer);
}

bool
habit_is_broken(const struct habit *h, const char *answer)
{
	char word[HABIT_MAX];

	habit_word(word, answer);
	return h->recipient[0] != '\0' && strcmp(h->recipient, h->message) != 0 &&
	       strcmp(word, h->recipient) == 0;
}
