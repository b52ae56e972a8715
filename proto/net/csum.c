/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/net/csum.h"

#include <endian.h>
#include <string.h>

/*
 * The ones' complement sum does not care about byte order or word size (RFC 1071 section
 * 2): adding 32-bit words as they lie in memory into 64 bits and folding at the end gives
 * the same 16 bits as adding 16-bit words one by one. 2^32 words fit before the sum could
 * overflow, far beyond any packet.
 */
uint64_t csum_add(uint64_t sum, const void *buf, size_t len)
{
	const uint8_t *b = buf;
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
