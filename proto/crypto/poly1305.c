/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Poly1305 in limbs of 64 bits. With h = h0 + h1 2^64 + h2 2^128 and r = r0 + r1 2^64,
 * the product h r has terms at 2^128 and 2^192, and these are brought down with
 * 2^130 = 5 modulo p. Clamping clears the low two bits of r1, so
 *
 *	h1 r1 2^128 = h1 (r1 / 4) 2^130 = h1 (5 r1 / 4)
 *
 * needs no shifting of h: 5 r1 / 4 is a number of 61 bits, named s1 below.
 */
#include "proto/crypto/poly1305.h"

#include "proto/crypto/bytes.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"

__extension__ typedef unsigned __int128 u128;

void poly1305_init(struct poly1305 *p, const uint8_t key[POLY1305_KEY_LEN])
{
	p->h[0] = p->h[1] = p->h[2] = 0;
	p->r[0] = load64_le(key) & UINT64_C(0x0ffffffc0fffffff);
	p->r[1] = load64_le(key + 8) & UINT64_C(0x0ffffffc0ffffffc);
	p->pad[0] = load64_le(key + 16);
	p->pad[1] = load64_le(key + 24);
	p->part_len = 0;
}

/* Absorbs @n whole blocks. Between blocks h2 is at most 4, so that no sum below leaves
 * its 128 or 64 bits. */
static void blocks(struct poly1305 *p, const uint8_t *m, size_t n)
{
	const uint64_t r0 = p->r[0], r1 = p->r[1], s1 = r1 + (r1 >> 2);
	uint64_t h0 = p->h[0], h1 = p->h[1], h2 = p->h[2], c;
	u128 d0, d1;

	for (; n; n--, m += POLY1305_BLOCK_LEN) {
		d0 = (u128)h0 + load64_le(m);
		d1 = (u128)h1 + load64_le(m + 8) + (uint64_t)(d0 >> 64);
		h0 = d0;
		h1 = d1;
		h2 += (uint64_t)(d1 >> 64) + 1;

		d0 = (u128)h0 * r0 + (u128)h1 * s1;
		d1 = (u128)h0 * r1 + (u128)h1 * r0 + h2 * s1 + (uint64_t)(d0 >> 64);
		h2 = h2 * r0 + (uint64_t)(d1 >> 64);

		/* h2 = 4 q + (h2 & 3), and 4 q 2^128 = 5 q */
		c = (h2 >> 2) + (h2 & ~UINT64_C(3));
		d0 = (u128)(uint64_t)d0 + c;
		d1 = (u128)(uint64_t)d1 + (uint64_t)(d0 >> 64);
		h0 = d0;
		h1 = d1;
		h2 = (h2 & 3) + (uint64_t)(d1 >> 64);
	}
	p->h[0] = h0;
	p->h[1] = h1;
	p->h[2] = h2;
}

void poly1305_update(struct poly1305 *p, const void *data, size_t len)
{
	const uint8_t *m = data;
	size_t n;

	if (p->part_len) {
		n = POLY1305_BLOCK_LEN - p->part_len;
		if (n > len)
			n = len;
		memcpy(p->part + p->part_len, m, n);
		p->part_len += n;
		m += n;
		len -= n;
		if (p->part_len < POLY1305_BLOCK_LEN)
			return;
		blocks(p, p->part, 1);
		p->part_len = 0;
	}
	n = len / POLY1305_BLOCK_LEN;
	blocks(p, m, n);
	m += n * POLY1305_BLOCK_LEN;
	len -= n * POLY1305_BLOCK_LEN;
	if (len)
		memcpy(p->part, m, len);
	p->part_len = len;
}

void poly1305_pad(struct poly1305 *p)
{
	if (p->part_len == 0)
		return;
	memset(p->part + p->part_len, 0, POLY1305_BLOCK_LEN - p->part_len);
	blocks(p, p->part, 1);
	p->part_len = 0;
}

/* The last block, if it is short, is read as a number of its own length with a one above
 * it. blocks() adds 2^128; here the one belongs lower, so it is taken back first. */
static void last_block(struct poly1305 *p)
{
	p->part[p->part_len] = 1;
	memset(p->part + p->part_len + 1, 0, POLY1305_BLOCK_LEN - p->part_len - 1);
	p->h[2] -= 1;
	blocks(p, p->part, 1);
}

void poly1305_final(struct poly1305 *p, uint8_t tag[POLY1305_TAG_LEN])
{
	uint64_t g0, g1, keep_h;
	u128 d;

	if (p->part_len)
		last_block(p);

	/* h is below 2 (2^130 - 5): take the modulus away once, unless that borrows.
	 * h - p = h + 5 - 2^130, and h + 5 reaches 2^130 when it is not below zero. */
	d = (u128)p->h[0] + 5;
	g0 = d;
	d = (u128)p->h[1] + (uint64_t)(d >> 64);
	g1 = d;
	keep_h = ct_mask_zero((p->h[2] + (uint64_t)(d >> 64)) >> 2);
	g0 = ct_select(keep_h, p->h[0], g0);
	g1 = ct_select(keep_h, p->h[1], g1);

	d = (u128)g0 + p->pad[0];
	store64_le(tag, d);
	d = (u128)g1 + p->pad[1] + (uint64_t)(d >> 64);
	store64_le(tag + 8, d);
	wipe(p, sizeof(*p));
}
