/* SPDX-License-Identifier: ISC */
#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/mem.h"

static void
add_string(struct buf *out, const char *text)
{
	char *fit = mem_dup(text);

	/* escapes have bytes of their own; what is no UTF-8 has no place in JSON */
	if (!is_utf8(span_of(fit)))
		make_printable(fit, strlen(fit), '\n');
	buf_addc(out, '"');
	for (const char *p = fit; *p != '\0'; p++)
		if (*p == '"' || *p == '\\')
			buf_printf(out, "\\%c", *p);
		else if (*p == '\n')
			buf_puts(out, "\\n");
		else if (is_control(*p))
			buf_printf(out, "\\u%04x", (unsigned char)*p);
		else
			buf_addc(out, *p);
	buf_addc(out, '"');
	free(fit);
}

static void
begin(struct json *j, const char *name)
{
	if (j->follows)
		buf_addc(j->out, ',');
	j->follows = true;
	if (name == NULL)
		return;
	add_string(j->out, name);
	buf_addc(j->out, ':');
}

void
json_open(struct json *j, const char *name, char bracket)
{
	begin(j, name);
	buf_addc(j->out, bracket);
	j->follows = false;
}

void
json_close(struct json *j, char bracket)
{
	buf_addc(j->out, bracket);
	j->follows = true;
}

void
json_text(struct json *j, const char *name, const char *text)
{
	begin(j, name);
	if (text != NULL)
		add_string(j->out, text);
	else
		buf_puts(j->out, "null");
}

void
json_number(struct json *j, const char *name, int64_t number)
{
	begin(j, name);
	buf_printf(j->out, "%" PRId64, number);
}

void
json_flag(struct json *j, const char *name, bool flag)
{
	begin(j, name);
	buf_puts(j->out, flag ? "true" : "false");
}
