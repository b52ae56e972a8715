/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/lib/loop_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wgrd/lib/loop.h"
#include "wgrd/lib/strbuf.h"

static struct loop *loop;
static struct strbuf trace; /* what ran, in order */

static int set_up(void **state)
{
	(void)state;
	loop = loop_new();
	return loop ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	loop_free(loop);
	strbuf_free(&trace);
	return 0;
}

static void expect_trace(const char *expected)
{
	if (loop_run(loop))
		fail_msg("loop_run() failed");
	assert_string_equal(strbuf_str(&trace), expected);
	strbuf_truncate(&trace, 0);
}

/* ---- timers ---- */

struct named_timer {
	struct loop_timer timer;
	const char *name;
};

static void on_timer(struct loop_timer *t)
{
	strbuf_puts(&trace, container_of(t, struct named_timer, timer)->name);
}

static void on_last_timer(struct loop_timer *t)
{
	on_timer(t);
	loop_stop(t->loop);
}

/* Timers are set by a job: time stands still in a turn, so that who is first is not a matter
 * of when this process was given the processor. */
struct timer_setter {
	struct loop_job job;
	struct named_timer a, b, c;
};

static void set_out_of_order(struct loop_job *j)
{
	struct timer_setter *s = container_of(j, struct timer_setter, job);

	loop_timer_set(loop, &s->c.timer, 3 * NS_PER_MS);
	loop_timer_set(loop, &s->a.timer, 1 * NS_PER_MS);
	loop_timer_set(loop, &s->b.timer, 2 * NS_PER_MS);
	assert_true(loop_timer_is_set(&s->a.timer));
}

static void timers_fire_in_the_order_of_their_deadlines(void **state)
{
	struct timer_setter s = {.job.fn = set_out_of_order,
				 .a = {{.fn = on_timer}, "a"},
				 .b = {{.fn = on_timer}, "b"},
				 .c = {{.fn = on_last_timer}, "c"}};

	(void)state;
	loop_job_queue(loop, &s.job);
	expect_trace("abc");
	assert_false(loop_timer_is_set(&s.a.timer));
}

static void set_again_and_stop(struct loop_job *j)
{
	struct timer_setter *s = container_of(j, struct timer_setter, job);

	loop_timer_stop(&s->a.timer); /* never set */
	loop_timer_set(loop, &s->a.timer, 0);
	loop_timer_set(loop, &s->b.timer, 0);
	loop_timer_set(loop, &s->c.timer, 3 * NS_PER_MS);
	loop_timer_set(loop, &s->a.timer, 2 * NS_PER_MS);
	loop_timer_stop(&s->b.timer);
	assert_false(loop_timer_is_set(&s->b.timer));
}

static void a_timer_set_again_moves_and_a_stopped_one_is_silent(void **state)
{
	struct timer_setter s = {.job.fn = set_again_and_stop,
				 .a = {{.fn = on_timer}, "a"},
				 .b = {{.fn = on_timer}, "b"},
				 .c = {{.fn = on_last_timer}, "c"}};

	(void)state;
	loop_job_queue(loop, &s.job);
	expect_trace("ac");
}

static void a_deadline_beyond_the_end_of_time_is_never(void **state)
{
	struct named_timer a = {{.fn = on_timer}, "a"}, b = {{.fn = on_last_timer}, "b"};

	(void)state;
	loop_timer_set(loop, &a.timer, UINT64_MAX);
	loop_timer_set(loop, &b.timer, NS_PER_MS);
	expect_trace("b");
	assert_true(loop_timer_is_set(&a.timer));
	loop_timer_stop(&a.timer);
}

static uint64_t fired_ns;

static void on_timer_note_time(struct loop_timer *t)
{
	fired_ns = loop_now_ns(t->loop);
	loop_stop(t->loop);
}

static void a_timer_is_not_early(void **state)
{
	struct loop_timer t = {.fn = on_timer_note_time};
	uint64_t before_ns = loop_now_ns(loop);

	(void)state;
	loop_timer_set(loop, &t, 5 * NS_PER_MS);
	assert_int_equal(loop_run(loop), 0);
	assert_in_range(fired_ns - before_ns, 5 * NS_PER_MS, 5000 * NS_PER_MS);
}

/* ---- jobs ---- */

struct named_job {
	struct loop_job job, *also;
	const char *name;
};

static void on_job(struct loop_job *j)
{
	strbuf_puts(&trace, container_of(j, struct named_job, job)->name);
}

