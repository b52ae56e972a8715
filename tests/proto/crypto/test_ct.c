/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/crypto/ct.h"

static void masks_are_all_or_nothing(void **state)
{
	static const uint64_t values[] = {
		1, 2, 0x80, 0xffffffff, UINT64_C(1) << 32, UINT64_C(1) << 63, UINT64_MAX};

	(void)state;
	assert_int_equal(ct_mask_zero(0), UINT64_MAX);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_int_equal(ct_mask_zero(values[i]), 0);
}

static void select_takes_the_side_of_the_mask(void **state)
{
	(void)state;
	assert_int_equal(ct_select(UINT64_MAX, 5, 9), 5);
	assert_int_equal(ct_select(0, 5, 9), 9);
	assert_int_equal(ct_select(UINT64_MAX, UINT64_MAX, 0), UINT64_MAX);
	assert_int_equal(ct_select(0, UINT64_MAX, 0), 0);
}

static void a_single_bit_anywhere_makes_a_difference(void **state)
{
	uint8_t a[40] = {0}, b[40] = {0};

	(void)state;
	assert_true(ct_is_zero(a, sizeof(a)));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		a[bit / 8] ^= 1 << bit % 8;
		assert_false(ct_equal(a, b, sizeof(a)));
		assert_false(ct_is_zero(a, sizeof(a)));
		b[bit / 8] ^= 1 << bit % 8;
		assert_true(ct_equal(a, b, sizeof(a)));
		a[bit / 8] = b[bit / 8] = 0;
	}
}

static void nothing_equals_nothing(void **state)
{
	(void)state;
	assert_true(ct_equal("a", "b", 0));
	assert_true(ct_is_zero("a", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_are_all_or_nothing),
		cmocka_unit_test(select_takes_the_side_of_the_mask),
		cmocka_unit_test(a_single_bit_anywhere_makes_a_difference),
		cmocka_unit_test(nothing_equals_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
