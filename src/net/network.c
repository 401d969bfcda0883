/* SPDX-License-Identifier: ISC */
#include "net/network.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"

#define SEPARATORS ", \t"

struct network {
	int family;
	unsigned char bytes[16];
	int bits; /* that count */
};

static int
width_of(int family)
{
	return family == AF_INET ? 32 : 128;
}

/* "192.0.2.0/24", or one address alone. */
static bool
parse(const char *text, struct network *n)
{
	char *address = mem_dup_bytes(text, strcspn(text, "/"));
	const char *slash = strchr(text, '/');
	char *end = NULL;
	long bits;
	bool ok;

	n->family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
	n->bits = width_of(n->family);
	ok = inet_pton(n->family, address, n->bytes) == 1;
	if (ok && slash != NULL) {
		bits = is_digit(slash[1]) ? strtol(slash + 1, &end, 10) : -1;
		ok = bits >= 0 && bits <= n->bits && *end == '\0';
		n->bits = (int)bits;
	}
	free(address);
	return ok;
}

static bool
is_in(const struct network *n, const struct network *address)
{
	const size_t whole = (size_t)n->bits / 8;
	const int rest = n->bits % 8;

	if (n->family != address->family || memcmp(n->bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || (n->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

/* The next of the list, owned by the caller; NULL at its end. */
static char *
next(const char **list)
{
	char *item;

	*list += strspn(*list, SEPARATORS);
	if (**list == '\0')
		return NULL;
	item = mem_dup_bytes(*list, strcspn(*list, SEPARATORS));
	*list += strlen(item);
	return item;
}

bool
network_has(const char *list, const char *address)
{
	struct network one, n;
	bool found = false;
	char *item;

	if (!parse(address, &one))
		return false;
	while (!found && (item = next(&list)) != NULL) {
		found = parse(item, &n) && is_in(&n, &one);
		free(item);
	}
	return found;
}

bool
network_check(const char *list, const char *setting, struct outcome *o)
{
	struct network n;
	char *item;
	bool ok = true;

	while (ok && (item = next(&list)) != NULL) {
		ok = parse(item, &n);
		if (!ok)
			(void)outcome_fail(o, CAUSE_CONFIG,
			    "\"%s\" (%s) is no network: it goes 192.0.2.0/24, or "
			    "2001:db8::/32, or an address alone",
			    item, setting);
		free(item);
	}
	return ok;
}
