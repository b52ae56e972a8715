/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Super-packets are cut as the twin in tests/lib/forge.h says they must be. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/forge.h"
#include "tests/lib/hex.h"
#include "tests/lib/rng.h"
#include "wgrd/dplane/io/gso.h"

enum {
	FENCE = 0xa5,
	FENCE_LEN = 32,
};

static uint8_t whole[FORGE_MAX], want[FORGE_MAX];
static uint8_t got[FENCE_LEN + FORGE_MAX + FENCE_LEN];

static bool begin(struct dp_cut *c, const struct virtio_net_hdr *vh, const uint8_t *pkt,
		  size_t len)
{
	struct ip_packet ip;

	assert_int_equal(ip_parse(&ip, pkt, len), IP_OK);
	return dp_cut_begin(c, vh, pkt, &ip);
}

/* The next piece, which touches nothing before and after it. */
static size_t next(struct dp_cut *c)
{
	const size_t max_len = dp_cut_max_len(c);
	size_t len;

	memset(got, FENCE, FENCE_LEN);
	memset(got + FENCE_LEN + max_len, FENCE, FENCE_LEN);
	len = dp_cut_next(c, got + FENCE_LEN);
	assert_in_range(len, 1, max_len);
	for (unsigned i = 0; i < FENCE_LEN; i++) {
		assert_int_equal(got[i], FENCE);
		assert_int_equal(got[FENCE_LEN + max_len + i], FENCE);
	}
	return len;
}

static void compare_cut(const struct forge *f, uint16_t mss)
{
	const unsigned pieces = forge_pieces(f, mss);
	struct virtio_net_hdr vh;
	const size_t len = forge_write_super(f, mss, whole, &vh);
	const uint16_t before = forge_sum(whole, len);
	struct dp_cut c;

	assert_true(begin(&c, &vh, whole, len));
	for (unsigned i = 0; i < pieces; i++) {
		const struct forge piece = forge_piece(f, mss, i);
		const size_t want_len = forge_write(&piece, want);
		char what[100];

		assert_false(dp_cut_done(&c));
		assert_int_equal(dp_cut_count(&c), pieces - i);
		snprintf(what, sizeof(what), "piece %u of %u of %u bytes, IPv%d %s", i,
			 pieces, mss, f->six ? 6 : 4, f->proto == 6 ? "TCP" : "UDP");
		assert_int_equal(next(&c), want_len);
		hex_check_bytes(what, got + FENCE_LEN, want, want_len);
	}
	assert_true(dp_cut_done(&c));
	assert_int_equal(forge_sum(whole, len), before);
}

static void super_packets_are_cut_like_the_twin_does(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned i = 0; i < 3000; i++) {
		const uint32_t most = i % 50 ? 4000 : 65535 - FORGE_HEAD_MAX;
		struct forge f;

		forge_random(&f, 1 + rng_below(most));
		compare_cut(&f, (uint16_t)(rng_below(4) ? 1 + rng_below(1500)
							: 1 + rng_below(65535)));
	}
}

static void every_length_around_the_piece_is_cut_right(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned kind = 0; kind < 40; kind++) {
		for (uint32_t len = 1; len <= 31; len++) {
			struct forge f;

			forge_random(&f, len);
			compare_cut(&f, 10);
		}
	}
}

static void a_super_packet_of_one_byte_pieces_is_cut_to_the_end(void **state)
{
	struct forge f;

	(void)state;
	rng_seed();
	for (unsigned i = 0; i < 4; i++) {
		forge_random(&f, 65535 - FORGE_HEAD_MAX);
		f.payload_len = 2000;
		compare_cut(&f, 1);
	}
}

/* Chooses the last word of the payload so that everything adds up to a checksum of 0. */
static void make_sum_zero(struct forge *f, uint8_t *payload)
{
	const size_t at =
		forge_l4(f) + (f->proto == IPPROTO_TCP ? 16 : 6); /* of the checksum */

	memset(payload + f->payload_len - 2, 0, 2);
	forge_write(f, want);
	memcpy(payload + f->payload_len - 2, want + at, 2);
	forge_write(f, want);
	assert_int_equal(want[at], f->proto == IPPROTO_TCP ? 0 : 0xff);
	assert_int_equal(want[at + 1], f->proto == IPPROTO_TCP ? 0 : 0xff);
}

static void check_whole(const struct forge *f)
{
	struct virtio_net_hdr vh;
	size_t len = forge_write_partial(f, whole, &vh);
	struct dp_cut c;

	assert_true(begin(&c, &vh, whole, len));
	assert_int_equal(dp_cut_count(&c), 1);
	assert_int_equal(dp_cut_max_len(&c), len);
	assert_int_equal(next(&c), len);
	assert_true(dp_cut_done(&c));
	forge_write(f, want);
	hex_check_bytes("whole", got + FENCE_LEN, want, len);
}

