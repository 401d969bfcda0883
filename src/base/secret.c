/* SPDX-License-Identifier: ISC */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

void
secret_set(struct secret *s, struct span value)
{
	char *copy = span_dup(value);

	secret_free(s);
	*s = (struct secret){ copy, value.n };
}

void
secret_free(struct secret *s)
{
	if (s->data != NULL)
		explicit_bzero(s->data, s->len);
	free(s->data);
	*s = (struct secret){ 0 };
}
