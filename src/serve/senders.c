/* SPDX-License-Identifier: ISC */
#include "serve/senders.h"

#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "mail/sender.h"

#define PATTERN_MAX (64 * 1024)
#define SHOWN_MAX 200 /* bytes of an address that are shown */
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

void
visitor_name(const struct visitor *v, char name[SENDERS_NAME_MAX])
{
	if (v->user != NULL)
		(void)snprintf(name, SENDERS_NAME_MAX, "%s", v->user);
	else if (v->address == NULL && v->uid >= 0)
		(void)snprintf(name, SENDERS_NAME_MAX, "uid %ld", v->uid);
	else
		(void)snprintf(name, SENDERS_NAME_MAX, "%s",
		    v->address != NULL ? v->address : v->place);
}

/* As whom the visitor is known here; owned by the caller. NULL: by no name. */
static char *
own_name(const struct visitor *v)
{
	const struct passwd *pw;

	if (v->user != NULL)
		return mem_dup(v->user);
	pw = v->uid >= 0 ? getpwuid((uid_t)v->uid) : NULL;
	return pw != NULL ? mem_dup(pw->pw_name) : NULL;
}

/* Whether a rule for these is about the visitor. */
static bool
is_about(struct span list, const struct visitor *v, const char *name)
{
	struct span who;
	char number[24];

	(void)snprintf(number, sizeof number, "%ld", v->uid);
	while (span_cut(&list, ',', &who))
		if (span_is(who, "*") || (name != NULL && span_is(who, name)) ||
		    (v->uid >= 0 && span_is(who, number)))
			return true;
	return false;
}

/* The name in place of %U; a name that might be taken for a pattern is nobody's, and in
 * place of that stands what no address has. */
static char *
fill_in(struct span patterns, const char *name)
{
	struct buf out;

	if (name == NULL || name[strspn(name, NAME_LETTERS)] != '\0')
		name = "\177"; /* DEL */
	buf_init(&out, PATTERN_MAX);
	for (size_t i = 0; i < patterns.n; i++)
		if (patterns.p[i] == '%' && i + 1 < patterns.n &&
		    patterns.p[i + 1] == 'U') {
			buf_puts(&out, name);
			i++;
		} else {
			buf_addc(&out, patterns.p[i]);
		}
	return buf_take(&out);
}

/* Root, or whom Debian's adduser and others number as people. */
static bool
is_person(uid_t uid)
{
	return uid == 0 || (uid >= SENDERS_PERSON_MIN &&
			       (uid < SENDERS_SERVICE_MIN || uid > SENDERS_SERVICE_MAX));
}

/* Whether it is an address of this machine, with the name of a person who isn't the
 * visitor. */
static bool
is_another_person(const struct local *local, const struct visitor *v, const char *sender)
{
	const struct passwd *pw;
	char *name;

	if (v->user != NULL || v->uid < 0 || local_kind(local, sender) == LOCAL_NOT)
		return false;
	name = local_part(sender);
	name[strcspn(name, "+")] = '\0';
	for (char *p = name; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	pw = getpwnam(name);
	free(name);
	return pw != NULL && is_person(pw->pw_uid) && pw->pw_uid != (uid_t)v->uid;
}

/* What holds for who has no rule: they don't come under the name of another person. */
static bool
default_allows(const struct local *local, const struct visitor *v, const char *sender)
{
	return !is_another_person(local, v, sender);
}

static bool
names_default(struct span patterns)
{
	struct span one;

	while (span_cut(&patterns, ',', &one))
		if (span_is(span_trim(one), "default"))
			return true;
	return false;
}

/* What the rules say about the visitor; those for others don't count. */
enum ruling { RULING_NONE, RULING_NO, RULING_YES };

static enum ruling
rules_say(const char *rules, const struct local *local, const struct visitor *v,
    const char *name, const char *sender)
{
	struct span left = span_of(rules != NULL ? rules : ""), line, who;
	enum ruling said = RULING_NONE;

	while (said != RULING_YES && span_cut(&left, '\n', &line)) {
		char *patterns;

		if (!span_cut(&line, ' ', &who) || !is_about(who, v, name))
			continue;
		patterns = fill_in(span_trim(line), name);
		said = sender_matches(patterns, sender) ||
			       (names_default(line) && default_allows(local, v, sender))
			   ? RULING_YES
			   : RULING_NO;
		free(patterns);
	}
	return said;
}

/* How a rule calls them. */
static void
name_for_rule(const struct visitor *v, const char *name, char rule[SENDERS_NAME_MAX])
{
	if (name != NULL)
		(void)snprintf(rule, SENDERS_NAME_MAX, "%s", name);
	else if (v->uid >= 0)
		(void)snprintf(rule, SENDERS_NAME_MAX, "%ld", v->uid);
	else
		(void)snprintf(rule, SENDERS_NAME_MAX, "*");
}

/* The line that is offered takes nothing from them that they had. */
static bool
refuse(const struct visitor *v, const char *name, const char *sender, enum ruling said,
    struct outcome *o)
{
	char who[SENDERS_NAME_MAX], rule[SENDERS_NAME_MAX], login[SENDERS_NAME_MAX] = "";

	visitor_name(v, who);
	name_for_rule(v, name, rule);
	if (name != NULL && v->user == NULL)
		(void)snprintf(login, sizeof login, " (%.100s)", name);
	return outcome_fail(o, CAUSE_NOT_YOURS,
	    "%s%s as %.*s; whoever runs the service can let them, by the setting: "
	    "listen_sender %s %s%.*s",
	    who, login, SHOWN_MAX, sender, rule, said == RULING_NONE ? "default, " : "",
	    SHOWN_MAX, sender);
}

bool
senders_allow(const char *rules, const struct local *local, const struct visitor *v,
    const char *sender, struct outcome *o)
{
	enum ruling said;
	char *name;
	bool ok;

	if (*sender == '\0' || (v->uid == 0 && v->user == NULL))
		return true;
	name = own_name(v);
	said = rules_say(rules, local, v, name, sender);
	ok = said == RULING_YES ||
	     (said == RULING_NONE && default_allows(local, v, sender));
	if (!ok)
		(void)refuse(v, name, sender, said, o);
	free(name);
	return ok;
}
