/* SPDX-License-Identifier: ISC
 *
 * fuzz_aliases.c - a file of aliases
 *
 * It is read, or its mistake is told with path and line. What is read are addresses that
 * can be put on the wire, and each name stands there once.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "mail/address.h"
#include "mail/aliases.h"

static void
check_spec(const char *spec)
{
	struct address again;
	struct outcome o;

	must(*spec != '\0' && strlen(spec) < ADDRESS_MAX);
	must(!span_has_control(span_of(spec)));
	must(address_parse(&again, span_of(spec), &o));
	must(strcmp(again.spec, spec) == 0);
	address_free(&again);
}

static void
check_alias(const struct aliases *a, const struct alias *alias)
{
	must(alias->line > 0);
	must(strcmp(alias->file, "dir/al") == 0);
	check_spec(alias->name);
	must(address_domain(alias->name) == NULL);
	must(aliases_find(a, alias->name) == alias);
	for (size_t i = 0; i < alias->n; i++) {
		const struct alias_item *item = &alias->v[i];

		must(item->line >= alias->line);
		must(!span_has_control(span_of(item->text)) ||
		     strchr(item->text, '\t') != NULL);
		if (item->kind == ALIAS_ADDRESS || item->kind == ALIAS_LITERAL)
			check_spec(item->text);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct aliases a = { 0 };
	struct outcome o;

	if (!aliases_parse(&a, text, "dir/al", &o))
		must_be_mistake(&o, text, "dir/al");
	else
		for (size_t i = 0; i < a.n; i++)
			check_alias(&a, a.v[i]);
	aliases_free(&a);
	return 0;
}
