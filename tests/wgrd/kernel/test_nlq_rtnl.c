/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue against the kernel: many routes, one route, answers that get lost. Over the loop of
 * the daemon, loop_new() of loop_libevent.c, as are the other tests of the queue.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/wgrd/kernel/lab.h"
#include "tests/wgrd/kernel/queue_rig.h"

/* ---- many ---- */

static void ask_many(uint32_t oif, bool is_set)
{
	rig_forget_answers();
	for (unsigned i = 0; i < RIG_MANY; i++) {
		struct kroute r = rig_numbered_route(i, oif);

		if (is_set)
			rig_set(&r);
		else
			rig_del(&r);
	}
	rig_expect_all_answers(0);
}

static void expect_many(uint32_t oif)
{
	bool *seen = xcalloc(RIG_MANY, sizeof(*seen));

	rig_dump_routes();
	assert_int_equal(rig.dumped_count, RIG_MANY);
	for (unsigned i = 0; i < RIG_MANY; i++) {
		const struct kroute *r = &rig.dumped[i];
		bool v4 = r->dst.addr.family == AF_INET;
		const uint8_t *at = r->dst.addr.bytes + (v4 ? 1 : 6);
		unsigned number = (unsigned)at[0] << 8 | at[1];
		struct kroute want = rig_numbered_route(number, oif);

		assert_int_equal(number % 2, v4);
		assert_false(seen[number]);
		seen[number] = true;
		assert_true(kroute_equal(r, &want));
	}
	free(seen);
}

static void ten_thousand_routes_come_move_and_go(void **state)
{
	struct nlq_view v;

	(void)state;
	ask_many(rig.oif_a, true);
	expect_many(rig.oif_a);
	assert_int_equal(lab_ip_lines("-4 route show table %d proto 157", RIG_TABLE),
			 RIG_MANY / 2);
	assert_int_equal(lab_ip_lines("-6 route show table %d proto 157", RIG_TABLE),
			 RIG_MANY / 2);
	ask_many(rig.oif_a, true); /* again, which changes nothing */
	expect_many(rig.oif_a);
	ask_many(rig.oif_b, true);
	expect_many(rig.oif_b);
	ask_many(rig.oif_b, false);
	rig_dump_routes();
	assert_int_equal(rig.dumped_count, 0);
	ask_many(rig.oif_b, false); /* again, which is success too */
	nlq_view(rig.q, &v);
	assert_int_equal(v.requests, 5 * RIG_MANY);
	assert_int_equal(v.acks, 5 * RIG_MANY);
	assert_int_equal(v.errors, 0);
	assert_int_equal(v.overruns, 0);
	assert_int_equal(v.in_flight, 0);
	assert_int_equal(v.queued, 0);
}

static void flushing_sends_no_more_than_the_window(void **state)
{
	struct nlq_view v;

	(void)state;
	for (unsigned i = 0; i < RIG_MANY; i++) {
		struct kroute r = rig_numbered_route(i, rig.oif_a);

		rig_set(&r);
	}
	rig.inside = true;
	rig.q->ops->flush(rig.q);
	rig.q->ops->flush(rig.q);
	rig.inside = false;
	nlq_view(rig.q, &v);
	assert_in_range(v.in_flight, 100, 1024);
	assert_int_equal(v.in_flight + v.queued, RIG_MANY);
	assert_int_equal(rig.answered, 0);
	rig_expect_all_answers(0);
}

static void a_queue_closed_in_the_middle_forgets_the_rest(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct kroute r = rig_numbered_route(i, rig.oif_a);

		rig_set(&r);
	}
	rig.q->ops->flush(rig.q);
	nlq_close(rig.q);
	assert_int_equal(rig.answered, 0);
	rig_open_queue();
}

/* ---- one route ---- */

