/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/forge.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/lib/rng.h"

/* ---- writing ---- */

struct pen {
	uint8_t *buf;
	size_t at;
};

static void w8(struct pen *p, unsigned v)
{
	p->buf[p->at++] = (uint8_t)v;
}

static void w16(struct pen *p, unsigned v)
{
	w8(p, v >> 8);
	w8(p, v & 0xff);
}

static void w32(struct pen *p, uint32_t v)
{
	w16(p, v >> 16);
	w16(p, v & 0xffff);
}

static void wn(struct pen *p, const void *data, size_t len)
{
	if (len)
		memcpy(p->buf + p->at, data, len);
	p->at += len;
}

uint16_t forge_sum(const uint8_t *buf, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2) {
		sum += (uint32_t)buf[i] << 8 | (i + 1 < len ? buf[i + 1] : 0);
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (uint16_t)~sum;
}

static size_t addr_len(const struct forge *f)
{
	return f->six ? 16 : 4;
}

static bool is_tcp(const struct forge *f)
{
	return f->proto == IPPROTO_TCP;
}

size_t forge_l4(const struct forge *f)
{
	return f->six ? 40u + f->extension_len : 20u + f->ip_option_len;
}

size_t forge_head(const struct forge *f)
{
	return forge_l4(f) + (is_tcp(f) ? 20u + f->tcp_option_len : 8u);
}

/* RFC 9293 section 3.1, RFC 768, RFC 8200 section 8.1. */
static size_t pseudo_header(const struct forge *f, uint8_t *buf, size_t l4_len)
{
	struct pen p = {.buf = buf};

	wn(&p, f->src, addr_len(f));
	wn(&p, f->six && f->extension_type == IPPROTO_ROUTING ? f->final_dst : f->dst,
	   addr_len(f));
	if (f->six) {
		w32(&p, (uint32_t)l4_len);
		w32(&p, f->proto);
	} else {
		w16(&p, f->proto);
		w16(&p, (unsigned)l4_len);
	}
	return p.at;
}

/* RFC 791 section 3.1. */
static void write_ip4(const struct forge *f, struct pen *p, size_t len)
{
	uint16_t sum;

	w8(p, 0x40 | (unsigned)(20 + f->ip_option_len) / 4);
	w8(p, f->tos);
	w16(p, (unsigned)len);
	w16(p, f->id);
	w16(p, f->frag);
	w8(p, f->ttl);
	w8(p, f->proto);
	w16(p, 0);
	wn(p, f->src, 4);
	wn(p, f->dst, 4);
	wn(p, f->ip_option, f->ip_option_len);
	sum = forge_sum(p->buf, p->at) ^ f->bad_ip_csum;
	p->buf[10] = (uint8_t)(sum >> 8);
	p->buf[11] = (uint8_t)sum;
}

/* RFC 8200 sections 3 and 4. */
static void write_ip6(const struct forge *f, struct pen *p, size_t len)
{
	w32(p, UINT32_C(6) << 28 | (uint32_t)f->tos << 20 | f->label);
	w16(p, (unsigned)len - 40);
	w8(p, f->extension_len ? f->extension_type : f->proto);
	w8(p, f->ttl);
	wn(p, f->src, 16);
	wn(p, f->dst, 16);
	if (!f->extension_len)
		return;
	w8(p, f->proto);
	w8(p, f->extension_len / 8 - 1u);
	wn(p, f->extension + 2, f->extension_len - 2u);
}

/* RFC 9293 section 3.1; returns where the checksum goes. */
static size_t write_tcp(const struct forge *f, struct pen *p)
{
	size_t sum;

	w16(p, f->sport);
	w16(p, f->dport);
	w32(p, f->seq);
	w32(p, f->ack);
	w8(p, (20u + f->tcp_option_len) / 4 << 4 | f->reserved);
	w8(p, f->flags);
	w16(p, f->window);
	sum = p->at;
	w16(p, 0);
	w16(p, f->urgent);
	wn(p, f->tcp_option, f->tcp_option_len);
	return sum;
}

/* RFC 768. */
static size_t write_udp(const struct forge *f, struct pen *p)
{
	w16(p, f->sport);
	w16(p, f->dport);
	w16(p, (8 + f->payload_len) ^ f->bad_udp_len);
	w16(p, 0);
	return p->at - 2;
}

/* All but the transport's checksum; returns where that goes. */
static size_t write_most(const struct forge *f, struct pen *p)
{
	const size_t len = forge_head(f) + f->payload_len;
	size_t sum_at;

	assert(len <= FORGE_MAX);
	if (f->six)
		write_ip6(f, p, len);
	else
		write_ip4(f, p, len);
	sum_at = is_tcp(f) ? write_tcp(f, p) : write_udp(f, p);
	wn(p, f->payload, f->payload_len);
	return sum_at;
}

