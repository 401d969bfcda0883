/* SPDX-License-Identifier: ISC
 *
 * configure.h - an account from nothing but an address: what its domain says about
 * submitting mail (RFC 6186, RFC 8314)
 */
#ifndef PROBE_CONFIGURE_H
#define PROBE_CONFIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "net/srv.h"

#define CONFIGURE_MAX (64 * 1024)

/* Strings are owned. The zero value: nothing. */
struct submission {
	char *address;
	char *domain;    /* in ASCII */
	bool from_start; /* TLS from the first byte; else STARTTLS */
	struct srv_list servers;
};

/* Asks for _submissions._tcp.DOMAIN, and where there is none for _submission._tcp.DOMAIN.
 * Fails with CAUSE_ADDRESS; with CAUSE_NO_SRV where the domain names no server, or says
 * that it has none; or as srv_lookup() does. */
bool configure_find(
    struct submission *s, const char *address, int64_t deadline, struct outcome *o);
void configure_free(struct submission *s);

/* Appends an account for ~/.msmtprc; comments tell what is left to do. */
void configure_show(const struct submission *s, struct buf *out);

#endif
