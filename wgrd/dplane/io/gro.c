/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/gro.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "proto/net/be.h"
#include "proto/net/csum.h"
#include "proto/net/l4.h"
#include "wgrd/dplane/io/gso.h"
#include "wgrd/lib/dp_assert.h"

enum {
	IP4_DF = 0x40, /* RFC 791 section 3.1, in the byte at 6 */
	/* What the length field of an IPv4 packet can say. */
	SUPER_MAX = 65535,
};
static_assert(DP_BATCH < UINT8_MAX, "bucket holds numbers of items");

/* A packet that could be part of a super-packet. */
struct segment {
	uint8_t *data;
	uint32_t len;
	uint16_t l4, header_len, payload;
	uint8_t proto, flags; /* TCP's */
	bool v6;
	uint32_t seq;
};

/* ---- what can be joined at all ---- */

static bool read_tcp(struct segment *s)
{
	const uint8_t *tcp = s->data + s->l4;
	unsigned tcp_len;

	if (s->len < (uint32_t)s->l4 + TCP_HEADER_LEN)
		return false;
	tcp_len = (tcp[TCP_DATA_OFFSET] >> 4) * 4u;
	s->flags = tcp[TCP_FLAGS];
	if (tcp_len < TCP_HEADER_LEN || s->l4 + tcp_len >= s->len ||
	    (s->flags & ~(TCP_FIN | TCP_PSH | TCP_ECE)) != TCP_ACK)
		return false;
	s->header_len = (uint16_t)(s->l4 + tcp_len);
	s->seq = be32_get(tcp + TCP_SEQ);
	return true;
}

/* Without a checksum there is nothing that would tell that it has not been changed. */
static bool read_udp(struct segment *s)
{
	const uint8_t *udp = s->data + s->l4;

	s->header_len = (uint16_t)(s->l4 + UDP_HEADER_LEN);
	return s->header_len < s->len && be16_get(udp + UDP_LEN) == s->len - s->l4 &&
	       be16_get(udp + UDP_CSUM);
}

/* What a packet is to the flows. */
enum kind {
	KIND_NONE,     /* of none of them */
	KIND_ANY,      /* of one, but it is hard to say of which */
	KIND_SINGLE,   /* of the one that its ports say, to be left alone */
	KIND_JOINABLE, /* the same, and it may be joined */
};

/* Fragments, options and extension headers are not looked into. */
static bool is_plain(const struct segment *s)
{
	if (s->len < s->l4 + 4u)
		return false;
	return s->v6 ||
	       (s->l4 == IP4_HEADER_LEN && !(s->data[6] & ~IP4_DF) && !s->data[7]);
}

static enum kind read_segment(struct segment *s, const struct ip_packet *ip,
			      uint8_t *data, bool udp)
{
	bool joinable;

	*s = (struct segment){
		.data = data,
		.len = ip->len,
		.l4 = ip->header_len,
		.proto = ip->proto,
		.v6 = ip->family == AF_INET6,
	};
	if (s->proto == IPPROTO_ICMP || s->proto == IPPROTO_ICMPV6)
		return KIND_NONE;
	if ((s->proto != IPPROTO_TCP && s->proto != IPPROTO_UDP) || !is_plain(s))
		return KIND_ANY;
	joinable = s->proto == IPPROTO_TCP ? read_tcp(s) : udp && read_udp(s);
	s->payload = joinable ? (uint16_t)(s->len - s->header_len) : 0;
	return joinable ? KIND_JOINABLE : KIND_SINGLE;
}

/* ---- what belongs together ---- */

static bool same(const uint8_t *a, const uint8_t *b, size_t from, size_t to)
{
	return !memcmp(a + from, b + from, to - from);
}

static bool same_flow(const struct dp_gro_item *it, const struct segment *s)
{
	return it->open && it->proto == s->proto && it->v6 == s->v6 &&
	       same(it->data, s->data, s->v6 ? 8 : 12, s->l4 + 4u);
}

