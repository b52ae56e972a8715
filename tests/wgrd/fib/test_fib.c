/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/fib/fib.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/wgrd/fib/rig.h"

#define P       "10.2.0.0/24"
#define PART    "10.2.0.128/25"
#define IN_PART "10.2.0.129"

static void permissions_go_in_before_routes_and_out_after_them(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_expect_backend(r, "");
	rig_expect_netlink(r, "");
	rig_turn(r);
	rig_expect_backend(
		r, "ingress_set wg0 10.2.0.0/24 a\negress_set wg0 10.2.0.0/24 a\n");
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
	rig_expect_state(r, P, FIB_SENT);
	held_nlq_answer(r->nlq, 0, true);
	rig_expect_state(r, P, FIB_INSTALLED);

	rig_unwant(r, P, r->a);
	rig_turn(r);
	rig_expect_netlink(r, "del 10.2.0.0/24 table 1001 metric 20 oif 101\n");
	rig_expect_backend(r, "");
	rig_expect_state(r, P, FIB_LEAVING);
	held_nlq_answer(r->nlq, 0, true);
	rig_turn(r);
	rig_expect_backend(r,
			   "egress_del wg0 10.2.0.0/24\ningress_del wg0 10.2.0.0/24\n");
	assert_int_equal(rig_view(r).routes + rig_view(r).permissions, 0);
}

static void a_route_waits_for_its_permission(void **state)
{
	struct rig *r = *state;

	fake_backend_fail_memory(r->be, 1);
	rig_want(r, P, r->a);
	rig_turn(r);
	rig_expect_netlink(r, "");
	rig_expect_state(r, P, FIB_WANTED);
	fake_backend_clear_log(r->be);
	fake_loop_advance(r->loop, NS_PER_S);
	rig_expect_backend(
		r, "ingress_set wg0 10.2.0.0/24 a\negress_set wg0 10.2.0.0/24 a\n");
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
}

static void what_stays_the_same_costs_nothing(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	held_nlq_clear_log(r->nlq);
	fake_backend_clear_log(r->be);

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_unwant(r, P, r->a);
	rig_want(r, P, r->a);
	rig_settle(r);
	rig_expect_netlink(r, "");
	rig_expect_backend(r, "");
	rig_expect_state(r, P, FIB_INSTALLED);
}

static void a_prefix_moves_between_peers_in_one_step(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	held_nlq_clear_log(r->nlq);
	fake_backend_clear_log(r->be);

	/* taken back and stated again in one turn, as the tenants do */
	rig_unwant(r, P, r->a);
	rig_want(r, P, r->b);
	rig_settle(r);
	rig_expect_backend(r, "group_new wg0 b a\n"
			      "ingress_set wg0 10.2.0.0/24 b a\n"
			      "egress_set wg0 10.2.0.0/24 b\n");
	rig_expect_netlink(r, "");
}

static void a_former_owner_may_answer_for_five_seconds(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_want(r, P, r->b);
	rig_settle(r);
	fake_backend_clear_log(r->be);

	fake_loop_advance(r->loop, 5 * NS_PER_S - 1);
	rig_settle(r);
	rig_expect_backend(r, "");
	fake_loop_advance(r->loop, 1);
	rig_settle(r);
	rig_expect_backend(r, "ingress_set wg0 10.2.0.0/24 b\ngroup_free wg0\n");
	rig_expect_state(r, P, FIB_INSTALLED);
}

static void moving_on_keeps_all_former_owners_for_a_while(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_want(r, P, r->b);
	rig_settle(r);
	fake_loop_advance(r->loop, 4 * NS_PER_S);
	rig_want(r, P, r->a);
	rig_settle(r);
	fake_backend_clear_log(r->be);

	fake_loop_advance(r->loop, 4 * NS_PER_S);
	rig_settle(r);
	rig_expect_backend(r, "");
	fake_loop_advance(r->loop, NS_PER_S);
	rig_settle(r);
	rig_expect_backend(r, "group_free wg0\n"
			      "ingress_set wg0 10.2.0.0/24 a\n"
			      "group_free wg0\n");
}

