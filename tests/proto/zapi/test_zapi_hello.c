/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/zapi/zapi_test.h"

#include "proto/zapi/zapi_hello.h"

static uint8_t buf[256];

/* As captured from a client of 8.4.4 with type TABLE, instance 100. */
static void a_hello_looks_as_frr_8_4_wants_it(void **state)
{
	struct zapi_hello h = {.proto = ZAPI_PROTO_TABLE, .instance = 100};
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	zapi_encode_hello(&w, zapi_dialect_by_release("8.4.4"), &h);
	assert_bytes(buf, (size_t)(w.pos - buf),
		     "0013 fe 06 00000000 0012 | 0f 0064 00000000 00 00");
	w = wbuf_writer(buf, sizeof(buf));
	zapi_encode_hello(&w, zapi_dialect_by_release("10.2.6"), &h);
	assert_bytes(buf, (size_t)(w.pos - buf),
		     "0012 fe 06 00000000 0013 | 10 0064 00000000 00");
}

static void a_hello_survives_a_round_trip_in_every_dialect(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		struct zapi_hello in = {ZAPI_PROTO_TABLE, 258, 0xdeadbeef, true, true},
				  out;
		struct wbuf w = wbuf_writer(buf, sizeof(buf));
		struct zapi_message m;

		zapi_encode_hello(&w, d, &in);
		m = only_message(d, buf, &w, ZAPI_HELLO);
		assert_int_equal(zapi_decode_hello(&m.body, d, &out), 0);
		assert_int_equal(out.proto, in.proto);
		assert_int_equal(out.instance, in.instance);
		assert_int_equal(out.session, in.session);
		assert_int_equal(out.notify, zapi_dialect_has(d, ZAPI_HELLO_NOTIFY));
		assert_true(out.synchronous);
	}
}

static void capabilities_survive_a_round_trip_in_every_dialect(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		struct zapi_capabilities in = {true, true, 256, 3, true, true}, out;
		struct wbuf w = wbuf_writer(buf, sizeof(buf));
		struct zapi_message m;

		zapi_encode_capabilities(&w, d, &in);
		m = only_message(d, buf, &w, ZAPI_CAPABILITIES);
		assert_int_equal(wbuf_left(&m.body), zapi_capabilities_len(d));
		assert_int_equal(zapi_decode_capabilities(&m.body, d, &out), 0);
		assert_true(out.vrf_netns && out.mpls);
		assert_int_equal(out.ecmp, 256);
		assert_int_equal(out.mlag_role, 3);
		assert_int_equal(out.v6_with_v4_nexthop,
				 zapi_dialect_has(d, ZAPI_CAPS_V6NH));
		assert_int_equal(out.graceful_restart, zapi_dialect_has(d, ZAPI_CAPS_GR));
	}
}

static void a_router_id_survives_a_round_trip(void **state)
{
	struct ip_addr in = addr_of("192.0.2.1"), out;
	const struct zapi_dialect *d = zapi_dialect_by_release("8.4.4");
	struct wbuf w = wbuf_writer(buf, sizeof(buf));
	struct zapi_message m;

	(void)state;
	zapi_encode_router_id_update(&w, d, 4, &in);
	assert_bytes(buf, (size_t)(w.pos - buf),
		     "0010 fe06 00000004 0011 | 02 c0000201 20");
	m = only_message(d, buf, &w, ZAPI_ROUTER_ID_UPDATE);
	assert_int_equal(zapi_decode_router_id_update(&m.body, &out), 0);
	assert_true(ip_addr_equal(&in, &out));

	w = wbuf_writer(buf, sizeof(buf));
	zapi_encode_router_id_add(&w, d, 0, AF_INET);
	assert_bytes(buf, (size_t)(w.pos - buf), "000c fe06 00000000 000f | 0001");
	w = wbuf_writer(buf, sizeof(buf));
	zapi_encode_router_id_add(&w, d, 0, AF_INET6);
	assert_bytes(buf, (size_t)(w.pos - buf), "000c fe06 00000000 000f | 0002");
}

