/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/wg/tai64n.h"
#include "tests/lib/hex.h"

static void stamps_are_big_endian_and_coarse(void **state)
{
	static const struct {
		int64_t s;
		uint32_t nsec;
		const char *stamp;
	} cases[] = {
		{0, 0, "400000000000000a 00000000"},
		{0, 0xffffff, "400000000000000a 00000000"},
		{0, 0x1000000, "400000000000000a 01000000"},
		{1, 999999999, "400000000000000b 3b000000"},
		{-11, 0, "3fffffffffffffff 00000000"},
		{INT64_C(0x100000000), 0, "400000010000000a 00000000"},
	};
	uint8_t stamp[WG_TAI64N_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wg_tai64n(stamp, cases[i].s, cases[i].nsec);
		hex_check("stamp", stamp, sizeof(stamp), cases[i].stamp);
	}
}

static void later_is_after(void **state)
{
	static const struct {
		int64_t s;
		uint32_t nsec;
	} rising[] = {
		{-1, 0},
		{0, 0},
		{0, 20000000},
		{0, 900000000},
		{1, 0},
		{256, 0},
		{INT64_C(0x1000000000), 5},
	};
	const size_t n = sizeof(rising) / sizeof(rising[0]);
	uint8_t a[WG_TAI64N_LEN], b[WG_TAI64N_LEN];

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			wg_tai64n(a, rising[i].s, rising[i].nsec);
			wg_tai64n(b, rising[j].s, rising[j].nsec);
			if (wg_tai64n_after(a, b) != (i > j))
				fail_msg("case %zu after case %zu: expected %d", i, j,
					 i > j);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps_are_big_endian_and_coarse),
		cmocka_unit_test(later_is_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
