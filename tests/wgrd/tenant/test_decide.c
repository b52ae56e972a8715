/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/tenant/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct prefix prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s does not parse", s);
	return p;
}

/* Prefixes separated by spaces. */
static struct conf_prefixes list(struct prefix v[8], const char *text)
{
	struct conf_prefixes l = {.v = v};
	char copy[256], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strtok_r(rest, " ", &rest)))
		v[l.count++] = prefix(word);
	return l;
}

static struct decide_nexthop hop(enum decide_hop kind, const char *gate)
{
	struct decide_nexthop h = {
		.kind = kind,
		.device = "wg0",
		.peer = "spoke2",
		.why = "is shut down",
		.vrf = "blue",
		.tag = 300,
	};

	if (*gate && ip_addr_parse(&h.gate, gate))
		fail_msg("%s does not parse", gate);
	return h;
}

static void check(const struct decide_question *q, enum decide_verdict v, const char *say)
{
	char buf[256];
	enum decide_verdict got = decide(q);

	decide_explain(q, got, buf, sizeof(buf));
	if (got != v || strcmp(buf, say))
		fail_msg("expected %s: %s\n     seen %s: %s", decide_verdict_name(v), say,
			 decide_verdict_name(got), buf);
}

static void supernets_permit_what_they_contain(void **state)
{
	static const struct {
		const char *supernets, *prefix;
		enum decide_verdict v;
	} cases[] = {
		{"", "10.0.0.0/8", DECIDE_ACCEPT},
		{"", "10.1.2.3/32", DECIDE_ACCEPT},
		{"", "2001:db8::/32", DECIDE_ACCEPT},
		{"", "0.0.0.0/1", DECIDE_ACCEPT},
		{"", "0.0.0.0/0", DECIDE_DEFAULT_ROUTE},
		{"", "::/0", DECIDE_DEFAULT_ROUTE},
		{"10.0.0.0/8", "10.0.0.0/8", DECIDE_ACCEPT},
		{"10.0.0.0/8", "10.255.0.0/16", DECIDE_ACCEPT},
		{"10.0.0.0/8", "10.0.0.0/7", DECIDE_OUTSIDE_SUPERNET},
		{"10.0.0.0/8", "11.0.0.0/8", DECIDE_OUTSIDE_SUPERNET},
		{"10.0.0.0/8", "0.0.0.0/0", DECIDE_DEFAULT_ROUTE},
		{"10.0.0.0/8 192.168.0.0/16", "192.168.9.0/24", DECIDE_ACCEPT},
		/* once there is a list, it speaks for both families */
		{"10.0.0.0/8", "2001:db8::/32", DECIDE_OUTSIDE_SUPERNET},
		{"fd00::/8", "10.0.0.0/8", DECIDE_OUTSIDE_SUPERNET},
		{"fd00::/8", "fd00:1::/48", DECIDE_ACCEPT},
		/* a default route permits itself, and as a supernet everything */
		{"0.0.0.0/0", "0.0.0.0/0", DECIDE_ACCEPT},
		{"0.0.0.0/0", "198.51.100.0/24", DECIDE_ACCEPT},
		{"0.0.0.0/0", "::/0", DECIDE_DEFAULT_ROUTE},
		{"::/0", "::/0", DECIDE_ACCEPT},
		{"::/0", "0.0.0.0/0", DECIDE_DEFAULT_ROUTE},
		{"0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0", DECIDE_DEFAULT_ROUTE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct prefix v[8], p = prefix(cases[i].prefix);
		struct conf_prefixes l = list(v, cases[i].supernets);
		enum decide_verdict got = decide_supernet(&l, &p);

		if (got != cases[i].v)
			fail_msg("%s under \"%s\": expected %s, seen %s", cases[i].prefix,
				 cases[i].supernets, decide_verdict_name(cases[i].v),
				 decide_verdict_name(got));
	}
}

static void no_policy_permits_all_but_a_default_route(void **state)
{
	struct prefix p = prefix("10.0.0.0/8"), d = prefix("::/0");

	(void)state;
	assert_int_equal(decide_supernet(NULL, &p), DECIDE_ACCEPT);
	assert_int_equal(decide_supernet(NULL, &d), DECIDE_DEFAULT_ROUTE);
}

static void the_next_hop_is_asked_about_first(void **state)
{
	static const struct {
		enum decide_hop kind;
		const char *gate;
		enum decide_verdict v;
		const char *say;
	} cases[] = {
		{HOP_PEER, "10.99.0.2", DECIDE_ACCEPT,
		 "next hop 10.99.0.2 is peer spoke2 of wg0"},
		{HOP_PEER, "fe80::2", DECIDE_ACCEPT,
		 "next hop fe80::2 is peer spoke2 of wg0"},
		{HOP_UNUSABLE, "10.99.0.2", DECIDE_PEER_UNUSABLE,
		 "peer spoke2 of wg0 is shut down"},
		{HOP_NO_PEER, "10.99.0.9", DECIDE_NO_PEER,
		 "next hop 10.99.0.9 on wg0 is no peer's overlay address"},
		{HOP_NO_PEER, "", DECIDE_NO_PEER,
		 "the next hop, an interface without an address, is wg0 and says no peer"},
		{HOP_OWN, "10.99.0.1", DECIDE_OWN,
		 "next hop 10.99.0.1 is this router's own address on wg0"},
		{HOP_NOT_OURS, "192.0.2.1", DECIDE_NOT_OURS,
		 "next hop 192.0.2.1 lies on no WireGuard interface"},
		{HOP_OTHER_TAG, "10.99.0.2", DECIDE_NOT_OURS,
		 "next hop 10.99.0.2 lies on wg0, whose tenant red does not learn routes "
		 "with tag 300"},
		{HOP_OTHER_VRF, "10.99.0.2", DECIDE_NOT_OURS,
		 "next hop 10.99.0.2 lies on wg0, whose tenant learns from VRF blue"},
		{HOP_NO_MEMORY, "10.99.0.2", DECIDE_NO_MEMORY,
		 "there was no memory for it, it is tried again"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct decide_question q = {
			.prefix = prefix("192.168.9.0/24"),
			.nexthop = hop(cases[i].kind, cases[i].gate),
			.tenant = "red",
		};

		check(&q, cases[i].v, cases[i].say);
	}
}

static void policy_is_asked_in_a_fixed_order(void **state)
{
	struct prefix v[8];
	struct conf_prefixes supernet = list(v, "10.0.0.0/8");
	struct decide_question q = {
		.prefix = prefix("192.168.9.0/24"),
		.nexthop = hop(HOP_PEER, "10.99.0.2"),
		.tenant = "red",
		.supernet = &supernet,
		.advertised = true,
		.local = "an allowed-ip of peer b on wg0",
		.full_peer = "spoke2",
		.peer.max = 10,
		.tenant_full = true,
		.of_tenant.max = 20,
	};

	(void)state;
	check(&q, DECIDE_OWN,
	      "192.168.9.0/24 is advertised by this router for tenant red");
	q.advertised = false;
	check(&q, DECIDE_COVERED_LOCALLY,
	      "192.168.9.0/24 is an allowed-ip of peer b on wg0, which comes before what is "
	      "learned");
	q.local = NULL;
	check(&q, DECIDE_OUTSIDE_SUPERNET,
	      "192.168.9.0/24 from peer spoke2 is outside the supernets of tenant red "
	      "(10.0.0.0/8)");
	q.supernet = NULL;
	check(&q, DECIDE_PEER_LIMIT,
	      "192.168.9.0/24 is one more than the 10 prefixes that peer spoke2 may have");
	q.full_peer = NULL;
	check(&q, DECIDE_TENANT_LIMIT,
	      "192.168.9.0/24 is one more than the 20 prefixes of tenant red");
	q.tenant_full = false;
	check(&q, DECIDE_ACCEPT, "next hop 10.99.0.2 is peer spoke2 of wg0");
}

static void an_own_prefix_is_known_by_any_next_hop_on_our_interfaces(void **state)
{
	static const struct {
		enum decide_hop kind;
		enum decide_verdict v;
	} cases[] = {
		{HOP_PEER, DECIDE_OWN},          {HOP_UNUSABLE, DECIDE_OWN},
		{HOP_NO_PEER, DECIDE_OWN},       {HOP_OWN, DECIDE_OWN},
		{HOP_NOT_OURS, DECIDE_NOT_OURS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct decide_question q = {
			.prefix = prefix("192.168.9.0/24"),
			.nexthop = hop(cases[i].kind, "10.99.0.2"),
			.tenant = "red",
			.advertised = true,
		};

		assert_int_equal(decide(&q), cases[i].v);
	}
}

static void a_default_route_is_told_what_it_needs(void **state)
{
	struct decide_question q = {
		.prefix = prefix("0.0.0.0/0"),
		.nexthop = hop(HOP_PEER, "10.99.0.2"),
		.tenant = "red",
	};

	(void)state;
	check(&q, DECIDE_DEFAULT_ROUTE,
	      "0.0.0.0/0 from peer spoke2 needs itself in the supernets of tenant red");
	q.tenant = "";
	check(&q, DECIDE_DEFAULT_ROUTE,
	      "0.0.0.0/0 from peer spoke2 needs a tenant that has it as a supernet");
}

static void a_peer_behind_which_the_next_hop_lies_is_named(void **state)
{
	struct decide_question q = {
		.prefix = prefix("10.3.0.0/24"),
		.nexthop = hop(HOP_PEER, "10.99.0.3"),
		.tenant = "",
	};

	(void)state;
	q.nexthop.peer = "hub";
	q.nexthop.behind = true;
	check(&q, DECIDE_ACCEPT, "next hop 10.99.0.3 lies behind peer hub of wg0");
	q.nexthop.backup = "hub2";
	check(&q, DECIDE_ACCEPT,
	      "next hop 10.99.0.3 lies behind peer hub of wg0, for which peer hub2 stands in");
}

static void long_lists_of_supernets_are_cut(void **state)
{
	struct prefix v[8];
	struct conf_prefixes supernet =
		list(v, "10.0.0.0/8 172.16.0.0/12 fd00::/8 192.0.2.0/24 198.51.100.0/24");
	struct decide_question q = {
		.prefix = prefix("11.0.0.0/8"),
		.nexthop = hop(HOP_PEER, "10.99.0.2"),
		.tenant = "red",
		.supernet = &supernet,
	};

	(void)state;
	check(&q, DECIDE_OUTSIDE_SUPERNET,
	      "11.0.0.0/8 from peer spoke2 is outside the supernets of tenant red "
	      "(10.0.0.0/8, 172.16.0.0/12, fd00::/8 and 2 more)");
}

static void a_sentence_never_passes_its_buffer(void **state)
{
	struct decide_question q = {
		.prefix = prefix("2001:db8:ffff:ffff:ffff:ffff:ffff:ff00/120"),
		.nexthop = hop(HOP_PEER, "10.99.0.2"),
		.tenant = "a-tenant-with-quite-a-long-name",
	};
	char whole[256], cut[256];

	(void)state;
	decide_explain(&q, DECIDE_OUTSIDE_SUPERNET, whole, sizeof(whole));
	for (size_t len = 1; len <= strlen(whole) + 1; len++) {
		memset(cut, '#', sizeof(cut));
		decide_explain(&q, DECIDE_OUTSIDE_SUPERNET, cut, len);
		assert_int_equal(strlen(cut), len - 1);
		assert_memory_equal(cut, whole, len - 1);
		assert_int_equal(cut[len], '#');
	}
}

static void each_verdict_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (unsigned v = 0; v < DECIDE_VERDICT_COUNT; v++) {
		assert_non_null(decide_verdict_name(v));
		for (unsigned other = 0; other < v; other++)
			assert_string_not_equal(decide_verdict_name(v),
						decide_verdict_name(other));
	}
	assert_string_equal(decide_verdict_name(DECIDE_VERDICT_COUNT), "?");
}

static void a_prefix_list_is_named_with_its_entry(void **state)
{
	struct conf_prefix_rule rule[] = {
		{.seq = 20, .action = CONF_ACTION_DENY, .prefix = prefix("10.9.0.0/16")},
		{.seq = 30,
		 .action = CONF_ACTION_PERMIT,
		 .prefix = prefix("10.0.0.0/8"),
		 .le = 24},
	};
	struct conf_prefix_list spokes = {
		.name = "spokes", .rule = rule, .rule_count = ARRAY_SIZE(rule)};
	const struct decide_filter of_tenant = {"spokes", &spokes, NULL},
				   of_peer = {"spokes", &spokes, "spoke2"},
				   absent = {"typo", NULL, NULL}, none = {"", NULL, NULL};
	const struct {
		const char *prefix;
		const struct decide_filter *filter;
		const char *say; /* NULL: it passes */
	} cases[] = {
		{"10.8.0.0/16", &of_tenant, NULL},
		{"10.9.0.0/16", &none, NULL},
		{"10.9.0.0/16", &of_tenant,
		 "10.9.0.0/16 from peer spoke2 is refused by prefix-list spokes seq 20 "
		 "of tenant red"},
		{"10.9.0.0/16", &of_peer,
		 "10.9.0.0/16 from peer spoke2 is refused by prefix-list spokes seq 20 "
		 "of peer spoke2"},
		{"11.0.0.0/8", &of_peer,
		 "11.0.0.0/8 from peer spoke2 is refused by prefix-list spokes of peer "
		 "spoke2, no entry of which matches"},
		{"11.0.0.0/8", &absent,
		 "11.0.0.0/8 from peer spoke2 is refused by prefix-list typo of tenant "
		 "red, which has no entries"},
	};

	(void)state;
	conf_prefix_list_index(&spokes);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct decide_question q = {
			.prefix = prefix(cases[i].prefix),
			.nexthop = hop(HOP_PEER, "10.99.0.2"),
			.tenant = "red",
			.full_peer = "spoke2", /* a limit is asked about afterwards */
		};

		assert_int_equal(decide_filter_permits(cases[i].filter, &q.prefix),
				 cases[i].say == NULL);
		q.filter = cases[i].filter;
		if (cases[i].say)
			check(&q, DECIDE_PREFIX_LIST, cases[i].say);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_list_is_named_with_its_entry),
		cmocka_unit_test(supernets_permit_what_they_contain),
		cmocka_unit_test(no_policy_permits_all_but_a_default_route),
		cmocka_unit_test(the_next_hop_is_asked_about_first),
		cmocka_unit_test(policy_is_asked_in_a_fixed_order),
		cmocka_unit_test(
			an_own_prefix_is_known_by_any_next_hop_on_our_interfaces),
		cmocka_unit_test(a_default_route_is_told_what_it_needs),
		cmocka_unit_test(a_peer_behind_which_the_next_hop_lies_is_named),
		cmocka_unit_test(long_lists_of_supernets_are_cut),
		cmocka_unit_test(a_sentence_never_passes_its_buffer),
		cmocka_unit_test(each_verdict_has_a_word_of_its_own),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