static void what_the_operator_takes_from_a_peer_is_gone_at_once(void **state)
{
	struct rig *r = *state;
	struct prefix p = rig_prefix(P);

	rig_want(r, P, r->a);
	rig_settle(r);
	fake_backend_clear_log(r->be);

	assert_int_equal(fib_want_permission(r->fib, r->wg0, &p, r->b, r->b, false), 0);
	rig_settle(r);
	rig_expect_backend(
		r, "ingress_set wg0 10.2.0.0/24 b\negress_set wg0 10.2.0.0/24 b\n");
}

/* What b had becomes c's of the same group: c must not wait until a has stopped. */
static void a_group_with_other_members_lets_nobody_pass(void **state)
{
	struct rig *r = *state;
	struct wg_nexthop both[] = {
		{.peer = wg_peer_find(r->wg0, "b"), .weight = 1},
		{.peer = wg_peer_find(r->wg0, "a"), .weight = 2},
	};

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_want(r, P, r->b);
	rig_settle(r);
	assert_int_equal(wg_group_set(r->b, both, ARRAY_SIZE(both)), 0);
	fake_backend_clear_log(r->be);
	fib_group_changed(r->fib, r->b);
	rig_settle(r);
	rig_expect_backend(r, "ingress_set wg0 10.2.0.0/24 b a*2\ngroup_free wg0\n");
	fake_loop_advance(r->loop, 10 * NS_PER_S);
	rig_expect_backend(r, "");
	rig_expect_state(r, P, FIB_INSTALLED);
}

static void a_withdrawal_does_not_wait_for_a_former_owner(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_want(r, P, r->b);
	rig_settle(r);
	rig_unwant(r, P, r->b);
	rig_settle(r);
	assert_null(fake_backend_ingress(r->be, "wg0", P));
	fake_backend_clear_log(r->be);
	fake_loop_advance(r->loop, 10 * NS_PER_S);
	rig_settle(r);
	rig_expect_backend(r, "group_free wg0\n");
}

/* ---- addresses that move because a longer prefix comes or goes ---- */

static void expect_packets(struct rig *r, const char *address, const char *to,
			   const char *from)
{
	const char *seen = fake_backend_route(r->be, "wg0", address);

	assert_string_equal(seen ?: "nobody", to);
	seen = fake_backend_source(r->be, "wg0", address);
	assert_string_equal(seen ?: "nobody", from);
}

/* P is a's, and the part of it is b's; nobody passes. */
static void want_whole_and_part(struct rig *r)
{
	rig_want(r, P, r->a);
	rig_settle(r);
	rig_want(r, PART, r->b);
	rig_settle(r);
	fake_loop_advance(r->loop, 5 * NS_PER_S);
	rig_settle(r);
	fake_backend_clear_log(r->be);
}

static void unwant_by_order(struct rig *r, const char *prefix, struct wg_group *g)
{
	struct prefix p = rig_prefix(prefix);

	fib_unwant_permission(r->fib, wg_group_device(g), &p, false);
	fib_unwant_route(r->fib, RIG_TABLE, &p, RIG_METRIC);
}

static void a_longer_prefix_lets_the_owner_of_what_covers_it_answer(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	fake_backend_clear_log(r->be);
	rig_want(r, PART, r->b);
	rig_settle(r);
	rig_expect_backend(r, "group_new wg0 b a\n"
			      "ingress_set wg0 10.2.0.128/25 b a\n"
			      "egress_set wg0 10.2.0.128/25 b\n");
	fake_loop_advance(r->loop, 5 * NS_PER_S - 1);
	rig_settle(r);
	rig_expect_backend(r, "");
	fake_loop_advance(r->loop, 1);
	rig_settle(r);
	rig_expect_backend(r, "ingress_set wg0 10.2.0.128/25 b\ngroup_free wg0\n");
	assert_string_equal(fake_backend_source(r->be, "wg0", "10.2.0.1"), "a");
}

