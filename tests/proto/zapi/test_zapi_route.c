/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/zapi/zapi_test.h"

#include "proto/zapi/zapi_route.h"

static uint8_t buf[ZAPI_MESSAGE_MAX];
static struct zapi_route in, out;

static int decode(const char *release, const char *body)
{
	struct bytes b = hex(body);
	uint8_t *copy =
		malloc(b.len ? b.len : 1); /* of exact size, for ASan to see beyond */
	struct wbuf w = wbuf_reader(copy, b.len);
	int err;

	assert_non_null(copy);
	memcpy(copy, b.b, b.len);
	err = zapi_decode_route(&w, zapi_dialect_by_release(release), &out);
	free(copy);
	return err;
}

/* The example of frr-facts: an iBGP route with tag 700, as 8.4.4 redistributes it. */
#define IBGP_ROUTE                                         \
	"09 0000 0000000d 0000001f 01 02 18 c0a807 0001 |" \
	"00000000 02 04 0a630007 00000003 00000001 | c8 00000000 000002bc 00000000"

static void a_bgp_route_of_frr_8_4_is_read(void **state)
{
	struct prefix expect = prefix_of("192.168.7.0/24");
	struct ip_addr gate = addr_of("10.99.0.7");

	(void)state;
	assert_int_equal(decode("8.4.4", IBGP_ROUTE), 0);
	assert_int_equal(out.proto, ZAPI_PROTO_BGP);
	assert_int_equal(out.flags, ZAPI_ROUTE_ALLOW_RECURSION | ZAPI_ROUTE_IBGP |
					    ZAPI_ROUTE_SELECTED);
	assert_true(prefix_equal(&out.prefix, &expect));
	assert_int_equal(out.safi, ZAPI_SAFI_UNICAST);
	assert_int_equal(out.distance, 200);
	assert_int_equal(out.metric, 0);
	assert_int_equal(out.tag, 700);
	assert_int_equal(out.nexthop_count, 1);
	assert_int_equal(out.nexthop[0].type, ZAPI_NEXTHOP_IPV4);
	assert_true(ip_addr_equal(&out.nexthop[0].gate, &gate));
	assert_int_equal(out.nexthop[0].ifindex, 3);
	assert_int_equal(out.nexthop[0].weight, 1);
}

static void it_is_written_as_it_was_read(void **state)
{
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	assert_int_equal(decode("8.4.4", IBGP_ROUTE), 0);
	zapi_encode_route(&w, zapi_dialect_by_release("8.4.4"),
			  ZAPI_REDISTRIBUTE_ROUTE_ADD, 0, &out);
	assert_bytes(buf, (size_t)(w.pos - buf), "003c fe06 00000000 001e" IBGP_ROUTE);
}

/* 10.0 inserts a route type, 10.1 widens the weight: the same bytes mean something else. */
static void another_dialect_does_not_take_it(void **state)
{
	(void)state;
	assert_int_equal(decode("9.1.3", IBGP_ROUTE), 0);
	assert_int_equal(decode("10.0.5", IBGP_ROUTE), 0);
	assert_int_equal(out.proto, ZAPI_PROTO_ISIS);
	assert_int_not_equal(decode("10.1.4", IBGP_ROUTE), 0);
	assert_int_not_equal(decode("10.7.0", IBGP_ROUTE), 0);
}

static void every_cut_and_every_extra_byte_is_refused(void **state)
{
	struct bytes whole = hex(IBGP_ROUTE);

	(void)state;
	for (size_t n = 0; n <= whole.len + 1; n++) {
		uint8_t *copy = calloc(1, n + 1);
		struct wbuf w = wbuf_reader(copy, n);

		assert_non_null(copy);
		memcpy(copy, whole.b, n < whole.len ? n : whole.len);
		if ((zapi_decode_route(&w, zapi_dialect_by_release("8.4.4"), &out) ==
		     0) != (n == whole.len))
			fail_msg("%zu of %zu bytes", n, whole.len);
		free(copy);
	}
}

static void add_nexthop(enum zapi_nexthop_type type, const char *gate, uint32_t ifindex,
			uint64_t weight)
{
	struct zapi_nexthop *nh = &in.nexthop[in.nexthop_count++];

	memset(nh, 0, sizeof(*nh));
	nh->type = type;
	nh->vrf = 5;
	nh->ifindex = ifindex;
	nh->weight = weight;
	nh->onlink = weight == 2;
	if (gate)
		nh->gate = addr_of(gate);
	if (type == ZAPI_NEXTHOP_BLACKHOLE)
		nh->blackhole = 2;
}

