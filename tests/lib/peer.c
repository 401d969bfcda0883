/* SPDX-License-Identifier: ISC */
#include "lib/peer.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEER_MAX (64 * 1024 * 1024)
#define LINE_MAX_SHOWN 63

void
peer_init(struct peer *p)
{
	*p = (struct peer){ .rcpt_max = 0 };
	buf_init(&p->heard, PEER_MAX);
	buf_init(&p->taken, PEER_MAX);
	buf_init(&p->said, PEER_MAX);
	buf_init(&p->recipients, PEER_MAX);
}

void
peer_free(struct peer *p)
{
	buf_free(&p->heard);
	buf_free(&p->taken);
	buf_free(&p->said);
	buf_free(&p->recipients);
}

static void
say(struct peer *p, const char *reply)
{
	buf_printf(&p->said, "%s\r\n", reply);
}

static void
forget(struct peer *p)
{
	p->in_mail = p->in_data = p->in_trouble = false;
	p->n = 0;
	p->bytes = 0;
	buf_clear(&p->recipients);
}

/* The answer of a quirk that this command meets; `usual` where none is met. */
static const char *
answer(struct peer *p, struct span line, const char *usual)
{
	const struct peer_quirk *q = p->quirk;

	for (size_t i = 0; q != NULL && q[i].command != NULL; i++)
		if (span_starts_nocase(line, q[i].command) &&
		    (++p->times[i] == q[i].nth || q[i].nth == 0)) {
			p->closed = p->closed || q[i].says == NULL;
			return q[i].says != NULL ? q[i].says : "";
		}
	return usual;
}

static bool
is_yes(const char *reply)
{
	return *reply == '2' || *reply == '3';
}

/* What stands between angle brackets. */
static struct span
path(struct span line)
{
	struct span part;

	(void)span_cut(&line, '<', &part);
	(void)span_cut(&line, '>', &part);
	return part;
}

static const char *
hear_mail(struct peer *p, struct span line)
{
	struct span sender = path(line);
	const char *says = answer(p, line, "250 2.1.0 ok");

	if (p->in_mail)
		return "503 5.5.1 nested MAIL";
	if (p->mail_max > 0 && p->mails >= p->mail_max) {
		p->closed = true;
		return "421 4.7.0 too many messages";
	}
	forget(p);
	(void)snprintf(p->sender, sizeof p->sender, "%.*s", (int)sender.n, sender.p);
	p->in_mail = is_yes(says);
	return says;
}

static const char *
hear_rcpt(struct peer *p, struct span line)
{
	const char *says = answer(p, line, "250 2.1.5 ok");

	p->rcpts++;
	if (!p->in_mail)
		return "503 5.5.1 MAIL first";
	if (p->rcpt_max > 0 && p->n >= p->rcpt_max)
		return "452 4.5.3 too many recipients";
	if (is_yes(says)) {
		p->n++;
		buf_addc(&p->recipients, ' ');
		buf_add_span(&p->recipients, path(line));
	}
	return says;
}

static void
take(struct peer *p, const char *says)
{
	if (is_yes(says)) {
		p->mails++;
		buf_printf(
		    &p->taken, "%s:%s (%zu)\n", p->sender, p->recipients.data, p->bytes);
	}
	for (size_t i = 1; p->lmtp && i < p->n; i++)
		say(p, says);
	say(p, says);
	forget(p);
}

/* The whole chunk is read, whatever becomes of it (RFC 3030, 2). */
static bool
hear_bdat(struct peer *p, struct span line, struct span *rest)
{
	size_t n = (size_t)strtoul(line.p + 5, NULL, 10);
	bool last = span_starts_nocase(span_bytes(line.p + line.n - 4, 4), "LAST");
	const char *says;

	if (p->knows_no_bdat) {
		say(p, "500 5.5.2 unrecognised command");
		return true;
	}
	if (rest->n < n)
		return false;
	*rest = span_bytes(rest->p + n, rest->n - n);
	says = answer(p, line, "250 2.0.0 ok");
	if (!p->in_mail || p->n == 0 || p->in_trouble)
		says = "503 5.5.1 no valid recipients";
	p->bytes += n;
	p->in_trouble = p->in_trouble || !is_yes(says);
	if (last && !p->in_trouble)
		take(p, says);
	else if (!p->closed)
		say(p, says);
	return true;
}

