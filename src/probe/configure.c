/* SPDX-License-Identifier: ISC */
#include "probe/configure.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/encode.h"
#include "base/mem.h"
#include "mail/address.h"

#define WORDS_MAX 4096

static bool
bad_address(const char *address, const char *why, struct outcome *o)
{
	return outcome_fail(
	    o, CAUSE_ADDRESS, "invalid mail address \"%.200s\": %s", address, why);
}

static bool
take_address(struct submission *s, const char *text, struct outcome *o)
{
	struct address a;
	struct outcome why;
	const char *domain;

	if (!address_parse(&a, span_of(text), &why))
		return bad_address(text, why.text, o);
	s->address = mem_dup(a.spec);
	address_free(&a);
	domain = address_domain(s->address);
	if (domain == NULL)
		return bad_address(text, "it should be user@domain", o);
	s->domain = domain_to_ascii(domain);
	if (s->domain == NULL || !is_host_name(s->domain))
		return bad_address(text, "what stands behind the @ is no domain", o);
	return true;
}

/* RFC 6186, 3.1; RFC 8314, 5.1: TLS from the start is to be preferred. */
static const struct {
	const char *service;
	bool from_start;
} services[] = {
	{ "_submissions", true },
	{ "_submission", false },
};

static bool
no_server(const struct submission *s, bool refused, struct outcome *o)
{
	if (refused)
		return outcome_fail(o, CAUSE_NO_SRV,
		    "%s says that no mail can be submitted to it: the SRV records of "
		    "_submissions._tcp and _submission._tcp name no server",
		    s->domain);
	return outcome_fail(o, CAUSE_NO_SRV,
	    "%s doesn't tell where its users submit mail: no SRV records for "
	    "_submissions._tcp and _submission._tcp; nor do most domains",
	    s->domain);
}

static bool
look_up(struct submission *s, int64_t deadline, struct outcome *o)
{
	bool refused = false;

	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
		char *name = mem_printf("%s._tcp.%s", services[i].service, s->domain);
		bool ok = srv_lookup(&s->servers, name, deadline, o);

		free(name);
		if (!ok)
			return false;
		s->from_start = services[i].from_start;
		if (s->servers.n > 0)
			return true;
		refused |= s->servers.refused;
	}
	return no_server(s, refused, o);
}

bool
configure_find(
    struct submission *s, const char *address, int64_t deadline, struct outcome *o)
{
	*s = (struct submission){ 0 };
	return take_address(s, address, o) && look_up(s, deadline, o);
}

void
configure_free(struct submission *s)
{
	free(s->address);
	free(s->domain);
	*s = (struct submission){ 0 };
}

/* Appends a word for a POSIX shell, which takes it as it is: an address may hold '$' and
 * "'". */
static void
add_quoted(struct buf *out, const char *word)
{
	buf_addc(out, '\'');
	for (const char *p = word; *p != '\0'; p++)
		if (*p == '\'')
			buf_puts(out, "'\\''");
		else
			buf_addc(out, *p);
	buf_addc(out, '\'');
}

/* Whether the name is the domain, or lies in it. */
static bool
is_inside(const char *name, const char *domain)
{
	size_t n = strlen(name), m = strlen(domain);

	if (m > 0 && domain[m - 1] == '.')
		m--;
	return n >= m && strncasecmp(name + n - m, domain, m) == 0 &&
	       (n == m || name[n - m - 1] == '.');
}

static void
show_others(const struct submission *s, struct buf *out)
{
	for (int i = 1; i < s->servers.n; i++)
		buf_printf(out, "# %s also: host %s, port %d\n", s->domain,
		    s->servers.v[i].target, s->servers.v[i].port);
}

static void
show_secret_tool(const struct submission *s, const char *command, struct buf *out)
{
	buf_puts(out, command);
	buf_printf(out, " host %s service smtp user ", s->servers.v[0].target);
	add_quoted(out, s->address);
	buf_puts(out, "\n");
}

static void
show_password(const struct submission *s, struct buf *out)
{
	buf_puts(out, "# The password: put it into the keyring, once, with\n");
	show_secret_tool(s, "#\tsecret-tool store --label=mail", out);
	buf_puts(out, "# and take the mark off the next line; any command that prints it "
		      "will do.\n");
	show_secret_tool(s, "#passwordeval secret-tool lookup", out);
}

void
configure_show(const struct submission *s, struct buf *out)
{
	const struct srv *first = &s->servers.v[0];

	buf_printf(out,
	    "# From the DNS, for %s. Put this into ~/.msmtprc, and: chmod 600 "
	    "~/.msmtprc\n",
	    s->address);
	if (!is_inside(first->target, s->domain))
		buf_printf(out,
		    "# Its server lies outside of %s, and DNS can be forged: make sure "
		    "that it is right.\n",
		    s->domain);
	show_others(s, out);
	buf_puts(out, "# Some servers want as user only what stands before the @.\n");
	buf_printf(out,
	    "account %s\nhost %s\nport %d\ntls on\ntls_starttls %s\nauth on\n"
	    "user %s\nfrom %s\n",
	    s->domain, first->target, first->port, s->from_start ? "off" : "on",
	    s->address, s->address);
	show_password(s, out);
	buf_printf(out,
	    "# Leave this out where there is a default account already.\n"
	    "account default : %s\n",
	    s->domain);
}
