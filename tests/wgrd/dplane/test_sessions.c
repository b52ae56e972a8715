/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/sessions.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/keys.h"
#include "wgrd/dplane/keys/handshake.h"
#include "wgrd/dplane/peer.h"

/* Random numbers that repeat and hit the reserved values on purpose. */
struct scripted {
	struct wg_rng rng;
	uint64_t state;
	const uint32_t *script;
	unsigned left;
};

static void fill(struct wg_rng *rng, void *dst, size_t len)
{
	struct scripted *s = container_of(rng, struct scripted, rng);
	uint32_t v;

	assert_int_equal(len, sizeof(v));
	if (s->left) {
		v = *s->script++;
		s->left--;
	} else {
		uint64_t z = s->state += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		v = (uint32_t)(z ^ z >> 31);
	}
	memcpy(dst, &v, sizeof(v));
}

/* Never freed: the tests hold a reference. */
static struct dp_peer peer = {.refs = 1};

static struct dp_session *new_session(uint32_t index)
{
	struct dp_session *s = dp_session_new(&peer, NULL);

	assert_non_null(s);
	wg_keypair_init(&s->keypair, true, index, 1, 1);
	return s;
}

static void a_handshake_becomes_a_session_under_the_same_index(void **state)
{
	struct dp_sessions *t = dp_sessions_new();
	struct scripted r = {.rng.fill = fill};
	struct dp_handshake *h = xcalloc(1, sizeof(*h));
	struct dp_session *s;
	uint32_t index;

	(void)state;
	assert_int_equal(dp_sessions_reserve(t, h, &r.rng, &index), 0);
	assert_ptr_equal(dp_sessions_handshake(t, index), h);
	assert_null(dp_sessions_find(t, index)); /* nothing to decrypt with yet */
	s = new_session(index);
	s->handshake = h;
	dp_sessions_publish(t, index, s);
	assert_ptr_equal(dp_sessions_find(t, index), s);
	assert_ptr_equal(dp_sessions_handshake(t, index), h);
	s->handshake = NULL; /* its key is gone: nothing leads there any more */
	assert_null(dp_sessions_handshake(t, index));
	dp_sessions_release(t, index);
	assert_null(dp_sessions_find(t, index));
	assert_null(dp_sessions_handshake(t, index));
	dp_sessions_release(t, index); /* once is enough, twice does no harm */
	dp_sessions_release(t, 0);
	assert_int_equal(dp_sessions_count(t), 0);
	dp_session_free(s);
	dp_session_free(NULL);
	dp_rcu_barrier();
	dp_sessions_free(t);
	free(h);
}

static void reserved_and_taken_numbers_are_not_given_out(void **state)
{
	static const uint32_t script[] = {5, 0, UINT32_MAX, 5, 5, 6};
	struct dp_sessions *t = dp_sessions_new();
	struct scripted r = {.rng.fill = fill, .script = script, .left = 6};
	uint32_t a, b;

	(void)state;
	assert_int_equal(dp_sessions_reserve(t, NULL, &r.rng, &a), 0);
	assert_int_equal(dp_sessions_reserve(t, NULL, &r.rng, &b), 0);
	assert_int_equal(a, 5);
	assert_int_equal(b, 6);
	assert_null(dp_sessions_find(t, 0));
	assert_null(dp_sessions_find(t, UINT32_MAX));
	dp_sessions_release(t, a);
	dp_sessions_release(t, b);
	dp_sessions_free(t);
}

enum {
	LIVE = 2000,
	TURNS = 200000,
};

