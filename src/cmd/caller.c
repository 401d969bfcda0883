/* SPDX-License-Identifier: ISC */
#include "cmd/caller.h"

#include <ctype.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "conf/pattern.h"

#define NAME_MAX_LENGTH 1024

/* Whether it is a login name of the user that runs this. */
static bool
is_own(const char *name)
{
	const struct passwd *pw = name != NULL && *name != '\0' ? getpwnam(name) : NULL;

	return pw != NULL && pw->pw_uid == getuid();
}

char *
caller_login(void)
{
	static const char *const variables[] = { "LOGNAME", "USER" };
	const struct passwd *pw;

	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
		const char *name = secure_getenv(variables[i]);

		if (is_own(name))
			return mem_dup(name);
	}
	pw = getpwuid(getuid());
	return pw != NULL && *pw->pw_name != '\0'
		   ? mem_dup(pw->pw_name)
		   : mem_printf("uid%lu", (unsigned long)getuid());
}

/* "& Smith,room 5,,": the first field, with the login name, in a capital, for '&'. */
static char *
name_from_gecos(const struct passwd *pw)
{
	const char *end = strchrnul(pw->pw_gecos, ',');
	struct buf name;

	buf_init(&name, NAME_MAX_LENGTH);
	for (const char *p = pw->pw_gecos; p < end; p++)
		if (*p == '&' && *pw->pw_name != '\0')
			buf_printf(&name, "%c%s", toupper((unsigned char)*pw->pw_name),
			    pw->pw_name + 1);
		else
			buf_addc(&name, *p);
	return buf_take(&name);
}

char *
caller_full_name(void)
{
	const char *given = secure_getenv("NAME");
	const struct passwd *pw = getpwuid(getuid());
	char *name = NULL;

	if (given != NULL && *given != '\0')
		name = mem_dup(given);
	else if (pw != NULL && pw->pw_gecos != NULL)
		name = name_from_gecos(pw);
	if (name != NULL)
		make_printable(name, strlen(name), ' ');
	return name;
}

/* Whether others can tell this machine from theirs by it. */
static bool
is_full(const char *name)
{
	return strchr(name, '.') != NULL && strncasecmp(name, "localhost.", 10) != 0;
}

static bool
is_short(const char *name)
{
	return *name != '\0' && strchr(name, '.') == NULL &&
	       strcasecmp(name, "localhost") != 0 && !span_has_control(span_of(name));
}

/* What the pattern stands for, if it is a full name. */
static char *
full_name_of(const char *pattern)
{
	const struct pattern_context nothing = { false, NULL };
	char *text = mem_dup(pattern);
	struct outcome ignored;

	if (pattern_expand(&text, &nothing, &ignored) && is_full(text))
		return text;
	free(text);
	return NULL;
}

char *
caller_domain(void)
{
	char host[HOST_NAME_MAX + 1] = "";
	char *name = full_name_of("%M");

	if (name != NULL)
		return name;
	if (gethostname(host, sizeof host - 1) == 0 && is_full(host))
		return mem_dup(host); /* nobody need be asked */
	name = full_name_of("%C");
	return name == NULL && is_short(host) ? mem_dup(host) : name;
}
