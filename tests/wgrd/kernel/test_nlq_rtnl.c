/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue against the kernel, in a namespace of its own with a veth pair:
 *
 *	va ------- vb	both up; ip(8) is the foreign hand and the witness
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
#include "wgrd/kernel/nlq_rtnl.h"
#include "wgrd/lib/loop.h"

enum {
	TABLE = 1000,
	MANY = 10000,
};

static struct loop *loop;
static struct nlq *q;
static uint32_t oif_a, oif_b;

/* ---- requests and their answers ---- */

static int answers[MANY];
static unsigned asked, answered;
static bool inside; /* an operation of the queue */

static void on_done(void *arg, int err)
{
	assert_false(inside);
	/* in the order asked, each once */
	assert_int_equal((uintptr_t)arg, answered);
	answers[answered++] = err;
	if (answered == asked)
		loop_stop(loop);
}

static void forget_answers(void)
{
	asked = answered = 0;
}

static void wait_for_answers(void)
{
	if (answered < asked && loop_run(loop))
		fail_msg("the loop failed");
	assert_int_equal(answered, asked);
}

/* Queue a request; its number comes back with the answer. */

static void set(const struct kroute *r)
{
	inside = true;
	q->ops->route_set(q, r, on_done, (void *)(uintptr_t)asked++);
	inside = false;
}

static void del(const struct kroute *r)
{
	inside = true;
	q->ops->route_del(q, r, on_done, (void *)(uintptr_t)asked++);
	inside = false;
}

static void add_rule(const struct krule *r)
{
	inside = true;
	q->ops->rule_add(q, r, on_done, (void *)(uintptr_t)asked++);
	inside = false;
}

static void del_rule(const struct krule *r)
{
	inside = true;
	q->ops->rule_del(q, r, on_done, (void *)(uintptr_t)asked++);
	inside = false;
}

/* One request, and its answer. */

static int set_now(const struct kroute *r)
{
	forget_answers();
	set(r);
	wait_for_answers();
	return answers[0];
}

static int del_now(const struct kroute *r)
{
	forget_answers();
	del(r);
	wait_for_answers();
	return answers[0];
}

static int add_rule_now(const struct krule *r)
{
	forget_answers();
	add_rule(r);
	wait_for_answers();
	return answers[0];
}

static int del_rule_now(const struct krule *r)
{
	forget_answers();
	del_rule(r);
	wait_for_answers();
	return answers[0];
}

static void expect_all_answers(int err)
{
	wait_for_answers();
	for (unsigned i = 0; i < answered; i++)
		if (answers[i] != err)
			fail_msg("request %u: expected %d, saw %d (%s)", i, err,
				 answers[i], strerror(-answers[i]));
}

/* ---- dumps ---- */

static struct kroute dumped[MANY + 1];
static struct krule dumped_rules[16];
static unsigned dumped_count;

static void on_dumped_route(void *arg, const struct kroute *r)
{
	(void)arg;
	if (dumped_count < ARRAY_SIZE(dumped))
		dumped[dumped_count] = *r;
	dumped_count++;
}

static void on_dumped_rule(void *arg, const struct krule *r)
{
	(void)arg;
	if (dumped_count < ARRAY_SIZE(dumped_rules))
		dumped_rules[dumped_count] = *r;
	dumped_count++;
}

static void dump_routes(void)
{
	dumped_count = 0;
	assert_int_equal(q->ops->dump_routes(q, on_dumped_route, NULL), 0);
}

static void dump_rules(void)
{
	dumped_count = 0;
	assert_int_equal(q->ops->dump_rules(q, on_dumped_rule, NULL), 0);
}

static void expect_dumped(const struct kroute *r, bool there)
{
	char text[KROUTE_STRLEN];
	bool seen = false;

	for (unsigned i = 0; i < dumped_count; i++)
		seen |= kroute_equal(&dumped[i], r);
	if (seen == there)
		return;
	for (unsigned i = 0; i < dumped_count; i++)
		print_message("dumped: %s\n", kroute_str(&dumped[i], text));
	fail_msg("expected %s%s", there ? "" : "no ", kroute_str(r, text));
}

