/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The learner between a feed in memory and a real RIB. What the RIB has is compared as text,
 * and over random histories with what the feed's own routes say is best.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/conf_builder.h"
#include "tests/lib/fake_feed.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/rng.h"
#include "wgrd/learn/learn.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/strbuf.h"

static struct loop *loop;
static struct rib *rib;
static struct fake_feed *feed;
static struct learn *learn;
static struct conf_builder *builder;
static struct conf *conf;

/* ---- the rig ---- */

static uint64_t now_ns(void *arg)
{
	return loop_now_ns(arg);
}

static void configure(const char *text)
{
	const struct conf_subscriber sub = {.ops = &learn_conf_subsys, .ctx = learn};
	struct conf *next;
	char why[200];

	conf_builder_text(builder, text);
	next = conf_builder_take(builder);
	assert_int_equal(conf_commit(&sub, 1, conf, next, why, sizeof(why)), 0);
	conf_free(conf);
	conf = next;
}

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

static const char *own_netns;

static bool is_own_netns(const char *name)
{
	return !strcmp(name, own_netns);
}

static int set_up(void **state)
{
	(void)state;
	log_capture(quiet);
	loop = loop_new();
	rib = rib_new(now_ns, loop);
	feed = fake_feed_new();
	own_netns = "";
	learn = learn_new(loop, rib, fake_feed_open, is_own_netns);
	builder = conf_builder_new();
	conf = xcalloc(1, sizeof(*conf));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	learn_free(learn);
	fake_feed_free(feed);
	rib_free(rib);
	conf_free(conf);
	conf_builder_free(builder);
	loop_free(loop);
	log_capture(NULL);
	return 0;
}

static bool print_route(const struct rib_route *r, void *arg)
{
	char prefix[PREFIX_STRLEN], gate[IP_ADDR_STRLEN];
	struct strbuf *out = arg;

	strbuf_printf(out, "%s %s metric %u", prefix_str(&r->prefix, prefix),
		      rib_proto_name(r->proto), r->metric);
	for (unsigned i = 0; i < r->nh_count; i++)
		strbuf_printf(out, " via %s oif %u weight %u",
			      ip_addr_str(&r->nh[i].gate, gate), r->nh[i].ifindex,
			      r->nh[i].weight);
	strbuf_puts(out, "\n");
	assert_int_equal(r->source, RIB_FROM_KERNEL);
	return true;
}

static void expect_in(uint32_t vrf, const char *expected)
{
	struct strbuf out = {0};

	fake_loop_settle(loop);
	rib_walk(rib, vrf, print_route, &out);
	assert_string_equal(strbuf_str(&out), expected);
	strbuf_free(&out);
}

static void expect(const char *expected)
{
	expect_in(rib_table_vrf(9), expected);
}

static void act(const char *line)
{
	if (!fake_feed_do(feed, line))
		fail_msg("the feed refuses: %s", line);
}

static void wait_ms(unsigned ms)
{
	fake_loop_advance(loop, ms * NS_PER_MS);
}

/* ---- what is learned ---- */

static void what_a_table_has_is_learned_when_it_is_configured(void **state)
{
	(void)state;
	act("add 192.168.2.0/24 via 10.99.0.2 oif 5 table 9");
	act("add fd00:2::/48 via fe80::2 oif 5 table 9");
	act("add 192.168.3.0/24 via 10.99.0.2 oif 5 table 8");
	assert_false(fake_feed_is_open(feed));
	configure("tenant red\nlearn-table 9\n");
	expect("192.168.2.0/24 bird metric 32 via 10.99.0.2 oif 5 weight 1\n"
	       "fd00:2::/48 bird metric 32 via fe80::2 oif 5 weight 1\n");
	configure("no learn-table\n");
	expect("");
	assert_false(fake_feed_is_open(feed));
}

