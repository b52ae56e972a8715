/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_CHACHA20_H
#define WGRD_PROTO_CRYPTO_CHACHA20_H

/* The ChaCha20 block function and stream, RFC 8439 sections 2.3 and 2.4, and HChaCha20,
 * draft-irtf-cfrg-xchacha-03 section 2.2. Pure functions, any thread. */

#include <stddef.h>
#include <stdint.h>

enum {
	CHACHA20_KEY_LEN = 32,
	CHACHA20_NONCE_LEN = 12,
	CHACHA20_BLOCK_LEN = 64,
	HCHACHA20_NONCE_LEN = 16,
};

/* The sixteen state words: constants, key, block counter, nonce. */
struct chacha20 {
	uint32_t word[16];
};

void chacha20_init(struct chacha20 *c, const uint8_t key[CHACHA20_KEY_LEN],
		   const uint8_t nonce[CHACHA20_NONCE_LEN], uint32_t counter);

/* Writes one block of key stream and advances the counter. */
void chacha20_block(struct chacha20 *c, uint8_t out[CHACHA20_BLOCK_LEN]);

/*
 * Writes the first @n_head bytes of the next block to @head and xors the blocks after it
 * over @len bytes of @src into @dst, which may be @src but not partly overlap it. The
 * block behind @head is used up whole. With @n_head 0 there is no such block. Only the
 * last call on a stream may have a @len that is not a multiple of CHACHA20_BLOCK_LEN.
 */
void chacha20_xor(struct chacha20 *c, uint8_t *head, size_t n_head, uint8_t *dst,
		  const uint8_t *src, size_t len);

void hchacha20(uint8_t out[CHACHA20_KEY_LEN], const uint8_t key[CHACHA20_KEY_LEN],
	       const uint8_t nonce[HCHACHA20_NONCE_LEN]);

#endif
