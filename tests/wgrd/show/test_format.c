/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/show/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"

static void durations_have_two_units_at_most(void **state)
{
	static const struct {
		uint64_t s;
		const char *text;
	} cases[] = {{0, "0s"},        {59, "59s"},
		     {60, "1m00s"},    {3599, "59m59s"},
		     {3600, "1h00m"},  {86399, "23h59m"},
		     {86400, "1d00h"}, {1000 * 86400, "1000d00h"}};
	char buf[SHOW_FIELD_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(show_duration(cases[i].s * NS_PER_S, buf),
				    cases[i].text);
	assert_string_equal(show_age(5, 0, buf), "never");
	assert_string_equal(show_age(20 * NS_PER_S, 8 * NS_PER_S, buf), "12s ago");
	assert_string_equal(show_age(8, 20 * NS_PER_S, buf), "0s ago");
}

static void octets_have_three_digits(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {{0, "0 B"},
		     {1023, "1023 B"},
		     {1024, "1.00 KiB"},
		     {10240, "10.0 KiB"},
		     {1048575, "1024 KiB"},
		     {1258291, "1.20 MiB"},
		     {UINT64_MAX, "16.0 EiB"}};
	char buf[SHOW_FIELD_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(show_bytes(cases[i].n, buf), cases[i].text);
}

static void long_sentences_are_wrapped(void **state)
{
	struct strbuf out = {0};

	(void)state;
	strbuf_printf(&out, "%70s", "");
	show_wrapped(&out, 70, 4, "one two three four");
	assert_string_equal(out.s + 70, "one two\n    three four\n");
	strbuf_truncate(&out, 0);
	show_wrapped(&out, 0, 4, "");
	assert_string_equal(out.s, "\n");
	strbuf_free(&out);
}

static void a_row_never_passes_80_columns(void **state)
{
	static const unsigned at[] = {2, 12, 30, 60};
	static const char address[] = "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:51820";
	static const struct {
		const char *cell[4], *expected;
	} cases[] = {
		{{"a", "b", "c", "d"},
		 "  a         b                 c                             d\n"},
		{{"123456789", "b", "c", "d"},
		 "  123456789 b                 c                             d\n"},
		{{"1234567890", "b", "c", "d"},
		 "  1234567890\n            b                 c                             d\n"},
		{{"a", "b", "c", address},
		 "  a         b                 c   [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:51820\n"},
		{{"a", "b", "12345", address},
		 "  a         b                 12345\n"
		 "                                  [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:51820\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strbuf out = {0};

		show_row(&out, at, cases[i].cell, ARRAY_SIZE(at));
		assert_string_equal(out.s, cases[i].expected);
		strbuf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_have_two_units_at_most),
		cmocka_unit_test(octets_have_three_digits),
		cmocka_unit_test(long_sentences_are_wrapped),
		cmocka_unit_test(a_row_never_passes_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
