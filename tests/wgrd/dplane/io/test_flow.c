/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/flow.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wgrd/lib/util.h"

enum {
	V4_LEN = 28,
	V6_LEN = 48,
};

static void make4(uint8_t b[V4_LEN], uint8_t proto)
{
	memset(b, 0, V4_LEN);
	b[0] = 0x45;
	b[3] = V4_LEN;
	b[9] = proto;
	memcpy(b + 12, (uint8_t[]){10, 0, 0, 1, 10, 0, 0, 2, 0, 7, 0, 9}, 12);
}

static void make6(uint8_t b[V6_LEN], uint8_t next)
{
	memset(b, 0, V6_LEN);
	b[0] = 0x60;
	b[5] = 8;
	b[6] = next;
	b[8] = b[24] = 0xfd;
	b[23] = 1;
	b[39] = 2;
	b[41] = 7;
	b[43] = 9;
}

static uint32_t hash(const uint8_t *b, size_t len)
{
	struct ip_packet p;

	assert_int_equal(ip_parse(&p, b, len), IP_OK);
	return dp_flow_hash(&p, b, 1234);
}

/* What changing one byte does to the flow. */
static void a_flow_is_addresses_protocol_and_ports(void **state)
{
	static const struct {
		uint8_t proto;
		unsigned at;
		bool same;
	} cases4[] = {
		{IPPROTO_UDP, 15, false}, /* source */
		{IPPROTO_UDP, 19, false}, /* destination */
		{IPPROTO_UDP, 21, false}, /* source port */
		{IPPROTO_UDP, 23, false}, /* destination port */
		{IPPROTO_UDP, 1, true},   /* TOS */
		{IPPROTO_UDP, 5, true},   /* identification */
		{IPPROTO_UDP, 8, true},   /* TTL */
		{IPPROTO_UDP, 25, true},  /* UDP length */
		{IPPROTO_TCP, 21, false}, {IPPROTO_SCTP, 23, false},
		{IPPROTO_ICMP, 21, true}, {IPPROTO_GRE, 23, true},
	};
	static const struct {
		uint8_t next;
		unsigned at;
		bool same;
	} cases6[] = {
		{IPPROTO_TCP, 23, false},     {IPPROTO_TCP, 39, false},
		{IPPROTO_TCP, 41, false},     {IPPROTO_TCP, 43, false},
		{IPPROTO_TCP, 3, true}, /* flow label: the ports are better */
		{IPPROTO_ICMPV6, 3, false},   {IPPROTO_ICMPV6, 41, true},
		{IPPROTO_FRAGMENT, 43, true}, {IPPROTO_FRAGMENT, 2, false},
	};
	uint8_t a[V6_LEN], b[V6_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases4); i++) {
		make4(a, cases4[i].proto);
		make4(b, cases4[i].proto);
		b[cases4[i].at] ^= 0x40;
		if ((hash(a, V4_LEN) == hash(b, V4_LEN)) != cases4[i].same)
			fail_msg("IPv4 protocol %u byte %u", cases4[i].proto,
				 cases4[i].at);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases6); i++) {
		make6(a, cases6[i].next);
		make6(b, cases6[i].next);
		b[cases6[i].at] ^= 0x01;
		if ((hash(a, V6_LEN) == hash(b, V6_LEN)) != cases6[i].same)
			fail_msg("IPv6 next header %u byte %u", cases6[i].next,
				 cases6[i].at);
	}
}

static void all_fragments_of_a_packet_go_one_way(void **state)
{
	uint8_t first[V4_LEN], later[V4_LEN];

	(void)state;
	make4(first, IPPROTO_UDP);
	first[6] = 0x20; /* more fragments */
	make4(later, IPPROTO_UDP);
	later[7] = 100; /* offset */
	later[21] = 99; /* not ports but data */
	assert_int_equal(hash(first, V4_LEN), hash(later, V4_LEN));
}

static void a_short_packet_is_not_read_beyond_its_end(void **state)
{
	uint8_t *b = xcalloc(1, 22);
	uint8_t whole[V4_LEN];

	(void)state;
	make4(whole, IPPROTO_UDP);
	memcpy(b, whole, 22);
	b[3] = 22;
	(void)hash(b, 22); /* ASan watches */
	free(b);
}

static void flows_spread_evenly_over_the_range(void **state)
{
	unsigned bucket[16] = {0};
	uint8_t b[V4_LEN];

	(void)state;
	make4(b, IPPROTO_TCP);
	for (unsigned i = 0; i < 16000; i++) {
		b[20] = (uint8_t)(i >> 8);
		b[21] = (uint8_t)i;
		bucket[hash(b, V4_LEN) >> 28]++;
	}
	for (unsigned i = 0; i < 16; i++)
		assert_in_range(bucket[i], 1000 - 150, 1000 + 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_addresses_protocol_and_ports),
		cmocka_unit_test(all_fragments_of_a_packet_go_one_way),
		cmocka_unit_test(a_short_packet_is_not_read_beyond_its_end),
		cmocka_unit_test(flows_spread_evenly_over_the_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
