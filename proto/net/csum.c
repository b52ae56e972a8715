/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/net/csum.h"

#include <endian.h>
#include <string.h>

/*
 * The ones' complement sum does not care about byte order or word size (RFC 1071 section
 * 2): adding 32-bit words as they lie in memory into 64 bits and folding at the end gives
 * the same 16 bits as adding 16-bit words one by one. 2^32 words fit before the sum could
 * overflow, far beyond any packet.
 *
 * Packets are long enough for four accumulators of two such sums each: a vector of 16
 * bytes is two 64-bit words, whose low and high halves are added separately. GCC's vector
 * types make SSE2 or NEON of it, which every 64-bit processor has.
 */
typedef uint64_t vec __attribute__((vector_size(16)));

enum {
	CHUNK = 2 * sizeof(vec),
};

static vec load_vec(const uint8_t *b)
{
	vec v;

	memcpy(&v, b, sizeof(v));
	return v;
}

struct acc {
	vec low[2], high[2];
};

static inline void acc_add(struct acc *a, vec v0, vec v1)
{
	const vec mask = {UINT32_MAX, UINT32_MAX};

	a->low[0] += v0 & mask;
	a->high[0] += v0 >> 32;
	a->low[1] += v1 & mask;
	a->high[1] += v1 >> 32;
}

static inline uint64_t acc_sum(const struct acc *a)
{
	vec v = a->low[0] + a->low[1] + a->high[0] + a->high[1];

	return v[0] + v[1];
}

static uint64_t add_tail(uint64_t sum, const uint8_t *b, size_t len)
{
	uint8_t tail[4] = {0};
	uint32_t word;

	for (; len >= sizeof(word); b += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, b, sizeof(word));
		sum += word;
	}
	if (len) {
		memcpy(tail, b, len);
		memcpy(&word, tail, sizeof(word));
		sum += word;
	}
	return sum;
}

uint64_t csum_add(uint64_t sum, const void *buf, size_t len)
{
	const uint8_t *b = buf;
	struct acc a = {0};

	if (len < CHUNK)
		return add_tail(sum, b, len);
	for (; len >= CHUNK; b += CHUNK, len -= CHUNK)
		acc_add(&a, load_vec(b), load_vec(b + sizeof(vec)));
	return add_tail(sum + acc_sum(&a), b, len);
}

uint64_t csum_copy(uint64_t sum, void *dst, const void *src, size_t len)
{
	const uint8_t *b = src;
	uint8_t *d = dst;
	struct acc a = {0};

	for (; len >= CHUNK; b += CHUNK, d += CHUNK, len -= CHUNK) {
		vec v0 = load_vec(b), v1 = load_vec(b + sizeof(vec));

		memcpy(d, &v0, sizeof(v0));
		memcpy(d + sizeof(v0), &v1, sizeof(v1));
		acc_add(&a, v0, v1);
	}
	memcpy(d, b, len);
	return add_tail(sum + acc_sum(&a), b, len);
}

uint64_t csum_add_pseudo(uint64_t sum, const void *src, const void *dst, size_t addr_len,
			 uint8_t proto, uint32_t len)
{
	sum = csum_add(sum, src, addr_len);
	sum = csum_add(sum, dst, addr_len);
	return sum + htobe32(len) + htobe32(proto);
}

uint16_t csum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint16_t csum_finish(uint64_t sum)
{
	return (uint16_t)~csum_fold(sum);
}
