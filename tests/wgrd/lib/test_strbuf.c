/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/strbuf.h"

static void an_empty_one_is_the_empty_string(void **state)
{
	struct strbuf b = {0};

	(void)state;
	assert_string_equal(strbuf_str(&b), "");
	strbuf_truncate(&b, 0);
	strbuf_add(&b, NULL, 0);
	assert_string_equal(strbuf_str(&b), "");
	strbuf_free(&b);
}

static void it_grows_and_is_always_terminated(void **state)
{
	struct strbuf b = {0};
	char expected[6001] = "";

	(void)state;
	for (int i = 0; i < 1000; i++) {
		strbuf_puts(&b, "ab");
		strbuf_add(&b, "cdX", 2);
		strbuf_printf(&b, "%s", "ef");
		assert_int_equal(b.len, strlen(strbuf_str(&b)));
		memcpy(expected + i * 6, "abcdef", 7);
	}
	assert_string_equal(strbuf_str(&b), expected);
	strbuf_truncate(&b, 8);
	assert_string_equal(strbuf_str(&b), "abcdefab");
	strbuf_truncate(&b, 100); /* longer than it is: nothing happens */
	assert_string_equal(strbuf_str(&b), "abcdefab");
	strbuf_free(&b);
	assert_null(b.s);
}

static void a_long_formatted_piece_fits(void **state)
{
	struct strbuf b = {0};

	(void)state;
	strbuf_printf(&b, "<%*d>", 5000, 7);
	assert_int_equal(b.len, 5002);
	assert_string_equal(b.s + 4999, " 7>");
	strbuf_free(&b);
}

static void json_strings_are_escaped_and_valid_utf8(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", "\"\""},
		{"plain", "\"plain\""},
		{"a\"b\\c", "\"a\\\"b\\\\c\""},
		{"\n\t\r\x01\x1f\x7f", "\"\\n\\t\\r\\u0001\\u001f\x7f\""},
		{"/", "\"/\""},
		/* two, three and four bytes, at both ends of each range */
		{"\xc2\x80\xdf\xbf", "\"\xc2\x80\xdf\xbf\""},
		{"\xe0\xa0\x80\xef\xbf\xbf", "\"\xe0\xa0\x80\xef\xbf\xbf\""},
		{"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
		 "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""},
		/* a stray continuation, an overlong slash, a surrogate, beyond the end */
		{"\x80", "\"\\ufffd\""},
		{"\xc0\xaf", "\"\\ufffd\\ufffd\""},
		{"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
		{"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
		{"\xf5", "\"\\ufffd\""},
		/* cut short by the end, and by something else */
		{"\xe2\x82", "\"\\ufffd\\ufffd\""},
		{"\xf0\x9f\x92x", "\"\\ufffd\\ufffd\\ufffdx\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strbuf b = {0};
		/* exactly as long as it is, so that ASan sees a read beyond the end */
		char *in = xstrdup(cases[i].in);

		strbuf_json_str(&b, in);
		assert_string_equal(strbuf_str(&b), cases[i].out);
		strbuf_free(&b);
		free(in);
	}
}

static void one_with_keys_in_it_grows_like_the_others_and_stays_so(void **state)
{
	struct strbuf b = {.secret = true}, plain = {0};

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		strbuf_printf(&b, "%u,", i);
		strbuf_printf(&plain, "%u,", i);
	}
	assert_int_equal(b.len, plain.len);
	assert_string_equal(b.s, plain.s);
	strbuf_free(&b);
	assert_null(b.s);
	assert_int_equal(b.cap, 0);
	assert_true(b.secret);
	strbuf_free(&b);
	strbuf_free(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_is_the_empty_string),
		cmocka_unit_test(it_grows_and_is_always_terminated),
		cmocka_unit_test(a_long_formatted_piece_fits),
		cmocka_unit_test(json_strings_are_escaped_and_valid_utf8),
		cmocka_unit_test(one_with_keys_in_it_grows_like_the_others_and_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
