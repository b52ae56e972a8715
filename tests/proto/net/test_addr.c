/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "proto/net/addr.h"

static struct ip_addr addr(const char *s)
{
	struct ip_addr a;

	if (ip_addr_parse(&a, s))
		fail_msg("%s does not parse", s);
	return a;
}

static void text_survives_a_round_trip(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"0.0.0.0", "0.0.0.0"},
		{"10.1.2.3", "10.1.2.3"},
		{"255.255.255.255", "255.255.255.255"},
		{"::", "::"},
		{"2001:DB8:0:0::1", "2001:db8::1"},
		{"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
		{"fe80::1", "fe80::1"},
	};
	char buf[IP_ADDR_STRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_addr a = addr(cases[i].in);

		assert_string_equal(ip_addr_str(&a, buf), cases[i].out);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",           " ",          "10",
		"10.1.2",     "10.1.2.256", "10.1.2.3 ",
		" 1.2.3.4",   "01x",        "1.2.3.4.5",
		"0x0a.1.2.3", "10.1.2.3/8", ":",
		":::",        "1::2::3",    "fe80::1%eth0",
		"g::1",       "12345::",    "1:2:3:4:5:6:7:8:9",
	};
	struct ip_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ip_addr_parse(&a, bad[i]) == 0)
			fail_msg("\"%s\" was taken for an address", bad[i]);
}

static void no_family_prints_none(void **state)
{
	struct ip_addr a = {0};
	char buf[IP_ADDR_STRLEN];

	(void)state;
	assert_string_equal(ip_addr_str(&a, buf), "none");
}

static void addresses_are_ordered_by_family_then_value(void **state)
{
	static const char *const rising[] = {
		"0.0.0.0", "9.255.255.255", "10.0.0.0", "200.0.0.1",
		"::",      "::1",           "fe80::",   "ff02::1",
	};
	size_t n = sizeof(rising) / sizeof(rising[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			struct ip_addr a = addr(rising[i]), b = addr(rising[j]);
			int c = ip_addr_cmp(&a, &b);

			if ((c > 0) != (i > j) || (c < 0) != (i < j))
				fail_msg("%s against %s: saw %d", rising[i], rising[j],
					 c);
			assert_int_equal(ip_addr_equal(&a, &b), i == j);
		}
	}
}

static void bytes_beyond_the_family_do_not_count(void **state)
{
	struct ip_addr a = addr("10.0.0.1"), b = addr("10.0.0.1");

	(void)state;
	memset(b.bytes + 4, 0xaa, 12);
	assert_true(ip_addr_equal(&a, &b));
	b = ip_addr_from(AF_INET, b.bytes);
	assert_memory_equal(a.bytes, b.bytes, 16);
}

static void addresses_are_told_apart_by_kind(void **state)
{
	static const struct {
		const char *s;
		bool any, linklocal, multicast, loopback;
	} cases[] = {
		{"0.0.0.0", true, false, false, false},
		{"::", true, false, false, false},
		{"10.0.0.1", false, false, false, false},
		{"2001:db8::1", false, false, false, false},
		{"169.253.0.1", false, false, false, false},
		{"169.254.9.9", false, true, false, false},
		{"fe80::1", false, true, false, false},
		{"febf::1", false, true, false, false},
		{"fec0::1", false, false, false, false},
		{"223.255.255.255", false, false, false, false},
		{"224.0.0.5", false, false, true, false},
		{"239.1.1.1", false, false, true, false},
		{"ff02::2", false, false, true, false},
		{"127.0.0.1", false, false, false, true},
		{"127.9.9.9", false, false, false, true},
		{"::1", false, false, false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_addr a = addr(cases[i].s);

		if (ip_addr_is_any(&a) != cases[i].any ||
		    ip_addr_is_linklocal(&a) != cases[i].linklocal ||
		    ip_addr_is_multicast(&a) != cases[i].multicast ||
		    ip_addr_is_loopback(&a) != cases[i].loopback)
			fail_msg(
				"%s: saw any %d, link-local %d, multicast %d, loopback %d",
				cases[i].s, ip_addr_is_any(&a), ip_addr_is_linklocal(&a),
				ip_addr_is_multicast(&a), ip_addr_is_loopback(&a));
	}
}

static void endpoints_survive_a_round_trip_and_nothing_else_is_one(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} cases[] = {
		{"192.0.2.1:51820", "192.0.2.1:51820"},
		{"192.0.2.1:1", "192.0.2.1:1"},
		{"192.0.2.1:65535", "192.0.2.1:65535"},
		{"[2001:DB8::0:1]:51820", "[2001:db8::1]:51820"},
		{"[::ffff:192.0.2.1]:9", "[::ffff:192.0.2.1]:9"},
		{"", NULL},
		{":", NULL},
		{"[]:1", NULL},
		{"[:1", NULL},
		{"]:1", NULL},
		{"192.0.2.1", NULL},
		{"192.0.2.1:", NULL},
		{"192.0.2.1:0", NULL},
		{"192.0.2.1:01", NULL},
		{"192.0.2.1:65536", NULL},
		{"192.0.2.1:99999999999", NULL},
		{"192.0.2.1: 1", NULL},
		{"192.0.2.1:+1", NULL},
		{"[192.0.2.1]:1", NULL},
		{"2001:db8::1:51820", NULL},
		{"[fe80::1%eth0]:1", NULL},
		{"vpn.example.net:51820", NULL},
		{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[IP_ENDPOINT_STRLEN];
		struct ip_addr a;
		uint16_t port;
		int err = ip_endpoint_parse(&a, &port, cases[i].in);

		if (err != (cases[i].out ? 0 : -EINVAL))
			fail_msg("%s: saw %d", cases[i].in, err);
		if (!err)
			assert_string_equal(ip_endpoint_str(&a, port, text),
					    cases[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_survives_a_round_trip),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(no_family_prints_none),
		cmocka_unit_test(addresses_are_ordered_by_family_then_value),
		cmocka_unit_test(bytes_beyond_the_family_do_not_count),
		cmocka_unit_test(addresses_are_told_apart_by_kind),
		cmocka_unit_test(endpoints_survive_a_round_trip_and_nothing_else_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
