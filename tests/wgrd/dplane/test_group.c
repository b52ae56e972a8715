/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/rcu.h"

enum {
	PEERS = 5,
	FLOWS = 20000,
};

/* A group looks at nothing of a peer but whether it is usable. */
static struct dp_peer peers[PEERS];

static int setup(void **state)
{
	(void)state;
	dp_rcu_init();
	for (unsigned i = 0; i < PEERS; i++) {
		atomic_store(&peers[i].enabled, true);
		atomic_store(&peers[i].silent, false);
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
	struct dp_group *g = make_group(weights, PEERS);
	unsigned count[PEERS];

	(void)state;
	count_flows(g, count);
	for (unsigned i = 0; i < PEERS; i++)
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