static void assert_same(const struct zapi_dialect *d)
{
	if (in.proto != out.proto || in.instance != out.instance ||
	    in.fields != out.fields || in.safi != out.safi ||
	    !prefix_equal(&in.prefix, &out.prefix) || in.distance != out.distance ||
	    in.metric != out.metric || in.tag != out.tag || in.mtu != out.mtu ||
	    in.table != out.table || in.nexthop_count != out.nexthop_count)
		fail_msg("%s: the route came back different", d->name);
	for (unsigned i = 0; i < in.nexthop_count; i++) {
		const struct zapi_nexthop *a = &in.nexthop[i], *b = &out.nexthop[i];

		if (a->vrf != b->vrf || a->type != b->type || a->ifindex != b->ifindex ||
		    a->weight != b->weight || a->onlink != b->onlink ||
		    a->blackhole != b->blackhole || !ip_addr_equal(&a->gate, &b->gate))
			fail_msg("%s: next hop %u came back different", d->name, i);
	}
}

static void a_route_survives_a_round_trip_in_every_dialect(void **state)
{
	static const char *const prefixes[] = {
		"0.0.0.0/0",          "10.0.0.0/8", "10.128.0.0/9",  "192.168.7.0/24",
		"255.255.255.255/32", "::/0",       "2001:db8::/33", "2001:db8::1/128"};

	(void)state;
	EACH_DIALECT(d)
	{
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
			struct wbuf w = wbuf_writer(buf, sizeof(buf));
			struct zapi_message m;

			memset(&in, 0, sizeof(in));
			in.proto = ZAPI_PROTO_TABLE;
			in.instance = 300;
			in.safi = ZAPI_SAFI_UNICAST;
			in.prefix = prefix_of(prefixes[i]);
			in.fields = ZAPI_ROUTE_NEXTHOP | ZAPI_ROUTE_DISTANCE |
				    ZAPI_ROUTE_METRIC | ZAPI_ROUTE_TAG | ZAPI_ROUTE_MTU |
				    ZAPI_ROUTE_TABLE;
			in.distance = 150;
			in.metric = 20;
			in.tag = 0xffffffff;
			in.mtu = 1400;
			in.table = 1009;
			add_nexthop(ZAPI_NEXTHOP_IFINDEX, NULL, 9, 0);
			add_nexthop(ZAPI_NEXTHOP_IPV4, "10.255.0.8", 0, 1);
			add_nexthop(ZAPI_NEXTHOP_IPV4_IFINDEX, "10.99.0.7", 3, 2);
			add_nexthop(ZAPI_NEXTHOP_IPV6, "fd99::7", 0, 255);
			add_nexthop(ZAPI_NEXTHOP_IPV6_IFINDEX, "fe80::1", 3, 1);
			add_nexthop(ZAPI_NEXTHOP_BLACKHOLE, NULL, 0, 0);
			zapi_encode_route(&w, d, ZAPI_ROUTE_ADD, 5, &in);
			m = only_message(d, buf, &w, ZAPI_ROUTE_ADD);
			assert_int_equal(zapi_decode_route(&m.body, d, &out), 0);
			assert_same(d);
			assert_int_equal(out.flags,
					 zapi_dialect_has(d, ZAPI_FLAG_WITH_TABLEID)
						 ? ZAPI_ROUTE_TABLEID
						 : 0);
		}
	}
}

