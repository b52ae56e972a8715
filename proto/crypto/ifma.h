/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_IFMA_H
#define WGRD_PROTO_CRYPTO_IFMA_H

/*
 * Vectors of 4 and of 8 words of 64 bits, vec_1 and vec_2, and what AVX-512 IFMA and DQ do
 * with them; adding, shifting and so on are C's operators. For x25519_ifma.c; pure
 * functions, any thread, on a processor that the caller has looked at.
 *
 *   words(a, b, c, d)      these four, in vec_2 twice
 *   pick(v, i, j, k, l)    lanes i, j, k and l of v; in vec_2 of each half
 *   permute(v, index)      lane n is lane index[n] of v; the index may be secret
 *   madd_lo(sum, a, b)     sum + bits 0 to 51 of the product of the low 52 bits
 *   madd_hi(sum, a, b)     sum + bits 52 to 103
 *   times(v, n)            v * n modulo 2^64
 *
 * Valgrind does not know these instructions. For it, WGRD_CT_CHECK puts loops in their
 * place, so that the rest of the code, with its branches and addresses, can be checked.
 */

#include <stdint.h>

typedef uint64_t vec_1 __attribute__((vector_size(32)));
typedef uint64_t vec_2 __attribute__((vector_size(64)));

#define words_1(a, b, c, d) ((vec_1){a, b, c, d})
#define words_2(a, b, c, d) ((vec_2){a, b, c, d, a, b, c, d})

#ifndef WGRD_CT_CHECK

#include <immintrin.h>

#define IFMA_TARGET           __attribute__((target("avx512f,avx512vl,avx512dq,avx512ifma")))
#define IFMA_INLINE           inline __attribute__((always_inline)) IFMA_TARGET

#define IFMA_PICK(i, j, k, l) ((i) | (j) << 2 | (k) << 4 | (l) << 6)
#define pick_1(v, i, j, k, l) \
	((vec_1)_mm256_permutex_epi64((__m256i)(v), IFMA_PICK(i, j, k, l)))
#define pick_2(v, i, j, k, l) \
	((vec_2)_mm512_permutex_epi64((__m512i)(v), IFMA_PICK(i, j, k, l)))

static IFMA_INLINE vec_1 permute_1(vec_1 v, vec_1 index)
{
	return (vec_1)_mm256_permutexvar_epi64((__m256i)index, (__m256i)v);
}

static IFMA_INLINE vec_2 permute_2(vec_2 v, vec_2 index)
{
	return (vec_2)_mm512_permutexvar_epi64((__m512i)index, (__m512i)v);
}

static IFMA_INLINE vec_1 madd_lo_1(vec_1 sum, vec_1 a, vec_1 b)
{
	return (vec_1)_mm256_madd52lo_epu64((__m256i)sum, (__m256i)a, (__m256i)b);
}

static IFMA_INLINE vec_2 madd_lo_2(vec_2 sum, vec_2 a, vec_2 b)
{
	return (vec_2)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

static IFMA_INLINE vec_1 madd_hi_1(vec_1 sum, vec_1 a, vec_1 b)
{
	return (vec_1)_mm256_madd52hi_epu64((__m256i)sum, (__m256i)a, (__m256i)b);
}

static IFMA_INLINE vec_2 madd_hi_2(vec_2 sum, vec_2 a, vec_2 b)
{
	return (vec_2)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

static IFMA_INLINE vec_1 times_1(vec_1 v, long long n)
{
	return (vec_1)_mm256_mullo_epi64((__m256i)v, _mm256_set1_epi64x(n));
}

static IFMA_INLINE vec_2 times_2(vec_2 v, long long n)
{
	return (vec_2)_mm512_mullo_epi64((__m512i)v, _mm512_set1_epi64(n));
}

#else

#include "proto/crypto/ct.h"

#define IFMA_TARGET
#define IFMA_INLINE           inline

__extension__ typedef unsigned __int128 u128;

#define IFMA_LOW              0xfffffffffffff

static inline u128 ifma_product(uint64_t a, uint64_t b)
{
	return (u128)(a & IFMA_LOW) * (b & IFMA_LOW);
}

#define pick_1(v, i, j, k, l) ((vec_1){(v)[i], (v)[j], (v)[k], (v)[l]})
#define pick_2(v, i, j, k, l)                                                \
	((vec_2){(v)[i], (v)[j], (v)[k], (v)[l], (v)[4 + (i)], (v)[4 + (j)], \
		 (v)[4 + (k)], (v)[4 + (l)]})

#define IFMA_LOOPS(n)                                                                   \
	static IFMA_INLINE vec_##n permute_##n(vec_##n v, vec_##n index)                \
	{                                                                               \
		vec_##n out = words_##n(0, 0, 0, 0);                                    \
                                                                                        \
		for (unsigned i = 0; i < 4 * n; i++)                                    \
			for (unsigned j = 0; j < 4 * n; j++)                            \
				out[i] |= ct_opaque(ct_mask_zero(index[i] ^ j)) & v[j]; \
		return out;                                                             \
	}                                                                               \
	static IFMA_INLINE vec_##n madd_lo_##n(vec_##n sum, vec_##n a, vec_##n b)       \
	{                                                                               \
		for (unsigned i = 0; i < 4 * n; i++)                                    \
			sum[i] += (uint64_t)ifma_product(a[i], b[i]) & IFMA_LOW;        \
		return sum;                                                             \
	}                                                                               \
	static IFMA_INLINE vec_##n madd_hi_##n(vec_##n sum, vec_##n a, vec_##n b)       \
	{                                                                               \
		for (unsigned i = 0; i < 4 * n; i++)                                    \
			sum[i] += (uint64_t)(ifma_product(a[i], b[i]) >> 52);           \
		return sum;                                                             \
	}                                                                               \
	static IFMA_INLINE vec_##n times_##n(vec_##n v, uint64_t by)                    \
	{                                                                               \
		return v * by;                                                          \
	}
IFMA_LOOPS(1)
IFMA_LOOPS(2)

#endif

#endif
