/* SPDX-License-Identifier: ISC */
#include "serve/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

#define BACKLOG 1024
#define PORT_MAX 65535

union place {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

static bool
refuse(const char *place, struct outcome *o)
{
	return outcome_fail(o, CAUSE_USAGE,
	    "can't listen at \"%.200s\": it takes ADDRESS:PORT, such as 127.0.0.1:1025 "
	    "or "
	    "[::1]:1025, or unix:PATH",
	    place);
}

static bool
fail(const char *place, int error, struct outcome *o)
{
	return outcome_fail(
	    o, CAUSE_LISTEN, "cannot listen at %.200s: %s", place, strerror(error));
}

static bool
port_of(struct span text, in_port_t *port)
{
	unsigned long n = 0;

	if (text.n == 0 || text.n > 5)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (!is_digit(text.p[i]))
			return false;
		n = n * 10 + (unsigned long)(text.p[i] - '0');
	}
	*port = htons((in_port_t)n);
	return n <= PORT_MAX;
}

/* Takes an address, which may be in brackets, off the front of *text. */
static struct span
take_address(struct span *text)
{
	struct span address = *text;
	const char *end = text->n > 0 && text->p[0] == '['
			      ? memchr(text->p, ']', text->n)
			      : memchr(text->p, ':', text->n);

	if (text->n > 0 && text->p[0] == '[' && end != NULL) {
		address = span_bytes(text->p + 1, (size_t)(end - text->p) - 1);
		end++;
	} else if (end != NULL) {
		address.n = (size_t)(end - text->p);
	}
	*text = end != NULL ? span_bytes(end, text->n - (size_t)(end - text->p))
			    : span_bytes(text->p + text->n, 0);
	return address;
}

/* Reads "ADDRESS:PORT", "ADDRESS" or "PORT". */
static bool
read_place(
    union place *p, const char *place, const char *address, int port, socklen_t *size)
{
	struct span rest = span_of(place), host;
	in_port_t number = htons((in_port_t)port);
	char *name;

	if (port_of(rest, &number)) {
		host = span_of(address);
		rest.n = 0;
	} else {
		host = take_address(&rest);
	}
	if (rest.n > 0 &&
	    (rest.p[0] != ':' || !port_of(span_bytes(rest.p + 1, rest.n - 1), &number)))
		return false;
	name = host.n == 0                  ? mem_dup(address)
	       : span_is(host, "localhost") ? mem_dup("127.0.0.1")
					    : span_dup(host);
	*p = (union place){ .in6 = { .sin6_family = AF_INET6, .sin6_port = number } };
	*size = sizeof p->in6;
	if (inet_pton(AF_INET6, name, &p->in6.sin6_addr) != 1) {
		*p = (union place){ .in = { .sin_family = AF_INET, .sin_port = number } };
		*size = sizeof p->in;
	}
	if (p->any.sa_family == AF_INET && inet_pton(AF_INET, name, &p->in.sin_addr) != 1)
		*size = 0;
	free(name);
	return *size > 0;
}

/* A socket whose server is gone refuses those who connect. */
static void
remove_stale(const union place *p, socklen_t size)
{
	struct stat st;
	int fd;

	if (lstat(p->un.sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, &p->any, size) != 0 && errno == ECONNREFUSED)
		(void)unlink(p->un.sun_path);
	if (fd >= 0)
		(void)close(fd);
}

static bool
open_socket(struct door *l, const union place *p, socklen_t size, const char *place,
    struct outcome *o)
{
	const int on = 1;

	l->fd = socket(p->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd >= 0 && p->any.sa_family != AF_UNIX)
		(void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (l->fd >= 0 && p->any.sa_family == AF_INET6)
		(void)setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (l->fd >= 0 && bind(l->fd, &p->any, size) == 0 && listen(l->fd, BACKLOG) == 0)
		return true;
	(void)fail(place, errno, o);
	door_close(l);
	return false;
}

static bool
open_unix(struct door *l, const char *path, struct outcome *o)
{
	union place p = { .un = { .sun_family = AF_UNIX } };
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof p.un.sun_path)
		return outcome_fail(o, CAUSE_USAGE,
		    "can't listen at unix:%.200s: a path has 1 to %zu bytes", path,
		    sizeof p.un.sun_path - 1);
	memcpy(p.un.sun_path, path, n);
	remove_stale(&p, sizeof p.un);
	if (!open_socket(l, &p, sizeof p.un, path, o))
		return false;
	l->path = mem_dup(path);
	return true;
}

bool
door_open(
    struct door *l, const char *place, const char *address, int port, struct outcome *o)
{
	union place p;
	socklen_t size;

	*l = (struct door){ .fd = -1 };
	if (strncmp(place, "unix:", 5) == 0)
		return open_unix(l, place + 5, o);
	if (!read_place(&p, place, address, port, &size))
		return refuse(place, o);
	return open_socket(l, &p, size, place, o);
}

void
door_close(struct door *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	if (l->path != NULL)
		(void)unlink(l->path);
	free(l->path);
	*l = (struct door){ .fd = -1 };
}

static void
own_place(const struct door *l, union place *p)
{
	socklen_t size = sizeof p->room;

	*p = (union place){ .any = { .sa_family = AF_UNSPEC } };
	(void)getsockname(l->fd, &p->any, &size);
}

bool
door_is_local(const struct door *l)
{
	union place p;

	own_place(l, &p);
	if (p.any.sa_family == AF_INET)
		return ntohl(p.in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return p.any.sa_family == AF_UNIX || IN6_IS_ADDR_LOOPBACK(&p.in6.sin6_addr);
}

/* Writes the address into `address`; returns the port. */
static unsigned
name_of(const union place *p, char *address, size_t size)
{
	const void *bytes = p->any.sa_family == AF_INET6 ? (const void *)&p->in6.sin6_addr
							 : (const void *)&p->in.sin_addr;

	if (inet_ntop(p->any.sa_family, bytes, address, (socklen_t)size) == NULL)
		address[0] = '\0';
	return ntohs(p->any.sa_family == AF_INET6 ? p->in6.sin6_port : p->in.sin_port);
}

void
door_place(const struct door *l, struct buf *out)
{
	char address[INET6_ADDRSTRLEN];
	union place p;
	unsigned port;

	if (l->path != NULL) {
		buf_printf(out, "unix:%s", l->path);
		return;
	}
	own_place(l, &p);
	port = name_of(&p, address, sizeof address);
	buf_printf(out, p.any.sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", address, port);
}

static void
describe(struct peer *who, const union place *p, int fd)
{
	struct ucred user = { .uid = 0 };
	socklen_t size = sizeof user;
	unsigned port;

	*who = (struct peer){ .uid = -1 };
	if (p->any.sa_family != AF_UNIX) {
		port = name_of(p, who->address, sizeof who->address);
		(void)snprintf(
		    who->place, sizeof who->place, "%s:%u", who->address, port);
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size) == 0)
		who->uid = (long)user.uid;
	(void)snprintf(who->place, sizeof who->place, "uid %ld", who->uid);
}

int
door_accept(const struct door *l, struct peer *who)
{
	const int on = 1;
	union place p = { .any = { .sa_family = AF_UNIX } };
	socklen_t size = sizeof p.room;
	int fd = accept4(l->fd, &p.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -1;
	if (l->path != NULL)
		p.any.sa_family = AF_UNIX; /* a client's has no name */
	else
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	describe(who, &p, fd);
	return fd;
}
