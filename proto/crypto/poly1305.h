/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_POLY1305_H
#define WGRD_PROTO_CRYPTO_POLY1305_H

/*
 * The one-time authenticator of RFC 8439 section 2.5. The owner of the struct feeds it
 * from one thread; poly1305_final() wipes it.
 */

#include <stddef.h>
#include <stdint.h>

enum {
	POLY1305_KEY_LEN = 32,
	POLY1305_TAG_LEN = 16,
	POLY1305_BLOCK_LEN = 16,
};

/* Numbers modulo 2^130 - 5 as three limbs, least significant first. */
struct poly1305 {
	uint64_t h[3];   /* accumulator, limbs of 64, 64 and 2..3 bits */
	uint64_t r[2];   /* clamped multiplier */
	uint64_t pad[2]; /* added at the end, modulo 2^128 */
	uint8_t part[POLY1305_BLOCK_LEN];
	size_t part_len;
};

void poly1305_init(struct poly1305 *p, const uint8_t key[POLY1305_KEY_LEN]);
void poly1305_update(struct poly1305 *p, const void *data, size_t len);
/* Completes a block with zeros: pad16() of RFC 8439 section 2.8. */
void poly1305_pad(struct poly1305 *p);
void poly1305_final(struct poly1305 *p, uint8_t tag[POLY1305_TAG_LEN]);

#endif
