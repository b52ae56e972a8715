/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wgrd/ctl/bench_addr.h"

static void an_address_is_taken_with_and_without_a_port(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{"10.0.0.1", "10.0.0.1 port 51899"},
		{"10.0.0.1:5000", "10.0.0.1 port 5000"},
		{"10.0.0.1:65535", "10.0.0.1 port 65535"},
		{"fd00::1", "fd00::1 port 51899"},
		{"[fd00::1]", "fd00::1 port 51899"},
		{"[fd00::1]:1", "fd00::1 port 1"},
		{"fe80::1%lo", "fe80::1%lo port 51899"},
		{"[fe80::1%lo]:7", "fe80::1%lo port 7"},
	};
	char why[256], text[BENCH_ADDR_STRLEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bench_addr a;

		assert_int_equal(bench_addr_parse(&a, cases[i].text, why, sizeof(why)),
				 0);
		assert_string_equal(bench_addr_str(&a, text), cases[i].expected);
	}
}

static void what_is_no_address_is_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "\"\" is not an IPv4 or IPv6 address"},
		{"localhost", "\"localhost\" is not an IPv4 or IPv6 address"},
		{"10.0.0.256", "\"10.0.0.256\" is not an IPv4 or IPv6 address"},
		{"[fd00::1", "\"[fd00::1\" is not an IPv4 or IPv6 address"},
		{"[fd00::1]5", "\"[fd00::1]5\" is not an IPv4 or IPv6 address"},
		{"10.0.0.1:", "\"10.0.0.1:\": a port is a number from 1 to 65535"},
		{"10.0.0.1:0", "\"10.0.0.1:0\": a port is a number from 1 to 65535"},
		{"10.0.0.1:65536",
		 "\"10.0.0.1:65536\": a port is a number from 1 to 65535"},
		{"10.0.0.1:5x", "\"10.0.0.1:5x\": a port is a number from 1 to 65535"},
		{"10.0.0.1:-5", "\"10.0.0.1:-5\": a port is a number from 1 to 65535"},
		{"0.0.0.0", "\"0.0.0.0\" is not the address of one host"},
		{"224.0.0.5", "\"224.0.0.5\" is not the address of one host"},
		{"255.255.255.255", "\"255.255.255.255\" is not the address of one host"},
		{"::", "\"::\" is not the address of one host"},
		{"[ff02::1%lo]:9", "\"[ff02::1%lo]:9\" is not the address of one host"},
	};
	char why[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bench_addr a;

		assert_true(bench_addr_parse(&a, cases[i].text, why, sizeof(why)) < 0);
		assert_string_equal(why, cases[i].why);
	}
}

static void a_text_that_is_too_long_is_refused(void **state)
{
	char text[200], why[512];
	struct bench_addr a;

	(void)state;
	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_true(bench_addr_parse(&a, text, why, sizeof(why)) < 0);
	memcpy(text, "10.0.0.1:", 9); /* a port that would be right if it were cut */
	memset(text + 9, '0', 66);
	memcpy(text + 75, "12345", 5);
	assert_true(bench_addr_parse(&a, text, why, sizeof(why)) < 0);
}

static void hosts_are_compared_without_their_ports(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"10.0.0.1:1", "10.0.0.1:2", true},     {"10.0.0.1", "10.0.0.2", false},
		{"[fd00::1]:1", "fd00::1", true},       {"fd00::1", "fd00::2", false},
		{"10.0.0.1", "::ffff:10.0.0.1", false}, {"fe80::1%1", "fe80::1%2", false},
	};
	char why[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct bench_addr a, b;

		assert_int_equal(bench_addr_parse(&a, cases[i].a, why, sizeof(why)), 0);
		assert_int_equal(bench_addr_parse(&b, cases[i].b, why, sizeof(why)), 0);
		assert_int_equal(bench_addr_same_host(&a, &b), cases[i].same);
	}
}

static void headers_depend_on_the_family(void **state)
{
	struct bench_addr a;
	char why[256];

	(void)state;
	assert_int_equal(bench_addr_parse(&a, "10.0.0.1", why, sizeof(why)), 0);
	assert_int_equal(bench_addr_headers_len(&a), 28);
	assert_int_equal(bench_addr_parse(&a, "fd00::1", why, sizeof(why)), 0);
	assert_int_equal(bench_addr_headers_len(&a), 48);
	a = bench_addr_with_port(&a, 77);
	assert_int_equal(bench_addr_port(&a), 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_taken_with_and_without_a_port),
		cmocka_unit_test(what_is_no_address_is_refused_with_a_sentence),
		cmocka_unit_test(a_text_that_is_too_long_is_refused),
		cmocka_unit_test(hosts_are_compared_without_their_ports),
		cmocka_unit_test(headers_depend_on_the_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
