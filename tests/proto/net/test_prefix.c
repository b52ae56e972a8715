/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/net/prefix.h"

static struct prefix prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s does not parse", s);
	return p;
}

static void text_survives_a_round_trip(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"10.0.0.0/8", "10.0.0.0/8"},
		{"10.1.2.3", "10.1.2.3/32"},
		{"10.0.0.1/24", "10.0.0.1/24"},
		{"::/0", "::/0"},
		{"2001:db8::/32", "2001:db8::/32"},
		{"2001:db8::1", "2001:db8::1/128"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
	};
	char buf[PREFIX_STRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix p = prefix(cases[i].in);

		assert_string_equal(prefix_str(&p, buf), cases[i].out);
	}
}

static void what_is_no_prefix_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"/",
		"/8",
		"10.0.0.0/",
		"10.0.0.0/33",
		"10.0.0.0/-1",
		"10.0.0.0/+8",
		"10.0.0.0/ 8",
		"10.0.0.0/8 ",
		"10.0.0.0/08",
		"10.0.0.0/00",
		"10.0.0.0/8/8",
		"10.0.0/8",
		"::/129",
		"::/1280",
		"::/99999999999",
		"10.0.0.0/8x",
		"10.0.0.0/256",
		"::/256",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/64",
	};
	struct prefix p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (prefix_parse(&p, bad[i]) == 0)
			fail_msg("\"%s\" was taken for a prefix", bad[i]);
}

static void host_bits_are_seen_and_cleared(void **state)
{
	static const struct {
		const char *in;
		bool host_bits;
		const char *masked;
	} cases[] = {
		{"10.0.0.1/24", true, "10.0.0.0/24"},
		{"10.0.0.0/24", false, "10.0.0.0/24"},
		{"10.0.0.1/32", false, "10.0.0.1/32"},
		{"10.0.0.128/24", true, "10.0.0.0/24"},
		{"10.0.0.128/25", false, "10.0.0.128/25"},
		{"10.0.0.192/25", true, "10.0.0.128/25"},
		{"255.255.255.255/0", true, "0.0.0.0/0"},
		{"255.255.255.255/31", true, "255.255.255.254/31"},
		{"2001:db8::1/64", true, "2001:db8::/64"},
		{"2001:db8::/33", false, "2001:db8::/33"},
		{"2001:db8:8000::/33", false, "2001:db8:8000::/33"},
		{"2001:db8:c000::/33", true, "2001:db8:8000::/33"},
		{"::1/127", true, "::/127"},
	};
	char buf[PREFIX_STRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix p = prefix(cases[i].in);

		if (prefix_has_host_bits(&p) != cases[i].host_bits)
			fail_msg("%s: expected host bits %d", cases[i].in,
				 cases[i].host_bits);
		prefix_mask(&p);
		assert_string_equal(prefix_str(&p, buf), cases[i].masked);
		assert_false(prefix_has_host_bits(&p));
	}
}