/* RFC 768: a UDP checksum of zero would say that there is none. In TCP it is a checksum
 * like any other. */
static void a_checksum_of_zero_is_written_as_the_protocol_wants_it(void **state)
{
	uint8_t payload[100];
	struct forge f;

	(void)state;
	rng_seed();
	for (unsigned i = 0; i < 200; i++) {
		forge_random(&f, sizeof(payload));
		rng_fill(payload, sizeof(payload));
		f.payload = payload;
		make_sum_zero(&f, payload);
		compare_cut(&f, sizeof(payload)); /* a super-packet of one */
		check_whole(&f);
	}
}

static void a_packet_with_an_open_checksum_gets_one(void **state)
{
	struct forge f;

	(void)state;
	rng_seed();
	for (unsigned i = 0; i < 1000; i++) {
		forge_random(&f, rng_below(2000));
		check_whole(&f);
	}
}

/* Also when the checksum is wrong: that is for the receiver to find. */
static void a_packet_that_is_complete_stays_as_it_is(void **state)
{
	const struct virtio_net_hdr vh[] = {
		{.flags = 0},
		{.flags = VIRTIO_NET_HDR_F_DATA_VALID, .hdr_len = 99, .csum_start = 9999},
	};
	struct forge f;
	struct dp_cut c;

	(void)state;
	rng_seed();
	for (unsigned i = 0; i < 200; i++) {
		size_t len;

		forge_random(&f, rng_below(2000));
		f.bad_csum = rng_below(2);
		len = forge_write(&f, whole);
		assert_true(begin(&c, &vh[i % 2], whole, len));
		assert_int_equal(dp_cut_count(&c), 1);
		assert_int_equal(next(&c), len);
		assert_true(dp_cut_done(&c));
		assert_memory_equal(got + FENCE_LEN, whole, len);
	}
}

/* What follows the packet in the buffer belongs to nobody. */
static void what_follows_the_packet_is_left_out(void **state)
{
	struct forge f;
	struct virtio_net_hdr vh;
	struct dp_cut c;
	size_t len;

	(void)state;
	rng_seed();
	for (unsigned i = 0; i < 100; i++) {
		const uint16_t mss = (uint16_t)(1 + rng_below(300));
		struct forge last;
		size_t want_len;

		forge_random(&f, 1 + rng_below(1000));
		len = forge_write_super(&f, mss, whole, &vh);
		memset(whole + len, 0xee, 50);
		assert_true(begin(&c, &vh, whole, len + 50));
		while (dp_cut_count(&c) > 1)
			next(&c);
		last = forge_piece(&f, mss, forge_pieces(&f, mss) - 1);
		want_len = forge_write(&last, want);
		assert_int_equal(next(&c), want_len);
		assert_memory_equal(got + FENCE_LEN, want, want_len);
	}
}

/* ---- what does not fit together ---- */

enum base {
	TCP4, /* super-packets */
	TCP6,
	UDP4,
	UDP6,
	OPTIONS4, /* TCP with eight bytes of IP options */
	ROUTED6,  /* TCP after an extension header of eight bytes */
	OPEN4,    /* no super-packet, checksum not done */
};

static size_t write_base(enum base base, struct virtio_net_hdr *vh)
{
	static const uint8_t payload[1000];
	struct forge f = {
		.six = base == TCP6 || base == UDP6 || base == ROUTED6,
		.proto = base == UDP4 || base == UDP6 ? IPPROTO_UDP : IPPROTO_TCP,
		.ip_option_len = base == OPTIONS4 ? 8 : 0,
		.extension_len = base == ROUTED6 ? 8 : 0,
		.extension_type = IPPROTO_DSTOPTS,
		.ttl = 64,
		.flags = FORGE_ACK,
		.payload = payload,
		.payload_len = sizeof(payload),
	};

	if (base == OPEN4)
		return forge_write_partial(&f, whole, vh);
	return forge_write_super(&f, 300, whole, vh);
}

#define VH(field, v)                            \
	offsetof(struct virtio_net_hdr, field), \
		sizeof(((struct virtio_net_hdr *)0)->field), v

