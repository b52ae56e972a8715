/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_X25519_TABLE_H
#define WGRD_PROTO_CRYPTO_X25519_TABLE_H

/*
 * Multiples of the base point on the Edwards form of the curve, written by
 * gen_x25519_table.py; test_x25519_table.sh checks that it still writes the same. For
 * x25519_body.h. Read only, any thread.
 */

#include <stdint.h>

enum {
	X25519_TABLES = 32,
	X25519_TABLE_ENTRIES = 8,
};

/* Little-endian words of numbers below p = 2^255 - 19. */
struct x25519_entry {
	uint64_t sum[4];  /* (y + x) / 2 */
	uint64_t diff[4]; /* (y - x) / 2 */
	uint64_t dxy[4];  /* d x y */
};

/* 1 / 2 modulo p = (p + 1) / 2 = 2^254 - 9 */
#define X25519_HALF                                                            \
	{                                                                      \
		0xfffffffffffffff7, UINT64_MAX, UINT64_MAX, 0x3fffffffffffffff \
	}

/* x25519_table[i][j] is (j + 1) 256^i B. */
extern const struct x25519_entry x25519_table[X25519_TABLES][X25519_TABLE_ENTRIES];

/* Becomes @from if @mask is all ones, stays if it is zero. */
static inline void x25519_entry_select(struct x25519_entry *e,
				       const struct x25519_entry *from, uint64_t mask)
{
	for (int i = 0; i < 4; i++) {
		e->sum[i] ^= mask & (e->sum[i] ^ from->sum[i]);
		e->diff[i] ^= mask & (e->diff[i] ^ from->diff[i]);
		e->dxy[i] ^= mask & (e->dxy[i] ^ from->dxy[i]);
	}
}

#endif
