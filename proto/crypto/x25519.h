/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_X25519_H
#define WGRD_PROTO_CRYPTO_X25519_H

/* Diffie-Hellman on Curve25519, RFC 7748 section 5, in constant time. Pure functions,
 * any thread. Scalars are clamped on use; the argument is not changed. */

#include <stdint.h>

#include "proto/crypto/attr.h"

enum {
	X25519_LEN = 32,
};

/* Returns 0, or -EINVAL if @point has low order, so that the secret is zero and no
 * secret at all (RFC 7748 section 6.1). @out is written in both cases and may be
 * @scalar or @point. */
MUST_USE int x25519(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN],
		    const uint8_t point[X25519_LEN]);

/* The public key of @scalar: its product with the base point, u = 9. */
void x25519_public(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN]);

/* decodeScalar25519 of RFC 7748 section 5, in place. */
void x25519_clamp(uint8_t scalar[X25519_LEN]);

#endif
