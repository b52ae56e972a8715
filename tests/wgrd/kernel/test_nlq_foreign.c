/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue against the kernel, with other hands in it: other programs, an earlier run of our
 * own, and links that go down. Over loop_new() of loop_libevent.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/wgrd/kernel/lab.h"
#include "tests/wgrd/kernel/queue_rig.h"

static void routes_of_others_are_neither_replaced_nor_deleted(void **state)
{
	static const char *const dst[] = {"10.0.0.0/8", "fd00::/8"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dst); i++) {
		struct kroute r = rig_route(dst[i], rig.oif_b);
		const char *family = i ? "-6" : "-4";

		lab_ip("route add %s dev va table %d metric 20 proto 99", dst[i],
		       RIG_TABLE);
		assert_int_equal(rig_set_now(&r), -EEXIST);
		assert_int_equal(rig_set_now(&r), -EEXIST);
		assert_int_equal(rig_del_now(&r), 0);
		lab_expect_text("dev va", true, "%s route show table %d", family,
				RIG_TABLE);
		rig_dump_routes();
		assert_int_equal(rig.dumped_count, 0);
		/* beside them, with another metric */
		r.metric = 30;
		assert_int_equal(rig_set_now(&r), 0);
		rig_expect_in_kernel(&r, true);
		assert_int_equal(rig_del_now(&r), 0);
		/* gone: now there is room */
		r.metric = 20;
		lab_ip("route del %s dev va table %d", dst[i], RIG_TABLE);
		assert_int_equal(rig_set_now(&r), 0);
		assert_int_equal(rig_del_now(&r), 0);
	}
}

static void what_an_earlier_run_left_is_ours_to_replace(void **state)
{
	struct kroute over_a = rig_route("10.0.0.0/8", rig.oif_a),
		      over_b = rig_route("10.0.0.0/8", rig.oif_b);

	(void)state;
	assert_int_equal(rig_set_now(&over_a), 0);
	nlq_close(rig.q);
	rig_open_queue();
	assert_int_equal(rig_set_now(&over_b), 0);
	rig_expect_in_kernel(&over_b, true);
	assert_int_equal(rig.dumped_count, 1);
}

static void a_route_somebody_gave_more_next_hops_equals_no_wish(void **state)
{
	struct kroute r = rig_route("fd00::/8", rig.oif_a);

	(void)state;
	r.gate = rig_addr("2001:db8::9");
	assert_int_equal(rig_set_now(&r), 0);
	lab_ip("-6 route append fd00::/8 via 2001:db8::8 dev va table %d metric 20 proto 157",
	       RIG_TABLE);
	rig_dump_routes();
	assert_int_equal(rig.dumped_count, 1);
	rig_expect_dumped(&r, false);
	assert_int_equal(rig.dumped[0].oif, 0);
	assert_int_equal(rig_set_now(&r), 0);
	rig_expect_in_kernel(&r, true);
}

static void routes_that_left_with_their_link_can_be_set_again(void **state)
{
	struct kroute v4 = rig_route("10.0.0.0/8", rig.oif_a),
		      v6 = rig_route("fd00::/8", rig.oif_a);

	(void)state;
	rig_set(&v4);
	rig_set(&v6);
	rig_expect_all_answers(0);
	lab_ip("link set va down");
	rig_set(&v4);
	rig_expect_in_kernel(&v4, false);
	rig_expect_dumped(&v6, false);
	rig_wait_for_answers();
	assert_int_equal(rig.answers[2], -ENETDOWN);
	lab_ip("link set va up");
	rig_set(&v4);
	rig_set(&v6);
	rig_wait_for_answers();
	assert_int_equal(rig.answers[3], 0);
	assert_int_equal(rig.answers[4], 0);
	rig_expect_in_kernel(&v4, true);
	rig_expect_dumped(&v6, true);
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(routes_of_others_are_neither_replaced_nor_deleted),
		KERNEL_TEST(what_an_earlier_run_left_is_ours_to_replace),
		KERNEL_TEST(a_route_somebody_gave_more_next_hops_equals_no_wish),
		KERNEL_TEST(routes_that_left_with_their_link_can_be_set_again),
	};

	if (!lab_enter())
		return LAB_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
