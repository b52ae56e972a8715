/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/lib/loop.h"
#include "wgrd/rib/rib.h"

/* What watchers were told, as text: "0 10.0.0.0/8 bgp 7;" or "0 10.0.0.0/8 gone;". */
static struct rib *rib;
static char told[4096];
static uint64_t now_ns;

static uint64_t clock_of_test(void *arg)
{
	return *(uint64_t *)arg;
}

static void tell(const char *text)
{
	size_t len = strlen(told);

	snprintf(told + len, sizeof(told) - len, "%s", text);
}

static void on_changed(struct rib_watcher *w, uint32_t vrf, const struct prefix *p,
		       const struct rib_route *now)
{
	char prefix[PREFIX_STRLEN], line[128];
	struct rib_route r;

	(void)w;
	assert_int_equal(rib_find(rib, vrf, p, &r), now != NULL);
	assert_true(!now || (r.source == now->source && r.nh == now->nh));
	if (now)
		snprintf(line, sizeof(line), "%u %s %s %u;", vrf, prefix_str(p, prefix),
			 rib_proto_name((enum rib_proto)now->proto), now->tag);
	else
		snprintf(line, sizeof(line), "%u %s gone;", vrf, prefix_str(p, prefix));
	tell(line);
}

static void on_vrf(struct rib_watcher *w, uint32_t vrf, const char *name)
{
	char line[128];

	(void)w;
	snprintf(line, sizeof(line), "vrf %u %s;", vrf, name ? name : "gone");
	tell(line);
}

static struct rib_watcher watcher;

static void assert_told(const char *expected)
{
	if (strcmp(told, expected))
		fail_msg("expected \"%s\", was told \"%s\"", expected, told);
	told[0] = '\0';
}

static int setup(void **state)
{
	(void)state;
	now_ns = 1000 * NS_PER_MS;
	rib = rib_new(clock_of_test, &now_ns);
	watcher = (struct rib_watcher){.changed = on_changed, .vrf_changed = on_vrf};
	rib_watch(rib, &watcher);
	told[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rib_free(rib);
	return 0;
}

static struct prefix prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s is no prefix", s);
	return p;
}

static void update(uint32_t vrf, const char *p, enum rib_source source, uint32_t tag)
{
	const struct rib_nexthop nh = {.ifindex = 3, .weight = 1};
	const struct rib_route r = {
		.prefix = prefix(p),
		.source = source,
		.proto = source == RIB_FROM_ZEBRA ? RIB_PROTO_BGP : RIB_PROTO_KERNEL,
		.tag = tag,
		.nh_count = 1,
		.nh = &nh,
	};

	assert_int_equal(rib_update(rib, vrf, &r), 0);
}

static int withdraw(uint32_t vrf, const char *p, enum rib_source source)
{
	struct prefix q = prefix(p);

	return rib_withdraw(rib, vrf, &q, source);
}

/* Until the next call. */
static const struct rib_route *find(uint32_t vrf, const char *p)
{
	static struct rib_route r;
	struct prefix q = prefix(p);

	return rib_find(rib, vrf, &q, &r) ? &r : NULL;
}

static void a_route_is_kept_and_told(void **state)
{
	(void)state;
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 7);
	assert_told("0 10.0.0.0/8 bgp 7;");
	assert_int_equal(find(0, "10.0.0.0/8")->tag, 7);
	assert_int_equal(find(0, "10.0.0.0/8")->changed_ns, 1000 * NS_PER_MS);
	assert_null(find(0, "10.0.0.0/9"));
	assert_null(find(1, "10.0.0.0/8"));
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
	assert_int_equal(withdraw(0, "10.0.0.0/8", RIB_FROM_ZEBRA), 0);
	assert_told("0 10.0.0.0/8 gone;");
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
}

static void what_is_known_already_is_not_news(void **state)
{
	(void)state;
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 7);
	now_ns = 2000 * NS_PER_MS;
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 7);
	assert_told("0 10.0.0.0/8 bgp 7;");
	assert_int_equal(find(0, "10.0.0.0/8")->changed_ns, 1000 * NS_PER_MS);
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 8);
	assert_told("0 10.0.0.0/8 bgp 8;");
	assert_int_equal(find(0, "10.0.0.0/8")->changed_ns, 2000 * NS_PER_MS);
}

