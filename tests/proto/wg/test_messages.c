/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/messages.h"
#include "tests/lib/hex.h"

static void type_and_length_must_agree(void **state)
{
	static const struct {
		uint32_t first;
		size_t from, to; /* lengths that are right, if any */
		enum wg_msg_type type;
	} cases[] = {
		{0, 1, 0, WG_MSG_INVALID},
		{1, 148, 148, WG_MSG_INITIATION},
		{2, 92, 92, WG_MSG_RESPONSE},
		{3, 64, 64, WG_MSG_COOKIE},
		{4, 32, 2000, WG_MSG_DATA},
		{5, 1, 0, WG_MSG_INVALID},
		/* the three reserved bytes are zero */
		{0x101, 1, 0, WG_MSG_INVALID},
		{0x1000002, 1, 0, WG_MSG_INVALID},
		{0x10004, 1, 0, WG_MSG_INVALID},
		{0x01000000, 1, 0, WG_MSG_INVALID},
	};
	uint8_t buf[2000] = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		store32_le(buf, cases[i].first);
		for (size_t len = 0; len <= sizeof(buf); len++) {
			enum wg_msg_type want = WG_MSG_INVALID;
			enum wg_msg_type got = wg_msg_classify(buf, len);

			if (len >= cases[i].from && len <= cases[i].to)
				want = cases[i].type;
			if (got != want)
				fail_msg("type %#x, %zu bytes: expected %d, seen %d",
					 cases[i].first, len, want, got);
		}
	}
}

static void the_receiver_is_where_the_paper_says(void **state)
{
	uint8_t buf[149];

	(void)state;
	/* At an odd address, as it may be. */
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)i;
	store32_le(buf + 1, WG_MSG_INITIATION);
	assert_int_equal(wg_msg_receiver(buf + 1), 0);
	store32_le(buf + 1, WG_MSG_RESPONSE);
	assert_int_equal(wg_msg_receiver(buf + 1), 0x0c0b0a09);
	store32_le(buf + 1, WG_MSG_COOKIE);
	assert_int_equal(wg_msg_receiver(buf + 1), 0x08070605);
	store32_le(buf + 1, WG_MSG_DATA);
	assert_int_equal(wg_msg_receiver(buf + 1), 0x08070605);
}

static void a_data_header_is_little_endian(void **state)
{
	struct wg_msg_data m;

	(void)state;
	wg_data_put(&m, 0x01020304, UINT64_C(0x1112131415161718));
	hex_check("header", &m, sizeof(m), "04000000 04030201 1817161514131211");
}

static void padding_stops_at_the_mtu(void **state)
{
	static const struct {
		size_t len, mtu, padded;
	} cases[] = {
		{0, 1420, 0},       {1, 1420, 16},      {16, 1420, 16},
		{17, 1420, 32},     {1419, 1420, 1420}, {1420, 1420, 1420},
		{1409, 1420, 1420}, {1408, 1420, 1408}, {1500, 1420, 1500},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(wg_data_padded(cases[i].len, cases[i].mtu),
				 cases[i].padded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_and_length_must_agree),
		cmocka_unit_test(the_receiver_is_where_the_paper_says),
		cmocka_unit_test(a_data_header_is_little_endian),
		cmocka_unit_test(padding_stops_at_the_mtu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
