/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_POLY1305_STEP_H
#define WGRD_PROTO_CRYPTO_POLY1305_STEP_H

/*
 * The arithmetic of Poly1305 in limbs of 64 bits, for poly1305.c and for code that weaves
 * it into something else. Any thread.
 *
 * With h = h0 + h1 2^64 + h2 2^128 and r = r0 + r1 2^64, the product h r has terms at 2^128
 * and 2^192, and these are brought down with 2^130 = 5 modulo p. Clamping clears the low
 * two bits of r1, so
 *
 *	h1 r1 2^128 = h1 (r1 / 4) 2^130 = h1 (5 r1 / 4)
 *
 * needs no shifting of h: 5 r1 / 4 is a number of 61 bits, named s1 below.
 */

#include <stdint.h>

#include "proto/crypto/bytes.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/poly1305.h"

__extension__ typedef unsigned __int128 u128;

static inline void poly1305_clamp(uint64_t r[2], const uint8_t key[POLY1305_KEY_LEN])
{
	r[0] = load64_le(key) & UINT64_C(0x0ffffffc0fffffff);
	r[1] = load64_le(key + 8) & UINT64_C(0x0ffffffc0ffffffc);
}

/* h = (h + m + 2^128) r. Between blocks h2 is at most 4, so that no sum below leaves its
 * 128 or 64 bits. */
static inline __attribute__((always_inline)) void
poly1305_step(uint64_t h[3], const uint64_t r[2], uint64_t s1, const uint8_t *m)
{
	uint64_t h0, h1, h2, c;
	u128 d0, d1;

	d0 = (u128)h[0] + load64_le(m);
	d1 = (u128)h[1] + load64_le(m + 8) + (uint64_t)(d0 >> 64);
	h0 = d0;
	h1 = d1;
	h2 = h[2] + (uint64_t)(d1 >> 64) + 1;

	d0 = (u128)h0 * r[0] + (u128)h1 * s1;
	d1 = (u128)h0 * r[1] + (u128)h1 * r[0] + h2 * s1 + (uint64_t)(d0 >> 64);
	h2 = h2 * r[0] + (uint64_t)(d1 >> 64);

	/* h2 = 4 q + (h2 & 3), and 4 q 2^128 = 5 q */
	c = (h2 >> 2) + (h2 & ~UINT64_C(3));
	d0 = (u128)(uint64_t)d0 + c;
	d1 = (u128)(uint64_t)d1 + (uint64_t)(d0 >> 64);
	h[0] = d0;
	h[1] = d1;
	h[2] = (h2 & 3) + (uint64_t)(d1 >> 64);
}

/* The tag: h modulo p, plus the pad, modulo 2^128. */
static inline void poly1305_tag(uint8_t tag[POLY1305_TAG_LEN], const uint64_t h[3],
				const uint64_t pad[2])
{
	uint64_t g0, g1, keep_h;
	u128 d;

	/* h is below 2 (2^130 - 5): take the modulus away once, unless that borrows.
	 * h - p = h + 5 - 2^130, and h + 5 reaches 2^130 when it is not below zero. */
	d = (u128)h[0] + 5;
	g0 = d;
	d = (u128)h[1] + (uint64_t)(d >> 64);
	g1 = d;
	keep_h = ct_mask_zero((h[2] + (uint64_t)(d >> 64)) >> 2);
	g0 = ct_select(keep_h, h[0], g0);
	g1 = ct_select(keep_h, h[1], g1);

	d = (u128)g0 + pad[0];
	store64_le(tag, d);
	d = (u128)g1 + pad[1] + (uint64_t)(d >> 64);
	store64_le(tag + 8, d);
}

#endif