static void two_tables_may_have_the_same_prefix(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\ntenant blue\nlearn-table 8\n");
	act("add 10.0.0.0/8 via 10.99.0.2 oif 5 table 9");
	act("add 10.0.0.0/8 via 10.97.0.2 oif 6 table 8");
	expect("10.0.0.0/8 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
	expect_in(rib_table_vrf(8),
		  "10.0.0.0/8 bird metric 32 via 10.97.0.2 oif 6 weight 1\n");
	act("del 10.0.0.0/8 table 8");
	wait_ms(LEARN_LINGER_MS);
	expect_in(rib_table_vrf(8), "");
	expect("10.0.0.0/8 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
}

static void next_hops_of_every_shape_are_learned(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 weight 3 via 10.99.0.3 oif 6 table 9");
	act("add 10.2.0.0/16 via fe80::2 oif 5 table 9");
	act("add 10.3.0.0/16 oif 5 table 9 nhid 12");
	act("add 0.0.0.0/0 via 10.99.0.2 oif 5 table 9");
	expect("0.0.0.0/0 bird metric 32 via 10.99.0.2 oif 5 weight 1\n"
	       "10.1.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 3 via 10.99.0.3 oif "
	       "6 weight 1\n"
	       "10.2.0.0/16 bird metric 32 via fe80::2 oif 5 weight 1\n"
	       "10.3.0.0/16 bird metric 32 via none oif 5 weight 1\n");
}

static void only_configured_protocols_are_learned(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\nlearn-protocol bgp\n"
		  "learn-protocol static\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 9 proto bgp metric 20");
	act("add 10.3.0.0/16 via 10.99.0.2 oif 5 table 9 proto static");
	expect("10.2.0.0/16 bgp metric 20 via 10.99.0.2 oif 5 weight 1\n"
	       "10.3.0.0/16 static metric 32 via 10.99.0.2 oif 5 weight 1\n");
	configure("no learn-protocol bgp\nno learn-protocol static\n");
	wait_ms(LEARN_LINGER_MS);
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
}

static bool is_ignored_once(const struct learn_table_view *v, void *arg)
{
	(void)arg;
	assert_int_equal(v->table, 9);
	assert_string_equal(v->vrf, "table 9");
	assert_int_equal(v->ignored[KFOREIGN_REJECTS], 1);
	assert_true(v->complete);
	return true;
}

static void a_blackhole_is_not_learned_and_counted(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	act("replace 10.1.0.0/16 blackhole table 9");
	wait_ms(LEARN_LINGER_MS);
	expect("");
	learn_walk(learn, is_ignored_once, NULL);
}

/* ---- withdraw, move, cover ---- */

static void a_withdrawn_prefix_leaves_whatever_covers_it(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.0.0.0/8 via 10.99.0.2 oif 5 table 9");
	act("add 10.1.0.0/16 via 10.99.0.3 oif 5 table 9");
	act("del 10.1.0.0/16 table 9");
	wait_ms(LEARN_LINGER_MS - 1);
	expect("10.0.0.0/8 bird metric 32 via 10.99.0.2 oif 5 weight 1\n"
	       "10.1.0.0/16 bird metric 32 via 10.99.0.3 oif 5 weight 1\n");
	wait_ms(1);
	expect("10.0.0.0/8 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
}

static unsigned gone_count;

static void count_gone(struct rib_watcher *w, uint32_t vrf, const struct prefix *p,
		       const struct rib_route *now)
{
	(void)w;
	(void)vrf;
	(void)p;
	gone_count += !now;
}

static void a_prefix_that_moves_is_never_without_an_owner(void **state)
{
	struct rib_watcher w = {.changed = count_gone};

	(void)state;
	gone_count = 0;
	configure("tenant red\nlearn-table 9\n");
	rib_watch(rib, &w);
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	act("replace 10.1.0.0/16 via 10.99.0.3 oif 5 table 9");
	act("add fd00:1::/48 via fd99::2 oif 5 table 9");
	act("del fd00:1::/48 table 9");
	wait_ms(LEARN_LINGER_MS / 2);
	act("add fd00:1::/48 via fd99::3 oif 5 table 9");
	wait_ms(10 * LEARN_LINGER_MS);
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.3 oif 5 weight 1\n"
	       "fd00:1::/48 bird metric 32 via fd99::3 oif 5 weight 1\n");
	assert_int_equal(gone_count, 0);
	rib_unwatch(rib, &w);
}

static void members_of_a_multipath_route_come_and_go(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add fd00:1::/48 via fd99::2 oif 5 table 9");
	act("append fd00:1::/48 via fd99::3 oif 5 table 9");
	expect("fd00:1::/48 bird metric 32 via fd99::2 oif 5 weight 1 via fd99::3 oif 5 "
	       "weight 1\n");
	act("del fd00:1::/48 via fd99::2 oif 5 table 9");
	expect("fd00:1::/48 bird metric 32 via fd99::3 oif 5 weight 1\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 via 10.99.0.3 oif 5 table 9");
	act("replace 10.1.0.0/16 via 10.99.0.3 oif 5 table 9");
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.3 oif 5 weight 1\n"
	       "fd00:1::/48 bird metric 32 via fd99::3 oif 5 weight 1\n");
}

