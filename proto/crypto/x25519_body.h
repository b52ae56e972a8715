/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * X25519 over a field: a file that has chosen one, by FE(name) for its functions and FE_T
 * for its struct, includes this once and gets multiply_one() and multiply_base(). Each sum
 * or difference stands between products, as fe51.h and fe64.h ask.
 */

#include <string.h>

#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"
#include "proto/crypto/x25519.h"
#include "proto/crypto/x25519_table.h"

/* (A - 2) / 4 for the curve's A = 486662. */
enum {
	A24 = 121665,
};

/* ---- any point: the ladder ---- */

/* Two points, n P and (n + 1) P, as x / z; and their difference P. */
struct ladder {
	struct FE_T x1, x2, z2, x3, z3;
};

/* From n P, (n + 1) P to 2 n P, (2 n + 1) P: RFC 7748 section 5, with its names. */
static inline void ladder_step(struct ladder *l)
{
	struct FE_T a, aa, b, bb, e, c, d, t;

	FE(add)(&a, &l->x2, &l->z2);
	FE(sub)(&b, &l->x2, &l->z2);
	FE(add)(&c, &l->x3, &l->z3);
	FE(sub)(&d, &l->x3, &l->z3);
	FE(mul)(&d, &d, &a); /* DA */
	FE(mul)(&c, &c, &b); /* CB */
	FE(square)(&aa, &a);
	FE(square)(&bb, &b);
	FE(add)(&t, &d, &c);
	FE(sub)(&d, &d, &c);
	FE(square)(&l->x3, &t);
	FE(square)(&d, &d);
	FE(sub)(&e, &aa, &bb);
	FE(mul)(&l->x2, &aa, &bb);
	FE(mul_small)(&t, &e, A24);
	FE(add)(&t, &aa, &t);
	FE(mul)(&l->z3, &l->x1, &d);
	FE(mul)(&l->z2, &e, &t);
}

static void multiply_one(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN],
			 const uint8_t point[X25519_LEN])
{
	struct ladder l = {.x2 = {{1}}, .z3 = {{1}}};
	uint8_t k[X25519_LEN];
	uint64_t bit, last = 0;

	memcpy(k, scalar, sizeof(k));
	x25519_clamp(k);
	FE(load)(&l.x1, point);
	l.x3 = l.x1;
	for (int i = 254; i >= 0; i--) {
		bit = k[i / 8] >> i % 8 & 1;
		FE(cswap)(&l.x2, &l.x3, bit ^ last);
		FE(cswap)(&l.z2, &l.z3, bit ^ last);
		last = bit;
		ladder_step(&l);
	}
	/* Bit 0 of a clamped scalar is 0: nothing is left to swap back. */
	FE(invert)(&l.z2, &l.z2);
	FE(mul)(&l.x2, &l.x2, &l.z2);
	FE(store)(out, &l.x2);
	wipe(k, sizeof(k));
	wipe(&l, sizeof(l));
}

/* ---- the base point: a table ---- */

/*
 * On the curve -x^2 + y^2 = 1 + d x^2 y^2, to which u = (1 + y) / (1 - y) leads back
 * (RFC 7748 section 4.1): addition there has no exceptions, so that it can add whatever
 * the table holds. Extended coordinates x = X / Z, y = Y / Z, x y = T / Z, of Hisil, Wong,
 * Carter and Dawson, "Twisted Edwards Curves Revisited" (2008).
 */
struct edwards {
	struct FE_T x, y, z, t;
};

/* A point of the table: (y + x) / 2, (y - x) / 2 and d x y. */
struct entry {
	struct FE_T sum, diff, dxy;
};

/* The usual sums, halved because of the table: none is of a sum. */
static void add_entry(struct edwards *p, const struct entry *q)
{
	struct FE_T a, b, c, e, f, g, h;

	FE(sub)(&a, &p->y, &p->x);
	FE(mul)(&a, &a, &q->diff);
	FE(add)(&b, &p->y, &p->x);
	FE(mul)(&b, &b, &q->sum);
	FE(mul)(&c, &p->t, &q->dxy);
	FE(sub)(&e, &b, &a);
	FE(sub)(&f, &p->z, &c);
	FE(add)(&g, &p->z, &c);
	FE(add)(&h, &b, &a);
	FE(mul)(&p->x, &e, &f);
	FE(mul)(&p->y, &g, &h);
	FE(mul)(&p->z, &f, &g);
	FE(mul)(&p->t, &e, &h);
}

