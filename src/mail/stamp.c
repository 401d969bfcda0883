/* SPDX-License-Identifier: ISC */
#include "mail/stamp.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/encode.h"

#define STAMP_MAX 64

void
stamp_add_date(struct buf *out, time_t when)
{
	char stamp[STAMP_MAX];
	struct tm tm;

	(void)localtime_r(&when, &tm);
	(void)strftime(stamp, sizeof stamp, "%a, %d %b %Y %H:%M:%S %z", &tm);
	buf_puts(out, stamp);
}

static void
add_hex(struct buf *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	buf_addc(out, digits[byte >> 4]);
	buf_addc(out, digits[byte & 15]);
}

bool
stamp_add_random(struct buf *out, const char *what, struct outcome *o)
{
	unsigned char random[16];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return outcome_fail(
		    o, CAUSE_SYSTEM, "no random numbers for the %s", what);
	for (size_t i = 0; i < sizeof random; i++)
		add_hex(out, random[i]);
	return true;
}

bool
stamp_add_id(struct buf *out, const char *domain, const char *what, struct outcome *o)
{
	char *ascii;

	buf_addc(out, '<');
	if (!stamp_add_random(out, what, o))
		return false;
	ascii = domain_to_ascii(domain);
	buf_printf(out, "@%s>", ascii != NULL ? ascii : "localhost");
	free(ascii);
	return true;
}
