/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the real loop does: threads that post, signals that arrive, a clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "wgrd/lib/loop.h"

enum {
	POSTERS = 4,
	POSTS = 20000,
};

static struct loop *loop;

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
	return 0;
}

/* Every poster counts up its own number and posts the job that all share. */
static struct {
	struct loop_job job;
	_Atomic unsigned posted[POSTERS];
	unsigned seen[POSTERS];
	unsigned runs;
	pthread_barrier_t start;
} shared;

static void on_start_job(struct loop_job *j)
{
	(void)j;
	pthread_barrier_wait(&shared.start);
}

static void on_shared_job(struct loop_job *j)
{
	bool all = true;

	(void)j;
	shared.runs++;
	for (unsigned i = 0; i < POSTERS; i++) {
		/* relaxed: it is loop_post() that must make the count visible */
		shared.seen[i] =
			atomic_load_explicit(&shared.posted[i], memory_order_relaxed);
		all &= shared.seen[i] == POSTS;
	}
	if (all)
		loop_stop(loop);
}

static void *post_many(void *arg)
{
	_Atomic unsigned *mine = arg;

	pthread_barrier_wait(&shared.start);
	for (unsigned n = 1; n <= POSTS; n++) {
		atomic_store_explicit(mine, n, memory_order_relaxed);
		loop_post(loop, &shared.job);
	}
	return NULL;
}

/* If a wake-up got lost, the last count of some poster would never be seen: a hang. */
static void no_post_is_lost_whatever_thread_it_comes_from(void **state)
{
	struct loop_job start = {.fn = on_start_job};
	pthread_t threads[POSTERS];

	(void)state;
	shared.job.fn = on_shared_job;
	pthread_barrier_init(&shared.start, NULL, POSTERS + 1);
	loop_job_queue(loop, &start);
	for (unsigned i = 0; i < POSTERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, post_many, &shared.posted[i]),
			0);
	assert_int_equal(loop_run(loop), 0);
	for (unsigned i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
	loop_job_cancel(loop, &shared.job);
	pthread_barrier_destroy(&shared.start);
	assert_in_range(shared.runs, 1, POSTERS * POSTS);
	print_message("%u posts, %u runs\n", POSTERS * POSTS, shared.runs);
}

/* Jobs of one poster keep their order. */
struct numbered {
	struct loop_job job;
	unsigned number;
};

static struct numbered numbered[1000];
static unsigned next_number;

static void on_numbered(struct loop_job *j)
{
	assert_int_equal(container_of(j, struct numbered, job)->number, next_number);
	if (++next_number == ARRAY_SIZE(numbered))
		loop_stop(loop);
}

static void *post_numbered(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < ARRAY_SIZE(numbered); i++) {
		numbered[i] = (struct numbered){.job.fn = on_numbered, .number = i};
		loop_post(loop, &numbered[i].job);
	}
	return NULL;
}

static void posts_of_one_thread_run_in_order(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, post_numbered, NULL), 0);
	assert_int_equal(loop_run(loop), 0);
	pthread_join(thread, NULL);
	assert_int_equal(next_number, ARRAY_SIZE(numbered));
}

static int caught;

static void on_signal(void *arg, int signo)
{
	*(int *)arg = signo;
	loop_stop(loop);
}

static void on_job_raise(struct loop_job *j)
{
	(void)j;
	raise(SIGUSR1);
}

static void a_signal_reaches_its_handler(void **state)
{
	struct loop_job j = {.fn = on_job_raise};

	(void)state;
	assert_int_equal(loop_signal(loop, SIGUSR1, on_signal, &caught), 0);
	loop_job_queue(loop, &j);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(caught, SIGUSR1);
}

static uint64_t boottime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static uint64_t begin_ns; /* before the loop ran */

static void on_job_check_clock(struct loop_job *j)
{
	uint64_t now_ns = loop_now_ns(loop), real_ns = boottime_ns();

	(void)j;
	assert_in_range(now_ns, begin_ns, real_ns);
	while (boottime_ns() == real_ns)
		;
	assert_int_equal(loop_now_ns(loop), now_ns);
	loop_stop(loop);
}

static void the_clock_stands_still_during_a_turn(void **state)
{
	struct loop_job j = {.fn = on_job_check_clock};

	(void)state;
	loop_job_queue(loop, &j);
	begin_ns = boottime_ns();
	assert_int_equal(loop_run(loop), 0);
}

#define LOOP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(no_post_is_lost_whatever_thread_it_comes_from),
		LOOP_TEST(posts_of_one_thread_run_in_order),
		LOOP_TEST(a_signal_reaches_its_handler),
		LOOP_TEST(the_clock_stands_still_during_a_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
