/* SPDX-License-Identifier: ISC */
#include "cmd/serve.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/users.h"
#include "base/mem.h"
#include "cmd/caller.h"
#include "cmd/keep.h"
#include "cmd/recipients.h"
#include "cmd/submit.h"
#include "conf/home.h"
#include "conf/load.h"
#include "net/identity.h"
#include "net/network.h"
#include "net/socket.h"
#include "serve/daemon.h"
#include "serve/gate.h"
#include "serve/server.h"

/* Where we keep what we have made; owned by the caller. NULL: there is no such place. */
static char *
state_directory(void)
{
	const char *given = getenv("STATE_DIRECTORY"), *state = getenv("XDG_STATE_HOME");
	char *home, *directory;

	if (given != NULL && *given != '\0')
		return mem_dup(given);
	if (getuid() == 0)
		return mem_dup(SERVER_STATE_DIRECTORY);
	if (state != NULL && *state == '/')
		return mem_printf("%s/mailchute", state);
	home = home_directory();
	directory = home != NULL ? mem_printf("%s/.local/state/mailchute", home) : NULL;
	free(home);
	return directory;
}

static void
make_directories(char *path)
{
	for (char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0755);
		*p = '/';
	}
	(void)mkdir(path, 0700);
}

/* A file there, owned by the caller; NULL: there is no such place. */
static char *
state_file(const char *name)
{
	char *directory = state_directory(), *file;

	if (directory == NULL)
		return NULL;
	make_directories(directory);
	file = mem_printf("%s/%s", directory, name);
	free(directory);
	return file;
}

const char *
server_name(const struct server *s)
{
	return *s->domain != '\0' ? s->domain : "localhost";
}

/* A certificate of our own making. */
static bool
make_identity(struct server *s, struct outcome *o)
{
	char *file = state_file("tls.pem");

	if (file == NULL)
		return outcome_fail(o, CAUSE_CONFIG,
		    "there is no place for a certificate: set listen_tls_cert_file");
	if (tls_identity_make(file, server_name(s), o))
		s->identity = tls_identity_load(file, file, o);
	free(file);
	return s->identity != NULL;
}

static bool
load_identity(struct server *s, struct outcome *o)
{
	const struct account *a = s->account;
	const char *key = a->listen_tls_key_file != NULL ? a->listen_tls_key_file
							 : a->listen_tls_cert_file;

	if (!a->listen_tls)
		return true;
	if (a->listen_tls_cert_file == NULL)
		return make_identity(s, o);
	s->identity = tls_identity_load(a->listen_tls_cert_file, key, o);
	return s->identity != NULL;
}

static bool
load_users(struct server *s, struct outcome *o)
{
	char *file;

	if (s->account->listen_auth_file == NULL)
		return true;
	s->users = users_open(s->account->listen_auth_file, o);
	if (s->users == NULL)
		return false;
	file = state_file("salts");
	users_keep_secret(s->users, file);
	free(file);
	return true;
}

static struct gate_rules
rules_of(const struct account *a)
{
	return (struct gate_rules){
		.senders = a->listen_senders,
		.limits = {
			[USAGE_MAILS] = { a->listen_mails_hour, a->listen_mails_day },
			[USAGE_RECIPIENTS] = { a->listen_recipients_hour,
			    a->listen_recipients_day },
		},
		.waiting = (uint64_t)a->listen_waiting,
	};
}

static bool
has_limits(const struct gate_rules *r)
{
	for (size_t i = 0; i < USAGE_LAST; i++)
		if (r->limits[i].hour > 0 || r->limits[i].day > 0)
			return true;
	return r->waiting > 0;
}

/* Where nothing is limited, nothing is counted. */
static bool
open_usage(struct server *s, struct outcome *o)
{
	const struct gate_rules rules = rules_of(s->account);
	char *file;
	bool ok;

	if (!has_limits(&rules))
		return true;
	file = state_file("usage");
	ok = file != NULL ? usage_open(&s->usage, file, o)
			  : outcome_fail(o, CAUSE_CONFIG,
				"there is no place to count in what clients send: set "
				"STATE_DIRECTORY");
	free(file);
	return ok;
}

static bool
is_from_files(enum choice_by by)
{
	return by == CHOICE_NAME || by == CHOICE_SENDER || by == CHOICE_DEFAULT;
}

bool
server_choose(struct server *s, const struct invocation *v, struct outcome *o)
{
	*s = (struct server){ .v = v, .domain = caller_domain(), .usage = { -1 } };
	if (s->domain == NULL)
		s->domain = mem_dup("");
	if (!choose(&s->choice, v, &s->config, NULL, o))
		return false;
	s->account = s->choice.account;
	return !is_from_files(s->choice.by) || config_load(&s->known, v->file, o);
}

