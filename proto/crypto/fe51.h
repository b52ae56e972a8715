/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_FE51_H
#define WGRD_PROTO_CRYPTO_FE51_H

/*
 * Arithmetic modulo p = 2^255 - 19 on five limbs of 51 bits, in constant time, for any
 * processor. For x25519; pure functions, any thread. What the ladder is made of is inline.
 *
 * A limb is called tight when it is below 2^52, loose when below 2^54. Multiplication
 * takes loose and gives tight; addition and subtraction take tight and give loose. So
 * one sum or difference may stand between two products, never two.
 */

#include <stdint.h>

#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"

__extension__ typedef unsigned __int128 u128;

#define FE51_MASK ((UINT64_C(1) << 51) - 1)

struct fe51 {
	uint64_t v[5]; /* value: sum of v[i] * 2^(51 * i), not necessarily below p */
};

/* Ignores the top bit, as RFC 7748 section 5 asks. */
void fe51_load(struct fe51 *f, const uint8_t s[32]);
/* Little-endian words. */
void fe51_from_words(struct fe51 *f, const uint64_t w[4]);
/* Writes the one representative below p. */
void fe51_store(uint8_t s[32], const struct fe51 *f);

static inline void fe51_add(struct fe51 *out, const struct fe51 *a, const struct fe51 *b)
{
	for (int i = 0; i < 5; i++)
		out->v[i] = a->v[i] + b->v[i];
}

static inline void fe51_sub(struct fe51 *out, const struct fe51 *a, const struct fe51 *b)
{
	/* Adds 4 p, each limb of which is more than a tight one. */
	out->v[0] = a->v[0] + 4 * (FE51_MASK - 18) - b->v[0];
	for (int i = 1; i < 5; i++)
		out->v[i] = a->v[i] + 4 * FE51_MASK - b->v[i];
}

/*
 * Makes sums of products tight. For loose factors each sum is below 77 * 2^108, so what
 * it carries is below 2^64; the topmost, without the factor 19 inside, is below 5 * 2^108
 * and what it brings around below 19 * 5 * 2^57 + 2^13 < 2^64.
 */
static inline void fe51_reduce(struct fe51 *out, u128 t[5])
{
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		t[i + 1] += (uint64_t)(t[i] >> 51);
		out->v[i] = (uint64_t)t[i] & FE51_MASK;
	}
	out->v[4] = (uint64_t)t[4] & FE51_MASK;
	out->v[0] += 19 * (uint64_t)(t[4] >> 51);
	out->v[1] += out->v[0] >> 51;
	out->v[0] &= FE51_MASK;
}

static inline void fe51_mul(struct fe51 *out, const struct fe51 *a, const struct fe51 *b)
{
	const uint64_t *x = a->v, *y = b->v;
	const uint64_t y1 = 19 * y[1], y2 = 19 * y[2], y3 = 19 * y[3], y4 = 19 * y[4];
	u128 t[5];

	t[0] = (u128)x[0] * y[0] + (u128)x[1] * y4 + (u128)x[2] * y3 + (u128)x[3] * y2 +
	       (u128)x[4] * y1;
	t[1] = (u128)x[0] * y[1] + (u128)x[1] * y[0] + (u128)x[2] * y4 + (u128)x[3] * y3 +
	       (u128)x[4] * y2;
	t[2] = (u128)x[0] * y[2] + (u128)x[1] * y[1] + (u128)x[2] * y[0] +
	       (u128)x[3] * y4 + (u128)x[4] * y3;
	t[3] = (u128)x[0] * y[3] + (u128)x[1] * y[2] + (u128)x[2] * y[1] +
	       (u128)x[3] * y[0] + (u128)x[4] * y4;
	t[4] = (u128)x[0] * y[4] + (u128)x[1] * y[3] + (u128)x[2] * y[2] +
	       (u128)x[3] * y[1] + (u128)x[4] * y[0];
	fe51_reduce(out, t);
}

static inline void fe51_square(struct fe51 *out, const struct fe51 *a)
{
	const uint64_t *x = a->v;
	const uint64_t x0 = 2 * x[0], x1 = 2 * x[1], x3 = 19 * x[3], x4 = 19 * x[4];
	u128 t[5];

	t[0] = (u128)x[0] * x[0] + (u128)x1 * x4 + (u128)(2 * x[2]) * x3;
	t[1] = (u128)x0 * x[1] + (u128)(2 * x[2]) * x4 + (u128)x[3] * x3;
	t[2] = (u128)x0 * x[2] + (u128)x[1] * x[1] + (u128)(2 * x[3]) * x4;
	t[3] = (u128)x0 * x[3] + (u128)x1 * x[2] + (u128)x[4] * x4;
	t[4] = (u128)x0 * x[4] + (u128)x1 * x[3] + (u128)x[2] * x[2];
	fe51_reduce(out, t);
}

/* @small below 2^17. */
static inline void fe51_mul_small(struct fe51 *out, const struct fe51 *a, uint32_t small)
{
	u128 t[5];

#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		t[i] = (u128)a->v[i] * small;
	fe51_reduce(out, t);
}

/* Exchanges @a and @b if @bit is 1; @bit is 0 or 1. */
static inline void fe51_cswap(struct fe51 *a, struct fe51 *b, uint64_t bit)
{
	const uint64_t mask = 0 - ct_opaque(bit);

	for (int i = 0; i < 5; i++) {
		uint64_t x = mask & (a->v[i] ^ b->v[i]);

		a->v[i] ^= x;
		b->v[i] ^= x;
	}
}

#define FE(name) fe51_##name
#define FE_T     fe51
#include "proto/crypto/fe_invert.h"
#undef FE
#undef FE_T

#endif