static void double_point(struct edwards *p)
{
	struct FE_T a, b, c, e, f, g, h;

	FE(square)(&a, &p->x);
	FE(square)(&b, &p->y);
	FE(square)(&c, &p->z);
	FE(mul)(&e, &p->x, &p->y);
	FE(add)(&e, &e, &e);
	FE(add)(&h, &a, &b);
	FE(sub)(&g, &b, &a);
	FE(add)(&c, &c, &c);
	/* A product with one makes them tight, so that they can be subtracted. */
	FE(mul_small)(&g, &g, 1);
	FE(mul_small)(&c, &c, 1);
	FE(sub)(&f, &c, &g);
	FE(mul)(&p->x, &e, &f);
	FE(mul)(&p->y, &g, &h);
	FE(mul)(&p->z, &f, &g);
	FE(mul)(&p->t, &e, &h);
}

/*
 * Table @i times @digit, -8 to 8: every entry is read and the one that counts is kept. The
 * negative of (x, y) is (-x, y), which swaps sum and difference.
 */
static void look_up(struct entry *out, size_t i, int8_t digit)
{
	const uint64_t negative = ct_opaque((uint64_t)(int64_t)digit >> 63);
	const uint64_t value = ((uint64_t)(int64_t)digit ^ (0 - negative)) + negative;
	/* Entry 0 is the neutral point, x = 0, y = 1. */
	struct x25519_entry e = {X25519_HALF, X25519_HALF, {0}};
	struct FE_T zero = {{0}}, minus;

	for (uint64_t j = 1; j <= X25519_TABLE_ENTRIES; j++)
		x25519_entry_select(&e, &x25519_table[i][j - 1], ct_mask_zero(value ^ j));
	FE(from_words)(&out->sum, e.sum);
	FE(from_words)(&out->diff, e.diff);
	FE(from_words)(&out->dxy, e.dxy);
	FE(cswap)(&out->sum, &out->diff, negative);
	FE(sub)(&minus, &zero, &out->dxy);
	FE(cswap)(&out->dxy, &minus, negative);
	wipe(&e, sizeof(e));
	wipe(&minus, sizeof(minus));
}

/* 64 digits to the base 16, -8 to 7, the last up to 8: k = sum digit[i] * 16^i. */
static void split(int8_t digit[64], const uint8_t k[X25519_LEN])
{
	int carry = 0;

	for (int i = 0; i < 64; i++) {
		int d = (k[i / 2] >> 4 * (i % 2) & 15) + carry;

		carry = i < 63 ? (d + 8) >> 4 : 0;
		digit[i] = (int8_t)(d - 16 * carry);
	}
}

/*
 * Table i holds multiples of 256^i B. So digits 2 i are looked up as they are, and digits
 * 2 i + 1 before four doublings.
 */
static void multiply_base(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN])
{
	struct edwards p = {.y = {{1}}, .z = {{1}}};
	uint8_t k[X25519_LEN];
	struct entry e;
	int8_t digit[64];

	memcpy(k, scalar, sizeof(k));
	x25519_clamp(k);
	split(digit, k);
	for (size_t odd = 2; odd--;) {
		for (size_t i = 0; i < X25519_TABLES; i++) {
			look_up(&e, i, digit[2 * i + odd]);
			add_entry(&p, &e);
		}
		for (int i = 0; odd && i < 4; i++)
			double_point(&p);
	}
	FE(add)(&p.x, &p.z, &p.y);
	FE(sub)(&p.t, &p.z, &p.y);
	FE(invert)(&p.t, &p.t);
	FE(mul)(&p.x, &p.x, &p.t);
	FE(store)(out, &p.x);
	wipe(k, sizeof(k));
	wipe(digit, sizeof(digit));
	wipe(&e, sizeof(e));
	wipe(&p, sizeof(p));
}
