/* SPDX-License-Identifier: ISC */
#include "net/resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/mem.h"

#define NAME_SERVERS_MAX (64 * 1024) /* bytes of such a file */

struct question {
	const char *host;
	int port;
	int family;
	int flags;
};

static void
look_up(const void *arg, void *result)
{
	const struct question *q = arg;
	struct lookup_answer *answer = result;
	const struct addrinfo hints = {
		.ai_family = q->family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | q->flags,
	};
	struct addrinfo *list = NULL;
	char service[16];

	*answer = (struct lookup_answer){ 0 };
	(void)snprintf(service, sizeof service, "%d", q->port);
	answer->error = getaddrinfo(q->host, service, &hints, &list);
	if (answer->error != 0)
		return;
	for (struct addrinfo *i = list; i != NULL && answer->n < LOOKUP_MAX;
	     i = i->ai_next)
		memcpy(&answer->addr[answer->n++], i->ai_addr, i->ai_addrlen);
	freeaddrinfo(list);
}

bool
lookup_at_once(const char *host, int port, int family, struct lookup_answer *answer)
{
	struct question q = { host, port, family, AI_NUMERICHOST };

	if (strcasecmp(host, "localhost") == 0 || strcasecmp(host, "localhost.") == 0)
		q.host = family == AF_INET6 ? "::1" : "127.0.0.1";
	look_up(&q, answer);
	return answer->error == 0;
}

bool
lookup_start(struct lookup *l, const char *host, int port, int family)
{
	const struct question q = { host, port, family, 0 };

	return lookup_begin(l, look_up, &q, sizeof(struct lookup_answer));
}

void
lookup_wait(const char *host, int port, int family, int64_t deadline,
    struct lookup_answer *answer)
{
	const struct question q = { host, port, family, 0 };

	if (!lookup_at_once(host, port, family, answer) &&
	    !lookup_ask(look_up, &q, answer, sizeof *answer, deadline))
		*answer = (struct lookup_answer){ .error = EAI_AGAIN };
}

void
lookup_print(const struct sockaddr_storage *address, char *out)
{
	socklen_t size = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
							: sizeof(struct sockaddr_in);

	if (getnameinfo((const struct sockaddr *)address, size, out, INET6_ADDRSTRLEN,
		NULL, 0, NI_NUMERICHOST) != 0)
		*out = '\0';
}

void
lookup_take(struct lookup *l, struct lookup_answer *answer)
{
	if (!lookup_end(l, answer, sizeof *answer))
		*answer = (struct lookup_answer){ .error = EAI_FAIL };
}

bool
lookup_may_recover(int error)
{
	return error != EAI_NONAME && error != EAI_NODATA && error != EAI_ADDRFAMILY;
}

struct host_name {
	char text[NI_MAXHOST];
};

static void
look_up_name(const void *address, void *result)
{
	const struct sockaddr_storage *a = address;
	struct host_name *name = result;
	socklen_t size = a->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						  : sizeof(struct sockaddr_in);

	if (getnameinfo((const struct sockaddr *)a, size, name->text, sizeof name->text,
		NULL, 0, NI_NAMEREQD) != 0)
		*name = (struct host_name){ 0 };
}

char *
lookup_name(const char *address, int64_t deadline)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct lookup_answer it;
	struct host_name name;

	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
		if (lookup_at_once(address, 0, families[i], &it) &&
		    lookup_ask(look_up_name, &it.addr[0], &name, sizeof name, deadline) &&
		    is_host_name(name.text))
			return mem_dup(name.text);
	return NULL;
}

/* The address in a line of resolv.conf(5), or nothing. */
static struct span
name_server(struct span line)
{
	static const char key[] = "nameserver";
	const size_t n = sizeof key - 1;

	if (line.n <= n || memcmp(line.p, key, n) != 0 || !is_blank(line.p[n]))
		return span_bytes(line.p, 0);
	return span_trim(span_bytes(line.p + n, line.n - n));
}

bool
lookup_note_servers(const char *file, struct outcome *o)
{
	struct buf text, list;
	struct span left, line;
	struct stat st;

	buf_init(&text, NAME_SERVERS_MAX);
	buf_init(&list, NAME_SERVERS_MAX);
	if (file_read(file, &text, &st)) {
		left = buf_span(&text);
		while (span_cut(&left, '\n', &line)) {
			struct span server = name_server(line);

			if (server.n > 0)
				buf_printf(&list, "%s%.*s", list.len > 0 ? ", " : "",
				    (int)server.n, server.p);
		}
	}
	if (list.len > 0)
		(void)outcome_note(o, "name servers in %s: %s", file, list.data);
	buf_free(&text);
	buf_free(&list);
	return false;
}

static void
look_up_canonical(const void *host, void *result)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_CANONNAME };
	struct host_name *name = result;
	struct addrinfo *list = NULL;

	if (getaddrinfo(host, NULL, &hints, &list) != 0)
		return;
	if (list->ai_canonname != NULL)
		(void)snprintf(name->text, sizeof name->text, "%s", list->ai_canonname);
	freeaddrinfo(list);
}

char *
lookup_canonical(const char *host, int64_t deadline)
{
	struct host_name name;

	if (!lookup_ask(look_up_canonical, host, &name, sizeof name, deadline) ||
	    !is_host_name(name.text))
		return NULL;
	return mem_dup(name.text);
}
