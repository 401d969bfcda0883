/* SPDX-License-Identifier: ISC */
#include "net/stranger.h"

#define SHOWN_MAX 120

/* What kind of server begins so, for people; NULL: not known. */
static const char *
kind_of(struct span line)
{
	static const struct {
		const char *start, *name;
	} rows[] = {
		{ "HTTP/", "a web server or proxy (HTTP)" },
		{ "<!DOCTYPE", "a web server (HTTP)" },
		{ "<html", "a web server (HTTP)" },
		{ "+OK", "a POP3 server" },
		{ "-ERR", "a POP3 server" },
		{ "* OK", "an IMAP server" },
		{ "* PREAUTH", "an IMAP server" },
		{ "* BYE", "an IMAP server" },
		{ "SSH-", "an SSH server" },
		{ "\005", "a SOCKS proxy" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (span_starts_nocase(line, rows[i].start))
			return rows[i].name;
	return NULL;
}

bool
stranger_fail(struct outcome *o, struct span line)
{
	const char *name = kind_of(line);

	if (name == NULL)
		return false;
	(void)outcome_fail(o, CAUSE_NOT_SMTP, "\"%.*s\", as %s begins",
	    span_shown(line, SHOWN_MAX), line.p, name);
	return true;
}
