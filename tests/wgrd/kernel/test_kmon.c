/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor against the kernel, in a namespace of its own, with ip(8) as the foreign hand
 * and the queue for what is ours. The loop is the fake one over real sockets: all but news
 * of carriers is there as soon as ip(8) has returned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/fake_loop.h"
#include "tests/wgrd/kernel/lab.h"
#include "wgrd/kernel/kmon_limits.h"
#include "wgrd/lib/strbuf.h"

enum {
	TABLE = 1000,
};

static struct loop *loop;
static struct kmon *mon;
static struct nlq *q;
static struct strbuf seen;

/* ---- what is reported, as text ---- */

static void print_link(struct strbuf *text, const struct kmon_link *l)
{
	char a[IP_ADDR_STRLEN];

	strbuf_printf(text, "%s%s%s mtu %u", l->name, l->admin_up ? " up" : " down",
		      l->up ? " running" : "", l->mtu);
	for (size_t i = 0; i < l->address_count; i++)
		strbuf_printf(text, " %s/%u", ip_addr_str(&l->address[i].addr, a),
			      l->address[i].len);
}

static void on_link(void *arg, const struct kmon_link *l, bool gone)
{
	(void)arg;
	print_link(&seen, l);
	strbuf_puts(&seen, l->ipv4_lost ? " last IPv4\n" : gone ? " gone\n" : "\n");
}

static void on_route_gone(void *arg, const struct kroute *r)
{
	char name[KROUTE_STRLEN];

	(void)arg;
	strbuf_printf(&seen, "gone: %s\n", kroute_str(r, name));
}

static void on_rule_gone(void *arg, const struct krule *r)
{
	char name[KRULE_STRLEN];

	(void)arg;
	strbuf_printf(&seen, "gone: %s\n", krule_str(r, name));
}

static void on_route_taken(void *arg, const struct kroute *r)
{
	char prefix[PREFIX_STRLEN];

	(void)arg;
	strbuf_printf(&seen, "taken: %s table %u metric %u\n",
		      prefix_str(&r->dst, prefix), r->table, r->metric);
}

static void on_resync(void *arg)
{
	(void)arg;
	strbuf_puts(&seen, "resync\n");
}

static const struct kmon_events events = {
	.link = on_link,
	.route_gone = on_route_gone,
	.route_taken = on_route_taken,
	.rule_gone = on_rule_gone,
	.resync = on_resync,
};

static void forget(void)
{
	fake_loop_settle(loop);
	strbuf_truncate(&seen, 0);
}

static void expect_seen(const char *expected)
{
	fake_loop_settle(loop);
	assert_string_equal(strbuf_str(&seen), expected);
	strbuf_truncate(&seen, 0);
}

static void expect_seen_word(const char *word, bool there)
{
	fake_loop_settle(loop);
	if (!strstr(strbuf_str(&seen), word) == there)
		fail_msg("expected %s\"%s\", saw:\n%s", there ? "" : "no ", word,
			 strbuf_str(&seen));
}

/*
 * Whether a link has a carrier is announced by a kernel thread when it gets to it. Waits until
 * @word is among what was seen.
 */
static void wait_for(const char *word)
{
	for (int tries = 0; tries < 1000; tries++) {
		fake_loop_settle(loop);
		if (strstr(strbuf_str(&seen), word))
			return;
		poll(NULL, 0, 5);
	}
	fail_msg("waited 5 s for \"%s\", saw:\n%s", word, strbuf_str(&seen));
}

static int set_up(void **state)
{
	char why[200] = "";

	(void)state;
	loop = loop_new();
	if (kmon_open(loop, &events, &mon, why, sizeof(why)) ||
	    nlq_open(loop, &q, why, sizeof(why)))
		fail_msg("%s", why);
	forget();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	nlq_close(q);
	kmon_close(mon);
	loop_free(loop);
	strbuf_free(&seen);
	return 0;
}

/* ---- links ---- */

static bool print_one(const struct kmon_link *l, void *arg)
{
	print_link(arg, l);
	strbuf_puts(arg, "\n");
	return true;
}

