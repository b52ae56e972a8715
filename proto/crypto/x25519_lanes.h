/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The ladder with its four coordinates in the lanes of a vector. x25519_ifma.c includes
 * this once for SIDES = 1, a ladder alone, and once for SIDES = 2, two side by side;
 * SUFFIX(name) is name_1 or name_2, as in ifma.h.
 *
 * A step goes from x2 / z2 and x3 / z3 to twice the first and their sum (RFC 7748 section
 * 5, with its names) by three products of four numbers:
 *
 *     lane          0          1            2             3
 *                x2 + z2    x2 - z2      x3 + z3       x3 - z3
 *     product    A * A      B * B        C * B         D * A         AA, BB, CB, DA
 *                  BB       AA - BB      CB + DA       CB - DA
 *     product   AA * BB    a24 * E     (CB + DA)^2   (CB - DA)^2
 *                  "        AA + "          "             "
 *     product     * 1         * E          * 1          * x1         x2, z2, x3, z3
 *
 * Limbs have 51 bits, in words of 64. Numbers come in two states: a factor has limbs below
 * 2^52; a product is left raw, with limbs below 2^60, and so are sums and differences of
 * products. One pass of carries, all limbs at once, turns raw into factor. Nothing but
 * that stands between the products, and the products are what bounds the speed.
 *
 * Four lanes for four coordinates: Hisil, Egrice, Yassi, "Fast 4 Way Vectorized Ladder for
 * the Complete Set of Montgomery Curves" (2020). The swap of the two points costs nothing
 * here: the first addition needs a permutation in any case, and takes a secret one.
 */

/* A number in each lane; v[i] has limb i of all. */
struct SUFFIX(lanes) {
	SUFFIX(vec) v[5];
};

/* Raw to factor: below 2^51 + 2^18, as what goes around is below 19 * 2^13. */
static IFMA_INLINE void SUFFIX(carry)(struct SUFFIX(lanes) * out,
				      const struct SUFFIX(lanes) * a)
{
	const SUFFIX(vec) mask =
		SUFFIX(words)(FE51_MASK, FE51_MASK, FE51_MASK, FE51_MASK);
	const SUFFIX(vec) nineteen = SUFFIX(words)(19, 19, 19, 19);
	SUFFIX(vec) c[5];

#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		c[i] = a->v[i] >> 51;
	out->v[0] = SUFFIX(madd_lo)(a->v[0] & mask, c[4], nineteen);
#pragma GCC unroll 5
	for (int i = 1; i < 5; i++)
		out->v[i] = (a->v[i] & mask) + c[i - 1];
}

/*
 * Factors to raw. A product of limbs is below 2^103, its low part below 2^52 and its high
 * part below 2^51, which counts twice, since 2^52 is 2 at the next limb. Five of both are
 * below 10 * 2^52, and 20 times that, with what comes around, below 2^60.
 */
static IFMA_INLINE void SUFFIX(mul)(struct SUFFIX(lanes) * out,
				    const struct SUFFIX(lanes) * a,
				    const struct SUFFIX(lanes) * b)
{
	SUFFIX(vec) lo[10], hi[10], up[5];

#pragma GCC unroll 10
	for (int i = 0; i < 10; i++)
		lo[i] = hi[i] = SUFFIX(words)(0, 0, 0, 0);
#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
#pragma GCC unroll 5
		for (int j = 0; j < 5; j++) {
			if (i + j >= 5)
				lo[i + j] = SUFFIX(madd_lo)(lo[i + j], a->v[i], b->v[j]);
			if (i + j >= 4)
				hi[i + j + 1] =
					SUFFIX(madd_hi)(hi[i + j + 1], a->v[i], b->v[j]);
		}
#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		up[i] = SUFFIX(times)(lo[i + 5] + hi[i + 5] + hi[i + 5], 19);
#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
#pragma GCC unroll 5
		for (int j = 0; j < 5; j++) {
			if (i + j < 5)
				lo[i + j] = SUFFIX(madd_lo)(lo[i + j], a->v[i], b->v[j]);
			if (i + j < 4)
				hi[i + j + 1] =
					SUFFIX(madd_hi)(hi[i + j + 1], a->v[i], b->v[j]);
		}
#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		out->v[i] = (lo[i] + hi[i]) + (hi[i] + up[i]);
}

/* Raw to raw: a + b in lanes 0 and 2, a - b in lanes 1 and 3, where 2^9 p is added first
 * and -b is ~b + 1. */
static IFMA_INLINE void SUFFIX(add_sub)(struct SUFFIX(lanes) * out,
					const struct SUFFIX(lanes) * a,
					const struct SUFFIX(lanes) * b)
{
	const SUFFIX(vec) odd = SUFFIX(words)(0, UINT64_MAX, 0, UINT64_MAX);
	const uint64_t p0 = ((FE51_MASK - 18) << 9) + 1, p1 = (FE51_MASK << 9) + 1;
	const SUFFIX(vec) bias0 = SUFFIX(words)(0, p0, 0, p0),
			  bias1 = SUFFIX(words)(0, p1, 0, p1);

#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		out->v[i] = (a->v[i] + (i ? bias1 : bias0)) + (b->v[i] ^ odd);
}