/* Entries come and go until tombstones have filled the table many times over. */
static void it_finds_what_is_there_and_nothing_else(void **state)
{
	struct dp_sessions *t = dp_sessions_new();
	struct scripted r = {.rng.fill = fill, .state = 42};
	struct dp_session *live[LIVE] = {0};

	(void)state;
	for (unsigned turn = 0; turn < TURNS; turn++) {
		unsigned i = (turn * 7919u) % LIVE;
		uint32_t index, gone;

		if (live[i]) {
			gone = live[i]->keypair.local_index;
			assert_ptr_equal(dp_sessions_find(t, gone), live[i]);
			dp_sessions_release(t, gone);
			assert_null(dp_sessions_find(t, gone));
			dp_session_free(live[i]);
			live[i] = NULL;
		}
		if (turn % 3) {
			assert_int_equal(dp_sessions_reserve(t, NULL, &r.rng, &index), 0);
			live[i] = new_session(index);
			dp_sessions_publish(t, index, live[i]);
		}
		if (turn % 4096 == 0)
			dp_rcu_barrier();
	}
	for (unsigned i = 0; i < LIVE; i++) {
		if (!live[i])
			continue;
		assert_ptr_equal(dp_sessions_find(t, live[i]->keypair.local_index),
				 live[i]);
		dp_sessions_release(t, live[i]->keypair.local_index);
		dp_session_free(live[i]);
	}
	assert_int_equal(dp_sessions_count(t), 0);
	dp_rcu_barrier();
	dp_sessions_free(t);
}

enum {
	SHOWN = 64,
};

struct readers {
	struct dp_sessions *t;
	_Atomic uint32_t index[SHOWN];
	_Atomic bool stop;
	_Atomic uint64_t hits;
};

static void *read_all_the_time(void *arg)
{
	struct readers *r = arg;
	uint64_t hits = 0;

	dp_rcu_thread_start();
	while (!atomic_load_explicit(&r->stop, memory_order_relaxed)) {
		for (unsigned i = 0; i < SHOWN; i++) {
			uint32_t index =
				atomic_load_explicit(&r->index[i], memory_order_relaxed);
			const struct dp_session *s = dp_sessions_find(r->t, index);

			/* never another's */
			assert(!s || s->keypair.local_index == index);
			hits += !!s;
		}
		dp_rcu_offline();
		dp_rcu_online();
	}
	dp_rcu_thread_stop();
	atomic_fetch_add(&r->hits, hits);
	return NULL;
}

static void readers_see_the_right_session_or_none(void **state)
{
	struct readers r = {.t = dp_sessions_new()};
	struct scripted rng = {.rng.fill = fill, .state = 1};
	struct dp_session *live[SHOWN] = {0};
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, read_all_the_time, &r), 0);
	for (unsigned turn = 0; turn < 50000; turn++) {
		unsigned i = turn % SHOWN;
		uint32_t index;

		if (live[i]) {
			dp_sessions_release(r.t, live[i]->keypair.local_index);
			dp_session_free(live[i]);
		}
		assert_int_equal(dp_sessions_reserve(r.t, NULL, &rng.rng, &index), 0);
		live[i] = new_session(index);
		dp_sessions_publish(r.t, index, live[i]);
		atomic_store_explicit(&r.index[i], index, memory_order_relaxed);
	}
	while (!atomic_load(&r.hits)) {
		atomic_store(&r.stop, true);
		pthread_join(thread, NULL);
		if (atomic_load(&r.hits))
			break;
		atomic_store(&r.stop, false); /* it has not had a turn yet */
		assert_int_equal(pthread_create(&thread, NULL, read_all_the_time, &r), 0);
	}
	for (unsigned i = 0; i < SHOWN; i++) {
		dp_sessions_release(r.t, live[i]->keypair.local_index);
		dp_session_free(live[i]);
	}
	dp_rcu_barrier();
	dp_sessions_free(r.t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handshake_becomes_a_session_under_the_same_index),
		cmocka_unit_test(reserved_and_taken_numbers_are_not_given_out),
		cmocka_unit_test(it_finds_what_is_there_and_nothing_else),
		cmocka_unit_test(readers_see_the_right_session_or_none),
	};

	dp_rcu_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
