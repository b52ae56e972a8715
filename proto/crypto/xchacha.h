/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_XCHACHA_H
#define WGRD_PROTO_CRYPTO_XCHACHA_H

/* XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03 section 2: nonces long enough to be
 * drawn at random. WireGuard seals cookies with it. Pure functions, any thread. */

#include <stddef.h>
#include <stdint.h>

#include "proto/crypto/aead.h"

enum {
	XCHACHA_NONCE_LEN = 24,
};

/* As aead_seal() and aead_open(). */
void xchacha_seal(uint8_t *dst, const uint8_t *src, size_t len, const void *ad,
		  size_t ad_len, const uint8_t nonce[XCHACHA_NONCE_LEN],
		  const uint8_t key[AEAD_KEY_LEN]);
MUST_USE int xchacha_open(uint8_t *dst, const uint8_t *src, size_t len, const void *ad,
			  size_t ad_len, const uint8_t nonce[XCHACHA_NONCE_LEN],
			  const uint8_t key[AEAD_KEY_LEN]);

#endif
