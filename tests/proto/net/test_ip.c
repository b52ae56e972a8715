/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "proto/net/ip.h"

/* An echo request of 24 bytes with DSCP EF and ECT(0). */
static const uint8_t v4[24] = {
	0x45, 0xba, 0x00, 0x18, 0x12, 0x34, 0x40, 0x00, 0x40, 0x01, 0x00, 0x00,
	10,   0,    0,    1,    10,   0,    0,    2,    0x08, 0x00, 0xf7, 0xff,
};

/* A UDP datagram of 8 bytes with traffic class 0xb9. */
static const uint8_t v6[48] = {
	0x6b, 0x90, 0x00, 0x00, 0x00, 0x08, 0x11, 0x40, 0xfd, 0, 0, 0, 0, 0, 0, 0,
	0,    0,    0,    0,    0,    0,    0,    1,    0xfd, 0, 0, 0, 0, 0, 0, 0,
	0,    0,    0,    0,    0,    0,    0,    2,    0,    7, 0, 9, 0, 8, 0, 0,
};

static void a_packet_is_read(void **state)
{
	struct ip_packet p;

	(void)state;
	assert_int_equal(ip_parse(&p, v4, sizeof(v4)), IP_OK);
	assert_int_equal(p.family, AF_INET);
	assert_int_equal(p.proto, 1);
	assert_int_equal(p.tos, 0xba);
	assert_int_equal(p.tos & IP_ECN_MASK, IP_ECN_ECT0);
	assert_int_equal(p.header_len, 20);
	assert_int_equal(p.len, 24);
	assert_memory_equal(p.src, "\x0a\0\0\x01", 4);
	assert_memory_equal(p.dst, "\x0a\0\0\x02", 4);

	assert_int_equal(ip_parse(&p, v6, sizeof(v6)), IP_OK);
	assert_int_equal(p.family, AF_INET6);
	assert_int_equal(p.proto, 17);
	assert_int_equal(p.tos, 0xb9);
	assert_int_equal(p.tos & IP_ECN_MASK, IP_ECN_ECT1);
	assert_int_equal(p.header_len, 40);
	assert_int_equal(p.len, 48);
	assert_ptr_equal(p.src, v6 + 8);
	assert_ptr_equal(p.dst, v6 + 24);
}

static void padding_after_the_packet_is_not_part_of_it(void **state)
{
	uint8_t buf[80] = {0};
	struct ip_packet p;

	(void)state;
	memcpy(buf, v4, sizeof(v4));
	assert_int_equal(ip_parse(&p, buf, 32), IP_OK);
	assert_int_equal(p.len, sizeof(v4));
	memcpy(buf, v6, sizeof(v6));
	assert_int_equal(ip_parse(&p, buf, sizeof(buf)), IP_OK);
	assert_int_equal(p.len, sizeof(v6));
}

/* Each length on its own heap block, so that ASan sees a read of one byte too many. */
static void every_shorter_buffer_is_refused(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t len, fixed;
	} packets[] = {{v4, sizeof(v4), IP4_HEADER_LEN},
		       {v6, sizeof(v6), IP6_HEADER_LEN}};
	struct ip_packet p;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		for (size_t n = 0; n < packets[k].len; n++) {
			uint8_t *copy = malloc(n ? n : 1);
			enum ip_verdict want =
				n < packets[k].fixed ? IP_TOO_SHORT : IP_BAD_LENGTH;
			enum ip_verdict saw;

			assert_non_null(copy);
			memcpy(copy, packets[k].bytes, n);
			saw = ip_parse(&p, copy, n);
			free(copy);
			if (saw != want)
				fail_msg("packet %zu cut to %zu: expected %d, saw %d", k,
					 n, want, saw);
		}
	}
}

static void headers_that_lie_are_refused(void **state)
{
	static const struct {
		const char *what;
		uint8_t byte0, len_hi, len_lo;
		enum ip_verdict want;
	} cases[] = {
		{"version 0", 0x05, 0, 24, IP_BAD_VERSION},
		{"version 5", 0x55, 0, 24, IP_BAD_VERSION},
		{"version 15", 0xf5, 0, 24, IP_BAD_VERSION},
		{"header of 16 bytes", 0x44, 0, 24, IP_BAD_HEADER},
		{"header of 28 in a packet of 24", 0x47, 0, 24, IP_BAD_HEADER},
		{"header of 24 in a packet of 24", 0x46, 0, 24, IP_OK},
		{"total length 0", 0x45, 0, 0, IP_BAD_HEADER},
		{"total length 19", 0x45, 0, 19, IP_BAD_HEADER},
		{"total length 20", 0x45, 0, 20, IP_OK},
		{"total length 25", 0x45, 0, 25, IP_BAD_LENGTH},
		{"total length 65535", 0x45, 0xff, 0xff, IP_BAD_LENGTH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t buf[sizeof(v4)];
		struct ip_packet p;
		enum ip_verdict saw;

		memcpy(buf, v4, sizeof(buf));
		buf[0] = cases[i].byte0;
		buf[2] = cases[i].len_hi;
		buf[3] = cases[i].len_lo;
		saw = ip_parse(&p, buf, sizeof(buf));
		if (saw != cases[i].want)
			fail_msg("%s: expected %d, saw %d", cases[i].what, cases[i].want,
				 saw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_is_read),
		cmocka_unit_test(padding_after_the_packet_is_not_part_of_it),
		cmocka_unit_test(every_shorter_buffer_is_refused),
		cmocka_unit_test(headers_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