static void
hear_data(struct peer *p, struct span line)
{
	const char *says = answer(p, line, "354 go");

	if (!p->in_mail || p->n == 0)
		says = "554 5.5.1 no valid recipients";
	p->in_data = *says == '3';
	if (!p->closed)
		say(p, says);
}

static void
hear_content(struct peer *p, struct span line)
{
	const char *says;

	if (line.n != 1 || line.p[0] != '.') {
		p->bytes += line.n + 2 - (line.n > 0 && line.p[0] == '.');
		return;
	}
	says = answer(p, line, "250 2.0.0 ok");
	if (!p->closed)
		take(p, says);
}

static void
hear_command(struct peer *p, struct span line)
{
	const char *says;

	if (span_starts_nocase(line, "MAIL FROM:"))
		says = hear_mail(p, line);
	else if (span_starts_nocase(line, "RCPT TO:"))
		says = hear_rcpt(p, line);
	else if (span_is_nocase(line, "RSET"))
		says = answer(p, line, "250 2.0.0 ok");
	else if (span_is_nocase(line, "QUIT"))
		says = "221 2.0.0 bye";
	else
		says = "500 5.5.2 unrecognised command";
	if (span_is_nocase(line, "RSET"))
		forget(p);
	if (*says != '\0')
		say(p, says);
	p->closed = p->closed || *says == '\0' || strncmp(says, "221", 3) == 0;
}

/* Works through what was heard, as far as commands and chunks are complete. */
static void
work(struct peer *p)
{
	while (!p->closed) {
		struct span rest =
		    span_bytes(p->heard.data + p->read, p->heard.len - p->read);
		struct span line;

		if (memchr(rest.p, '\n', rest.n) == NULL)
			return;
		(void)span_cut(&rest, '\n', &line);
		line.n -= line.n > 0;
		if (p->in_data)
			hear_content(p, line);
		else if (!span_starts_nocase(line, "BDAT "))
			span_is_nocase(line, "DATA") ? hear_data(p, line)
						     : hear_command(p, line);
		else if (!hear_bdat(p, line, &rest))
			return;
		p->read = (size_t)(rest.p - p->heard.data);
	}
}

static ssize_t
peer_read(void *self, void *out, size_t n, struct outcome *o)
{
	struct peer *p = self;
	size_t before = p->said.len;

	(void)o;
	work(p);
	p->turns += p->said.len > before;
	if (p->given == p->said.len)
		return p->closed ? 0 : CARRIER_WANTS_READ;
	if (n > p->said.len - p->given)
		n = p->said.len - p->given;
	memcpy(out, p->said.data + p->given, n);
	p->given += n;
	return (ssize_t)n;
}

static ssize_t
peer_write(void *self, const void *bytes, size_t n, struct outcome *o)
{
	struct peer *p = self;

	(void)o;
	p->writes++;
	buf_add(&p->heard, bytes, n);
	return (ssize_t)n;
}

/* There is nothing to wait for: who must has missed something. */
static int
peer_wait(void *self, int events, int64_t deadline)
{
	(void)self;
	(void)deadline;
	return events & POLLOUT;
}

static void
peer_close(void *self)
{
	(void)self;
}

static const struct carrier peer_carrier = { peer_read, peer_write, peer_wait, peer_close,
	false };

void
peer_channel(struct peer *p, struct channel *channel)
{
	channel_init(channel, NULL, NULL);
	stream_init(&channel->stream, &peer_carrier, p);
}