static void the_lowest_metric_counts_and_the_next_one_takes_over(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\nlearn-protocol bird\nlearn-protocol bgp\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	act("add 10.1.0.0/16 via 10.99.0.3 oif 5 table 9 metric 20 proto bgp");
	act("append 10.1.0.0/16 via 10.99.0.4 oif 5 table 9");
	expect("10.1.0.0/16 bgp metric 20 via 10.99.0.3 oif 5 weight 1\n");
	act("del 10.1.0.0/16 table 9 metric 20");
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
	act("del 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.4 oif 5 weight 1\n");
}

/* ---- when the kernel says nothing ---- */

static void what_was_lost_is_read_again(void **state)
{
	uint64_t overruns, reads;

	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 9");
	fake_feed_mute(feed);
	act("del 10.1.0.0/16 table 9");
	act("replace 10.2.0.0/16 via 10.99.0.3 oif 5 table 9");
	act("add 10.3.0.0/16 via 10.99.0.3 oif 5 table 9");
	fake_feed_tell_lost(feed);
	wait_ms(LEARN_LINGER_MS);
	expect("10.2.0.0/16 bird metric 32 via 10.99.0.3 oif 5 weight 1\n"
	       "10.3.0.0/16 bird metric 32 via 10.99.0.3 oif 5 weight 1\n");
	learn_counts(learn, &overruns, &reads);
	assert_int_equal(overruns, 1);
	assert_int_equal(reads, 2);
}

static void tables_are_read_again_when_asked(void **state)
{
	uint64_t overruns, reads;

	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	fake_feed_mute(feed);
	act("add 10.3.0.0/16 via 10.99.0.3 oif 5 table 9");
	learn_resync(learn);
	wait_ms(0);
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n"
	       "10.3.0.0/16 bird metric 32 via 10.99.0.3 oif 5 weight 1\n");
	learn_counts(learn, &overruns, &reads);
	assert_int_equal(overruns, 0);
	assert_int_equal(reads, 2);
}