static void on_job_stop(struct loop_job *j)
{
	on_job(j);
	loop_stop(loop);
}

static void on_job_queue(struct loop_job *j)
{
	on_job(j);
	loop_job_queue(loop, container_of(j, struct named_job, job)->also);
}

static void on_job_cancel(struct loop_job *j)
{
	on_job(j);
	loop_job_cancel(loop, container_of(j, struct named_job, job)->also);
}

static void jobs_run_once_in_the_order_queued(void **state)
{
	struct named_job a = {{.fn = on_job}, NULL, "a"}, b = {{.fn = on_job}, NULL, "b"};
	struct named_job c = {{.fn = on_job_stop}, NULL, "c"};

	(void)state;
	loop_job_queue(loop, &b.job);
	loop_job_queue(loop, &a.job);
	loop_job_queue(loop, &b.job);
	loop_post(loop, &a.job);
	loop_post(loop, &c.job);
	expect_trace("bac");
}

static void a_job_may_cancel_one_that_is_about_to_run(void **state)
{
	struct named_job b = {{.fn = on_job}, NULL, "b"}, d = {{.fn = on_job}, NULL, "d"};
	struct named_job a = {{.fn = on_job_cancel}, &b.job, "a"};
	struct named_job c = {{.fn = on_job_stop}, NULL, "c"};

	(void)state;
	loop_job_queue(loop, &a.job);
	loop_job_queue(loop, &b.job);
	loop_job_queue(loop, &d.job);
	loop_post(loop, &c.job);
	loop_job_cancel(loop, &d.job);
	loop_job_cancel(loop, &d.job); /* not queued any more */
	expect_trace("ac");
}

static void what_is_queued_when_the_loop_stops_stays_queued(void **state)
{
	struct named_job a = {{.fn = on_job_stop}, NULL, "a"};
	struct named_job b = {{.fn = on_job_stop}, NULL, "b"};

	(void)state;
	loop_job_queue(loop, &a.job);
	loop_job_queue(loop, &b.job);
	expect_trace("a");
	expect_trace("b");
}

/* ---- descriptors ---- */

struct end {
	struct loop_io *io;
	int fd, peer;
	const char *name;
	struct end *victim;
	struct loop_timer timer;
	struct named_job job;
};

static void open_end(struct end *e, const char *name, loop_io_fn fn)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	*e = (struct end){.fd = fds[0], .peer = fds[1], .name = name};
	assert_int_equal(loop_io_add(loop, e->fd, LOOP_READ, fn, e, &e->io), 0);
}

static void feed(struct end *e)
{
	assert_int_equal(write(e->peer, "xyz", 3), 3);
}

static void close_end(struct end *e)
{
	loop_io_del(e->io);
	close(e->fd);
	close(e->peer);
}

static void note_ready(const struct end *e, unsigned what)
{
	strbuf_printf(&trace, "%s%s%s", e->name, what & LOOP_READ ? "r" : "",
		      what & LOOP_WRITE ? "w" : "");
}

/* Takes one byte at a time and stops when it has all three. */
static void on_ready_read_one(void *arg, unsigned what)
{
	struct end *e = arg;
	char c, rest;

	note_ready(e, what);
	assert_int_equal(read(e->fd, &c, 1), 1);
	if (recv(e->fd, &rest, 1, MSG_PEEK) < 0)
		loop_stop(loop);
}

static void a_handler_is_called_until_it_has_read_everything(void **state)
{
	struct end e;

	(void)state;
	open_end(&e, "e", on_ready_read_one);
	feed(&e);
	expect_trace("ererer");
	close_end(&e);
}

static void on_ready_note(void *arg, unsigned what)
{
	note_ready(arg, what);
	loop_stop(loop);
}

static void what_is_waited_for_can_be_changed(void **state)
{
	struct end e;
	struct named_timer t = {{.fn = on_last_timer}, "t"};

	(void)state;
	open_end(&e, "e", on_ready_note);
	feed(&e);
	loop_io_want(e.io, 0);
	loop_timer_set(loop, &t.timer, 2 * NS_PER_MS);
	expect_trace("t");
	loop_io_want(e.io, LOOP_WRITE);
	expect_trace("ew");
	loop_io_want(e.io, LOOP_READ | LOOP_WRITE);
	expect_trace("erw");
	loop_io_want(e.io, LOOP_READ);
	expect_trace("er");
	close_end(&e);
}