static bool continues_ip(struct dp_gro_item *it, const struct segment *s)
{
	const uint8_t *a = it->data, *b = s->data;
	uint16_t id = be16_get(b + 4), first = be16_get(a + 4);

	if (s->v6) /* all but the length */
		return same(a, b, 0, 4) && a[7] == b[7];
	if (a[1] != b[1] || !same(a, b, 6, 9))
		return false;
	if (it->count == 1)
		it->fixed_id = (b[6] & IP4_DF) && id == first;
	return id == (uint16_t)(it->fixed_id ? first : first + it->count);
}

static bool continues_tcp(const struct dp_gro_item *it, const struct segment *s)
{
	const uint8_t *a = it->data + it->l4, *b = s->data + s->l4;

	return s->seq == it->next_seq && same(a, b, TCP_SEQ + 4, TCP_FLAGS) &&
	       !((a[TCP_FLAGS] ^ b[TCP_FLAGS]) & ~(TCP_FIN | TCP_PSH)) &&
	       same(a, b, TCP_WINDOW, TCP_WINDOW + 2) &&
	       same(a, b, TCP_URGENT,
		    (size_t)(it->header_len - it->l4)); /* options too */
}

static bool intact(const uint8_t *data, uint32_t len, unsigned l4, uint8_t proto, bool v6)
{
	const size_t addr_len = v6 ? 16 : 4;
	const uint8_t *addr = data + (v6 ? 8 : 12);
	uint64_t sum =
		csum_add_pseudo(0, addr, addr + addr_len, addr_len, proto, len - l4);

	if (!v6 && csum_finish(csum_add(0, data, l4)))
		return false;
	return !csum_finish(csum_add(sum, data + l4, len - l4));
}

/* Cheap tests first; the checksums are what costs. */
static bool continues(struct dp_gro_item *it, const struct segment *s)
{
	if (it->header_len != s->header_len || s->payload > it->mss ||
	    it->len + s->payload > SUPER_MAX ||
	    (it->proto == IPPROTO_UDP && it->count == DP_GRO_UDP_MAX) ||
	    !continues_ip(it, s) || (it->proto == IPPROTO_TCP && !continues_tcp(it, s)))
		return false;
	if (!it->checked) {
		it->checked = intact(it->data, it->len, it->l4, it->proto, it->v6);
		if (!it->checked)
			return false;
	}
	return intact(s->data, s->len, s->l4, s->proto, s->v6);
}

/* ---- joining ---- */

static uint8_t *bucket_of(struct dp_gro *g, const struct segment *s)
{
	const uint8_t *p = s->data + (s->v6 ? 8 : 12), *end = s->data + s->l4 + 4;
	uint64_t h = 0;
	uint32_t word;

	for (; p < end; p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h + word) * UINT64_C(0x9e3779b97f4a7c15);
	}
	return &g->bucket[h >> 58];
}
static_assert(DP_GRO_BUCKETS == 1 << (64 - 58), "the hash covers the buckets");

static void new_item(struct dp_gro *g, const struct segment *s, bool open)
{
	const unsigned n = g->packets++;

	g->piece[n] = (struct iovec){.iov_base = s->data, .iov_len = s->len};
	g->item[g->items++] = (struct dp_gro_item){
		.data = s->data,
		.len = s->len,
		.next_seq = s->seq + s->payload,
		.first = (uint16_t)n,
		.last = (uint16_t)n,
		.l4 = s->l4,
		.header_len = s->header_len,
		.mss = s->payload,
		.count = 1,
		.proto = s->proto,
		.v6 = s->v6,
		.open = open,
	};
}

/* Nothing may follow a piece that is shorter than the first, or that says it is the end
 * of something. */
static bool ends(const struct segment *s, uint16_t mss)
{
	return s->payload < mss || s->flags & (TCP_FIN | TCP_PSH);
}

