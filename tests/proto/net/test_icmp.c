/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/net/icmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/net/csum.h"
#include "tests/lib/hex.h"

enum {
	PACKET_MAX = 2048,
};

static size_t answer_to(const uint8_t *packet, size_t len, uint8_t *out)
{
	struct ip_packet p;
	uint8_t *copy = malloc(len); /* of its exact length, for sanitizers */
	size_t n;

	memcpy(copy, packet, len);
	assert_int_equal(ip_parse(&p, copy, len), IP_OK);
	n = icmp_unreachable(out, &p, copy);
	free(copy);
	return n;
}

/* ---- byte by byte; the sums come from another program ---- */

static void an_echo_request_is_answered_byte_by_byte(void **state)
{
	static const char request[] = "45b8 0020 1234 0000 4001 0000 0a630001 0a630009"
				      "0800 f7fd 0001 0001 61626364";
	static const char answer[] =
		/* 3c bytes, DF, from 10.99.0.9 to 10.99.0.1 */
		"45d8 003c 0000 4000 4001 251a 0a630009 0a630001"
		/* host unreachable */
		"0301 8b5a 00000000"
		/* the request */
		"45b8 0020 1234 0000 4001 0000 0a630001 0a630009 0800 f7fd 0001 0001"
		"61626364";
	uint8_t in[PACKET_MAX], want[PACKET_MAX], out[ICMP6_ERROR_MAX];
	size_t in_len = hex_decode(in, sizeof(in), request);
	size_t want_len = hex_decode(want, sizeof(want), answer);

	(void)state;
	assert_int_equal(answer_to(in, in_len, out), want_len);
	assert_memory_equal(out, want, want_len);
}

static void an_ipv6_packet_is_answered_byte_by_byte(void **state)
{
	static const char udp[] = "6b8abcde 0009 11 3f"
				  "fd990000000000000000000000000001"
				  "fd990000000000000000000000000009"
				  "04d2 0035 0009 0000 ff";
	static const char answer[] = "60000000 0039 3a 40"
				     "fd990000000000000000000000000009"
				     "fd990000000000000000000000000001"
				     "0103 ca4b 00000000"
				     "6b8abcde 0009 11 3f"
				     "fd990000000000000000000000000001"
				     "fd990000000000000000000000000009"
				     "04d2 0035 0009 0000 ff";
	uint8_t in[PACKET_MAX], want[PACKET_MAX], out[ICMP6_ERROR_MAX];
	size_t in_len = hex_decode(in, sizeof(in), udp);
	size_t want_len = hex_decode(want, sizeof(want), answer);

	(void)state;
	assert_int_equal(answer_to(in, in_len, out), want_len);
	assert_memory_equal(out, want, want_len);
}

/* ---- lengths ---- */

static size_t make4(uint8_t *b, size_t len)
{
	memset(b, 0xa5, len);
	memcpy(b, (uint8_t[]){0x45,
			      0,
			      (uint8_t)(len >> 8),
			      (uint8_t)len,
			      0,
			      1,
			      0,
			      0,
			      64,
			      17,
			      0,
			      0,
			      10,
			      1,
			      0,
			      1,
			      10,
			      2,
			      0,
			      1},
	       20);
	return len;
}

static size_t make6(uint8_t *b, size_t len)
{
	size_t payload = len - 40;

	memset(b, 0x5a, len);
	memset(b, 0, 40);
	b[0] = 0x60;
	b[4] = (uint8_t)(payload >> 8);
	b[5] = (uint8_t)payload;
	b[6] = 17;
	b[8] = b[24] = 0xfd;
	b[23] = 1;
	b[39] = 2;
	return len;
}

/* Header, sums and quotation of any answer. */
static void check_answer(const uint8_t *in, size_t in_len, const uint8_t *out, size_t len)
{
	size_t head = out[0] >> 4 == 4 ? 28 : 48;
	size_t max = out[0] >> 4 == 4 ? ICMP4_ERROR_MAX : ICMP6_ERROR_MAX;
	struct ip_packet p;
	uint64_t sum = 0;

	assert_int_equal(ip_parse(&p, out, len), IP_OK);
	assert_int_equal(p.len, len);
	assert_int_equal(len, head + in_len < max ? head + in_len : max);
	assert_memory_equal(out + head, in, len - head);
	if (p.family == AF_INET)
		assert_int_equal(csum_finish(csum_add(0, out, 20)), 0);
	else
		sum = csum_add_pseudo(0, p.src, p.dst, 16, 58, (uint32_t)(len - 40));
	assert_int_equal(
		csum_finish(csum_add(sum, out + p.header_len, len - p.header_len)), 0);
}

static void as_much_of_the_packet_is_quoted_as_fits(void **state)
{
	uint8_t in[PACKET_MAX], out[ICMP6_ERROR_MAX];

	(void)state;
	for (size_t len = 20; len < 1500; len++) {
		make4(in, len);
		check_answer(in, len, out, answer_to(in, len, out));
		if (len < 40)
			continue;
		make6(in, len);
		check_answer(in, len, out, answer_to(in, len, out));
	}
}

static void padding_is_not_quoted(void **state)
{
	uint8_t in[PACKET_MAX], out[ICMP6_ERROR_MAX];

	(void)state;
	make4(in, 100);
	assert_int_equal(answer_to(in, 112, out), 128);
	make6(in, 100);
	assert_int_equal(answer_to(in, 112, out), 148);
}

/* ---- what must not be answered ---- */

struct change {
	size_t at;
	uint8_t byte;
	bool answered;
};

