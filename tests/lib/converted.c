/* SPDX-License-Identifier: ISC */
#include "lib/converted.h"

#include "lib/sample.h"

void
converted_make(struct converted *c, converter *convert, struct span text)
{
	*c = (struct converted){ .ok = false };
	sample_source(&c->in, text);
	source_init(&c->out);
	c->ok = convert(&c->in, &c->out, &c->changed, &c->o);
	sample_text(&c->out, &c->text);
}

void
converted_free(struct converted *c)
{
	source_free(&c->in);
	source_free(&c->out);
	buf_free(&c->text);
}
