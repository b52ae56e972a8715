/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_BLAKE2S_SET_H
#define WGRD_PROTO_CRYPTO_BLAKE2S_SET_H

/*
 * Which of many keys made this MAC? BLAKE2s of one message under BLAKE2S_SET_LANES keys
 * at once, a key in each lane of a vector register, with the block that holds the key
 * hashed beforehand. For keys that need no secrecy from who can measure time; which lane
 * it is decides no branch here. Owned by one thread; looking up changes nothing.
 */

#include <stddef.h>
#include <stdint.h>

enum {
	BLAKE2S_SET_LANES = 16,
	BLAKE2S_SET_MAC_LEN = 16,
};

struct blake2s_set {
	uint32_t h[8][BLAKE2S_SET_LANES]; /* after the key's block */
};

/* @key is of 32 bytes. A lane that was never put holds a key that nobody has. */
void blake2s_set_put(struct blake2s_set *s, unsigned lane, const uint8_t key[32]);
/* Bit i is set if @mac is the MAC of @msg under the key in lane i. @len is at least 1. */
uint32_t blake2s_set_match(const struct blake2s_set *s, const void *msg, size_t len,
			   const uint8_t mac[BLAKE2S_SET_MAC_LEN]);

/* Every implementation this processor can execute, for tests: NULL after the last. */
typedef uint32_t blake2s_set_fn(const struct blake2s_set *s, const void *msg, size_t len,
				const uint8_t mac[BLAKE2S_SET_MAC_LEN]);
blake2s_set_fn *blake2s_set_implementation(unsigned i);

#endif
