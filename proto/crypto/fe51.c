/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/fe51.h"

#include "proto/crypto/bytes.h"
#include "proto/crypto/ct.h"

__extension__ typedef unsigned __int128 u128;

#define MASK51 ((UINT64_C(1) << 51) - 1)

void fe51_load(struct fe51 *f, const uint8_t s[32])
{
	/* Limb i begins at bit 51 i: bits 0, 51, 102, 153 and 204. */
	f->v[0] = load64_le(s) & MASK51;
	f->v[1] = (load64_le(s + 6) >> 3) & MASK51;
	f->v[2] = (load64_le(s + 12) >> 6) & MASK51;
	f->v[3] = (load64_le(s + 19) >> 1) & MASK51;
	f->v[4] = (load64_le(s + 24) >> 12) & MASK51;
}

/* Passes what is above 51 bits to the next limb, and from the top around to the bottom,
 * since 2^255 = 19 modulo p. */
static void carry(uint64_t v[5])
{
	for (int i = 0; i < 4; i++) {
		v[i + 1] += v[i] >> 51;
		v[i] &= MASK51;
	}
	v[0] += 19 * (v[4] >> 51);
	v[4] &= MASK51;
}

void fe51_store(uint8_t s[32], const struct fe51 *f)
{
	uint64_t v[5], q;

	for (int i = 0; i < 5; i++)
		v[i] = f->v[i];
	/* Twice makes it less than 2^255: the second has 0 or 1 to bring around, and if
	 * it is 1, limb 0 has room for 19 more. */
	carry(v);
	carry(v);
	/* q = 1 if v >= p, that is if v + 19 reaches 2^255. */
	q = (v[0] + 19) >> 51;
	for (int i = 1; i < 5; i++)
		q = (v[i] + q) >> 51;
	/* v - q p = v + 19 q - q 2^255; the last term falls off the top. */
	v[0] += 19 * q;
	for (int i = 0; i < 4; i++) {
		v[i + 1] += v[i] >> 51;
		v[i] &= MASK51;
	}
	v[4] &= MASK51;

	store64_le(s, v[0] | v[1] << 51);
	store64_le(s + 8, v[1] >> 13 | v[2] << 38);
	store64_le(s + 16, v[2] >> 26 | v[3] << 25);
	store64_le(s + 24, v[3] >> 39 | v[4] << 12);
}

void fe51_add(struct fe51 *out, const struct fe51 *a, const struct fe51 *b)
{
	for (int i = 0; i < 5; i++)
		out->v[i] = a->v[i] + b->v[i];
}

void fe51_sub(struct fe51 *out, const struct fe51 *a, const struct fe51 *b)
{
	/* Adds 4 p, each limb of which is more than a tight one. */
	out->v[0] = a->v[0] + 4 * (MASK51 - 18) - b->v[0];
	for (int i = 1; i < 5; i++)
		out->v[i] = a->v[i] + 4 * MASK51 - b->v[i];
}

/*
 * Makes sums of products tight. For loose factors each sum is below 77 * 2^108, so what
 * it carries is below 2^64; the topmost, without the factor 19 inside, is below 5 * 2^108
 * and what it brings around below 19 * 5 * 2^57 + 2^13 < 2^64.
 */
static void reduce(struct fe51 *out, u128 t[5])
{
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		t[i + 1] += (uint64_t)(t[i] >> 51);
		out->v[i] = (uint64_t)t[i] & MASK51;
	}
	out->v[4] = (uint64_t)t[4] & MASK51;
	out->v[0] += 19 * (uint64_t)(t[4] >> 51);
	out->v[1] += out->v[0] >> 51;
	out->v[0] &= MASK51;
}

void fe51_mul(struct fe51 *out, const struct fe51 *a, const struct fe51 *b)
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
	reduce(out, t);
}

void fe51_square(struct fe51 *out, const struct fe51 *a)
{
	const uint64_t *x = a->v;
	const uint64_t x0 = 2 * x[0], x1 = 2 * x[1], x3 = 19 * x[3], x4 = 19 * x[4];
	u128 t[5];

	t[0] = (u128)x[0] * x[0] + (u128)x1 * x4 + (u128)(2 * x[2]) * x3;
	t[1] = (u128)x0 * x[1] + (u128)(2 * x[2]) * x4 + (u128)x[3] * x3;
	t[2] = (u128)x0 * x[2] + (u128)x[1] * x[1] + (u128)(2 * x[3]) * x4;
	t[3] = (u128)x0 * x[3] + (u128)x1 * x[2] + (u128)x[4] * x4;
	t[4] = (u128)x0 * x[4] + (u128)x1 * x[3] + (u128)x[2] * x[2];
	reduce(out, t);
}

void fe51_mul_small(struct fe51 *out, const struct fe51 *a, uint32_t small)
{
	u128 t[5];

#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		t[i] = (u128)a->v[i] * small;
	reduce(out, t);
}

static void square_times(struct fe51 *out, const struct fe51 *a, int n)
{
	fe51_square(out, a);
	while (--n)
		fe51_square(out, out);
}

/*
 * Fermat: a^(p - 2), with p - 2 = 2^255 - 21 = (2^250 - 1) 2^5 + 11. The runs of ones are
 * doubled: if x = a^(2^n - 1) then x^(2^n) x = a^(2^(2 n) - 1). Below, ones_n is that x.
 */
void fe51_invert(struct fe51 *out, const struct fe51 *a)
{
	struct fe51 a11, ones_5, ones_10, ones_20, ones_50, ones_100, t;
	struct fe51 a2, a9;

	fe51_square(&a2, a);
	square_times(&t, &a2, 2);
	fe51_mul(&a9, &t, a);
	fe51_mul(&a11, &a9, &a2);
	fe51_square(&t, &a11);
	fe51_mul(&ones_5, &t, &a9); /* 22 + 9 = 31 */
	square_times(&t, &ones_5, 5);
	fe51_mul(&ones_10, &t, &ones_5);
	square_times(&t, &ones_10, 10);
	fe51_mul(&ones_20, &t, &ones_10);
	square_times(&t, &ones_20, 20);
	fe51_mul(&t, &t, &ones_20); /* ones_40 */
	square_times(&t, &t, 10);
	fe51_mul(&ones_50, &t, &ones_10);
	square_times(&t, &ones_50, 50);
	fe51_mul(&ones_100, &t, &ones_50);
	square_times(&t, &ones_100, 100);
	fe51_mul(&t, &t, &ones_100); /* ones_200 */
	square_times(&t, &t, 50);
	fe51_mul(&t, &t, &ones_50); /* ones_250 */
	square_times(&t, &t, 5);
	fe51_mul(out, &t, &a11);
}

void fe51_cswap(struct fe51 *a, struct fe51 *b, uint64_t bit)
{
	const uint64_t mask = 0 - ct_opaque(bit);

	for (int i = 0; i < 5; i++) {
		uint64_t x = mask & (a->v[i] ^ b->v[i]);

		a->v[i] ^= x;
		b->v[i] ^= x;
	}
}