static void every_kind_of_route_survives_the_kernel(void **state)
{
	static const struct {
		const char *dst, *gate;
		uint32_t metric;
		bool unreachable;
	} cases[] = {
		{"10.0.0.0/8", NULL, 20, false},
		{"0.0.0.0/0", NULL, 1, false},
		{"0.0.0.0/0", NULL, UINT32_MAX, true},
		{"10.1.1.1/32", "192.0.2.9", 20, false},
		{"10.1.1.2/32", "198.51.100.1", 20,
		 false}, /* no connected route says so */
		{"10.1.1.3/32", "fe80::9", 20, false},
		{"fd00:1::/32", NULL, 20, false},
		{"::/0", NULL, 1, false},
		{"::/0", NULL, UINT32_MAX, true},
		{"fd00:2::1/128", "2001:db8::9", 20, false},
		{"fd00:3::/48", "fe80::9", 20, false},
		{"fd00:4::/48", "2001:db8:99::1", 20, false}, /* nor here */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kroute r = rig_route(cases[i].dst, rig.oif_a);
		char text[KROUTE_STRLEN];
		int err;

		r.metric = cases[i].metric;
		if (cases[i].gate)
			r.gate = rig_addr(cases[i].gate);
		if (cases[i].unreachable) {
			r.type = KROUTE_UNREACHABLE;
			r.oif = 0;
		}
		err = rig_set_now(&r);
		if (err)
			fail_msg("%s: %s", kroute_str(&r, text), strerror(-err));
		rig_expect_in_kernel(&r, true);
		/* the default of another metric must not fall for it */
		assert_int_equal(rig_del_now(&r), 0);
		rig_expect_in_kernel(&r, false);
		assert_int_equal(rig_set_now(&r), 0);
	}
	rig_dump_routes();
	assert_int_equal(rig.dumped_count, ARRAY_SIZE(cases));
}

static void what_the_kernel_would_misread_is_refused(void **state)
{
	struct kroute r = rig_route("10.0.0.0/8", rig.oif_a),
		      bad[] = {r, r, r, r, r, r, r, r};
	struct nlq_view v;

	(void)state;
	bad[0].metric = 0;
	bad[1].table = 0;
	bad[2].dst.addr = rig_addr("10.0.0.1");
	bad[3].dst.len = 33;
	bad[4].oif = 0;
	bad[5].type = KROUTE_UNREACHABLE; /* and an interface */
	bad[6].dst.addr.family = 0;
	bad[7] = rig_route("fd00::/16", rig.oif_a);
	bad[7].gate = rig_addr("192.0.2.9");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		rig_set(&bad[i]);
	rig_expect_all_answers(-EINVAL);
	nlq_view(rig.q, &v);
	assert_int_equal(v.errors, ARRAY_SIZE(bad));
	assert_int_equal(v.acks, 0);
}

static void a_refusal_hits_only_its_own_request(void **state)
{
	struct kroute good = rig_route("10.0.0.0/8", rig.oif_a),
		      no_link = rig_route("11.0.0.0/8", 9999);
	struct kroute invalid = rig_route("12.0.0.0/8", 0);
	static const int expected[] = {0, -ENODEV, -EINVAL, 0, -ENODEV};

	(void)state;
	rig_set(&good);
	rig_set(&no_link);
	rig_set(&invalid);
	rig_del(&good);
	rig_set(&no_link);
	rig_wait_for_answers();
	assert_int_equal(rig.answered, ARRAY_SIZE(expected));
	assert_memory_equal(rig.answers, expected, sizeof(expected));
}

static void requests_for_one_route_take_effect_in_order(void **state)
{
	struct kroute over_a = rig_route("10.0.0.0/8", rig.oif_a),
		      over_b = rig_route("10.0.0.0/8", rig.oif_b);

	(void)state;
	rig_set(&over_a);
	rig_set(&over_b);
	rig_expect_all_answers(0);
	rig_expect_in_kernel(&over_b, true);
	assert_int_equal(rig.dumped_count, 1);
	rig_del(&over_b);
	rig_set(&over_a);
	rig_expect_all_answers(0);
	rig_expect_in_kernel(&over_a, true);
	rig_set(&over_b);
	rig_del(&over_a); /* by key alone */
	rig_expect_all_answers(0);
	rig_dump_routes();
	assert_int_equal(rig.dumped_count, 0);
}

static void a_route_changes_its_kind_in_place(void **state)
{
	static const char *const dst[] = {"0.0.0.0/0", "::/0"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dst); i++) {
		struct kroute over_a = rig_route(dst[i], rig.oif_a), none = over_a,
			      via = over_a;

		none.type = KROUTE_UNREACHABLE;
		none.oif = 0;
		via.gate = rig_addr(i ? "fe80::9" : "192.0.2.9");
		rig_set(&over_a);
		rig_set(&none);
		rig_set(&via);
		rig_expect_all_answers(0);
		rig_expect_in_kernel(&via, true);
		assert_int_equal(rig.dumped_count, i + 1);
		rig_set(&over_a);
		rig_expect_all_answers(0);
		rig_expect_in_kernel(&over_a, true);
		assert_int_equal(rig.dumped_count, i + 1);
	}
}

