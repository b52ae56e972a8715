/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What aead_lanes.h asks for in the 32 registers of AVX-512: sixteen lanes. aead_avx512.c
 * and aead_ifma.c include this, after they have told the compiler which instructions it may
 * use.
 */

#include "proto/crypto/poly1305_mulx.h"

#define step    poly1305_step_mulx
#define LANES   16
#define CHAINS  2
#define EVERY   2
#define AT_ONCE 4

#define UNROLL  _Pragma("GCC unroll 16")
typedef uint32_t row_t __attribute__((vector_size(4 * LANES)));

static inline row_t rotl16(row_t v)
{
	return v << 16 | v >> 16;
}

static inline row_t rotl12(row_t v)
{
	return v << 12 | v >> 20;
}

static inline row_t rotl8(row_t v)
{
	return v << 8 | v >> 24;
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
	__builtin_memcpy(&b, nonce + LANES / 2, sizeof(b));
	*low = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22,
				       24, 26, 28, 30);
	*high = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23,
					25, 27, 29, 31);
}

/* clang-format off: a line for each quarter of the result. */
#define UNPACK_LOW(a, b)                                                                \
	__builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, \
				13, 29)
#define UNPACK_HIGH(a, b)                                                             \
	__builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, \
				30, 15, 31)
#define UNPACK_LOW_PAIRS(a, b)                                                          \
	__builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, \
				28, 29)
#define UNPACK_HIGH_PAIRS(a, b)                                                       \
	__builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, \
				15, 30, 31)
#define EVEN_QUARTERS(a, b)                                                             \
	__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, \
				26, 27)
#define ODD_QUARTERS(a, b)                                                            \
	__builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, \
				29, 30, 31)
/* clang-format on */

/*
 * Unpacking pairs words, then pairs of words, within each quarter of a register, so that
 * b[4 i + j] has words 4 i .. 4 i + 3 of lanes j, j + 4, j + 8 and j + 12. What is left is to
 * transpose, for each j, four registers of four quarters.
 */
static inline __attribute__((always_inline)) void
emit(const row_t x[16], const uint8_t *const src[LANES], uint8_t *const dst[LANES])
{
	row_t a[4], b[16], v;

	UNROLL for (int i = 0; i < 16; i += 4)
	{
		a[0] = UNPACK_LOW(x[i], x[i + 1]);
		a[1] = UNPACK_HIGH(x[i], x[i + 1]);
		a[2] = UNPACK_LOW(x[i + 2], x[i + 3]);
		a[3] = UNPACK_HIGH(x[i + 2], x[i + 3]);
		b[i] = UNPACK_LOW_PAIRS(a[0], a[2]);
		b[i + 1] = UNPACK_HIGH_PAIRS(a[0], a[2]);
		b[i + 2] = UNPACK_LOW_PAIRS(a[1], a[3]);
		b[i + 3] = UNPACK_HIGH_PAIRS(a[1], a[3]);
	}
	UNROLL for (int j = 0; j < 4; j++)
	{
		a[0] = EVEN_QUARTERS(b[j], b[4 + j]);
		a[1] = EVEN_QUARTERS(b[8 + j], b[12 + j]);
		a[2] = ODD_QUARTERS(b[j], b[4 + j]);
		a[3] = ODD_QUARTERS(b[8 + j], b[12 + j]);
		b[j] = EVEN_QUARTERS(a[0], a[1]);
		b[4 + j] = EVEN_QUARTERS(a[2], a[3]);
		b[8 + j] = ODD_QUARTERS(a[0], a[1]);
		b[12 + j] = ODD_QUARTERS(a[2], a[3]);
	}
	UNROLL for (int i = 0; i < LANES; i++)
	{
		__builtin_memcpy(&v, src[i], sizeof(v));
		v ^= b[i];
		__builtin_memcpy(dst[i], &v, sizeof(v));
	}
}