bool
server_equip(struct server *s, struct outcome *o)
{
	const struct account *a = s->account;

	return (a->listen_from == NULL ||
		   network_check(a->listen_from, "listen_from", o)) &&
	       load_identity(s, o) && load_users(s, o) && open_usage(s, o);
}

bool
server_init(struct server *s, const struct invocation *v, struct outcome *o)
{
	return server_choose(s, v, o) && server_equip(s, o);
}

const struct config *
server_known(const struct server *s)
{
	return s->known.n > 0 ? &s->known : NULL;
}

void
server_free(struct server *s)
{
	submit_free(s->submit);
	tls_identity_free(s->identity);
	users_free(s->users);
	usage_close(&s->usage);
	choice_free(&s->choice);
	config_free(&s->config);
	config_free(&s->known);
	free(s->domain);
}

/* Refuses to listen there, and says which line would do. */
static bool
refuse(const struct listener *l, const char *why, const char *name, struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_CONFIG, "listen %s: %s", l->name, why);
	return name != NULL && outcome_offer(o, name, "on");
}

static bool
may_listen_at(const struct server *s, const struct listener *l, struct outcome *o)
{
	const struct account *a = s->account;
	const bool by_tls_only =
	    s->users != NULL && users_methods(s->users, true) == NULL;

	if (l->tls_first && !a->listen_tls)
		return refuse(l, "TLS comes first there, and is off", "listen_tls", o);
	if (l->is_loopback)
		return true;
	if (!a->listen_public || (a->listen_from == NULL && s->users == NULL))
		return refuse(l,
		    "it would take mail from other machines: that needs listen_public "
		    "on, and listen_from or listen_auth_file to say from whom",
		    a->listen_public ? NULL : "listen_public", o);
	if (by_tls_only && !a->listen_tls)
		return refuse(l,
		    "users of whose passwords there are hashes can sign in by TLS only",
		    "listen_tls", o);
	return true;
}

bool
server_may_listen(const struct server *s, const struct listeners *l, struct outcome *o)
{
	for (size_t i = 0; i < l->n; i++)
		if (!may_listen_at(s, &l->v[i], o))
			return false;
	return true;
}

/* Whether this client need not sign in. */
static bool
is_trusted(const struct account *a, const struct arrival *c)
{
	return c->is_local ||
	       (a->listen_from != NULL && network_has(a->listen_from, c->address));
}

/* Why this client isn't served; NULL: it is. Settings that were read again may have put
 * off TLS. */
static const char *
closed_to(const struct server *s, const struct arrival *c)
{
	if (!is_trusted(s->account, c) && s->users == NULL)
		return "you are not known here";
	return c->tls_first && s->identity == NULL ? "there is no TLS here any more"
						   : NULL;
}

struct service
service_by(const struct account *a)
{
	return (struct service){
		.limits = {
			.size = (uint64_t)a->listen_size,
			.recipients = (size_t)a->listen_recipients,
		},
		.lmtp = a->listen_protocol == PROTOCOL_LMTP,
	};
}

static struct service
service_for(const struct server *s, const struct arrival *c)
{
	struct service service = service_by(s->account);

	service.name = server_name(s);
	service.bare = c->is_local;
	service.discreet = !c->is_local;
	service.identity = s->identity;
	service.encrypts_first = c->tls_first && s->identity != NULL;
	service.users = s->users;
	service.must_sign_in = !is_trusted(s->account, c);
	service.closed = closed_to(s, c);
	return service;
}

static uint64_t
count_waiting(void *arg, const char *who)
{
	const struct server *s = arg;

	return keep_waiting(&s->config, s->account, who);
}

/* What takes the mail of all clients that this process has, one behind the other. */
static struct submit *
submit_of(struct server *s)
{
	struct invocation v = *s->v;

	v.known = server_known(s);
	if (s->submit == NULL)
		s->submit = submit_new(&v, s->domain);
	return s->submit;
}

void
server_talk(struct server *s, const struct arrival *a)
{
	const struct gate_rules rules = rules_of(s->account);
	struct service service = service_for(s, a);
	struct gate gate = {
		.rules = &rules,
		.usage = &s->usage,
		.waiting = count_waiting,
		.arg = s,
		.next = &submit_sink,
	};
	struct here here;
	struct visitor visitor = {
		.address = *a->address != '\0' ? a->address : NULL,
		.place = a->place,
		.uid = a->uid,
	};
	struct socket socket = { a->fd };
	struct stream stream;

	here_init(&here, s->account);
	gate.local = &here.local;
	gate.self = submit_of(s);
	service.sink = &gate_sink;
	service.self = &gate;
	stream_init(&stream, &socket_carrier, &socket);
	submit_meet(s->submit, gate.who, visitor.address);
	serve_session(&service, &visitor, &stream, a->fd, daemon_rests);
	submit_leave(s->submit);
}
