/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_CHACHA20_H
#define WGRD_PROTO_CRYPTO_CHACHA20_H

/* The ChaCha20 stream, RFC 8439 sections 2.3 and 2.4, and HChaCha20,
 * draft-irtf-cfrg-xchacha-03 section 2.2. A stream is used by one thread at a time. */

#include <stddef.h>
#include <stdint.h>

enum {
	CHACHA20_KEY_LEN = 32,
	CHACHA20_NONCE_LEN = 12,
	CHACHA20_BLOCK_LEN = 64,
	CHACHA20_LANES = 4, /* blocks computed side by side */
	HCHACHA20_NONCE_LEN = 16,
};

/* A key stream, and how far it has been used. Wiped by the owner. */
struct chacha20 {
	uint32_t word[16]; /* constants, key, block counter, nonce */
	uint8_t stream[CHACHA20_LANES * CHACHA20_BLOCK_LEN];
	size_t used; /* bytes of stream */
};

void chacha20_init(struct chacha20 *c, const uint8_t key[CHACHA20_KEY_LEN],
		   const uint8_t nonce[CHACHA20_NONCE_LEN], uint32_t counter);

/* The next @len bytes of the stream, and the same xored over @src. @dst may be @src but
 * not partly overlap it. Calls may cut the stream anywhere. */
void chacha20_stream(struct chacha20 *c, uint8_t *dst, size_t len);
void chacha20_xor(struct chacha20 *c, uint8_t *dst, const uint8_t *src, size_t len);

void hchacha20(uint8_t out[CHACHA20_KEY_LEN], const uint8_t key[CHACHA20_KEY_LEN],
	       const uint8_t nonce[HCHACHA20_NONCE_LEN]);

#endif
