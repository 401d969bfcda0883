/* SPDX-License-Identifier: ISC
 *
 * fuzz_caps.c - the text of a reply to EHLO
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "smtp/caps.h"

#define ALL                                                                              \
	(CAP_PIPELINING | CAP_8BITMIME | CAP_SMTPUTF8 | CAP_SIZE | CAP_DSN |             \
	    CAP_STARTTLS | CAP_AUTH | CAP_ENHANCED | CAP_CHUNKING | CAP_ETRN |           \
	    CAP_LIMITS)

/* Names in capitals, one blank between each two. */
static void
check_auth(const char *auth)
{
	size_t n = strlen(auth);

	must(n < CAPS_AUTH_MAX);
	must(n == 0 || (auth[0] != ' ' && auth[n - 1] != ' '));
	must(strstr(auth, "  ") == NULL);
	for (size_t i = 0; i < n; i++) {
		must(!is_control(auth[i]) && !is_8bit(auth[i]));
		must(auth[i] < 'a' || auth[i] > 'z');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct caps c, again;
	const char *second;

	caps_parse(&c, text);
	must((c.set & ~(unsigned)ALL) == 0);
	must(c.size == 0 || caps_have(&c, CAP_SIZE));
	must((c.mail_max == 0 && c.rcpt_max == 0) || caps_have(&c, CAP_LIMITS));
	must(c.mail_max < 1000000 && c.rcpt_max < 1000000);
	must(*c.auth == '\0' || caps_have(&c, CAP_AUTH));
	check_auth(c.auth);
	/* without its first line the text says nothing: the rest has its own first */
	second = size > 0 ? memchr(data, '\n', size) : NULL;
	if (second == NULL)
		must(c.set == 0);
	caps_parse(&again, text);
	must(again.set == c.set && again.size == c.size);
	must(strcmp(again.auth, c.auth) == 0);
	return 0;
}