/* clang-format off */
static const struct misfit {
	const char *sentence;
	enum base base;
	size_t offset, size; /* of what is set to value in the header before the packet */
	uint16_t value;
	size_t byte; /* and of the packet, if not 0 */
	uint8_t byte_value;
	bool taken;
} misfits[] = {
	{"nothing is wrong", TCP4, VH(gso_size, 300), 0, 0, true},
	{"nothing is wrong in IPv6", TCP6, VH(gso_size, 300), 0, 0, true},
	{"nothing is wrong in UDP", UDP4, VH(gso_size, 300), 0, 0, true},
	{"nothing is wrong with options", OPTIONS4, VH(gso_size, 300), 0, 0, true},
	{"nothing is wrong after an extension header", ROUTED6,
	 VH(gso_size, 300), 0, 0, true},
	{"the length of the headers is a hint only", TCP4,
	 VH(hdr_len, 9999), 0, 0, true},
	{"congestion may be told of", TCP4,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN), 0, 0, true},
	{"pieces have no length", TCP4, VH(gso_size, 0), 0, 0, false},
	{"the checksum is said to be done", TCP4, VH(flags, 0), 0, 0, false},
	{"the type is not known", TCP4, VH(gso_type, 77), 0, 0, false},
	{"fragments of UDP were not asked for", UDP4,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_UDP), 0, 0, false},
	{"the only type is a mark of congestion", TCP4,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_ECN), 0, 0, false},
	{"TCP over IPv6 in an IPv4 packet", TCP4,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_TCPV6), 0, 0, false},
	{"TCP over IPv4 in an IPv6 packet", TCP6,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_TCPV4), 0, 0, false},
	{"UDP in a TCP packet", TCP4,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_UDP_L4), 0, 0, false},
	{"TCP in a UDP packet", UDP4,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_TCPV4), 0, 0, false},
	{"UDP in a TCP packet of IPv6", TCP6,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_UDP_L4), 0, 0, false},
	{"TCP in a UDP packet of IPv6", UDP6,
	 VH(gso_type, VIRTIO_NET_HDR_GSO_TCPV6), 0, 0, false},
	{"the transport header begins inside that of IPv4", TCP4,
	 VH(csum_start, 16), 0, 0, false},
	{"the transport header begins after that of IPv4", TCP4,
	 VH(csum_start, 24), 0, 0, false},
	{"the transport header begins inside the options", OPTIONS4,
	 VH(csum_start, 20), 0, 0, false},
	{"the transport header begins inside that of IPv6", TCP6,
	 VH(csum_start, 39), 0, 0, false},
	{"the transport header begins before the extension header", ROUTED6,
	 VH(csum_start, 40), 0, 0, false},
	{"the transport header begins beyond the packet", TCP6,
	 VH(csum_start, 65535), 0, 0, false},
	{"the transport header of TCP ends beyond the packet", TCP6,
	 VH(csum_start, 1050), 0, 0, false},
	{"the transport header of UDP ends beyond the packet", UDP6,
	 VH(csum_start, 1045), 0, 0, false},
	{"the TCP header is shorter than one can be", TCP4,
	 VH(gso_size, 300), 32, 0x40, false},
	{"the open checksum would be the last two bytes", OPEN4,
	 VH(csum_offset, 1018), 0, 0, true},
	{"the open checksum ends beyond the packet", OPEN4,
	 VH(csum_offset, 1019), 0, 0, false},
	{"the open checksum is beyond the packet", OPEN4,
	 VH(csum_offset, 65535), 0, 0, false},
	{"the open checksum begins beyond the packet", OPEN4,
	 VH(csum_start, 65535), 0, 0, false},
};
/* clang-format on */

static void what_does_not_fit_its_header_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(misfits); i++) {
		const struct misfit *m = &misfits[i];
		struct virtio_net_hdr vh;
		size_t len = write_base(m->base, &vh);
		struct dp_cut c;

		memcpy((uint8_t *)&vh + m->offset, &m->value, m->size);
		if (m->byte)
			whole[m->byte] = m->byte_value;
		if (begin(&c, &vh, whole, len) == m->taken)
			continue;
		fail_msg("%s: should have been %s", m->sentence,
			 m->taken ? "taken" : "refused");
	}
}

/* The header is the whole packet: there is nothing to cut. */
static void a_super_packet_without_payload_is_refused(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned i = 0; i < 100; i++) {
		struct virtio_net_hdr vh;
		struct dp_cut c;
		struct forge f;
		size_t len;

		forge_random(&f, 0);
		len = forge_write_super(&f, 100, whole, &vh);
		assert_false(begin(&c, &vh, whole, len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(super_packets_are_cut_like_the_twin_does),
		cmocka_unit_test(every_length_around_the_piece_is_cut_right),
		cmocka_unit_test(a_super_packet_of_one_byte_pieces_is_cut_to_the_end),
		cmocka_unit_test(a_checksum_of_zero_is_written_as_the_protocol_wants_it),
		cmocka_unit_test(a_packet_with_an_open_checksum_gets_one),
		cmocka_unit_test(a_packet_that_is_complete_stays_as_it_is),
		cmocka_unit_test(what_follows_the_packet_is_left_out),
		cmocka_unit_test(what_does_not_fit_its_header_is_refused),
		cmocka_unit_test(a_super_packet_without_payload_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
