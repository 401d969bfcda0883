/* SPDX-License-Identifier: ISC */
#include "conf/host.h"

#include <string.h>

#include "conf/option.h"

#define LINES_MAX 100 /* bytes of settings that an outcome can offer */
#define SHOWN_MAX 100
#define WORDS_MAX 500
#define PORT_MAX 65535

/* One of a list, taken apart. Spans are empty where there is none. */
struct item {
	struct span scheme; /* "smtps" */
	struct span name;
	struct span port;
	size_t secret;     /* bytes up to '@', where a password may be */
	const char *wrong; /* what doesn't belong there; NULL: all is well */
};

/* What the schemes of URLs ask for; those that aren't here, for nothing. */
static const struct {
	const char *name;
	bool starttls;
} schemes[] = {
	{ "smtps", false },
	{ "submissions", false },
	{ "ssl", false },
	{ "tls", true },
	{ "starttls", true },
	{ "submission", true },
};

static struct span
behind(struct span s, size_t n)
{
	return span_bytes(s.p + n, s.n - n);
}

static struct span
before(struct span s, const char *end)
{
	return span_bytes(s.p, (size_t)(end - s.p));
}

static void
object(struct item *i, const char *wrong)
{
	if (i->wrong == NULL)
		i->wrong = wrong;
}

/* What stands around the name in a URL. */
static struct span
take_url(struct item *i, struct span s)
{
	const char *start = s.p, *mark = memmem(s.p, s.n, "://", 3), *at, *slash;

	if (mark != NULL) {
		object(i, "no URL");
		i->scheme = before(s, mark);
		s = behind(s, i->scheme.n + 3);
	}
	at = memrchr(s.p, '@', s.n);
	if (at != NULL) {
		object(i, "no user");
		i->secret = (size_t)(at - start);
		s = behind(s, (size_t)(at - s.p) + 1);
	}
	slash = memchr(s.p, '/', s.n);
	if (slash == NULL)
		return s;
	object(i, "no path");
	return before(s, slash);
}

/* "NAME:PORT" or "[ADDRESS]:PORT"; what has more than one ':' and no brackets is an IPv6
 * address. */
static void
take_port(struct item *i, struct span s)
{
	const bool opens = s.n > 0 && s.p[0] == '[';
	const char *end = opens ? memchr(s.p, ']', s.n) : memchr(s.p, ':', s.n);

	i->name = s;
	if (end == NULL || (!opens && memrchr(s.p, ':', s.n) != end))
		return;
	i->name = before(s, end);
	i->port = behind(s, i->name.n + 1);
	if (opens) {
		i->name = behind(i->name, 1);
		i->port = behind(i->port, i->port.n > 0);
	}
	object(i, i->port.n > 0 || !opens ? "no port" : "no brackets");
}

static struct item
take_apart(struct span s)
{
	struct item i = { .wrong = NULL };

	take_port(&i, take_url(&i, s));
	return i;
}

static bool
is_port(struct span s)
{
	uint64_t n;

	return span_number(s, 10, PORT_MAX, &n);
}

/* The settings that the scheme of a server's URL asks for, and the account hasn't. */
static void
add_tls(struct buf *lines, const struct account *a, struct span scheme)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		if (!span_is_nocase(scheme, schemes[i].name))
			continue;
		if (!a->tls)
			buf_puts(lines, "\ntls on");
		if (a->starttls != schemes[i].starttls)
			buf_printf(lines, "\ntls_starttls %s",
			    schemes[i].starttls ? "on" : "off");
	}
}

static const char *
hint_for(const struct item *i, bool is_in_file)
{
	if (span_starts_nocase(i->scheme, "http"))
		return "mail goes to the server that the provider names for outgoing "
		       "mail (SMTP), and not to a web page; it may be:";
	if (i->secret > 0)
		return "the name goes into user, and the password into password_file; "
		       "where the server is, is said by:";
	return is_in_file ? "in place of that line, write:"
			  : "in its place, use these settings:";
}

/* Offers what was meant, where the item is all that stands there. */
static void
offer(
    const struct account *a, const char *setting, const struct item *i, struct outcome *o)
{
	const struct option_row *row = option_find(span_of(setting));
	const bool is_server = strcmp(setting, "host") == 0;
	struct buf lines;

	buf_init(&lines, LINES_MAX);
	buf_printf(&lines, "%.*s", (int)i->name.n, i->name.p);
	if (is_port(i->port))
		buf_printf(&lines, "\n%sport %.*s", is_server ? "" : "proxy_",
		    (int)i->port.n, i->port.p);
	if (is_server)
		add_tls(&lines, a, i->scheme);
	if (i->name.n > 0 && buf_ok(&lines)) {
		outcome_refine(
		    o, o->cause, NULL, hint_for(i, option_origin(a, row).line > 0));
		(void)outcome_offer(o, setting, lines.data);
	}
	buf_free(&lines);
}

/* How many bytes of an item aren't shown. The string that it is in goes on behind it:
 * what stands before a later '@' may be a password that has a comma or a blank in it. */
static size_t
secret_in(struct span text)
{
	const char *at = strrchr(text.p, '@');
	const size_t n = at != NULL ? (size_t)(at - text.p) : 0;

	return n < text.n ? n : text.n;
}

/* `text` is the item, in the string that the setting is. */
static void
complain(const struct account *a, const char *setting, struct span text,
    const struct item *i, struct outcome *o)
{
	const size_t secret = secret_in(text);
	struct buf words;

	text = behind(text, secret);
	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "%s takes names and addresses of servers, and %s: %s%.*s",
	    setting, i->wrong, secret > 0 ? "****" : "", span_shown(text, SHOWN_MAX),
	    text.p);
	(void)account_complain(a, setting, words.data, o);
	buf_free(&words);
}

/* Takes the next off the list, whose members have commas or blanks between them. */
static bool
next_item(struct span *list, struct span *item)
{
	static const char between[] = ", \t";

	while (list->n > 0 && strchr(between, list->p[0]) != NULL)
		*list = behind(*list, 1);
	*item = span_bytes(list->p, 0);
	while (item->n < list->n && strchr(between, item->p[item->n]) == NULL)
		item->n++;
	*list = behind(*list, item->n);
	return item->n > 0;
}

static bool
check(const struct account *a, const char *setting, const char *value, struct outcome *o)
{
	struct span list, text;

	if (value == NULL)
		return true;
	list = span_of(value);
	while (next_item(&list, &text)) {
		const struct item i = take_apart(text);

		if (i.wrong == NULL)
			continue;
		complain(a, setting, text, &i, o);
		if (text.n == strlen(value))
			offer(a, setting, &i, o);
		else
			outcome_refine(o, o->cause, NULL,
			    "list nothing but names; the port, and whether TLS is used, "
			    "have their settings, which are for all of them");
		return false;
	}
	return true;
}

bool
host_check(const struct account *a, struct outcome *o)
{
	return check(a, "host", a->host, o);
}

bool
host_check_proxy(const struct account *a, struct outcome *o)
{
	return check(a, "proxy_host", a->proxy_host, o);
}
