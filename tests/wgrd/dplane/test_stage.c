/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Waiting packets without a session to go by: limits and clearing away. What is sent when
 * there is one is shown by test_tunnel.c. */

#include "wgrd/dplane/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/tx.h"
#include "wgrd/dplane/worker.h"
#include "wgrd/lib/util.h"

enum {
	PEERS = 2000,
};

struct desk {
	struct dp_worker w;
	struct dp_peer *peer;
	uint8_t bytes[65535];
};

/* Peers who have poked already, so that nobody is called. */
static int setup(void **state)
{
	struct desk *d = aligned_alloc(64, (sizeof(*d) + 63) & ~63ul);

	memset(d, 0, sizeof(*d));
	d->w.index = 3;
	d->w.stages = dp_stages_new();
	d->w.tx = dp_tx_new();
	d->peer = aligned_alloc(64, PEERS * sizeof(*d->peer));
	memset(d->peer, 0, PEERS * sizeof(*d->peer));
	for (unsigned i = 0; i < PEERS; i++) {
		atomic_store(&d->peer[i].refs, 1);
		atomic_store(&d->peer[i].enabled, true);
		atomic_store(&d->peer[i].poked, DP_POKE_WANTED);
	}
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct desk *d = *state;

	dp_stages_clear(&d->w);
	for (unsigned i = 0; i < PEERS; i++) {
		assert_int_equal(atomic_load(&d->peer[i].staged_on), 0);
		assert_int_equal(atomic_load(&d->peer[i].refs), 1);
	}
	dp_stages_free(d->w.stages);
	dp_tx_free(d->w.tx);
	free(d->peer);
	free(d);
	return 0;
}

static void put(struct desk *d, unsigned peer, uint32_t len)
{
	const struct dp_packet pkt = {.data = d->bytes, .len = len};

	dp_stage_put(&d->w, &d->peer[peer], &pkt, 1);
}

static uint64_t drops(const struct desk *d, enum dp_drop why)
{
	return atomic_load(&d->w.counters.drop[why]);
}

static uint64_t staged(const struct desk *d)
{
	return atomic_load(&d->w.counters.count[DP_TX_STAGED]);
}

static void a_peer_keeps_the_newest_hundred_and_twenty_eight(void **state)
{
	struct desk *d = *state;

	for (unsigned i = 0; i < DP_STAGED_MAX; i++)
		put(d, 0, 1400);
	assert_int_equal(drops(d, DROP_TX_STAGE_FULL), 0);
	put(d, 0, 1400);
	assert_int_equal(drops(d, DROP_TX_STAGE_FULL), 1);
	assert_int_equal(atomic_load(&d->peer[0].staged_on), 1 << 3);
	assert_int_equal(atomic_load(&d->peer[0].refs), 2);
	assert_false(dp_stage_flush(&d->w, &d->peer[0]));
	assert_true(dp_stage_flush(&d->w, &d->peer[1])); /* nothing waits for it */
}

static void packets_of_any_length_fit(void **state)
{
	static const uint32_t lengths[] = {1, 20, 495, 496, 497, 992, 1420, 9000, 65535};
	struct desk *d = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		put(d, 0, lengths[i]);
	assert_int_equal(staged(d), ARRAY_SIZE(lengths));
	assert_int_equal(drops(d, DROP_TX_STAGE_FULL), 0);
}

/* Memory is for all, so nobody's share is sure; but nothing grows, and all comes back. */
static void memory_is_bounded_and_comes_back(void **state)
{
	struct desk *d = *state;
	uint64_t first = 0;

	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < PEERS; i++)
			put(d, i, 65535);
		if (round == 0)
			first = drops(d, DROP_TX_STAGE_FULL);
		assert_int_equal(drops(d, DROP_TX_STAGE_FULL), first * (round + 1));
		dp_stages_clear(&d->w);
	}
	/* 4 MiB hold 61 of the longest */
	assert_int_equal(first, PEERS - 61);
}

static void a_peer_that_has_gone_is_let_go(void **state)
{
	struct desk *d = *state;

	put(d, 0, 100);
	put(d, 0, 100);
	put(d, 1, 100);
	atomic_store(&d->peer[0].enabled, false);
	dp_stages_sweep(&d->w);
	assert_int_equal(drops(d, DROP_TX_UNUSABLE), 2);
	assert_int_equal(atomic_load(&d->peer[0].refs), 1);
	assert_int_equal(atomic_load(&d->peer[1].refs), 2);
	/* and packets that come too late do not wait at all */
	put(d, 0, 100);
	assert_int_equal(drops(d, DROP_TX_UNUSABLE), 3);
	assert_int_equal(atomic_load(&d->peer[0].refs), 1);
}

static void what_nobody_answered_for_is_dropped(void **state)
{
	struct desk *d = *state;

	put(d, 0, 100);
	dp_stages_sweep(&d->w);
	assert_int_equal(drops(d, DROP_TX_NO_ANSWER), 0);
	atomic_fetch_add(&d->peer[0].drop_turn, 1);
	dp_stages_sweep(&d->w);
	assert_int_equal(drops(d, DROP_TX_NO_ANSWER), 1);
	assert_int_equal(atomic_load(&d->peer[0].refs), 1);
	put(d, 0, 100); /* a new wait */
	dp_stages_sweep(&d->w);
	assert_int_equal(drops(d, DROP_TX_NO_ANSWER), 1);
}

static void a_peer_without_references_is_not_waited_for(void **state)
{
	struct desk *d = *state;

	atomic_store(&d->peer[0].refs, 0);
	put(d, 0, 100);
	assert_int_equal(drops(d, DROP_TX_STAGE_FULL), 1);
	atomic_store(&d->peer[0].refs, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_peer_keeps_the_newest_hundred_and_twenty_eight),
		T(packets_of_any_length_fit),
		T(memory_is_bounded_and_comes_back),
		T(a_peer_that_has_gone_is_let_go),
		T(what_nobody_answered_for_is_dropped),
		T(a_peer_without_references_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
