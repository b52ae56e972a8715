/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eight lanes in the 16 registers of AVX2, Poly1305 with the MULX of BMI2. */
#include "proto/crypto/aead_impl.h"
#include "proto/crypto/poly1305_mulx.h"

#ifdef __x86_64__

#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi2"))), apply_to = function)
#else
#pragma GCC target("avx2,bmi2")
#endif

#define step    poly1305_step_mulx
#define LANES   8
#define CHAINS  1
#define EVERY   1
#define AT_ONCE 1

#define UNROLL  _Pragma("GCC unroll 16")
typedef uint32_t row_t __attribute__((vector_size(4 * LANES)));

/* Rotations by whole bytes are one shuffle. */
static inline __attribute__((always_inline)) row_t rotl16(row_t v)
{
	const __m256i at = _mm256_set_epi64x(0x0d0c0f0e09080b0a, 0x0504070601000302,
					     0x0d0c0f0e09080b0a, 0x0504070601000302);

	return (row_t)_mm256_shuffle_epi8((__m256i)v, at);
}

static inline __attribute__((always_inline)) row_t rotl8(row_t v)
{
	const __m256i at = _mm256_set_epi64x(0x0e0d0c0f0a09080b, 0x0605040702010003,
					     0x0e0d0c0f0a09080b, 0x0605040702010003);

	return (row_t)_mm256_shuffle_epi8((__m256i)v, at);
}

static inline __attribute__((always_inline)) row_t rotl12(row_t v)
{
	return v << 12 | v >> 20;
}

static inline __attribute__((always_inline)) row_t rotl7(row_t v)
{
	return v << 7 | v >> 25;
}

/* The low and high halves of the lanes' nonces. */
static inline __attribute__((always_inline)) void
split_nonces(const uint64_t nonce[LANES], row_t *low, row_t *high)
{
	const __m256i even_odd = _mm256_set_epi32(7, 5, 3, 1, 6, 4, 2, 0);
	__m256i a = _mm256_loadu_si256((const __m256i *)nonce);
	__m256i b = _mm256_loadu_si256((const __m256i *)(nonce + 4));

	a = _mm256_permutevar8x32_epi32(a, even_odd);
	b = _mm256_permutevar8x32_epi32(b, even_odd);
	*low = (row_t)_mm256_permute2x128_si256(a, b, 0x20);
	*high = (row_t)_mm256_permute2x128_si256(a, b, 0x31);
}

static inline __attribute__((always_inline)) void xor_half(uint8_t *dst,
							   const uint8_t *src, __m256i k)
{
	__m256i v = _mm256_loadu_si256((const __m256i *)src);

	_mm256_storeu_si256((__m256i *)dst, _mm256_xor_si256(v, k));
}

/* Eight words of all lanes become 32 bytes of each lane: unpacking pairs words, then
 * pairs of words, within 128 bits; the halves of two lanes are put together last. */
static inline __attribute__((always_inline)) void
emit_half(const row_t x[8], const uint8_t *const src[LANES], uint8_t *const dst[LANES],
	  int at)
{
	__m256i a[8], b[8];

	UNROLL for (int i = 0; i < 4; i++)
	{
		a[2 * i] =
			_mm256_unpacklo_epi32((__m256i)x[2 * i], (__m256i)x[2 * i + 1]);
		a[2 * i + 1] =
			_mm256_unpackhi_epi32((__m256i)x[2 * i], (__m256i)x[2 * i + 1]);
	}
	UNROLL for (int i = 0; i < 8; i += 4)
	{
		b[i] = _mm256_unpacklo_epi64(a[i], a[i + 2]);
		b[i + 1] = _mm256_unpackhi_epi64(a[i], a[i + 2]);
		b[i + 2] = _mm256_unpacklo_epi64(a[i + 1], a[i + 3]);
		b[i + 3] = _mm256_unpackhi_epi64(a[i + 1], a[i + 3]);
	}
	UNROLL for (int i = 0; i < 4; i++)
	{
		xor_half(dst[i] + at, src[i] + at,
			 _mm256_permute2x128_si256(b[i], b[i + 4], 0x20));
		xor_half(dst[i + 4] + at, src[i + 4] + at,
			 _mm256_permute2x128_si256(b[i], b[i + 4], 0x31));
	}
}

static inline __attribute__((always_inline)) void
emit(const row_t x[16], const uint8_t *const src[LANES], uint8_t *const dst[LANES])
{
	emit_half(x, src, dst, 0);
	emit_half(x + 8, src, dst, 32);
}

#include "proto/crypto/aead_lanes.h"

const struct aead_impl aead_avx2 = {
	.name = "avx2",
	.seal = seal_batch,
	.open = open_batch,
};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
