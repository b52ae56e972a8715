/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packets are joined, and what is joined comes apart as it was. The twin that takes it
 * apart is that of tests/lib/forge.h. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/forge.h"
#include "tests/lib/hex.h"
#include "tests/lib/rng.h"
#include "wgrd/dplane/io/gro.h"
#include "wgrd/dplane/io/gso.h"

enum {
	ROOM = 16, /* before a packet, as the data header of WireGuard leaves it */
	SLOT = ROOM + FORGE_MAX,
};

static struct dp_gro gro;
static uint8_t slots[DP_BATCH][SLOT]; /* packets of a batch */
static unsigned used;
static uint8_t out[FORGE_MAX], piece_bytes[FORGE_MAX];

static void begin(bool udp)
{
	dp_gro_begin(&gro, udp);
	used = 0;
}

static void add_bytes(uint8_t *pkt, size_t len)
{
	struct ip_packet ip;

	assert_int_equal(ip_parse(&ip, pkt, len), IP_OK);
	dp_gro_add(&gro, &ip, pkt);
}

static void add(const struct forge *f)
{
	uint8_t *pkt = slots[used++] + ROOM;

	add_bytes(pkt, forge_write(f, pkt));
}

/* Item @i in one piece, the header before it in @vh; returns its length. */
static size_t take(unsigned i, struct virtio_net_hdr *vh)
{
	struct iovec iov[DP_BATCH];
	const unsigned n = dp_gro_take(&gro, i, iov);
	size_t len = 0;

	assert_int_equal(n, gro.item[i].count);
	assert_true(iov[0].iov_len > sizeof(*vh));
	memcpy(vh, iov[0].iov_base, sizeof(*vh));
	for (unsigned k = 0; k < n; k++) {
		const size_t skip = k ? 0 : sizeof(*vh);

		memcpy(out + len, (uint8_t *)iov[k].iov_base + skip,
		       iov[k].iov_len - skip);
		len += iov[k].iov_len - skip;
	}
	return len;
}

/* ---- what must and what must not be joined ---- */

static uint8_t some[2 * FORGE_MAX]; /* payload */

static struct forge tcp4(void)
{
	return (struct forge){
		.proto = IPPROTO_TCP,
		.src = {10, 1, 0, 1},
		.dst = {10, 2, 0, 1},
		.ttl = 64,
		.id = 65535, /* the next one wraps */
		.sport = 1000,
		.dport = 80,
		.seq = UINT32_MAX - 50,
		.ack = 77,
		.flags = FORGE_ACK,
		.window = 500,
		.tcp_option_len = 12,
		.tcp_option = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2},
		.payload = some,
		.payload_len = 1000,
	};
}

enum base {
	TCP4,
	TCP6,
	UDP4,
	UDP6,
};

static struct forge base_packet(enum base base)
{
	struct forge f = tcp4();

	f.six = base == TCP6 || base == UDP6;
	if (base == UDP4 || base == UDP6)
		f.proto = IPPROTO_UDP;
	return f;
}

static struct forge follower(const struct forge *f)
{
	struct forge g = *f;

	g.seq += f->payload_len;
	g.id++;
	g.payload += f->payload_len;
	return g;
}

enum who {
	NOBODY,
	FIRST,
	SECOND,
	BOTH,
};

/* In a table: a field and what is added to it. */
#define F(field, v) offsetof(struct forge, field), sizeof(((struct forge *)0)->field), (v)

struct change {
	enum who who;
	size_t offset, size;
	uint32_t add;
};