static bool stop_at_once(const struct kmon_link *l, void *arg)
{
	(void)l;
	++*(unsigned *)arg;
	return false;
}

static void links_that_were_there_are_known_at_once(void **state)
{
	struct strbuf walked = {0};
	struct kmon *other;
	unsigned calls = 0;
	char why[200];

	(void)state;
	lab_ip("link add va type veth peer name vb");
	lab_ip("address add 10.99.0.1/24 dev va");
	lab_ip("address add fd99::1/64 dev va nodad");
	lab_ip("link set va mtu 1400");
	forget();
	assert_int_equal(kmon_open(loop, &events, &other, why, sizeof(why)), 0);
	expect_seen_word("lo up running mtu 65536 127.0.0.1/8 ::1/128\n", true);
	expect_seen_word("va down mtu 1400 10.99.0.1/24 fd99::1/64\n", true);
	expect_seen_word("vb down mtu 1500\n", true);
	kmon_walk(other, print_one, &walked);
	assert_string_equal(strbuf_str(&walked), strbuf_str(&seen));
	kmon_walk(other, stop_at_once, &calls);
	assert_int_equal(calls, 1);
	assert_ptr_equal(kmon_find(other, "va"),
			 kmon_find_index(other, lab_ifindex("va")));
	assert_null(kmon_find(other, "nosuch"));
	assert_null(kmon_find_index(other, 9999));
	kmon_close(other);
	strbuf_free(&walked);
	lab_ip("link del va");
}

static void every_visible_change_of_a_link_is_reported(void **state)
{
	(void)state;
	lab_ip("link add va type veth peer name vb");
	expect_seen_word("va down mtu 1500\n", true);
	forget();
	lab_ip("address add 10.99.0.1/24 dev va");
	expect_seen("va down mtu 1500 10.99.0.1/24\n");
	lab_ip("address add 10.99.0.1/32 dev va");
	expect_seen("va down mtu 1500 10.99.0.1/24 10.99.0.1/32\n");
	lab_ip("address del 10.99.0.1/24 dev va");
	expect_seen("va down mtu 1500 10.99.0.1/32\n");
	lab_ip("address flush dev va");
	expect_seen("va down mtu 1500 last IPv4\n");
	lab_ip("link set va mtu 1400");
	expect_seen("va down mtu 1400\n");
	lab_ip("link set va name vc");
	expect_seen("vc down mtu 1400\n");
	assert_null(kmon_find(mon, "va"));
	assert_non_null(kmon_find(mon, "vc"));
	lab_ip("link set vc alias nothing-we-show");
	lab_ip("link set vc txqueuelen 77");
	expect_seen("");
	lab_ip("link del vc");
	expect_seen_word("vc down mtu 1400 gone\n", true);
	expect_seen_word("vb down mtu 1500 gone\n", true);
	assert_null(kmon_find(mon, "vc"));
}

/* Both words were seen, and in this order. */
static void expect_order(const char *first, const char *then)
{
	const char *at = strstr(strbuf_str(&seen), first);

	if (!at || !strstr(at, then))
		fail_msg("expected \"%s\", then \"%s\", saw:\n%s", first, then,
			 strbuf_str(&seen));
	strbuf_truncate(&seen, 0);
}

/* What the fib lives on: see the head of kmon.h. */
static void down_and_up_in_quick_succession_are_two_reports(void **state)
{
	int fd = lab_open_tun("tun0");

	(void)state;
	lab_ip("link set tun0 up");
	wait_for("tun0 up running mtu 1500\n");
	forget();
	lab_ip("link set tun0 down");
	lab_ip("link set tun0 up");
	wait_for("tun0 up running mtu 1500\n");
	expect_order("tun0 down mtu 1500\n", "tun0 up running mtu 1500\n");
	close(fd); /* the carrier */
	wait_for("tun0 up mtu 1500\n");
	forget();
	/* nothing runs, but routes could have been there */
	lab_ip("link set tun0 down");
	lab_ip("link set tun0 up");
	fake_loop_settle(loop);
	expect_order("tun0 down mtu 1500\n", "tun0 up mtu 1500\n");
	lab_ip("link del tun0");
	expect_seen_word("gone\n", true);
}