static void a_reading_that_fails_changes_nothing_and_is_tried_again(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	fake_feed_mute(feed);
	act("del 10.1.0.0/16 table 9");
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 9");
	fake_feed_fail_next(feed, -ENOMEM);
	fake_feed_tell_lost(feed);
	wait_ms(999);
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
	wait_ms(1 + LEARN_LINGER_MS);
	expect("10.2.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
}

static void a_reading_with_gaps_withdraws_nothing(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 9");
	fake_feed_fail_next(feed, -EAGAIN);
	fake_feed_tell_lost(feed);
	wait_ms(500);
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n"
	       "10.2.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
	act("del 10.2.0.0/16 table 9");
	wait_ms(1000);
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
	assert_int_equal(fake_feed_dumps(feed), 3);
}

static void routes_over_a_link_go_with_it(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	act("add 10.2.0.0/16 via 10.98.0.2 oif 6 table 9");
	fake_feed_link_down(feed, 5);
	learn_link_changed(learn, 5);
	wait_ms(200);
	expect("10.2.0.0/16 bird metric 32 via 10.98.0.2 oif 6 weight 1\n");
	assert_int_equal(fake_feed_dumps(feed), 2);
	learn_link_changed(learn, 7);
	wait_ms(200);
	assert_int_equal(fake_feed_dumps(feed), 2);
}

static void routes_of_a_next_hop_object_go_with_it(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9 nhid 12");
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 9 nhid 13");
	fake_feed_nexthop_gone(feed, 12);
	wait_ms(200);
	expect("10.2.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
}

static void a_feed_that_cannot_be_opened_is_tried_again(void **state)
{
	(void)state;
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9");
	fake_feed_fail_next(feed, -EMFILE);
	configure("tenant red\nlearn-table 9\n");
	expect("");
	wait_ms(1000);
	expect("10.1.0.0/16 bird metric 32 via 10.99.0.2 oif 5 weight 1\n");
}

/* ---- in zebra's place ---- */

static char read_vrfs[128];

/* The routes that zebra has from bgpd are those to learn. */
static void configure_for_bgp(const char *text)
{
	configure(text);
	snprintf(conf->zebra.protocol, sizeof(conf->zebra.protocol), "bgp");
}

static void note_read(void *arg, uint32_t vrf)
{
	size_t len = strlen(read_vrfs);

	(void)arg;
	snprintf(read_vrfs + len, sizeof(read_vrfs) - len, "%s ", rib_vrf_name(rib, vrf));
}

static void stand_in(bool on)
{
	read_vrfs[0] = '\0';
	learn_on_read(learn, note_read, NULL);
	learn_stand_in(learn, on);
	assert_int_equal(learn_stands_in(learn), on);
}

static void expect_in_vrf(const char *name, const char *expected)
{
	uint32_t vrf;

	assert_int_equal(rib_vrf_find(rib, name, &vrf), 0);
	expect_in(vrf, expected);
}

static void main_stands_in_for_a_zebra_that_is_not_understood(void **state)
{
	(void)state;
	configure_for_bgp("tenant red\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 254 proto bgp metric 20");
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 254 proto static metric 20");
	stand_in(true);
	assert_string_equal(read_vrfs, "default ");
	expect_in(0, "10.1.0.0/16 bgp metric 20 via 10.99.0.2 oif 5 weight 1\n");
	stand_in(false);
	expect_in(0, "");
	assert_false(fake_feed_is_open(feed));
}

#define ROUTE "10.1.0.0/16 bgp metric 20 via 10.99.0.2 oif 5 weight 1\n"
#define LATER "10.2.0.0/16 bgp metric 20 via 10.99.0.2 oif 5 weight 1\n"

static void the_tables_of_vrf_devices_stand_in_too(void **state)
{
	uint32_t id;

	(void)state;
	configure_for_bgp(
		"tenant red\nvrf red\nexit-tenant\ntenant blue\nvrf blue\nexit-tenant\n"
		"tenant green\nvrf red\n");
	learn_vrf_changed(learn, "red", 7, 10);
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 10 proto bgp metric 20");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 11 proto bgp metric 20");
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 254 proto bgp metric 20");
	stand_in(true);
	assert_string_equal(read_vrfs, "red default ");
	expect_in_vrf("red", ROUTE);
	expect_in(0, LATER);
	assert_int_equal(rib_vrf_find(rib, "blue", &id), -ENOENT);

	/* a device comes, another gets a new table, and one goes */
	learn_vrf_changed(learn, "blue", 8, 11);
	expect_in_vrf("blue", ROUTE);
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 12 proto bgp metric 20");
	learn_vrf_changed(learn, "red", 7, 12);
	expect_in_vrf("red", LATER);
	learn_vrf_changed(learn, "blue", 8, 0);
	expect_in_vrf("blue", "");
	stand_in(false);
	expect_in_vrf("red", "");
	expect_in(0, "");
	assert_false(fake_feed_is_open(feed));
}

static void main_is_the_table_of_the_namespace_we_are_in(void **state)
{
	uint32_t id;

	(void)state;
	own_netns = "red";
	configure_for_bgp("tenant red\nvrf red\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 254 proto bgp metric 20");
	stand_in(true);
	assert_string_equal(read_vrfs, "red ");
	expect_in_vrf("red", ROUTE);
	expect_in(0, "");
	stand_in(false);
	assert_int_equal(rib_vrf_find(rib, "red", &id), -ENOENT);
	/* unless no tenant learns from it: then zebra has no VRFs in namespaces */
	configure_for_bgp("tenant red\nno vrf\n");
	stand_in(true);
	expect_in(0, ROUTE);
}

static void a_vrf_keeps_its_routes_when_zebra_gives_it_another_id(void **state)
{
	uint32_t id;

	(void)state;
	own_netns = "red";
	configure_for_bgp("tenant red\nvrf red\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 254 proto bgp metric 20");
	stand_in(true);
	assert_int_equal(rib_vrf_set(rib, 3, "red"), 0);
	act("add 10.2.0.0/16 via 10.99.0.2 oif 5 table 254 proto bgp metric 20");
	expect_in(3, ROUTE LATER);
	assert_int_equal(rib_vrf_set(rib, 4, "red"), 0);
	act("del 10.2.0.0/16 table 254 proto bgp metric 20");
	wait_ms(LEARN_LINGER_MS);
	expect_in(4, ROUTE);
	stand_in(false);
	expect_in(4, "");
	assert_int_equal(rib_vrf_find(rib, "red", &id), 0); /* it is zebra's now */
}

static void a_tenants_own_table_is_not_zebras_too(void **state)
{
	(void)state;
	configure_for_bgp(
		"tenant red\nvrf red\nexit-tenant\ntenant blue\nlearn-table 10\n"
		"learn-protocol bgp\n");
	learn_vrf_changed(learn, "red", 7, 10);
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 10 proto bgp metric 20");
	stand_in(true);
	assert_string_equal(read_vrfs, "default ");
	expect_in(rib_table_vrf(10), ROUTE);
	/* the tenant lets go of it, and it is the VRF's */
	configure_for_bgp("tenant blue\nno learn-table\n");
	learn_vrf_changed(learn, "red", 7, 11);
	learn_vrf_changed(learn, "red", 7, 10);
	expect_in_vrf("red", ROUTE);
}

/* What zebra would say; the RIB prefers it. */
static void zebra_says(uint32_t table, const char *text)
{
	struct rib_nexthop nh = {.ifindex = 5, .weight = 1};
	struct rib_route r = {.source = RIB_FROM_ZEBRA, .nh_count = 1, .nh = &nh};

	assert_int_equal(prefix_parse(&r.prefix, text), 0);
	assert_int_equal(rib_update(rib, rib_table_vrf(table), &r), 0);
}

static void a_table_is_left_to_zebra_once_that_has_told(void **state)
{
	(void)state;
	configure("tenant red\nlearn-table 9\nlearn-direct\nlearn-protocol bgp\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9 proto bgp metric 20");
	expect_in(rib_table_vrf(9), ROUTE);
	zebra_says(9, "10.1.0.0/16");
	assert_true(fake_feed_is_open(feed));
	learn_leave_direct(learn, true);
	assert_false(fake_feed_is_open(feed));
	assert_int_equal(rib_count(rib, RIB_FROM_KERNEL), 0);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1); /* the VRF stays with it */
	learn_leave_direct(learn, false);
	assert_true(fake_feed_is_open(feed));
	assert_int_equal(rib_count(rib, RIB_FROM_KERNEL), 1);
}

