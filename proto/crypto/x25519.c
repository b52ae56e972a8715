/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/x25519.h"

#include <errno.h>
#include <string.h>

#include "proto/crypto/ct.h"
#include "proto/crypto/fe51.h"
#include "proto/crypto/wipe.h"

/* (A - 2) / 4 for the curve's A = 486662. */
enum {
	A24 = 121665,
};

/* Two points, n P and (n + 1) P, as x / z; and their difference P. */
struct ladder {
	struct fe51 x1, x2, z2, x3, z3;
};

/* From n P, (n + 1) P to 2 n P, (2 n + 1) P: RFC 7748 section 5, with its names. Each sum
 * or difference stands between products, as fe51.h asks. */
static void ladder_step(struct ladder *l)
{
	struct fe51 a, aa, b, bb, e, c, d, t;

	fe51_add(&a, &l->x2, &l->z2);
	fe51_square(&aa, &a);
	fe51_sub(&b, &l->x2, &l->z2);
	fe51_square(&bb, &b);
	fe51_sub(&e, &aa, &bb);
	fe51_add(&c, &l->x3, &l->z3);
	fe51_sub(&d, &l->x3, &l->z3);
	fe51_mul(&d, &d, &a); /* DA */
	fe51_mul(&c, &c, &b); /* CB */
	fe51_add(&t, &d, &c);
	fe51_square(&l->x3, &t);
	fe51_sub(&t, &d, &c);
	fe51_square(&t, &t);
	fe51_mul(&l->z3, &l->x1, &t);
	fe51_mul(&l->x2, &aa, &bb);
	fe51_mul_small(&t, &e, A24);
	fe51_add(&t, &aa, &t);
	fe51_mul(&l->z2, &e, &t);
}

void x25519_clamp(uint8_t scalar[X25519_LEN])
{
	scalar[0] &= 248;
	scalar[31] &= 127;
	scalar[31] |= 64;
}

static void multiply(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN],
		     const uint8_t point[X25519_LEN])
{
	struct ladder l = {.x2 = {{1}}, .z3 = {{1}}};
	uint8_t k[X25519_LEN];
	uint64_t bit, last = 0;

	memcpy(k, scalar, sizeof(k));
	x25519_clamp(k);
	fe51_load(&l.x1, point);
	l.x3 = l.x1;
	for (int i = 254; i >= 0; i--) {
		bit = k[i / 8] >> i % 8 & 1;
		fe51_cswap(&l.x2, &l.x3, bit ^ last);
		fe51_cswap(&l.z2, &l.z3, bit ^ last);
		last = bit;
		ladder_step(&l);
	}
	/* Bit 0 of a clamped scalar is 0: nothing is left to swap back. */
	fe51_invert(&l.z2, &l.z2);
	fe51_mul(&l.x2, &l.x2, &l.z2);
	fe51_store(out, &l.x2);
	wipe(k, sizeof(k));
	wipe(&l, sizeof(l));
}

int x25519(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN],
	   const uint8_t point[X25519_LEN])
{
	multiply(out, scalar, point);
	return ct_is_zero(out, X25519_LEN) ? -EINVAL : 0;
}

void x25519_public(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN])
{
	static const uint8_t base[X25519_LEN] = {9};

	multiply(out, scalar, base);
}