static void a_vrf_survives_a_round_trip_in_every_dialect(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		struct zapi_vrf in = {254, "red-ns", "red"}, out;
		struct wbuf w = wbuf_writer(buf, sizeof(buf));
		struct zapi_message m;

		zapi_encode_vrf_add(&w, d, 9, &in);
		m = only_message(d, buf, &w, ZAPI_VRF_ADD);
		assert_int_equal(m.vrf, 9);
		assert_int_equal(wbuf_left(&m.body), 76);
		assert_int_equal(zapi_decode_vrf_add(&m.body, &out), 0);
		assert_int_equal(out.table, 254);
		assert_string_equal(out.netns, "red-ns");
		assert_string_equal(out.name, "red");
	}
}

static void a_vrf_name_has_an_end_and_a_beginning(void **state)
{
	uint8_t body[76];
	struct zapi_vrf v;
	struct wbuf w;

	(void)state;
	memset(body, 0, sizeof(body));
	memset(body + 40, 'x', 36);
	w = wbuf_reader(body, sizeof(body));
	assert_int_not_equal(zapi_decode_vrf_add(&w, &v), 0);
	body[75] = 0;
	w = wbuf_reader(body, sizeof(body));
	assert_int_equal(zapi_decode_vrf_add(&w, &v), 0);
	assert_int_equal(strlen(v.name), 35);
	memset(body + 4, 'y', 36);
	w = wbuf_reader(body, sizeof(body));
	assert_int_not_equal(zapi_decode_vrf_add(&w, &v), 0);
	memset(body, 0, sizeof(body));
	w = wbuf_reader(body, sizeof(body));
	assert_int_not_equal(zapi_decode_vrf_add(&w, &v), 0);
}

static void a_subscription_survives_a_round_trip_in_every_dialect(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		struct zapi_redistribute in = {AF_INET6, ZAPI_PROTO_BGP, 513}, out;
		struct wbuf w = wbuf_writer(buf, sizeof(buf));
		struct zapi_message m;

		zapi_encode_redistribute(&w, d, ZAPI_REDISTRIBUTE_ADD, 3, &in);
		m = only_message(d, buf, &w, ZAPI_REDISTRIBUTE_ADD);
		assert_int_equal(m.vrf, 3);
		assert_int_equal(zapi_decode_redistribute(&m.body, d, &out), 0);
		assert_int_equal(out.family, AF_INET6);
		assert_int_equal(out.proto, ZAPI_PROTO_BGP);
		assert_int_equal(out.instance, 513);
	}
}

static void what_a_dialect_lacks_cannot_be_subscribed_to(void **state)
{
	struct zapi_redistribute r = {AF_INET, ZAPI_PROTO_TABLE_DIRECT, 0};
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	zapi_encode_redistribute(&w, zapi_dialect_by_release("9.1.3"),
				 ZAPI_REDISTRIBUTE_ADD, 0, &r);
	assert_true(w.err);
	w = wbuf_writer(buf, sizeof(buf));
	r.proto = ZAPI_PROTO_OTHER;
	zapi_encode_redistribute(&w, zapi_dialect_by_release("10.2"),
				 ZAPI_REDISTRIBUTE_ADD, 0, &r);
	assert_true(w.err);
}

static void requests_and_errors_survive_a_round_trip(void **state)
{
	const struct zapi_dialect *d = zapi_dialect_by_release("9.1.3");
	struct wbuf w = wbuf_writer(buf, sizeof(buf));
	struct zapi_message m;
	uint32_t error;
	bool on = false;

	(void)state;
	zapi_encode_notify_request(&w, d, true);
	assert_bytes(buf, (size_t)(w.pos - buf), "000b fe06 00000000 007b | 01");
	m = only_message(d, buf, &w, ZAPI_ROUTE_NOTIFY_REQUEST);
	assert_int_equal(zapi_decode_notify_request(&m.body, &on), 0);
	assert_true(on);

	w = wbuf_writer(buf, sizeof(buf));
	zapi_encode_error(&w, zapi_dialect_command(d, ZAPI_ERROR), 0,
			  ZAPI_ERROR_BAD_TYPE);
	m = only_message(d, buf, &w, ZAPI_ERROR);
	assert_int_equal(zapi_decode_error(&m.body, &error), 0);
	assert_int_equal(error, ZAPI_ERROR_BAD_TYPE);
	assert_string_equal(zapi_error_str(ZAPI_ERROR_NO_VRF), "there is no such VRF");
}