/* One change at a time to a route with two next hops. */
static void every_field_that_counts_is_news(void **state)
{
	struct rib_nexthop nh[3] = {{.gate = prefix("fe80::1").addr}};
	struct rib_route r = {.prefix = prefix("2001:db8::/32"), .nh_count = 2, .nh = nh};

	(void)state;
	assert_int_equal(rib_update(rib, 0, &r), 0);
	for (unsigned i = 0; i < 10; i++) {
		told[0] = '\0';
		switch (i) {
		case 0:
			r.proto = RIB_PROTO_OSPF;
			break;
		case 1:
			r.distance = 200;
			break;
		case 2:
			r.instance = 4;
			break;
		case 3:
			r.metric = 5;
			break;
		case 4:
			r.tag = 6;
			break;
		case 5:
			nh[1].ifindex = 7;
			break;
		case 6:
			nh[1].weight = 8;
			break;
		case 7:
			nh[0].gate = prefix("fe80::2").addr;
			break;
		case 8:
			nh[0].gate = (struct ip_addr){0};
			break;
		default:
			r.nh_count = 1;
		}
		assert_int_equal(rib_update(rib, 0, &r), 0);
		if (!told[0])
			fail_msg("change %u was not told", i);
		told[0] = '\0';
		r.changed_ns = 99; /* the RIB's own */
		assert_int_equal(rib_update(rib, 0, &r), 0);
		assert_told("");
	}
	r.nh_count = 3;
	assert_int_equal(rib_update(rib, 0, &r), 0);
	assert_true(told[0]);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
}

static void the_preferred_source_hides_the_other(void **state)
{
	(void)state;
	update(0, "10.0.0.0/8", RIB_FROM_KERNEL, 1);
	assert_told("0 10.0.0.0/8 kernel 1;");
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 2);
	assert_told("0 10.0.0.0/8 bgp 2;");
	update(0, "10.0.0.0/8", RIB_FROM_KERNEL, 3);
	assert_told("");
	assert_int_equal(withdraw(0, "10.0.0.0/8", RIB_FROM_ZEBRA), 0);
	assert_told("0 10.0.0.0/8 kernel 3;");
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 4);
	assert_told("0 10.0.0.0/8 bgp 4;");
	assert_int_equal(withdraw(0, "10.0.0.0/8", RIB_FROM_KERNEL), 0);
	assert_told("");
	assert_int_equal(withdraw(0, "10.0.0.0/8", RIB_FROM_KERNEL), -ENOENT);
	assert_int_equal(withdraw(0, "10.0.0.0/9", RIB_FROM_ZEBRA), -ENOENT);
	assert_int_equal(withdraw(7, "10.0.0.0/8", RIB_FROM_ZEBRA), -ENOENT);
	assert_told("");
}

static void stale_routes_leave_when_the_source_is_in_sync(void **state)
{
	(void)state;
	update(0, "10.1.0.0/16", RIB_FROM_ZEBRA, 1);
	update(0, "10.2.0.0/16", RIB_FROM_ZEBRA, 2);
	update(0, "10.3.0.0/16", RIB_FROM_KERNEL, 3);
	update(4, "fd00::/8", RIB_FROM_ZEBRA, 4);
	told[0] = '\0';
	rib_sync_begin(rib, RIB_FROM_ZEBRA);
	assert_non_null(find(0, "10.2.0.0/16"));
	update(0, "10.1.0.0/16", RIB_FROM_ZEBRA, 1); /* confirmed */
	update(0, "10.4.0.0/16", RIB_FROM_ZEBRA, 5); /* new */
	assert_told("0 10.4.0.0/16 bgp 5;");
	assert_int_equal(rib_sync_end(rib, RIB_FROM_ZEBRA), 2);
	assert_told("0 10.2.0.0/16 gone;4 fd00::/8 gone;");
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 2);
	assert_int_equal(rib_count(rib, RIB_FROM_KERNEL), 1);
	assert_int_equal(rib_sync_end(rib, RIB_FROM_ZEBRA), 0);
	assert_told("");
}

static void a_source_that_is_turned_off_leaves_nothing(void **state)
{
	(void)state;
	update(0, "10.1.0.0/16", RIB_FROM_ZEBRA, 1);
	update(0, "10.1.0.0/16", RIB_FROM_KERNEL, 2);
	told[0] = '\0';
	rib_sync_begin(rib, RIB_FROM_ZEBRA);
	assert_int_equal(rib_sync_end(rib, RIB_FROM_ZEBRA), 1);
	assert_told("0 10.1.0.0/16 kernel 2;");
}

/* A watcher that looks around must find the RIB as it is after the change. */
static const char *seen;

static void look_around(struct rib_watcher *w, uint32_t vrf, const struct prefix *p,
			const struct rib_route *now)
{
	char buf[PREFIX_STRLEN];

	(void)w;
	(void)now;
	seen = find(vrf, prefix_str(p, buf)) ? "it"
	       : find(vrf, "10.0.0.0/8")     ? "others"
					     : "";
}

