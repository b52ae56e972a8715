/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/proto/zapi/zapi_test.h"

#include <net/if.h>

#include "proto/zapi/zapi_iface.h"

static uint8_t buf[256];

static const struct zapi_iface wg0 = {
	.name = "wg0",
	.ifindex = 0x01020304,
	.status = 5,
	.flags = 0x0001000000000041 | IFF_UP | IFF_RUNNING,
	.metric = 10,
	.speed = 1000,
	.mtu = 1420,
	.mtu6 = 1400,
	.bandwidth = 77,
	.link_ifindex = 4,
	.link_type = 0xfffe,
};

/* The loopback as 8.4.4 tells it; a body of 64 bytes without a hardware address. */
static void the_body_of_frr_8_4_is_read(void **state)
{
	const struct zapi_dialect *d = zapi_dialect_by_release("8.4.4");
	struct bytes in =
		hex("6c6f0000000000000000000000000000 00000001 05 0000000000010049 00 00"
		    "00000000 00000000 00010000 00010000 00000000 00000000 00000000"
		    "00000000 00");
	struct wbuf w = wbuf_reader(in.b, in.len);
	struct zapi_iface i;

	(void)state;
	assert_int_equal(in.len, 64);
	assert_int_equal(zapi_decode_iface(&w, d, &i), 0);
	assert_string_equal(i.name, "lo");
	assert_int_equal(i.ifindex, 1);
	assert_int_equal(i.flags, 0x10049);
	assert_int_equal(i.mtu, 65536);
	assert_true(zapi_iface_is_running(&i));
}

static void an_interface_survives_a_round_trip_in_every_dialect(void **state)
{
	(void)state;
	EACH_DIALECT(d)
	{
		struct zapi_iface in = wg0, out;

		for (in.hwaddr_len = 0; in.hwaddr_len <= ZAPI_HWADDR_MAX;
		     in.hwaddr_len += 5) {
			struct wbuf w = wbuf_writer(buf, sizeof(buf));
			struct zapi_message m;
			size_t fixed = 64;

			memset(in.hwaddr, 0x5a, in.hwaddr_len);
			zapi_encode_iface(&w, d, ZAPI_INTERFACE_UP, 6, &in);
			m = only_message(d, buf, &w, ZAPI_INTERFACE_UP);
			if (zapi_dialect_has(d, ZAPI_IF_TXQLEN))
				fixed += 4;
			if (zapi_dialect_has(d, ZAPI_IF_TYPE))
				fixed += 4;
			assert_int_equal(wbuf_left(&m.body), fixed + in.hwaddr_len);
			assert_int_equal(zapi_decode_iface(&m.body, d, &out), 0);
			assert_memory_equal(&in, &out, sizeof(in));
		}
	}
}

static void running_needs_both_flags(void **state)
{
	struct zapi_iface i = {.flags = IFF_UP};

	(void)state;
	assert_false(zapi_iface_is_running(&i));
	i.flags = IFF_RUNNING;
	assert_false(zapi_iface_is_running(&i));
	i.flags |= IFF_UP | IFF_POINTOPOINT;
	assert_true(zapi_iface_is_running(&i));
}

static void link_parameters_are_the_rest_of_the_message(void **state)
{
	EACH_DIALECT(d)
	{
		struct wbuf w = wbuf_writer(buf, sizeof(buf)), body;
		struct zapi_iface out;
		size_t len;

		(void)state;
		zapi_encode_iface(&w, d, ZAPI_INTERFACE_ADD, 0, &wg0);
		len = (size_t)(w.pos - buf) - ZAPI_HEADER_LEN;
		memset(w.pos, 0x11, 50);
		w.pos[-1] = 1;
		body = wbuf_reader(buf + ZAPI_HEADER_LEN, len + 50);
		assert_int_equal(zapi_decode_iface(&body, d, &out), 0);
		w.pos[-1] = 2;
		body = wbuf_reader(buf + ZAPI_HEADER_LEN, len + 50);
		assert_int_not_equal(zapi_decode_iface(&body, d, &out), 0);
		w.pos[-1] = 0;
		body = wbuf_reader(buf + ZAPI_HEADER_LEN, len + 1);
		assert_int_not_equal(zapi_decode_iface(&body, d, &out), 0);
	}
}

