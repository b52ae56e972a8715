/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/net/csum.h"

/* RFC 1071 section 3: the sum of these words is ddf2. */
static void the_example_of_rfc_1071_adds_up(void **state)
{
	static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	assert_int_equal(csum_fold(csum_add(0, data, sizeof(data))), htons(0xddf2));
	assert_int_equal(csum_finish(csum_add(0, data, sizeof(data))), htons(0x220d));
}

static void intact_data_sums_to_zero(void **state)
{
	uint8_t header[20] = {0x45, 0, 0,  0x54, 0xa6, 0xf2, 0x40, 0, 0x40, 1,
			      0,    0, 10, 0,    0,    1,    10,   0, 0,    2};
	uint16_t sum = csum_finish(csum_add(0, header, sizeof(header)));

	(void)state;
	memcpy(header + 10, &sum, sizeof(sum));
	assert_int_equal(csum_finish(csum_add(0, header, sizeof(header))), 0);
	header[19] ^= 1;
	assert_int_not_equal(csum_finish(csum_add(0, header, sizeof(header))), 0);
}

/* The twin: 16-bit words one by one, as the RFC's C code does. */
static uint16_t twin(const uint8_t *b, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? b[i] : (uint32_t)b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)sum);
}

static void any_data_in_any_pieces_agrees_with_the_plain_sum(void **state)
{
	const char *s = getenv("WGRD_SEED");
	unsigned seed = s ? (unsigned)strtoul(s, NULL, 0) : (unsigned)time(NULL);
	uint8_t buf[300];

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 3000; round++) {
		size_t len = (size_t)rand() % sizeof(buf);
		size_t cut = len ? ((size_t)rand() % len) & ~(size_t)1 : 0;
		uint64_t sum;

		for (size_t i = 0; i < len; i++)
			buf[i] = round % 3 ? (uint8_t)rand() : 0xff;
		sum = csum_add(csum_add(0, buf, cut), buf + cut, len - cut);
		if (csum_fold(sum) != twin(buf, len))
			fail_msg(
				"seed %u round %d: length %zu cut at %zu: expected %04x, saw %04x",
				seed, round, len, cut, twin(buf, len), csum_fold(sum));
	}
}

static void a_copy_sums_what_it_copies(void **state)
{
	uint8_t src[300], dst[300 + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i * 7 + 1);
	for (size_t len = 0; len < sizeof(src); len++) {
		uint64_t sum;

		memset(dst, 0xa5, sizeof(dst));
		sum = csum_copy(0x1234, dst + 1, src, len);
		assert_int_equal(csum_fold(sum), csum_fold(csum_add(0x1234, src, len)));
		assert_memory_equal(dst + 1, src, len);
		assert_int_equal(dst[0], 0xa5);
		assert_int_equal(dst[1 + len], 0xa5);
	}
}

/* A DNS-sized UDP datagram over IPv4 and IPv6, pseudo-headers written out by hand. */
static void the_pseudo_header_is_part_of_the_sum(void **state)
{
	static const uint8_t udp[] = {0x13, 0x88, 0, 53, 0, 11, 0, 0, 1, 2, 3};
	static const uint8_t pseudo4[] = {10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 11};
	uint8_t pseudo6[40] = {
		0xfd, [15] = 1, [16] = 0xfd, [31] = 2, [35] = 11, [39] = 17};
	uint64_t sum;

	(void)state;
	sum = csum_add(csum_add(0, pseudo4, sizeof(pseudo4)), udp, sizeof(udp));
	assert_int_equal(
		csum_finish(csum_add(csum_add_pseudo(0, pseudo4, pseudo4 + 4, 4, 17, 11),
				     udp, sizeof(udp))),
		csum_finish(sum));
	sum = csum_add(csum_add(0, pseudo6, sizeof(pseudo6)), udp, sizeof(udp));
	assert_int_equal(csum_finish(csum_add(
				 csum_add_pseudo(0, pseudo6, pseudo6 + 16, 16, 17, 11),
				 udp, sizeof(udp))),
			 csum_finish(sum));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc_1071_adds_up),
		cmocka_unit_test(intact_data_sums_to_zero),
		cmocka_unit_test(any_data_in_any_pieces_agrees_with_the_plain_sum),
		cmocka_unit_test(a_copy_sums_what_it_copies),
		cmocka_unit_test(the_pseudo_header_is_part_of_the_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
