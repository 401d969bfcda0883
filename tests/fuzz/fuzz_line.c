/* SPDX-License-Identifier: ISC
 *
 * fuzz_line.c - any command line, by any of our names
 *
 * The first byte chooses the name; the words that follow end with NUL. As sendmail, whose
 * command line strangers may reach, none of them names a file, a command or another
 * configuration.
 */
#include "fuzz/fuzz.h"

#include <getopt.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "cmd/invocation.h"

#define WORDS_MAX 32

static const char *const names[] = { "sendmail", "mailchute", "msmtp", "newaliases",
	"rmail", "mailq" };

/* Settings that no stranger may give. */
static const char *const closed[] = { "passwordeval", "password_file", "aliases",
	"logfile", "socket", "proxy_host", "tls", "tls_trust_file", "tls_key_file",
	"auth", "user" };

static void
check_as_sendmail(const struct invocation *v)
{
	must(v->file == NULL && v->account == NULL && !v->debug);
	for (size_t i = 0; i < v->n; i++)
		for (size_t k = 0; k < sizeof closed / sizeof closed[0]; k++)
			must(strcmp(v->given[i].row->name, closed[k]) != 0);
}

static void
check_line(const struct invocation *v)
{
	for (size_t i = 0; i < v->n; i++)
		must(v->given[i].row != NULL && v->given[i].value != NULL);
	for (size_t i = 0; i < v->recipients; i++)
		must(v->recipient[i] != NULL);
	if (v->as_sendmail)
		check_as_sendmail(v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word[WORDS_MAX + 1] = { NULL }, *argv[WORDS_MAX + 1] = { NULL };
	struct span rest = { (const char *)data + 1, size - 1 }, one;
	struct invocation v;
	struct outcome o = { .cause = CAUSE_NONE };
	int n = 0;

	if (size < 1)
		return 0;
	word[n++] = mem_dup(names[data[0] % (sizeof names / sizeof names[0])]);
	while (n < WORDS_MAX && span_cut(&rest, '\0', &one))
		word[n++] = span_dup(one);
	memcpy(argv, word, sizeof argv); /* it is reordered */
	optind = 0;                      /* getopt(3): start anew */
	if (invocation_parse(&v, n, argv, &o))
		check_line(&v);
	else
		must(o.cause == CAUSE_USAGE || o.cause == CAUSE_FORBIDDEN);
	invocation_free(&v);
	while (n > 0)
		free(word[--n]);
	return 0;
}
