/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/sync/rcu.h"

enum {
	PEERS = 8,
	FLOWS = 20000,
};

/* A group looks at nothing of a peer but whether it is usable. */
static struct dp_peer peers[PEERS];

static int setup(void **state)
{
	const struct dp_endpoint somewhere = {.family = AF_INET, .port = 1};

	(void)state;
	for (unsigned i = 0; i < PEERS; i++) {
		atomic_store(&peers[i].enabled, true);
		atomic_store(&peers[i].answers, false);
		atomic_store(&peers[i].settling, false);
		atomic_store(&peers[i].silent, false);
		dp_endpoint_store(&peers[i].endpoint, &somewhere);
	}
	return 0;
}

static struct dp_group *make_group(const uint16_t *weights, unsigned n)
{
	struct dp_nexthop nh[PEERS] = {0};
	struct dp_group *g;

	for (unsigned i = 0; i < n; i++)
		nh[i] = (struct dp_nexthop){.peer = &peers[i], .weight = weights[i]};
	assert_int_equal(dp_group_new(nh, n, &g), 0);
	return g;
}

static uint32_t hash_of(uint32_t flow)
{
	return flow * UINT32_C(2654435769) ^ flow << 13;
}

static unsigned pick(const struct dp_group *g, uint32_t flow)
{
	struct dp_peer *passed_over;

	return (unsigned)(dp_group_pick(g, hash_of(flow), &passed_over) - peers);
}

static void count_flows(const struct dp_group *g, unsigned count[PEERS])
{
	for (unsigned i = 0; i < PEERS; i++)
		count[i] = 0;
	for (uint32_t flow = 0; flow < FLOWS; flow++)
		count[pick(g, flow)]++;
}

static void free_group(struct dp_group *g)
{
	dp_group_free(g);
	dp_rcu_barrier();
}

static void flows_are_shared_by_weight(void **state)
{
	static const uint16_t weights[] = {1, 2, 3, 4, 10};
	struct dp_group *g = make_group(weights, 5);
	unsigned count[PEERS];

	(void)state;
	count_flows(g, count);
	for (unsigned i = 0; i < 5; i++)
		assert_in_range(count[i], FLOWS / 20 * weights[i] - 300,
				FLOWS / 20 * weights[i] + 300);
	free_group(g);
}

static void only_the_flows_of_an_unusable_member_move(void **state)
{
	struct dp_group *g = make_group((uint16_t[]){1, 1, 1, 1}, 4);
	unsigned before[FLOWS], count[PEERS], moved = 0;

	(void)state;
	for (uint32_t flow = 0; flow < FLOWS; flow++)
		before[flow] = pick(g, flow);
	atomic_store(&peers[2].silent, true);
	for (uint32_t flow = 0; flow < FLOWS; flow++) {
		if (before[flow] != 2)
			assert_int_equal(pick(g, flow), before[flow]);
		else
			moved += pick(g, flow) != 2;
	}
	assert_in_range(moved, FLOWS / 4 - 300, FLOWS / 4 + 300);
	/* and those are spread over all the others */
	count_flows(g, count);
	for (unsigned i = 0; i < 4; i++) {
		if (i != 2)
			assert_in_range(count[i], FLOWS / 3 - 400, FLOWS / 3 + 400);
	}
	assert_int_equal(count[2], 0);
	free_group(g);
}

static void who_is_passed_over_is_named(void **state)
{
	struct dp_group *g = make_group((uint16_t[]){1, 1}, 2);
	struct dp_peer *passed_over;
	uint32_t flow = 0;

	(void)state;
	while (pick(g, flow) != 0)
		flow++;
	assert_ptr_equal(dp_group_pick(g, hash_of(flow), &passed_over), &peers[0]);
	assert_null(passed_over);
	atomic_store(&peers[0].enabled, false);
	assert_ptr_equal(dp_group_pick(g, hash_of(flow), &passed_over), &peers[1]);
	assert_ptr_equal(passed_over, &peers[0]);
	/* with nobody better, the first choice is to explain itself */
	atomic_store(&peers[1].enabled, false);
	assert_ptr_equal(dp_group_pick(g, hash_of(flow), &passed_over), &peers[0]);
	assert_null(passed_over);
	free_group(g);
}

