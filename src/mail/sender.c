/* SPDX-License-Identifier: ISC */
#include "mail/sender.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "mail/address.h"

static bool
is_pattern(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* The next of the list, owned by the caller; NULL at its end. */
static char *
next(struct span *list)
{
	struct span item;

	return span_cut(list, ',', &item) ? span_dup(span_trim(item)) : NULL;
}

/* The address without the "+detail" of its local part; owned by the caller. */
static char *
without_detail(const char *address)
{
	const char *plus = strchr(address, '+'), *at = strrchr(address, '@');

	if (plus == NULL || at == NULL || plus > at)
		return mem_dup(address);
	return mem_printf("%.*s%s", (int)(plus - address), address, at);
}

static bool
is_same(const char *item, const char *address)
{
	return is_pattern(item) ? fnmatch(item, address, FNM_CASEFOLD) == 0
				: strcasecmp(item, address) == 0;
}

static bool
matches(const char *item, const char *address)
{
	char *plain;
	bool ok;

	if (is_same(item, address) || strchr(item, '+') != NULL)
		return is_same(item, address);
	plain = without_detail(address);
	ok = is_same(item, plain);
	free(plain);
	return ok;
}

/* `bare`: what an item without '@' is compared with. */
static bool
list_matches(const char *list, const char *address, const char *bare)
{
	struct span rest = span_of(list);
	bool found = false;
	char *item;

	while (!found && (item = next(&rest)) != NULL) {
		const bool is_domain = *item == '@' && bare != address;

		found = matches(is_domain ? item + 1 : item,
		    strchr(item, '@') != NULL && !is_domain ? address : bare);
		free(item);
	}
	return found;
}

bool
sender_matches(const char *list, const char *address)
{
	return list_matches(list, address, address);
}

bool
recipient_matches(const char *list, const char *address)
{
	const char *domain = address_domain(address);

	return list_matches(list, address, domain != NULL ? domain : address);
}

char *
sender_first(const char *list)
{
	struct span rest = span_of(list);
	char *item;

	while ((item = next(&rest)) != NULL && (is_pattern(item) || *item == '\0'))
		free(item);
	return item;
}