static void containment_follows_the_bits(void **state)
{
	static const struct {
		const char *outer, *inner;
		bool contains;
	} cases[] = {
		{"0.0.0.0/0", "10.0.0.0/8", true},
		{"10.0.0.0/8", "0.0.0.0/0", false},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.0.0.0/8", "10.255.0.0/16", true},
		{"10.0.0.0/8", "11.0.0.0/16", false},
		{"10.0.0.0/9", "10.128.0.0/9", false},
		{"10.0.0.0/9", "10.127.0.0/16", true},
		{"0.0.0.0/0", "::/0", false},
		{"::/0", "0.0.0.0/0", false},
		{"::/0", "2001:db8::/32", true},
		{"2001:db8::/33", "2001:db8:8000::/33", false},
		{"2001:db8::/127", "2001:db8::1/128", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct prefix o = prefix(cases[i].outer), in = prefix(cases[i].inner);

		if (prefix_contains(&o, &in) != cases[i].contains)
			fail_msg("%s contains %s: expected %d", cases[i].outer,
				 cases[i].inner, cases[i].contains);
	}
}

static void an_address_is_in_its_prefix_only(void **state)
{
	struct prefix p = prefix("10.64.0.0/10"), six = prefix("fd00::/8");
	struct ip_addr in, out, v6;

	(void)state;
	assert_int_equal(ip_addr_parse(&in, "10.127.255.255"), 0);
	assert_int_equal(ip_addr_parse(&out, "10.128.0.0"), 0);
	assert_int_equal(ip_addr_parse(&v6, "fd99::1"), 0);
	assert_true(prefix_has_addr(&p, &in));
	assert_false(prefix_has_addr(&p, &out));
	assert_false(prefix_has_addr(&p, &v6));
	assert_true(prefix_has_addr(&six, &v6));
	p = prefix_host(&in);
	assert_true(prefix_has_addr(&p, &in));
	assert_int_equal(p.len, 32);
}

static void prefixes_sort_shorter_before_longer(void **state)
{
	static const char *const rising[] = {
		"0.0.0.0/0",  "0.0.0.0/1",     "10.0.0.0/8",
		"10.0.0.0/9", "10.0.0.0/32",   "10.128.0.0/9",
		"::/0",       "2001:db8::/32", "2001:db8::/64",
	};
	size_t n = sizeof(rising) / sizeof(rising[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			struct prefix a = prefix(rising[i]), b = prefix(rising[j]);
			int c = prefix_cmp(&a, &b);

			if ((c > 0) != (i > j) || (c < 0) != (i < j))
				fail_msg("%s against %s: saw %d", rising[i], rising[j],
					 c);
			assert_int_equal(prefix_equal(&a, &b), i == j);
		}
	}
}

static bool bit(const struct ip_addr *a, unsigned i)
{
	return a->bytes[i / 8] & (0x80 >> (i % 8));
}

/* The twin: containment and masking one bit at a time. */
static void random_prefixes_agree_with_a_bitwise_twin(void **state)
{
	const char *s = getenv("WGRD_SEED");
	unsigned seed = s ? (unsigned)strtoul(s, NULL, 0) : (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 20000; round++) {
		sa_family_t family = rand() & 1 ? AF_INET : AF_INET6;
		struct prefix p[2], masked;
		unsigned max = prefix_max_len(family), shared = 0, i;
		bool same = true, host = false;

		for (int k = 0; k < 2; k++) {
			memset(&p[k], 0, sizeof(p[k]));
			p[k].addr.family = family;
			p[k].len = (uint8_t)((unsigned)rand() % (max + 1));
			for (i = 0; i < max / 8; i++)
				p[k].addr.bytes[i] = rand() % 4 ? 0xaa : (uint8_t)rand();
		}
		for (i = 0; i < p[0].len; i++)
			same &= bit(&p[0].addr, i) == bit(&p[1].addr, i);
		for (i = p[0].len; i < max; i++)
			host |= bit(&p[0].addr, i);
		while (shared < p[0].len && shared < p[1].len &&
		       bit(&p[0].addr, shared) == bit(&p[1].addr, shared))
			shared++;
		assert_int_equal(prefix_common_len(&p[0], &p[1]), shared);
		if (prefix_contains(&p[0], &p[1]) != (same && p[0].len <= p[1].len) ||
		    prefix_has_host_bits(&p[0]) != host)
			fail_msg("seed %u round %d", seed, round);
		masked = p[0];
		prefix_mask(&masked);
		for (i = 0; i < max; i++)
			if (bit(&masked.addr, i) != (i < p[0].len && bit(&p[0].addr, i)))
				fail_msg("seed %u round %d: bit %u", seed, round, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_survives_a_round_trip),
		cmocka_unit_test(what_is_no_prefix_is_refused),
		cmocka_unit_test(host_bits_are_seen_and_cleared),
		cmocka_unit_test(containment_follows_the_bits),
		cmocka_unit_test(an_address_is_in_its_prefix_only),
		cmocka_unit_test(prefixes_sort_shorter_before_longer),
		cmocka_unit_test(random_prefixes_agree_with_a_bitwise_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
