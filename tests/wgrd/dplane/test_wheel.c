/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/wheel.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/rng.h"
#include "wgrd/lib/util.h"

#define S UINT64_C(1000000000)

struct timer {
	struct wheel_node node;
	struct wheel *wheel;
	uint64_t due_ns, fired_ns;
	unsigned fired;
	uint64_t again_ns; /* set again this much later when it fires; 0: no */
};

static uint64_t now_ns;

static void fire(struct wheel_node *n, void *arg)
{
	struct timer *t = container_of(n, struct timer, node);

	assert_ptr_equal(arg, t->wheel);
	assert_false(wheel_is_set(n));
	t->fired++;
	t->fired_ns = now_ns;
	if (t->again_ns) {
		t->due_ns = now_ns + t->again_ns;
		wheel_set(t->wheel, n, t->due_ns);
	}
}

/* As the handshake thread does: sleep until wheel_next_ns(), look, sleep again. */
static unsigned run_until(struct wheel *w, uint64_t end_ns)
{
	unsigned wakes = 0;

	for (;;) {
		uint64_t next = wheel_next_ns(w);

		if (next > end_ns)
			break;
		if (next > now_ns)
			now_ns = next;
		wheel_run(w, now_ns, UINT_MAX, fire, w);
		wakes++;
	}
	now_ns = end_ns;
	wheel_run(w, now_ns, UINT_MAX, fire, w);
	return wakes;
}

static void timers_fire_once_never_early_and_hardly_late(void **state)
{
	static const uint64_t delays[] = {0,        1,         WHEEL_TICK_NS - 1,
					  S / 10,   S,         5 * S,
					  10 * S,   15 * S,    90 * S,
					  120 * S,  180 * S,   540 * S,
					  3600 * S, 86400 * S, 200000 * S};
	struct wheel w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(delays); i++) {
		struct timer t = {.wheel = &w};

		now_ns = 12345678901 + i * 777777777;
		wheel_init(&w, now_ns);
		t.due_ns = now_ns + delays[i];
		wheel_set(&w, &t.node, t.due_ns);
		run_until(&w, t.due_ns + 2 * S);
		assert_int_equal(t.fired, 1);
		if (t.fired_ns < t.due_ns || t.fired_ns > t.due_ns + WHEEL_TICK_NS)
			fail_msg("delay %llu: fired %lld ns after it was due",
				 (unsigned long long)delays[i],
				 (long long)(t.fired_ns - t.due_ns));
		assert_int_equal(wheel_next_ns(&w), UINT64_MAX);
	}
}

static void a_lone_far_timer_costs_few_wakes(void **state)
{
	struct wheel w;
	struct timer t = {.wheel = &w};

	(void)state;
	now_ns = 1;
	wheel_init(&w, now_ns);
	wheel_set(&w, &t.node, 86400 * S);
	assert_in_range(run_until(&w, 86401 * S), 1, WHEEL_LEVELS);
	assert_int_equal(t.fired, 1);
}

static void a_stopped_timer_does_not_fire(void **state)
{
	struct wheel w;
	struct timer t = {.wheel = &w};

	(void)state;
	now_ns = 5 * S;
	wheel_init(&w, now_ns);
	wheel_stop(&w, &t.node); /* never set: allowed */
	wheel_set(&w, &t.node, 6 * S);
	wheel_set(&w, &t.node, 9 * S);
	run_until(&w, 8 * S);
	assert_int_equal(t.fired, 0);
	wheel_stop(&w, &t.node);
	run_until(&w, 20 * S);
	assert_int_equal(t.fired, 0);
	assert_int_equal(w.count, 0);
}

static void a_timer_may_set_itself_again(void **state)
{
	struct wheel w;
	struct timer t = {.wheel = &w, .again_ns = 25 * S};

	(void)state;
	now_ns = S;
	wheel_init(&w, now_ns);
	wheel_set(&w, &t.node, now_ns);
	run_until(&w, 1000 * S);
	assert_in_range(t.fired, 39, 40);
}

