/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/pair.h"

/* Two pipes: what we read from, and what we write to. */
struct ends {
	int in[2];
	int out[2];
	struct pair pair;
	struct stream stream;
};

static void
begin(struct ends *e)
{
	assert_int_equal(pipe2(e->in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(e->out, O_CLOEXEC), 0);
	e->pair = (struct pair){ e->in[0], e->out[1] };
	stream_init(&e->stream, &pair_carrier, &e->pair);
}

static void
close_end(int *fd)
{
	if (*fd >= 0)
		assert_int_equal(close(*fd), 0);
	*fd = -1;
}

static void
end(struct ends *e)
{
	stream_close(&e->stream);
	for (int i = 0; i < 2; i++) {
		close_end(&e->in[i]);
		close_end(&e->out[i]);
	}
}

TEST(bytes_go_both_ways_and_the_descriptors_stay_as_they_are)
{
	struct ends e;
	struct span bytes;
	struct outcome o;
	char got[8];

	begin(&e);
	assert_int_equal(write(e.in[1], "abc", 3), 3);
	assert_true(stream_peek(&e.stream, &bytes, 3, clock_in(1000), &o));
	assert_true(span_is(bytes, "abc"));
	assert_true(stream_write(&e.stream, span_of("xyz"), clock_in(1000), &o));
	assert_true(stream_flush(&e.stream, clock_in(1000), &o));
	assert_int_equal(read(e.out[0], got, sizeof got), 3);
	assert_memory_equal(got, "xyz", 3);
	assert_int_equal(fcntl(e.in[0], F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fcntl(e.out[1], F_GETFL) & O_NONBLOCK, 0);
	end(&e);
}

/* A pipe that blocks would hold who writes to it, or reads from it, for ever. */
TEST(nobody_waits_longer_than_the_deadline)
{
	static const char much[4096];
	struct ends e;
	struct span bytes;
	struct outcome o;
	bool ok = true;

	begin(&e);
	assert_false(stream_peek(&e.stream, &bytes, 1, clock_in(1), &o));
	assert_int_equal(o.cause, CAUSE_TIMEOUT);
	for (int i = 0; i < 1000 && ok; i++)
		ok = stream_write(
			 &e.stream, span_bytes(much, sizeof much), clock_in(1), &o) &&
		     stream_flush(&e.stream, clock_in(1), &o);
	assert_false(ok);
	assert_int_equal(o.cause, CAUSE_TIMEOUT);
	end(&e);
}

TEST(who_has_gone_is_noticed)
{
	struct ends e;
	struct span bytes;
	struct outcome o;

	(void)signal(SIGPIPE, SIG_IGN);
	begin(&e);
	assert_int_equal(write(e.in[1], "last", 4), 4);
	close_end(&e.in[1]);
	assert_true(stream_peek(&e.stream, &bytes, 4, clock_in(1000), &o));
	stream_skip(&e.stream, 4);
	assert_false(stream_peek(&e.stream, &bytes, 1, clock_in(1000), &o));
	assert_int_equal(o.cause, CAUSE_HANGUP);
	end(&e);
	begin(&e);
	close_end(&e.out[0]);
	assert_false(stream_write(&e.stream, span_of("x"), clock_in(1000), &o) &&
		     stream_flush(&e.stream, clock_in(1000), &o));
	assert_int_equal(o.cause, CAUSE_HANGUP);
	end(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_both_ways_and_the_descriptors_stay_as_they_are),
		cmocka_unit_test(nobody_waits_longer_than_the_deadline),
		cmocka_unit_test(who_has_gone_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
