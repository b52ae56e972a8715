/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_X25519_H
#define WGRD_PROTO_CRYPTO_X25519_H

/*
 * Diffie-Hellman on Curve25519, RFC 7748 section 5, in constant time. Pure functions,
 * any thread. Scalars are clamped on use; the argument is not changed.
 *
 * Whoever needs two products at once, as each end of a handshake does when it has the
 * other's ephemeral key, should ask for both in one x25519_batch(): where there are
 * vectors for it, the second costs little.
 */

#include <stdbool.h>
#include <stddef.h>
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

/* Pointers to X25519_LEN bytes each. */
struct x25519_op {
	uint8_t *out; /* may be this op's scalar or point, not another's */
	const uint8_t *scalar, *point;
	bool ok; /* result: false where x25519() would have said -EINVAL */
};

void x25519_batch(struct x25519_op *op, size_t n);

/* One way to compute. Its functions write out alone: ok, and wiping the stack, they leave
 * to x25519_batch() and x25519_public(). */
struct x25519_impl {
	const char *name;
	void (*multiply)(struct x25519_op *op, size_t n);
	void (*base)(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN]);
};

extern const struct x25519_impl x25519_adx, x25519_generic, x25519_ifma;

/* The @i-th implementation this processor can run, fastest first; NULL past the last. */
const struct x25519_impl *x25519_at(size_t i);
/* x25519_at(0), or the one that the environment variable WGRD_X25519_IMPL names if it is
 * among them; never NULL. */
const struct x25519_impl *x25519_best(void);
/* Takes one that has failed its self-test out of both; the generic one stays. At start,
 * before other threads compute. */
void x25519_refuse(const struct x25519_impl *impl);

#endif
