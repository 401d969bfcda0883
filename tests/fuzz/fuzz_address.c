/* SPDX-License-Identifier: ISC
 *
 * fuzz_address.c - an address list
 *
 * What is accepted is fit for the wire, and is read back as itself.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "mail/address.h"

static void
check_spec(const char *spec)
{
	struct address again = { 0 };
	struct span s = span_of(spec);
	struct outcome o;

	must(s.n <= ADDRESS_MAX);
	for (size_t i = 0; i < s.n; i++)
		must(!is_control(spec[i]));
	must(address_parse(&again, s, &o));
	must(strcmp(again.spec, spec) == 0);
	must(again.name == NULL);
	address_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct address_list list = { 0 };
	struct outcome o;

	if (address_list_parse(&list, span_bytes((const char *)data, size), &o)) {
		for (size_t i = 0; i < list.n; i++)
			check_spec(list.v[i].spec);
	} else {
		must(o.cause == CAUSE_ADDRESS);
		must(strchr(o.text, '\n') == NULL);
	}
	address_list_free(&list);
	return 0;
}
