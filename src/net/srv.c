/* SPDX-License-Identifier: ISC */
#include "net/srv.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>
#include <sys/random.h>

#include "base/encode.h"
#include "net/lookup.h"
#include "net/resolve.h"

/* RFC 1035, 4.1; RFC 2782. The numbers of a reply are of 16 bits unless said otherwise.
 */
#define HEADER_TO_COUNTS 4 /* bytes: id, flags */
#define AFTER_COUNTS 4     /* bytes: the counts of the sections that aren't read */
#define TTL_SIZE 4
#define TYPE_SRV 33
#define CLASS_IN 1
#define REPLY_MAX (64 * 1024)

struct cursor {
	const unsigned char *start, *p, *end;
};

static size_t
left(const struct cursor *c)
{
	return (size_t)(c->end - c->p);
}

static bool
skip(struct cursor *c, size_t n)
{
	if (left(c) < n)
		return false;
	c->p += n;
	return true;
}

static bool
take_number(struct cursor *c, unsigned *value)
{
	const unsigned char *p = c->p;

	if (!skip(c, 2))
		return false;
	*value = (unsigned)p[0] << 8 | p[1];
	return true;
}

static bool
skip_name(struct cursor *c)
{
	int n = left(c) > 0 ? dn_skipname(c->p, c->end) : -1;

	return n > 0 && skip(c, (size_t)n);
}

/* The data of one SRV record. */
static bool
take_server(struct srv_list *list, struct cursor c)
{
	struct srv *s = &list->v[list->n];
	unsigned port;

	if (list->n == SRV_MAX)
		return true;
	if (!take_number(&c, &s->priority) || !take_number(&c, &s->weight) ||
	    !take_number(&c, &port) || left(&c) == 0 ||
	    dn_expand(c.start, c.end, c.p, s->target, sizeof s->target) < 0)
		return false;
	s->port = (int)port;
	if (*s->target == '\0')
		list->refused = true;
	else if (port > 0 && is_host_name(s->target))
		list->n++;
	return true;
}

static bool
take_record(struct srv_list *list, struct cursor *c)
{
	unsigned type, class, size;
	struct cursor data;

	if (!skip_name(c) || !take_number(c, &type) || !take_number(c, &class) ||
	    !skip(c, TTL_SIZE) || !take_number(c, &size))
		return false;
	data = *c;
	if (!skip(c, size))
		return false;
	data.end = c->p;
	return type != TYPE_SRV || class != CLASS_IN || take_server(list, data);
}

bool
srv_parse(struct srv_list *list, struct span reply)
{
	const unsigned char *p = (const unsigned char *)reply.p;
	struct cursor c = { p, p, p + reply.n };
	unsigned questions, answers;
	bool ok;

	*list = (struct srv_list){ 0 };
	ok = skip(&c, HEADER_TO_COUNTS) && take_number(&c, &questions) &&
	     take_number(&c, &answers) && skip(&c, AFTER_COUNTS);
	for (; ok && questions > 0; questions--)
		ok = skip_name(&c) && skip(&c, 4); /* type and class */
	for (; ok && answers > 0; answers--)
		ok = take_record(list, &c);
	if (!ok)
		*list = (struct srv_list){ 0 };
	return ok;
}

/* Whether a is to be drawn before b: by priority; of one priority those without a weight
 * stand first, and so have a chance at all (RFC 2782). */
static bool
comes_before(const struct srv *a, const struct srv *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->weight == 0 && b->weight > 0;
}

/* Moves the server at `from` down to `to`; those between keep their order. */
static void
move(struct srv *v, int from, int to)
{
	struct srv moved = v[from];

	memmove(&v[to + 1], &v[to], (size_t)(from - to) * sizeof *v);
	v[to] = moved;
}

/* Draws one of the servers from `first` on that have its priority. */
static int
draw(const struct srv_list *list, int first, unsigned (*chance)(unsigned limit))
{
	unsigned total = 0, sum = 0, mark;
	int end = first;

	for (; end < list->n && list->v[end].priority == list->v[first].priority; end++)
		total += list->v[end].weight;
	mark = chance(total);
	for (int i = first; i < end; i++) {
		sum += list->v[i].weight;
		if (sum >= mark)
			return i;
	}
	return first;
}

void
srv_sort(struct srv_list *list, unsigned (*chance)(unsigned limit))
{
	for (int i = 1; i < list->n; i++) {
		int to = i;

		while (to > 0 && comes_before(&list->v[i], &list->v[to - 1]))
			to--;
		move(list->v, i, to);
	}
	for (int i = 0; i < list->n; i++)
		move(list->v, draw(list, i, chance), i);
}

static unsigned
chance_of(unsigned limit)
{
	unsigned number = 0;

	if (getrandom(&number, sizeof number, GRND_NONBLOCK) != (ssize_t)sizeof number)
		return 0;
	return number % (limit + 1);
}

struct found {
	int error; /* of the resolver, as in h_errno; 0: there is a list */
	bool malformed;
	struct srv_list list;
};

static void
ask(const void *name, void *result)
{
	static unsigned char reply[REPLY_MAX];
	struct found *f = result;
	int n;

	h_errno = 0;
	n = res_query(name, CLASS_IN, TYPE_SRV, reply, sizeof reply);
	if (n < 0)
		f->error = h_errno > 0 ? h_errno : NO_RECOVERY;
	else if (n > REPLY_MAX)
		f->malformed = true;
	else
		f->malformed =
		    !srv_parse(&f->list, span_bytes((const char *)reply, (size_t)n));
}

bool
srv_lookup(struct srv_list *list, const char *name, int64_t deadline, struct outcome *o)
{
	struct found f;

	*list = (struct srv_list){ 0 };
	if (!lookup_ask(ask, name, &f, sizeof f, deadline)) {
		if (errno == ETIMEDOUT) {
			(void)outcome_fail(o, CAUSE_DNS,
			    "cannot look up %s: the name servers do not answer", name);
			return lookup_note_servers(NAME_SERVERS_FILE, o);
		}
		return outcome_fail(
		    o, CAUSE_SYSTEM, "cannot look up %s: %s", name, strerror(errno));
	}
	if (f.malformed)
		return outcome_fail(o, CAUSE_DNS,
		    "cannot look up %s: the name server's answer can't be read", name);
	if (f.error != 0 && f.error != HOST_NOT_FOUND && f.error != NO_DATA) {
		(void)outcome_fail(
		    o, CAUSE_DNS, "cannot look up %s: %s", name, hstrerror(f.error));
		return lookup_note_servers(NAME_SERVERS_FILE, o);
	}
	*list = f.list;
	srv_sort(list, chance_of);
	return true;
}
