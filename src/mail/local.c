/* SPDX-License-Identifier: ISC */
#include "mail/local.h"

#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "mail/address.h"

static bool
is_listed(const char *domains, const char *domain)
{
	struct span left = span_of(domains != NULL ? domains : ""), one;

	while (span_cut(&left, ',', &one)) {
		one = span_trim(one);
		if (one.n > 0 && span_is_nocase(one, domain))
			return true;
	}
	return false;
}

/* In full, or its first label alone. */
static bool
is_host(const char *host, const char *domain)
{
	if (host == NULL || *host == '\0')
		return false;
	return span_is_nocase(span_of(host), domain) ||
	       span_is_nocase(span_bytes(host, strcspn(host, ".")), domain);
}

static bool
is_here(const struct local *l, const char *domain)
{
	return is_listed("localhost, localhost.localdomain", domain) ||
	       is_host(l->host, domain) || is_listed(l->domains, domain);
}

enum local_kind
local_kind(const struct local *l, const char *spec)
{
	const char *domain = address_domain(spec);

	if (*spec == '\0')
		return LOCAL_NOT;
	if (domain == NULL || is_here(l, domain))
		return LOCAL_HERE;
	return l->maildomain != NULL && span_is_nocase(span_of(l->maildomain), domain)
		   ? LOCAL_MAILDOMAIN
		   : LOCAL_NOT;
}

char *
local_part(const char *spec)
{
	const char *domain = address_domain(spec);

	return domain != NULL ? mem_dup_bytes(spec, (size_t)(domain - spec) - 1)
			      : mem_dup(spec);
}
