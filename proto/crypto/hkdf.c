/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/hkdf.h"

#include <string.h>

#include "proto/crypto/wipe.h"

enum {
	HASH_LEN = BLAKE2S_HASH_LEN,
	BLOCK_LEN = BLAKE2S_BLOCK_LEN,
};

/* A key of RFC 2104 section 2: the hash of either pad, which many messages share. */
struct hmac {
	struct blake2s inner, outer;
	uint8_t ipad[BLOCK_LEN];
};

/* @key has up to BLOCK_LEN bytes. */
static void hmac_init(struct hmac *m, const void *key, size_t key_len)
{
	uint8_t opad[BLOCK_LEN] = {0};

	memcpy(opad, key, key_len);
	for (int i = 0; i < BLOCK_LEN; i++) {
		m->ipad[i] = opad[i] ^ 0x36;
		opad[i] ^= 0x5c;
	}
	blake2s_init_blocks(&m->inner, m->ipad, &m->outer, opad);
	wipe(opad, sizeof(opad));
}

static void hmac(const struct hmac *m, uint8_t out[HASH_LEN], const void *data,
		 size_t len)
{
	uint8_t inner[HASH_LEN];
	struct blake2s b = m->inner;

	if (len) {
		blake2s_update(&b, data, len);
		blake2s_final(&b, inner);
	} else { /* the pad is the last block, and hashed differently */
		blake2s(inner, sizeof(inner), NULL, 0, m->ipad, sizeof(m->ipad));
	}
	b = m->outer;
	blake2s_update(&b, inner, sizeof(inner));
	blake2s_final(&b, out);
	wipe(inner, sizeof(inner));
}

void hmac_blake2s(uint8_t out[BLAKE2S_HASH_LEN], const void *key, size_t key_len,
		  const void *data, size_t len)
{
	uint8_t short_key[HASH_LEN];
	struct hmac m;

	if (key_len > BLOCK_LEN) {
		blake2s(short_key, HASH_LEN, NULL, 0, key, key_len);
		key = short_key;
		key_len = HASH_LEN;
	}
	hmac_init(&m, key, key_len);
	hmac(&m, out, data, len);
	wipe(short_key, sizeof(short_key));
	wipe(&m, sizeof(m));
}

/* HKDF-Extract, then @n blocks of HKDF-Expand: T(i) = HMAC(prk, T(i - 1) || i). */
static void expand(uint8_t *const t[], size_t n, const uint8_t salt[HASH_LEN],
		   const void *input, size_t len)
{
	uint8_t prk[HASH_LEN], block[HASH_LEN + 1];
	struct hmac m;
	size_t have = 0;

	hmac_blake2s(prk, salt, HASH_LEN, input, len);
	hmac_init(&m, prk, sizeof(prk));
	for (size_t i = 0; i < n; i++) {
		block[have] = (uint8_t)(i + 1);
		hmac(&m, block, block, have + 1);
		have = HASH_LEN;
		memcpy(t[i], block, HASH_LEN);
	}
	wipe(prk, sizeof(prk));
	wipe(block, sizeof(block));
	wipe(&m, sizeof(m));
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
