/* SPDX-License-Identifier: ISC
 *
 * fuzz_srv.c - a reply of a name server
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/encode.h"
#include "net/srv.h"

static unsigned
most(unsigned limit)
{
	return limit;
}

/* What a name holds ends up in a configuration file and on a terminal. */
static void
check_server(const struct srv *s)
{
	must(s->priority <= 65535 && s->weight <= 65535);
	must(s->port >= 1 && s->port <= 65535);
	must(memchr(s->target, '\0', sizeof s->target) != NULL);
	must(is_host_name(s->target));
	for (const char *p = s->target; *p != '\0'; p++)
		must(!is_control(*p) && !is_8bit(*p) && !is_blank(*p));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct srv_list list;
	bool ok = srv_parse(&list, span_bytes((const char *)data, size));

	must(list.n >= 0 && list.n <= SRV_MAX);
	must(ok || (list.n == 0 && !list.refused));
	for (int i = 0; i < list.n; i++)
		check_server(&list.v[i]);
	srv_sort(&list, most);
	for (int i = 1; i < list.n; i++)
		must(list.v[i - 1].priority <= list.v[i].priority);
	return 0;
}
