/* SPDX-License-Identifier: ISC */
#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/inherit.h"
#include "base/mem.h"

#define BACKLOG 1024
#define PORT_MAX 65535
#define UNIX "unix:"
#define TLS "tls:"
#define TLS_PORT "465" /* TLS from the first byte (RFC 8314) */

/* Any address that a socket can have. */
union any {
	struct sockaddr_storage storage;
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static bool
is_loopback(const union any *a)
{
	if (a->sa.sa_family == AF_INET)
		return ntohl(a->in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	if (a->sa.sa_family != AF_INET6)
		return a->sa.sa_family == AF_UNIX;
	return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr) ||
	       (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr) &&
		   a->in6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
}

/* The address; one of IPv4 in IPv6's clothes as what it is. */
static void
write_address(const union any *a, char out[LISTEN_NAME_MAX])
{
	out[0] = '\0';
	if (a->sa.sa_family == AF_INET)
		(void)inet_ntop(AF_INET, &a->in.sin_addr, out, LISTEN_NAME_MAX);
	else if (a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		(void)inet_ntop(
		    AF_INET, &a->in6.sin6_addr.s6_addr[12], out, LISTEN_NAME_MAX);
	else if (a->sa.sa_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &a->in6.sin6_addr, out, LISTEN_NAME_MAX);
}

static char *
name_of(const union any *a)
{
	char address[LISTEN_NAME_MAX];

	if (a->sa.sa_family == AF_UNIX)
		return mem_dup(
		    *a->un.sun_path != '\0' ? a->un.sun_path : "a unix socket");
	write_address(a, address);
	return mem_printf(strchr(address, ':') != NULL ? "[%s]:%d" : "%s:%d", address,
	    ntohs(a->sa.sa_family == AF_INET ? a->in.sin_port : a->in6.sin6_port));
}

static bool
has_tls_port(const union any *a)
{
	const in_port_t port = htons((in_port_t)strtoul(TLS_PORT, NULL, 10));

	if (a->sa.sa_family == AF_INET)
		return a->in.sin_port == port;
	return a->sa.sa_family == AF_INET6 && a->in6.sin6_port == port;
}

/* Takes over a socket that listens. */
static bool
add(struct listeners *l, int fd)
{
	union any a = { .storage = { 0 } };
	socklen_t n = sizeof a;

	if (getsockname(fd, &a.sa, &n) != 0 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
		return false;
	l->v = mem_room(l->v, l->n, sizeof *l->v);
	l->v[l->n++] = (struct listener){ .fd = fd,
		.is_loopback = is_loopback(&a),
		.tls_first = has_tls_port(&a),
		.name = name_of(&a) };
	return true;
}

/* Where the socket would be. */
static void
offer_directory(const char *path, struct outcome *o)
{
	const char *slash = strrchr(path, '/');
	char *directory;

	if (slash == NULL)
		return;
	directory = mem_dup_bytes(path, (size_t)(slash - path));
	if (file_name_is_plain(directory))
		(void)outcome_offer(o, "install -d", directory);
	outcome_refine(o, CAUSE_LISTEN, NULL,
	    *o->setting != '\0'
		? "that makes the directory of the socket; it has to be of the user who "
		  "listens"
		: "make the directory of the socket, which has to be of the user who "
		  "listens");
	free(directory);
}

static bool
cannot_listen(const char *place, int error, struct outcome *o)
{
	const bool is_path = strchr(place, '/') != NULL;

	(void)outcome_fail(
	    o, CAUSE_LISTEN, "cannot listen at %s: %s", place, strerror(error));
	if (error == EACCES && !is_path)
		(void)outcome_note(o, "ports below 1024 are for root, or for who has "
				      "CAP_NET_BIND_SERVICE");
	if (error == ENOENT && is_path)
		offer_directory(place, o);
	return false;
}

/* An IPv4 address in the shape of one of IPv6, which listens to nobody. */
static bool
is_mapped(const struct addrinfo *a)
{
	union any any = { .storage = { 0 } };

	memcpy(&any, a->ai_addr, a->ai_addrlen);
	return a->ai_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&any.in6.sin6_addr);
}

static bool
open_address(
    struct listeners *l, const char *place, const struct addrinfo *a, struct outcome *o)
{
	const int on = 1;
	int fd;

	if (is_mapped(a))
		return outcome_fail(o, CAUSE_CONFIG,
		    "cannot listen at %s: an IPv4 address is written without ::ffff:",
		    place);
	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    (a->ai_family != AF_INET6 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
	    bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0 &&
	    add(l, fd))
		return true;
	(void)cannot_listen(place, errno, o);
	if (fd >= 0)
		(void)close(fd);
	return false;
}

/* "ADDRESS:PORT", "[ADDRESS]:PORT", or one of them alone: then the port is the usual one.
 */
static void
split(const char *place, const char *usual, char **host, char **port)
{
	const char *colon = strrchr(place, ':'), *close = strrchr(place, ']');
	size_t n = colon != NULL ? (size_t)(colon - place) : strlen(place);
	bool only_port = *place != '\0' && strspn(place, "0123456789") == strlen(place);
	bool bare = colon != NULL && strchr(place, ':') != colon && *place != '[';

	if (only_port || bare || (close != NULL && colon != NULL && close > colon)) {
		*host = mem_dup(only_port ? "127.0.0.1" : place);
		*port = mem_dup(only_port ? place : usual);
	} else {
		*host = mem_dup_bytes(place, n);
		*port = mem_dup(colon != NULL ? colon + 1 : usual);
	}
	n = strlen(*host);
	if (n > 1 && **host == '[' && (*host)[n - 1] == ']') {
		memmove(*host, *host + 1, n - 2);
		(*host)[n - 2] = '\0';
	}
}

static bool
open_network(struct listeners *l, const char *place, const char *usual, struct outcome *o)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	char *host, *port;
	const char *address;
	bool ok;

	split(place, usual, &host, &port);
	address = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
	/* getaddrinfo() takes larger ones, and what is left of them in 16 bits */
	ok = strtoul(port, NULL, 10) <= PORT_MAX &&
	     getaddrinfo(strcmp(host, "*") == 0 ? NULL : address, port, &hints, &found) ==
		 0;
	if (!ok)
		(void)outcome_fail(o, CAUSE_CONFIG,
		    "\"%s\" (listen) is no place to listen at: it goes ADDRESS:PORT, "
		    "with an IP address, or unix:PATH; and tls: before it",
		    place);
	for (const struct addrinfo *a = found; a != NULL && ok; a = a->ai_next)
		ok = open_address(l, place, a, o);
	if (found != NULL)
		freeaddrinfo(found);
	free(host);
	free(port);
	return ok;
}

/* Whether nobody listens at a socket that is there. */
static bool
is_left_over(const union any *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool refused =
	    fd >= 0 && connect(fd, &a->sa, sizeof a->un) != 0 && errno == ECONNREFUSED;

	if (fd >= 0)
		(void)close(fd);
	return refused;
}

/* Who may use it is said by the folder that it is in. */
static bool
open_path(struct listeners *l, const char *path, struct outcome *o)
{
	union any a = { .un = { .sun_family = AF_UNIX } };
	const size_t n = strlen(path);
	int fd;

	if (n == 0 || n >= sizeof a.un.sun_path)
		return outcome_fail(o, CAUSE_CONFIG,
		    "listen: a unix socket's path has 1 to %zu bytes",
		    sizeof a.un.sun_path - 1);
	memcpy(a.un.sun_path, path, n);
	if (is_left_over(&a))
		(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && bind(fd, &a.sa, sizeof a.un) == 0 && chmod(path, 0666) == 0 &&
	    listen(fd, BACKLOG) == 0 && add(l, fd)) {
		l->v[l->n - 1].made = mem_dup(path);
		return true;
	}
	(void)cannot_listen(path, errno, o);
	if (fd >= 0)
		(void)close(fd);
	return false;
}

static bool
open_place(struct listeners *l, const char *place, const char *port, struct outcome *o)
{
	const bool tls_first = strncmp(place, TLS, strlen(TLS)) == 0;
	const size_t before = l->n;
	bool ok;

	if (tls_first) {
		place += strlen(TLS);
		port = TLS_PORT;
	}
	ok = strncmp(place, UNIX, strlen(UNIX)) == 0
		 ? open_path(l, place + strlen(UNIX), o)
		 : open_network(l, place, port, o);
	for (size_t i = before; i < l->n; i++)
		l->v[i].tls_first |= tls_first;
	return ok;
}

bool
listen_open(struct listeners *l, const char *places, const char *port, struct outcome *o)
{
	const char *p = places;
	bool ok = true;

	while (ok && *(p += strspn(p, ", \t")) != '\0') {
		char *place = mem_dup_bytes(p, strcspn(p, ", \t"));

		p += strlen(place);
		ok = open_place(l, place, port, o);
		free(place);
	}
	return ok;
}

static bool
listens(int fd)
{
	int on = 0;
	socklen_t n = sizeof on;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &n) == 0 && on != 0;
}

