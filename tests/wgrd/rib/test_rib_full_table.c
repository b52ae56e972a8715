/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Internet of 2015-11-01, 606 138 IPv4 and 27 693 IPv6 prefixes, through the RIB. The
 * data lies outside the tree; without it this test says so and is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wgrd/rib/rib.h"

static uint64_t no_clock(void *arg)
{
	(void)arg;
	return 0;
}

static FILE *open_table(void)
{
	const char *dir = getenv("WGRD_TEST_DATA"), *src = getenv("WGRD_SRCDIR");
	char path[4096], command[4200];
	FILE *f;

	if (dir)
		snprintf(path, sizeof(path), "%s/full-table-20151101.dat.gz", dir);
	else
		snprintf(path, sizeof(path),
			 "%s/../shared/data/full-table-20151101.dat.gz", src ? src : ".");
	f = fopen(path, "r");
	if (!f) {
		print_message("SKIPPED: %s is not there\n", path);
		return NULL;
	}
	fclose(f);
	snprintf(command, sizeof(command), "gzip -dc '%s'", path);
	return popen(command, "r");
}

/* Reads the whole table once; calls for each prefix. */
static size_t each_prefix(void (*fn)(struct rib *rib, const struct prefix *p),
			  struct rib *rib)
{
	FILE *f = open_table();
	char line[128];
	size_t n = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		struct prefix p;

		line[strcspn(line, "\t\n")] = '\0';
		if (line[0] == ';' || line[0] == '\0')
			continue;
		if (prefix_parse(&p, line))
			fail_msg("%s is no prefix", line);
		prefix_mask(&p);
		fn(rib, &p);
		n++;
	}
	assert_int_equal(pclose(f), 0);
	return n;
}

static void put(struct rib *rib, const struct prefix *p)
{
	struct rib_route *r = rib_route_new(1);

	assert_non_null(r);
	r->prefix = *p;
	r->proto = RIB_PROTO_BGP;
	r->nh[0].ifindex = 3;
	r->nh[0].weight = 1;
	assert_int_equal(rib_update(rib, 0, r), 0);
	free(r);
}

static void get(struct rib *rib, const struct prefix *p)
{
	const struct rib_route *r = rib_find(rib, 0, p);
	char buf[PREFIX_STRLEN];

	if (!r || !prefix_equal(&r->prefix, p))
		fail_msg("%s is not found", prefix_str(p, buf));
	r = rib_match(rib, 0, &p->addr);
	if (!r || !prefix_has_addr(&r->prefix, &p->addr) || r->prefix.len < p->len)
		fail_msg("%s has no match", prefix_str(p, buf));
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
	lines = each_prefix(put, rib);
	if (!lines) {
		rib_free(rib);
		skip();
	}
	loaded = seconds();
	routes = rib_count(rib, RIB_FROM_ZEBRA);
	print_message("%zu prefixes in %.2f s, %zu bytes each\n", routes, loaded - start,
		      (mallinfo2().uordblks - before) / routes);
	assert_true(routes > 600000 && routes <= lines);
	each_prefix(get, rib);
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