static void another_dialects_interface_is_refused(void **state)
{
	static const char *const pairs[][2] = {{"8.4.4", "9.1.3"},
					       {"9.1.3", "8.4.4"},
					       {"10.2", "10.6"},
					       {"10.6", "10.2"}};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct wbuf w = wbuf_writer(buf, sizeof(buf)), body;
		struct zapi_iface out;

		zapi_encode_iface(&w, zapi_dialect_by_release(pairs[i][0]),
				  ZAPI_INTERFACE_ADD, 0, &wg0);
		body = wbuf_reader(buf + ZAPI_HEADER_LEN,
				   (size_t)(w.pos - buf) - ZAPI_HEADER_LEN);
		if (!zapi_decode_iface(&body, zapi_dialect_by_release(pairs[i][1]), &out))
			fail_msg("%s took an interface of %s", pairs[i][1], pairs[i][0]);
	}
}

static void a_name_has_an_end_and_a_hardware_address_a_limit(void **state)
{
	const struct zapi_dialect *d = zapi_dialect_by_release("8.4.4");
	struct wbuf w = wbuf_writer(buf, sizeof(buf)), body;
	struct zapi_iface in = wg0, out;

	(void)state;
	memset(in.name, 'x', sizeof(in.name));
	zapi_encode_iface(&w, d, ZAPI_INTERFACE_ADD, 0, &in);
	body = wbuf_reader(buf + ZAPI_HEADER_LEN,
			   (size_t)(w.pos - buf) - ZAPI_HEADER_LEN);
	assert_int_not_equal(zapi_decode_iface(&body, d, &out), 0);

	w = wbuf_writer(buf, sizeof(buf));
	zapi_encode_iface(&w, d, ZAPI_INTERFACE_ADD, 0, &wg0);
	memset(w.pos, 0, 21);
	w.pos[-2] = 21; /* the length's last byte */
	body = wbuf_reader(buf + ZAPI_HEADER_LEN,
			   (size_t)(w.pos - buf) - ZAPI_HEADER_LEN + 21);
	assert_int_not_equal(zapi_decode_iface(&body, d, &out), 0);
}

static void an_address_survives_a_round_trip(void **state)
{
	static const char *const prefixes[][2] = {{"10.99.0.1/24", "0.0.0.0"},
						  {"192.0.2.1/32", "192.0.2.2"},
						  {"fd99::1/64", "::"}};

	(void)state;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		const struct zapi_dialect *d = zapi_dialect_by_release("10.2.6");
		struct zapi_iface_addr in = {.ifindex = 3, .flags = 1}, out;
		struct wbuf w = wbuf_writer(buf, sizeof(buf));
		struct zapi_message m;

		in.prefix = prefix_of(prefixes[i][0]);
		in.dest = addr_of(prefixes[i][1]);
		zapi_encode_iface_addr(&w, d, ZAPI_INTERFACE_ADDRESS_ADD, 2, &in);
		m = only_message(d, buf, &w, ZAPI_INTERFACE_ADDRESS_ADD);
		assert_int_equal(zapi_decode_iface_addr(&m.body, &out), 0);
		assert_int_equal(out.ifindex, 3);
		assert_int_equal(out.flags, 1);
		assert_true(prefix_equal(&in.prefix, &out.prefix));
		assert_true(ip_addr_equal(&in.dest, &out.dest));
	}
}

static void a_bad_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"00000003 00 02 0a000001 18 0a0000",
		"00000003 00 02 0a000001 18 0a000002 00",
		"00000003 00 02 0a000001 21 0a000002",
		"00000003 00 03 0a000001 18 0a000002",
		"00000003 00 00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bytes in = hex(bad[i]);
		struct wbuf w = wbuf_reader(in.b, in.len);
		struct zapi_iface_addr a;

		if (!zapi_decode_iface_addr(&w, &a))
			fail_msg("\"%s\" was accepted", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_body_of_frr_8_4_is_read),
		cmocka_unit_test(an_interface_survives_a_round_trip_in_every_dialect),
		cmocka_unit_test(running_needs_both_flags),
		cmocka_unit_test(link_parameters_are_the_rest_of_the_message),
		cmocka_unit_test(another_dialects_interface_is_refused),
		cmocka_unit_test(a_name_has_an_end_and_a_hardware_address_a_limit),
		cmocka_unit_test(an_address_survives_a_round_trip),
		cmocka_unit_test(a_bad_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