/* clang-format off */
static const struct pair {
	const char *sentence;
	enum base base;
	struct change change[2];
	bool joined;
} pairs[] = {
	{"TCP follows TCP", TCP4, {{0}}, true},
	{"TCP follows TCP in IPv6", TCP6, {{0}}, true},
	{"UDP follows UDP", UDP4, {{0}}, true},
	{"UDP follows UDP in IPv6", UDP6, {{0}}, true},
	{"a shorter one may be the last", TCP4, {{SECOND, F(payload_len, -1u)}}, true},
	{"a shorter datagram may be the last", UDP4,
	 {{SECOND, F(payload_len, -1u)}}, true},
	{"a longer one cannot follow", TCP4, {{SECOND, F(payload_len, 1)}}, false},
	{"a longer datagram cannot follow", UDP6, {{SECOND, F(payload_len, 1)}}, false},
	{"an acknowledgement carries nothing to be joined", TCP4,
	 {{SECOND, F(payload_len, -1000u)}}, false},
	{"nothing follows an acknowledgement", TCP4,
	 {{FIRST, F(payload_len, -1000u)}, {SECOND, F(seq, -1000u)}}, false},
	{"an empty datagram stays alone", UDP4,
	 {{SECOND, F(payload_len, -1000u)}}, false},
	{"a byte is missing between them", TCP4, {{SECOND, F(seq, 1)}}, false},
	{"they overlap", TCP6, {{SECOND, F(seq, -1u)}}, false},
	{"the same comes again", TCP4, {{SECOND, F(seq, -1000u)}}, false},
	{"another source port", TCP4, {{SECOND, F(sport, 1)}}, false},
	{"another destination port", UDP4, {{SECOND, F(dport, 1)}}, false},
	{"another source", TCP4, {{SECOND, F(src[3], 1)}}, false},
	{"another destination", UDP4, {{SECOND, F(dst[0], 1)}}, false},
	{"another source in IPv6", TCP6, {{SECOND, F(src[15], 1)}}, false},
	{"another destination in IPv6", UDP6, {{SECOND, F(dst[15], 1)}}, false},
	{"another protocol", TCP4, {{SECOND, F(proto, 17 - 6)}}, false},
	{"another class", TCP4, {{SECOND, F(tos, 4)}}, false},
	{"one was marked by congestion", UDP4, {{SECOND, F(tos, 3)}}, false},
	{"both were marked by congestion", TCP6, {{BOTH, F(tos, 3)}}, true},
	{"another class in IPv6", TCP6, {{SECOND, F(tos, 0x10)}}, false},
	{"another way: TTL", TCP4, {{SECOND, F(ttl, -1u)}}, false},
	{"another way: hop limit", UDP6, {{SECOND, F(ttl, -1u)}}, false},
	{"another flow label", TCP6, {{SECOND, F(label, 1)}}, false},
	{"an identification left out", TCP4, {{SECOND, F(id, 1)}}, false},
	{"the same identification, may be fragmented", TCP4,
	 {{SECOND, F(id, -1u)}}, false},
	{"the same identification, not to be fragmented", TCP4,
	 {{SECOND, F(id, -1u)}, {BOTH, F(frag, 0x4000)}}, true},
	{"the same of datagrams, not to be fragmented", UDP4,
	 {{SECOND, F(id, -1u)}, {BOTH, F(frag, 0x4000)}}, true},
	{"only one may be fragmented", TCP4, {{SECOND, F(frag, 0x4000)}}, false},
	{"the second is a fragment, more come", UDP4,
	 {{SECOND, F(frag, 0x2000)}}, false},
	{"both are fragments, more come", UDP4, {{BOTH, F(frag, 0x2000)}}, false},
	{"the second is the end of a packet", TCP4, {{SECOND, F(frag, 100)}}, false},
	{"both have the reserved bit", TCP4, {{BOTH, F(frag, 0x8000)}}, false},
	{"both have IPv4 options", TCP4, {{BOTH, F(ip_option_len, 4)}}, false},
	{"both have extension headers", TCP6,
	 {{BOTH, F(extension_len, 8)}, {BOTH, F(extension_type, IPPROTO_DSTOPTS)}}, false},
	{"PSH ends what is joined", TCP4, {{SECOND, F(flags, FORGE_PSH)}}, true},
	{"FIN ends what is joined", TCP6, {{SECOND, F(flags, FORGE_FIN)}}, true},
	{"FIN and PSH end it", TCP4, {{SECOND, F(flags, FORGE_FIN | FORGE_PSH)}}, true},
	{"nothing follows PSH", TCP4, {{FIRST, F(flags, FORGE_PSH)}}, false},
	{"nothing follows PSH, not even with PSH", TCP6,
	 {{BOTH, F(flags, FORGE_PSH)}}, false},
	{"nothing follows FIN", TCP4, {{FIRST, F(flags, FORGE_FIN)}}, false},
	{"SYN is left alone", TCP4, {{SECOND, F(flags, FORGE_SYN)}}, false},
	{"RST is left alone", TCP4, {{SECOND, F(flags, FORGE_RST)}}, false},
	{"urgent data are left alone", TCP4, {{BOTH, F(flags, FORGE_URG)}}, false},
	{"CWR on the second", TCP4, {{SECOND, F(flags, FORGE_CWR)}}, false},
	{"CWR on the first", TCP4, {{FIRST, F(flags, FORGE_CWR)}}, false},
	{"CWR on both", TCP4, {{BOTH, F(flags, FORGE_CWR)}}, false},
	{"ECE on the second", TCP4, {{SECOND, F(flags, FORGE_ECE)}}, false},
	{"ECE on the first", TCP6, {{FIRST, F(flags, FORGE_ECE)}}, false},
	{"ECE on both", TCP4, {{BOTH, F(flags, FORGE_ECE)}}, true},
	{"neither acknowledges", TCP4, {{BOTH, F(flags, -FORGE_ACK)}}, false},
	{"a reserved bit on the second", TCP4, {{SECOND, F(reserved, 1)}}, false},
	{"the window has moved", TCP4, {{SECOND, F(window, 1)}}, false},
	{"more is acknowledged", TCP6, {{SECOND, F(ack, 1)}}, false},
	{"another time stamp", TCP4, {{SECOND, F(tcp_option[11], 1)}}, false},
	{"fewer options", TCP4, {{SECOND, F(tcp_option_len, -12u)}}, false},
	{"an urgent pointer that points at nothing", TCP4,
	 {{SECOND, F(urgent, 1)}}, false},
	{"both have an urgent pointer that points at nothing", TCP6,
	 {{BOTH, F(urgent, 1)}}, true},
	{"the first checksum is wrong", TCP4, {{FIRST, F(bad_csum, 1)}}, false},
	{"the second checksum is wrong", TCP4, {{SECOND, F(bad_csum, 1)}}, false},
	{"both checksums are wrong", TCP6, {{BOTH, F(bad_csum, 0x8000)}}, false},
	{"the first checksum of UDP is wrong", UDP4, {{FIRST, F(bad_csum, 1)}}, false},
	{"the second checksum of UDP is wrong", UDP6,
	 {{SECOND, F(bad_csum, 1)}}, false},
	{"the first has a wrong checksum of IPv4", TCP4,
	 {{FIRST, F(bad_ip_csum, 1)}}, false},
	{"the second has a wrong checksum of IPv4", UDP4,
	 {{SECOND, F(bad_ip_csum, 1)}}, false},
	{"the first UDP has no checksum", UDP4, {{FIRST, F(no_csum, 1)}}, false},
	{"the second UDP has no checksum", UDP4, {{SECOND, F(no_csum, 1)}}, false},
	{"no UDP checksums", UDP6, {{BOTH, F(no_csum, 1)}}, false},
	{"the second UDP length is another", UDP4,
	 {{SECOND, F(bad_udp_len, 1)}}, false},
	{"both UDP lengths are another", UDP4, {{BOTH, F(bad_udp_len, 4)}}, false},
};
/* clang-format on */

