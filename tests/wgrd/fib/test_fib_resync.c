/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/fib/fib.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/wgrd/fib/rig.h"

#define P "10.2.0.0/24"

/* ---- what a former run left ---- */

/* A route over wg0, a guard and a rule, as a former run would have installed them. */
static void leave(struct rig *r)
{
	struct kroute route = rig_route(P, r->a), guard = rig_guard(RIG_TABLE);
	struct krule rule = rig_rule("lan0", RIG_TABLE);

	held_nlq_put_route(r->nlq, &route);
	held_nlq_put_route(r->nlq, &guard);
	held_nlq_put_rule(r->nlq, &rule);
}

static void want_all(struct rig *r)
{
	struct krule rule = rig_rule("lan0", RIG_TABLE);

	rig_want(r, P, r->a);
	rig_want_guard(r, RIG_TABLE);
	assert_int_equal(fib_want_rule(r->fib, &rule), 0);
}

static void what_is_still_wanted_is_adopted_without_an_operation(void **state)
{
	struct rig *r = *state;

	leave(r);
	assert_int_equal(fib_adopt(r->fib), 0);
	rig_turn(r);
	want_all(r);
	rig_turn(r);
	rig_expect_netlink(r, "");
	rig_expect_state(r, P, FIB_INSTALLED);
	assert_int_equal(rig_view(r).adopted, 3);
	fib_adopt_end(r->fib);
	rig_settle(r);
	rig_expect_netlink(r, "");
	assert_int_equal(rig_view(r).orphans_removed, 0);
	/* and it is ours: it leaves like any other */
	rig_unwant(r, P, r->a);
	rig_turn(r);
	assert_string_equal(fake_backend_egress(r->be, "wg0", P), "a");
	rig_settle(r);
	assert_null(fake_backend_egress(r->be, "wg0", P));
}

static void wishes_may_come_before_the_adoption(void **state)
{
	struct rig *r = *state;

	leave(r);
	want_all(r);
	assert_int_equal(fib_adopt(r->fib), 0);
	rig_turn(r);
	rig_expect_netlink(r, "");
	assert_int_equal(rig_view(r).adopted, 3);
}

static void orphans_stay_until_all_wishes_are_stated(void **state)
{
	struct rig *r = *state;

	leave(r);
	assert_int_equal(fib_adopt(r->fib), 0);
	rig_turn(r);
	fake_loop_advance(r->loop, 600 * NS_PER_S);
	rig_expect_netlink(r, "");
	fib_adopt_end(r->fib);
	rig_settle(r);
	rig_expect_netlink(r, "del rule IPv4 1000: iif lan0 lookup 1001\n"
			      "del 10.2.0.0/24 table 1001 metric 20 oif 101\n"
			      "del unreachable 0.0.0.0/0 table 1001 metric 4294967295\n");
	assert_int_equal(rig_view(r).orphans_removed, 3);
	assert_int_equal(rig_view(r).pending, 0);
}

