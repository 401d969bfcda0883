/* SPDX-License-Identifier: ISC */
#include "mail/address_internal.h"

size_t
address_find(struct span text, const char *stops)
{
	bool quoted = false, literal = false;
	int depth = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\\' && (quoted || depth > 0))
			i++;
		else if (c == '"' && depth == 0)
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '(' || (c == ')' && depth > 0))
			depth += c == '(' ? 1 : -1;
		else if (c == '[' || c == ']')
			literal = c == '[';
		else if (depth == 0 && !literal && c != '\0' && strchr(stops, c) != NULL)
			return i;
	}
	return text.n;
}

const char *
address_domain(const char *spec)
{
	const char *at = strrchr(spec, '@');

	/* "a@b" with the quotes is all local part */
	return at != NULL && spec[strlen(spec) - 1] != '"' ? at + 1 : NULL;
}

static void
add_quoted(struct buf *out, struct span content)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < content.n; i++) {
		if (content.p[i] == '"' || content.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, content.p[i]);
	}
	buf_addc(out, '"');
}

void
address_add_local(struct buf *out, struct span content)
{
	for (size_t i = 0; i < content.n; i++)
		if (!is_dot_atom_char(content.p[i])) {
			add_quoted(out, content);
			return;
		}
	if (content.n == 0)
		buf_puts(out, "\"\"");
	buf_add_span(out, content);
}

void
address_add_phrase(struct buf *out, struct span content)
{
	for (size_t i = 0; i < content.n; i++)
		if (!is_atext(content.p[i]) && content.p[i] != ' ') {
			add_quoted(out, content);
			return;
		}
	buf_add_span(out, content);
}
