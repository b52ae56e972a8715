/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_AEAD_H
#define WGRD_PROTO_CRYPTO_AEAD_H

/*
 * ChaCha20-Poly1305, RFC 8439 section 2.8. The data path uses the batch form: one call
 * takes many packets under one key, so that a vector unit can interleave short ones.
 * Handshakes use the single form, which has associated data and any 96-bit nonce.
 * Everything here is a pure function of its arguments and may run in any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/crypto/attr.h"

enum {
	AEAD_KEY_LEN = 32,
	AEAD_TAG_LEN = 16,
	AEAD_NONCE_LEN = 12,
};

/* No associated data. The 96-bit nonce is four zero bytes and @nonce in little endian
 * (WireGuard whitepaper section 5.4, the function AEAD). */
struct aead_op {
	uint8_t *dst;       /* may equal src; never partly overlaps it */
	const uint8_t *src; /* plain text to seal, cipher text with tag to open */
	size_t len;         /* length of src */
	uint64_t nonce;
	bool ok; /* result of open; dst is wiped when false */
};

/*
 * seal() writes len + AEAD_TAG_LEN bytes to each dst and leaves ok alone.
 * open() writes len - AEAD_TAG_LEN bytes to each dst and sets ok. A src shorter than a
 * tag is not ok and nothing is written. One bad packet does not affect its neighbours.
 */
struct aead_impl {
	const char *name;
	void (*seal)(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN]);
	void (*open)(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN]);
};

/* The @i-th implementation this CPU can run, fastest first; NULL past the last, which is
 * "generic". The others are "ifma", "avx512", "avx2", "sse41" and "neon". */
const struct aead_impl *aead_at(size_t i);

/* The one to use, never NULL: of those not refused, the one that the environment variable
 * WGRD_CRYPTO_IMPL names, else the fastest. Chosen at the first call. */
const struct aead_impl *aead_best(void);
/* What WGRD_CRYPTO_IMPL says, which need not be the name of one; NULL if it is not set. */
const char *aead_forced(void);

/* Takes back an implementation whose answers are wrong. Before any thread keeps a result of
 * aead_best(). */
void aead_refuse(const struct aead_impl *impl);
bool aead_refused(const struct aead_impl *impl);
/* Lets the next aead_best() choose anew, as after a change of the environment. For tests. */
void aead_forget(void);

/* Writes @len + AEAD_TAG_LEN bytes to @dst, which may equal @src. @ad may be NULL when
 * @ad_len is 0. */
void aead_seal(uint8_t *dst, const uint8_t *src, size_t len, const void *ad,
	       size_t ad_len, const uint8_t nonce[AEAD_NONCE_LEN],
	       const uint8_t key[AEAD_KEY_LEN]);

/* @len counts the tag. Writes @len - AEAD_TAG_LEN bytes and returns 0, or wipes them and
 * returns -EBADMSG. */
MUST_USE int aead_open(uint8_t *dst, const uint8_t *src, size_t len, const void *ad,
		       size_t ad_len, const uint8_t nonce[AEAD_NONCE_LEN],
		       const uint8_t key[AEAD_KEY_LEN]);

#endif