static void a_watcher_sees_the_state_after_the_change(void **state)
{
	struct rib_watcher curious = {.changed = look_around};

	(void)state;
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 0);
	update(0, "10.1.0.0/16", RIB_FROM_ZEBRA, 0);
	rib_watch(rib, &curious);
	assert_int_equal(withdraw(0, "10.1.0.0/16", RIB_FROM_ZEBRA), 0);
	assert_string_equal(seen, "others");
	update(0, "10.1.0.0/16", RIB_FROM_ZEBRA, 0);
	assert_string_equal(seen, "it");
	rib_unwatch(rib, &curious);
	assert_int_equal(withdraw(0, "10.1.0.0/16", RIB_FROM_ZEBRA), 0);
	assert_string_equal(seen, "it");
}

struct walked {
	char text[512];
	int left;
};

static bool note_walked(const struct rib_route *r, void *arg)
{
	struct walked *w = arg;
	char buf[PREFIX_STRLEN];
	size_t len = strlen(w->text);

	snprintf(w->text + len, sizeof(w->text) - len, "%s ",
		 prefix_str(&r->prefix, buf));
	return --w->left;
}

static void a_walk_goes_in_order_and_stops_when_told(void **state)
{
	struct walked w = {.left = 100};

	(void)state;
	update(0, "2001:db8::/32", RIB_FROM_ZEBRA, 0);
	update(0, "10.0.0.0/9", RIB_FROM_ZEBRA, 0);
	update(0, "::/0", RIB_FROM_KERNEL, 0);
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 0);
	update(0, "9.0.0.0/8", RIB_FROM_KERNEL, 0);
	update(1, "8.0.0.0/8", RIB_FROM_ZEBRA, 0);
	rib_walk(rib, 0, note_walked, &w);
	assert_string_equal(w.text,
			    "9.0.0.0/8 10.0.0.0/8 10.0.0.0/9 ::/0 2001:db8::/32 ");
	w = (struct walked){.left = 2};
	rib_walk(rib, 0, note_walked, &w);
	assert_string_equal(w.text, "9.0.0.0/8 10.0.0.0/8 ");
	w = (struct walked){.left = 100};
	rib_walk(rib, 2, note_walked, &w);
	assert_string_equal(w.text, "");
}

static void a_vrf_is_found_by_name(void **state)
{
	uint32_t id = 99;

	(void)state;
	assert_string_equal(rib_vrf_name(rib, 0), "default");
	assert_int_equal(rib_vrf_find(rib, "default", &id), 0);
	assert_int_equal(id, 0);
	assert_null(rib_vrf_name(rib, 5));
	assert_int_equal(rib_vrf_find(rib, "red", &id), -ENOENT);
	assert_int_equal(rib_vrf_find(rib, "", &id), -ENOENT);
	assert_int_equal(rib_vrf_set(rib, 5, "red"), 0);
	assert_told("vrf 5 red;");
	assert_int_equal(rib_vrf_set(rib, 5, "red"), 0);
	assert_told("");
	assert_string_equal(rib_vrf_name(rib, 5), "red");
	assert_int_equal(rib_vrf_find(rib, "red", &id), 0);
	assert_int_equal(id, 5);
	rib_vrf_del(rib, 5);
	assert_told("vrf 5 gone;");
	rib_vrf_del(rib, 5);
	assert_told("");
	assert_int_equal(rib_vrf_find(rib, "red", &id), -ENOENT);
}

static void a_bad_vrf_name_is_refused(void **state)
{
	(void)state;
	assert_int_equal(rib_vrf_set(rib, 5, ""), -EINVAL);
	assert_int_equal(rib_vrf_set(rib, 5, "default"), -EINVAL);
	assert_int_equal(rib_vrf_set(rib, 0, "red"), -EINVAL);
	assert_int_equal(rib_vrf_set(rib, 5, "a-name-that-is-36-characters-long-xyz"),
			 -EINVAL);
	assert_int_equal(rib_vrf_set(rib, 5, "a-name-that-is-35-characters-long-x"), 0);
}

static void deleting_a_vrf_withdraws_its_routes(void **state)
{
	(void)state;
	assert_int_equal(rib_vrf_set(rib, 5, "red"), 0);
	update(5, "10.0.0.0/8", RIB_FROM_ZEBRA, 1);
	update(5, "10.0.0.0/8", RIB_FROM_KERNEL, 2);
	update(0, "10.0.0.0/8", RIB_FROM_ZEBRA, 3);
	told[0] = '\0';
	rib_vrf_del(rib, 5);
	assert_told("5 10.0.0.0/8 kernel 2;5 10.0.0.0/8 gone;vrf 5 gone;");
	rib_vrf_del(rib, 0);
	assert_told("0 10.0.0.0/8 gone;");
	assert_string_equal(rib_vrf_name(rib, 0), "default");
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA) + rib_count(rib, RIB_FROM_KERNEL),
			 0);
}

