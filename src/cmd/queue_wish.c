/* SPDX-License-Identifier: ISC */
#include "cmd/queue_wish.h"

#include <string.h>

#include "base/span.h"

#define YEAR (366L * 24 * 3600)

static long
unit_seconds(char unit)
{
	static const struct {
		char unit;
		long seconds;
	} units[] = {
		{ 's', 1 },
		{ '\0', 60 }, /* sendmail: minutes, where nothing is said */
		{ 'm', 60 },
		{ 'h', 3600 },
		{ 'd', 24L * 3600 },
		{ 'w', 7 * 24L * 3600 },
	};

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].unit == unit)
			return units[i].seconds;
	return 0;
}

int
queue_wish_interval(const char *s)
{
	long total = 0;

	while (*s != '\0') {
		long n = 0;

		if (!is_digit(*s))
			return 0;
		for (; is_digit(*s) && n <= YEAR; s++)
			n = n * 10 + (*s - '0');
		if (n > YEAR || unit_seconds(*s) == 0)
			return 0;
		total += n * unit_seconds(*s);
		if (total > YEAR)
			return 0;
		s += *s != '\0';
	}
	return (int)total;
}

static bool
read_interval(struct drain_wish *w, const char *value, struct outcome *o)
{
	int interval = queue_wish_interval(*value == 'p' ? value + 1 : value);

	if (interval == 0)
		return outcome_fail(o, CAUSE_USAGE,
		    "\"%.100s\" is nothing that the queue can be run by: nothing at all, "
		    "due, an interval (30m, 1h30m), or I, R or S with a part of an id, a "
		    "recipient or a sender",
		    value);
	w->all = false;
	w->stays = true;
	w->interval = interval;
	return true;
}

static bool
select_by(const char **part, struct drain_wish *w, const char *value, struct outcome *o)
{
	if (value[1] == '\0')
		return outcome_fail(o, CAUSE_USAGE,
		    "-q%c needs a part of what is looked for, as in -q%c%s", *value,
		    *value, *value == 'I' ? "0f3k" : "@example.com");
	*part = value + 1;
	w->forced = true; /* somebody wants just these, and now */
	return true;
}

bool
queue_wish_read(struct drain_wish *w, const char *value, struct outcome *o)
{
	w->all = true;
	switch (*value) {
	case 'I':
		return select_by(&w->selection.id, w, value, o);
	case 'R':
		return select_by(&w->selection.recipient, w, value, o);
	case 'S':
		return select_by(&w->selection.sender, w, value, o);
	default:
		break;
	}
	if (strcmp(value, "due") == 0)
		w->all = false;
	else if (*value != '\0' && strcmp(value, "f") != 0)
		return read_interval(w, value, o);
	return true;
}
