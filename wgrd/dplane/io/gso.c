/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/gso.h"

#include <endian.h>
#include <netinet/in.h>
#include <string.h>

#include "proto/net/be.h"
#include "proto/net/csum.h"
#include "proto/net/l4.h"

static void add32(uint8_t *p, uint32_t n)
{
	be32_put(p, be32_get(p) + n);
}

/* ---- beginning ---- */

static bool begin_whole(struct dp_cut *c, const struct virtio_net_hdr *vh, uint32_t len)
{
	c->left = len;
	if (!(vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return true;
	if ((uint32_t)vh->csum_start + vh->csum_offset + sizeof(uint16_t) > len)
		return false;
	c->csum_start = vh->csum_start;
	c->csum_put = (uint16_t)(vh->csum_start + vh->csum_offset);
	return c->csum_put > 0;
}

static uint8_t proto_of(uint8_t gso_type, bool v6)
{
	switch (gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		return v6 ? 0 : IPPROTO_TCP;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		return v6 ? IPPROTO_TCP : 0;
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		return IPPROTO_UDP;
	default:
		return 0;
	}
}

/* csum_start is where the transport header begins, and the only thing that says so when
 * IPv6 extension headers come before it. */
static bool begin_super(struct dp_cut *c, const struct virtio_net_hdr *vh,
			const uint8_t *pkt, const struct ip_packet *ip)
{
	uint32_t l4_len = UDP_HEADER_LEN;

	c->proto = proto_of(vh->gso_type, c->v6);
	c->l4 = vh->csum_start;
	c->mss = vh->gso_size;
	if (!c->proto || !c->mss || !(vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return false;
	if (c->l4 < ip->header_len ||
	    (c->l4 == ip->header_len ? ip->proto != c->proto : !c->v6))
		return false;
	if (c->proto == IPPROTO_TCP) {
		if ((uint32_t)c->l4 + TCP_HEADER_LEN > ip->len)
			return false;
		l4_len = (uint32_t)(pkt[c->l4 + TCP_DATA_OFFSET] >> 4) * 4;
		if (l4_len < TCP_HEADER_LEN)
			return false;
	}
	if (c->l4 + l4_len >= ip->len)
		return false;
	c->header_len = (uint16_t)(c->l4 + l4_len);
	c->at = c->header_len;
	c->left = ip->len - c->header_len;
	c->l4_len = (uint16_t)(ip->len - c->l4);
	return true;
}

bool dp_cut_begin(struct dp_cut *c, const struct virtio_net_hdr *vh, const uint8_t *pkt,
		  const struct ip_packet *ip)
{
	*c = (struct dp_cut){.src = pkt, .v6 = ip->family == AF_INET6};
	if (vh->gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return begin_whole(c, vh, ip->len);
	return begin_super(c, vh, pkt, ip);
}

/* ---- pieces ---- */

/* A sum of zero says in UDP that there is none, so it takes its other form (RFC 768). To
 * others it stays zero: who compares instead of adding up takes no other form. */
static void put_csum(uint8_t *p, uint64_t sum, bool udp)
{
	uint16_t v = csum_finish(sum);

	if (!v && udp)
		v = 0xffff;
	memcpy(p, &v, sizeof(v));
}

static size_t take_whole(struct dp_cut *c, uint8_t *dst)
{
	uint32_t len = c->left;
	uint64_t sum;

	c->left = 0;
	if (!c->csum_put) {
		memcpy(dst, c->src, len);
		return len;
	}
	/* The field holds the sum of the pseudo-header, which so gets into the sum. */
	memcpy(dst, c->src, c->csum_start);
	sum = csum_copy(0, dst + c->csum_start, c->src + c->csum_start,
			len - c->csum_start);
	put_csum(dst + c->csum_put, sum, c->csum_put - c->csum_start == UDP_CSUM);
	return len;
}

static void finish_ip(const struct dp_cut *c, uint8_t *dst, size_t len)
{
	uint16_t sum;

	if (c->v6) {
		be16_put(dst + 4, (uint16_t)(len - IP6_HEADER_LEN));
		return;
	}
	be16_put(dst + 2, (uint16_t)len);
	be16_put(dst + 4, (uint16_t)(be16_get(dst + 4) + c->index));
	memset(dst + 10, 0, 2);
	sum = csum_finish(csum_add(0, dst, c->l4));
	memcpy(dst + 10, &sum, sizeof(sum));
}

/* @offset: of the payload in the whole. */
static void finish_tcp(const struct dp_cut *c, uint8_t *dst, uint32_t offset, bool last)
{
	uint8_t *tcp = dst + c->l4;

	add32(tcp + TCP_SEQ, offset);
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (c->index)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
}

/* The field holds the sum of the pseudo-header over the length of the whole, which must
 * become that of the piece. The addresses are not looked at: with an IPv6 routing header
 * the destination is not the one that counts. */
static void finish_l4(const struct dp_cut *c, uint8_t *dst, size_t len, uint64_t payload)
{
	uint8_t *l4 = dst + c->l4;
	uint64_t sum = csum_add(payload, l4, (size_t)(c->header_len - c->l4));

	sum += (uint16_t)~htobe16(c->l4_len);
	sum += htobe16((uint16_t)(len - c->l4));
	if (c->proto == IPPROTO_TCP)
		put_csum(l4 + TCP_CSUM, sum, false);
	else
		put_csum(l4 + UDP_CSUM, sum, true);
}

size_t dp_cut_next(struct dp_cut *c, uint8_t *dst)
{
	uint32_t n = c->mss && c->left > c->mss ? c->mss : c->left;
	size_t len = c->header_len + n;
	uint64_t sum;

	if (!c->proto)
		return take_whole(c, dst);
	memcpy(dst, c->src, c->header_len);
	sum = csum_copy(0, dst + c->header_len, c->src + c->at, n);
	finish_ip(c, dst, len);
	if (c->proto == IPPROTO_TCP)
		finish_tcp(c, dst, c->at - c->header_len, n == c->left);
	else
		be16_put(dst + c->l4 + UDP_LEN, (uint16_t)(len - c->l4));
	finish_l4(c, dst, len, sum);
	c->at += n;
	c->left -= n;
	c->index++;
	return len;
}