static void a_leftover_with_other_content_is_replaced(void **state)
{
	struct rig *r = *state;

	leave(r);
	assert_int_equal(fib_adopt(r->fib), 0);
	rig_want(r, P, r->c);
	rig_turn(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 102\n");
	assert_int_equal(rig_view(r).adopted, 0);
}

static void a_leftover_that_vanishes_by_itself_is_forgotten(void **state)
{
	struct rig *r = *state;
	struct kroute route = rig_route(P, r->a);

	leave(r);
	assert_int_equal(fib_adopt(r->fib), 0);
	held_nlq_drop_route(r->nlq, &route);
	fib_route_gone(r->fib, &route);
	rig_want(r, P, r->a);
	rig_turn(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
}

static void a_dump_that_fails_is_reported(void **state)
{
	struct rig *r = *state;

	held_nlq_fail_dump(r->nlq, -EPERM);
	assert_int_equal(fib_adopt(r->fib), -EPERM);
}

/* ---- foreign hands ---- */

static void what_others_delete_is_put_back(void **state)
{
	struct rig *r = *state;
	struct kroute route = rig_route(P, r->a);
	struct krule rule = rig_rule("lan0", RIG_TABLE);

	want_all(r);
	rig_settle(r);
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	held_nlq_clear_log(r->nlq);
	fib_route_gone(r->fib, &route);
	fib_rule_gone(r->fib, &rule);
	rig_settle(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n"
			      "add rule IPv4 1000: iif lan0 lookup 1001\n");
	assert_int_equal(rig_view(r).put_back, 2);
}

/* Nobody but him can have deleted it: there is no deletion of ours that he could be taken for. */
static void who_deletes_at_once_again_is_counted(void **state)
{
	struct rig *r = *state;
	struct kroute route = rig_route(P, r->a);

	rig_want(r, P, r->a);
	rig_settle(r);
	for (unsigned i = 0; i < 10; i++) {
		fib_route_gone(r->fib, &route);
		rig_settle(r);
		rig_expect_state(r, P, FIB_INSTALLED);
	}
	assert_int_equal(rig_view(r).put_back, 10);
}

static void what_others_replace_is_put_back(void **state)
{
	struct rig *r = *state;
	const struct kroute mine = rig_route(P, r->a);
	const struct kroute key = {
		.table = mine.table, .dst = mine.dst, .metric = mine.metric};
	struct kroute another = key;

	rig_want(r, P, r->a);
	rig_settle(r);
	held_nlq_clear_log(r->nlq);
	another.metric++;
	fib_route_taken(r->fib, &another); /* beside ours */
	rig_settle(r);
	rig_expect_netlink(r, "");
	fib_route_taken(r->fib, &key);
	rig_settle(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
	assert_int_equal(rig_view(r).put_back, 1);
	/* while ours is on its way: before or after it, nobody knows */
	held_nlq_clear_log(r->nlq);
	fib_route_taken(r->fib, &key);
	rig_turn(r);
	fib_route_taken(r->fib, &key);
	rig_settle(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n"
			      "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
}

static void our_own_deletions_are_not(void **state)
{
	struct rig *r = *state;
	struct kroute route = rig_route(P, r->a);

	rig_want(r, P, r->a);
	rig_settle(r);
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	rig_unwant(r, P, r->a);
	rig_turn(r);
	held_nlq_clear_log(r->nlq);
	fib_route_gone(r->fib, &route); /* before the answer */
	rig_settle(r);
	fib_route_gone(r->fib, &route); /* and after it */
	rig_settle(r);
	rig_expect_netlink(r, "");
	assert_int_equal(rig_view(r).put_back, 0);
}

/* The news of our deletion may come when the route is wanted, and even there, again. It is
 * sent once more, for it could have been somebody else; but nobody is blamed. */
static void late_news_of_our_own_deletion_do_no_harm(void **state)
{
	struct rig *r = *state;
	struct kroute route = rig_route(P, r->a);

	rig_want(r, P, r->a);
	rig_settle(r);
	rig_unwant(r, P, r->a);
	rig_settle(r);
	rig_want(r, P, r->a);
	rig_turn(r);
	fib_route_gone(r->fib, &route); /* on its way */
	rig_settle(r);
	fib_route_gone(r->fib, &route); /* just installed */
	rig_settle(r);
	rig_expect_state(r, P, FIB_INSTALLED);
	assert_non_null(held_nlq_find(r->nlq, RIG_TABLE, &route.dst));
	assert_int_equal(rig_view(r).put_back, 0);
}

static void what_is_not_ours_is_none_of_our_business(void **state)
{
	struct rig *r = *state;
	struct kroute other = rig_route("10.9.0.0/24", r->a);
	struct krule rule = rig_rule("eth0", 7);

	want_all(r);
	rig_settle(r);
	held_nlq_clear_log(r->nlq);
	fib_route_gone(r->fib, &other);
	other = rig_route(P, r->c); /* our key, not our content */
	fib_route_gone(r->fib, &other);
	fib_rule_gone(r->fib, &rule);
	rig_settle(r);
	rig_expect_netlink(r, "");
}

/* ---- links ---- */

static void routes_of_an_interface_come_back_with_it(void **state)
{
	struct rig *r = *state;
	struct kroute route = rig_route(P, r->a);

	rig_want(r, P, r->a);
	rig_want(r, "10.3.0.0/24", r->c);
	rig_settle(r);
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	held_nlq_clear_log(r->nlq);

	fib_link_down(r->fib, 101);
	held_nlq_drop_route(r->nlq, &route);
	fib_route_gone(r->fib, &route); /* IPv6 says so, IPv4 does not */
	rig_turn(r);
	rig_expect_netlink(r, "");
	rig_expect_state(r, P, FIB_FAILED);
	assert_int_equal(rig_view(r).failed, 1);
	fake_loop_advance(r->loop, 600 * NS_PER_S);
	rig_expect_netlink(r, "");

	fib_link_up(r->fib, 101);
	rig_settle(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
	rig_expect_state(r, P, FIB_INSTALLED);
	fib_link_up(r->fib, 101);
	rig_settle(r);
	rig_expect_netlink(r, "");
	assert_int_equal(rig_view(r).put_back, 0);
}

static void a_route_that_failed_for_its_interface_does_not_wait_longer(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_turn(r);
	for (unsigned i = 0; i < 5; i++) {
		held_nlq_answer(r->nlq, -ENETDOWN, false);
		fake_loop_advance(r->loop, 16 * NS_PER_S);
	}
	held_nlq_answer(r->nlq, -ENETDOWN, false);
	held_nlq_clear_log(r->nlq);
	fib_link_up(r->fib, 101);
	rig_settle(r);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
}

static void a_lost_route_that_is_unwanted_is_deleted_all_the_same(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_settle(r);
	fib_link_down(r->fib, 101); /* only the carrier: the kernel still has it */
	rig_unwant(r, P, r->a);
	rig_settle(r);
	assert_int_equal(held_nlq_routes(r->nlq, &(const struct kroute *){0}), 0);
	assert_null(fake_backend_egress(r->be, "wg0", P));
}

/* ---- after lost messages ---- */

static void a_resync_repairs_what_differs(void **state)
{
	struct rig *r = *state;
	struct kroute lost = rig_route(P, r->a), changed = rig_route("10.4.0.0/24", r->b),
		      stray = rig_route("10.5.0.0/24", r->a);
	struct krule rule = rig_rule("lan0", RIG_TABLE), stray_rule = rig_rule("x", 7);

	want_all(r);
	rig_want(r, "10.4.0.0/24", r->a);
	rig_want(r, "10.6.0.0/24", r->a);
	rig_settle(r);
	held_nlq_clear_log(r->nlq);
	held_nlq_drop_route(r->nlq, &lost);
	changed.oif = 102;
	held_nlq_put_route(r->nlq, &changed);
	held_nlq_put_route(r->nlq, &stray);
	held_nlq_drop_rule(r->nlq, &rule);
	held_nlq_put_rule(r->nlq, &stray_rule);

	fib_resync(r->fib);
	rig_settle(r);
	rig_expect_netlink(r, "set 10.4.0.0/24 table 1001 metric 20 oif 101\n"
			      "set 10.2.0.0/24 table 1001 metric 20 oif 101\n"
			      "add rule IPv4 1000: iif lan0 lookup 1001\n"
			      "del rule IPv4 1000: iif x lookup 7\n"
			      "del 10.5.0.0/24 table 1001 metric 20 oif 101\n");
	assert_int_equal(rig_view(r).put_back, 3);
	assert_int_equal(rig_view(r).orphans_removed, 2);
	fib_resync(r->fib);
	rig_settle(r);
	rig_expect_netlink(r, "");
}

static void a_resync_that_fails_is_repeated(void **state)
{
	struct rig *r = *state;
	struct kroute lost = rig_route(P, r->a);

	rig_want(r, P, r->a);
	rig_settle(r);
	held_nlq_drop_route(r->nlq, &lost);
	held_nlq_clear_log(r->nlq);
	held_nlq_fail_dump(r->nlq, -ENOBUFS);
	fib_resync(r->fib);
	rig_settle(r);
	rig_expect_netlink(r, "");
	fake_loop_advance(r->loop, NS_PER_S);
	rig_expect_netlink(r, "set 10.2.0.0/24 table 1001 metric 20 oif 101\n");
}

static void what_is_on_its_way_during_a_dump_arrives(void **state)
{
	struct rig *r = *state;

	rig_want(r, P, r->a);
	rig_turn(r);
	fib_resync(r->fib);
	rig_settle(r);
	rig_expect_state(r, P, FIB_INSTALLED);
	rig_unwant(r, P, r->a);
	rig_turn(r);
	fib_resync(r->fib);
	rig_settle(r);
	assert_int_equal(held_nlq_routes(r->nlq, &(const struct kroute *){0}), 0);
	assert_int_equal(rig_view(r).put_back, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_still_wanted_is_adopted_without_an_operation),
		TEST(wishes_may_come_before_the_adoption),
		TEST(orphans_stay_until_all_wishes_are_stated),
		TEST(a_leftover_with_other_content_is_replaced),
		TEST(a_leftover_that_vanishes_by_itself_is_forgotten),
		TEST(a_dump_that_fails_is_reported),
		TEST(what_others_delete_is_put_back),
		TEST(who_deletes_at_once_again_is_counted),
		TEST(what_others_replace_is_put_back),
		TEST(our_own_deletions_are_not),
		TEST(late_news_of_our_own_deletion_do_no_harm),
		TEST(what_is_not_ours_is_none_of_our_business),
		TEST(routes_of_an_interface_come_back_with_it),
		TEST(a_route_that_failed_for_its_interface_does_not_wait_longer),
		TEST(a_lost_route_that_is_unwanted_is_deleted_all_the_same),
		TEST(a_resync_repairs_what_differs),
		TEST(a_resync_that_fails_is_repeated),
		TEST(what_is_on_its_way_during_a_dump_arrives),
	};

	return cmocka_run_group_tests_name("fib resync", tests, NULL, NULL);
}