static void a_bridge_letting_go_of_a_port_does_not_take_the_link(void **state)
{
	(void)state;
	lab_ip("link add va type veth peer name vb");
	if (system("ip link add br0 type bridge 2>/dev/null") != 0) {
		print_message("skipped: this kernel has no bridges\n");
		lab_ip("link del va");
		skip();
	}
	lab_ip("link set va master br0");
	lab_ip("link set va nomaster");
	expect_seen_word("va down mtu 1500 gone\n", false);
	assert_non_null(kmon_find(mon, "va"));
	lab_ip("link del br0");
	lab_ip("link del va");
}

/* ---- routes and rules ---- */

static struct kroute route(const char *dst)
{
	struct kroute r = {.table = TABLE, .metric = 20, .oif = lab_ifindex("va")};

	assert_int_equal(prefix_parse(&r.dst, dst), 0);
	return r;
}

static void on_done(void *arg, int err)
{
	(void)arg;
	assert_int_equal(err, 0);
}

static void set(const char *dst)
{
	struct kroute r = route(dst);

	q->ops->route_set(q, &r, on_done, NULL);
	forget();
}

/* Without link-local addresses: the kernel makes and announces those when it gets to it. */
static void make_links(void)
{
	lab_ip("link add va type veth peer name vb");
	lab_ip("link set va addrgenmode none");
	lab_ip("link set vb addrgenmode none");
	lab_ip("link set va up");
	lab_ip("link set vb up");
	wait_for("va up running");
	wait_for("vb up running");
	forget();
}

static void a_route_deleted_by_a_foreign_hand_is_reported(void **state)
{
	char expected[100];

	(void)state;
	make_links();
	set("10.0.0.0/8");
	set("fd00::/8");
	lab_ip("route del 10.0.0.0/8 table %d", TABLE);
	snprintf(expected, sizeof(expected),
		 "gone: 10.0.0.0/8 table 1000 metric 20 oif %u\n", lab_ifindex("va"));
	expect_seen(expected);
	lab_ip("-6 route del fd00::/8 table %d", TABLE);
	snprintf(expected, sizeof(expected),
		 "gone: fd00::/8 table 1000 metric 20 oif %u\n", lab_ifindex("va"));
	expect_seen(expected);
	lab_ip("link del va");
}

static void a_route_replaced_by_a_foreign_hand_is_reported(void **state)
{
	(void)state;
	make_links();
	set("10.0.0.0/8");
	set("fd00::/8");
	lab_ip("route replace 10.0.0.0/8 dev vb table %d metric 20 proto static", TABLE);
	expect_seen("taken: 10.0.0.0/8 table 1000 metric 20\n");
	lab_ip("-6 route replace fd00::/8 dev vb table %d metric 20 proto static", TABLE);
	expect_seen("taken: fd00::/8 table 1000 metric 20\n");
	/* and the queue takes it back */
	set("10.0.0.0/8");
	set("fd00::/8");
	lab_expect_text("proto 157", true, "route show table %d", TABLE);
	lab_expect_text("proto 157", true, "-6 route show table %d", TABLE);
	/* beside ours, and where nothing is ours */
	lab_ip("route replace 10.0.0.0/8 dev vb table %d metric 30", TABLE);
	lab_ip("route add 10.1.0.0/16 dev va metric 30 proto 11");
	lab_ip("route replace 10.1.0.0/16 dev vb metric 30 proto 11");
	expect_seen("");
	lab_ip("link del va");
}

