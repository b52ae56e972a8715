/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "proto/wg/limits.h"
#include "proto/wg/replay.h"
#include "tests/proto/wg/two_ends.h"

static void a_counter_is_accepted_once(void **state)
{
	struct wg_replay r;

	(void)state;
	wg_replay_init(&r);
	for (uint64_t c = 0; c < 20000; c++) {
		assert_true(wg_replay_accept(&r, c));
		assert_false(wg_replay_accept(&r, c));
	}
}

/* A sequence of counters, and whether each is new. */
static void the_window_has_its_edges_where_it_says(void **state)
{
	const uint64_t w = WG_REPLAY_WINDOW;
	const struct {
		uint64_t counter;
		bool fresh;
	} steps[] = {
		{0, true},
		{w - 1, true},
		{0, false},
		{1, true},
		{w, true}, /* now 0 is out */
		{0, false},
		{1, false}, /* seen */
		{2, true},
		{3 * w, true},
		{2 * w, false},    /* just out */
		{2 * w + 1, true}, /* just in */
		{2 * w + 1, false},
		{3 * w - 1, true},
		{3 * w, false},
		{w, false},
		{100 * w + 7, true}, /* a jump over more than the ring */
		{99 * w + 7, false},
		{99 * w + 8, true},
		{100 * w + 6, true},
		{UINT64_C(1) << 60, true},
		{(UINT64_C(1) << 60) - w + 1, true},
		{(UINT64_C(1) << 60) - w, false},
		{WG_REJECT_AFTER_MESSAGES - 1, true},
		{WG_REJECT_AFTER_MESSAGES - 1, false},
		{WG_REJECT_AFTER_MESSAGES - w, true},
		{WG_REJECT_AFTER_MESSAGES - w - 1, false},
		{WG_REJECT_AFTER_MESSAGES, false},
		{UINT64_MAX, false},
		{WG_REJECT_AFTER_MESSAGES - 2, true},
	};
	struct wg_replay r;

	(void)state;
	wg_replay_init(&r);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (wg_replay_accept(&r, steps[i].counter) != steps[i].fresh)
			fail_msg("step %zu, counter %llu: expected %d", i,
				 (unsigned long long)steps[i].counter, steps[i].fresh);
}

/* The twin: every counter ever accepted, in the order of acceptance. */
enum {
	TWIN_MAX = 30000,
};

struct twin {
	uint64_t seen[TWIN_MAX], next;
	size_t n;
};

static bool twin_accept(struct twin *t, uint64_t counter)
{
	if (counter >= WG_REJECT_AFTER_MESSAGES)
		return false;
	if (t->next > counter && t->next - counter > WG_REPLAY_WINDOW)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (t->seen[i] == counter)
			return false;
	t->seen[t->n++] = counter;
	if (counter >= t->next)
		t->next = counter + 1;
	return true;
}

/* Mostly near the highest so far, sometimes about one window back, sometimes far ahead. */
static uint64_t choose(struct test_rng *r, uint64_t next)
{
	uint64_t roll = test_rng_next(r), back;

	switch (roll % 16) {
	case 0:
		return next + test_rng_next(r) % (3 * WG_REPLAY_WINDOW);
	case 1:
		back = WG_REPLAY_WINDOW - 40 + test_rng_next(r) % 80;
		break;
	case 2:
		back = test_rng_next(r) % (2 * WG_REPLAY_WINDOW);
		break;
	case 3:
		return roll >> 63 ? next + test_rng_next(r) % (1 << 30) : next;
	default:
		back = test_rng_next(r) % 200;
		return next + 20 > back ? next + 20 - back : 0;
	}
	return next > back ? next - back : 0;
}

static void random_counters_agree_with_the_naive_twin(void **state)
{
	uint64_t seed = (uint64_t)time(NULL);
	static struct twin twin;
	struct wg_replay replay;
	struct test_rng r;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	test_rng_init(&r, seed);
	for (int round = 0; round < 4; round++) {
		memset(&twin, 0, sizeof(twin));
		wg_replay_init(&replay);
		/* Also near the end of all counters. */
		if (round == 3)
			twin_accept(&twin, WG_REJECT_AFTER_MESSAGES - 20000),
				wg_replay_accept(&replay,
						 WG_REJECT_AFTER_MESSAGES - 20000);
		for (int i = 0; i < 12000; i++) {
			uint64_t c = choose(&r, twin.next);
			bool want = twin_accept(&twin, c);
			bool got = wg_replay_accept(&replay, c);

			if (got != want)
				fail_msg("round %d, step %d, counter %llu, next %llu: "
					 "expected %d, seen %d",
					 round, i, (unsigned long long)c,
					 (unsigned long long)twin.next, want, got);
		}
	}
}

/* Four workers offer the same counters in about the same order: each counter must be
 * accepted by exactly one, and every one by somebody, since no gap is near the window. */
enum {
	WORKERS = 4,
	COUNTERS = 100000,
};

struct worker {
	pthread_t thread;
	struct wg_replay *replay;
	uint8_t *accepted; /* by this worker, for each counter */
};

static void *offer_all(void *arg)
{
	struct worker *w = arg;

	for (uint64_t at = 0; at < COUNTERS; at += 64)
		for (uint64_t i = 64; i-- > 0;)
			if (at + i < COUNTERS)
				w->accepted[at + i] = wg_replay_accept(w->replay, at + i);
	return NULL;
}

static void workers_that_race_accept_each_counter_at_most_once(void **state)
{
	static uint8_t accepted[WORKERS][COUNTERS];
	struct worker w[WORKERS];
	struct wg_replay replay;
	unsigned nobody = 0;

	(void)state;
	wg_replay_init(&replay);
	for (int i = 0; i < WORKERS; i++) {
		w[i].replay = &replay;
		w[i].accepted = accepted[i];
		assert_int_equal(pthread_create(&w[i].thread, NULL, offer_all, &w[i]), 0);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(w[i].thread, NULL);
	for (int c = 0; c < COUNTERS; c++) {
		int n = 0;

		for (int i = 0; i < WORKERS; i++)
			n += accepted[i][c];
		if (n > 1)
			fail_msg("counter %d was accepted %d times", c, n);
		nobody += n == 0;
	}
	/* The first worker to offer a block of counters moves the window by 64 only. */
	assert_int_equal(nobody, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_is_accepted_once),
		cmocka_unit_test(the_window_has_its_edges_where_it_says),
		cmocka_unit_test(random_counters_agree_with_the_naive_twin),
		cmocka_unit_test(workers_that_race_accept_each_counter_at_most_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
