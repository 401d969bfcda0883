/* SPDX-License-Identifier: ISC */
#include "conf/environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/near.h"
#include "base/utf8.h"
#include "conf/option.h"
#include "conf/password.h"

#define PREFIX "MAILCHUTE_"
#define SHOWN_MAX 100 /* bytes of a variable that is none of ours */

/* ASCII alone: no locale has a say. */
static void
change_case(char *s, char first, char last, int by)
{
	for (; *s != '\0'; s++)
		if (*s >= first && *s <= last)
			*s = (char)(*s + by);
}

static char *
variable_of(const char *setting)
{
	char *name = mem_printf(PREFIX "%s", setting);

	change_case(name, 'a', 'z', 'A' - 'a');
	return name;
}

/* NULL: not set. */
static const char *
value_of(const char *variable)
{
	const char *value = secure_getenv(variable);

	return value != NULL && *value != '\0' ? value : NULL;
}

static bool
is_set(const char *setting)
{
	char *variable = variable_of(setting);
	bool found = value_of(variable) != NULL;

	free(variable);
	return found;
}

bool
environment_has_server(void)
{
	return is_set("host");
}

bool
environment_catches(void)
{
	const char *protocol = value_of(PREFIX "PROTOCOL");

	return protocol != NULL && strcmp(protocol, "catch") == 0;
}

static void
forget_passwords(struct account *a)
{
	bool given = false;

	for (size_t i = 0; i < option_count; i++)
		given |= password_is_source(&options[i]) && is_set(options[i].name);
	if (given)
		password_forget(a);
}

static bool
apply(struct config *c, struct account *a, const struct option_row *row,
    const char *variable, struct outcome *o)
{
	const char *value = value_of(variable);
	struct origin origin = { .given = true };

	if (value == NULL)
		return true;
	origin.file = config_keep(c, mem_printf("environment %s", variable));
	if (option_set(a, row, span_of(value), origin, CAUSE_CONFIG, o))
		return true;
	return outcome_place(o, "environment %s", variable);
}

bool
environment_apply(struct config *c, struct account *a, struct outcome *o)
{
	bool ok = true;

	forget_passwords(a);
	for (size_t i = 0; ok && i < option_count; i++) {
		char *variable = variable_of(options[i].name);

		ok = apply(c, a, &options[i], variable, o);
		free(variable);
	}
	return ok;
}

static char *
setting_of(const char *variable)
{
	char *name = mem_dup(variable + strlen(PREFIX));

	change_case(name, 'A', 'Z', 'a' - 'A');
	return name;
}

static bool
is_variable(const char *variable, const char *setting)
{
	char *right = variable_of(setting);
	bool same = strcmp(variable, right) == 0;

	free(right);
	return same && option_find(span_of(setting)) != NULL;
}

static void
add_if_unknown(const char *variable, struct buf *out)
{
	char *setting = setting_of(variable), *meant;
	struct near near = near_start(span_of(setting));

	for (size_t i = 0; i < option_count; i++)
		near_try(&near, options[i].name);
	meant = near.best != NULL ? variable_of(near.best) : NULL;
	if (!is_variable(variable, setting))
		buf_printf(out, "%.*s in the environment is no setting%s%s%s\n",
		    SHOWN_MAX, variable, meant != NULL ? "; did you mean " : "",
		    meant != NULL ? meant : "", meant != NULL ? "?" : "");
	free(meant);
	free(setting);
}

void
environment_add_unknown(struct buf *out)
{
	for (char **e = environ; e != NULL && *e != NULL; e++) {
		char *variable;

		if (strncmp(*e, PREFIX, strlen(PREFIX)) != 0)
			continue;
		variable = mem_dup_bytes(*e, strcspn(*e, "="));
		if (secure_getenv(variable) != NULL) {
			make_printable(variable, strlen(variable), '?'); /* one line */
			add_if_unknown(variable, out);
		}
		free(variable);
	}
}
