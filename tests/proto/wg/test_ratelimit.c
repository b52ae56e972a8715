/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "proto/wg/limits.h"
#include "proto/wg/ratelimit.h"
#include "tests/proto/wg/two_ends.h"

#define MS  (WG_NS_PER_S / 1000)
#define NOW TEST_NOW_NS

static struct ratelimit *make(size_t max_sources)
{
	struct test_rng r;
	struct ratelimit *rl;

	test_rng_init(&r, 1);
	rl = ratelimit_new(max_sources, &r.rng);
	assert_non_null(rl);
	return rl;
}

static struct ip_addr addr(const char *s)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(&a, s), 0);
	return a;
}

static unsigned allowed_of(struct ratelimit *rl, const struct ip_addr *a, unsigned n,
			   uint64_t now_ns)
{
	unsigned allowed = 0;

	while (n--)
		allowed += ratelimit_allow(rl, a, now_ns);
	return allowed;
}

static void five_at_once_then_twenty_a_second(void **state)
{
	static const struct {
		uint64_t at_ms;
		unsigned asked, allowed;
	} steps[] = {
		{0, 100, 5},   {49, 10, 0},  {50, 10, 1},
		{51, 1, 0},    {150, 10, 2}, {1150, 99, 5},
		{1399, 10, 4}, {1400, 1, 1}, {1000000, 99, 5},
	};
	struct ratelimit *rl = make(100);
	struct ip_addr a = addr("192.0.2.1");

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		unsigned got =
			allowed_of(rl, &a, steps[i].asked, NOW + steps[i].at_ms * MS);

		if (got != steps[i].allowed)
			fail_msg("at %llu ms: expected %u, seen %u",
				 (unsigned long long)steps[i].at_ms, steps[i].allowed,
				 got);
	}
	ratelimit_free(rl);
}

static void a_steady_twenty_a_second_always_pass(void **state)
{
	struct ratelimit *rl = make(100);
	struct ip_addr a = addr("192.0.2.1");

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_true(ratelimit_allow(rl, &a, NOW + i * 50 * MS));
	ratelimit_free(rl);
}

static void sources_share_a_bucket_when_they_are_one(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8::1", "2001:db8::ffff:2", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"::ffff:192.0.2.1", "192.0.2.1", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ip_addr a = addr(cases[i].a), b = addr(cases[i].b);
		struct ratelimit *rl = make(100);

		assert_int_equal(allowed_of(rl, &a, 9, NOW), 5);
		if (allowed_of(rl, &b, 9, NOW) != (cases[i].same ? 0 : 5))
			fail_msg("%s and %s: expected %s", cases[i].a, cases[i].b,
				 cases[i].same ? "one bucket" : "two");
		ratelimit_free(rl);
	}
}

/* The twin: an unbounded list of sources with tokens counted in fractions. */
enum {
	SOURCES = 200,
};

static void random_sources_agree_with_the_naive_twin(void **state)
{
	static struct {
		uint64_t last_ns, tokens_ns; /* tokens times 50 ms */
	} twin[SOURCES];
	uint64_t seed = (uint64_t)time(NULL), now_ns = NOW;
	struct ratelimit *rl = make(100000);
	struct test_rng r;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	test_rng_init(&r, seed);
	for (int i = 0; i < SOURCES; i++)
		twin[i].tokens_ns = 250 * MS;
	for (int round = 0; round < 50000; round++) {
		uint32_t source = (uint32_t)(test_rng_next(&r) % SOURCES);
		struct ip_addr a = ip_addr_from(AF_INET, &source);
		uint64_t tokens_ns;
		bool want, got;

		now_ns += test_rng_next(&r) % (MS / 2);
		tokens_ns = twin[source].tokens_ns + now_ns - twin[source].last_ns;
		if (tokens_ns > 250 * MS)
			tokens_ns = 250 * MS;
		want = tokens_ns >= 50 * MS;
		twin[source].tokens_ns = tokens_ns - (want ? 50 * MS : 0);
		twin[source].last_ns = now_ns;
		got = ratelimit_allow(rl, &a, now_ns);
		if (got != want)
			fail_msg("round %d, source %u: expected %d, seen %d", round,
				 source, want, got);
	}
	ratelimit_free(rl);
}

static void a_full_table_refuses_strangers_until_others_are_quiet(void **state)
{
	struct ratelimit *rl = make(64);
	unsigned allowed = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		struct ip_addr a = ip_addr_from(AF_INET, &i);

		allowed += ratelimit_allow(rl, &a, NOW);
	}
	/* All places are taken: at least as many as asked for, at most four times that. */
	assert_in_range(allowed, 64, 256);
	allowed = 0;
	for (uint32_t i = 20000; i < 20032; i++) {
		struct ip_addr a = ip_addr_from(AF_INET, &i);

		assert_false(ratelimit_allow(rl, &a, NOW + 49 * MS));
		/* One token is back, so the bucket is full and its place is free. */
		allowed += ratelimit_allow(rl, &a, NOW + 50 * MS);
	}
	assert_int_equal(allowed, 32);
	ratelimit_free(rl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_at_once_then_twenty_a_second),
		cmocka_unit_test(a_steady_twenty_a_second_always_pass),
		cmocka_unit_test(sources_share_a_bucket_when_they_are_one),
		cmocka_unit_test(random_sources_agree_with_the_naive_twin),
		cmocka_unit_test(a_full_table_refuses_strangers_until_others_are_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