static void
a_longer_prefix_that_is_withdrawn_is_as_what_covers_it_for_a_while(void **state)
{
	struct rig *r = *state;
	struct prefix p = rig_prefix(PART);
	enum fib_state st;

	want_whole_and_part(r);
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	rig_expect_backend(r, "group_new wg0 a b\n"
			      "ingress_set wg0 10.2.0.128/25 a b\n"
			      "egress_set wg0 10.2.0.128/25 a\n");
	assert_int_equal(rig_view(r).permissions, 1);
	assert_int_equal(rig_view(r).pending, 0);
	assert_true(fib_permission_state(r->fib, r->wg0, &p, &st));
	assert_int_equal(st, FIB_LEAVING);
	fake_loop_advance(r->loop, 5 * NS_PER_S - 1);
	rig_settle(r);
	rig_expect_backend(r, "");
	fake_loop_advance(r->loop, 1);
	rig_settle(r);
	rig_expect_backend(r, "egress_del wg0 10.2.0.128/25\n"
			      "ingress_del wg0 10.2.0.128/25\n"
			      "group_free wg0\n");
	assert_false(fib_permission_state(r->fib, r->wg0, &p, &st));
}

static void it_comes_back_before_they_have_passed(void **state)
{
	struct rig *r = *state;

	want_whole_and_part(r);
	for (unsigned i = 0; i < 3; i++) {
		rig_unwant(r, PART, r->b);
		rig_settle(r);
		expect_packets(r, IN_PART, "a", "a b");
		fake_loop_advance(r->loop, NS_PER_S);
		rig_want(r, PART, r->b);
		rig_settle(r);
		expect_packets(r, IN_PART, "b", "b a");
		fake_loop_advance(r->loop, NS_PER_S);
	}
	fake_loop_advance(r->loop, 4 * NS_PER_S);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b");
	expect_packets(r, "10.2.0.1", "a", "a");
	rig_expect_state(r, PART, FIB_INSTALLED);
}

static void who_covers_it_may_come_to_have_it(void **state)
{
	struct rig *r = *state;

	want_whole_and_part(r);
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	fake_loop_advance(r->loop, 4 * NS_PER_S);
	rig_want(r, PART, r->a);
	rig_settle(r);
	rig_expect_state(r, PART, FIB_INSTALLED);
	expect_packets(r, IN_PART, "a", "a b");
	fake_loop_advance(r->loop, 5 * NS_PER_S);
	rig_settle(r);
	assert_string_equal(fake_backend_ingress(r->be, "wg0", PART), "a");
	rig_expect_state(r, PART, FIB_INSTALLED);
}

static void what_has_yielded_follows_what_covers_it(void **state)
{
	struct rig *r = *state;

	rig_want(r, "10.0.0.0/8", r->b);
	rig_settle(r);
	want_whole_and_part(r);
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	fake_loop_advance(r->loop, 2 * NS_PER_S);

	/* a longer one between them; it is not a's time that begins again here, nor b's */
	rig_want(r, "10.2.0.128/26", r->b);
	rig_want(r, "10.2.0.128/27", r->a);
	rig_settle(r);
	expect_packets(r, IN_PART, "a", "a b");
	expect_packets(r, "10.2.0.161", "b", "b a");
	expect_packets(r, "10.2.0.193", "a", "a b");
	rig_unwant(r, "10.2.0.128/26", r->b);
	rig_unwant(r, "10.2.0.128/27", r->a);
	rig_settle(r);
	expect_packets(r, "10.2.0.161", "a", "a b");

	/* what covers it is withdrawn itself, and is b's then */
	rig_unwant(r, P, r->a);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b a");
	expect_packets(r, "10.2.0.1", "b", "b a");
	fake_loop_advance(r->loop, 5 * NS_PER_S);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b");
	assert_int_equal(fake_backend_ingress_count(r->be, "wg0"), 1);
}

static void what_has_yielded_does_not_pass_for_longer_than_it_would(void **state)
{
	struct rig *r = *state;
	struct wg_group *both;
	struct wg_nexthop nh[] = {
		{.peer = wg_peer_find(r->wg0, "a"), .weight = 3},
	};

	assert_int_equal(wg_group_new(r->wg0, nh, ARRAY_SIZE(nh), &both), 0);
	want_whole_and_part(r);
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	fake_loop_advance(r->loop, 4 * NS_PER_S);
	rig_want(r, P, both); /* the same peer, in another group */
	rig_settle(r);
	expect_packets(r, IN_PART, "a*3", "a*3 b");
	fake_loop_advance(r->loop, NS_PER_S);
	rig_settle(r);
	expect_packets(r, IN_PART, "a*3", "a*3");
	assert_int_equal(fake_backend_ingress_count(r->be, "wg0"), 1);
	wg_group_put(both);
}

