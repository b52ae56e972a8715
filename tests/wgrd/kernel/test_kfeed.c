/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The feed of others' routes against the kernel, in a namespace of its own, with ip(8) as the
 * one who makes them. What is announced and what a dump gives are compared as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <string.h>

#include "tests/lib/fake_loop.h"
#include "tests/wgrd/kernel/lab.h"
#include "wgrd/kernel/kfeed_limits.h"
#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/rtproto.h"
#include "wgrd/lib/strbuf.h"

enum {
	TABLE = 2001,
};

static struct loop *loop;
static struct kfeed *feed;
static struct strbuf seen;

static void print_route(struct strbuf *out, const struct kforeign *r)
{
	char text[PREFIX_STRLEN], gate[IP_ADDR_STRLEN];

	strbuf_printf(out, "%s table %u metric %u proto %s", prefix_str(&r->dst, text),
		      r->table, r->metric, rtproto_name(r->protocol) ?: "?");
	if (r->kind != KFOREIGN_UNICAST)
		strbuf_printf(out, " (%s)", kforeign_kind_name(r->kind));
	if (r->nexthop_id)
		strbuf_printf(out, " nhid %u", r->nexthop_id);
	for (unsigned i = 0; i < r->hop_count; i++) {
		strbuf_printf(out, " via %s", ip_addr_str(&r->hop[i].gate, gate));
		if (r->hop[i].oif != lab_ifindex("tun0"))
			strbuf_printf(out, " elsewhere");
		if (r->hop[i].weight != 1)
			strbuf_printf(out, " weight %u", r->hop[i].weight);
	}
	strbuf_puts(out, "\n");
}

static void on_route(void *arg, enum kfeed_change change, const struct kforeign *r)
{
	static const char *const names[] = {
		[KFEED_ADDED] = "added",
		[KFEED_APPENDED] = "appended",
		[KFEED_REPLACED] = "replaced",
		[KFEED_GONE] = "gone",
	};

	(void)arg;
	if (r->table != TABLE)
		return;
	strbuf_printf(&seen, "%s ", names[change]);
	print_route(&seen, r);
}

static void on_nexthop_gone(void *arg, uint32_t id)
{
	(void)arg;
	strbuf_printf(&seen, "nexthop %u gone\n", id);
}

static void on_lost(void *arg)
{
	(void)arg;
	strbuf_puts(&seen, "lost\n");
}

static const struct kfeed_events events = {
	.route = on_route,
	.nexthop_gone = on_nexthop_gone,
	.lost = on_lost,
};

