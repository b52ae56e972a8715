/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/drop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct seen {
	unsigned total, drops, stop_after;
	uint64_t sum;
	const char *words[DP_COUNT_MAX + DROP_MAX];
};

static bool look(const char *name, const char *what, bool drop, uint64_t value, void *arg)
{
	struct seen *s = arg;

	for (unsigned i = 0; i < s->total; i++)
		assert_string_not_equal(name, s->words[i]);
	for (const char *c = name; *c; c++)
		assert_non_null(strchr("abcdefghijklmnopqrstuvwxyz-", *c));
	assert_true(strlen(what) > 10);
	s->words[s->total++] = name;
	s->drops += drop;
	s->sum += value;
	return s->total != s->stop_after;
}

static void every_counter_has_a_word_and_a_sentence_of_its_own(void **state)
{
	struct dp_counters c = {0};
	struct seen s = {0};

	(void)state;
	dp_counters_walk(&c, look, &s);
	assert_int_equal(s.total, DP_COUNT_MAX + DROP_MAX);
	assert_int_equal(s.drops, DROP_MAX);
	s = (struct seen){.stop_after = 3};
	dp_counters_walk(&c, look, &s);
	assert_int_equal(s.total, 3);
	s = (struct seen){.stop_after = DP_COUNT_MAX + 2};
	dp_counters_walk(&c, look, &s);
	assert_int_equal(s.total, DP_COUNT_MAX + 2);
}

static void threads_are_summed_up(void **state)
{
	struct dp_counters a = {0}, b = {0}, sum = {0};
	struct seen s = {0};

	(void)state;
	dp_count(&a, DP_TX_PACKETS, 5);
	dp_count(&a, DP_TX_PACKETS, 2);
	dp_count(&b, DP_TX_PACKETS, 10);
	dp_drop(&b, DROP_RX_SPOOFED, 100);
	dp_counters_add(&sum, &a);
	dp_counters_add(&sum, &b);
	assert_int_equal(atomic_load(&sum.count[DP_TX_PACKETS]), 17);
	assert_int_equal(atomic_load(&sum.drop[DROP_RX_SPOOFED]), 100);
	dp_counters_walk(&sum, look, &s);
	assert_int_equal(s.sum, 117);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_counter_has_a_word_and_a_sentence_of_its_own),
		cmocka_unit_test(threads_are_summed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