/* zebra -n numbers VRFs at run time: after a restart red may have the id of blue. */
static void routes_follow_the_name_when_ids_change(void **state)
{
	(void)state;
	assert_int_equal(rib_vrf_set(rib, 1, "red"), 0);
	assert_int_equal(rib_vrf_set(rib, 2, "blue"), 0);
	update(1, "10.0.0.0/8", RIB_FROM_ZEBRA, 1);
	update(2, "10.0.0.0/8", RIB_FROM_ZEBRA, 2);
	told[0] = '\0';
	rib_sync_begin(rib, RIB_FROM_ZEBRA);
	assert_int_equal(rib_vrf_set(rib, 1, "blue"), 0);
	assert_told("vrf 2 gone;vrf 1 blue;");
	assert_int_equal(rib_vrf_set(rib, 2, "red"), 0);
	assert_told("vrf 2 red;");
	assert_int_equal(find(1, "10.0.0.0/8")->tag, 2);
	assert_int_equal(find(2, "10.0.0.0/8")->tag, 1);
	update(1, "10.0.0.0/8", RIB_FROM_ZEBRA, 2);
	update(2, "10.0.0.0/8", RIB_FROM_ZEBRA, 1);
	assert_int_equal(rib_sync_end(rib, RIB_FROM_ZEBRA), 0);
	assert_told("");
}

static void a_vrf_that_lost_its_id_for_good_leaves(void **state)
{
	uint32_t id;

	(void)state;
	assert_int_equal(rib_vrf_set(rib, 1, "red"), 0);
	update(1, "10.0.0.0/8", RIB_FROM_ZEBRA, 1);
	assert_int_equal(rib_vrf_set(rib, 1, "blue"), 0);
	told[0] = '\0';
	assert_int_equal(rib_vrf_find(rib, "red", &id), -ENOENT);
	assert_null(find(1, "10.0.0.0/8"));
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
	assert_int_equal(rib_sync_end(rib, RIB_FROM_ZEBRA), 1);
	assert_told("");
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
	assert_int_equal(rib_vrf_set(rib, 3, "red"), 0);
	assert_told("vrf 3 red;");
}

static void routes_may_come_before_the_name(void **state)
{
	(void)state;
	update(7, "10.0.0.0/8", RIB_FROM_KERNEL, 1);
	assert_null(rib_vrf_name(rib, 7));
	assert_int_equal(rib_vrf_set(rib, 7, "red"), 0);
	assert_non_null(find(7, "10.0.0.0/8"));
	update(8, "10.0.0.0/8", RIB_FROM_KERNEL, 2);
	told[0] = '\0';
	assert_int_equal(rib_vrf_set(rib, 8, "red"),
			 0); /* the name brings its own routes */
	assert_told("8 10.0.0.0/8 gone;vrf 7 gone;vrf 8 red;");
	assert_int_equal(find(8, "10.0.0.0/8")->tag, 1);
}

static void protocols_have_names(void **state)
{
	(void)state;
	for (unsigned p = 0; p < RIB_PROTO_COUNT; p++)
		assert_int_equal(rib_proto_parse(rib_proto_name((enum rib_proto)p)), p);
	assert_int_equal(rib_proto_parse("bgp"), RIB_PROTO_BGP);
	assert_int_equal(rib_proto_parse("connected"), RIB_PROTO_CONNECT);
	assert_int_equal(rib_proto_parse("BGP"), RIB_PROTO_COUNT);
	assert_int_equal(rib_proto_parse(""), RIB_PROTO_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_route_is_kept_and_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_known_already_is_not_news, setup,
						teardown),
		cmocka_unit_test_setup_teardown(every_field_that_counts_is_news, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_preferred_source_hides_the_other,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			stale_routes_leave_when_the_source_is_in_sync, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_source_that_is_turned_off_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_watcher_sees_the_state_after_the_change,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_walk_goes_in_order_and_stops_when_told,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_vrf_is_found_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(a_bad_vrf_name_is_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(deleting_a_vrf_withdraws_its_routes,
						setup, teardown),
		cmocka_unit_test_setup_teardown(routes_follow_the_name_when_ids_change,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_vrf_that_lost_its_id_for_good_leaves,
						setup, teardown),
		cmocka_unit_test_setup_teardown(routes_may_come_before_the_name, setup,
						teardown),
		cmocka_unit_test(protocols_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