static void a_followed_table_is_kept_until_zebra_has_told_of_it(void **state)
{
	(void)state;
	learn_leave_direct(learn, true);
	configure("tenant red\nlearn-table 9\nlearn-protocol bgp\n");
	act("add 10.1.0.0/16 via 10.99.0.2 oif 5 table 9 proto bgp metric 20");
	configure("tenant red\nlearn-direct\n");
	expect_in(rib_table_vrf(9), ROUTE);
	learn_leave_direct(learn, true);
	assert_int_equal(rib_count(rib, RIB_FROM_KERNEL), 0);
	/* one that was not followed is not read at all */
	configure("tenant red\nlearn-table 10\n");
	assert_false(fake_feed_is_open(feed));
}

/* ---- random histories ---- */

enum {
	PREFIXES = 12,
	STEPS = 4000,
};

static void prefix_of(unsigned n, char *text, size_t len)
{
	if (n % 2)
		snprintf(text, len, "fd00:%u::/48", n);
	else
		snprintf(text, len, "10.%u.0.0/16", n);
}

static void random_hops(struct strbuf *line, bool v6)
{
	for (unsigned i = 0, n = 1 + rng_below(3); i < n; i++)
		strbuf_printf(line, " via %s%u oif %u", v6 ? "fd99::" : "10.99.0.",
			      1 + i * 3 + rng_below(3), 5 + rng_below(2));
}

static void random_step(void)
{
	static const char *const verbs[] = {"add", "append", "replace", "replace", "del"};
	struct strbuf line = {0};
	unsigned n = rng_below(PREFIXES), verb = rng_below(ARRAY_SIZE(verbs));
	char prefix[32];

	prefix_of(n, prefix, sizeof(prefix));
	strbuf_printf(&line, "%s %s table 9 metric %u", verbs[verb], prefix,
		      20 + rng_below(3));
	if (strcmp(verbs[verb], "del") != 0 && !rng_below(8))
		strbuf_puts(&line, " blackhole");
	else if (strcmp(verbs[verb], "del") != 0)
		random_hops(&line, n % 2);
	(void)fake_feed_do(feed, strbuf_str(&line));
	strbuf_free(&line);
}

