/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sixteen lanes in the 32 registers of AVX-512, Poly1305 with the MULX of BMI2. */
#include "proto/crypto/aead_impl.h"
#include "proto/crypto/poly1305_mulx.h"

#ifdef __x86_64__

#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,bmi2"))), apply_to = function)
#else
#pragma GCC target("avx512f,bmi2")
#endif

#define step    poly1305_step_mulx
#define LANES   16
#define CHAINS  2
#define EVERY   2
#define AT_ONCE 4

#define UNROLL  _Pragma("GCC unroll 16")
typedef uint32_t row_t __attribute__((vector_size(4 * LANES)));

static inline __attribute__((always_inline)) row_t rotl16(row_t v)
{
	return (row_t)_mm512_rol_epi32((__m512i)v, 16);
}

static inline __attribute__((always_inline)) row_t rotl12(row_t v)
{
	return (row_t)_mm512_rol_epi32((__m512i)v, 12);
}

static inline __attribute__((always_inline)) row_t rotl8(row_t v)
{
	return (row_t)_mm512_rol_epi32((__m512i)v, 8);
}

static inline __attribute__((always_inline)) row_t rotl7(row_t v)
{
	return (row_t)_mm512_rol_epi32((__m512i)v, 7);
}

/* The low and high halves of the lanes' nonces. */
static inline __attribute__((always_inline)) void
split_nonces(const uint64_t nonce[LANES], row_t *low, row_t *high)
{
	const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10,
					      8, 6, 4, 2, 0);
	const __m512i odd = _mm512_set_epi32(31, 29, 27, 25, 23, 21, 19, 17, 15, 13, 11,
					     9, 7, 5, 3, 1);
	__m512i a = _mm512_loadu_si512(nonce), b = _mm512_loadu_si512(nonce + 8);

	*low = (row_t)_mm512_permutex2var_epi32(a, even, b);
	*high = (row_t)_mm512_permutex2var_epi32(a, odd, b);
}

/*
 * Unpacking pairs words, then pairs of words, within each quarter of a register, so that
 * b[4 i + j] has words 4 i .. 4 i + 3 of lanes j, j + 4, j + 8 and j + 12. What is left is to
 * transpose, for each j, four registers of four quarters.
 */
static inline __attribute__((always_inline)) void
emit(const row_t x[16], const uint8_t *const src[LANES], uint8_t *const dst[LANES])
{
	__m512i a[4], b[16];

	UNROLL for (int i = 0; i < 16; i += 4)
	{
		a[0] = _mm512_unpacklo_epi32((__m512i)x[i], (__m512i)x[i + 1]);
		a[1] = _mm512_unpackhi_epi32((__m512i)x[i], (__m512i)x[i + 1]);
		a[2] = _mm512_unpacklo_epi32((__m512i)x[i + 2], (__m512i)x[i + 3]);
		a[3] = _mm512_unpackhi_epi32((__m512i)x[i + 2], (__m512i)x[i + 3]);
		b[i] = _mm512_unpacklo_epi64(a[0], a[2]);
		b[i + 1] = _mm512_unpackhi_epi64(a[0], a[2]);
		b[i + 2] = _mm512_unpacklo_epi64(a[1], a[3]);
		b[i + 3] = _mm512_unpackhi_epi64(a[1], a[3]);
	}
	UNROLL for (int j = 0; j < 4; j++)
	{
		a[0] = _mm512_shuffle_i32x4(b[j], b[4 + j], 0x88);
		a[1] = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0x88);
		a[2] = _mm512_shuffle_i32x4(b[j], b[4 + j], 0xdd);
		a[3] = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0xdd);
		b[j] = _mm512_shuffle_i32x4(a[0], a[1], 0x88);
		b[4 + j] = _mm512_shuffle_i32x4(a[2], a[3], 0x88);
		b[8 + j] = _mm512_shuffle_i32x4(a[0], a[1], 0xdd);
		b[12 + j] = _mm512_shuffle_i32x4(a[2], a[3], 0xdd);
	}
	UNROLL for (int i = 0; i < LANES; i++) _mm512_storeu_si512(
		dst[i], _mm512_xor_si512(_mm512_loadu_si512(src[i]), b[i]));
}

#include "proto/crypto/aead_lanes.h"

const struct aead_impl aead_avx512 = {
	.name = "avx512",
	.seal = seal_batch,
	.open = open_batch,
};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
