/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Internet of 2015-11-01 through the RIB. The data lies outside the tree; without it
 * this test says so and is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <time.h>

#include "tests/lib/full_table.h"
#include "wgrd/rib/rib.h"

static uint64_t no_clock(void *arg)
{
	(void)arg;
	return 0;
}

static void put(void *arg, const struct prefix *p)
{
	struct rib *rib = arg;
	const struct rib_nexthop nh = {.ifindex = 3, .weight = 1};
	const struct rib_route r = {
		.prefix = *p,
		.proto = RIB_PROTO_BGP,
		.nh_count = 1,
		.nh = &nh,
	};

	assert_int_equal(rib_update(rib, 0, &r), 0);
}

static void get(void *arg, const struct prefix *p)
{
	struct rib *rib = arg;
	char buf[PREFIX_STRLEN];
	struct rib_route r;

	if (!rib_find(rib, 0, p, &r) || !prefix_equal(&r.prefix, p))
		fail_msg("%s is not found", prefix_str(p, buf));
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void a_full_table_fits(void **state)
{
	struct rib *rib = rib_new(no_clock, NULL);
	size_t before = mallinfo2().uordblks, lines, routes;
	double start = seconds(), loaded;

	(void)state;
	lines = full_table_each(put, rib);
	if (!lines) {
		rib_free(rib);
		skip();
	}
	loaded = seconds();
	routes = rib_count(rib, RIB_FROM_ZEBRA);
	print_message("%zu prefixes in %.2f s, %zu bytes each\n", routes, loaded - start,
		      (mallinfo2().uordblks - before) / routes);
	assert_true(routes > 600000 && routes <= lines);
	full_table_each(get, rib);
	rib_sync_begin(rib, RIB_FROM_ZEBRA);
	start = seconds();
	assert_int_equal(rib_sync_end(rib, RIB_FROM_ZEBRA), routes);
	print_message("all of them withdrawn in %.2f s\n", seconds() - start);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
	rib_free(rib);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_table_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
