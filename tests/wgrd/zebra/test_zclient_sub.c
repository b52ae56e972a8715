/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/zebra/zclient_test.h"

#include "proto/zapi/zapi_route.h"

static void routes_reach_the_rib_with_what_zebra_said(void **state)
{
	const struct rib_route *r;
	struct ip_addr gate = prefix("10.99.0.7").addr, gate6 = prefix("fe80::7").addr;

	(void)state;
	fake_zebra_route(zebra, 0, "192.168.7.0/24", "10.99.0.7", 3, 700);
	fake_zebra_route(zebra, 0, "2001:db8:7::/48", "fe80::7", 3, 0);
	fake_zebra_route(zebra, 0, "192.168.8.0/24", "10.255.0.8", 0, 0);
	be_up();
	r = learned(0, "192.168.7.0/24");
	assert_non_null(r);
	assert_int_equal(r->source, RIB_FROM_ZEBRA);
	assert_int_equal(r->proto, RIB_PROTO_BGP);
	assert_int_equal(r->distance, 200);
	assert_int_equal(r->tag, 700);
	assert_int_equal(r->nh_count, 1);
	assert_true(ip_addr_equal(&r->nh[0].gate, &gate));
	assert_int_equal(r->nh[0].ifindex, 3);
	assert_int_equal(r->nh[0].weight, 1);
	r = learned(0, "2001:db8:7::/48");
	assert_true(ip_addr_equal(&r->nh[0].gate, &gate6));
	assert_int_equal(learned(0, "192.168.8.0/24")->nh[0].ifindex, 0);
	assert_int_equal(view().routes_added, 3);
	assert_int_equal(view().malformed, 0);
}

static void changes_follow_at_once(void **state)
{
	(void)state;
	be_up();
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 1);
	run();
	assert_int_equal(learned(0, "10.1.0.0/16")->tag, 1);
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.8", 3, 2);
	run();
	assert_int_equal(learned(0, "10.1.0.0/16")->tag, 2);
	fake_zebra_route_gone(zebra, 0, "10.1.0.0/16");
	run();
	assert_null(learned(0, "10.1.0.0/16"));
	assert_int_equal(view().routes_deleted, 1);
	assert_state(ZCLIENT_UP);
}

static void stale_routes_leave_after_zebra_returns(void **state)
{
	(void)state;
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 1);
	fake_zebra_route(zebra, 0, "10.2.0.0/16", "10.99.0.7", 3, 2);
	fake_zebra_route(zebra, 0, "10.3.0.0/16", "10.99.0.7", 3, 3);
	be_up();
	fake_zebra_drop_clients(zebra);
	fake_zebra_route_gone(zebra, 0, "10.2.0.0/16");
	fake_zebra_route(zebra, 0, "10.3.0.0/16", "10.99.0.7", 3, 33);
	wait_s(1);
	assert_state(ZCLIENT_SYNCING);
	assert_non_null(learned(0, "10.1.0.0/16"));
	assert_non_null(learned(0, "10.2.0.0/16")); /* not yet */
	assert_int_equal(learned(0, "10.3.0.0/16")->tag, 33);
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_non_null(learned(0, "10.1.0.0/16"));
	assert_null(learned(0, "10.2.0.0/16"));
}

/* bgpd needs a while after a restart: as long as routes keep coming nothing leaves. */
static void every_route_puts_the_end_of_syncing_off(void **state)
{
	char text[32];

	(void)state;
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 1);
	be_up();
	fake_zebra_drop_clients(zebra);
	fake_zebra_route_gone(zebra, 0, "10.1.0.0/16");
	wait_s(1);
	for (unsigned i = 0; i < 10; i++) {
		wait_s(SETTLE_S - 1);
		snprintf(text, sizeof(text), "10.%u.0.0/16", 100 + i);
		fake_zebra_route(zebra, 0, text, "10.99.0.7", 3, 1);
		run();
		assert_state(ZCLIENT_SYNCING);
		assert_non_null(learned(0, "10.1.0.0/16"));
	}
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_null(learned(0, "10.1.0.0/16"));
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 10);
}

