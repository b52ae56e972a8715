/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes and rules as messages: what is written is read back, and no bytes are too strange. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/rng.h"
#include "wgrd/kernel/kaddr.h"
#include "wgrd/kernel/kroute.h"
#include "wgrd/kernel/krule.h"

static const struct {
	const char *dst, *gate, *text;
	uint32_t table, metric, oif;
	enum kroute_type type;
} routes[] = {
	{"10.0.0.0/8", NULL, "10.0.0.0/8 table 100 metric 20 oif 3", 100, 20, 3,
	 KROUTE_UNICAST},
	{"0.0.0.0/0", NULL, "unreachable 0.0.0.0/0 table 255 metric 4294967295", 255,
	 UINT32_MAX, 0, KROUTE_UNREACHABLE},
	{"10.1.1.1/32", "192.0.2.1",
	 "10.1.1.1/32 table 4294967295 metric 1 via 192.0.2.1 oif 3", UINT32_MAX, 1, 3,
	 KROUTE_UNICAST},
	{"10.1.1.1/32", "fe80::1",
	 "10.1.1.1/32 table 256 metric 1 via fe80::1 oif 4294967295", 256, 1, UINT32_MAX,
	 KROUTE_UNICAST},
	{"::/0", NULL, "unreachable ::/0 table 1000 metric 4294967295", 1000, UINT32_MAX,
	 0, KROUTE_UNREACHABLE},
	{"fd00::/8", "fe80::1", "fd00::/8 table 1000 metric 20 via fe80::1 oif 3", 1000,
	 20, 3, KROUTE_UNICAST},
};

static struct kroute route(size_t i)
{
	struct kroute r = {.table = routes[i].table,
			   .metric = routes[i].metric,
			   .oif = routes[i].oif,
			   .type = routes[i].type};

	assert_int_equal(prefix_parse(&r.dst, routes[i].dst), 0);
	if (routes[i].gate)
		assert_int_equal(ip_addr_parse(&r.gate, routes[i].gate), 0);
	return r;
}

static const struct {
	sa_family_t family;
	const char *iif, *src, *text;
	uint32_t fwmark;
} rules[] = {
	{AF_INET, "wg0", NULL, "IPv4 1000: iif wg0 lookup 100", 0},
	{AF_INET6, "", "fd00::/8", "IPv6 1000: from fd00::/8 lookup 100", 0},
	{AF_INET, "", NULL, "IPv4 1000: fwmark 0x64 lookup 100", 0x64},
	{AF_INET, "fifteen-letters", "10.0.0.0/8",
	 "IPv4 1000: from 10.0.0.0/8 iif fifteen-letters fwmark 0xffffffff lookup 100",
	 UINT32_MAX},
};

static struct krule rule(size_t i)
{
	struct krule r = {.family = rules[i].family,
			  .priority = 1000,
			  .table = 100,
			  .fwmark = rules[i].fwmark};

	strcpy(r.iif, rules[i].iif);
	if (rules[i].src)
		assert_int_equal(prefix_parse(&r.src, rules[i].src), 0);
	return r;
}

static void routes_survive_a_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		struct kroute r = route(i), back;
		char text[KROUTE_STRLEN];
		struct nl_msg *msg;

		assert_string_equal(kroute_str(&r, text), routes[i].text);
		assert_int_equal(kroute_set_message(&r, true, &msg), 0);
		assert_true(kroute_parse(nlmsg_hdr(msg), r.dst.addr.family, &back));
		assert_string_equal(kroute_str(&back, text), routes[i].text);
		assert_true(kroute_equal(&r, &back));
		nlmsg_free(msg);
	}
}

static void rules_survive_a_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct krule r = rule(i), back;
		char text[KRULE_STRLEN];
		struct nl_msg *msg;

		assert_string_equal(krule_str(&r, text), rules[i].text);
		assert_int_equal(krule_add_message(&r, &msg), 0);
		assert_true(krule_parse(nlmsg_hdr(msg), r.family, &back));
		assert_string_equal(krule_str(&back, text), rules[i].text);
		assert_true(krule_equal(&r, &back));
		nlmsg_free(msg);
	}
}

static void a_delete_names_the_key_and_the_owner_only(void **state)
{
	struct kroute r = route(2), back;
	struct nl_msg *msg;
	struct rtmsg *head;

	(void)state;
	assert_int_equal(kroute_del_message(&r, &msg), 0);
	head = nlmsg_data(nlmsg_hdr(msg));
	assert_int_equal(head->rtm_protocol, WGRD_RTPROT);
	assert_int_equal(head->rtm_type, RTN_UNSPEC);
	assert_int_equal(head->rtm_scope, RT_SCOPE_NOWHERE);
	assert_null(nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*head), RTA_OIF));
	assert_null(nlmsg_find_attr(nlmsg_hdr(msg), sizeof(*head), RTA_GATEWAY));
	assert_true(kroute_parse(nlmsg_hdr(msg), AF_INET, &back));
	assert_int_equal(back.table, r.table);
	assert_int_equal(back.metric, r.metric);
	assert_true(prefix_equal(&back.dst, &r.dst));
	nlmsg_free(msg);
}