static void random_mishap(void)
{
	switch (rng_below(60)) {
	case 0:
		fake_feed_mute(feed);
		break;
	case 1:
		fake_feed_tell_lost(feed);
		break;
	case 2:
		fake_feed_link_down(feed, 5);
		learn_link_changed(learn, 5);
		break;
	case 3:
		fake_feed_fail_next(feed, rng_below(2) ? -EAGAIN : -ENOMEM);
		break;
	default:
		break;
	}
}

static void compare_one(unsigned n)
{
	const struct kforeign *want;
	struct rib_route got;
	struct prefix p;
	bool learned;
	char text[32];

	prefix_of(n, text, sizeof(text));
	assert_int_equal(prefix_parse(&p, text), 0);
	want = fake_feed_best(feed, 9, &p, RTPROT_BIRD);
	learned = rib_find(rib, rib_table_vrf(9), &p, &got);
	if (!want != !learned)
		fail_msg("%s is %s, but it is %s", text, want ? "there" : "gone",
			 learned ? "learned" : "not learned");
	if (!want)
		return;
	assert_int_equal(got.metric, want->metric);
	assert_int_equal(got.nh_count, want->hop_count);
	for (unsigned i = 0; i < want->hop_count; i++) {
		assert_int_equal(got.nh[i].ifindex, want->hop[i].oif);
		assert_true(ip_addr_equal(&got.nh[i].gate, &want->hop[i].gate));
	}
}

static void whatever_happens_the_rib_has_what_the_kernel_has(void **state)
{
	(void)state;
	rng_seed();
	configure("tenant red\nlearn-table 9\n");
	for (unsigned i = 0; i < STEPS; i++) {
		random_step();
		random_mishap();
		wait_ms(rng_below(LEARN_LINGER_MS));
		if (i % 50 != 49)
			continue;
		fake_feed_tell_lost(feed);
		wait_ms(3000); /* a reading that failed, and one that had gaps */
		for (unsigned n = 0; n < PREFIXES; n++)
			compare_one(n);
	}
}

static void without_mishaps_nothing_need_be_read_again(void **state)
{
	(void)state;
	rng_seed();
	configure("tenant red\nlearn-table 9\n");
	for (unsigned i = 0; i < STEPS; i++) {
		random_step();
		if (i % 10)
			continue;
		wait_ms(LEARN_LINGER_MS);
		for (unsigned n = 0; n < PREFIXES; n++)
			compare_one(n);
	}
	assert_int_equal(fake_feed_dumps(feed), 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_table_has_is_learned_when_it_is_configured),
		TEST(two_tables_may_have_the_same_prefix),
		TEST(next_hops_of_every_shape_are_learned),
		TEST(only_configured_protocols_are_learned),
		TEST(a_blackhole_is_not_learned_and_counted),
		TEST(a_withdrawn_prefix_leaves_whatever_covers_it),
		TEST(a_prefix_that_moves_is_never_without_an_owner),
		TEST(members_of_a_multipath_route_come_and_go),
		TEST(the_lowest_metric_counts_and_the_next_one_takes_over),
		TEST(what_was_lost_is_read_again),
		TEST(tables_are_read_again_when_asked),
		TEST(a_reading_that_fails_changes_nothing_and_is_tried_again),
		TEST(a_reading_with_gaps_withdraws_nothing),
		TEST(routes_over_a_link_go_with_it),
		TEST(routes_of_a_next_hop_object_go_with_it),
		TEST(a_feed_that_cannot_be_opened_is_tried_again),
		TEST(main_stands_in_for_a_zebra_that_is_not_understood),
		TEST(the_tables_of_vrf_devices_stand_in_too),
		TEST(main_is_the_table_of_the_namespace_we_are_in),
		TEST(a_vrf_keeps_its_routes_when_zebra_gives_it_another_id),
		TEST(a_tenants_own_table_is_not_zebras_too),
		TEST(a_table_is_left_to_zebra_once_that_has_told),
		TEST(a_followed_table_is_kept_until_zebra_has_told_of_it),
		TEST(whatever_happens_the_rib_has_what_the_kernel_has),
		TEST(without_mishaps_nothing_need_be_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