static void apply(struct forge *f, const struct change *c)
{
	uint32_t v = 0;

	memcpy(&v, (uint8_t *)f + c->offset, c->size);
	v += c->add;
	memcpy((uint8_t *)f + c->offset, &v, c->size);
}

static void only_what_belongs_together_is_joined(void **state)
{
	(void)state;
	rng_seed();
	rng_fill(some, sizeof(some));
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		const struct pair *p = &pairs[i];
		struct forge a = base_packet(p->base), b = follower(&a);

		for (unsigned k = 0; k < 2; k++) {
			if (p->change[k].who & FIRST)
				apply(&a, &p->change[k]);
			if (p->change[k].who & SECOND)
				apply(&b, &p->change[k]);
		}
		begin(true);
		add(&a);
		add(&b);
		if (gro.items != (p->joined ? 1 : 2))
			fail_msg("%s: should %shave been joined", p->sentence,
				 p->joined ? "" : "not ");
	}
}

static void datagrams_are_left_alone_where_the_kernel_takes_no_trains(void **state)
{
	struct forge a = base_packet(UDP4), b = follower(&a);
	struct forge c = base_packet(TCP4), d = follower(&c);

	(void)state;
	begin(false);
	add(&a);
	add(&b);
	add(&c);
	add(&d);
	assert_int_equal(gro.items, 3);
}