/* A bit lower in 7.5, and with a flag of its own from 10.4. */
static void a_table_is_named_as_each_release_wants_it(void **state)
{
#define ROUTE "01 02 08 0a 0001 00000000 01 00 00000003 000003f1"
	static const struct {
		const char *release, *bytes;
	} cases[] = {
		{"7.5.1", "0029 fe06 00000000 0008 | 0f 0000 00000000 00000081" ROUTE},
		{"8.4.4", "0029 fe06 00000000 0008 | 0f 0000 00000000 00000101" ROUTE},
		{"10.3.4", "0029 fe06 00000000 0009 | 10 0000 00000000 00000101" ROUTE},
		{"10.4.4", "0029 fe06 00000000 0009 | 10 0000 00000800 00000101" ROUTE},
		{"10.7.0", "0029 fe06 00000000 0009 | 10 0000 00000800 00000101" ROUTE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf w = wbuf_writer(buf, sizeof(buf));

		memset(&in, 0, sizeof(in));
		in.proto = ZAPI_PROTO_TABLE;
		in.safi = ZAPI_SAFI_UNICAST;
		in.prefix = prefix_of("10.0.0.0/8");
		in.fields = ZAPI_ROUTE_NEXTHOP | ZAPI_ROUTE_TABLE;
		in.table = 1009;
		add_nexthop(ZAPI_NEXTHOP_IFINDEX, NULL, 3, 0);
		in.nexthop[0].vrf = 0;
		zapi_encode_route(&w, zapi_dialect_by_release(cases[i].release),
				  ZAPI_ROUTE_ADD, 0, &in);
		assert_bytes(buf, (size_t)(w.pos - buf), cases[i].bytes);
	}
#undef ROUTE
}

static void a_wide_weight_fits_only_where_it_is_wide(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		struct wbuf w = wbuf_writer(buf, sizeof(buf));

		memset(&in, 0, sizeof(in));
		in.proto = ZAPI_PROTO_BGP;
		in.safi = ZAPI_SAFI_UNICAST;
		in.prefix = prefix_of("10.0.0.0/8");
		in.fields = ZAPI_ROUTE_NEXTHOP;
		add_nexthop(ZAPI_NEXTHOP_IFINDEX, NULL, 9, 1ull << 40);
		zapi_encode_route(&w, d, ZAPI_ROUTE_ADD, 0, &in);
		assert_int_equal(w.err, !zapi_dialect_has(d, ZAPI_NH_WEIGHT64));
	}
}

static void a_source_specific_route_is_told_apart(void **state)
{
	const struct zapi_dialect *d = zapi_dialect_by_release("8.4.4");
	struct wbuf w = wbuf_writer(buf, sizeof(buf));
	struct zapi_message m;

	(void)state;
	memset(&in, 0, sizeof(in));
	in.proto = ZAPI_PROTO_BABEL;
	in.safi = ZAPI_SAFI_UNICAST;
	in.prefix = prefix_of("2001:db8::/32");
	in.src = prefix_of("2001:db8:7::/48");
	in.fields = ZAPI_ROUTE_SRC;
	zapi_encode_route(&w, d, ZAPI_ROUTE_ADD, 0, &in);
	m = only_message(d, buf, &w, ZAPI_ROUTE_ADD);
	assert_int_equal(zapi_decode_route(&m.body, d, &out), 0);
	assert_true(out.fields & ZAPI_ROUTE_SRC);
	assert_true(prefix_equal(&in.src, &out.src));
}

static void host_bits_are_cleared(void **state)
{
	struct prefix expect = prefix_of("10.128.0.0/9");

	(void)state;
	assert_int_equal(decode("8.4.4", "09 0000 00000000 00000000 01 02 09 0aff"), 0);
	assert_true(prefix_equal(&out.prefix, &expect));
}