static void expect_in_kernel(const struct kroute *r, bool there)
{
	dump_routes();
	expect_dumped(r, there);
}

/* ---- objects ---- */

static struct prefix prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s is no prefix", s);
	return p;
}

static struct ip_addr addr(const char *s)
{
	struct ip_addr a;

	if (ip_addr_parse(&a, s))
		fail_msg("%s is no address", s);
	return a;
}

static struct kroute route(const char *dst, uint32_t oif)
{
	return (struct kroute){
		.table = TABLE, .dst = prefix(dst), .metric = 20, .oif = oif};
}

static struct kroute numbered_route(unsigned i, uint32_t oif)
{
	struct kroute r = route(i % 2 ? "10.0.0.0/24" : "fd00::/64", oif);
	uint8_t *at = r.dst.addr.bytes + (i % 2 ? 1 : 6);

	at[0] = (uint8_t)(i >> 8);
	at[1] = (uint8_t)i;
	return r;
}

static void open_queue(void)
{
	char why[200] = "";

	if (nlq_open(loop, &q, why, sizeof(why)))
		fail_msg("%s", why);
}

static int set_up(void **state)
{
	(void)state;
	lab_ip("link add va type veth peer name vb");
	lab_ip("link set va up");
	lab_ip("link set vb up");
	lab_ip("address add 192.0.2.1/24 dev va");
	lab_ip("address add 2001:db8::1/64 dev va nodad");
	oif_a = lab_ifindex("va");
	oif_b = lab_ifindex("vb");
	loop = loop_new();
	open_queue();
	forget_answers();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lab_ip("link del va"); /* and the routes over it */
	dump_routes();
	forget_answers();
	for (unsigned i = 0; i < dumped_count; i++)
		del(&dumped[i]);
	expect_all_answers(0);
	nlq_close(q);
	loop_free(loop);
	return 0;
}

/* ---- many ---- */

static void ask_many(uint32_t oif, bool is_set)
{
	forget_answers();
	for (unsigned i = 0; i < MANY; i++) {
		struct kroute r = numbered_route(i, oif);

		if (is_set)
			set(&r);
		else
			del(&r);
	}
	expect_all_answers(0);
}

static void expect_many(uint32_t oif)
{
	bool *seen = xcalloc(MANY, sizeof(*seen));

	dump_routes();
	assert_int_equal(dumped_count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		const struct kroute *r = &dumped[i];
		bool v4 = r->dst.addr.family == AF_INET;
		const uint8_t *at = r->dst.addr.bytes + (v4 ? 1 : 6);
		unsigned number = (unsigned)at[0] << 8 | at[1];
		struct kroute want = numbered_route(number, oif);

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
	ask_many(oif_a, true);
	expect_many(oif_a);
	assert_int_equal(lab_ip_lines("-4 route show table %d proto 157", TABLE),
			 MANY / 2);
	assert_int_equal(lab_ip_lines("-6 route show table %d proto 157", TABLE),
			 MANY / 2);
	ask_many(oif_a, true); /* again, which changes nothing */
	expect_many(oif_a);
	ask_many(oif_b, true);
	expect_many(oif_b);
	ask_many(oif_b, false);
	dump_routes();
	assert_int_equal(dumped_count, 0);
	ask_many(oif_b, false); /* again, which is success too */
	nlq_view(q, &v);
	assert_int_equal(v.requests, 5 * MANY);
	assert_int_equal(v.acks, 5 * MANY);
	assert_int_equal(v.errors, 0);
	assert_int_equal(v.overruns, 0);
	assert_int_equal(v.in_flight, 0);
	assert_int_equal(v.queued, 0);
}

static void flushing_sends_no_more_than_the_window(void **state)
{
	struct nlq_view v;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		struct kroute r = numbered_route(i, oif_a);

		set(&r);
	}
	inside = true;
	q->ops->flush(q);
	q->ops->flush(q);
	inside = false;
	nlq_view(q, &v);
	assert_in_range(v.in_flight, 100, 1024);
	assert_int_equal(v.in_flight + v.queued, MANY);
	assert_int_equal(answered, 0);
	expect_all_answers(0);
}

