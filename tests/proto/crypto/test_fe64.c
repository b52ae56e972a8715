/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "proto/crypto/cpu.h"
#include "proto/crypto/fe51.h"
#include "tests/lib/hex.h"

#ifdef __x86_64__
#include "proto/crypto/fe64.h"

/* The largest tight number of fe64.h has TIGHT_3 above TIGHT_0 and two limbs of 0; this is
 * what random ones are drawn towards, since it is where carries are missed. */
enum {
	TIGHT_0 = (1 << 23) - 1,
};
#define TIGHT_3 (UINT64_C(1) << 63)

static int seed_random(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	return 0;
}

static uint64_t random_limb(void)
{
	static const uint64_t edges[] = {0,  1,  18,         19,
					 37, 38, UINT64_MAX, UINT64_MAX - 37};
	uint64_t v = (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();

	return rand() % 4 ? v
			  : edges[(size_t)rand() % (sizeof(edges) / sizeof(edges[0]))];
}

static void random_loose(struct fe64 *f)
{
	for (int i = 0; i < 4; i++)
		f->v[i] = random_limb();
}

static void random_tight(struct fe64 *f)
{
	random_loose(f);
	if (rand() % 4)
		f->v[3] &= TIGHT_3 - 1;
	else
		*f = (struct fe64){{(uint64_t)rand() & TIGHT_0, 0, 0, TIGHT_3}};
}

static bool is_tight(const struct fe64 *f)
{
	return f->v[3] < TIGHT_3 ||
	       (f->v[3] == TIGHT_3 && !f->v[2] && !f->v[1] && f->v[0] <= TIGHT_0);
}

/* The same number in the other form: a loose one has a bit more than that takes. */
static struct fe51 to_fe51(const struct fe64 *f)
{
	const uint64_t low[4] = {f->v[0], f->v[1], f->v[2], f->v[3] & (TIGHT_3 - 1)};
	struct fe51 out;

	fe51_from_words(&out, low);
	out.v[0] += f->v[3] & TIGHT_3 ? 19 : 0;
	return out;
}

static void check(const char *what, const struct fe64 *got, const struct fe51 *want)
{
	const struct fe51 same = to_fe51(got);
	uint8_t g[32], w[32];

	fe51_store(g, &same);
	fe51_store(w, want);
	hex_check_bytes(what, g, w, sizeof(g));
}

static void check_tight(const char *what, const struct fe64 *got, const struct fe51 *want)
{
	uint8_t g[32], w[32];

	check(what, got, want);
	if (!is_tight(got))
		fail_msg("%s: expected a tight number, seen limb 3 of %016llx", what,
			 (unsigned long long)got->v[3]);
	fe64_store(g, got);
	fe51_store(w, want);
	hex_check_bytes("stored", g, w, sizeof(g));
}

static void products_are_those_of_the_portable_field(void **state)
{
	struct fe64 a, b, got;
	struct fe51 x, y, want;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		random_loose(&a);
		random_loose(&b);
		if (round == 0)
			memset(&a, 0xff, sizeof(a)), b = a;
		x = to_fe51(&a);
		y = to_fe51(&b);
		fe64_mul(&got, &a, &b);
		fe51_mul(&want, &x, &y);
		check_tight("product", &got, &want);
		fe64_square(&got, &a);
		fe51_square(&want, &x);
		check_tight("square", &got, &want);
		fe64_mul_small(&got, &a, 121665);
		fe51_mul_small(&want, &x, 121665);
		check_tight("small product", &got, &want);
	}
}

static void sums_and_differences_are_those_of_the_portable_field(void **state)
{
	struct fe64 a, b, got;
	struct fe51 x, y, want;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		random_tight(&a);
		random_tight(&b);
		x = to_fe51(&a);
		y = to_fe51(&b);
		fe64_add(&got, &a, &b);
		fe51_add(&want, &x, &y);
		check("sum", &got, &want);
		fe64_sub(&got, &a, &b);
		fe51_sub(&want, &x, &y);
		check("difference", &got, &want);
	}
}

static void results_may_replace_arguments(void **state)
{
	struct fe64 a, b, want, got;

	(void)state;
	random_tight(&a);
	random_tight(&b);
	fe64_mul(&want, &a, &b);
	got = a;
	fe64_mul(&got, &got, &b);
	assert_memory_equal(&got, &want, sizeof(got));
	got = b;
	fe64_mul(&got, &a, &got);
	assert_memory_equal(&got, &want, sizeof(got));
	fe64_square(&want, &a);
	got = a;
	fe64_square(&got, &got);
	assert_memory_equal(&got, &want, sizeof(got));
	fe64_sub(&want, &a, &b);
	got = b;
	fe64_sub(&got, &a, &got);
	assert_memory_equal(&got, &want, sizeof(got));
}

static void a_number_times_its_inverse_is_one(void **state)
{
	const struct fe51 one = {{1}}, none = {{0}};
	const struct fe64 zero = {{0}};
	struct fe64 a, t;

	(void)state;
	for (int round = 0; round < 200; round++) {
		random_tight(&a);
		fe64_invert(&t, &a);
		fe64_mul(&t, &t, &a);
		check_tight("a / a", &t, &one);
	}
	fe64_invert(&t, &zero);
	check_tight("1 / 0", &t, &none);
}

static void numbers_are_stored_below_p(void **state)
{
	/* Around p, 2^255 and 2^255 + 2^23, as differences from p. */
	static const int above_p[] = {-2, -1, 0, 1, 18, 19, 20, 2047 + 19};
	struct fe64 f;
	uint8_t got[32], want[32];

	(void)state;
	for (size_t i = 0; i < sizeof(above_p) / sizeof(above_p[0]); i++) {
		int d = above_p[i];

		f = (struct fe64){{(uint64_t)d - 19, d < 19 ? UINT64_MAX : 0,
				   d < 19 ? UINT64_MAX : 0, TIGHT_3 - (d < 19)}};
		memset(want, d < 0 ? 0xff : 0, sizeof(want));
		if (d < 0) {
			want[0] = (uint8_t)(0xed + d);
			want[31] = 0x7f;
		} else {
			want[0] = (uint8_t)d;
			want[1] = (uint8_t)(d >> 8);
		}
		fe64_store(got, &f);
		hex_check_bytes("near p", got, want, sizeof(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(products_are_those_of_the_portable_field,
				       seed_random),
		cmocka_unit_test_setup(
			sums_and_differences_are_those_of_the_portable_field,
			seed_random),
		cmocka_unit_test_setup(results_may_replace_arguments, seed_random),
		cmocka_unit_test_setup(a_number_times_its_inverse_is_one, seed_random),
		cmocka_unit_test(numbers_are_stored_below_p),
	};

	if (!(cpu_features() & CPU_ADX)) {
		fprintf(stderr, "SKIPPED: this processor has no ADX\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	fprintf(stderr, "SKIPPED: fe64 is for x86-64\n");
	return 77;
}

#endif
