/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/hkdf.h"

#include <string.h>

#include "proto/crypto/wipe.h"

enum {
	HASH_LEN = BLAKE2S_HASH_LEN,
	BLOCK_LEN = BLAKE2S_BLOCK_LEN,
};

/* Begins a hash with the key, padded to a block and xored with one of the two constants
 * of RFC 2104 section 2. */
static void begin_pad(struct blake2s *b, const uint8_t key[BLOCK_LEN], uint8_t constant)
{
	uint8_t pad[BLOCK_LEN];

	for (int i = 0; i < BLOCK_LEN; i++)
		pad[i] = key[i] ^ constant;
	blake2s_init(b, HASH_LEN);
	blake2s_update(b, pad, sizeof(pad));
	wipe(pad, sizeof(pad));
}

void hmac_blake2s(uint8_t out[BLAKE2S_HASH_LEN], const void *key, size_t key_len,
		  const void *data, size_t len)
{
	uint8_t k[BLOCK_LEN] = {0}, inner[HASH_LEN];
	struct blake2s b;

	if (key_len > sizeof(k))
		blake2s(k, HASH_LEN, NULL, 0, key, key_len);
	else
		memcpy(k, key, key_len);
	begin_pad(&b, k, 0x36);
	blake2s_update(&b, data, len);
	blake2s_final(&b, inner);
	begin_pad(&b, k, 0x5c);
	blake2s_update(&b, inner, sizeof(inner));
	blake2s_final(&b, out);
	wipe(k, sizeof(k));
	wipe(inner, sizeof(inner));
}

/* HKDF-Extract, then @n blocks of HKDF-Expand: T(i) = HMAC(prk, T(i - 1) || i). */
static void expand(uint8_t *const t[], size_t n, const uint8_t salt[HASH_LEN],
		   const void *input, size_t len)
{
	uint8_t prk[HASH_LEN], block[HASH_LEN + 1];
	size_t have = 0;

	hmac_blake2s(prk, salt, HASH_LEN, input, len);
	for (size_t i = 0; i < n; i++) {
		block[have] = (uint8_t)(i + 1);
		hmac_blake2s(block, prk, sizeof(prk), block, have + 1);
		have = HASH_LEN;
		memcpy(t[i], block, HASH_LEN);
	}
	wipe(prk, sizeof(prk));
	wipe(block, sizeof(block));
}

void kdf1(uint8_t t1[BLAKE2S_HASH_LEN], const uint8_t salt[BLAKE2S_HASH_LEN],
	  const void *input, size_t len)
{
	expand((uint8_t *const[]){t1}, 1, salt, input, len);
}

void kdf2(uint8_t t1[BLAKE2S_HASH_LEN], uint8_t t2[BLAKE2S_HASH_LEN],
	  const uint8_t salt[BLAKE2S_HASH_LEN], const void *input, size_t len)
{
	expand((uint8_t *const[]){t1, t2}, 2, salt, input, len);
}

void kdf3(uint8_t t1[BLAKE2S_HASH_LEN], uint8_t t2[BLAKE2S_HASH_LEN],
	  uint8_t t3[BLAKE2S_HASH_LEN], const uint8_t salt[BLAKE2S_HASH_LEN],
	  const void *input, size_t len)
{
	expand((uint8_t *const[]){t1, t2, t3}, 3, salt, input, len);
}