static void a_queue_closed_in_the_middle_forgets_the_rest(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct kroute r = numbered_route(i, oif_a);

		set(&r);
	}
	q->ops->flush(q);
	nlq_close(q);
	assert_int_equal(answered, 0);
	open_queue();
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
		struct kroute r = route(cases[i].dst, oif_a);
		char text[KROUTE_STRLEN];
		int err;

		r.metric = cases[i].metric;
		if (cases[i].gate)
			r.gate = addr(cases[i].gate);
		if (cases[i].unreachable) {
			r.type = KROUTE_UNREACHABLE;
			r.oif = 0;
		}
		err = set_now(&r);
		if (err)
			fail_msg("%s: %s", kroute_str(&r, text), strerror(-err));
		expect_in_kernel(&r, true);
		/* the default of another metric must not fall for it */
		assert_int_equal(del_now(&r), 0);
		expect_in_kernel(&r, false);
		assert_int_equal(set_now(&r), 0);
	}
	dump_routes();
	assert_int_equal(dumped_count, ARRAY_SIZE(cases));
}

static void what_the_kernel_would_misread_is_refused(void **state)
{
	struct kroute r = route("10.0.0.0/8", oif_a), bad[] = {r, r, r, r, r, r, r, r};
	struct nlq_view v;

	(void)state;
	bad[0].metric = 0;
	bad[1].table = 0;
	bad[2].dst.addr = addr("10.0.0.1");
	bad[3].dst.len = 33;
	bad[4].oif = 0;
	bad[5].type = KROUTE_UNREACHABLE; /* and an interface */
	bad[6].dst.addr.family = 0;
	bad[7] = route("fd00::/16", oif_a);
	bad[7].gate = addr("192.0.2.9");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		set(&bad[i]);
	expect_all_answers(-EINVAL);
	nlq_view(q, &v);
	assert_int_equal(v.errors, ARRAY_SIZE(bad));
	assert_int_equal(v.acks, 0);
}

static void a_refusal_hits_only_its_own_request(void **state)
{
	struct kroute good = route("10.0.0.0/8", oif_a),
		      no_link = route("11.0.0.0/8", 9999);
	struct kroute invalid = route("12.0.0.0/8", 0);
	static const int expected[] = {0, -ENODEV, -EINVAL, 0, -ENODEV};

	(void)state;
	set(&good);
	set(&no_link);
	set(&invalid);
	del(&good);
	set(&no_link);
	wait_for_answers();
	assert_int_equal(answered, ARRAY_SIZE(expected));
	assert_memory_equal(answers, expected, sizeof(expected));
}

static void requests_for_one_route_take_effect_in_order(void **state)
{
	struct kroute over_a = route("10.0.0.0/8", oif_a),
		      over_b = route("10.0.0.0/8", oif_b);

	(void)state;
	set(&over_a);
	set(&over_b);
	expect_all_answers(0);
	expect_in_kernel(&over_b, true);
	assert_int_equal(dumped_count, 1);
	del(&over_b);
	set(&over_a);
	expect_all_answers(0);
	expect_in_kernel(&over_a, true);
	set(&over_b);
	del(&over_a); /* by key alone */
	expect_all_answers(0);
	dump_routes();
	assert_int_equal(dumped_count, 0);
}

static void a_route_changes_its_kind_in_place(void **state)
{
	static const char *const dst[] = {"0.0.0.0/0", "::/0"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dst); i++) {
		struct kroute over_a = route(dst[i], oif_a), none = over_a, via = over_a;

		none.type = KROUTE_UNREACHABLE;
		none.oif = 0;
		via.gate = addr(i ? "fe80::9" : "192.0.2.9");
		set(&over_a);
		set(&none);
		set(&via);
		expect_all_answers(0);
		expect_in_kernel(&via, true);
		assert_int_equal(dumped_count, i + 1);
		set(&over_a);
		expect_all_answers(0);
		expect_in_kernel(&over_a, true);
		assert_int_equal(dumped_count, i + 1);
	}
}