static void time_may_jump_far(void **state)
{
	struct wheel w;
	struct timer t[100] = {0};

	(void)state;
	now_ns = S;
	wheel_init(&w, now_ns);
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		t[i].wheel = &w;
		wheel_set(&w, &t[i].node, now_ns + i * i * S);
	}
	now_ns = 1000000 * S;
	wheel_run(&w, now_ns, UINT_MAX, fire, &w);
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++)
		assert_int_equal(t[i].fired, 1);
	assert_int_equal(w.count, 0);
}

static void those_beyond_the_limit_stay_due_and_may_be_moved_and_stopped(void **state)
{
	enum {
		TIMERS = 100,
		LIMIT = 30
	};
	struct timer t[TIMERS] = {0};
	unsigned fired = 0, left = 0;
	struct wheel w;

	(void)state;
	now_ns = 7 * S;
	wheel_init(&w, now_ns);
	for (unsigned i = 0; i < TIMERS; i++) {
		t[i].wheel = &w;
		wheel_set(&w, &t[i].node, now_ns + (i % 2) * S);
	}
	now_ns += 2 * S;
	assert_true(wheel_run(&w, now_ns, LIMIT, fire, &w));
	assert_int_equal(w.count, TIMERS - LIMIT);
	assert_true(wheel_next_ns(&w) <= now_ns);
	for (unsigned i = 0; i < TIMERS; i++) {
		if (t[i].fired)
			fired++;
		else if (left++ % 3 == 0)
			wheel_stop(&w, &t[i].node);
		else if (left % 3 == 0)
			wheel_set(&w, &t[i].node, now_ns + 5 * S);
	}
	assert_int_equal(fired, LIMIT);
	while (wheel_run(&w, now_ns, LIMIT, fire, &w))
		;
	assert_int_equal(w.count, left / 3); /* those that were moved */
	run_until(&w, now_ns + 6 * S);
	assert_int_equal(w.count, 0);
	for (unsigned i = 0; i < TIMERS; i++)
		assert_in_range(t[i].fired, 0, 1);
}

/* Each timer is its own naive twin: it knows when it is due. */
static void it_keeps_any_number_of_timers(void **state)
{
	enum {
		TIMERS = 500,
		STEPS = 20000
	};
	struct timer *t = xcalloc(TIMERS, sizeof(*t));
	struct wheel w;

	(void)state;
	rng_seed();
	now_ns = rng_next() >> 8;
	wheel_init(&w, now_ns);
	for (unsigned step = 0; step < STEPS; step++) {
		struct timer *x = &t[rng_below(TIMERS)];
		uint64_t step_ns = rng_next() >> (20 + rng_below(30));

		x->wheel = &w;
		if (rng_below(4)) {
			x->due_ns = now_ns + (rng_next() >> (18 + rng_below(30)));
			wheel_set(&w, &x->node, x->due_ns);
		} else {
			wheel_stop(&w, &x->node);
			x->due_ns = 0;
		}
		run_until(&w, now_ns + (step_ns >> 4));
		for (unsigned i = 0; i < TIMERS; i++) {
			if (t[i].fired) {
				assert_true(t[i].due_ns);
				assert_in_range(t[i].fired_ns, t[i].due_ns,
						t[i].due_ns + WHEEL_TICK_NS);
				t[i].due_ns = 0;
				t[i].fired = 0;
			}
			assert_int_equal(wheel_is_set(&t[i].node), t[i].due_ns != 0);
			assert_true(!t[i].due_ns || t[i].due_ns + WHEEL_TICK_NS > now_ns);
		}
	}
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_once_never_early_and_hardly_late),
		cmocka_unit_test(a_lone_far_timer_costs_few_wakes),
		cmocka_unit_test(a_stopped_timer_does_not_fire),
		cmocka_unit_test(a_timer_may_set_itself_again),
		cmocka_unit_test(time_may_jump_far),
		cmocka_unit_test(
			those_beyond_the_limit_stay_due_and_may_be_moved_and_stopped),
		cmocka_unit_test(it_keeps_any_number_of_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
