/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wgrd/lib/util.h"

static char things[256];

/* Letters are keys, '.' is none; the answer is the runs with the numbers in them. */
static void runs_come_in_order_of_their_first_packet(void **state)
{
	static const struct {
		const char *keys, *want;
	} cases[] = {
		{"", ""},
		{".", ""},
		{"a", "a0 "},
		{"aaaa", "a0,1,2,3 "},
		{"abab", "a0,2 b1,3 "},
		{"cab.bac", "c0,6 a1,5 b2,4 "},
		{"..b..a..b", "b2,8 a5 "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dp_batch b = {.count = (unsigned)strlen(cases[i].keys)};
		char got[64] = "", *at = got;

		for (unsigned k = 0; k < b.count; k++) {
			char c = cases[i].keys[k];

			b.key[k] = c == '.' ? NULL : &things[(unsigned char)c];
		}
		dp_batch_sort(&b);
		for (unsigned r = 0; r < b.runs; r++) {
			at += sprintf(at, "%c", (int)((char *)b.run[r].key - things));
			for (unsigned k = 0; k < b.run[r].count; k++)
				at += sprintf(at, k ? ",%u" : "%u",
					      b.order[b.run[r].first + k]);
			at += sprintf(at, " ");
		}
		assert_string_equal(got, cases[i].want);
	}
}

static void a_full_batch_may_have_as_many_runs(void **state)
{
	struct dp_batch b = {.count = DP_BATCH};

	(void)state;
	for (unsigned i = 0; i < DP_BATCH; i++)
		b.key[i] = &things[i];
	dp_batch_sort(&b);
	assert_int_equal(b.runs, DP_BATCH);
	for (unsigned i = 0; i < DP_BATCH; i++) {
		assert_int_equal(b.run[i].count, 1);
		assert_int_equal(b.order[b.run[i].first], i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_come_in_order_of_their_first_packet),
		cmocka_unit_test(a_full_batch_may_have_as_many_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
