/* SPDX-License-Identifier: ISC */
#include "smtp/channel.h"

#include <string.h>

#include "base/clock.h"
#include "smtp/refusal.h"

/* Far above what any RFC allows: whether a server takes it is for the server to say. */
#define COMMAND_MAX (96 * 1024)
#define MILLISECONDS 1000

/* RFC 5321, 4.5.3.2, but for what shows a person at once that something is wrong: a
 * connection, a greeting and a handshake come in seconds or not at all. */
static const struct timeouts usual = {
	.connect = 10,
	.greeting = 30,
	.tls = 30,
	.command = 5 * 60,
	.data = 3 * 60,
	.final = 10 * 60,
};

void
channel_init(
    struct channel *c, const struct observer *observer, const struct timeouts *timeouts)
{
	*c = (struct channel){ .observer = observer, .timeouts = timeouts };
	if (timeouts == NULL)
		c->timeouts = &usual;
	reply_init(&c->reply);
}

void
channel_close(struct channel *c)
{
	stream_close(&c->stream);
	reply_free(&c->reply);
}

/* The member of struct timeouts that is for a stage. */
#define FOR(member) offsetof(struct timeouts, member)
static const size_t timeout_of[STAGE_LAST] = {
	[STAGE_LOCAL] = FOR(command),
	[STAGE_CONNECT] = FOR(connect),
	[STAGE_GREETING] = FOR(greeting),
	[STAGE_HELLO] = FOR(command),
	[STAGE_TLS] = FOR(tls),
	[STAGE_AUTH] = FOR(command),
	[STAGE_MAIL] = FOR(command),
	[STAGE_RCPT] = FOR(command),
	[STAGE_DATA] = FOR(command),
	[STAGE_FINAL] = FOR(final),
	[STAGE_QUEUE] = FOR(command),
};

static int
timeout_at(const struct timeouts *t, size_t place)
{
	return *(const int *)((const char *)t + place);
}

static int64_t
deadline(const struct channel *c, size_t place)
{
	int seconds = timeout_at(c->timeouts, place);
	int most = c->timeouts->any;
	int64_t until;

	if (seconds == 0)
		seconds = timeout_at(&usual, place);
	if (most > 0 && most < seconds)
		seconds = most;
	until = clock_in((int64_t)seconds * MILLISECONDS);
	return c->timeouts->until > 0 ? clock_first(until, c->timeouts->until) : until;
}

int64_t
channel_deadline(const struct channel *c, enum stage stage)
{
	return deadline(c, timeout_of[stage]);
}

int64_t
channel_block_deadline(const struct channel *c)
{
	return deadline(c, FOR(data));
}

static void
show(const struct channel *c, char who, struct span line)
{
	if (c->observer != NULL && c->observer->said != NULL)
		c->observer->said(c->observer->arg, who, line);
}

void
channel_note(const struct channel *c, char who, const char *words)
{
	show(c, who, span_of(words));
}

void
channel_warn(const struct channel *c, const char *words)
{
	if (c->observer != NULL && c->observer->warn != NULL)
		c->observer->warn(c->observer->arg, words);
}

void
channel_stage(struct channel *c, enum stage stage)
{
	if (stage != c->stage && c->observer != NULL && c->observer->reached != NULL)
		c->observer->reached(c->observer->arg, stage);
	c->stage = stage;
}

static void
show_command(const struct channel *c, const char *verb, struct span arg)
{
	struct buf line;

	buf_init(&line, COMMAND_MAX + 64);
	buf_puts(&line, verb);
	buf_add_span(&line, arg);
	show(c, 'C', buf_span(&line));
	buf_free(&line);
}

static bool
put(struct channel *c, enum stage stage, const char *verb, struct span arg,
    struct outcome *o)
{
	int64_t until = channel_deadline(c, stage);
	bool ok;

	if (span_has_control(arg))
		ok = outcome_fail(o, CAUSE_ADDRESS,
		    "%s would carry a control character (a line end?)", verb);
	else if (arg.n > COMMAND_MAX)
		ok = outcome_fail(o, CAUSE_ADDRESS, "%s would be longer than %d bytes",
		    verb, COMMAND_MAX);
	else
		ok = stream_write(&c->stream, span_of(verb), until, o) &&
		     stream_write(&c->stream, arg, until, o) &&
		     stream_write(&c->stream, span_of("\r\n"), until, o);
	return ok || outcome_at(o, stage);
}

bool
channel_command(struct channel *c, enum stage stage, const char *verb, struct span arg,
    struct outcome *o)
{
	if (!put(c, stage, verb, arg, o))
		return false;
	channel_stage(c, stage);
	show_command(c, verb, arg);
	return true;
}

bool
channel_secret(struct channel *c, const char *verb, struct span arg, struct outcome *o)
{
	bool ok = put(c, STAGE_AUTH, verb, arg, o) &&
		  stream_flush(&c->stream, channel_deadline(c, STAGE_AUTH), o);

	stream_forget(&c->stream);
	if (ok) {
		channel_stage(c, STAGE_AUTH);
		show_command(c, verb, span_of(arg.n > 0 ? "****" : ""));
	}
	return ok;
}

/* A reply to a sign-in may hold what a listener shouldn't learn: a challenge. */
static void
show_reply(const struct channel *c, enum stage stage)
{
	struct span text = buf_span(&c->reply.text), line;
	struct buf shown;

	buf_init(&shown, REPLY_LINE_MAX + 8);
	do {
		if (!span_cut(&text, '\n', &line))
			line = span_bytes("", 0);
		buf_clear(&shown);
		buf_printf(&shown, "%d%c", c->reply.code, text.n > 0 ? '-' : ' ');
		if (stage == STAGE_AUTH && c->reply.code < 400 && c->reply.code >= 300 &&
		    line.n > 0)
			line = span_of("****");
		buf_add_span(&shown, line);
		show(c, 'S', buf_span(&shown));
	} while (text.n > 0);
	buf_free(&shown);
}

static bool
take_reply(struct channel *c, enum stage stage, int64_t until, struct outcome *o)
{
	if (!reply_read(&c->reply, &c->stream, until, o))
		return false;
	show_reply(c, stage);
	return true;
}

bool
channel_reply(struct channel *c, enum stage stage, struct outcome *o)
{
	int64_t until = channel_deadline(c, stage);

	return (stream_flush(&c->stream, until, o) && take_reply(c, stage, until, o)) ||
	       outcome_at(o, stage);
}

bool
channel_reply_at_hand(struct channel *c, enum stage stage)
{
	struct outcome ignored;

	stream_forget(&c->stream);
	return take_reply(c, stage, clock_now(), &ignored);
}

bool
channel_refused(const struct channel *c, enum stage stage, struct outcome *o)
{
	if (c->reply.code < 400) {
		(void)outcome_fail(
		    o, CAUSE_PROTOCOL, "%d is no answer to this", c->reply.code);
		return outcome_at(o, stage);
	}
	(void)outcome_reply(o, stage, c->reply.code, c->reply.text.data);
	refusal_explain(o, c->server);
	return false;
}

bool
channel_ask(struct channel *c, enum stage stage, const char *verb, struct span arg,
    struct outcome *o)
{
	return channel_command(c, stage, verb, arg, o) && channel_reply(c, stage, o);
}