static void the_metric_keeps_routes_apart(void **state)
{
	static const char *const dst[] = {"10.0.0.0/8", "fd00::/8"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dst); i++) {
		struct kroute good = route(dst[i], oif_a), worse = route(dst[i], oif_b);

		worse.metric = 4000;
		set(&good);
		set(&worse);
		del(&good);
		expect_all_answers(0);
		expect_in_kernel(&worse, true);
		expect_dumped(&good, false);
		/* not there, and the other does not stand in for it */
		del(&good);
		expect_all_answers(0);
		expect_in_kernel(&worse, true);
	}
}

/* ---- other people's ---- */

static void routes_of_others_are_neither_replaced_nor_deleted(void **state)
{
	static const char *const dst[] = {"10.0.0.0/8", "fd00::/8"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dst); i++) {
		struct kroute r = route(dst[i], oif_b);
		const char *family = i ? "-6" : "-4";

		lab_ip("route add %s dev va table %d metric 20 proto 99", dst[i], TABLE);
		assert_int_equal(set_now(&r), -EEXIST);
		assert_int_equal(set_now(&r), -EEXIST);
		assert_int_equal(del_now(&r), 0);
		lab_expect_text("dev va", true, "%s route show table %d", family, TABLE);
		dump_routes();
		assert_int_equal(dumped_count, 0);
		/* beside them, with another metric */
		r.metric = 30;
		assert_int_equal(set_now(&r), 0);
		expect_in_kernel(&r, true);
		assert_int_equal(del_now(&r), 0);
		/* gone: now there is room */
		r.metric = 20;
		lab_ip("route del %s dev va table %d", dst[i], TABLE);
		assert_int_equal(set_now(&r), 0);
		assert_int_equal(del_now(&r), 0);
	}
}

static void what_an_earlier_run_left_is_ours_to_replace(void **state)
{
	struct kroute over_a = route("10.0.0.0/8", oif_a),
		      over_b = route("10.0.0.0/8", oif_b);

	(void)state;
	assert_int_equal(set_now(&over_a), 0);
	nlq_close(q);
	open_queue();
	assert_int_equal(set_now(&over_b), 0);
	expect_in_kernel(&over_b, true);
	assert_int_equal(dumped_count, 1);
}

static void a_route_somebody_gave_more_next_hops_equals_no_wish(void **state)
{
	struct kroute r = route("fd00::/8", oif_a);

	(void)state;
	r.gate = addr("2001:db8::9");
	assert_int_equal(set_now(&r), 0);
	lab_ip("-6 route append fd00::/8 via 2001:db8::8 dev va table %d metric 20 proto 157",
	       TABLE);
	dump_routes();
	assert_int_equal(dumped_count, 1);
	expect_dumped(&r, false);
	assert_int_equal(dumped[0].oif, 0);
	assert_int_equal(set_now(&r), 0);
	expect_in_kernel(&r, true);
}

static void routes_that_left_with_their_link_can_be_set_again(void **state)
{
	struct kroute v4 = route("10.0.0.0/8", oif_a), v6 = route("fd00::/8", oif_a);

	(void)state;
	set(&v4);
	set(&v6);
	expect_all_answers(0);
	lab_ip("link set va down");
	set(&v4);
	expect_in_kernel(&v4, false);
	expect_dumped(&v6, false);
	wait_for_answers();
	assert_int_equal(answers[2], -ENETDOWN);
	lab_ip("link set va up");
	set(&v4);
	set(&v6);
	wait_for_answers();
	assert_int_equal(answers[3], 0);
	assert_int_equal(answers[4], 0);
	expect_in_kernel(&v4, true);
	expect_dumped(&v6, true);
}

/* ---- rules ---- */

static const struct {
	sa_family_t family;
	const char *iif, *src;
	uint32_t fwmark;
} rule_cases[] = {
	{AF_INET, "va", NULL, 0},   {AF_INET, "", "10.0.0.0/8", 0},
	{AF_INET, "", NULL, 0x64},  {AF_INET, "notyethere", "192.0.2.1/32", 0xffffffff},
	{AF_INET6, "va", NULL, 0},  {AF_INET6, "", "fd00::/16", 0},
	{AF_INET6, "", NULL, 0x64}, {AF_INET6, "fifteen-letters", "::1/128", 1},
};