static void bodies_that_are_not_used_up_exactly_are_refused(void **state)
{
	const struct zapi_dialect *d = zapi_dialect_by_release("8.4.4");
	static const char *const hellos[] = {
		"0f 0000 00000000 00",       /* the eight bytes of 10.0 */
		"0f 0000 00000000 00 00 00", /* one too many */
		"0f 0000 00000000 02 00",    /* not a boolean */
		"1e 0000 00000000 00 00",    /* ALL is no type of a route */
	};
	static const char *const capabilities[] = {
		"00000000 00 00000040 00 00",
		"00000000 00 00000040",
		"00000002 00 00000040 00",
		"00000000 02 00000040 00",
	};
	static const char *const router_ids[] = {
		"02 c0000201",    "02 c0000201 18", "02 c0000201 20 00",
		"07 c0000201 20", "0a c0000201 20", "",
	};
	static const char *const redistributes[] = {
		"01 09 0000 00", "01 09 00", "03 09 0000", "00 09 0000", "01 1f 0000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hellos) / sizeof(hellos[0]); i++) {
		struct bytes in = hex(hellos[i]);
		struct wbuf w = wbuf_reader(in.b, in.len);
		struct zapi_hello h;

		if (zapi_decode_hello(&w, d, &h) == 0)
			fail_msg("HELLO \"%s\" was accepted", hellos[i]);
	}
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		struct bytes in = hex(capabilities[i]);
		struct wbuf w = wbuf_reader(in.b, in.len);
		struct zapi_capabilities c;

		if (zapi_decode_capabilities(&w, d, &c) == 0)
			fail_msg("CAPABILITIES \"%s\" were accepted", capabilities[i]);
	}
	for (size_t i = 0; i < sizeof(router_ids) / sizeof(router_ids[0]); i++) {
		struct bytes in = hex(router_ids[i]);
		struct wbuf w = wbuf_reader(in.b, in.len);
		struct ip_addr a;

		if (zapi_decode_router_id_update(&w, &a) == 0)
			fail_msg("ROUTER_ID_UPDATE \"%s\" was accepted", router_ids[i]);
	}
	for (size_t i = 0; i < sizeof(redistributes) / sizeof(redistributes[0]); i++) {
		struct bytes in = hex(redistributes[i]);
		struct wbuf w = wbuf_reader(in.b, in.len);
		struct zapi_redistribute r;

		if (zapi_decode_redistribute(&w, d, &r) == 0)
			fail_msg("REDISTRIBUTE_ADD \"%s\" was accepted",
				 redistributes[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_looks_as_frr_8_4_wants_it),
		cmocka_unit_test(a_hello_survives_a_round_trip_in_every_dialect),
		cmocka_unit_test(capabilities_survive_a_round_trip_in_every_dialect),
		cmocka_unit_test(a_router_id_survives_a_round_trip),
		cmocka_unit_test(a_vrf_survives_a_round_trip_in_every_dialect),
		cmocka_unit_test(a_vrf_name_has_an_end_and_a_beginning),
		cmocka_unit_test(a_subscription_survives_a_round_trip_in_every_dialect),
		cmocka_unit_test(what_a_dialect_lacks_cannot_be_subscribed_to),
		cmocka_unit_test(requests_and_errors_survive_a_round_trip),
		cmocka_unit_test(bodies_that_are_not_used_up_exactly_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
