/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "proto/net/wbuf.h"

static void what_is_put_is_got(void **state)
{
	static const uint8_t wire[] = {
		0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
		0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 'a',  'b',  'c',  0x00, 0x00,
	};
	uint8_t buf[24];
	char text[3];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	wbuf_put_u8(&w, 0x01);
	wbuf_put_be16(&w, 0x0203);
	wbuf_put_be32(&w, 0x04050607);
	wbuf_put_be64(&w, 0x08090a0b0c0d0e0f);
	wbuf_put(&w, "abc", 3);
	wbuf_put_zeros(&w, 2);
	wbuf_put_host32(&w, 0xdeadbeef);
	assert_true(wbuf_done(&w));
	assert_memory_equal(buf, wire, sizeof(wire));

	w = wbuf_reader(buf, sizeof(buf));
	assert_int_equal(wbuf_get_u8(&w), 0x01);
	assert_int_equal(wbuf_get_be16(&w), 0x0203);
	assert_int_equal(wbuf_get_be32(&w), 0x04050607);
	assert_true(wbuf_get_be64(&w) == 0x08090a0b0c0d0e0f);
	wbuf_get(&w, text, sizeof(text));
	assert_memory_equal(text, "abc", 3);
	wbuf_skip(&w, 2);
	assert_int_equal(wbuf_left(&w), 4);
	assert_int_equal(wbuf_get_host32(&w), 0xdeadbeef);
	assert_true(wbuf_done(&w));
}

static void the_first_read_beyond_the_end_sticks(void **state)
{
	static const uint8_t buf[] = {1, 2, 3};
	uint8_t out[4] = {9, 9, 9, 9};
	struct wbuf w = wbuf_reader(buf, sizeof(buf));

	(void)state;
	assert_int_equal(wbuf_get_be16(&w), 0x0102);
	assert_int_equal(wbuf_get_be16(&w), 0);
	assert_true(w.err);
	assert_int_equal(wbuf_get_u8(&w), 0); /* the third byte stays out of reach */
	assert_int_equal(wbuf_get_be64(&w), 0);
	assert_int_equal(wbuf_left(&w), 0);
	wbuf_get(&w, out, sizeof(out));
	assert_memory_equal(out, "\0\0\0\0", 4);
	assert_false(wbuf_done(&w));
}

static void a_boolean_is_zero_or_one(void **state)
{
	static const uint8_t buf[] = {0, 1, 2, 0};
	struct wbuf w = wbuf_reader(buf, sizeof(buf));

	(void)state;
	assert_false(wbuf_get_bool(&w));
	assert_true(wbuf_get_bool(&w));
	assert_false(w.err);
	assert_false(wbuf_get_bool(&w));
	assert_true(w.err);
}

static void a_write_that_does_not_fit_changes_nothing(void **state)
{
	uint8_t buf[4] = {7, 7, 7, 7};
	struct wbuf w = wbuf_writer(buf, 3);

	(void)state;
	wbuf_put_be32(&w, 0);
	wbuf_put_u8(&w, 0);
	wbuf_put_zeros(&w, 1);
	assert_true(w.err);
	assert_memory_equal(buf, "\7\7\7\7", 4);
}

static void a_length_near_the_top_of_size_t_is_only_too_long(void **state)
{
	uint8_t buf[4] = {0};
	struct wbuf w = wbuf_reader(buf, sizeof(buf));

	(void)state;
	wbuf_skip(&w, SIZE_MAX);
	assert_true(w.err);
	w = wbuf_writer(buf, sizeof(buf));
	wbuf_put_zeros(&w, SIZE_MAX - 2);
	assert_true(w.err);
}

static void nothing_may_be_read_from_nothing(void **state)
{
	struct wbuf w = wbuf_reader(NULL, 0);

	(void)state;
	wbuf_get(&w, NULL, 0);
	wbuf_put(&w, NULL, 0);
	wbuf_put_zeros(&w, 0);
	assert_true(wbuf_done(&w));
	wbuf_get_u8(&w);
	assert_true(w.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_got),
		cmocka_unit_test(the_first_read_beyond_the_end_sticks),
		cmocka_unit_test(a_boolean_is_zero_or_one),
		cmocka_unit_test(a_write_that_does_not_fit_changes_nothing),
		cmocka_unit_test(a_length_near_the_top_of_size_t_is_only_too_long),
		cmocka_unit_test(nothing_may_be_read_from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