static void join(struct dp_gro *g, struct dp_gro_item *it, const struct segment *s)
{
	const unsigned n = g->packets++;

	g->piece[n] = (struct iovec){
		.iov_base = s->data + s->header_len,
		.iov_len = s->payload,
	};
	g->next[it->last] = (uint16_t)n;
	it->last = (uint16_t)n;
	it->len += s->payload;
	it->next_seq += s->payload;
	it->count++;
	if (it->proto == IPPROTO_TCP)
		it->data[it->l4 + TCP_FLAGS] |= s->flags;
	it->open = !ends(s, it->mss);
}

void dp_gro_begin(struct dp_gro *g, bool udp)
{
	g->udp = udp;
	g->packets = 0;
	g->items = 0;
	memset(g->bucket, 0, sizeof(g->bucket));
}

void dp_gro_add(struct dp_gro *g, const struct ip_packet *ip, uint8_t *data)
{
	struct segment s;
	enum kind kind = read_segment(&s, ip, data, g->udp);
	struct dp_gro_item *it;
	uint8_t *bucket;

	dp_assert(g->packets < DP_BATCH);
	if (kind == KIND_ANY)
		memset(g->bucket, 0, sizeof(g->bucket));
	if (kind == KIND_ANY || kind == KIND_NONE) {
		new_item(g, &s, false);
		return;
	}
	bucket = bucket_of(g, &s);
	it = *bucket ? &g->item[*bucket - 1] : NULL;
	if (kind == KIND_JOINABLE && it && same_flow(it, &s) && continues(it, &s)) {
		join(g, it, &s);
		return;
	}
	/* Takes the place of what came before in the flow, so nothing overtakes it. */
	new_item(g, &s, kind == KIND_JOINABLE && !ends(&s, s.payload));
	*bucket = (uint8_t)g->items;
}

/* ---- writing ---- */

static void finish_ip(struct dp_gro_item *it)
{
	uint16_t sum;

	if (it->v6) {
		be16_put(it->data + 4, (uint16_t)(it->len - IP6_HEADER_LEN));
		return;
	}
	be16_put(it->data + 2, (uint16_t)it->len);
	memset(it->data + 10, 0, 2);
	sum = csum_finish(csum_add(0, it->data, it->l4));
	memcpy(it->data + 10, &sum, sizeof(sum));
}

static uint8_t gso_type(const struct dp_gro_item *it)
{
	if (it->proto == IPPROTO_UDP)
		return VIRTIO_NET_HDR_GSO_UDP_L4;
	return it->v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
}

/* The kernel wants the sum of the pseudo-header in the field, and adds the rest itself if
 * it has to. */
static void finish_super(struct dp_gro_item *it, struct virtio_net_hdr *vh)
{
	const size_t addr_len = it->v6 ? 16 : 4;
	const uint8_t *addr = it->data + (it->v6 ? 8 : 12);
	const uint16_t l4_len = (uint16_t)(it->len - it->l4);
	const unsigned field = it->proto == IPPROTO_TCP ? TCP_CSUM : UDP_CSUM;
	uint16_t sum = csum_fold(
		csum_add_pseudo(0, addr, addr + addr_len, addr_len, it->proto, l4_len));

	finish_ip(it);
	if (it->proto == IPPROTO_UDP)
		be16_put(it->data + it->l4 + UDP_LEN, l4_len);
	memcpy(it->data + it->l4 + field, &sum, sizeof(sum));
	*vh = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = gso_type(it),
		.hdr_len = it->header_len,
		.gso_size = it->mss,
		.csum_start = it->l4,
		.csum_offset = (uint16_t)field,
	};
}

unsigned dp_gro_take(struct dp_gro *g, unsigned i, struct iovec iov[DP_BATCH])
{
	struct dp_gro_item *it = &g->item[i];
	struct virtio_net_hdr vh = {0};
	unsigned n = it->first;

	if (it->count > 1)
		finish_super(it, &vh);
	for (unsigned k = 0; k < it->count; k++, n = g->next[n])
		iov[k] = g->piece[n];
	iov[0].iov_base = memcpy(it->data - sizeof(vh), &vh, sizeof(vh));
	iov[0].iov_len += sizeof(vh);
	return it->count;
}