static void a_lone_member_is_taken_as_it_is(void **state)
{
	struct dp_group *g = make_group((uint16_t[]){7}, 1);
	struct dp_peer *passed_over;

	(void)state;
	atomic_store(&peers[0].enabled, false);
	assert_ptr_equal(dp_group_pick(g, 1, &passed_over), &peers[0]);
	free_group(g);
}

static void an_empty_group_has_nobody(void **state)
{
	struct dp_group *g = make_group(NULL, 0);
	struct dp_peer *passed_over;

	(void)state;
	assert_null(dp_group_pick(g, 1, &passed_over));
	assert_false(dp_group_has(g, &peers[0]));
	free_group(g);
}

static void members_are_replaced_as_a_whole(void **state)
{
	struct dp_group *g = make_group((uint16_t[]){1, 1}, 2);
	struct dp_nexthop nh = {.peer = &peers[4], .weight = 1};

	(void)state;
	assert_true(dp_group_has(g, &peers[0]) && dp_group_has(g, &peers[1]));
	assert_int_equal(dp_group_set(g, &nh, 1), 0);
	assert_false(dp_group_has(g, &peers[0]) || dp_group_has(g, &peers[1]));
	assert_true(dp_group_has(g, &peers[4]));
	assert_int_equal(pick(g, 123), 4);
	free_group(g);
}

/* ---- backups ---- */

/* In no order of ranks: two primaries, three backups, and two for when all else fails. */
static const struct {
	uint16_t weight;
	uint8_t rank;
} ranked[] = {{1, 1}, {1, 0}, {2, 9}, {3, 1}, {1, 0}, {4, 9}, {4, 1}};

static struct dp_group *make_ranked(void)
{
	struct dp_nexthop nh[ARRAY_SIZE(ranked)];
	struct dp_group *g;

	for (unsigned i = 0; i < ARRAY_SIZE(ranked); i++)
		nh[i] = (struct dp_nexthop){.peer = &peers[i],
					    .weight = ranked[i].weight,
					    .rank = ranked[i].rank};
	assert_int_equal(dp_group_new(nh, ARRAY_SIZE(ranked), &g), 0);
	return g;
}

static void silence(unsigned i, bool silent)
{
	atomic_store(&peers[i].silent, silent);
}

static void backups_are_used_when_no_primary_is_usable(void **state)
{
	struct dp_group *g = make_ranked();
	unsigned count[PEERS];

	(void)state;
	count_flows(g, count);
	assert_int_equal(count[1] + count[4], FLOWS);
	silence(1, true); /* the other primary takes all */
	count_flows(g, count);
	assert_int_equal(count[4], FLOWS);
	silence(4, true);
	count_flows(g, count);
	for (unsigned i = 0; i < ARRAY_SIZE(ranked); i++) {
		const unsigned want = ranked[i].rank == 1 ? ranked[i].weight : 0;

		assert_in_range(count[i], want ? FLOWS / 8 * want - 300 : 0,
				want ? FLOWS / 8 * want + 300 : 0);
	}
	silence(0, true);
	silence(3, true);
	silence(6, true);
	count_flows(g, count);
	assert_in_range(count[2], FLOWS / 3 - 300, FLOWS / 3 + 300);
	assert_int_equal(count[2] + count[5], FLOWS);
	silence(4, false); /* back to where they came from */
	count_flows(g, count);
	assert_int_equal(count[4], FLOWS);
	free_group(g);
}

/* Who has a session is preferred to who may come to have one, whatever their ranks. */
static void backups_are_used_until_a_primary_is_ready(void **state)
{
	struct dp_group *g = make_ranked();
	struct dp_peer *passed_over;
	unsigned count[PEERS];

	(void)state;
	atomic_store(&peers[2].answers, true); /* of the last rank */
	count_flows(g, count);
	assert_int_equal(count[2], FLOWS);
	atomic_store(&peers[0].answers, true);
	atomic_store(&peers[6].answers, true);
	count_flows(g, count);
	assert_in_range(count[0], FLOWS / 5 - 300, FLOWS / 5 + 300);
	assert_int_equal(count[0] + count[6], FLOWS);
	assert_non_null(dp_group_pick(g, 7, &passed_over));
	assert_non_null(passed_over);
	atomic_store(&peers[4].answers, true);
	count_flows(g, count);
	assert_int_equal(count[4], FLOWS);
	atomic_store(&peers[1].answers, true);
	count_flows(g, count);
	assert_in_range(count[1], FLOWS / 2 - 400, FLOWS / 2 + 400);
	assert_int_equal(count[1] + count[4], FLOWS);
	atomic_store(&peers[1].settling, true); /* back, and not for long enough */
	count_flows(g, count);
	assert_int_equal(count[4], FLOWS);
	atomic_store(&peers[1].settling, false);
	/* shut down, and somewhere unknown */
	atomic_store(&peers[4].enabled, false);
	dp_endpoint_store(&peers[1].endpoint, &(struct dp_endpoint){0});
	count_flows(g, count);
	assert_int_equal(count[0] + count[6], FLOWS);
	free_group(g);
}

