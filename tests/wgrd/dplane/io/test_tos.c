/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/tos.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/net/csum.h"
#include "wgrd/lib/util.h"

enum {
	DROP = -1,
	NOT = IP_ECN_NOT_ECT,
	E0 = IP_ECN_ECT0,
	E1 = IP_ECN_ECT1,
	CE = IP_ECN_CE,
};

/* RFC 6040 figure 4: rows are the packet's mark, columns the datagram's. */
static const int table[4][4] = {
	[NOT] = {[NOT] = NOT, [E0] = NOT, [E1] = NOT, [CE] = DROP},
	[E0] = {[NOT] = E0, [E0] = E0, [E1] = E1, [CE] = CE},
	[E1] = {[NOT] = E1, [E0] = E1, [E1] = E1, [CE] = CE},
	[CE] = {[NOT] = CE, [E0] = CE, [E1] = CE, [CE] = CE},
};

enum {
	DSCP = 0xb8,
};

static void check4(int inner, int outer)
{
	uint8_t b[20] = {0x45, (uint8_t)(DSCP | inner), 0, 20, 1, 2, 0x40, 0, 63, 6};
	struct ip_packet p;
	uint16_t sum;
	bool pass;

	memcpy(b + 12, (uint8_t[]){192, 0, 2, 1, 198, 51, 100, 77}, 8);
	sum = csum_finish(csum_add(0, b, sizeof(b)));
	memcpy(b + 10, &sum, sizeof(sum));
	assert_int_equal(ip_parse(&p, b, sizeof(b)), IP_OK);
	pass = dp_tos_in(&p, b, (uint8_t)(outer | 0x10));
	assert_int_equal(pass, table[inner][outer] != DROP);
	if (!pass)
		return;
	assert_int_equal(b[1], DSCP | table[inner][outer]);
	assert_int_equal(csum_finish(csum_add(0, b, sizeof(b))), 0);
}

static void check6(int inner, int outer)
{
	uint8_t b[40] = {(uint8_t)(0x60 | DSCP >> 4),
			 (uint8_t)((DSCP << 4 & 0xf0) | inner << 4 | 0x0a), 0xbc, 0xde};
	struct ip_packet p;
	bool pass;

	assert_int_equal(ip_parse(&p, b, sizeof(b)), IP_OK);
	assert_int_equal(p.tos, DSCP | inner);
	pass = dp_tos_in(&p, b, (uint8_t)outer);
	assert_int_equal(pass, table[inner][outer] != DROP);
	if (!pass)
		return;
	assert_int_equal(ip_parse(&p, b, sizeof(b)), IP_OK);
	assert_int_equal(p.tos, DSCP | table[inner][outer]);
	assert_int_equal(b[1] & 0x0f, 0x0a); /* the flow label stays */
}

static void marks_are_combined_as_rfc_6040_says(void **state)
{
	(void)state;
	for (int inner = 0; inner < 4; inner++) {
		for (int outer = 0; outer < 4; outer++) {
			check4(inner, outer);
			check6(inner, outer);
		}
	}
}

/* RFC 1624 is about the sums that come out as 0xffff and 0. */
static void the_checksum_stays_right_for_every_sum(void **state)
{
	(void)state;
	for (unsigned id = 0; id < 65536; id++) {
		uint8_t b[20] = {0x45, E0, 0, 20, (uint8_t)(id >> 8), (uint8_t)id};
		struct ip_packet p;
		uint16_t sum = csum_finish(csum_add(0, b, sizeof(b)));

		memcpy(b + 10, &sum, sizeof(sum));
		assert_int_equal(ip_parse(&p, b, sizeof(b)), IP_OK);
		assert_true(dp_tos_in(&p, b, CE));
		assert_int_equal(csum_finish(csum_add(0, b, sizeof(b))), 0);
	}
}

static void outside_is_the_class_that_was_chosen_and_the_mark(void **state)
{
	(void)state;
	for (unsigned inner = 0; inner < 256; inner++) {
		uint8_t ecn = inner & IP_ECN_MASK;

		assert_int_equal(dp_tos_out(0, (uint8_t)inner), ecn);
		assert_int_equal(dp_tos_out(46, (uint8_t)inner), 0xb8 | ecn);
		assert_int_equal(dp_tos_out(63, (uint8_t)inner), 0xfc | ecn);
		assert_int_equal(dp_tos_out(DP_DSCP_COPY, (uint8_t)inner), inner);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_are_combined_as_rfc_6040_says),
		cmocka_unit_test(the_checksum_stays_right_for_every_sum),
		cmocka_unit_test(outside_is_the_class_that_was_chosen_and_the_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