static struct krule rule_case(size_t i)
{
	struct krule r = {
		.family = rule_cases[i].family,
		.priority = 1000 + (uint32_t)i,
		.table = TABLE,
		.fwmark = rule_cases[i].fwmark,
	};

	strcpy(r.iif, rule_cases[i].iif);
	if (rule_cases[i].src)
		r.src = prefix(rule_cases[i].src);
	return r;
}

static void rules_come_are_dumped_and_go(void **state)
{
	(void)state;
	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < ARRAY_SIZE(rule_cases); i++) {
			struct krule r = rule_case(i);

			add_rule(&r);
		}
	expect_all_answers(0);
	dump_rules();
	assert_int_equal(dumped_count, ARRAY_SIZE(rule_cases));
	for (size_t i = 0; i < ARRAY_SIZE(rule_cases); i++) {
		struct krule r = rule_case(i);
		char expected[KRULE_STRLEN], saw[KRULE_STRLEN];

		assert_string_equal(krule_str(&dumped_rules[i], saw),
				    krule_str(&r, expected));
		assert_true(krule_equal(&dumped_rules[i], &r));
	}
	lab_expect_text("1001:\tfrom 10.0.0.0/8 lookup 1000 proto 157", true,
			"-4 rule show");
	lab_expect_text("1006:\tfrom all fwmark 0x64 lookup 1000 proto 157", true,
			"-6 rule show");
	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < ARRAY_SIZE(rule_cases); i++) {
			struct krule r = rule_case(i);

			del_rule(&r);
		}
	expect_all_answers(0);
	dump_rules();
	assert_int_equal(dumped_count, 0);
	assert_int_equal(lab_ip_lines("-4 rule show"), 3);
	assert_int_equal(lab_ip_lines("-6 rule show"), 2);
}

static void rules_of_others_stay(void **state)
{
	struct krule r = rule_case(1);

	(void)state;
	lab_ip("rule add priority 1001 from 10.0.0.0/8 table %d protocol 99", TABLE);
	lab_ip("rule add priority 1001 from 10.0.0.0/8 table %d", TABLE);
	assert_int_equal(del_rule_now(&r), 0);
	assert_int_equal(lab_ip_lines("-4 rule show priority 1001"), 2);
	assert_int_equal(add_rule_now(&r), 0);
	assert_int_equal(lab_ip_lines("-4 rule show priority 1001"), 3);
	dump_rules();
	assert_int_equal(dumped_count, 1);
	assert_int_equal(del_rule_now(&r), 0);
	assert_int_equal(lab_ip_lines("-4 rule show priority 1001"), 2);
	lab_expect_text("157", false, "-4 rule show priority 1001");
	lab_ip("rule del priority 1001");
	lab_ip("rule del priority 1001");
}

/* The kernel would delete the one for the other; see krule_hits(). */
static void rules_the_kernel_could_confuse_are_refused(void **state)
{
	struct krule wide = rule_case(0), narrow = wide, other = wide;

	(void)state;
	narrow.src = prefix("10.0.0.0/8");
	other.priority = 1;
	other.src = narrow.src;
	add_rule(&wide);
	add_rule(&narrow);
	add_rule(&other);
	del_rule(&wide);
	add_rule(&narrow);
	add_rule(&wide);
	wait_for_answers();
	assert_int_equal(answers[0], 0);
	assert_int_equal(answers[1], -ENOTUNIQ);
	assert_int_equal(answers[2], 0);
	assert_int_equal(answers[3], 0);
	assert_int_equal(answers[4], 0);
	assert_int_equal(answers[5], -ENOTUNIQ);
	dump_rules();
	assert_int_equal(dumped_count, 2);
	forget_answers();
	del_rule(&narrow);
	del_rule(&other);
	expect_all_answers(0);
	assert_int_equal(lab_ip_lines("-4 rule show"), 3);
}

