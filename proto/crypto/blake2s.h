/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_BLAKE2S_H
#define WGRD_PROTO_CRYPTO_BLAKE2S_H

/* BLAKE2s, RFC 7693: hash and, with a key, message authenticator. The owner of the
 * struct feeds it from one thread; blake2s_final() wipes it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BLAKE2S_HASH_LEN = 32, /* the longest output */
	BLAKE2S_KEY_LEN = 32,  /* the longest key */
	BLAKE2S_BLOCK_LEN = 64,
};

struct blake2s {
	uint32_t h[8];
	uint64_t total; /* bytes compressed so far */
	uint8_t buf[BLAKE2S_BLOCK_LEN];
	size_t buf_len, out_len;
};

/* @out_len is 1..32. */
void blake2s_init(struct blake2s *b, size_t out_len);
/* @key_len is 0..32; 0 means no key. */
void blake2s_init_key(struct blake2s *b, size_t out_len, const void *key, size_t key_len);
/* Two hashes of the full length that have hashed a whole block each, which takes little
 * longer than one. More must follow in both. */
void blake2s_init_blocks(struct blake2s *b1, const uint8_t block1[BLAKE2S_BLOCK_LEN],
			 struct blake2s *b2, const uint8_t block2[BLAKE2S_BLOCK_LEN]);
void blake2s_update(struct blake2s *b, const void *data, size_t len);
/* Writes out_len bytes. */
void blake2s_final(struct blake2s *b, void *out);

/* All of the above in one call. @key may be NULL when @key_len is 0. */
void blake2s(void *out, size_t out_len, const void *key, size_t key_len, const void *data,
	     size_t len);

/* For tests, before other threads hash: without the vector registers, or with them. */
void blake2s_use_generic(bool on);

#endif