static void the_metric_keeps_routes_apart(void **state)
{
	static const char *const dst[] = {"10.0.0.0/8", "fd00::/8"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dst); i++) {
		struct kroute good = rig_route(dst[i], rig.oif_a),
			      worse = rig_route(dst[i], rig.oif_b);

		worse.metric = 4000;
		rig_set(&good);
		rig_set(&worse);
		rig_del(&good);
		rig_expect_all_answers(0);
		rig_expect_in_kernel(&worse, true);
		rig_expect_dumped(&good, false);
		/* not there, and the other does not stand in for it */
		rig_del(&good);
		rig_expect_all_answers(0);
		rig_expect_in_kernel(&worse, true);
	}
}

/* ---- answers that get lost ---- */

static void lost_answers_are_reported_and_nothing_is_confused_after(void **state)
{
	/* room for a handful of answers, and no mercy */
	const struct nlq_limits tiny = {.window = 512, .rcvbuf_bytes = 1};
	unsigned ok = 0, lost = 0;
	struct nlq_view v;
	char why[200];

	(void)state;
	nlq_close(rig.q);
	assert_int_equal(nlq_open_limited(rig.loop, &tiny, &rig.q, why, sizeof(why)), 0);
	for (unsigned i = 0; i < 400; i++) {
		struct kroute r = rig_numbered_route(i, rig.oif_a);

		rig_set(&r);
	}
	rig_wait_for_answers();
	for (unsigned i = 0; i < 400; i++) {
		ok += rig.answers[i] == 0;
		lost += rig.answers[i] == -ENOBUFS;
	}
	print_message("%u answers came, %u were lost\n", ok, lost);
	nlq_view(rig.q, &v);
	assert_int_equal(ok + lost, 400);
	assert_true(ok > 0 && lost > 0 && v.overruns > 0);
	assert_int_equal(v.errors, lost);
	/* the kernel had carried all of them out, and the queue has learned so: else -EEXIST */
	for (unsigned i = 0; i < 400; i++) {
		struct kroute r = rig_numbered_route(i, rig.oif_b);
		int err;

		do
			err = rig_set_now(&r);
		while (err == -ENOBUFS);
		assert_int_equal(err, 0);
	}
	rig_dump_routes();
	assert_int_equal(rig.dumped_count, 400);
	for (unsigned i = 0; i < 400; i++)
		assert_int_equal(rig.dumped[i].oif, rig.oif_b);
}

static void the_window_shrinks_to_the_room_there_is(void **state)
{
	const struct nlq_limits small = {
		.window = 512, .rcvbuf_bytes = 10000, .answer_bytes = 2048};
	struct nlq_view v;
	char why[200];

	(void)state;
	nlq_close(rig.q);
	assert_int_equal(nlq_open_limited(rig.loop, &small, &rig.q, why, sizeof(why)), 0);
	for (unsigned i = 0; i < 400; i++) {
		struct kroute r = rig_numbered_route(i, rig.oif_a);

		rig_set(&r);
	}
	rig_expect_all_answers(0);
	nlq_view(rig.q, &v);
	assert_int_equal(v.overruns, 0);
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(ten_thousand_routes_come_move_and_go),
		KERNEL_TEST(flushing_sends_no_more_than_the_window),
		KERNEL_TEST(a_queue_closed_in_the_middle_forgets_the_rest),
		KERNEL_TEST(every_kind_of_route_survives_the_kernel),
		KERNEL_TEST(what_the_kernel_would_misread_is_refused),
		KERNEL_TEST(a_refusal_hits_only_its_own_request),
		KERNEL_TEST(requests_for_one_route_take_effect_in_order),
		KERNEL_TEST(a_route_changes_its_kind_in_place),
		KERNEL_TEST(the_metric_keeps_routes_apart),
		KERNEL_TEST(lost_answers_are_reported_and_nothing_is_confused_after),
		KERNEL_TEST(the_window_shrinks_to_the_room_there_is),
	};

	if (!lab_enter())
		return LAB_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
