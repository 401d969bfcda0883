/* SPDX-License-Identifier: ISC */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

static void
add_string(struct buf *out, struct span text)
{
	char *fit = span_dup(text);

	/* escapes have bytes of their own; what is no UTF-8 has no place in JSON */
	if (!is_utf8(text))
		make_printable(fit, text.n, '\n');
	buf_addc(out, '"');
	for (size_t i = 0; i < text.n; i++)
		if (fit[i] == '"' || fit[i] == '\\')
			buf_printf(out, "\\%c", fit[i]);
		else if (fit[i] == '\n')
			buf_puts(out, "\\n");
		else if (is_control(fit[i]))
			buf_printf(out, "\\u%04x", (unsigned char)fit[i]);
		else
			buf_addc(out, fit[i]);
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
	add_string(j->out, span_of(name));
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
json_span(struct json *j, const char *name, struct span text)
{
	begin(j, name);
	add_string(j->out, text);
}

void
json_text(struct json *j, const char *name, const char *text)
{
	if (text != NULL) {
		json_span(j, name, span_of(text));
	} else {
		begin(j, name);
		buf_puts(j->out, "null");
	}
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
