/* SPDX-License-Identifier: ISC
 *
 * fuzz_rcfile.c - a configuration file
 *
 * It is read, or its mistake is told with path and line. What was read can be shown, and
 * shows no control characters.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "conf/option.h"
#include "conf/rcfile.h"
#include "lib/sample.h"

static void
check_account(const struct account *a)
{
	struct outcome o;
	struct buf shown;

	must(*a->name != '\0');
	buf_init(&shown, SAMPLE_MAX);
	for (size_t i = 0; i < option_count; i++) {
		buf_clear(&shown);
		option_show(a, &options[i], &shown);
		for (size_t k = 0; k < shown.len; k++)
			must(!is_control(shown.data[k]));
	}
	buf_free(&shown);
	must(account_port(a) >= 0 && account_port(a) <= 65535);
	if (!account_check(a, &o))
		must(o.cause == CAUSE_CONFIG);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct config c = { 0 };
	bool secret = false;
	struct outcome o;

	/* what runs commands and reads files is not for chance to try */
	if (memmem(text.p, text.n, "eval", 4) != NULL ||
	    memmem(text.p, text.n, "include", 7) != NULL)
		return 0;
	if (!rcfile_parse(&c, text, "rc", &secret, &o))
		must_be_mistake(&o, text, "rc");
	for (size_t i = 0; i < c.n; i++) {
		check_account(c.v[i]);
		for (size_t k = 0; k < i; k++)
			must(strcmp(c.v[i]->name, c.v[k]->name) != 0);
		must(secret || !secret_given(&c.v[i]->password));
	}
	config_free(&c);
	return 0;
}