static void addresses_that_nobody_else_gets_are_gone_at_once(void **state)
{
	struct rig *r = *state;

	want_whole_and_part(r);
	rig_unwant(r, P, r->a);
	rig_settle(r);
	expect_packets(r, "10.2.0.1", "nobody", "nobody");
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	expect_packets(r, IN_PART, "nobody", "nobody");
}

/* ... even if what covers them leaves in the same turn, or after they have yielded. */
static void what_covered_them_may_leave_too(void **state)
{
	struct rig *r = *state;

	want_whole_and_part(r);
	rig_unwant(r, P, r->a);
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	assert_int_equal(fake_backend_ingress_count(r->be, "wg0"), 0);

	want_whole_and_part(r);
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	rig_unwant(r, P, r->a);
	rig_settle(r);
	assert_int_equal(fake_backend_ingress_count(r->be, "wg0"), 0);
}

static void what_the_operator_moves_by_longer_prefixes_lets_nobody_pass(void **state)
{
	struct rig *r = *state;
	struct prefix whole = rig_prefix(P), part = rig_prefix(PART);

	want_whole_and_part(r);
	unwant_by_order(r, PART, r->b);
	rig_settle(r);
	expect_packets(r, IN_PART, "a", "a");
	assert_int_equal(fib_want_permission(r->fib, r->wg0, &part, r->b, r->b, false),
			 0);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b");

	/* what covers it goes to another, or goes, by order */
	rig_want(r, PART, r->b);
	rig_want(r, "10.0.0.0/8", r->a);
	rig_settle(r);
	unwant_by_order(r, PART, r->b);
	rig_settle(r);
	rig_want(r, PART, r->b);
	rig_settle(r);
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	expect_packets(r, IN_PART, "a", "a b");
	assert_int_equal(fib_want_permission(r->fib, r->wg0, &whole, r->b, r->b, false),
			 0);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b");

	rig_want(r, PART, r->a);
	rig_settle(r);
	rig_unwant(r, PART, r->a);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b a");
	rig_want(r, "10.0.0.0/8", r->b);
	fake_loop_advance(r->loop, 4 * NS_PER_S);
	unwant_by_order(r, P, r->b);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b a");
	assert_null(fake_backend_ingress(r->be, "wg0", PART));
}

static void an_order_ends_what_passes(void **state)
{
	struct rig *r = *state;

	want_whole_and_part(r);
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	rig_want(r, P, r->b);
	rig_want(r, "10.2.0.0/25", r->a);
	rig_settle(r);
	expect_packets(r, "10.2.0.1", "a", "a b");
	expect_packets(r, IN_PART, "b", "b a");
	fib_let_nobody_pass(r->fib);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b");
	assert_int_equal(fake_backend_ingress_count(r->be, "wg0"), 2);

	/* one whose route the kernel still has yields no more */
	rig_unwant(r, "10.2.0.0/25", r->a);
	rig_turn(r);
	fib_let_nobody_pass(r->fib);
	rig_settle(r);
	expect_packets(r, "10.2.0.1", "b", "b");
}

static void without_memory_nobody_passes_and_the_rest_is_done(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	fake_backend_fail_memory(r->be, 1);
	rig_want(r, PART, r->b);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b");
	/* no group, and then no place in the tables */
	for (unsigned i = 0; i < 2; i++) {
		if (i) {
			rig_want(r, "10.3.0.0/16", r->b);
			rig_settle(r);
			rig_want(r, "10.3.0.0/16", r->a); /* the group a, b is there */
			rig_settle(r);
		}
		rig_unwant(r, PART, r->b);
		rig_turn(r);
		fake_backend_fail_memory(r->be, 1);
		rig_settle(r);
		fake_backend_fail_memory(r->be, 0);
		expect_packets(r, IN_PART, "a", "a");
		rig_want(r, PART, r->b);
		rig_settle(r);
	}
}

