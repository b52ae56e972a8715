/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "wgrd/kernel/kown.h"

static struct kown own;

static int tear_down(void **state)
{
	(void)state;
	kown_fini(&own);
	return 0;
}

static struct kroute route(const char *dst, uint32_t table, uint32_t metric)
{
	struct kroute r = {.table = table, .metric = metric};

	assert_int_equal(prefix_parse(&r.dst, dst), 0);
	return r;
}

static void begin(const struct kroute *r, bool expect_ours)
{
	bool ours;

	assert_int_equal(kown_route_begin(&own, r, &ours), 0);
	assert_int_equal(ours, expect_ours);
}

static void install(const struct kroute *r)
{
	begin(r, kown_route_is_ours(&own, r));
	kown_route_end(&own, r, true);
}

static void only_the_key_tells_routes_apart(void **state)
{
	struct kroute r = route("10.0.0.0/8", 1, 2), same = r;
	struct kroute others[] = {route("10.0.0.0/9", 1, 2), route("11.0.0.0/8", 1, 2),
				  route("10.0.0.0/8", 2, 2), route("10.0.0.0/8", 1, 1),
				  route("a00::/8", 1, 2)};

	(void)state;
	install(&r);
	/* rubbish behind an IPv4 address is no part of it */
	memset(same.dst.addr.bytes + 4, 0xee, 12);
	same.oif = 7;
	same.type = KROUTE_UNREACHABLE;
	assert_true(kown_route_is_ours(&own, &same));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		begin(&others[i], false);
		kown_route_end(&own, &others[i], false);
	}
	assert_int_equal(kown_route_count(&own), 1);
}

static void one_request_for_a_route_is_on_its_way(void **state)
{
	struct kroute r = route("10.0.0.0/8", 1, 2);
	bool ours;

	(void)state;
	begin(&r, false);
	assert_int_equal(kown_route_begin(&own, &r, &ours), -EBUSY);
	kown_route_end(&own, &r, true);
	begin(&r, true);
	kown_route_end(&own, &r, false);
	begin(&r, false);
	kown_route_end(&own, &r, false);
	assert_int_equal(kown_route_count(&own), 0);
}

static void a_dump_corrects_all_but_what_is_on_its_way(void **state)
{
	struct kroute gone = route("10.0.0.0/8", 1, 1), busy = route("11.0.0.0/8", 1, 1);
	struct kroute dumped[] = {route("12.0.0.0/8", 1, 1), route("13.0.0.0/8", 1, 1)};

	(void)state;
	install(&gone);
	install(&dumped[0]);
	begin(&busy, false);
	for (int twice = 0; twice < 2; twice++) {
		bool ours;

		kown_sync_routes(&own, dumped, ARRAY_SIZE(dumped));
		assert_int_equal(kown_route_begin(&own, &busy, &ours), -EBUSY);
		assert_true(kown_route_is_ours(&own, &dumped[0]));
		assert_true(kown_route_is_ours(&own, &dumped[1]));
		assert_int_equal(kown_route_count(&own), 3);
	}
	kown_route_end(&own, &busy, false);
	assert_int_equal(kown_route_count(&own), 2);
	assert_false(kown_route_is_ours(&own, &gone));
}

static void rules_clash_when_one_is_part_of_the_other(void **state)
{
	struct krule wide = {.family = AF_INET, .priority = 1, .table = 1, .iif = "a"};
	struct krule narrow = wide, beside = wide;

	(void)state;
	narrow.fwmark = 5;
	strcpy(beside.iif, "b");
	kown_rule_add(&own, &wide);
	kown_rule_add(&own, &wide);
	assert_false(kown_rule_clashes(&own, &wide));
	assert_false(kown_rule_clashes(&own, &beside));
	assert_true(kown_rule_clashes(&own, &narrow));
	kown_rule_del(&own, &narrow); /* not there */
	kown_rule_del(&own, &wide);
	assert_false(kown_rule_clashes(&own, &narrow));
	kown_sync_rules(&own, &narrow, 1);
	assert_true(kown_rule_clashes(&own, &wide));
	kown_sync_rules(&own, NULL, 0);
	assert_false(kown_rule_clashes(&own, &wide));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(only_the_key_tells_routes_apart, tear_down),
		cmocka_unit_test_teardown(one_request_for_a_route_is_on_its_way,
					  tear_down),
		cmocka_unit_test_teardown(a_dump_corrects_all_but_what_is_on_its_way,
					  tear_down),
		cmocka_unit_test_teardown(rules_clash_when_one_is_part_of_the_other,
					  tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