static void a_hang_up_makes_the_reader_look(void **state)
{
	struct end e;

	(void)state;
	open_end(&e, "e", on_ready_note);
	close(e.peer);
	e.peer = dup(e.fd); /* something to close */
	expect_trace("er");
	close_end(&e);
}

static void on_ready_delete_other(void *arg, unsigned what)
{
	struct end *e = arg;

	note_ready(e, what);
	loop_io_del(e->victim->io);
	e->victim->io = NULL;
	loop_io_del(e->io); /* and itself */
	e->io = NULL;
	loop_stop(loop);
}

static void a_handler_may_delete_another_that_is_ready(void **state)
{
	struct end a, b;
	struct named_timer t = {{.fn = on_last_timer}, "t"};

	(void)state;
	open_end(&a, "e", on_ready_delete_other);
	open_end(&b, "e", on_ready_delete_other);
	a.victim = &b;
	b.victim = &a;
	feed(&a);
	feed(&b);
	expect_trace("er");
	loop_timer_set(loop, &t.timer, NS_PER_MS);
	expect_trace("t");
	close_end(&a);
	close_end(&b);
}

static void on_turn_job(struct loop_job *j)
{
	(void)j;
	strbuf_puts(&trace, "j");
	loop_stop(loop);
}

static void on_ready_queue_all(void *arg, unsigned what)
{
	struct end *e = arg;

	note_ready(e, what);
	loop_io_want(e->io, 0);
	e->job.job.fn = on_turn_job;
	e->timer.fn = on_timer;
	loop_job_queue(loop, &e->job.job);
}

static void a_turn_is_input_then_timers_then_jobs(void **state)
{
	struct named_timer t = {{.fn = on_timer}, "t"};
	struct end e;

	(void)state;
	open_end(&e, "e", on_ready_queue_all);
	feed(&e);
	loop_timer_set(loop, &t.timer, 0);
	expect_trace("ertj");
	close_end(&e);
}

static void a_job_that_queues_itself_does_not_starve_input(void **state)
{
	struct named_job a = {{.fn = on_job_queue}, NULL, ""};
	struct end e;

	(void)state;
	a.also = &a.job;
	open_end(&e, "e", on_ready_note);
	feed(&e);
	loop_job_queue(loop, &a.job);
	expect_trace("er");
	loop_job_cancel(loop, &a.job);
	close_end(&e);
}

static void a_descriptor_that_is_not_open_is_refused(void **state)
{
	struct loop_io *io;
	int fd = dup(0);

	(void)state;
	close(fd);
	assert_int_equal(loop_io_add(loop, fd, LOOP_READ, on_ready_note, NULL, &io),
			 -EBADF);
}

static void on_signal(void *arg, int signo)
{
	(void)arg;
	(void)signo;
}

static void a_signal_has_one_handler(void **state)
{
	(void)state;
	assert_int_equal(loop_signal(loop, SIGUSR1, on_signal, NULL), 0);
	assert_int_equal(loop_signal(loop, SIGUSR1, on_signal, NULL), -EBUSY);
	assert_int_equal(loop_signal(loop, SIGUSR1, NULL, NULL), 0);
	assert_int_equal(loop_signal(loop, SIGUSR1, on_signal, NULL), 0);
	assert_int_equal(loop_signal(loop, 0, on_signal, NULL), -EINVAL);
	assert_int_equal(loop_signal(loop, NSIG, on_signal, NULL), -EINVAL);
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int loop_contract_run(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(timers_fire_in_the_order_of_their_deadlines),
		LOOP_TEST(a_timer_set_again_moves_and_a_stopped_one_is_silent),
		LOOP_TEST(a_deadline_beyond_the_end_of_time_is_never),
		LOOP_TEST(a_timer_is_not_early),
		LOOP_TEST(jobs_run_once_in_the_order_queued),
		LOOP_TEST(a_job_may_cancel_one_that_is_about_to_run),
		LOOP_TEST(what_is_queued_when_the_loop_stops_stays_queued),
		LOOP_TEST(a_handler_is_called_until_it_has_read_everything),
		LOOP_TEST(what_is_waited_for_can_be_changed),
		LOOP_TEST(a_hang_up_makes_the_reader_look),
		LOOP_TEST(a_handler_may_delete_another_that_is_ready),
		LOOP_TEST(a_turn_is_input_then_timers_then_jobs),
		LOOP_TEST(a_job_that_queues_itself_does_not_starve_input),
		LOOP_TEST(a_descriptor_that_is_not_open_is_refused),
		LOOP_TEST(a_signal_has_one_handler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