/* @state and the result are raw. @x1 is 1, 0, 1, x1. @index: 0, 0, 2, 2, or with the
 * points swapped 2, 2, 0, 0, and so on for a second side. */
static IFMA_INLINE void SUFFIX(step)(struct SUFFIX(lanes) * state,
				     const struct SUFFIX(lanes) * x1, SUFFIX(vec) index)
{
	const SUFFIX(vec) lane0 = SUFFIX(words)(UINT64_MAX, 0, 0, 0);
	const SUFFIX(vec) lane1 = SUFFIX(words)(0, UINT64_MAX, 0, 0);
	const SUFFIX(vec) lanes23 = SUFFIX(words)(0, 0, UINT64_MAX, UINT64_MAX);
	const SUFFIX(vec) a24 = SUFFIX(words)(0, 121665, 0, 0);
	const SUFFIX(vec) index_z = index + SUFFIX(words)(1, 1, 1, 1);
	struct SUFFIX(lanes) a, b, u, v, w;

#pragma GCC unroll 5
	for (int i = 0; i < 5; i++) {
		a.v[i] = SUFFIX(permute)(state->v[i], index);
		b.v[i] = SUFFIX(permute)(state->v[i], index_z);
	}
	SUFFIX(add_sub)(&a, &a, &b);
	SUFFIX(carry)(&a, &a); /* A, B, C, D */
#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		b.v[i] = SUFFIX(pick)(a.v[i], 0, 1, 1, 0);
	SUFFIX(mul)(&u, &a, &b); /* AA, BB, CB, DA */

#pragma GCC unroll 5
	for (int i = 0; i < 5; i++) {
		a.v[i] = SUFFIX(pick)(u.v[i], 0, 0, 2, 2) & ~lane0; /* 0, AA, CB, CB */
		b.v[i] = SUFFIX(pick)(u.v[i], 1, 1, 3, 3);
	}
	SUFFIX(add_sub)(&v, &a, &b);
	SUFFIX(carry)(&v, &v); /* BB, E, CB + DA, CB - DA */
	SUFFIX(carry)(&w, &u);
#pragma GCC unroll 5
	for (int i = 0; i < 5; i++)
		w.v[i] = (w.v[i] & lane0) | (v.v[i] & lanes23);
	w.v[0] |= a24;
	SUFFIX(mul)(&w, &w, &v);

#pragma GCC unroll 5
	for (int i = 0; i < 5; i++) {
		w.v[i] += a.v[i] & lane1;
		b.v[i] = (v.v[i] & lane1) | x1->v[i];
	}
	SUFFIX(carry)(&w, &w);
	SUFFIX(mul)(state, &w, &b);
}

/* Clamped scalars times points, one a side: x2 / z2, tight as fe51.h has it. */
static IFMA_TARGET void SUFFIX(ladder)(struct fe51 *x2, struct fe51 *z2,
				       uint8_t k[][X25519_LEN], const struct fe51 *point)
{
	struct SUFFIX(lanes) state = {{{0}}}, x1 = {{{0}}};
	SUFFIX(vec) start = SUFFIX(words)(0, 0, 2, 2), swap[SIDES], index;
	uint64_t last[SIDES] = {0}, bit;

	for (int s = 0; s < SIDES; s++) {
		swap[s] = SUFFIX(words)(0, 0, 0, 0);
		for (int i = 4 * s; i < 4 * s + 4; i++) {
			start[i] += (uint64_t)(4 * s);
			swap[s][i] = 2;
		}
		for (int i = 0; i < 5; i++)
			state.v[i][4 * s + 2] = x1.v[i][4 * s + 3] = point[s].v[i];
		state.v[0][4 * s] = state.v[0][4 * s + 3] = 1;
		x1.v[0][4 * s] = x1.v[0][4 * s + 2] = 1;
	}
	for (int i = 254; i >= 0; i--) {
		index = start;
		for (int s = 0; s < SIDES; s++) {
			bit = k[s][i / 8] >> i % 8 & 1;
			index ^= swap[s] & (0 - (bit ^ last[s]));
			last[s] = bit;
		}
		SUFFIX(step)(&state, &x1, index);
	}
	/* Bit 0 of a clamped scalar is 0: nothing is left to swap back. */
	SUFFIX(carry)(&state, &state);
	for (int s = 0; s < SIDES; s++)
		for (int i = 0; i < 5; i++) {
			x2[s].v[i] = state.v[i][4 * s];
			z2[s].v[i] = state.v[i][4 * s + 1];
		}
	wipe(&state, sizeof(state));
}