static int set_up(void **state)
{
	char why[200] = "";

	(void)state;
	loop = loop_new();
	lab_ip("link add tun0 type veth peer name tun1");
	lab_ip("link set tun0 up");
	lab_ip("link set tun1 up");
	lab_ip("address add 10.99.0.1/24 dev tun0");
	lab_ip("address add fd99::1/64 dev tun0 nodad");
	if (kfeed_open(loop, &events, &feed, why, sizeof(why)))
		fail_msg("%s", why);
	fake_loop_settle(loop);
	strbuf_truncate(&seen, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kfeed_close(feed);
	loop_free(loop);
	lab_ip("link del tun0");
	strbuf_free(&seen);
	return 0;
}

static void expect_seen(const char *expected)
{
	fake_loop_settle(loop);
	assert_string_equal(strbuf_str(&seen), expected);
	strbuf_truncate(&seen, 0);
}

static int print_dumped(void *arg, const struct kforeign *r)
{
	print_route(arg, r);
	return 0;
}

static void expect_dump(const char *expected)
{
	struct strbuf out = {0};

	assert_int_equal(kfeed_dump(feed, TABLE, print_dumped, &out), 0);
	assert_string_equal(strbuf_str(&out), expected);
	strbuf_free(&out);
}

#define IN "table 2001 metric 32 proto bird"

/* ---- shapes of routes ---- */

static void every_kind_of_next_hop_is_read(void **state)
{
	(void)state;
	lab_ip("route add 10.1.0.0/16 via 10.99.0.2 " IN);
	lab_ip("route add 10.2.0.0/16 via 10.88.0.2 dev tun0 onlink " IN);
	lab_ip("route add 10.3.0.0/16 via inet6 fd99::2 dev tun0 " IN);
	lab_ip("route add 10.4.0.0/16 " IN " nexthop via 10.99.0.2 weight 3 nexthop via "
	       "10.99.0.3");
	lab_ip("route add 10.5.0.0/16 dev tun0 " IN);
	lab_ip("route add default via 10.99.0.2 " IN);
	lab_ip("-6 route add fd00:1::/48 via fd99::2 " IN);
	lab_ip("-6 route add fd00:2::/48 " IN " nexthop via fd99::2 nexthop via fd99::3");
	expect_seen("added 10.1.0.0/16 " IN " via 10.99.0.2\n"
		    "added 10.2.0.0/16 " IN " via 10.88.0.2\n"
		    "added 10.3.0.0/16 " IN " via fd99::2\n"
		    "added 10.4.0.0/16 " IN " via 10.99.0.2 weight 3 via 10.99.0.3\n"
		    "added 10.5.0.0/16 " IN " via none\n"
		    "added 0.0.0.0/0 " IN " via 10.99.0.2\n"
		    "added fd00:1::/48 " IN " via fd99::2\n"
		    "added fd00:2::/48 " IN " via fd99::2 via fd99::3\n");
	expect_dump("0.0.0.0/0 " IN " via 10.99.0.2\n"
		    "10.1.0.0/16 " IN " via 10.99.0.2\n"
		    "10.2.0.0/16 " IN " via 10.88.0.2\n"
		    "10.3.0.0/16 " IN " via fd99::2\n"
		    "10.4.0.0/16 " IN " via 10.99.0.2 weight 3 via 10.99.0.3\n"
		    "10.5.0.0/16 " IN " via none\n"
		    "fd00:1::/48 " IN " via fd99::2\n"
		    "fd00:2::/48 " IN " via fd99::2 via fd99::3\n");
}

static void what_cannot_be_learned_says_why(void **state)
{
	(void)state;
	lab_ip("route add blackhole 10.1.0.0/16 " IN);
	lab_ip("route add 10.2.0.0/16 tos 8 via 10.99.0.2 " IN);
	lab_ip("-6 route add unreachable fd00:1::/48 " IN);
	lab_ip("route del blackhole 10.1.0.0/16 table 2001");
	lab_ip("-6 route del unreachable fd00:1::/48 table 2001");
	expect_seen("added 10.1.0.0/16 " IN " (blackhole or unreachable)\n"
		    "added 10.2.0.0/16 " IN " (for one TOS or source only)\n"
		    "added fd00:1::/48 " IN " (blackhole or unreachable)\n"
		    "gone 10.1.0.0/16 " IN " (blackhole or unreachable)\n"
		    "gone fd00:1::/48 " IN " (blackhole or unreachable)\n");
}

static void our_own_routes_are_not_told(void **state)
{
	(void)state;
	lab_ip("route add 10.1.0.0/16 dev tun0 table 2001 metric 20 proto %d",
	       WGRD_RTPROT);
	lab_ip("route del 10.1.0.0/16 table 2001");
	lab_ip("route add 10.2.0.0/16 dev tun0 table 2001 metric 20 proto %d",
	       WGRD_RTPROT);
	expect_seen("");
	expect_dump("");
}

/* ---- changes ---- */

static void ipv4_changes_are_told_as_the_kernel_makes_them(void **state)
{
	(void)state;
	lab_ip("route add 10.1.0.0/16 via 10.99.0.2 " IN);
	lab_ip("route replace 10.1.0.0/16 via 10.99.0.3 " IN);
	lab_ip("route append 10.1.0.0/16 via 10.99.0.4 " IN);
	lab_ip("route prepend 10.1.0.0/16 via 10.99.0.5 " IN);
	expect_seen("added 10.1.0.0/16 " IN " via 10.99.0.2\n"
		    "replaced 10.1.0.0/16 " IN " via 10.99.0.3\n"
		    "appended 10.1.0.0/16 " IN " via 10.99.0.4\n"
		    "added 10.1.0.0/16 " IN " via 10.99.0.5\n");
	expect_dump("10.1.0.0/16 " IN " via 10.99.0.5\n"
		    "10.1.0.0/16 " IN " via 10.99.0.3\n"
		    "10.1.0.0/16 " IN " via 10.99.0.4\n");
	lab_ip("route del 10.1.0.0/16 via 10.99.0.3 table 2001");
	expect_seen("gone 10.1.0.0/16 " IN " via 10.99.0.3\n");
}

static void ipv6_next_hops_are_one_route(void **state)
{
	(void)state;
	lab_ip("-6 route add fd00:1::/48 via fd99::2 " IN);
	lab_ip("-6 route append fd00:1::/48 via fd99::3 " IN);
	lab_ip("-6 route append fd00:1::/48 via fd99::4 " IN);
	lab_ip("-6 route del fd00:1::/48 via fd99::3 table 2001");
	/* the new one comes first, which says nothing */
	expect_seen("added fd00:1::/48 " IN " via fd99::2\n"
		    "appended fd00:1::/48 " IN " via fd99::3 via fd99::2\n"
		    "appended fd00:1::/48 " IN " via fd99::4 via fd99::2 via fd99::3\n"
		    "gone fd00:1::/48 " IN " via fd99::3\n");
	expect_dump("fd00:1::/48 " IN " via fd99::2 via fd99::4\n");
	lab_ip("-6 route replace fd00:1::/48 via fd99::9 " IN);
	expect_seen("replaced fd00:1::/48 " IN " via fd99::9\n");
	lab_ip("-6 route del fd00:1::/48 table 2001");
	expect_seen("gone fd00:1::/48 " IN " via fd99::9\n");
}

static void a_next_hop_object_that_goes_is_told(void **state)
{
	(void)state;
	lab_ip("nexthop add id 12 via 10.99.0.2 dev tun0");
	lab_ip("route add 10.1.0.0/16 nhid 12 " IN);
	expect_seen("added 10.1.0.0/16 " IN " nhid 12 via 10.99.0.2\n");
	lab_ip("nexthop del id 12");
	expect_seen("nexthop 12 gone\n");
	expect_dump("");
}

static void too_many_announcements_are_noticed(void **state)
{
	struct kfeed *small;
	char why[200];

	(void)state;
	assert_int_equal(
		kfeed_open_limited(loop, 4096, &events, &small, why, sizeof(why)), 0);
	for (unsigned i = 0; i < 64; i++)
		lab_ip("route add 10.%u.0.0/16 via 10.99.0.2 " IN, i + 100);
	fake_loop_settle(loop);
	assert_non_null(strstr(strbuf_str(&seen), "lost\n"));
	strbuf_truncate(&seen, 0);
	lab_ip("route add 10.1.0.0/16 via 10.99.0.2 " IN);
	fake_loop_settle(loop);
	assert_non_null(strstr(strbuf_str(&seen), "added 10.1.0.0/16"));
	kfeed_close(small);
}

/* ---- messages that are not right ---- */

static bool parses(const void *bytes, size_t len)
{
	struct kforeign r;

	return len >= NLMSG_HDRLEN && kforeign_parse(bytes, &r);
}

/* A multipath route as the kernel writes it, cut short at every byte, with its lengths
 * corrected and not: it is refused or read, and nothing beyond it is looked at. */
static void a_message_cut_short_is_not_read_beyond(void **state)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWROUTE, 0);
	const struct rtmsg head = {.rtm_family = AF_INET,
				   .rtm_dst_len = 16,
				   .rtm_table = 9,
				   .rtm_protocol = RTPROT_BIRD,
				   .rtm_type = RTN_UNICAST};
	struct {
		struct rtnexthop nh;
		struct nlattr attr;
		uint8_t gate[4];
	} hops[2] = {
		{{.rtnh_len = 16, .rtnh_ifindex = 5}, {8, RTA_GATEWAY}, {10, 99, 0, 2}},
		{{.rtnh_len = 16, .rtnh_ifindex = 5}, {8, RTA_GATEWAY}, {10, 99, 0, 3}}};
	const uint8_t dst[] = {10, 1, 0, 0};
	const struct nlmsghdr *whole;

	(void)state;
	nlmsg_append(msg, (void *)&head, sizeof(head), NLMSG_ALIGNTO);
	nla_put(msg, RTA_DST, sizeof(dst), dst);
	nla_put(msg, RTA_MULTIPATH, sizeof(hops), hops);
	whole = nlmsg_hdr(msg);
	assert_true(parses(whole, whole->nlmsg_len));
	for (uint32_t len = NLMSG_HDRLEN; len < whole->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, whole, len);
		cut->nlmsg_len = len;
		(void)parses(cut, len);
		free(cut);
	}
	for (uint16_t nh_len = 0; nh_len < 40; nh_len++) {
		struct nlattr *multipath = nlmsg_find_attr((struct nlmsghdr *)whole,
							   sizeof(head), RTA_MULTIPATH);
		struct rtnexthop *first = nla_data(multipath);

		first->rtnh_len = nh_len;
		(void)parses(whole, whole->nlmsg_len);
		if (nh_len < sizeof(*first) || nh_len > 32)
			assert_false(parses(whole, whole->nlmsg_len));
	}
	nlmsg_free(msg);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_kind_of_next_hop_is_read),
		TEST(what_cannot_be_learned_says_why),
		TEST(our_own_routes_are_not_told),
		TEST(ipv4_changes_are_told_as_the_kernel_makes_them),
		TEST(ipv6_next_hops_are_one_route),
		TEST(a_next_hop_object_that_goes_is_told),
		TEST(too_many_announcements_are_noticed),
		TEST(a_message_cut_short_is_not_read_beyond),
	};

	if (!lab_enter())
		return LAB_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
