/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "wgrd/lib/timerq.h"

enum {
	TIMERS = 200,
	STEPS = 20000,
};

struct traced {
	struct loop_timer timer;
	unsigned fired;
	uint64_t twin_due_ns, twin_order;
	bool twin_set;
};

static struct traced traced[TIMERS];
static struct timerq q;
static const bool never;

static void on_fire(struct loop_timer *t)
{
	container_of(t, struct traced, timer)->fired++;
}

static int reset(void **state)
{
	(void)state;
	for (size_t i = 0; i < TIMERS; i++)
		traced[i] = (struct traced){.timer.fn = on_fire};
	q = (struct timerq){0};
	return 0;
}

static struct traced *twin_first(void)
{
	struct traced *first = NULL;

	for (size_t i = 0; i < TIMERS; i++) {
		struct traced *t = &traced[i];

		if (t->twin_set && (!first || t->twin_due_ns < first->twin_due_ns ||
				    (t->twin_due_ns == first->twin_due_ns &&
				     t->twin_order < first->twin_order)))
			first = t;
	}
	return first;
}

static unsigned twin_fire(uint64_t now_ns, unsigned fired[TIMERS])
{
	unsigned n = 0;

	for (size_t i = 0; i < TIMERS; i++) {
		fired[i] = traced[i].fired;
		if (traced[i].twin_set && traced[i].twin_due_ns <= now_ns) {
			traced[i].twin_set = false;
			fired[i]++;
			n++;
		}
	}
	return n;
}

static void heap_and_naive_twin_agree(void **state)
{
	unsigned seed = (unsigned)time(NULL), expected[TIMERS];
	uint64_t now_ns = 0, order = 0;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (unsigned step = 0; step < STEPS; step++) {
		struct traced *t = &traced[rand() % TIMERS], *first;
		int what = rand() % 10;

		if (what < 6) {
			t->twin_due_ns = now_ns + (uint64_t)(rand() % 50);
			t->twin_order = order++;
			t->twin_set = true;
			timerq_set(&q, &t->timer, t->twin_due_ns);
		} else if (what < 8 && t->twin_set) {
			t->twin_set = false;
			timerq_remove(&q, &t->timer);
		} else if (what == 9) {
			unsigned n, seen;

			now_ns += (uint64_t)(rand() % 10);
			n = twin_fire(now_ns, expected);
			seen = timerq_fire(&q, now_ns, &never);
			assert_int_equal(seen, n);
			for (size_t i = 0; i < TIMERS; i++)
				assert_int_equal(traced[i].fired, expected[i]);
		}
		assert_int_equal(t->timer.set, t->twin_set);
		first = twin_first();
		if (timerq_first(&q) != (first ? &first->timer : NULL))
			fail_msg("step %u: expected timer %td first, saw %td", step,
				 first ? first - traced : -1,
				 timerq_first(&q) ? container_of(timerq_first(&q),
								 struct traced, timer) -
							    traced
						  : -1);
	}
}

static void on_fire_set_again(struct loop_timer *t)
{
	container_of(t, struct traced, timer)->fired++;
	timerq_set(&q, t, 10);
}

static void what_is_set_while_firing_waits_for_the_next_call(void **state)
{
	(void)state;
	traced[0].timer.fn = on_fire_set_again;
	timerq_set(&q, &traced[0].timer, 5);
	timerq_set(&q, &traced[1].timer, 5);
	assert_int_equal(timerq_fire(&q, 10, &never), 2);
	assert_int_equal(traced[0].fired, 1);
	assert_int_equal(traced[1].fired, 1);
	assert_true(traced[0].timer.set);
	assert_int_equal(timerq_fire(&q, 10, &never), 1);
	assert_int_equal(traced[0].fired, 2);
}

static void on_fire_remove_next(struct loop_timer *t)
{
	container_of(t, struct traced, timer)->fired++;
	timerq_remove(&q, &traced[1].timer);
}

static void a_timer_may_stop_another_that_is_due(void **state)
{
	(void)state;
	traced[0].timer.fn = on_fire_remove_next;
	for (size_t i = 0; i < 3; i++)
		timerq_set(&q, &traced[i].timer, 5);
	assert_int_equal(timerq_fire(&q, 10, &never), 2);
	assert_int_equal(traced[1].fired, 0);
	assert_int_equal(traced[2].fired, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(heap_and_naive_twin_agree, reset),
		cmocka_unit_test_setup(what_is_set_while_firing_waits_for_the_next_call,
				       reset),
		cmocka_unit_test_setup(a_timer_may_stop_another_that_is_due, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
