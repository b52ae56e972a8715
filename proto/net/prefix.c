/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/net/prefix.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

unsigned prefix_max_len(sa_family_t family)
{
	return 8 * (unsigned)ip_family_len(family);
}

/* Up to three digits and nothing else: no sign, no space, no leading zero. */
static int parse_len(const char *s, unsigned max, uint8_t *len)
{
	unsigned v = 0;
	size_t digits = strlen(s);

	if (digits == 0 || digits > 3 || (s[0] == '0' && digits > 1))
		return -EINVAL;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -EINVAL;
		v = 10 * v + (unsigned)(*s - '0');
	}
	if (v > max)
		return -EINVAL;
	*len = (uint8_t)v;
	return 0;
}

int prefix_parse(struct prefix *p, const char *s)
{
	char addr[INET6_ADDRSTRLEN];
	const char *slash = strchr(s, '/');
	size_t n = slash ? (size_t)(slash - s) : strlen(s);

	memset(p, 0, sizeof(*p));
	if (n >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, s, n);
	addr[n] = '\0';
	if (ip_addr_parse(&p->addr, addr))
		return -EINVAL;
	if (slash)
		return parse_len(slash + 1, prefix_max_len(p->addr.family), &p->len);
	p->len = (uint8_t)prefix_max_len(p->addr.family);
	return 0;
}

const char *prefix_str(const struct prefix *p, char buf[static PREFIX_STRLEN])
{
	char addr[IP_ADDR_STRLEN];

	snprintf(buf, PREFIX_STRLEN, "%s/%u", ip_addr_str(&p->addr, addr), p->len);
	return buf;
}

/* The bits of byte @i that belong to the network part. */
static uint8_t byte_mask(unsigned len, size_t i)
{
	if (len >= 8 * (i + 1))
		return 0xff;
	if (len <= 8 * i)
		return 0;
	return (uint8_t)(0xff << (8 * (i + 1) - len));
}

bool prefix_has_host_bits(const struct prefix *p)
{
	for (size_t i = p->len / 8u; i < ip_family_len(p->addr.family); i++)
		if (p->addr.bytes[i] & ~byte_mask(p->len, i))
			return true;
	return false;
}

void prefix_mask(struct prefix *p)
{
	for (size_t i = p->len / 8u; i < sizeof(p->addr.bytes); i++)
		p->addr.bytes[i] &= byte_mask(p->len, i);
}

struct prefix prefix_host(const struct ip_addr *a)
{
	struct prefix p = {
		.addr = ip_addr_from(a->family, a->bytes),
		.len = (uint8_t)prefix_max_len(a->family),
	};

	return p;
}

static bool same_bits(const struct prefix *p, const uint8_t *bytes)
{
	size_t whole = p->len / 8u;

	if (memcmp(p->addr.bytes, bytes, whole))
		return false;
	return p->len % 8u == 0 ||
	       ((p->addr.bytes[whole] ^ bytes[whole]) & byte_mask(p->len, whole)) == 0;
}

bool prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
	return outer->addr.family == inner->addr.family && outer->len <= inner->len &&
	       same_bits(outer, inner->addr.bytes);
}

bool prefix_has_addr(const struct prefix *p, const struct ip_addr *a)
{
	return p->addr.family == a->family && same_bits(p, a->bytes);
}

static uint64_t load_be64(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return be64toh(word);
}

unsigned prefix_common_len(const struct prefix *a, const struct prefix *b)
{
	unsigned max = a->len < b->len ? a->len : b->len, common;
	uint64_t diff;

	if (a->addr.family == AF_INET) {
		uint32_t diff32 = be32toh(a->addr.v4.s_addr ^ b->addr.v4.s_addr);

		common = diff32 ? (unsigned)__builtin_clz(diff32) : 32;
	} else if ((diff = load_be64(a->addr.bytes) ^ load_be64(b->addr.bytes))) {
		common = (unsigned)__builtin_clzll(diff);
	} else {
		diff = load_be64(a->addr.bytes + 8) ^ load_be64(b->addr.bytes + 8);
		common = 64 + (diff ? (unsigned)__builtin_clzll(diff) : 64);
	}
	return common < max ? common : max;
}

bool prefix_is_default(const struct prefix *p)
{
	return p->len == 0;
}

int prefix_cmp(const struct prefix *a, const struct prefix *b)
{
	int c = ip_addr_cmp(&a->addr, &b->addr);

	return c ? c : (int)a->len - (int)b->len;
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return prefix_cmp(a, b) == 0;
}
