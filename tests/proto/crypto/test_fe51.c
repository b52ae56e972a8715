/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "proto/crypto/fe51.h"
#include "tests/lib/hex.h"

/* The largest loose and tight limbs of fe51.h. */
#define LOOSE ((UINT64_C(1) << 54) - 1)
#define TIGHT ((UINT64_C(1) << 52) - 1)

static void check(const char *what, const struct fe51 *got, const struct fe51 *want)
{
	uint8_t g[32], w[32];

	fe51_store(g, got);
	fe51_store(w, want);
	hex_check_bytes(what, g, w, sizeof(g));
}

static void numbers_are_stored_below_p(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		/* p - 1, p, p + 1, 2^255 - 1 = p + 18, and one with the top bit set */
		{"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		 "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		 "0000000000000000000000000000000000000000000000000000000000000000"},
		{"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		 "0100000000000000000000000000000000000000000000000000000000000000"},
		{"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		 "1200000000000000000000000000000000000000000000000000000000000000"},
		{"0100000000000000000000000000000000000000000000000000000000000080",
		 "0100000000000000000000000000000000000000000000000000000000000000"},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
	};
	uint8_t s[32];
	struct fe51 f;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hex_decode(s, sizeof(s), cases[i].in);
		fe51_load(&f, s);
		fe51_store(s, &f);
		hex_check(cases[i].in, s, sizeof(s), cases[i].out);
	}
}

/* The product limb by limb: 25 small products, added up one at a time. */
static void naive_mul(struct fe51 *out, const struct fe51 *a, const struct fe51 *b)
{
	struct fe51 sum = {{0}}, x, y, t;

	for (int i = 0; i < 5; i++)
		for (int j = 0; j < 5; j++) {
			x = y = (struct fe51){{0}};
			x.v[i] = a->v[i];
			y.v[j] = b->v[j];
			fe51_mul(&t, &x, &y);
			fe51_add(&sum, &sum, &t);
			fe51_mul_small(&sum, &sum, 1);
		}
	*out = sum;
}

static void random_limbs(struct fe51 *f, uint64_t max)
{
	for (int i = 0; i < 5; i++) {
		uint64_t v = (uint64_t)rand() << 31 ^ (uint64_t)rand();

		f->v[i] = rand() % 4 ? v & max : max;
	}
}

static void loose_factors_have_tight_products(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	struct fe51 a, b, got, want;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 2000; round++) {
		random_limbs(&a, LOOSE);
		random_limbs(&b, LOOSE);
		if (round == 0)
			for (int i = 0; i < 5; i++)
				a.v[i] = b.v[i] = LOOSE;
		fe51_mul(&got, &a, &b);
		for (int i = 0; i < 5; i++)
			assert_true(got.v[i] <= TIGHT);
		naive_mul(&want, &a, &b);
		check("product", &got, &want);
		fe51_square(&got, &a);
		for (int i = 0; i < 5; i++)
			assert_true(got.v[i] <= TIGHT);
		fe51_mul(&want, &a, &a);
		check("square", &got, &want);
	}
}

static void sums_and_differences_undo_each_other(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	struct fe51 a, b, t;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 2000; round++) {
		random_limbs(&a, TIGHT);
		random_limbs(&b, TIGHT);
		fe51_sub(&t, &a, &b);
		for (int i = 0; i < 5; i++)
			assert_true(t.v[i] <= LOOSE);
		fe51_mul_small(&t, &t, 1);
		fe51_add(&t, &t, &b);
		for (int i = 0; i < 5; i++)
			assert_true(t.v[i] <= LOOSE);
		fe51_mul_small(&t, &t, 1);
		check("a - b + b", &t, &a);
	}
}

static void a_number_times_its_inverse_is_one(void **state)
{
	const struct fe51 one = {{1}}, zero = {{0}};
	unsigned seed = (unsigned)time(NULL);
	struct fe51 a, t;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 200; round++) {
		random_limbs(&a, TIGHT);
		fe51_invert(&t, &a);
		fe51_mul(&t, &t, &a);
		check("a / a", &t, &one);
	}
	fe51_invert(&t, &zero);
	check("1 / 0", &t, &zero);
}

static void small_factors_are_factors(void **state)
{
	struct fe51 a, small = {{121665}}, got, want;

	(void)state;
	for (int i = 0; i < 5; i++)
		a.v[i] = LOOSE - (uint64_t)i;
	fe51_mul_small(&got, &a, 121665);
	fe51_mul(&want, &a, &small);
	check("121665 a", &got, &want);
}

static void swapping_depends_on_the_bit(void **state)
{
	const struct fe51 x = {{1, 2, 3, 4, 5}}, y = {{6, 7, 8, 9, 10}};
	struct fe51 a = x, b = y;

	(void)state;
	fe51_cswap(&a, &b, 0);
	check("a", &a, &x);
	check("b", &b, &y);
	fe51_cswap(&a, &b, 1);
	check("a", &a, &y);
	check("b", &b, &x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_stored_below_p),
		cmocka_unit_test(loose_factors_have_tight_products),
		cmocka_unit_test(sums_and_differences_undo_each_other),
		cmocka_unit_test(a_number_times_its_inverse_is_one),
		cmocka_unit_test(small_factors_are_factors),
		cmocka_unit_test(swapping_depends_on_the_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
