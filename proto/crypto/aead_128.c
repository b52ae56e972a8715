/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Four lanes in registers of 128 bits: NEON on ARM, SSE4.1 on x86-64. */
#include "proto/crypto/aead_impl.h"
#include "proto/crypto/poly1305_step.h"

#if (defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) || \
	defined(__x86_64__)

#ifdef __x86_64__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("sse4.1"))), apply_to = function)
#else
#pragma GCC target("sse4.1")
#endif
#endif

#define LANES   4
#define CHAINS  1
#define EVERY   1
#define AT_ONCE 1
#define step    poly1305_step
#define UNROLL  _Pragma("GCC unroll 16")

typedef uint32_t row_t __attribute__((vector_size(4 * LANES)));
typedef uint8_t bytes_t __attribute__((vector_size(4 * LANES)));

/* Rotations by whole bytes are one shuffle. */
static inline row_t rotl16(row_t v)
{
	return (row_t)__builtin_shufflevector((bytes_t)v, (bytes_t)v, 2, 3, 0, 1, 6, 7, 4,
					      5, 10, 11, 8, 9, 14, 15, 12, 13);
}

static inline row_t rotl8(row_t v)
{
	return (row_t)__builtin_shufflevector((bytes_t)v, (bytes_t)v, 3, 0, 1, 2, 7, 4, 5,
					      6, 11, 8, 9, 10, 15, 12, 13, 14);
}

static inline row_t rotl12(row_t v)
{
	return v << 12 | v >> 20;
}

static inline row_t rotl7(row_t v)
{
	return v << 7 | v >> 25;
}

/* The low and high halves of the lanes' nonces. */
static inline void split_nonces(const uint64_t nonce[LANES], row_t *low, row_t *high)
{
	row_t a, b;

	__builtin_memcpy(&a, nonce, sizeof(a));
	__builtin_memcpy(&b, nonce + 2, sizeof(b));
	*low = __builtin_shufflevector(a, b, 0, 2, 4, 6);
	*high = __builtin_shufflevector(a, b, 1, 3, 5, 7);
}

/* Four words of all lanes become 16 bytes of each lane. */
static inline __attribute__((always_inline)) void
emit_quarter(const row_t x[4], const uint8_t *const src[LANES], uint8_t *const dst[LANES],
	     int at)
{
	const row_t a = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5);
	const row_t b = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5);
	const row_t c = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
	const row_t d = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
	const row_t k[LANES] = {
		__builtin_shufflevector(a, b, 0, 1, 4, 5),
		__builtin_shufflevector(a, b, 2, 3, 6, 7),
		__builtin_shufflevector(c, d, 0, 1, 4, 5),
		__builtin_shufflevector(c, d, 2, 3, 6, 7),
	};
	row_t v;

	UNROLL for (int i = 0; i < LANES; i++)
	{
		__builtin_memcpy(&v, src[i] + at, sizeof(v));
		v ^= k[i];
		__builtin_memcpy(dst[i] + at, &v, sizeof(v));
	}
}

static inline __attribute__((always_inline)) void
emit(const row_t x[16], const uint8_t *const src[LANES], uint8_t *const dst[LANES])
{
	UNROLL for (int i = 0; i < 4; i++) emit_quarter(x + 4 * i, src, dst, 16 * i);
}

#include "proto/crypto/aead_lanes.h"

#ifdef __x86_64__
const struct aead_impl aead_sse41 = {
	.name = "sse41", .seal = seal_batch, .open = open_batch};
#else
const struct aead_impl aead_neon = {
	.name = "neon", .seal = seal_batch, .open = open_batch};
#endif

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#endif

#endif
