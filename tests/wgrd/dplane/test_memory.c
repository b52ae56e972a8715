/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A hundred thousand peers are to fit into 100 MiB, and to cost no timer while idle. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/bench/dp_rig.h"
#include "tests/lib/dp_lab.h"
#include "wgrd/dplane/group.h"
#include "wgrd/dplane/hs_internal.h"
#include "wgrd/dplane/keys/identity.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 0
#endif
#endif
#ifndef OWN_ALLOCATOR
#define OWN_ALLOCATOR 1
#endif

enum {
	PEERS = 4000, /* enough for tables to have grown to their usual proportion */
	BUDGET = (100 << 20) / 100000,
};

struct idle {
	struct dp_peer *peer[PEERS];
	struct dp_group *group[PEERS];
};

static void make(struct dp_rig *r, struct idle *all)
{
	for (unsigned i = 0; i < PEERS; i++) {
		all->peer[i] = dp_rig_peer(r, NULL);
		assert_int_equal(dp_group_new(&(struct dp_nexthop){.peer = all->peer[i],
								   .weight = 1},
					      1, &all->group[i]),
				 0);
	}
	dp_rig_settle(r);
}

static void unmake(struct idle *all)
{
	for (unsigned i = 0; i < PEERS; i++) {
		dp_peer_retire(all->peer[i]);
		dp_group_free(all->group[i]);
		dp_peer_free(all->peer[i]);
	}
}

/* With the group that its prefixes name. */
static void an_idle_peer_fits_its_part_of_100_mib(void **state)
{
	struct idle *all = xcalloc(1, sizeof(*all));
	struct dp_rig r;
	size_t before, each;

	(void)state;
	dp_rig_start(&r);
	before = dp_rig_memory();
	make(&r, all);
	each = (dp_rig_memory() - before) / PEERS;
	if (OWN_ALLOCATOR) {
		print_message("%zu of %d bytes\n", each, BUDGET);
		assert_in_range(each, sizeof(struct dp_peer), BUDGET);
	}
	unmake(all);
	dp_rig_stop(&r);
	free(all);
}

static void an_idle_peer_sets_no_timer(void **state)
{
	struct idle *all = xcalloc(1, sizeof(*all));
	struct dp_rig r;

	(void)state;
	dp_rig_start(&r);
	make(&r, all);
	assert_int_equal(r.dp->hs->wheel.count, 0);
	dp_rig_advance(&r, 3600 * NS_PER_S);
	assert_int_equal(r.dp->hs->wheel.count, 0);
	assert_int_equal(dp_rig_count(&r, DP_TX_INITIATIONS), 0);
	unmake(all);
	dp_rig_stop(&r);
	free(all);
}

/* What only handshakes need comes with the first one. */
static void keys_are_not_computed_with_before_somebody_calls(void **state)
{
	struct dp_rig r;
	struct dp_peer *p;

	(void)state;
	dp_rig_start(&r);
	p = dp_rig_peer(&r, NULL);
	dp_rig_settle(&r);
	assert_non_null(p->hs.identities);
	assert_null(p->hs.identities->handshakes);
	dp_peer_clear(p); /* it has an endpoint, so it is called */
	dp_rig_settle(&r);
	assert_non_null(p->hs.identities->handshakes);
	assert_int_equal(dp_rig_count(&r, DP_TX_INITIATIONS), 1);
	dp_rig_peer_free(p);
	dp_rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_peer_fits_its_part_of_100_mib),
		cmocka_unit_test(an_idle_peer_sets_no_timer),
		cmocka_unit_test(keys_are_not_computed_with_before_somebody_calls),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
