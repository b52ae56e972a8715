/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_BYTES_H
#define WGRD_PROTO_CRYPTO_BYTES_H

/* Little-endian loads and stores at any alignment, and rotations. Any thread. */

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTES_LE32(x) (x)
#define BYTES_LE64(x) (x)
#else
#define BYTES_LE32(x) __builtin_bswap32(x)
#define BYTES_LE64(x) __builtin_bswap64(x)
#endif

static inline uint32_t load32_le(const void *src)
{
	uint32_t v;

	memcpy(&v, src, sizeof(v));
	return BYTES_LE32(v);
}

static inline uint64_t load64_le(const void *src)
{
	uint64_t v;

	memcpy(&v, src, sizeof(v));
	return BYTES_LE64(v);
}

static inline void store32_le(void *dst, uint32_t v)
{
	v = BYTES_LE32(v);
	memcpy(dst, &v, sizeof(v));
}

static inline void store64_le(void *dst, uint64_t v)
{
	v = BYTES_LE64(v);
	memcpy(dst, &v, sizeof(v));
}

/* @n is 1..31. */
static inline uint32_t rotr32(uint32_t v, unsigned n)
{
	return v >> n | v << (32 - n);
}

#endif