static void a_rule_that_says_nothing_definite_is_refused(void **state)
{
	struct krule bad[] = {rule_case(0), rule_case(0), rule_case(0),
			      rule_case(1), rule_case(1), rule_case(0)};

	(void)state;
	bad[0].priority = 0;
	bad[1].table = 0;
	bad[2].family = AF_UNIX;
	bad[3].src = prefix("fd00::/8");
	bad[4].src = prefix("0.0.0.0/0");
	memset(bad[5].iif, 'x', sizeof(bad[5].iif));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		add_rule(&bad[i]);
	expect_all_answers(-EINVAL);
}

static void rules_that_say_more_than_ours_are_not_taken_for_ours(void **state)
{
	(void)state;
	lab_ip("rule add priority 1001 to 10.0.0.0/8 table %d protocol 157", TABLE);
	lab_ip("rule add priority 1002 not from 10.0.0.0/8 table %d protocol 157", TABLE);
	lab_ip("rule add priority 1003 fwmark 1/1 table %d protocol 157", TABLE);
	lab_ip("rule add priority 1004 ipproto udp table %d protocol 157", TABLE);
	lab_ip("rule add priority 1005 iif va prohibit protocol 157");
	dump_rules();
	assert_int_equal(dumped_count, 0);
	lab_ip("rule flush table %d", TABLE);
	lab_ip("rule del priority 1005");
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
	nlq_close(q);
	assert_int_equal(nlq_open_limited(loop, &tiny, &q, why, sizeof(why)), 0);
	for (unsigned i = 0; i < 400; i++) {
		struct kroute r = numbered_route(i, oif_a);

		set(&r);
	}
	wait_for_answers();
	for (unsigned i = 0; i < 400; i++) {
		ok += answers[i] == 0;
		lost += answers[i] == -ENOBUFS;
	}
	print_message("%u answers came, %u were lost\n", ok, lost);
	nlq_view(q, &v);
	assert_int_equal(ok + lost, 400);
	assert_true(ok > 0 && lost > 0 && v.overruns > 0);
	assert_int_equal(v.errors, lost);
	dump_routes();
	assert_int_equal(dumped_count, 400); /* the kernel had carried all of them out */
	/* what it does not know to be installed is still known to be ours */
	for (unsigned i = 0; i < 400; i++) {
		struct kroute r = numbered_route(i, oif_b);
		int err;

		do
			err = set_now(&r);
		while (err == -ENOBUFS);
		assert_int_equal(err, 0);
		expect_in_kernel(&r, true);
	}
}

static void the_window_shrinks_to_the_room_there_is(void **state)
{
	const struct nlq_limits small = {
		.window = 512, .rcvbuf_bytes = 10000, .answer_bytes = 2048};
	struct nlq_view v;
	char why[200];

	(void)state;
	nlq_close(q);
	assert_int_equal(nlq_open_limited(loop, &small, &q, why, sizeof(why)), 0);
	for (unsigned i = 0; i < 400; i++) {
		struct kroute r = numbered_route(i, oif_a);

		set(&r);
	}
	expect_all_answers(0);
	nlq_view(q, &v);
	assert_int_equal(v.overruns, 0);
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		KERNEL_TEST(routes_of_others_are_neither_replaced_nor_deleted),
		KERNEL_TEST(what_an_earlier_run_left_is_ours_to_replace),
		KERNEL_TEST(a_route_somebody_gave_more_next_hops_equals_no_wish),
		KERNEL_TEST(routes_that_left_with_their_link_can_be_set_again),
		KERNEL_TEST(rules_come_are_dumped_and_go),
		KERNEL_TEST(rules_of_others_stay),
		KERNEL_TEST(rules_the_kernel_could_confuse_are_refused),
		KERNEL_TEST(a_rule_that_says_nothing_definite_is_refused),
		KERNEL_TEST(rules_that_say_more_than_ours_are_not_taken_for_ours),
		KERNEL_TEST(lost_answers_are_reported_and_nothing_is_confused_after),
		KERNEL_TEST(the_window_shrinks_to_the_room_there_is),
	};

	if (!lab_enter())
		return LAB_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
