/* SPDX-License-Identifier: ISC */
#include "smtp/step.h"

/* What has arrived that nobody has asked for. */
static struct span
at_hand(const struct transaction *t)
{
	struct outcome ignored;
	struct span unread;

	(void)stream_peek(&t->flight->channel->stream, &unread, 0, 0, &ignored);
	return unread;
}

/* With BDAT all answers look the same: what nobody asked for would be taken for the
 * answer to what comes next, and so on to the message. Unless it says goodbye. */
bool
step_before(struct transaction *t, struct outcome *o)
{
	struct span unread = at_hand(t);

	if (!t->chunks || flight_owed(t->flight) > 0 || unread.n == 0 ||
	    span_starts_nocase(unread, "421"))
		return true;
	(void)outcome_fail(o, CAUSE_PROTOCOL, "it spoke before it was asked");
	return outcome_at(o, STAGE_MAIL);
}

/* An answer that is there before the last byte of the message has left can't be about it,
 * but for a refusal: the server may have seen enough. */
bool
step_unanswered(struct transaction *t, struct outcome *o)
{
	struct stream *s = &t->flight->channel->stream;

	if (flight_owed(t->flight) > flight_mark(t->flight) - t->verdict)
		return true;
	stream_take(s);
	if (stream_unread(s) == 0)
		return true;
	flight_salvage(t->flight);
	(void)outcome_fail(
	    o, CAUSE_PROTOCOL, "an answer came before the message had ended");
	return outcome_at(o, STAGE_DATA);
}

/* With BDAT one answer more than there are commands means that another was taken for that
 * to the message. */
static bool
is_last_word(struct transaction *t, struct outcome *o)
{
	struct span unread = at_hand(t);

	if (!t->chunks || t->body.cause != CAUSE_NONE || flight_owed(t->flight) > 0 ||
	    unread.n == 0 || span_starts_nocase(unread, "221") ||
	    span_starts_nocase(unread, "421"))
		return true;
	t->body = OUTCOME_OPEN;
	(void)outcome_fail(o, CAUSE_PROTOCOL, "there are more answers than commands");
	return outcome_at(o, STAGE_FINAL);
}

/* As long as it stands there. */
static void
note_word(struct transaction *t)
{
	const char *answer = "";

	for (size_t i = 0; i < t->n; i++)
		if (t->to[i]->outcome.cause == CAUSE_NONE)
			answer = t->to[i]->outcome.text;
	habit_word(t->word, answer);
}

/* In the midst of many, it means the same where the message is answered as a recipient
 * is. */
static bool
is_in_its_words(struct transaction *t, struct outcome *o)
{
	note_word(t);
	if (!t->chunks || t->body.cause != CAUSE_NONE ||
	    !habit_is_broken(t->habit, t->body.text))
		return true;
	(void)outcome_fail(o, CAUSE_PROTOCOL,
	    "it answers the message as it answers a recipient: %d %s", t->body.code,
	    t->body.text);
	t->body = OUTCOME_OPEN;
	return outcome_at(o, STAGE_FINAL);
}

bool
step_behind(struct transaction *t, struct outcome *o)
{
	return is_last_word(t, o) && is_in_its_words(t, o);
}
