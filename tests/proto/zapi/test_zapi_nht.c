/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/zapi/zapi_test.h"

#include "proto/zapi/zapi_nht.h"

static uint8_t buf[ZAPI_MESSAGE_MAX];
static struct zapi_nht_update in, out;

static void a_registration_is_written_as_each_release_wants_it(void **state)
{
	static const struct {
		const char *release, *bytes;
	} cases[] = {
		{"7.5.1", "0012 fe06 00000000 0014 | 00 0002 20 0aff0008"},
		{"8.4.4", "0015 fe06 00000000 0014 | 00 01 0001 0002 20 0aff0008"},
		{"10.2.6", "0015 fe06 00000000 0015 | 00 01 0001 0002 20 0aff0008"},
	};
	struct zapi_nht_register r = {.target = prefix_of("10.255.0.8/32"),
				      .via_default = true};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf w = wbuf_writer(buf, sizeof(buf));

		zapi_encode_nht_register(&w, zapi_dialect_by_release(cases[i].release),
					 ZAPI_NEXTHOP_REGISTER, 0, &r);
		assert_bytes(buf, (size_t)(w.pos - buf), cases[i].bytes);
	}
}

static void a_registration_survives_a_round_trip_in_every_dialect(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		struct zapi_nht_register r = {prefix_of("fd99::7/128"), true, true}, back;
		struct wbuf w = wbuf_writer(buf, sizeof(buf));
		struct zapi_message m;

		zapi_encode_nht_register(&w, d, ZAPI_NEXTHOP_UNREGISTER, 2, &r);
		m = only_message(d, buf, &w, ZAPI_NEXTHOP_UNREGISTER);
		assert_int_equal(zapi_decode_nht_register(&m.body, d, &back), 0);
		assert_true(prefix_equal(&r.target, &back.target));
		assert_true(back.connected);
		assert_int_equal(back.via_default, zapi_dialect_has(d, ZAPI_NHT_SAFI));
	}
}

/* As 8.4.4 answers for a next hop resolved by a static route through the overlay. */
static void an_update_of_frr_8_4_is_read(void **state)
{
	struct bytes b = hex(
		"00000000 0001 | 0002 20 0aff0008 | 0002 20 0aff0008 | 03 0000 01 00000000"
		"01 | 00000000 03 00 0a630008 00000003");
	struct wbuf w = wbuf_reader(b.b, b.len);
	struct ip_addr gate = addr_of("10.99.0.8");

	(void)state;
	assert_int_equal(
		zapi_decode_nht_update(&w, zapi_dialect_by_release("8.4.4"), &out), 0);
	assert_int_equal(out.proto, ZAPI_PROTO_STATIC);
	assert_int_equal(out.nexthop_count, 1);
	assert_true(ip_addr_equal(&out.nexthop[0].gate, &gate));
	assert_int_equal(out.nexthop[0].ifindex, 3);
}

static void an_unreachable_target_has_no_next_hops(void **state)
{
	struct bytes b = hex(
		"00000000 0001 | 0002 20 0aff0008 | 0002 00 00000000 | 00 0000 00 00000000 00");
	struct wbuf w = wbuf_reader(b.b, b.len);

	(void)state;
	assert_int_equal(
		zapi_decode_nht_update(&w, zapi_dialect_by_release("8.4.4"), &out), 0);
	assert_int_equal(out.proto, ZAPI_PROTO_OTHER);
	assert_int_equal(out.nexthop_count, 0);
}

static void an_update_survives_a_round_trip_in_every_dialect(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		for (unsigned n = 0; n <= 255; n += 51) {
			struct wbuf w = wbuf_writer(buf, sizeof(buf));
			struct zapi_message m;

			memset(&in, 0, sizeof(in));
			in.target = prefix_of("10.255.0.8/32");
			in.matched = zapi_dialect_has(d, ZAPI_NHT_SAFI)
					     ? prefix_of("10.255.0.0/16")
					     : in.target;
			in.proto = n ? ZAPI_PROTO_CONNECT : ZAPI_PROTO_OTHER;
			in.metric = 20;
			in.distance = 1;
			in.nexthop_count = n;
			for (unsigned i = 0; i < n; i++)
				in.nexthop[i] = (struct zapi_nexthop){
					.type = ZAPI_NEXTHOP_IFINDEX, .ifindex = i};
			zapi_encode_nht_update(&w, d, 0, &in);
			m = only_message(d, buf, &w, ZAPI_NEXTHOP_UPDATE);
			assert_int_equal(zapi_decode_nht_update(&m.body, d, &out), 0);
			assert_true(prefix_equal(&in.target, &out.target));
			assert_true(prefix_equal(&in.matched, &out.matched));
			assert_int_equal(in.proto, out.proto);
			assert_int_equal(in.metric, out.metric);
			assert_int_equal(out.nexthop_count, n);
			if (n)
				assert_int_equal(out.nexthop[n - 1].ifindex, n - 1);
		}
	}
}

static void bad_updates_are_refused(void **state)
{
	static const struct {
		const char *what, *body;
	} cases[] = {
		{"nothing", ""},
		{"family 3",
		 "00000000 0001 0003 20 0aff0008 0002 00 00000000 00 0000 00 00000000 00"},
		{"33 bits",
		 "00000000 0001 0002 21 0aff0008 0002 00 00000000 00 0000 00 00000000 00"},
		{"type 30",
		 "00000000 0001 0002 20 0aff0008 0002 00 00000000 1e 0000 00 00000000 00"},
		{"a next hop missing",
		 "00000000 0001 0002 20 0aff0008 0002 00 00000000 02 0000 00 00000000 01"},
		{"a byte more",
		 "00000000 0001 0002 20 0aff0008 0002 00 00000000 00 0000 00 00000000 00 00"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes b = hex(cases[i].body);
		struct wbuf w = wbuf_reader(b.b, b.len);

		if (!zapi_decode_nht_update(&w, zapi_dialect_by_release("8.4.4"), &out))
			fail_msg("%s was accepted", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registration_is_written_as_each_release_wants_it),
		cmocka_unit_test(a_registration_survives_a_round_trip_in_every_dialect),
		cmocka_unit_test(an_update_of_frr_8_4_is_read),
		cmocka_unit_test(an_unreachable_target_has_no_next_hops),
		cmocka_unit_test(an_update_survives_a_round_trip_in_every_dialect),
		cmocka_unit_test(bad_updates_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