static void others_and_other_families_are_not_ours(void **state)
{
	struct kroute r = route(0), back;
	struct krule rule_back, ours = rule(0);
	struct nl_msg *msg;
	struct nlattr *protocol;
	struct rtmsg *head;

	(void)state;
	assert_int_equal(kroute_set_message(&r, true, &msg), 0);
	assert_false(kroute_parse(nlmsg_hdr(msg), AF_INET6, &back));
	assert_false(krule_parse(nlmsg_hdr(msg), AF_INET, &rule_back));
	head = nlmsg_data(nlmsg_hdr(msg));
	head->rtm_flags = RTM_F_CLONED; /* a cached exception */
	assert_false(kroute_parse(nlmsg_hdr(msg), AF_INET, &back));
	head->rtm_flags = 0;
	head->rtm_protocol = 99;
	assert_false(kroute_parse(nlmsg_hdr(msg), AF_INET, &back));
	nlmsg_free(msg);

	assert_int_equal(krule_add_message(&ours, &msg), 0);
	assert_false(krule_parse(nlmsg_hdr(msg), AF_INET6, &rule_back));
	protocol = nlmsg_find_attr(nlmsg_hdr(msg), 12, FRA_PROTOCOL);
	*(uint8_t *)nla_data(protocol) = 99;
	assert_false(krule_parse(nlmsg_hdr(msg), AF_INET, &rule_back));
	nlmsg_free(msg);
}

static void what_a_request_hits_depends_on_what_it_names(void **state)
{
	static const struct {
		const char *asked_iif, *asked_src, *there_iif, *there_src;
		uint32_t asked_mark, there_mark;
		bool hits;
	} cases[] = {
		{"a", "", "a", "", 0, 0, true},
		{"a", "", "b", "", 0, 0, false},
		{"a", "", "", "", 0, 0, false},
		{"", "", "a", "10.0.0.0/8", 5, 5, true},
		{"", "", "a", "10.0.0.0/8", 0, 5, true},
		{"", "", "", "", 5, 0, false},
		{"", "10.0.0.0/8", "a", "10.0.0.0/8", 0, 0, true},
		{"", "10.0.0.0/8", "", "10.0.0.0/9", 0, 0, false},
		{"", "10.0.0.0/8", "", "", 0, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct krule asked = {.family = AF_INET, .priority = 1, .table = 2},
			     there = asked;

		strcpy(asked.iif, cases[i].asked_iif);
		strcpy(there.iif, cases[i].there_iif);
		if (*cases[i].asked_src)
			assert_int_equal(prefix_parse(&asked.src, cases[i].asked_src), 0);
		if (*cases[i].there_src)
			assert_int_equal(prefix_parse(&there.src, cases[i].there_src), 0);
		asked.fwmark = cases[i].asked_mark;
		there.fwmark = cases[i].there_mark;
		if (krule_hits(&asked, &there) != cases[i].hits)
			fail_msg("case %zu: expected %d", i, cases[i].hits);
		there.priority = 9;
		assert_false(krule_hits(&asked, &there));
		there.priority = 1;
		there.table = 9;
		assert_false(krule_hits(&asked, &there));
	}
}

/* ---- strange bytes ---- */

static void parse_all(const struct nlmsghdr *h)
{
	struct klink_address a;
	struct kroute r;
	struct krule u;
	uint32_t ifindex;

	for (int family = AF_INET; family <= AF_INET6; family += AF_INET6 - AF_INET) {
		/* what comes out can be printed, whatever it is */
		char text[KROUTE_STRLEN];

		if (kroute_parse(h, (sa_family_t)family, &r))
			assert_true(strlen(kroute_str(&r, text)) < sizeof(text) - 1);
		if (krule_parse(h, (sa_family_t)family, &u))
			assert_true(strlen(krule_str(&u, text)) < sizeof(text) - 1);
	}
	(void)kaddr_parse(h, &ifindex, &a);
}

/* Each length in memory of just that size, so that ASan sees a read beyond; then random
 * bytes in it. */
static void maul(struct nl_msg *msg)
{
	const struct nlmsghdr *whole = nlmsg_hdr(msg);

	for (uint32_t len = NLMSG_HDRLEN; len <= whole->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);

		memcpy(cut, whole, len);
		cut->nlmsg_len = len;
		parse_all(cut);
		for (int i = 0; i < 200 && len > NLMSG_HDRLEN; i++) {
			uint32_t at = NLMSG_HDRLEN + rng_below(len - NLMSG_HDRLEN);

			((uint8_t *)cut)[at] = (uint8_t)rng_below(256);
			parse_all(cut);
		}
		free(cut);
	}
	nlmsg_free(msg);
}

static void no_bytes_lead_astray(void **state)
{
	struct klink_address a = {.len = 24};
	struct nl_msg *msg;

	(void)state;
	rng_seed();
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		struct kroute r = route(i);

		assert_int_equal(kroute_set_message(&r, true, &msg), 0);
		maul(msg);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct krule r = rule(i);

		assert_int_equal(krule_add_message(&r, &msg), 0);
		maul(msg);
	}
	assert_int_equal(ip_addr_parse(&a.addr, "10.99.0.1"), 0);
	assert_int_equal(kaddr_add_message(3, &a, &msg), 0);
	maul(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_survive_a_round_trip),
		cmocka_unit_test(rules_survive_a_round_trip),
		cmocka_unit_test(a_delete_names_the_key_and_the_owner_only),
		cmocka_unit_test(others_and_other_families_are_not_ours),
		cmocka_unit_test(what_a_request_hits_depends_on_what_it_names),
		cmocka_unit_test(no_bytes_lead_astray),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
