/* SPDX-License-Identifier: ISC
 *
 * catch.c - a server that delivers nothing: for those whose programs send mail
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "auth/users.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/report_dialogue.h"
#include "net/identity.h"
#include "net/socket.h"
#include "relay/catch.h"
#include "serve/catcher.h"
#include "serve/daemon.h"
#include "serve/expect.h"
#include "serve/server.h"

#define PORT "1025" /* where nothing else is given */
#define PLACE "127.0.0.1:" PORT
#define CLIENTS_MAX 1000
#define GRACE_MS 1000
#define MISSED 1 /* the exit status where what was waited for hasn't come */
#define WORDS_MAX 4096

/* What the command line asks for. */
struct asked_catch {
	const struct invocation *v;
	const char *place;
	struct listeners listeners;
	bool encrypts; /* STARTTLS is offered */
	struct tls_identity *identity;
	struct fingerprint fingerprint; /* of its certificate */
	struct users *users;            /* NULL: nobody has to sign in */
	struct account *account;        /* with the settings of the command line */
	struct catcher catcher;
	struct serve_limits limits;
	uint64_t seed;
	uint64_t seconds; /* 0: for ever */
};

static bool
take_number(const char *option, const char *text, uint64_t *n, struct outcome *o)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (!is_digit(*text) || *end != '\0' || errno != 0)
		return outcome_fail(
		    o, CAUSE_USAGE, "--%s %.100s: it takes a number", option, text);
	*n = value;
	return true;
}

static bool
has_room(size_t n, const char *option, struct outcome *o)
{
	return n < CATCHER_LIST_MAX ||
	       outcome_fail(o, CAUSE_USAGE, "--%s can stand %d times at most", option,
		   CATCHER_LIST_MAX);
}

static bool
take_expect(struct asked_catch *a, const char *value, struct outcome *o)
{
	struct catcher *c = &a->catcher;

	if (!has_room(c->expects, "expect", o) || !expect_validate(value, o))
		return false;
	c->expect[c->expects++] = value;
	return true;
}

static bool
take_fail(struct asked_catch *a, const char *value, struct outcome *o)
{
	struct catcher *c = &a->catcher;

	return has_room(c->faults, "fail", o) &&
	       fault_parse(&c->fault[c->faults++], span_of(value), o);
}

static bool
take_seed(struct asked_catch *a, const char *value, struct outcome *o)
{
	return take_number("fail-seed", value, &a->seed, o);
}

static bool
take_count(struct asked_catch *a, const char *value, struct outcome *o)
{
	return take_number("catch-count", value, &a->catcher.count, o);
}

static bool
take_timeout(struct asked_catch *a, const char *value, struct outcome *o)
{
	return take_number("catch-timeout", value, &a->seconds, o);
}

static bool
take_size(struct asked_catch *a, const char *value, struct outcome *o)
{
	return take_number("catch-size", value, &a->limits.size, o);
}

static bool
take_exec(struct asked_catch *a, const char *value, struct outcome *o)
{
	(void)o;
	a->catcher.command = value;
	return true;
}

static bool
take_tls(struct asked_catch *a, const char *value, struct outcome *o)
{
	a->encrypts = true;
	return strcmp(value, "self") == 0 || outcome_fail(o, CAUSE_USAGE,
						 "--catch-tls %.100s: it takes self, for "
						 "a certificate that is made now",
						 value);
}

static void
set_users(struct asked_catch *a, struct users *users)
{
	users_free(a->users);
	a->users = users;
}

static bool
take_auth(struct asked_catch *a, const char *value, struct outcome *o)
{
	if (strcmp(value, "any") == 0)
		set_users(a, users_anybody());
	else if (strchr(value, ':') != NULL && strpbrk(value, "\r\n") == NULL)
		set_users(a, users_from(value));
	else
		return outcome_fail(o, CAUSE_USAGE,
		    "--catch-auth takes USER:PASSWORD, or any, for whatever the client "
		    "says");
	return true;
}

static bool
take_wish(struct asked_catch *a, const struct wish *w, struct outcome *o)
{
	static const struct {
		enum action action;
		bool (*take)(struct asked_catch *, const char *, struct outcome *);
	} rows[] = {
		{ ACTION_EXPECT, take_expect },
		{ ACTION_FAIL, take_fail },
		{ ACTION_FAIL_SEED, take_seed },
		{ ACTION_CATCH_AUTH, take_auth },
		{ ACTION_CATCH_TLS, take_tls },
		{ ACTION_CATCH_COUNT, take_count },
		{ ACTION_CATCH_TIMEOUT, take_timeout },
		{ ACTION_CATCH_SIZE, take_size },
		{ ACTION_CATCH_EXEC, take_exec },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].action == w->action)
			return rows[i].take(a, w->value, o);
	return true;
}

