/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/aead.h"

#include <errno.h>

#include "proto/crypto/aead_impl.h"
#include "proto/crypto/bytes.h"
#include "proto/crypto/chacha20.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/poly1305.h"
#include "proto/crypto/wipe.h"

/* RFC 8439 section 2.6: the authenticator's key is the front half of block 0, the
 * message begins with block 1. */
static void begin(struct chacha20 *c, struct poly1305 *p,
		  const uint8_t nonce[AEAD_NONCE_LEN], const uint8_t key[AEAD_KEY_LEN])
{
	uint8_t block[CHACHA20_BLOCK_LEN];

	chacha20_init(c, key, nonce, 0);
	chacha20_stream(c, block, sizeof(block));
	poly1305_init(p, block);
	wipe(block, sizeof(block));
}

/* RFC 8439 section 2.8: what the tag covers, in this order. */
static void authenticate(struct poly1305 *p, const void *ad, size_t ad_len,
			 const uint8_t *sealed, size_t len, uint8_t tag[AEAD_TAG_LEN])
{
	uint8_t lengths[16];

	if (ad_len) {
		poly1305_update(p, ad, ad_len);
		poly1305_pad(p);
	}
	poly1305_update(p, sealed, len);
	poly1305_pad(p);
	store64_le(lengths, ad_len);
	store64_le(lengths + 8, len);
	poly1305_update(p, lengths, sizeof(lengths));
	poly1305_final(p, tag);
}

static __attribute__((noinline)) void seal_one(uint8_t *dst, const uint8_t *src,
					       size_t len, const void *ad, size_t ad_len,
					       const uint8_t nonce[AEAD_NONCE_LEN],
					       const uint8_t key[AEAD_KEY_LEN])
{
	struct chacha20 c;
	struct poly1305 p;

	begin(&c, &p, nonce, key);
	chacha20_xor(&c, dst, src, len);
	authenticate(&p, ad, ad_len, dst, len, dst + len);
	wipe(&c, sizeof(c));
}

static __attribute__((noinline)) int open_one(uint8_t *dst, const uint8_t *src,
					      size_t len, const void *ad, size_t ad_len,
					      const uint8_t nonce[AEAD_NONCE_LEN],
					      const uint8_t key[AEAD_KEY_LEN])
{
	uint8_t tag[AEAD_TAG_LEN];
	struct chacha20 c;
	struct poly1305 p;
	int err = 0;

	if (len < AEAD_TAG_LEN)
		return -EBADMSG;
	len -= AEAD_TAG_LEN;
	begin(&c, &p, nonce, key);
	authenticate(&p, ad, ad_len, src, len, tag);
	if (ct_equal(tag, src + len, AEAD_TAG_LEN)) {
		chacha20_xor(&c, dst, src, len);
	} else {
		wipe(dst, len);
		err = -EBADMSG;
	}
	wipe(&c, sizeof(c));
	wipe(tag, sizeof(tag));
	return err;
}

void aead_seal(uint8_t *dst, const uint8_t *src, size_t len, const void *ad,
	       size_t ad_len, const uint8_t nonce[AEAD_NONCE_LEN],
	       const uint8_t key[AEAD_KEY_LEN])
{
	seal_one(dst, src, len, ad, ad_len, nonce, key);
	wipe_stack();
}

int aead_open(uint8_t *dst, const uint8_t *src, size_t len, const void *ad, size_t ad_len,
	      const uint8_t nonce[AEAD_NONCE_LEN], const uint8_t key[AEAD_KEY_LEN])
{
	int err = open_one(dst, src, len, ad, ad_len, nonce, key);

	wipe_stack();
	return err;
}

static void counter_nonce(uint8_t nonce[AEAD_NONCE_LEN], uint64_t counter)
{
	store32_le(nonce, 0);
	store64_le(nonce + 4, counter);
}

static void generic_seal(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN])
{
	uint8_t nonce[AEAD_NONCE_LEN];

	for (; n; n--, op++) {
		counter_nonce(nonce, op->nonce);
		seal_one(op->dst, op->src, op->len, NULL, 0, nonce, key);
	}
	wipe_stack();
}

static void generic_open(struct aead_op *op, size_t n, const uint8_t key[AEAD_KEY_LEN])
{
	uint8_t nonce[AEAD_NONCE_LEN];

	for (; n; n--, op++) {
		counter_nonce(nonce, op->nonce);
		op->ok = open_one(op->dst, op->src, op->len, NULL, 0, nonce, key) == 0;
	}
	wipe_stack();
}

const struct aead_impl aead_generic = {
	.name = "generic",
	.seal = generic_seal,
	.open = generic_open,
};