/* The main table is others': only what can be in the place of ours is told. */
static void a_route_of_ours_in_the_main_table_is_watched(void **state)
{
	const char shared[] = "metric 2516582400";

	(void)state;
	make_links();
	lab_ip("route add 10.0.0.0/8 dev va %s proto 157", shared);
	lab_ip("-6 route add fd00::/8 dev va %s proto 157", shared);
	lab_ip("route add 10.0.0.0/8 dev va metric 30 proto 11");
	expect_seen("");
	lab_ip("route replace 10.0.0.0/8 dev vb metric 30 proto 11");
	lab_ip("route replace 10.1.0.0/16 dev vb proto 11"); /* metric 0 is not told */
	lab_ip("-6 route replace fd00::/8 dev vb metric 30 proto 11");
	expect_seen("");
	lab_ip("route replace 10.0.0.0/8 dev vb %s proto 11", shared);
	expect_seen("taken: 10.0.0.0/8 table 254 metric 2516582400\n");
	lab_ip("-6 route replace fd00::/8 dev vb %s proto 11", shared);
	expect_seen("taken: fd00::/8 table 254 metric 2516582400\n");
	lab_ip("route add 10.2.0.0/16 dev vb %s proto 157", shared);
	lab_ip("route del 10.2.0.0/16 dev vb %s", shared);
	{
		char expected[100];

		snprintf(expected, sizeof(expected),
			 "gone: 10.2.0.0/16 table 254 metric 2516582400 oif %u\n",
			 lab_ifindex("vb"));
		expect_seen(expected);
	}
	lab_ip("link del va");
}

static void our_own_deletions_are_reported_and_replacing_is_none(void **state)
{
	struct kroute r;

	(void)state;
	make_links();
	set("10.0.0.0/8");
	r = route("10.0.0.0/8");
	r.oif = lab_ifindex("vb");
	q->ops->route_set(q, &r, on_done, NULL);
	r = route("fd00::/8");
	q->ops->route_set(q, &r, on_done, NULL);
	r.oif = lab_ifindex("vb");
	q->ops->route_set(q, &r, on_done, NULL);
	expect_seen("");
	q->ops->route_del(q, &r, on_done, NULL);
	expect_seen_word("gone: fd00::/8 table 1000 metric 20", true);
	lab_ip("link del va");
}

static void what_others_do_with_theirs_is_not_reported(void **state)
{
	(void)state;
	make_links();
	lab_ip("route add 10.0.0.0/8 dev va table %d proto 99", TABLE);
	lab_ip("route del 10.0.0.0/8 dev va table %d proto 99", TABLE);
	lab_ip("-6 route add fd00::/8 dev va proto 11");
	lab_ip("-6 route del fd00::/8 dev va proto 11");
	lab_ip("rule add priority 1000 iif va table %d protocol 99", TABLE);
	lab_ip("rule del priority 1000 iif va table %d protocol 99", TABLE);
	expect_seen("");
	lab_ip("link del va");
}

/* They are dropped before they take room: one tenth of these would overrun the buffer. */
static void a_flood_of_other_peoples_routes_costs_nothing(void **state)
{
	struct kmon *tiny;
	char why[200];

	(void)state;
	make_links();
	assert_int_equal(kmon_open_limited(loop, 1, &events, &tiny, why, sizeof(why)), 0);
	kmon_close(mon);
	mon = tiny;
	forget();
	for (int i = 0; i < 30; i++) {
		lab_ip("route add 10.%d.0.0/16 dev va proto 11", i);
		lab_ip("-6 route add fd00:%d::/32 dev va proto 11", i);
	}
	lab_ip("route flush proto 11");
	expect_seen("");
	assert_int_equal(kmon_overruns(mon), 0);
	lab_ip("link del va");
}

static void a_rule_deleted_by_a_foreign_hand_is_reported(void **state)
{
	struct krule r = {
		.family = AF_INET6, .priority = 1000, .table = TABLE, .iif = "va"};

	(void)state;
	q->ops->rule_add(q, &r, on_done, NULL);
	r.family = AF_INET;
	q->ops->rule_add(q, &r, on_done, NULL);
	forget();
	lab_ip("-6 rule del priority 1000");
	expect_seen("gone: IPv6 1000: iif va lookup 1000\n");
	lab_ip("rule del priority 1000");
	expect_seen("gone: IPv4 1000: iif va lookup 1000\n");
}

/* If this ever changes, kmon.h has to be written anew. */
static void ipv4_routes_leave_with_their_link_without_a_word(void **state)
{
	(void)state;
	make_links();
	set("10.0.0.0/8");
	set("fd00::/8");
	lab_ip("link set va down");
	expect_seen_word("va down", true);
	expect_seen_word("gone: fd00::/8", true);
	expect_seen_word("gone: 10.0.0.0/8", false);
	assert_int_equal(lab_ip_lines("route show table all proto 157"), 0);
	lab_ip("link set va up");
	wait_for("va up running");
	assert_int_equal(lab_ip_lines("route show table all proto 157"), 0);
	lab_ip("link del va");
}