/* ---- longer than two ---- */

/* Adds packets of the flow of @f, each of @payload bytes, the last one as @last. */
static void add_row(struct forge f, unsigned count, uint32_t payload, bool fixed_id)
{
	const uint16_t id = f.id;

	f.payload_len = payload;
	for (unsigned i = 0; i < count; i++) {
		add(&f);
		f = follower(&f);
		if (fixed_id)
			f.id = id;
	}
}

static void check_super(unsigned item, const struct forge *first, unsigned count)
{
	struct virtio_net_hdr vh, want_vh;
	static uint8_t want[FORGE_MAX];
	struct forge f = *first;
	size_t len;

	f.payload_len = first->payload_len * count;
	assert_int_equal(gro.item[item].count, count);
	len = take(item, &vh);
	assert_int_equal(
		len, forge_write_super(&f, (uint16_t)first->payload_len, want, &want_vh));
	hex_check_bytes("header of a super-packet", &vh, &want_vh, sizeof(vh));
	hex_check_bytes("super-packet", out, want, len);
}

static void a_row_becomes_the_super_packet_that_the_twin_writes(void **state)
{
	static const enum base bases[] = {TCP4, TCP6, UDP4, UDP6};

	(void)state;
	rng_seed();
	rng_fill(some, sizeof(some));
	for (unsigned i = 0; i < ARRAY_SIZE(bases); i++) {
		struct forge f = base_packet(bases[i]);
		const unsigned n = f.proto == IPPROTO_UDP ? DP_GRO_UDP_MAX : DP_BATCH;

		f.payload_len = 1 + rng_below(60000 / n);
		begin(true);
		add_row(f, n, f.payload_len, false);
		assert_int_equal(gro.items, 1);
		check_super(0, &f, n);
	}
}

static void no_super_packet_has_more_datagrams_than_the_kernel_takes(void **state)
{
	struct forge f = base_packet(UDP4);

	(void)state;
	begin(true);
	add_row(f, 2 * DP_GRO_UDP_MAX + 2, 8, false);
	assert_int_equal(gro.items, 3);
	assert_int_equal(gro.item[0].count, DP_GRO_UDP_MAX);
	assert_int_equal(gro.item[1].count, DP_GRO_UDP_MAX);
	assert_int_equal(gro.item[2].count, 2);
}

/* 65535 is the longest that IPv4 can say. */
static void no_super_packet_is_too_long(void **state)
{
	static const enum base bases[] = {TCP4, TCP6, UDP4, UDP6};

	(void)state;
	rng_seed();
	rng_fill(some, sizeof(some));
	for (unsigned i = 0; i < ARRAY_SIZE(bases); i++) {
		struct forge f = base_packet(bases[i]);
		const unsigned head = (unsigned)forge_head(&f), most = 65535 - head;

		f.payload_len = most / 4;
		begin(true);
		add_row(f, 5, f.payload_len, false);
		assert_int_equal(gro.items, 2);
		check_super(0, &f, 4);
		f.payload_len = most / 4 + 1; /* four have at least a byte too much */
		begin(true);
		add_row(f, 4, f.payload_len, false);
		assert_int_equal(gro.items, 2);
		check_super(0, &f, 3);
	}
}