static void a_session_lost_while_syncing_has_confirmed_nothing(void **state)
{
	(void)state;
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 1);
	be_up();
	for (int i = 0; i < 3; i++) {
		fake_zebra_drop_clients(zebra);
		wait_s(2);
		assert_non_null(learned(0, "10.1.0.0/16"));
	}
	wait_s(20);
	assert_state(ZCLIENT_UP);
	assert_non_null(learned(0, "10.1.0.0/16"));
}

static void both_families_of_a_protocol_are_subscribed_to(void **state)
{
	static const struct {
		enum rib_proto rib;
		enum zapi_proto v4, v6;
	} cases[] = {
		{RIB_PROTO_BGP, ZAPI_PROTO_BGP, ZAPI_PROTO_BGP},
		{RIB_PROTO_OSPF, ZAPI_PROTO_OSPF, ZAPI_PROTO_OSPF6},
		{RIB_PROTO_RIP, ZAPI_PROTO_RIP, ZAPI_PROTO_RIPNG},
		{RIB_PROTO_STATIC, ZAPI_PROTO_STATIC, ZAPI_PROTO_STATIC},
		{RIB_PROTO_BABEL, ZAPI_PROTO_BABEL, ZAPI_PROTO_BABEL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		configure(cases[i].rib);
		assert_true(fake_zebra_subscribed(zebra, 0, AF_INET, cases[i].v4));
		assert_true(fake_zebra_subscribed(zebra, 0, AF_INET6, cases[i].v6));
	}
}

static void a_protocol_zebra_does_not_have_is_not_subscribed_to(void **state)
{
	(void)state;
	configure(RIB_PROTO_COUNT);
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
	/* but own prefixes are watched */
	assert_true(fake_zebra_subscribed(zebra, 0, AF_INET6, ZAPI_PROTO_TABLE));
	assert_int_equal(fake_zebra_received(zebra, ZAPI_REDISTRIBUTE_ADD), 2);
}

static void every_vrf_is_named_and_subscribed_to(void **state)
{
	uint32_t id = 0;

	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_route(zebra, 4, "10.0.0.0/8", "10.99.0.7", 3, 4);
	be_up();
	assert_int_equal(rib_vrf_find(rib, "red", &id), 0);
	assert_int_equal(id, 4);
	assert_int_equal(learned(4, "10.0.0.0/8")->tag, 4);
	assert_null(learned(0, "10.0.0.0/8"));
	fake_zebra_vrf(zebra, 5, "blue"); /* comes later */
	fake_zebra_route(zebra, 5, "10.0.0.0/8", "10.99.0.7", 3, 5);
	run();
	assert_int_equal(learned(5, "10.0.0.0/8")->tag, 5);
	assert_true(fake_zebra_subscribed(zebra, 5, AF_INET6, ZAPI_PROTO_BGP));
	assert_true(fake_zebra_subscribed(zebra, 5, AF_INET6, ZAPI_PROTO_TABLE));
	fake_zebra_vrf_gone(zebra, 4);
	run();
	assert_int_not_equal(rib_vrf_find(rib, "red", &id), 0);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
	assert_string_equal(rib_vrf_name(rib, 0), "default");
}

static void a_vrf_is_subscribed_to_once_a_session(void **state)
{
	unsigned before;

	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	be_up();
	before = fake_zebra_received(zebra, ZAPI_REDISTRIBUTE_ADD);
	assert_int_equal(before, 8); /* two families of two protocols in two VRFs */
	fake_zebra_vrf_gone(zebra, 99);
	fake_zebra_vrf(zebra, 4, "red"); /* zebra repeats itself when a VRF changes */
	run();
	assert_int_equal(fake_zebra_received(zebra, ZAPI_REDISTRIBUTE_ADD), before);
}

/* zebra -n gives out ids in the order it finds namespaces. */
static void vrfs_may_change_their_ids_while_zebra_is_away(void **state)
{
	uint32_t id;

	(void)state;
	fake_zebra_vrf(zebra, 1, "red");
	fake_zebra_vrf(zebra, 2, "blue");
	fake_zebra_route(zebra, 1, "10.0.0.0/8", "10.99.0.7", 3, 1);
	fake_zebra_route(zebra, 2, "10.0.0.0/8", "10.99.0.7", 3, 2);
	be_up();
	fake_zebra_drop_clients(zebra);
	fake_zebra_vrf_gone(zebra, 1);
	fake_zebra_vrf_gone(zebra, 2);
	fake_zebra_vrf(zebra, 1, "blue");
	fake_zebra_vrf(zebra, 2, "red");
	fake_zebra_vrf(zebra, 3, "green");
	fake_zebra_route(zebra, 1, "10.0.0.0/8", "10.99.0.7", 3, 2);
	fake_zebra_route(zebra, 2, "10.0.0.0/8", "10.99.0.7", 3, 1);
	wait_s(1);
	assert_int_equal(rib_vrf_find(rib, "red", &id), 0);
	assert_int_equal(id, 2);
	assert_int_equal(learned(2, "10.0.0.0/8")->tag, 1);
	wait_s(SETTLE_S);
	assert_int_equal(learned(1, "10.0.0.0/8")->tag, 2);
	assert_int_equal(learned(2, "10.0.0.0/8")->tag, 1);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 2);
}

