/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/lib/fake_loop.h"

static struct loop *loop;

static int set_up(void **state)
{
	(void)state;
	loop = loop_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

struct ticker {
	struct loop_timer timer;
	unsigned ticks;
	uint64_t last_ns;
};

static void on_tick(struct loop_timer *t)
{
	struct ticker *ticker = container_of(t, struct ticker, timer);

	ticker->ticks++;
	ticker->last_ns = loop_now_ns(loop);
	loop_timer_set(loop, t, NS_PER_S);
}

static void time_moves_only_when_told_and_stops_at_every_timer(void **state)
{
	struct ticker t = {.timer.fn = on_tick};
	uint64_t start_ns = loop_now_ns(loop), due_ns;

	(void)state;
	assert_false(fake_loop_next_timer(loop, &due_ns));
	loop_timer_set(loop, &t.timer, NS_PER_S);
	fake_loop_settle(loop);
	assert_int_equal(t.ticks, 0);
	fake_loop_advance(loop, 10 * NS_PER_S + 1);
	assert_int_equal(t.ticks, 10);
	assert_int_equal(t.last_ns, start_ns + 10 * NS_PER_S);
	assert_int_equal(loop_now_ns(loop), start_ns + 10 * NS_PER_S + 1);
	assert_true(fake_loop_next_timer(loop, &due_ns));
	assert_int_equal(due_ns, start_ns + 11 * NS_PER_S);
	loop_timer_stop(&t.timer);
}

struct chain {
	struct loop_job job;
	unsigned left;
};

static void on_chain(struct loop_job *j)
{
	if (--container_of(j, struct chain, job)->left)
		loop_job_queue(loop, j);
}

static void jobs_of_jobs_run_too(void **state)
{
	struct chain c = {.job.fn = on_chain, .left = 5};

	(void)state;
	loop_job_queue(loop, &c.job);
	assert_int_equal(fake_loop_run_jobs(loop), 5);
	assert_int_equal(c.left, 0);
}

static void on_readable(void *arg, unsigned what)
{
	uint64_t count;

	assert_int_equal(what, LOOP_READ);
	assert_int_equal(read(*(int *)arg, &count, sizeof(count)), sizeof(count));
}

static void poll_tells_whether_there_was_input(void **state)
{
	int fd = eventfd(1, EFD_NONBLOCK);
	struct loop_io *io;

	(void)state;
	assert_int_equal(loop_io_add(loop, fd, LOOP_READ, on_readable, &fd, &io), 0);
	assert_int_equal(fake_loop_io_count(loop), 1);
	assert_true(fake_loop_poll(loop));
	assert_false(fake_loop_poll(loop));
	loop_io_del(io);
	assert_int_equal(fake_loop_io_count(loop), 0);
	close(fd);
}

static void on_signal(void *arg, int signo)
{
	*(int *)arg = signo;
}

static void a_signal_is_delivered_when_the_test_says_so(void **state)
{
	int caught = 0;

	(void)state;
	assert_false(fake_loop_signal(loop, SIGTERM));
	assert_int_equal(loop_signal(loop, SIGTERM, on_signal, &caught), 0);
	assert_true(fake_loop_signal(loop, SIGTERM));
	assert_int_equal(caught, SIGTERM);
}

static void running_ends_when_nothing_is_left(void **state)
{
	(void)state;
	assert_int_equal(loop_run(loop), 0);
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(time_moves_only_when_told_and_stops_at_every_timer),
		LOOP_TEST(jobs_of_jobs_run_too),
		LOOP_TEST(poll_tells_whether_there_was_input),
		LOOP_TEST(a_signal_is_delivered_when_the_test_says_so),
		LOOP_TEST(running_ends_when_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