size_t forge_write(const struct forge *f, uint8_t *buf)
{
	static _Thread_local uint8_t covered[FORGE_MAX + 40];
	struct pen p = {.buf = buf};
	const size_t sum_at = write_most(f, &p), l4 = forge_l4(f);
	const size_t pseudo_len = pseudo_header(f, covered, p.at - l4);
	uint16_t sum;

	memcpy(covered + pseudo_len, buf + l4, p.at - l4);
	sum = forge_sum(covered, pseudo_len + p.at - l4);
	if (!sum && !is_tcp(f)) /* RFC 768: zero says that there is none */
		sum = 0xffff;
	sum = f->no_csum ? 0 : sum ^ f->bad_csum;
	buf[sum_at] = (uint8_t)(sum >> 8);
	buf[sum_at + 1] = (uint8_t)sum;
	return p.at;
}

/* VIRTIO 1.2 section 5.1.6.2: the field holds the sum of the pseudo-header. */
size_t forge_write_partial(const struct forge *f, uint8_t *buf, struct virtio_net_hdr *vh)
{
	uint8_t pseudo[40];
	struct pen p = {.buf = buf};
	const size_t sum_at = write_most(f, &p), l4 = forge_l4(f);
	const uint16_t sum = ~forge_sum(pseudo, pseudo_header(f, pseudo, p.at - l4));

	buf[sum_at] = (uint8_t)(sum >> 8);
	buf[sum_at + 1] = (uint8_t)sum;
	*vh = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = (uint16_t)l4,
		.csum_offset = (uint16_t)(sum_at - l4),
	};
	return p.at;
}

size_t forge_write_super(const struct forge *f, uint16_t mss, uint8_t *buf,
			 struct virtio_net_hdr *vh)
{
	const size_t len = forge_write_partial(f, buf, vh);

	vh->gso_type = !is_tcp(f) ? VIRTIO_NET_HDR_GSO_UDP_L4
		       : f->six   ? VIRTIO_NET_HDR_GSO_TCPV6
				  : VIRTIO_NET_HDR_GSO_TCPV4;
	if (is_tcp(f) && f->flags & FORGE_CWR)
		vh->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	vh->gso_size = mss;
	vh->hdr_len = (uint16_t)forge_head(f);
	return len;
}

/* ---- pieces ---- */

unsigned forge_pieces(const struct forge *f, uint16_t mss)
{
	return (f->payload_len + mss - 1) / mss;
}

/* What a stack without offloads would send: RFC 9293 section 3.4 counts sequence numbers
 * in bytes; FIN ends the data and PSH the write, so both are the last one's (sections 3.1,
 * 3.9.1.2); CWR answers once (RFC 3168 section 6.1.2); identifications ascend (RFC 791
 * section 2.3). */
struct forge forge_piece(const struct forge *f, uint16_t mss, unsigned i)
{
	const uint32_t from = i * (uint32_t)mss;
	const uint32_t left = f->payload_len - from;
	struct forge p = *f;

	p.payload += from;
	p.payload_len = left < mss ? left : mss;
	p.seq += from;
	p.id = (uint16_t)(p.id + i);
	if (left > mss)
		p.flags &= (uint8_t) ~(FORGE_FIN | FORGE_PSH);
	if (i > 0)
		p.flags &= (uint8_t)~FORGE_CWR;
	return p;
}

/* ---- at random ---- */

static const uint8_t *some_bytes(uint32_t len)
{
	static uint8_t bytes[2 * FORGE_MAX];

	if (!bytes[0]) {
		rng_fill(bytes, sizeof(bytes));
		bytes[0] = 1;
	}
	return bytes + rng_below((unsigned)sizeof(bytes) - len);
}

/* Near where it wraps as often as not. */
static uint32_t near_the_end(uint32_t max)
{
	return rng_below(2) ? max - rng_below(1000) : (uint32_t)rng_next() & max;
}

/* RFC 8200 section 4: options of the way or of the destination; or RFC 8754 section 2, a
 * route with one stop to come. */
static void random_extension(struct forge *f)
{
	static const uint8_t types[] = {IPPROTO_HOPOPTS, IPPROTO_DSTOPTS,
					IPPROTO_ROUTING};

	f->extension_type = types[rng_below(3)];
	f->extension_len = (uint8_t)(8 * (1 + rng_below(3)));
	f->extension[2] = 1; /* PadN */
	f->extension[3] = f->extension_len - 4;
	if (f->extension_type != IPPROTO_ROUTING)
		return;
	f->extension_len = 24;
	f->extension[2] = 4;
	f->extension[3] = 1;
	rng_fill(f->final_dst, sizeof(f->final_dst));
	memcpy(f->extension + 8, f->final_dst, sizeof(f->final_dst));
}