static unsigned best_rank(void)
{
	unsigned best = 256;

	for (unsigned i = 0; i < ARRAY_SIZE(ranked); i++) {
		if (dp_peer_usable(&peers[i]) && ranked[i].rank < best)
			best = ranked[i].rank;
	}
	return best;
}

/* One member after the other fails or returns: a flow leaves its member when that fails,
 * or for the one that returns, and never else. */
static void flows_keep_their_member_as_long_as_it_is_usable(void **state)
{
	enum {
		WATCHED = 500
	};
	struct dp_group *g = make_ranked();
	unsigned on[WATCHED], moves = 0;
	uint32_t x = 12345;

	(void)state;
	for (uint32_t flow = 0; flow < WATCHED; flow++)
		on[flow] = pick(g, flow);
	for (unsigned step = 0; step < 1000; step++) {
		const unsigned i = (x = x * 1103515245 + 12345) >> 16 & 7;
		bool silent;

		if (i >= ARRAY_SIZE(ranked))
			continue;
		silent = !atomic_load(&peers[i].silent);
		silence(i, silent);
		if (best_rank() == 256) {
			silence(i, false);
			continue;
		}
		for (uint32_t flow = 0; flow < WATCHED; flow++) {
			const unsigned now = pick(g, flow);

			assert_true(dp_peer_usable(&peers[now]));
			assert_int_equal(ranked[now].rank, best_rank());
			if (now != on[flow]) {
				assert_int_equal(silent ? on[flow] : now, i);
				moves++;
			}
			on[flow] = now;
		}
	}
	assert_true(moves > 1000);
	free_group(g);
}

static void all_that_are_passed_over_are_named_in_turn(void **state)
{
	struct dp_group *g = make_ranked();
	struct dp_peer *passed_over;
	unsigned named[PEERS] = {0};

	(void)state;
	silence(1, true);
	silence(4, true);
	for (unsigned i = 0; i < ARRAY_SIZE(ranked); i++)
		silence(i, ranked[i].rank < 9);
	for (unsigned i = 0; i < 100; i++) { /* of one flow */
		assert_int_equal(ranked[dp_group_pick(g, 7, &passed_over) - peers].rank,
				 9);
		named[passed_over - peers]++;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(ranked); i++)
		assert_int_equal(named[i], ranked[i].rank < 9 ? 20 : 0);
	free_group(g);
}

static void who_is_nowhere_is_not_chosen(void **state)
{
	struct dp_group *g = make_ranked();
	const struct dp_endpoint nowhere = {0};
	unsigned count[PEERS];

	(void)state;
	dp_endpoint_store(&peers[1].endpoint, &nowhere);
	count_flows(g, count);
	assert_int_equal(count[4], FLOWS);
	dp_endpoint_store(&peers[4].endpoint, &nowhere);
	count_flows(g, count);
	assert_int_equal(count[0] + count[3] + count[6], FLOWS);
	free_group(g);
}

static void backups_are_members_of_a_group(void **state)
{
	struct dp_group *g = make_ranked();

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(ranked); i++)
		assert_true(dp_group_has(g, &peers[i]));
	assert_false(dp_group_has(g, &peers[ARRAY_SIZE(ranked)]));
	free_group(g);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(flows_are_shared_by_weight),
		T(only_the_flows_of_an_unusable_member_move),
		T(who_is_passed_over_is_named),
		T(a_lone_member_is_taken_as_it_is),
		T(an_empty_group_has_nobody),
		T(members_are_replaced_as_a_whole),
		T(backups_are_used_when_no_primary_is_usable),
		T(backups_are_used_until_a_primary_is_ready),
		T(flows_keep_their_member_as_long_as_it_is_usable),
		T(all_that_are_passed_over_are_named_in_turn),
		T(who_is_nowhere_is_not_chosen),
		T(backups_are_members_of_a_group),
	};

	dp_rcu_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
