/* SPDX-License-Identifier: ISC */
#include "conf/pattern.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/resolve.h"

#define EXPANDED_MAX 4096
#define MAILNAME_MAX 4096
#define MAILNAME SYSCONFDIR "/mailname"
#define LOOKUP_MS 5000
#define HOST_NAME_ROOM 256

/* The value of the first of these variables that has one; NULL: none. */
static const char *
first_variable(const char *a, const char *b)
{
	const char *value = secure_getenv(a);

	if (value == NULL || *value == '\0')
		value = b != NULL ? secure_getenv(b) : NULL;
	return value != NULL && *value != '\0' ? value : NULL;
}

char *
pattern_user(void)
{
	const char *name = first_variable("USER", "LOGNAME");
	const struct passwd *pw = name == NULL ? getpwuid(getuid()) : NULL;

	if (name == NULL)
		name = pw != NULL ? pw->pw_name : "unknown";
	return mem_dup(name);
}

/* What %H stands for; owned by the caller. */
static char *
host_name(void)
{
	const char *given = first_variable("HOSTNAME", NULL);
	char name[HOST_NAME_ROOM] = "";

	if (given != NULL)
		return mem_dup(given);
	if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0')
		return mem_dup("localhost");
	return mem_dup(name);
}

static char *
canonical_host(void)
{
	char *host = host_name();
	char *canonical = lookup_canonical(host, clock_in(LOOKUP_MS));

	if (canonical == NULL)
		return host;
	free(host);
	return canonical;
}

static char *
mail_name(struct outcome *o)
{
	struct span all, line = { "", 0 };
	char words[FILE_TROUBLE_MAX];
	struct stat st;
	struct buf text;
	char *name;
	bool ok;

	buf_init(&text, MAILNAME_MAX);
	ok = file_read(MAILNAME, &text, &st);
	if (!ok)
		(void)outcome_fail(
		    o, CAUSE_CONFIG, "%%M: %s: %s", MAILNAME, file_trouble(&text, words));
	all = buf_span(&text);
	(void)span_cut(&all, '\n', &line);
	name = ok ? span_dup(span_trim(line)) : NULL;
	buf_free(&text);
	return name;
}

/* What the pattern stands for, owned by the caller. NULL: it stays as it is, unless
 * *ok is false. */
static char *
value_of(char letter, const struct pattern_context *x, bool *ok, struct outcome *o)
{
	char *name;

	switch (letter) {
	case 'U':
		return x->is_sender ? pattern_user() : NULL;
	case 'H':
		return host_name();
	case 'C':
		return canonical_host();
	case 'M':
		name = mail_name(o);
		*ok = name != NULL;
		return name;
	case 'F':
		return x->is_sender && x->header_from != NULL ? mem_dup(x->header_from)
							      : NULL;
	default:
		return NULL;
	}
}

bool
pattern_expand(char **text, const struct pattern_context *x, struct outcome *o)
{
	struct buf out;
	bool ok = true;

	if (*text == NULL || strchr(*text, '%') == NULL)
		return true;
	buf_init(&out, EXPANDED_MAX);
	for (const char *p = *text; ok && *p != '\0'; p++) {
		char *value = *p == '%' ? value_of(p[1], x, &ok, o) : NULL;

		if (value == NULL) {
			buf_addc(&out, *p);
			continue;
		}
		make_printable(value, strlen(value), '?');
		buf_puts(&out, value);
		free(value);
		p++;
	}
	if (ok && !buf_ok(&out))
		ok = outcome_fail(o, CAUSE_CONFIG, "%.100s becomes too long", *text);
	if (ok) {
		free(*text);
		*text = buf_take(&out);
	} else {
		buf_free(&out);
	}
	return ok;
}

bool
pattern_has(const char *text, char letter)
{
	for (const char *p = text; (p = strchr(p, '%')) != NULL; p++)
		if (p[1] == letter)
			return true;
	return false;
}
