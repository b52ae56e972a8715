/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_HKDF_H
#define WGRD_PROTO_CRYPTO_HKDF_H

/*
 * HMAC (RFC 2104) over BLAKE2s, and from it HKDF (RFC 5869) in the shape the WireGuard
 * whitepaper calls KDF1, KDF2 and KDF3 (section 5.4): the chaining key is the salt, the
 * info is empty. Pure functions, any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/crypto/blake2s.h"

void hmac_blake2s(uint8_t out[BLAKE2S_HASH_LEN], const void *key, size_t key_len,
		  const void *data, size_t len);

/* Each fills one to three outputs of 32 bytes. An output may be the array that @salt or
 * @input is. */
void kdf1(uint8_t t1[BLAKE2S_HASH_LEN], const uint8_t salt[BLAKE2S_HASH_LEN],
	  const void *input, size_t len);
void kdf2(uint8_t t1[BLAKE2S_HASH_LEN], uint8_t t2[BLAKE2S_HASH_LEN],
	  const uint8_t salt[BLAKE2S_HASH_LEN], const void *input, size_t len);
void kdf3(uint8_t t1[BLAKE2S_HASH_LEN], uint8_t t2[BLAKE2S_HASH_LEN],
	  uint8_t t3[BLAKE2S_HASH_LEN], const uint8_t salt[BLAKE2S_HASH_LEN],
	  const void *input, size_t len);

#endif