static void identifications_stay_or_ascend_but_not_both(void **state)
{
	static const struct {
		uint16_t id[4];
		bool df;
		unsigned items;
	} cases[] = {
		{{7, 8, 9, 10}, false, 1}, {{7, 8, 9, 10}, true, 1},
		{{7, 7, 7, 7}, true, 1},   {{7, 7, 8, 9}, true, 2},
		{{7, 8, 8, 8}, true, 2},   {{7, 7, 7, 7}, false, 4},
		{{7, 8, 8, 9}, false, 2},  {{0, 0, 0, 0}, true, 1},
		{{7, 6, 5, 4}, true, 4},   {{65534, 65535, 0, 1}, false, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct forge f = tcp4();

		f.frag = cases[i].df ? 0x4000 : 0;
		begin(true);
		for (unsigned k = 0; k < 4; k++, f = follower(&f)) {
			f.id = cases[i].id[k];
			add(&f);
		}
		if (gro.items != cases[i].items)
			fail_msg("case %zu: %u items, expected %u", i, gro.items,
				 cases[i].items);
	}
}

static void nothing_follows_the_end(void **state)
{
	static const struct {
		const char *sentence;
		uint8_t flags;
		uint32_t shorter;
	} ends[] = {
		{"PSH", FORGE_PSH, 0},
		{"FIN", FORGE_FIN, 0},
		{"a shorter one", 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct forge f = tcp4();
		struct virtio_net_hdr vh;

		begin(true);
		add(&f);
		f = follower(&f);
		f.flags |= ends[i].flags;
		f.payload_len -= ends[i].shorter;
		add(&f);
		f = follower(&f);
		f.flags = FORGE_ACK;
		add(&f);
		f = follower(&f);
		add(&f);
		/* two and two */
		if (gro.items != 2 || gro.item[0].count != 2 || gro.item[1].count != 2)
			fail_msg("%s did not end it", ends[i].sentence);
		take(0, &vh);
		assert_int_equal(out[20 + 13], FORGE_ACK | ends[i].flags);
	}
}

/* A packet that is not joined must not be overtaken by what comes after it. */
static void a_packet_that_stays_alone_keeps_its_place(void **state)
{
	static const struct change alone[] = {
		{SECOND, F(payload_len, -1000u)}, /* an acknowledgement */
		{SECOND, F(flags, FORGE_URG)},    {SECOND, F(bad_csum, 1)},
		{SECOND, F(frag, 0x2000)},        {SECOND, F(frag, 1)},
		{SECOND, F(ip_option_len, 8)},    {SECOND, F(bad_ip_csum, 1)},
		{SECOND, F(proto, 50 - 6)}, /* ESP */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(alone); i++) {
		struct forge a = tcp4(), b = a, c = follower(&a);

		apply(&b, &alone[i]);
		begin(true);
		add(&a);
		add(&b);
		add(&c);
		if (gro.items != 3)
			fail_msg("case %zu: the third was joined to the first", i);
	}
}

static void an_error_report_does_not_part_a_flow(void **state)
{
	struct forge a = tcp4(), b = follower(&a), icmp = a;

	(void)state;
	icmp.proto = IPPROTO_UDP;
	begin(true);
	add(&a);
	forge_write(&icmp, slots[used] + ROOM);
	slots[used][ROOM + 9] = IPPROTO_ICMP;
	add_bytes(slots[used++] + ROOM, forge_head(&icmp) + icmp.payload_len);
	add(&b);
	assert_int_equal(gro.items, 2);
	assert_int_equal(gro.item[0].count, 2);
}

/* ---- many flows ---- */

enum {
	FLOWS = 12,
	PER_FLOW = DP_BATCH,
};

/* Packets of a flow in the order in which they came, whatever is wrong with them. */
struct flow {
	struct forge next;
	bool fixed_id, icmp;
	struct {
		uint8_t *bytes;
		size_t len;
		bool exact; /* with its identification */
		bool alone;
	} packet[PER_FLOW];
	unsigned sent, seen;
};

static struct flow flows[FLOWS];
static unsigned long joined, corrupt;

/* The last byte of the source is the number of the flow. */
static void begin_flow(unsigned number)
{
	struct flow *fl = &flows[number];

	*fl = (struct flow){.next = base_packet(number % 4)};
	fl->icmp = number == FLOWS - 1;
	if (fl->icmp)
		fl->next = base_packet(UDP4);
	fl->next.src[fl->next.six ? 15 : 3] = (uint8_t)number;
	fl->next.payload_len = 1 + rng_below(500);
	fl->next.seq = (uint32_t)rng_next();
	fl->next.tos = (uint8_t)rng_next();
	fl->fixed_id = rng_below(2);
	fl->next.frag = fl->fixed_id || rng_below(2) ? 0x4000 : 0;
	fl->next.id = (uint16_t)rng_next();
}

/* Returns true if this one may not be joined. */
static bool spoil(struct forge *f)
{
	switch (rng_below(16)) {
	case 0:
		f->bad_csum = (uint16_t)(1u << rng_below(16));
		corrupt++;
		return true;
	case 1:
		f->bad_ip_csum = (uint16_t)(1u << rng_below(16));
		return !f->six;
	case 2:
		f->frag = rng_below(2) ? 0x2000 : (uint16_t)(1 + rng_below(100));
		return !f->six;
	case 3:
		f->ip_option_len = 4;
		f->extension_len = 8;
		f->extension_type = IPPROTO_DSTOPTS;
		return true;
	case 4:
		f->no_csum = f->proto == IPPROTO_UDP;
		return f->no_csum;
	case 5:
		f->flags |= FORGE_RST;
		return f->proto == IPPROTO_TCP;
	case 6:
		f->flags |= FORGE_CWR;
		return f->proto == IPPROTO_TCP;
	case 7:
		f->payload_len = 0;
		return true;
	default:
		return false;
	}
}

/* May be joined, or may not, as it happens. */
static void vary(struct forge *f)
{
	switch (rng_below(8)) {
	case 0:
		f->flags |= FORGE_PSH;
		break;
	case 1:
		f->flags ^= FORGE_ECE;
		break;
	case 2:
		f->payload_len -= f->payload_len / 2;
		break;
	case 3:
		f->window++;
		break;
	case 4:
		f->urgent++;
		break;
	case 5:
		f->ttl--;
		break;
	case 6:
		f->seq++;
		break;
	case 7:
		f->id++;
		break;
	}
}

static void send_one(struct flow *fl)
{
	uint8_t *pkt = slots[used++] + ROOM;
	struct forge f = fl->next;
	const unsigned n = fl->sent++;

	f.payload = some + rng_below(1000);
	fl->packet[n].alone = fl->icmp || (rng_below(8) == 0 && spoil(&f));
	if (rng_below(8) == 0)
		vary(&f);
	fl->packet[n].alone |= !f.payload_len;
	fl->packet[n].len = forge_write(&f, pkt);
	fl->packet[n].exact = f.six || fl->packet[n].alone || !(f.frag & 0x4000);
	if (fl->icmp)
		pkt[9] = IPPROTO_ICMP;
	fl->packet[n].bytes = malloc(fl->packet[n].len);
	assert_non_null(fl->packet[n].bytes);
	memcpy(fl->packet[n].bytes, pkt, fl->packet[n].len);
	fl->next.seq = f.seq + f.payload_len;
	fl->next.id = (uint16_t)(f.id + !fl->fixed_id);
	add_bytes(pkt, fl->packet[n].len);
}

/* An identification that means nothing is not compared, nor the sum over it. */
static void blank_id(uint8_t *pkt)
{
	memset(pkt + 4, 0, 2);
	memset(pkt + 10, 0, 2);
}

/* @pkt must be the next of its flow. */
static void came_out(uint8_t *pkt, size_t len, bool alone)
{
	struct flow *fl = &flows[pkt[pkt[0] >> 4 == 4 ? 15 : 23]];
	const unsigned n = fl->seen++;

	assert_true(n < fl->sent);
	if (fl->packet[n].alone)
		assert_true(alone);
	if (!alone && !fl->packet[n].exact) {
		blank_id(pkt);
		blank_id(fl->packet[n].bytes);
	}
	assert_int_equal(len, fl->packet[n].len);
	hex_check_bytes(alone ? "packet" : "piece", pkt, fl->packet[n].bytes, len);
	free(fl->packet[n].bytes);
}

/* Taken apart by the twin, and by a cut, which agree. */
static void take_apart(unsigned item)
{
	static uint8_t again[FORGE_MAX];
	struct virtio_net_hdr vh;
	const size_t len = take(item, &vh);
	const uint16_t mss = vh.gso_size;
	struct ip_packet ip;
	struct dp_cut cut;
	struct forge f;

	assert_int_equal(ip_parse(&ip, out, len), IP_OK);
	assert_int_equal(ip.len, len);
	if (gro.item[item].count == 1) {
		static const struct virtio_net_hdr none;

		assert_memory_equal(&vh, &none, sizeof(vh));
		came_out(out, len, true);
		return;
	}
	assert_true(forge_read(&f, out, len));
	assert_true(dp_cut_begin(&cut, &vh, out, &ip));
	assert_int_equal(forge_pieces(&f, mss), gro.item[item].count);
	for (unsigned i = 0; i < gro.item[item].count; i++) {
		const struct forge p = forge_piece(&f, mss, i);
		size_t n = forge_write(&p, piece_bytes);

		assert_int_equal(dp_cut_next(&cut, again), n);
		assert_memory_equal(again, piece_bytes, n);
		came_out(piece_bytes, n, false);
	}
	assert_true(dp_cut_done(&cut));
	joined += gro.item[item].count;
}

static void mixed_flows_come_apart_as_they_were(void **state)
{
	unsigned long all = 0;

	(void)state;
	rng_seed();
	rng_fill(some, sizeof(some));
	joined = corrupt = 0;
	for (unsigned round = 0; round < 400; round++) {
		const unsigned count = 1 + rng_below(DP_BATCH);
		const unsigned live = 1 + rng_below(FLOWS);
		unsigned now = 0;

		for (unsigned i = 0; i < FLOWS; i++)
			begin_flow(i);
		begin(true);
		for (unsigned i = 0; i < count; i++) {
			if (rng_below(3) == 0)
				now = (FLOWS - 1 - rng_below(live));
			send_one(&flows[now]);
		}
		assert_int_equal(gro.packets, count);
		for (unsigned i = 0; i < gro.items; i++)
			take_apart(i);
		for (unsigned i = 0; i < FLOWS; i++)
			assert_int_equal(flows[i].seen, flows[i].sent);
		all += count;
	}
	print_message("# %lu packets, %lu joined, %lu corrupt\n", all, joined, corrupt);
	assert_true(joined > all / 4);
	assert_true(corrupt > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_belongs_together_is_joined),
		cmocka_unit_test(
			datagrams_are_left_alone_where_the_kernel_takes_no_trains),
		cmocka_unit_test(a_row_becomes_the_super_packet_that_the_twin_writes),
		cmocka_unit_test(no_super_packet_is_too_long),
		cmocka_unit_test(
			no_super_packet_has_more_datagrams_than_the_kernel_takes),
		cmocka_unit_test(identifications_stay_or_ascend_but_not_both),
		cmocka_unit_test(nothing_follows_the_end),
		cmocka_unit_test(a_packet_that_stays_alone_keeps_its_place),
		cmocka_unit_test(an_error_report_does_not_part_a_flow),
		cmocka_unit_test(mixed_flows_come_apart_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
