/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_POLY1305_IFMA_H
#define WGRD_PROTO_CRYPTO_POLY1305_IFMA_H

/*
 * Poly1305 of eight messages at once, one in each lane of a vector, with the multiplier of
 * AVX-512 IFMA: lanes that are different packets need no powers of r. For aead_across.h;
 * the caller has asked cpu_features(). x86-64 only.
 *
 * Numbers have limbs of 44, 44 and 42 bits. With r = r0 + r1 2^44 + r2 2^88 and the same
 * for h, what lies at 2^132 and 2^176 comes down with 2^132 = 4 * 2^130 = 20 modulo p:
 *
 *	d0 = h0 r0 + h1 s2 + h2 s1        s1 = 20 r1
 *	d1 = h0 r1 + h1 r0 + h2 s2        s2 = 20 r2
 *	d2 = h0 r2 + h1 r1 + h2 r0
 *
 * The multiplier gives bits 0 to 51 of a product and, separately, those from 52 on, which
 * are 8 bits above the next limb, or 10 above the last one.
 *
 * Bounds: r is clamped, so r2 < 2^36, s2 < 2^41, s1 < 2^49. Between steps h0 < 2^44,
 * h1 < 2^44 + 2^7 and h2 < 2^42; with a block added, h0, h1 < 2^46 and h2 < 2^43: factors
 * are below 2^52, as they must be. Sums of low parts are below 2^54, of high parts below
 * 2^41. d2 is below 2^91, so that 5 d2 / 2^42 is below 2^52.
 */

#include <stdint.h>

#include "proto/crypto/bytes.h"
#include "proto/crypto/ifma.h"

enum {
	POLY1305_IFMA_LANES = 8,
};

#define POLY1305_LIMB_44 UINT64_C(0xfffffffffff)
#define POLY1305_LIMB_42 UINT64_C(0x3ffffffffff)

struct poly1305_ifma {
	vec_2 h[3], r[3], s1, s2;
};

/* Begins a message in @lane; @r is clamped. */
static inline void poly1305_ifma_begin(struct poly1305_ifma *p, unsigned lane,
				       const uint64_t r[2])
{
	const uint64_t r1 = (r[0] >> 44 | r[1] << 20) & POLY1305_LIMB_44;

	p->h[0][lane] = p->h[1][lane] = p->h[2][lane] = 0;
	p->r[0][lane] = r[0] & POLY1305_LIMB_44;
	p->r[1][lane] = r1;
	p->r[2][lane] = r[1] >> 24;
	p->s1[lane] = 20 * r1;
	p->s2[lane] = 20 * (r[1] >> 24);
}

/* The h of @lane in words of 64 bits, for poly1305_step(). */
static inline void poly1305_ifma_get(const struct poly1305_ifma *p, unsigned lane,
				     uint64_t h[3])
{
	__extension__ typedef unsigned __int128 wide;
	wide sum = p->h[0][lane] + ((wide)p->h[1][lane] << 44);

	h[0] = (uint64_t)sum;
	sum = (sum >> 64) + ((wide)p->h[2][lane] << 24);
	h[1] = (uint64_t)sum;
	h[2] = (uint64_t)(sum >> 64);
}

/* The 16 bytes at @at of each text: the low words, and the high ones. */
static inline __attribute__((always_inline)) void
poly1305_ifma_load(vec_2 *low, vec_2 *high, const uint8_t *const text[8], unsigned at)
{
#ifndef WGRD_CT_CHECK
	__m512i v[2];

#pragma GCC unroll 2
	for (int i = 0; i < 2; i++) {
		v[i] = _mm512_castsi128_si512(
			_mm_loadu_si128((const __m128i *)(text[i] + at)));
		v[i] = _mm512_mask_broadcast_i64x2(
			v[i], 0x0c, _mm_loadu_si128((const __m128i *)(text[2 + i] + at)));
		v[i] = _mm512_mask_broadcast_i64x2(
			v[i], 0x30, _mm_loadu_si128((const __m128i *)(text[4 + i] + at)));
		v[i] = _mm512_mask_broadcast_i64x2(
			v[i], 0xc0, _mm_loadu_si128((const __m128i *)(text[6 + i] + at)));
	}
	*low = (vec_2)_mm512_unpacklo_epi64(v[0], v[1]);
	*high = (vec_2)_mm512_unpackhi_epi64(v[0], v[1]);
#else
	for (int i = 0; i < 8; i++) {
		(*low)[i] = load64_le(text[i] + at);
		(*high)[i] = load64_le(text[i] + at + 8);
	}
#endif
}

/* h = (h + m + 2^128) r in each lane, where m is the block at @at of the lane's text. */
static inline __attribute__((always_inline)) void
poly1305_ifma_step(struct poly1305_ifma *p, const uint8_t *const text[8], unsigned at)
{
	const vec_2 zero = words_2(0, 0, 0, 0);
	const vec_2 r0 = p->r[0], r1 = p->r[1], r2 = p->r[2], s1 = p->s1, s2 = p->s2;
	vec_2 low, high, h0, h1, h2, d[3], up[3], carry;

	poly1305_ifma_load(&low, &high, text, at);
	h0 = p->h[0] + (low & POLY1305_LIMB_44);
	h1 = p->h[1] + ((low >> 44 | high << 20) & POLY1305_LIMB_44);
	h2 = p->h[2] + (high >> 24 | UINT64_C(1) << 40);

	d[0] = madd_lo_2(madd_lo_2(zero, h1, s2), h2, s1);
	d[1] = madd_lo_2(madd_lo_2(zero, h1, r0), h2, s2);
	d[2] = madd_lo_2(madd_lo_2(zero, h1, r1), h2, r0);
	up[0] = madd_hi_2(madd_hi_2(zero, h1, s2), h2, s1);
	up[1] = madd_hi_2(madd_hi_2(zero, h1, r0), h2, s2);
	up[2] = madd_hi_2(madd_hi_2(zero, h1, r1), h2, r0);
	d[0] = madd_lo_2(d[0], h0, r0);
	d[1] = madd_lo_2(d[1], h0, r1);
	d[2] = madd_lo_2(d[2], h0, r2);
	up[0] = madd_hi_2(up[0], h0, r0);
	up[1] = madd_hi_2(up[1], h0, r1);
	up[2] = madd_hi_2(up[2], h0, r2);

	d[1] += (d[0] >> 44) + (up[0] << 8);
	d[2] += (d[1] >> 44) + (up[1] << 8);
	carry = (d[2] >> 42) + (up[2] << 10);
	h0 = (d[0] & POLY1305_LIMB_44) + carry + (carry << 2);
	p->h[0] = h0 & POLY1305_LIMB_44;
	p->h[1] = (d[1] & POLY1305_LIMB_44) + (h0 >> 44);
	p->h[2] = d[2] & POLY1305_LIMB_42;
}

#endif