static void a_vrf_that_did_not_come_back_leaves_with_its_routes(void **state)
{
	uint32_t id;

	(void)state;
	fake_zebra_vrf(zebra, 1, "red");
	fake_zebra_vrf(zebra, 2, "blue");
	fake_zebra_route(zebra, 1, "10.0.0.0/8", "10.99.0.7", 3, 1);
	fake_zebra_route(zebra, 2, "10.0.0.0/8", "10.99.0.7", 3, 2);
	be_up();
	fake_zebra_drop_clients(zebra);
	fake_zebra_vrf_gone(zebra, 1);
	fake_zebra_vrf_gone(zebra, 2);
	fake_zebra_vrf(zebra, 1, "blue"); /* with the id of the other */
	wait_s(1 + SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_int_not_equal(rib_vrf_find(rib, "red", &id), 0);
	assert_int_equal(rib_vrf_find(rib, "blue", &id), 0);
	assert_int_equal(id, 1);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
}

/* What the fake cannot say by itself: a route message written by hand. */
static struct zapi_route by_hand;

static void say(void)
{
	static uint8_t buf[ZAPI_MESSAGE_MAX];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	by_hand.proto = ZAPI_PROTO_BGP;
	by_hand.safi = by_hand.safi ?: ZAPI_SAFI_UNICAST;
	zapi_encode_route(&w, zebra_dialect(), ZAPI_REDISTRIBUTE_ROUTE_ADD, 0, &by_hand);
	assert_false(w.err);
	fake_zebra_send_raw(zebra, buf, (size_t)(w.pos - buf));
	run();
}

static void blackholes_are_left_out_of_the_next_hops(void **state)
{
	const struct rib_route *r;

	(void)state;
	be_up();
	memset(&by_hand, 0, sizeof(by_hand));
	by_hand.prefix = prefix("10.0.0.0/8");
	by_hand.fields = ZAPI_ROUTE_NEXTHOP;
	by_hand.nexthop_count = 2;
	by_hand.nexthop[0].type = ZAPI_NEXTHOP_BLACKHOLE;
	by_hand.nexthop[1].type = ZAPI_NEXTHOP_IFINDEX;
	by_hand.nexthop[1].ifindex = 5;
	by_hand.nexthop[1].weight = 100000;
	say();
	r = learned(0, "10.0.0.0/8");
	assert_int_equal(r->nh_count, 1);
	assert_int_equal(r->nh[0].ifindex, 5);
	assert_int_equal(r->nh[0].gate.family, 0);
	assert_int_equal(r->nh[0].weight, UINT16_MAX);
	by_hand.nexthop_count = 1;
	say();
	assert_int_equal(learned(0, "10.0.0.0/8")->nh_count, 0);
}

static void more_next_hops_than_fit_are_cut_off(void **state)
{
	(void)state;
	be_up();
	memset(&by_hand, 0, sizeof(by_hand));
	by_hand.prefix = prefix("10.0.0.0/8");
	by_hand.fields = ZAPI_ROUTE_NEXTHOP;
	by_hand.nexthop_count = 200;
	for (unsigned i = 0; i < 200; i++) {
		by_hand.nexthop[i].type = ZAPI_NEXTHOP_IFINDEX;
		by_hand.nexthop[i].ifindex = i + 1;
	}
	say();
	assert_int_equal(learned(0, "10.0.0.0/8")->nh_count, RIB_NEXTHOP_MAX);
	assert_int_equal(learned(0, "10.0.0.0/8")->nh[63].ifindex, 64);
}

static void what_is_no_unicast_destination_route_is_ignored(void **state)
{
	uint64_t ignored;

	(void)state;
	be_up();
	ignored = view().ignored;
	memset(&by_hand, 0, sizeof(by_hand));
	by_hand.prefix = prefix("2001:db8::/32");
	by_hand.src = prefix("2001:db8:7::/48");
	by_hand.fields = ZAPI_ROUTE_SRC;
	say();
	by_hand.fields = 0;
	by_hand.safi = 2;
	say();
	assert_int_equal(view().ignored, ignored + 2);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
}

/* Behind zebra -n, interface 5 of another VRF is not our interface 5. */
static void a_next_hop_of_another_namespace_goes_by_its_address(void **state)
{
	struct fake_zebra_options opt = options_for(release);

	(void)state;
	for (int netns = 0; netns < 2; netns++) {
		opt.vrf_netns = netns;
		begin_with(&opt);
		be_up();
		memset(&by_hand, 0, sizeof(by_hand));
		by_hand.prefix = prefix("10.0.0.0/8");
		by_hand.fields = ZAPI_ROUTE_NEXTHOP;
		by_hand.nexthop_count = 1;
		by_hand.nexthop[0].vrf = 2;
		by_hand.nexthop[0].type = ZAPI_NEXTHOP_IPV4_IFINDEX;
		by_hand.nexthop[0].gate = prefix("10.99.0.7").addr;
		by_hand.nexthop[0].ifindex = 5;
		say();
		assert_int_equal(learned(0, "10.0.0.0/8")->nh[0].ifindex, netns ? 0 : 5);
		end(NULL);
	}
}

static void refusals_of_zebra_are_counted(void **state)
{
	(void)state;
	be_up();
	fake_zebra_send(zebra, ZAPI_ERROR, 9, "\1\0\0\0", 4);
	run();
	assert_state(ZCLIENT_UP);
	assert_int_equal(view().errors, 1);
}

#define WITH_ZEBRA(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ZEBRA(routes_reach_the_rib_with_what_zebra_said),
		WITH_ZEBRA(changes_follow_at_once),
		WITH_ZEBRA(stale_routes_leave_after_zebra_returns),
		WITH_ZEBRA(every_route_puts_the_end_of_syncing_off),
		WITH_ZEBRA(a_session_lost_while_syncing_has_confirmed_nothing),
		WITH_ZEBRA(both_families_of_a_protocol_are_subscribed_to),
		WITH_ZEBRA(a_protocol_zebra_does_not_have_is_not_subscribed_to),
		WITH_ZEBRA(every_vrf_is_named_and_subscribed_to),
		WITH_ZEBRA(a_vrf_is_subscribed_to_once_a_session),
		WITH_ZEBRA(vrfs_may_change_their_ids_while_zebra_is_away),
		WITH_ZEBRA(a_vrf_that_did_not_come_back_leaves_with_its_routes),
		WITH_ZEBRA(blackholes_are_left_out_of_the_next_hops),
		WITH_ZEBRA(more_next_hops_than_fit_are_cut_off),
		WITH_ZEBRA(what_is_no_unicast_destination_route_is_ignored),
		cmocka_unit_test(a_next_hop_of_another_namespace_goes_by_its_address),
		WITH_ZEBRA(refusals_of_zebra_are_counted),
	};

	return RUN_IN_EVERY_DIALECT(tests);
}
