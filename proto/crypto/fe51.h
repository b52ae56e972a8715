/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_FE51_H
#define WGRD_PROTO_CRYPTO_FE51_H

/*
 * Arithmetic modulo p = 2^255 - 19 on five limbs of 51 bits, in constant time. For
 * x25519.c; pure functions, any thread.
 *
 * A limb is called tight when it is below 2^52, loose when below 2^54. Multiplication
 * takes loose and gives tight; addition and subtraction take tight and give loose. So
 * one sum or difference may stand between two products, never two.
 */

#include <stdint.h>

struct fe51 {
	uint64_t v[5]; /* value: sum of v[i] * 2^(51 * i), not necessarily below p */
};

/* Ignores the top bit, as RFC 7748 section 5 asks. */
void fe51_load(struct fe51 *f, const uint8_t s[32]);
/* Writes the one representative below p. */
void fe51_store(uint8_t s[32], const struct fe51 *f);
void fe51_add(struct fe51 *out, const struct fe51 *a, const struct fe51 *b);
void fe51_sub(struct fe51 *out, const struct fe51 *a, const struct fe51 *b);
void fe51_mul(struct fe51 *out, const struct fe51 *a, const struct fe51 *b);
void fe51_square(struct fe51 *out, const struct fe51 *a);
/* @small below 2^17. */
void fe51_mul_small(struct fe51 *out, const struct fe51 *a, uint32_t small);
/* 1 / a, and 0 for 0. */
void fe51_invert(struct fe51 *out, const struct fe51 *a);
/* Exchanges @a and @b if @bit is 1; @bit is 0 or 1. */
void fe51_cswap(struct fe51 *a, struct fe51 *b, uint64_t bit);

#endif