void
listen_inherit(struct listeners *l)
{
	const int end = INHERIT_FIRST + inherit_count();

	for (int fd = INHERIT_FIRST; fd < end; fd++)
		if (listens(fd))
			(void)add(l, fd);
}

void
listen_close(struct listeners *l)
{
	for (size_t i = 0; i < l->n; i++) {
		(void)close(l->v[i].fd);
		if (l->v[i].made != NULL)
			(void)unlink(l->v[i].made);
		free(l->v[i].made);
		free(l->v[i].name);
	}
	free(l->v);
	*l = (struct listeners){ NULL, 0 };
}

static void
identify_local(struct arrival *a)
{
	struct ucred who = { 0 };
	socklen_t n = sizeof who;

	if (getsockopt(a->fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0)
		a->uid = (long)who.uid;
	(void)snprintf(a->place, sizeof a->place, "uid %ld", a->uid);
}

static void
identify_remote(struct arrival *a, const union any *peer)
{
	const int on = 1;
	char *name = name_of(peer);

	write_address(peer, a->address);
	(void)snprintf(a->place, sizeof a->place, "%s", name);
	(void)setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	free(name);
}

static void
identify(struct arrival *a, const union any *peer)
{
	a->is_local = is_loopback(peer);
	a->uid = -1;
	if (peer->sa.sa_family == AF_UNIX)
		identify_local(a);
	else
		identify_remote(a, peer);
}

bool
listen_accept(const struct listener *l, struct arrival *a, bool *full)
{
	union any peer = { .storage = { 0 } };
	socklen_t n = sizeof peer;

	*a = (struct arrival){ .fd = accept4(
				   l->fd, &peer.sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC) };
	if (a->fd < 0) {
		*full |= errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			 errno == ENOMEM;
		return false;
	}
	if (peer.sa.sa_family == 0) /* a unix socket's client has no name */
		peer.sa.sa_family = AF_UNIX;
	identify(a, &peer);
	a->tls_first = l->tls_first;
	return true;
}

bool
listen_connected(int fd, struct arrival *a)
{
	union any peer = { .storage = { 0 } };
	socklen_t n = sizeof peer;

	*a = (struct arrival){ .fd = fd };
	if (getpeername(fd, &peer.sa, &n) != 0)
		return false;
	identify(a, &peer);
	return true;
}
