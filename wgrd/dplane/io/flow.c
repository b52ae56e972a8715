/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/flow.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

/* The finisher of MurmurHash3, which is a permutation that mixes well. */
static uint64_t mix(uint64_t h, uint64_t word)
{
	h ^= word;
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP || proto == IPPROTO_UDPLITE;
}

/* RFC 791 section 3.1: more fragments follow, or this is not the first. */
static bool is_fragment(const struct ip_packet *p, const uint8_t *buf)
{
	return p->family == AF_INET && ((buf[6] & 0x3f) || buf[7]);
}

static uint32_t upper_layer(const struct ip_packet *p, const uint8_t *buf)
{
	if (has_ports(p->proto) && !is_fragment(p, buf) && p->len >= p->header_len + 4u)
		return load32(buf + p->header_len);
	if (p->family == AF_INET6) /* RFC 6438 */
		return load32(buf) & htonl(0x000fffff);
	return 0;
}

uint32_t dp_flow_hash(const struct ip_packet *p, const uint8_t *buf, uint32_t seed)
{
	uint64_t h = (uint64_t)seed << 8 | p->proto;

	if (p->family == AF_INET) {
		h = mix(h, (uint64_t)load32(p->src) << 32 | load32(p->dst));
	} else {
		h = mix(h, load64(p->src));
		h = mix(h, load64(p->src + 8));
		h = mix(h, load64(p->dst));
		h = mix(h, load64(p->dst + 8));
	}
	return (uint32_t)(mix(h, upper_layer(p, buf)) >> 32);
}
