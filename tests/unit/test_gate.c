/* SPDX-License-Identifier: ISC
 *
 * test_gate.c - what a client hears, and what goes on to the next sink
 */
#include "lib/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/basket.h"
#include "lib/sample.h"
#include "mail/envelope.h"
#include "serve/gate.h"

static const struct local local = { "box", "lab.example", NULL };

/* A queue, as the gate knows it. */
struct queue {
	uint64_t bytes;
	int counts;
};

struct rig {
	char place[20];
	struct usage usage;
	struct queue queue;
	struct basket basket;
	struct gate_rules rules;
	struct gate gate;
	struct visitor visitor;
	struct posting posting;
};

static uint64_t
count(void *arg, const char *who)
{
	struct queue *q = arg;

	check_text("who", who, "uid 4711");
	q->counts++;
	return q->bytes;
}

static void
rig_open(struct rig *r)
{
	struct outcome o;
	int fd;

	*r = (struct rig){ .place = "/tmp/gate-XXXXXX",
		.visitor = { .uid = 4711, .place = "uid 4711" } };
	fd = mkstemp(r->place);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_true(usage_open(&r->usage, r->place, &o));
	basket_init(&r->basket);
	r->gate = (struct gate){ .rules = &r->rules,
		.local = &local,
		.usage = &r->usage,
		.waiting = count,
		.arg = &r->queue,
		.next = &basket_sink,
		.self = &r->basket };
}

static void
rig_close(struct rig *r)
{
	usage_close(&r->usage);
	(void)unlink(r->place);
	basket_free(&r->basket);
}

/* MAIL; what was accepted is given up at once. */
static enum cause
begin(struct rig *r, const char *sender, uint64_t size)
{
	struct outcome o = { .cause = CAUSE_NONE };

	r->posting = (struct posting){
		.visitor = &r->visitor, .size = size, .options = (char[]){ "" }
	};
	r->posting.envelope.sender = (char *)(uintptr_t)sender;
	if (gate_sink.begin(&r->gate, &r->posting, &o))
		gate_sink.end(&r->gate, &r->posting);
	return o.cause;
}

TEST(who_may_not_send_as_that_address_goes_no_further)
{
	struct rig r;

	rig_open(&r);
	check_int("root", begin(&r, "root@lab.example", 0), CAUSE_NOT_YOURS);
	check_text("nothing", r.basket.log.data, "");
	check_int("own", begin(&r, "own@lab.example", 0), CAUSE_NONE);
	r.rules.senders = "4711 web@lab.example";
	check_int("a rule", begin(&r, "own@lab.example", 0), CAUSE_NOT_YOURS);
	rig_close(&r);
}

TEST(mails_are_counted_over_sessions_and_root_is_free)
{
	struct rig r;

	rig_open(&r);
	r.rules.limits[USAGE_MAILS].hour = 2;
	check_int("one", begin(&r, "a@x", 0), CAUSE_NONE);
	check_int(
	    "refused by the rules", begin(&r, "root@lab.example", 0), CAUSE_NOT_YOURS);
	check_int("two", begin(&r, "a@x", 0), CAUSE_NONE);
	check_int("three", begin(&r, "a@x", 0), CAUSE_TOO_MUCH);
	check_text(
	    "passed on", r.basket.log.data, "MAIL a@x []\nEND\nMAIL a@x []\nEND\n");
	r.visitor.uid = 0;
	for (int i = 0; i < 3; i++)
		check_int("root", begin(&r, "a@x", 0), CAUSE_NONE);
	rig_close(&r);
}

TEST(recipients_are_counted_one_by_one)
{
	const struct recipient to = { .address = (char[]){ "b@x" } };
	struct outcome o;
	struct rig r;

	rig_open(&r);
	r.rules.limits[USAGE_RECIPIENTS].day = 2;
	r.rules.limits[USAGE_RECIPIENTS].hour = 5;
	check_int("mail", begin(&r, "a@x", 0), CAUSE_NONE);
	assert_true(gate_sink.rcpt(&r.gate, &r.posting, &to, &o));
	assert_true(gate_sink.rcpt(&r.gate, &r.posting, &to, &o));
	assert_false(gate_sink.rcpt(&r.gate, &r.posting, &to, &o));
	check_int("cause", o.cause, CAUSE_TOO_MUCH);
	check_text("words", o.text,
	    "uid 4711 may have 5 recipients an hour and 2 a day; try again in 12 hours");
	rig_close(&r);
}

TEST(the_queue_is_looked_into_only_where_what_is_known_will_not_do)
{
	struct rig r;

	rig_open(&r);
	r.rules.waiting = 1000;
	r.queue.bytes = 300;
	check_int("first", begin(&r, "a@x", 0), CAUSE_NONE);
	check_int("known", begin(&r, "a@x", 500), CAUSE_NONE);
	check_int("looks", r.queue.counts, 1);
	usage_add_waiting(&r.usage, "uid 4711", 600, usage_now());
	check_int("some may have gone", begin(&r, "a@x", 500), CAUSE_NONE);
	check_int("looks", r.queue.counts, 2);
	r.queue.bytes = 900;
	usage_add_waiting(&r.usage, "uid 4711", 600, usage_now());
	check_int("too much", begin(&r, "a@x", 200), CAUSE_QUEUE);
	check_int("again", begin(&r, "a@x", 200), CAUSE_QUEUE);
	check_int("not looked again so soon", r.queue.counts, 3);
	check_int("a small one", begin(&r, "a@x", 50), CAUSE_NONE);
	rig_close(&r);
}

/* Keeps all that it gets. */
static void
keep(void *self, struct posting *p, struct source *m)
{
	struct outcome kept;

	(void)self;
	(void)m;
	(void)outcome_fail(&kept, CAUSE_QUEUED, "id");
	envelope_settle(&p->envelope, &kept);
}

TEST(what_was_kept_counts_at_once)
{
	struct sink keeper = basket_sink;
	struct usage_waiting w;
	struct source m;
	struct rig r;

	rig_open(&r);
	keeper.message = keep;
	r.gate.next = &keeper;
	r.rules.waiting = 100000;
	check_int("mail", begin(&r, "a@x", 0), CAUSE_NONE);
	sample_source(&m, span_of("Subject: x\r\n\r\nhello\r\n"));
	r.posting.envelope = (struct envelope){ 0 };
	envelope_add(&r.posting.envelope, "b@x");
	gate_sink.message(&r.gate, &r.posting, &m);
	w = usage_waiting(&r.usage, "uid 4711", usage_now());
	assert_in_range(w.since, 21, 4096);
	envelope_free(&r.posting.envelope);
	source_free(&m);
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_not_send_as_that_address_goes_no_further),
		cmocka_unit_test(mails_are_counted_over_sessions_and_root_is_free),
		cmocka_unit_test(recipients_are_counted_one_by_one),
		cmocka_unit_test(
		    the_queue_is_looked_into_only_where_what_is_known_will_not_do),
		cmocka_unit_test(what_was_kept_counts_at_once),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