/* When a table is loaded there are so many that nobody looks at each. */
static void only_so_many_longer_prefixes_are_looked_at(void **state)
{
	enum {
		MANY = 5000,
		LOOKED_AT = 4096
	};
	struct rig *r = *state;
	unsigned pass = 0;
	char text[32];

	rig_want(r, "10.0.0.0/8", r->a);
	rig_settle(r);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 200, i % 200);
		rig_want(r, text, r->b);
	}
	rig_settle(r);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 200, i % 200);
		pass += !strcmp(fake_backend_ingress(r->be, "wg0", text), "b a");
	}
	assert_in_range(pass, LOOKED_AT - 1,
			LOOKED_AT); /* 10.0.0.0/8 was looked at too */
	fake_loop_advance(r->loop, 5 * NS_PER_S);
	rig_settle(r);
	rig_unwant(r, "10.0.0.0/24", r->b);
	rig_settle(r);
	expect_packets(r, "10.0.0.1", "a", "a b");
}

static void where_a_prefix_has_one_owner_a_longer_one_lets_nobody_pass(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_want(r, PART, r->b);
	rig_settle(r);
	expect_packets(r, IN_PART, "b", "b");
	rig_unwant(r, PART, r->b);
	rig_settle(r);
	expect_packets(r, IN_PART, "a", "a");
	assert_null(fake_backend_ingress(r->be, "wg0", PART));
}

static void a_prefix_moves_between_devices_without_a_hole(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	held_nlq_clear_log(r->nlq);
	fake_backend_clear_log(r->be);

	rig_unwant(r, P, r->a);
	rig_want(r, P, r->c);
	rig_turn(r);
	rig_expect_backend(
		r, "ingress_set wg1 10.2.0.0/24 c\negress_set wg1 10.2.0.0/24 c\n");
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 102\n");
	held_nlq_answer(r->nlq, 0, true);
	rig_turn(r);
	rig_expect_backend(r,
			   "egress_del wg0 10.2.0.0/24\ningress_del wg0 10.2.0.0/24\n");
	rig_expect_netlink(r, "");
}

static void a_move_that_fails_keeps_what_works(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_unwant(r, P, r->a);
	rig_want(r, P, r->c);
	rig_turn(r);
	fake_backend_clear_log(r->be);

	held_nlq_answer(r->nlq, -ENOMEM, false);
	rig_turn(r);
	rig_expect_backend(r, "");
	rig_expect_state(r, P, FIB_FAILED);
	assert_string_equal(fake_backend_egress(r->be, "wg0", P), "a");

	fake_loop_advance(r->loop, NS_PER_S);
	held_nlq_answer(r->nlq, 0, true);
	rig_turn(r);
	rig_expect_backend(r,
			   "egress_del wg0 10.2.0.0/24\ningress_del wg0 10.2.0.0/24\n");
	rig_expect_state(r, P, FIB_INSTALLED);
}

static void a_move_back_while_the_first_is_on_its_way_ends_where_it_began(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_unwant(r, P, r->a);
	rig_want(r, P, r->c);
	rig_turn(r);
	rig_unwant(r, P, r->c);
	rig_want(r, P, r->a);
	rig_turn(r);
	held_nlq_clear_log(r->nlq);
	rig_settle(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
	assert_string_equal(fake_backend_egress(r->be, "wg0", P), "a");
	assert_null(fake_backend_egress(r->be, "wg1", P));
	assert_null(fake_backend_ingress(r->be, "wg1", P));
}

static void a_wish_that_ends_before_its_answer_leaves_nothing(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_turn(r);
	rig_unwant(r, P, r->a);
	rig_turn(r);
	rig_expect_state(r, P, FIB_LEAVING);
	assert_string_equal(fake_backend_egress(r->be, "wg0", P), "a");
	rig_settle(r);
	assert_null(fake_backend_egress(r->be, "wg0", P));
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n"
			      "del 10.2.0.0/24 table 1001 metric 20 oif 101\n");
}