static void check_changes(size_t (*make)(uint8_t *, size_t), const struct change *c,
			  size_t n)
{
	uint8_t in[PACKET_MAX], out[ICMP6_ERROR_MAX];

	for (size_t i = 0; i < n; i++) {
		size_t len = make(in, 80);

		in[c[i].at] = c[i].byte;
		if ((answer_to(in, len, out) != 0) != c[i].answered)
			fail_msg("byte %zu = %#x: expected %s", c[i].at, c[i].byte,
				 c[i].answered ? "an answer" : "none");
	}
}

static void only_single_hosts_and_first_fragments_are_answered(void **state)
{
	static const struct change v4[] = {
		{12, 0, false},   {12, 127, false}, {12, 224, false}, {12, 239, false},
		{12, 240, false}, {12, 255, false}, {12, 223, true},  {12, 1, true},
		{16, 224, false}, {16, 255, false}, {16, 0, false},   {16, 223, true},
		{6, 0x20, true}, /* the first of several */
		{6, 0x40, true},  {6, 0x80, true},  {6, 0x01, false}, {6, 0x1f, false},
		{7, 1, false},
	};
	static const struct change v6[] = {
		{8, 0xff, false}, {24, 0xff, false}, {8, 0xfe, true},
		{24, 0xfe, true}, {8, 0, false}, /* ::1 */
		{24, 0, true},                   /* ::2 */
	};

	(void)state;
	check_changes(make4, v4, sizeof(v4) / sizeof(v4[0]));
	check_changes(make6, v6, sizeof(v6) / sizeof(v6[0]));
}

static size_t make_icmp4(uint8_t *b, size_t len)
{
	make4(b, len);
	b[9] = 1;
	return len;
}

static size_t make_icmp6(uint8_t *b, size_t len)
{
	make6(b, len);
	b[6] = 58;
	return len;
}

static void errors_and_what_may_be_one_are_not_answered(void **state)
{
	static const uint8_t queries4[] = {0, 8, 9, 10, 13, 14, 15, 16, 17, 18};
	struct change c[256];

	(void)state;
	for (unsigned type = 0; type < 256; type++)
		c[type] = (struct change){20, (uint8_t)type,
					  memchr(queries4, (int)type, sizeof(queries4))};
	check_changes(make_icmp4, c, 256);
	for (unsigned type = 0; type < 256; type++)
		c[type] = (struct change){40, (uint8_t)type, type >= 128 && type != 137};
	check_changes(make_icmp6, c, 256);
}

static void an_icmp_message_without_a_type_is_not_answered(void **state)
{
	uint8_t in[PACKET_MAX], out[ICMP6_ERROR_MAX];

	(void)state;
	assert_int_equal(answer_to(in, make_icmp4(in, 20), out), 0);
	assert_int_equal(answer_to(in, make_icmp6(in, 40), out), 0);
}

/* An IPv6 packet of 120 bytes whose chain of headers is given in hex. */
static const struct {
	uint8_t next;
	const char *chain;
	bool answered;
} chains[] = {
	{0, "3a00 000000000000 80", true},                   /* hop-by-hop, echo */
	{0, "3a00 000000000000 01", false},                  /* hop-by-hop, an error */
	{60, "3a01 0000000000000000000000000000 02", false}, /* 16 bytes of options */
	{60, "3a01 0000000000000000000000000000 81", true},
	{43, "3a00 000000000000 03", false},                   /* routing */
	{51, "3a02 0000 0000000000000000 00000000 04", false}, /* authentication: 16 */
	{51, "3a02 0000 0000000000000000 00000000 80", true},
	{44, "3a00 0001 00000007 01", false}, /* a first fragment with an error */
	{44, "3a00 0001 00000007 80", true},
	{44, "1100 0008 00000007 00", false}, /* a later one, of whatever */
	{44, "1100 0100 00000007 00", false},
	{0, "3c00 000000000000 2b00 000000000000 3a00 000000000000 01", false},
	{0, "3c00 000000000000 2b00 000000000000 1100 000000000000 01", true},
	{0, "3cff 000000000000", false}, /* beyond the packet */
	{59, "", true},                  /* no next header */
	{50, "", true},                  /* encrypted */
	/* too many to look at */
	{60,
	 "3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000"
	 "3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000"
	 "1100000000000000",
	 false},
};

static void extension_headers_do_not_hide_an_error(void **state)
{
	uint8_t in[PACKET_MAX], out[ICMP6_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
		make6(in, 120);
		in[6] = chains[i].next;
		hex_decode(in + 40, 80, chains[i].chain);
		if ((answer_to(in, 120, out) != 0) != chains[i].answered)
			fail_msg("chain %zu: expected %s", i,
				 chains[i].answered ? "an answer" : "none");
	}
}

static void answers_are_not_answered(void **state)
{
	uint8_t in[PACKET_MAX], out[ICMP6_ERROR_MAX], again[ICMP6_ERROR_MAX];

	(void)state;
	assert_int_equal(answer_to(out, answer_to(in, make4(in, 80), out), again), 0);
	assert_int_equal(answer_to(out, answer_to(in, make6(in, 80), out), again), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_echo_request_is_answered_byte_by_byte),
		cmocka_unit_test(an_ipv6_packet_is_answered_byte_by_byte),
		cmocka_unit_test(as_much_of_the_packet_is_quoted_as_fits),
		cmocka_unit_test(padding_is_not_quoted),
		cmocka_unit_test(only_single_hosts_and_first_fragments_are_answered),
		cmocka_unit_test(errors_and_what_may_be_one_are_not_answered),
		cmocka_unit_test(an_icmp_message_without_a_type_is_not_answered),
		cmocka_unit_test(extension_headers_do_not_hide_an_error),
		cmocka_unit_test(answers_are_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
