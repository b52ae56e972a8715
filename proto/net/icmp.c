/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/net/icmp.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "proto/net/be.h"
#include "proto/net/csum.h"

/*
 *    IPv4 or IPv6 header | type | code | checksum | unused, 4 bytes | the packet, cut off
 *
 * The unused bytes are zero, so that nobody expects extensions behind the packet (RFC
 * 4884 section 4).
 */

enum {
	ICMP_HEADER_LEN = 8,
	TTL = 64, /* RFC 1700's default */
	/* RFC 1812 section 4.3.2.5: internetwork control, and the packet's own bits for
	 * delay, throughput and reliability. */
	PRECEDENCE = 0xc0,
	TOS_BITS = 0x1c,
	FLAG_DF = 0x40,
	HEADERS_MAX = 8, /* extension headers looked at */

	UNREACHABLE4 = 3, /* types */
	UNREACHABLE6 = 1,
	HOST_UNREACHABLE = 1, /* codes */
	ADDRESS_UNREACHABLE = 3,
	ICMP6_INFORMATIONAL = 128, /* and above: RFC 4443 section 2.1 */
	ICMP6_REDIRECT = 137,
};

static void put_checksum(uint8_t *field, uint64_t sum)
{
	uint16_t v = csum_finish(sum);

	memcpy(field, &v, sizeof(v));
}

/* ---- IPv4 ---- */

/* Networks 0 and 127, multicast, class E and broadcast. */
static bool is_host4(const uint8_t *a)
{
	return a[0] != 0 && a[0] != 127 && a[0] < 224;
}

/* Queries and their replies; what we do not know might be an error. */
static bool is_query4(uint8_t type)
{
	switch (type) {
	case 0: /* echo */
	case 8:
	case 9: /* router discovery */
	case 10:
	case 13: /* timestamp */
	case 14:
	case 15: /* information */
	case 16:
	case 17: /* address mask */
	case 18:
		return true;
	}
	return false;
}

static bool may_answer4(const struct ip_packet *p, const uint8_t *buf)
{
	if (!is_host4(p->src) || !is_host4(p->dst))
		return false;
	if ((buf[6] & 0x1f) || buf[7]) /* fragment offset */
		return false;
	if (p->proto != IPPROTO_ICMP)
		return true;
	return p->len > p->header_len && is_query4(buf[p->header_len]);
}

static size_t answer4(uint8_t *out, const struct ip_packet *p, const uint8_t *buf)
{
	size_t room = ICMP4_ERROR_MAX - IP4_HEADER_LEN - ICMP_HEADER_LEN;
	size_t quoted = p->len < room ? p->len : room;
	size_t len = IP4_HEADER_LEN + ICMP_HEADER_LEN + quoted;
	uint8_t *icmp = out + IP4_HEADER_LEN;

	memset(out, 0, IP4_HEADER_LEN + ICMP_HEADER_LEN);
	out[0] = 0x45;
	out[1] = PRECEDENCE | (p->tos & TOS_BITS);
	be16_put(out + 2, (uint16_t)len);
	out[6] = FLAG_DF; /* needs no identification then, RFC 6864 section 4.1 */
	out[8] = TTL;
	out[9] = IPPROTO_ICMP;
	memcpy(out + 12, p->dst, 4);
	memcpy(out + 16, p->src, 4);
	put_checksum(out + 10, csum_add(0, out, IP4_HEADER_LEN));
	icmp[0] = UNREACHABLE4;
	icmp[1] = HOST_UNREACHABLE;
	memcpy(icmp + ICMP_HEADER_LEN, buf, quoted);
	put_checksum(icmp + 2, csum_add(0, icmp, ICMP_HEADER_LEN + quoted));
	return len;
}

/* ---- IPv6 ---- */

/* Multicast, and ::/127: unspecified and loopback. */
static bool is_host6(const uint8_t *a)
{
	static const uint8_t zero[15];

	return a[0] != 0xff && (memcmp(a, zero, sizeof(zero)) != 0 || a[15] > 1);
}

/* Of an extension header at @b, of which eight bytes are there (RFC 8200 section 4.2; the
 * authentication header counts in words, RFC 4302 section 2.2). */
static size_t extension_len(uint8_t proto, const uint8_t *b)
{
	if (proto == IPPROTO_FRAGMENT)
		return 8;
	return proto == IPPROTO_AH ? 4 * ((size_t)b[1] + 2) : 8 * ((size_t)b[1] + 1);
}

static bool is_extension(uint8_t proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING ||
	       proto == IPPROTO_FRAGMENT || proto == IPPROTO_DSTOPTS ||
	       proto == IPPROTO_AH;
}

/* Finds what the packet carries behind its extension headers. False: it cannot be told,
 * or it is a later fragment. */
static bool find_payload6(const struct ip_packet *p, const uint8_t *buf, uint8_t *proto,
			  size_t *at)
{
	*proto = p->proto;
	*at = p->header_len;
	for (unsigned i = 0; i < HEADERS_MAX; i++) {
		const uint8_t *b = buf + *at;

		if (!is_extension(*proto))
			return true;
		if (*at + 8 > p->len)
			return false;
		if (*proto == IPPROTO_FRAGMENT && (b[2] || (b[3] & 0xf8)))
			return false;
		*at += extension_len(*proto, b);
		*proto = b[0];
	}
	return false;
}

static bool may_answer6(const struct ip_packet *p, const uint8_t *buf)
{
	uint8_t proto;
	size_t at;

	if (!is_host6(p->src) || !is_host6(p->dst) || !find_payload6(p, buf, &proto, &at))
		return false;
	if (proto != IPPROTO_ICMPV6)
		return true;
	return at < p->len && buf[at] >= ICMP6_INFORMATIONAL && buf[at] != ICMP6_REDIRECT;
}

static size_t answer6(uint8_t *out, const struct ip_packet *p, const uint8_t *buf)
{
	size_t room = ICMP6_ERROR_MAX - IP6_HEADER_LEN - ICMP_HEADER_LEN;
	size_t quoted = p->len < room ? p->len : room;
	size_t len = ICMP_HEADER_LEN + quoted;
	uint8_t *icmp = out + IP6_HEADER_LEN;
	uint64_t sum;

	memset(out, 0, IP6_HEADER_LEN + ICMP_HEADER_LEN);
	out[0] = 0x60;
	be16_put(out + 4, (uint16_t)len);
	out[6] = IPPROTO_ICMPV6;
	out[7] = TTL;
	memcpy(out + 8, p->dst, 16);
	memcpy(out + 24, p->src, 16);
	icmp[0] = UNREACHABLE6;
	icmp[1] = ADDRESS_UNREACHABLE;
	memcpy(icmp + ICMP_HEADER_LEN, buf, quoted);
	sum = csum_add_pseudo(0, out + 8, out + 24, 16, IPPROTO_ICMPV6, (uint32_t)len);
	put_checksum(icmp + 2, csum_add(sum, icmp, len));
	return IP6_HEADER_LEN + len;
}

size_t icmp_unreachable(uint8_t out[static ICMP6_ERROR_MAX], const struct ip_packet *p,
			const uint8_t *buf)
{
	if (p->family == AF_INET)
		return may_answer4(p, buf) ? answer4(out, p, buf) : 0;
	return may_answer6(p, buf) ? answer6(out, p, buf) : 0;
}