static bool
take_settings(struct asked_catch *a, const struct invocation *v, struct outcome *o)
{
	const struct origin origin = { "command line", 0, true };

	for (size_t i = 0; i < v->n; i++)
		if (!option_set(a->account, v->given[i].row, span_of(v->given[i].value),
			origin, CAUSE_USAGE, o))
			return false;
	a->encrypts = a->account->tls;
	if (a->account->auth != AUTH_OFF)
		set_users(a, users_anybody());
	return true;
}

/* The place may stand behind the option, or after a blank. */
static bool
take_place(struct asked_catch *a, const struct invocation *v, struct outcome *o)
{
	const bool given = *v->argument != '\0';

	a->place = given ? v->argument : v->recipients > 0 ? v->recipient[0] : PLACE;
	return v->recipients <= (given ? 0 : 1) ||
	       outcome_fail(o, CAUSE_USAGE,
		   "too many arguments: \"%.200s\" would be a recipient, and no mail is "
		   "sent here",
		   v->recipient[given ? 0 : 1]);
}

/* What the command for mails has said. */
static void
tell(void *arg, struct span line)
{
	const struct asked_catch *a = arg;
	char *text = span_dup(line);

	make_printable(text, line.n, ' ');
	(void)fprintf(stderr, "%s: --catch-exec: %s\n", a->v->program, text);
	free(text);
}

static bool
read_command_line(struct asked_catch *a, const struct invocation *v, struct outcome *o)
{
	bool ok = take_settings(a, v, o) && take_place(a, v, o);

	a->seed = (uint64_t)clock_now() << 16 ^ (uint64_t)getpid();
	for (size_t i = 0; ok && i < v->wishes; i++)
		ok = take_wish(a, &v->wish[i], o);
	a->catcher.account = a->account;
	a->catcher.tell = tell;
	a->catcher.arg = a;
	return ok;
}

/* Who starts it from a script waits for the first line, and reads the port in it. */
static void
announce(void *arg)
{
	const struct asked_catch *a = arg;
	const char *program = a->v->program;
	struct buf words;

	(void)fprintf(stderr, "%s: catching mail on ", program);
	for (size_t i = 0; i < a->listeners.n; i++)
		(void)fprintf(
		    stderr, "%s%s", i > 0 ? " and " : "", a->listeners.v[i].name);
	(void)fprintf(stderr, " (Ctrl-C to stop); nothing is delivered\n");
	if (a->catcher.faults > 0)
		(void)fprintf(stderr,
		    "%s: failures on purpose are repeated by --fail-seed %llu\n", program,
		    (unsigned long long)a->seed);
	if (a->identity == NULL)
		return;
	buf_init(&words, WORDS_MAX);
	fingerprint_add(&words, &a->fingerprint);
	(void)fprintf(
	    stderr, "%s: for its clients: tls_fingerprint %s\n", program, words.data);
	buf_free(&words);
}

/* Says that no mail was as expected, and what the nearest one has instead. */
static void
complain_of(const struct invocation *v, const struct catcher *c, size_t i)
{
	const struct catcher_near *near = &c->seen->near[i];
	const unsigned long long mails = c->seen->mails;

	if (near->mail == 0) {
		(void)fprintf(
		    stderr, "%s: no mail came; expected: %s\n", v->program, c->expect[i]);
		return;
	}
	(void)fprintf(stderr, "%s: ", v->program);
	if (mails == 1)
		(void)fprintf(stderr, "the one mail that came isn't");
	else
		(void)fprintf(stderr, "none of the %llu mails that came is", mails);
	(void)fprintf(stderr, " as expected: %s\n  seen: %smail %llu: %s\n", c->expect[i],
	    mails == 1 ? "" : "nearest is ", (unsigned long long)near->mail,
	    near->miss.words);
}

/* Says what was waited for in vain. */
static void
complain(const struct invocation *v, const struct catcher *c)
{
	if (c->seen->mails < c->count)
		(void)fprintf(stderr, "%s: %llu of %llu mails came\n", v->program,
		    (unsigned long long)c->seen->mails, (unsigned long long)c->count);
	for (size_t i = 0; i < c->expects; i++)
		if (!c->seen->met[i])
			complain_of(v, c, i);
}

