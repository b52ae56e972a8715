/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/xchacha.h"

#include <string.h>

#include "proto/crypto/chacha20.h"
#include "proto/crypto/wipe.h"

/* The first 16 bytes of the nonce make a key, the last 8 the nonce to use it with. */
static void derive(uint8_t subkey[AEAD_KEY_LEN], uint8_t subnonce[AEAD_NONCE_LEN],
		   const uint8_t nonce[XCHACHA_NONCE_LEN],
		   const uint8_t key[AEAD_KEY_LEN])
{
	hchacha20(subkey, key, nonce);
	memset(subnonce, 0, 4);
	memcpy(subnonce + 4, nonce + HCHACHA20_NONCE_LEN, 8);
}

void xchacha_seal(uint8_t *dst, const uint8_t *src, size_t len, const void *ad,
		  size_t ad_len, const uint8_t nonce[XCHACHA_NONCE_LEN],
		  const uint8_t key[AEAD_KEY_LEN])
{
	uint8_t subkey[AEAD_KEY_LEN], subnonce[AEAD_NONCE_LEN];

	derive(subkey, subnonce, nonce, key);
	aead_seal(dst, src, len, ad, ad_len, subnonce, subkey);
	wipe(subkey, sizeof(subkey));
}

int xchacha_open(uint8_t *dst, const uint8_t *src, size_t len, const void *ad,
		 size_t ad_len, const uint8_t nonce[XCHACHA_NONCE_LEN],
		 const uint8_t key[AEAD_KEY_LEN])
{
	uint8_t subkey[AEAD_KEY_LEN], subnonce[AEAD_NONCE_LEN];
	int err;

	derive(subkey, subnonce, nonce, key);
	err = aead_open(dst, src, len, ad, ad_len, subnonce, subkey);
	wipe(subkey, sizeof(subkey));
	return err;
}