static void a_wish_that_returns_during_its_deletion_is_fulfilled(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_unwant(r, P, r->a);
	rig_turn(r);
	rig_want(r, P, r->a);
	rig_turn(r);
	held_nlq_clear_log(r->nlq);
	rig_settle(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
	rig_expect_state(r, P, FIB_INSTALLED);
	assert_string_equal(fake_backend_egress(r->be, "wg0", P), "a");
}

static void what_the_kernel_refuses_is_tried_again_less_and_less_often(void **state)
{
	static const unsigned delay_s[] = {1, 2, 4, 8, 16, 32, 60, 60};
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_turn(r);
	for (size_t i = 0; i < ARRAY_SIZE(delay_s); i++) {
		held_nlq_answer(r->nlq, -ENETDOWN, false);
		rig_turn(r);
		rig_expect_state(r, P, FIB_FAILED);
		assert_int_equal(rig_view(r).failed, 1);
		fake_loop_advance(r->loop, delay_s[i] * NS_PER_S - 1);
		assert_int_equal(held_nlq_waiting(r->nlq), 0);
		fake_loop_advance(r->loop, 1);
		assert_int_equal(held_nlq_waiting(r->nlq), 1);
	}
	held_nlq_answer(r->nlq, 0, true);
	rig_expect_state(r, P, FIB_INSTALLED);
	assert_int_equal(rig_view(r).failed, 0);
}

static void one_stubborn_route_does_not_delay_the_others(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_turn(r);
	for (unsigned i = 0; i < 6; i++) {
		held_nlq_answer(r->nlq, -EINVAL, false);
		fake_loop_advance(r->loop, 32 * NS_PER_S);
	}
	rig_want(r, "10.3.0.0/24", r->a);
	rig_turn(r);
	held_nlq_clear_log(r->nlq);
	while (held_nlq_waiting(r->nlq))
		held_nlq_answer(r->nlq, -ENOMEM, false);
	fake_loop_advance(r->loop, NS_PER_S);
	rig_expect_netlink(r, "set 10.3.0.0/24 table 1001 metric 20 oif 101\n");
}

static void a_lost_answer_may_mean_either(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_turn(r);
	held_nlq_answer(r->nlq, -ENOBUFS, true);
	rig_unwant(r, P, r->a);
	rig_turn(r);
	/* it may be there: the permission stays until that is certain */
	assert_string_equal(fake_backend_egress(r->be, "wg0", P), "a");
	held_nlq_answer(r->nlq, -ENOBUFS, false);
	rig_turn(r);
	assert_string_equal(fake_backend_egress(r->be, "wg0", P), "a");
	fake_loop_advance(r->loop, NS_PER_S);
	rig_settle(r);
	assert_null(fake_backend_egress(r->be, "wg0", P));
	assert_int_equal(held_nlq_routes(r->nlq, &(const struct kroute *){0}), 0);
}

static void an_interface_keeps_its_rule_until_it_has_the_new_one(void **state)
{
	struct rig *r = *state;
	struct krule old = rig_rule("lan0", 1001), new = rig_rule("lan0", 1002);

	assert_int_equal(fib_want_rule(r->fib, &old), 0);
	rig_settle(r);
	held_nlq_clear_log(r->nlq);

	fib_unwant_rule(r->fib, &old);
	assert_int_equal(fib_want_rule(r->fib, &new), 0);
	rig_turn(r);
	rig_expect_netlink(r, "add rule IPv4 1000: iif lan0 lookup 1002\n");
	held_nlq_answer(r->nlq, -ENOMEM, false);
	rig_turn(r);
	rig_expect_netlink(r, "");
	fake_loop_advance(r->loop, NS_PER_S);
	rig_settle(r);
	rig_expect_netlink(r, "add rule IPv4 1000: iif lan0 lookup 1002\n"
			      "del rule IPv4 1000: iif lan0 lookup 1001\n");
}

static void a_table_keeps_its_routes_until_its_rules_are_gone(void **state)
{
	struct rig *r = *state;
	struct krule rule = rig_rule("lan0", RIG_TABLE);
	struct kroute guard = rig_guard(RIG_TABLE);

	rig_want_guard(r, RIG_TABLE);
	assert_int_equal(fib_want_rule(r->fib, &rule), 0);
	rig_want(r, P, r->a);
	rig_turn(r);
	rig_expect_netlink(r, "set unreachable 0.0.0.0/0 table 1001 metric 4294967295\n"
			      "set 10.2.0.0/24 table 1001 metric 20 oif 101\n"
			      "add rule IPv4 1000: iif lan0 lookup 1001\n");
	rig_settle(r);

	fib_unwant_route(r->fib, guard.table, &guard.dst, guard.metric);
	fib_unwant_rule(r->fib, &rule);
	rig_unwant(r, P, r->a);
	rig_turn(r);
	rig_expect_netlink(r, "del rule IPv4 1000: iif lan0 lookup 1001\n");
	held_nlq_answer(r->nlq, -ENOMEM, false);
	rig_turn(r);
	rig_expect_netlink(r, "");
	fake_loop_advance(r->loop, NS_PER_S);
	rig_settle(r);
	rig_expect_netlink(r, "del rule IPv4 1000: iif lan0 lookup 1001\n"
			      "del unreachable 0.0.0.0/0 table 1001 metric 4294967295\n"
			      "del 10.2.0.0/24 table 1001 metric 20 oif 101\n");
	assert_int_equal(rig_view(r).pending, 0);
}

static void the_guard_stays_as_long_as_a_rule_leads_there(void **state)
{
	struct rig *r = *state;
	struct krule rule = rig_rule("lan0", RIG_TABLE);
	struct kroute guard = rig_guard(RIG_TABLE);

	rig_want_guard(r, RIG_TABLE);
	assert_int_equal(fib_want_rule(r->fib, &rule), 0);
	rig_want(r, P, r->a);
	rig_settle(r);
	held_nlq_clear_log(r->nlq);

	fib_unwant_route(r->fib, guard.table, &guard.dst, guard.metric);
	rig_unwant(r, P, r->a);
	rig_settle(r);
	rig_expect_netlink(r, "del 10.2.0.0/24 table 1001 metric 20 oif 101\n");
	fib_unwant_rule(r->fib, &rule);
	rig_settle(r);
	rig_expect_netlink(r, "del rule IPv4 1000: iif lan0 lookup 1001\n"
			      "del unreachable 0.0.0.0/0 table 1001 metric 4294967295\n");
}

static struct fib_advert advert(uint32_t ifindex, uint32_t tag)
{
	return (struct fib_advert){.vrf = "default",
				   .prefix = rig_prefix(P),
				   .ifindex = ifindex,
				   .tag = tag};
}

static void own_prefixes_are_given_changed_and_taken_back(void **state)
{
	struct rig *r = *state;
	struct fib_advert a = advert(101, 5);
	enum fib_state st;
	int err;

	assert_int_equal(fib_want_advertise(r->fib, &a), 0);
	rig_turn(r);
	rig_expect_adverts(r, "add default 10.2.0.0/24 if 101 tag 5\n");
	fib_unwant_advertise(r->fib, &a);
	assert_int_equal(fib_want_advertise(r->fib, &a), 0);
	rig_turn(r);
	rig_expect_adverts(r, "");
	a.ifindex = 102;
	assert_int_equal(fib_want_advertise(r->fib, &a), 0);
	rig_turn(r);
	rig_expect_adverts(r, "add default 10.2.0.0/24 if 102 tag 5\n");
	fib_unwant_advertise(r->fib, &a);
	rig_turn(r);
	rig_expect_adverts(r, "del default 10.2.0.0/24\n");

	r->advert_err = -ENOENT;
	a = advert(101, 0);
	a.vrf = "red";
	assert_int_equal(fib_want_advertise(r->fib, &a), 0);
	rig_turn(r);
	assert_true(fib_advertise_state(r->fib, &a, &st, &err));
	assert_int_equal(st, FIB_FAILED);
	assert_int_equal(err, -ENOENT);
	fake_loop_advance(r->loop, NS_PER_S);
	rig_expect_adverts(r, "refused red 10.2.0.0/24 if 101 tag 0\n"
			      "add red 10.2.0.0/24 if 101 tag 0\n");
}

static void an_own_prefix_is_as_far_as_zebra_says(void **state)
{
	static const enum fib_state says[] = {FIB_WANTED, FIB_SENT, FIB_INSTALLED};
	struct rig *r = *state;
	struct fib_advert a = advert(101, 5);
	enum fib_state st;
	int err;

	r->advert_state = FIB_INSTALLED; /* as nobody has been asked yet */
	assert_int_equal(fib_want_advertise(r->fib, &a), 0);
	assert_true(fib_advertise_state(r->fib, &a, &st, &err));
	assert_int_equal(st, FIB_WANTED);
	rig_turn(r);
	for (size_t i = 0; i < ARRAY_SIZE(says); i++) {
		r->advert_state = says[i];
		assert_true(fib_advertise_state(r->fib, &a, &st, &err));
		assert_int_equal(st, says[i]);
		assert_int_equal(err, 0);
	}
	fib_unwant_advertise(r->fib, &a);
	assert_true(fib_advertise_state(r->fib, &a, &st, &err));
	assert_int_equal(st, FIB_LEAVING);
}

/* Whoever gives them to zebra sees what moves, and where it goes first. */
static void
an_own_prefix_goes_to_another_instance_before_it_leaves_the_first(void **state)
{
	struct rig *r = *state;
	struct fib_advert from = advert(101, 5), to = from;
	enum fib_state st;
	int err;

	from.instance = 253;
	to.instance = 254;
	assert_int_equal(fib_want_advertise(r->fib, &from), 0);
	rig_turn(r);
	rig_expect_adverts(r, "add default 10.2.0.0/24 instance 253 if 101 tag 5\n");
	assert_false(fib_advertise_state(r->fib, &to, &st, &err));
	fib_unwant_advertise(r->fib, &from);
	assert_int_equal(fib_want_advertise(r->fib, &to), 0);
	rig_turn(r);
	rig_expect_adverts(r, "add default 10.2.0.0/24 instance 254 if 101 tag 5\n"
			      "del default 10.2.0.0/24 instance 253\n");
	assert_false(fib_advertise_state(r->fib, &from, &st, &err));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(permissions_go_in_before_routes_and_out_after_them),
		TEST(a_route_waits_for_its_permission),
		TEST(what_stays_the_same_costs_nothing),
		TEST(a_prefix_moves_between_peers_in_one_step),
		TEST(a_former_owner_may_answer_for_five_seconds),
		TEST(moving_on_keeps_all_former_owners_for_a_while),
		TEST(what_the_operator_takes_from_a_peer_is_gone_at_once),
		TEST(a_group_with_other_members_lets_nobody_pass),
		TEST(a_withdrawal_does_not_wait_for_a_former_owner),
		TEST(a_longer_prefix_lets_the_owner_of_what_covers_it_answer),
		TEST(a_longer_prefix_that_is_withdrawn_is_as_what_covers_it_for_a_while),
		TEST(it_comes_back_before_they_have_passed),
		TEST(who_covers_it_may_come_to_have_it),
		TEST(what_has_yielded_follows_what_covers_it),
		TEST(what_has_yielded_does_not_pass_for_longer_than_it_would),
		TEST(addresses_that_nobody_else_gets_are_gone_at_once),
		TEST(what_covered_them_may_leave_too),
		TEST(what_the_operator_moves_by_longer_prefixes_lets_nobody_pass),
		TEST(an_order_ends_what_passes),
		TEST(without_memory_nobody_passes_and_the_rest_is_done),
		TEST(only_so_many_longer_prefixes_are_looked_at),
		cmocka_unit_test_setup_teardown(
			where_a_prefix_has_one_owner_a_longer_one_lets_nobody_pass,
			rig_setup_with_owners, rig_teardown),
		TEST(a_prefix_moves_between_devices_without_a_hole),
		TEST(a_move_that_fails_keeps_what_works),
		TEST(a_move_back_while_the_first_is_on_its_way_ends_where_it_began),
		TEST(a_wish_that_ends_before_its_answer_leaves_nothing),
		TEST(a_wish_that_returns_during_its_deletion_is_fulfilled),
		TEST(what_the_kernel_refuses_is_tried_again_less_and_less_often),
		TEST(one_stubborn_route_does_not_delay_the_others),
		TEST(a_lost_answer_may_mean_either),
		TEST(an_interface_keeps_its_rule_until_it_has_the_new_one),
		TEST(a_table_keeps_its_routes_until_its_rules_are_gone),
		TEST(the_guard_stays_as_long_as_a_rule_leads_there),
		TEST(own_prefixes_are_given_changed_and_taken_back),
		TEST(an_own_prefix_goes_to_another_instance_before_it_leaves_the_first),
		TEST(an_own_prefix_is_as_far_as_zebra_says),
	};

	return cmocka_run_group_tests_name("fib", tests, NULL, NULL);
}