static bool
is_done(void *arg)
{
	const struct asked_catch *a = arg;

	return catcher_is_done(&a->catcher);
}

/* Whether only those who sign in are served. */
static bool
is_closed(const struct asked_catch *a)
{
	return a->users != NULL && !users_are_anybody(a->users);
}

static void
talk(void *arg, const struct arrival *who)
{
	struct asked_catch *a = arg;
	const struct observer observer = report_observer(a->v);
	const struct service service = {
		.name = account_domain(a->account),
		.sink = &catcher_sink,
		.self = &a->catcher,
		.limits = a->limits,
		.lmtp = a->account->protocol == PROTOCOL_LMTP,
		.identity = a->identity,
		.users = a->users,
		.bare = true,
		.encrypts_first =
		    a->identity != NULL && (!a->account->starttls || who->tls_first),
		.must_encrypt = a->identity != NULL && is_closed(a),
		.must_sign_in = is_closed(a),
		.said = observer.said,
		.arg = observer.arg,
	};
	struct visitor visitor = {
		.address = *who->address != '\0' ? who->address : NULL,
		.place = who->place,
		.uid = who->uid,
	};
	struct socket socket = { who->fd };
	struct stream stream;

	stream_init(&stream, &socket_carrier, &socket);
	/* who has sent the last mail that was waited for says goodbye, and not we */
	serve_session(&service, &visitor, &stream, who->fd, NULL);
}

static bool
refuse_public(const struct listener *l, struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_USAGE,
	    "%.200s can be reached by other machines, and anybody there could fill this "
	    "one with mail: take an address of the loopback interface, or, where this is "
	    "a container, add --listen-public=on",
	    l->name);
	return outcome_offer(o, "mailchute", "--catch=127.0.0.1");
}

static bool
is_private(const struct asked_catch *a, struct outcome *o)
{
	for (size_t i = 0; i < a->listeners.n && !a->account->listen_public; i++)
		if (!a->listeners.v[i].is_loopback)
			return refuse_public(&a->listeners.v[i], o);
	return true;
}

static bool
serve(struct asked_catch *a, struct outcome *o)
{
	struct daemon d = {
		.listeners = &a->listeners,
		.most = CLIENTS_MAX,
		.most_each = CLIENTS_MAX,
		.most_here = CLIENTS_MAX,
		.ready = announce,
		.serve = talk,
		.is_done = is_done,
		.wake = a->catcher.wake,
		.grace = GRACE_MS,
		.arg = a,
	};

	if (a->seconds > 0 && a->seconds < INT32_MAX)
		d.deadline = clock_in((int64_t)a->seconds * 1000);
	return daemon_run(&d, o);
}

static bool
prepare(struct asked_catch *a, struct outcome *o)
{
	if (!listen_open(&a->listeners, a->place, PORT, o) || !is_private(a, o) ||
	    !catch_prepare(a->account, o) || !catcher_open(&a->catcher, a->seed, o))
		return false;
	for (size_t i = 0; i < a->listeners.n; i++)
		a->encrypts |= a->listeners.v[i].tls_first;
	if (a->encrypts)
		a->identity =
		    tls_identity_new(account_domain(a->account), &a->fingerprint, o);
	return !a->encrypts || a->identity != NULL;
}

static int
catch_all(struct asked_catch *a)
{
	struct outcome o;
	bool ok = prepare(a, &o) && serve(a, &o);

	listen_close(&a->listeners);
	if (!ok)
		return report_failure(a->v, &o);
	if (catcher_is_content(&a->catcher))
		return EX_OK;
	complain(a->v, &a->catcher);
	return MISSED;
}

int
job_catch(const struct invocation *v)
{
	struct asked_catch a = {
		.v = v,
		.account = account_new("catch"),
		.catcher = { .lock = -1, .wake = -1 },
		/* clients are here to make some */
		.limits = { .errors = INT_MAX, .chatter = INT_MAX },
	};
	struct outcome o;
	int status = read_command_line(&a, v, &o) ? catch_all(&a) : report_failure(v, &o);

	catcher_close(&a.catcher);
	tls_identity_free(a.identity);
	users_free(a.users);
	account_free(a.account);
	return status;
}