/* What zebra does not send in redistribution but could: each is stepped over exactly. */
static void fields_without_a_use_are_stepped_over(void **state)
{
	static const struct {
		const char *what, *release, *body;
	} cases[] = {
		{"NHG id", "8.4.4", "09 0000 00000000 00000080 01 02 08 0a 00000007"},
		{"opaque", "8.4.4", "09 0000 00000000 00000400 01 02 08 0a 0003 aabbcc"},
		{"backup", "8.4.4",
		 "09 0000 00000000 00000041 01 02 08 0a 0001 00000000 01 08 00000003 02 00 01"
		 " 0001 00000000 01 00 00000004"},
		{"labels of 8.4", "8.4.4",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 02 00000003 02 11111111 22222222"},
		{"labels of 9.0", "9.0.5",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 02 00000003 01 05 11111111"},
		{"router MAC", "8.4.4",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 40 00000003 020000000001"},
		{"colour", "8.4.4",
		 "09 0000 00000000 00000201 01 02 08 0a 0001 00000000 01 00 00000003 00000064"},
		{"colour of 7.5", "7.5.1",
		 "09 0000 00000000 00000101 01 02 08 0a 0001 00000000 01 00 00000003 00000064"},
		{"table of 7.5", "7.5.1",
		 "09 0000 00000000 00000080 01 02 08 0a 000003f1"},
		{"segment of 8.4", "8.4.4",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 10 00000003"
		 "20010db8000000000000000000000001"},
		{"segments of 9.1", "9.1.3",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 10 00000003 01"
		 "20010db8000000000000000000000001"},
		{"segments of 10.4", "10.4.4",
		 "0a 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 10 00000003 01"
		 "20010db8000000000000000000000001 00000002"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (decode(cases[i].release, cases[i].body))
			fail_msg("%s of %s was refused", cases[i].what, cases[i].release);
}

static void bodies_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *what, *body;
	} cases[] = {
		{"a type beyond the last", "1e 0000 00000000 00000000 01 02 08 0a"},
		{"an unknown field bit", "09 0000 00000000 00000800 01 02 08 0a"},
		{"SAFI 0", "09 0000 00000000 00000000 00 02 08 0a"},
		{"SAFI 9", "09 0000 00000000 00000000 09 02 08 0a"},
		{"family 0", "09 0000 00000000 00000000 01 00 08 0a"},
		{"a bridge's family", "09 0000 00000000 00000000 01 07 08 0a"},
		{"IPv4 of 33 bits", "09 0000 00000000 00000000 01 02 21 0a00000000"},
		{"IPv6 of 129 bits", "09 0000 00000000 00000000 01 0a 81 "
				     "2001000000000000000000000000000000"},
		{"an IPv4 source", "09 0000 00000000 00000020 01 02 08 0a 08 20"},
		{"next hop type 0",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 00 00 00000000"},
		{"next hop type 7",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 07 00 00000000"},
		{"next hop flag 80",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 80 00000003"},
		{"a local segment",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 20 00000003"},
		{"257 next hops", "09 0000 00000000 00000001 01 02 08 0a 0101"},
		{"17 labels",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 02 00000003 11"
		 "00000000000000000000000000000000000000000000000000000000000000000000"
		 "00000000000000000000000000000000000000000000000000000000000000000000"},
		{"9 backups",
		 "09 0000 00000000 00000001 01 02 08 0a 0001 00000000 01 08 00000003 09"
		 "000000000000000000"},
		{"opaque of 1025 bytes that are not there",
		 "09 0000 00000000 00000400 01 02 08 0a 0401"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (decode("8.4.4", cases[i].body) == 0)
			fail_msg("%s was accepted", cases[i].what);
	/* 7.5 had no NHG and no OPAQUE, so the bits above SRTE are unknown to it */
	assert_int_not_equal(decode("7.5.1", "09 0000 00000000 00000200 01 02 08 0a"), 0);
}

static void the_most_next_hops_fit(void **state)
{
	const struct zapi_dialect *d = zapi_dialect_by_release("10.2");
	struct wbuf w = wbuf_writer(buf, sizeof(buf));
	struct zapi_message m;

	(void)state;
	memset(&in, 0, sizeof(in));
	in.proto = ZAPI_PROTO_BGP;
	in.safi = ZAPI_SAFI_UNICAST;
	in.prefix = prefix_of("::/0");
	in.fields = ZAPI_ROUTE_NEXTHOP;
	while (in.nexthop_count < ZAPI_NEXTHOP_MAX)
		add_nexthop(ZAPI_NEXTHOP_IPV6_IFINDEX, "fe80::1", in.nexthop_count, 1);
	zapi_encode_route(&w, d, ZAPI_REDISTRIBUTE_ROUTE_ADD, 0, &in);
	m = only_message(d, buf, &w, ZAPI_REDISTRIBUTE_ROUTE_ADD);
	assert_int_equal(zapi_decode_route(&m.body, d, &out), 0);
	assert_same(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bgp_route_of_frr_8_4_is_read),
		cmocka_unit_test(it_is_written_as_it_was_read),
		cmocka_unit_test(another_dialect_does_not_take_it),
		cmocka_unit_test(every_cut_and_every_extra_byte_is_refused),
		cmocka_unit_test(a_route_survives_a_round_trip_in_every_dialect),
		cmocka_unit_test(a_table_is_named_as_each_release_wants_it),
		cmocka_unit_test(a_wide_weight_fits_only_where_it_is_wide),
		cmocka_unit_test(a_source_specific_route_is_told_apart),
		cmocka_unit_test(host_bits_are_cleared),
		cmocka_unit_test(fields_without_a_use_are_stepped_over),
		cmocka_unit_test(bodies_that_make_no_sense_are_refused),
		cmocka_unit_test(the_most_next_hops_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
