/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/wg/keypair.h"

#define S       WG_NS_PER_S
#define BORN_NS (50 * S)

static void nonces_run_from_zero_without_gaps(void **state)
{
	struct wg_keypair kp;

	(void)state;
	wg_keypair_init(&kp, true, 1, 2, BORN_NS);
	assert_int_equal(wg_keypair_take_nonces(&kp, 1, BORN_NS), 0);
	assert_int_equal(wg_keypair_take_nonces(&kp, 64, BORN_NS), 1);
	assert_int_equal(wg_keypair_take_nonces(&kp, WG_KEYPAIR_BATCH_MAX, BORN_NS), 65);
	assert_int_equal(wg_keypair_take_nonces(&kp, 1, BORN_NS),
			 65 + WG_KEYPAIR_BATCH_MAX);
}

static void nonces_end_at_the_limit_for_good(void **state)
{
	struct wg_keypair kp;

	(void)state;
	wg_keypair_init(&kp, true, 1, 2, BORN_NS);
	atomic_store(&kp.send_counter, WG_REJECT_AFTER_MESSAGES - 10);
	assert_int_equal(wg_keypair_take_nonces(&kp, 11, BORN_NS), WG_NONCE_NONE);
	assert_int_equal(wg_keypair_take_nonces(&kp, 10, BORN_NS),
			 WG_REJECT_AFTER_MESSAGES - 10);
	for (int i = 0; i < 100000; i++)
		if (wg_keypair_take_nonces(&kp, 1, BORN_NS) != WG_NONCE_NONE)
			fail_msg("a nonce after the last, attempt %d", i);
}

static void age_ends_a_pair(void **state)
{
	struct wg_keypair kp;

	(void)state;
	wg_keypair_init(&kp, false, 1, 2, BORN_NS);
	assert_true(wg_keypair_alive(&kp, BORN_NS));
	assert_true(wg_keypair_alive(&kp, BORN_NS - S)); /* another thread's clock */
	assert_true(wg_keypair_alive(&kp, BORN_NS + 180 * S - 1));
	assert_false(wg_keypair_alive(&kp, BORN_NS + 180 * S));
	assert_int_equal(wg_keypair_take_nonces(&kp, 1, BORN_NS + 180 * S - 1), 0);
	assert_int_equal(wg_keypair_take_nonces(&kp, 1, BORN_NS + 180 * S),
			 WG_NONCE_NONE);
}

static void rekeying_follows_role_age_and_use(void **state)
{
	static const struct {
		const char *name;
		bool initiator;
		uint64_t age_ns, sent;
		bool on_send, on_recv;
	} cases[] = {
		{"new", true, 0, 0, false, false},
		{"initiator before 120 s", true, 120 * S - 1, 0, false, false},
		{"initiator at 120 s", true, 120 * S, 0, true, false},
		{"initiator before 165 s", true, 165 * S - 1, 0, true, false},
		{"initiator at 165 s", true, 165 * S, 0, true, true},
		{"responder at 165 s", false, 165 * S, 0, false, false},
		{"initiator, 2^60 messages", true, 0, UINT64_C(1) << 60, false, false},
		{"initiator, one more", true, 0, (UINT64_C(1) << 60) + 1, true, false},
		{"responder, one more", false, 0, (UINT64_C(1) << 60) + 1, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t now_ns = BORN_NS + cases[i].age_ns;
		struct wg_keypair kp;

		wg_keypair_init(&kp, cases[i].initiator, 1, 2, BORN_NS);
		atomic_store(&kp.send_counter, cases[i].sent);
		if (wg_keypair_rekey_on_send(&kp, now_ns) != cases[i].on_send)
			fail_msg("%s: sending, expected %d", cases[i].name,
				 cases[i].on_send);
		if (wg_keypair_rekey_on_recv(&kp, now_ns) != cases[i].on_recv)
			fail_msg("%s: receiving, expected %d", cases[i].name,
				 cases[i].on_recv);
	}
}

enum {
	WORKERS = 4,
	BATCHES = 20000,
	BATCH = 3,
};

struct worker {
	pthread_t thread;
	struct wg_keypair *kp;
	uint64_t first[BATCHES];
};

static void *take_many(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < BATCHES; i++)
		w->first[i] = wg_keypair_take_nonces(w->kp, BATCH, BORN_NS);
	return NULL;
}

static void workers_never_get_the_same_nonce(void **state)
{
	static uint8_t taken[WORKERS * BATCHES];
	static struct worker w[WORKERS];
	struct wg_keypair kp;

	(void)state;
	wg_keypair_init(&kp, true, 1, 2, BORN_NS);
	for (int i = 0; i < WORKERS; i++) {
		w[i].kp = &kp;
		assert_int_equal(pthread_create(&w[i].thread, NULL, take_many, &w[i]), 0);
	}
	for (int i = 0; i < WORKERS; i++)
		pthread_join(w[i].thread, NULL);
	for (int i = 0; i < WORKERS; i++)
		for (int j = 0; j < BATCHES; j++) {
			uint64_t first = w[i].first[j];

			assert_int_equal(first % BATCH, 0);
			assert_true(first / BATCH < WORKERS * BATCHES);
			assert_int_equal(taken[first / BATCH]++, 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonces_run_from_zero_without_gaps),
		cmocka_unit_test(nonces_end_at_the_limit_for_good),
		cmocka_unit_test(age_ends_a_pair),
		cmocka_unit_test(rekeying_follows_role_age_and_use),
		cmocka_unit_test(workers_never_get_the_same_nonce),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