/* The same of the last IPv4 address. */
static void ipv4_routes_leave_with_the_last_address_without_a_word(void **state)
{
	(void)state;
	make_links();
	lab_ip("address add 10.9.0.1/24 dev va");
	lab_ip("address add 10.9.1.1/24 dev va");
	set("10.0.0.0/8");
	lab_ip("address del 10.9.0.1/24 dev va");
	expect_seen("va up running mtu 1500 10.9.1.1/24\n");
	assert_int_equal(lab_ip_lines("route show table all proto 157"), 1);
	lab_ip("address del 10.9.1.1/24 dev va");
	expect_seen("va up running mtu 1500 last IPv4\n");
	assert_int_equal(lab_ip_lines("route show table all proto 157"), 0);
	set("10.0.0.0/8"); /* it may be had at once */
	assert_int_equal(lab_ip_lines("route show table all proto 157"), 1);
	lab_ip("link del va");
}

/* ---- lost announcements ---- */

static void what_was_missed_is_found_by_asking(void **state)
{
	struct kmon *tiny;
	char why[200];

	(void)state;
	make_links();
	lab_ip("link add vgone type veth peer name vgone2");
	assert_int_equal(kmon_open_limited(loop, 1, &events, &tiny, why, sizeof(why)), 0);
	kmon_close(mon);
	mon = tiny;
	forget();
	for (int i = 0; i < 40; i++)
		lab_ip("address add 10.99.%d.1/24 dev va", i);
	lab_ip("link del vgone");
	lab_ip("link set vb down");
	lab_ip("link add vnew type veth peer name vnew2");
	fake_loop_settle(loop);
	assert_true(kmon_overruns(mon) > 0);
	expect_seen_word("resync\n", true);
	expect_seen_word("vgone down mtu 1500 gone\n", true);
	expect_seen_word("vnew down mtu 1500\n", true);
	assert_int_equal(kmon_find(mon, "va")->address_count, 40);
	assert_false(kmon_find(mon, "vb")->admin_up);
	/* and life goes on; what became of va's carrier could overrun so small a buffer again */
	wait_for("va up mtu 1500 10.99.0.1/24");
	forget();
	lab_ip("link set vnew mtu 1300");
	expect_seen("vnew down mtu 1300\n");
	lab_ip("link del va");
	forget();
	lab_ip("link del vnew");
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* What is seen depends on what the test does, not on how long it takes. */
static int set_up_all(void **state)
{
	(void)state;
	lab_no_link_local();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(links_that_were_there_are_known_at_once),
		KERNEL_TEST(every_visible_change_of_a_link_is_reported),
		KERNEL_TEST(down_and_up_in_quick_succession_are_two_reports),
		KERNEL_TEST(a_bridge_letting_go_of_a_port_does_not_take_the_link),
		KERNEL_TEST(a_route_deleted_by_a_foreign_hand_is_reported),
		KERNEL_TEST(a_route_replaced_by_a_foreign_hand_is_reported),
		KERNEL_TEST(a_route_of_ours_in_the_main_table_is_watched),
		KERNEL_TEST(our_own_deletions_are_reported_and_replacing_is_none),
		KERNEL_TEST(what_others_do_with_theirs_is_not_reported),
		KERNEL_TEST(a_flood_of_other_peoples_routes_costs_nothing),
		KERNEL_TEST(a_rule_deleted_by_a_foreign_hand_is_reported),
		KERNEL_TEST(ipv4_routes_leave_with_their_link_without_a_word),
		KERNEL_TEST(ipv4_routes_leave_with_the_last_address_without_a_word),
		KERNEL_TEST(what_was_missed_is_found_by_asking),
	};

	if (!lab_enter())
		return LAB_SKIPPED;
	return cmocka_run_group_tests(tests, set_up_all, NULL);
}