void forge_random(struct forge *f, uint32_t payload_len)
{
	*f = (struct forge){
		.six = rng_below(2),
		.proto = rng_below(3) ? IPPROTO_TCP : IPPROTO_UDP,
		.tos = (uint8_t)rng_next(),
		.ttl = (uint8_t)(1 + rng_below(255)),
		.label = (uint32_t)rng_next() & 0xfffff,
		.id = (uint16_t)near_the_end(UINT16_MAX),
		.frag = rng_below(2) ? 0x4000 : 0,
		.sport = (uint16_t)rng_next(),
		.dport = (uint16_t)rng_next(),
		.seq = near_the_end(UINT32_MAX),
		.ack = (uint32_t)rng_next(),
		.reserved = rng_below(4) ? 0 : (uint8_t)rng_below(16),
		.flags = (uint8_t)(rng_next() | FORGE_ACK),
		.window = (uint16_t)rng_next(),
		.urgent = rng_below(4) ? 0 : (uint16_t)rng_next(),
		.payload_len = payload_len,
	};
	f->payload = some_bytes(payload_len);
	rng_fill(f->src, sizeof(f->src));
	rng_fill(f->dst, sizeof(f->dst));
	if (rng_below(2)) {
		f->tcp_option_len = (uint8_t)(4 * rng_below(11));
		rng_fill(f->tcp_option, f->tcp_option_len);
	}
	if (!f->six && rng_below(4) == 0) {
		f->ip_option_len = (uint8_t)(4 * rng_below(11));
		rng_fill(f->ip_option, f->ip_option_len);
	}
	if (f->six && rng_below(4) == 0)
		random_extension(f);
}

/* ---- reading ---- */

static unsigned r16(const uint8_t *b)
{
	return (unsigned)b[0] << 8 | b[1];
}

static uint32_t r32(const uint8_t *b)
{
	return (uint32_t)r16(b) << 16 | r16(b + 2);
}

static bool read_ip4(struct forge *f, const uint8_t *b, size_t len)
{
	size_t head;

	if (len < 20)
		return false;
	head = (b[0] & 0xfu) * 4;
	if (head < 20 || len < head || r16(b + 2) != len || forge_sum(b, head))
		return false;
	f->tos = b[1];
	f->id = (uint16_t)r16(b + 4);
	f->frag = (uint16_t)r16(b + 6);
	f->ttl = b[8];
	f->proto = b[9];
	memcpy(f->src, b + 12, 4);
	memcpy(f->dst, b + 16, 4);
	f->ip_option_len = (uint8_t)(head - 20);
	memcpy(f->ip_option, b + 20, f->ip_option_len);
	return true;
}

static bool read_ip6(struct forge *f, const uint8_t *b, size_t len)
{
	if (len < 40 || 40 + r16(b + 4) != len)
		return false;
	f->six = true;
	f->tos = (uint8_t)(r32(b) >> 20);
	f->label = r32(b) & 0xfffff;
	f->proto = b[6];
	f->ttl = b[7];
	memcpy(f->src, b + 8, 16);
	memcpy(f->dst, b + 24, 16);
	return true;
}

static bool read_tcp(struct forge *f, const uint8_t *b, size_t len)
{
	size_t head;

	if (len < 20)
		return false;
	head = (b[12] >> 4) * 4u;
	if (head < 20 || len < head)
		return false;
	f->seq = r32(b + 4);
	f->ack = r32(b + 8);
	f->reserved = b[12] & 0xf;
	f->flags = b[13];
	f->window = (uint16_t)r16(b + 14);
	f->urgent = (uint16_t)r16(b + 18);
	f->tcp_option_len = (uint8_t)(head - 20);
	memcpy(f->tcp_option, b + 20, f->tcp_option_len);
	return true;
}

bool forge_read(struct forge *f, const uint8_t *buf, size_t len)
{
	size_t head;

	*f = (struct forge){0};
	if (len == 0 || !(buf[0] >> 4 == 4   ? read_ip4(f, buf, len)
			  : buf[0] >> 4 == 6 ? read_ip6(f, buf, len)
					     : false))
		return false;
	head = forge_l4(f);
	if (is_tcp(f) ? !read_tcp(f, buf + head, len - head)
		      : f->proto != IPPROTO_UDP || len < head + 8 ||
				r16(buf + head + 4) != len - head)
		return false;
	f->sport = (uint16_t)r16(buf + head);
	f->dport = (uint16_t)r16(buf + head + 2);
	head = forge_head(f);
	f->payload = buf + head;
	f->payload_len = (uint32_t)(len - head);
	return true;
}
