/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both messages are built from four steps on struct noise_symmetric. In the whitepaper's
 * notation, with C the chaining key, H the hash and k a key for one message:
 *
 *	mix_hash	H := HASH(H || data)
 *	mix_key		C := KDF1(C, data)
 *	mix_key_dh	(C, k) := KDF2(C, secret)
 *	seal, open	AEAD(k, 0, data, H), then mix_hash of what is on the wire
 */
#include "proto/wg/noise.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "proto/crypto/ct.h"
#include "proto/crypto/hkdf.h"
#include "proto/crypto/wipe.h"
#include "proto/crypto/x25519.h"
#include "proto/wg/cookie.h"
#include "proto/wg/tai64n.h"

/* What every handshake begins with: HASH("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"), and
 * HASH(of that || "WireGuard v1 zx2c4 Jason@zx2c4.com"). */
static const uint8_t first_chaining_key[32] = {
	0x60, 0xe2, 0x6d, 0xae, 0xf3, 0x27, 0xef, 0xc0, 0x2e, 0xc3, 0x35,
	0xe2, 0xa0, 0x25, 0xd2, 0xd0, 0x16, 0xeb, 0x42, 0x06, 0xf8, 0x72,
	0x77, 0xf5, 0x2d, 0x38, 0xd1, 0x98, 0x8b, 0x78, 0xcd, 0x36,
};
static const uint8_t first_hash[32] = {
	0x22, 0x11, 0xb3, 0x61, 0x08, 0x1a, 0xc5, 0x66, 0x69, 0x12, 0x43,
	0xdb, 0x45, 0x8a, 0xd5, 0x32, 0x2d, 0x9c, 0x6c, 0x66, 0x22, 0x93,
	0xe8, 0xb7, 0x0e, 0xe1, 0x9c, 0x65, 0xba, 0x07, 0x9e, 0xf3,
};

/* Every key of a handshake seals one thing, with nonce 0. */
static const uint8_t zero_nonce[AEAD_NONCE_LEN];

static void mix_hash(struct noise_symmetric *s, const void *data, size_t len)
{
	struct blake2s b;

	blake2s_init(&b, sizeof(s->hash));
	blake2s_update(&b, s->hash, sizeof(s->hash));
	blake2s_update(&b, data, len);
	blake2s_final(&b, s->hash);
}

static void mix_key(struct noise_symmetric *s, const uint8_t data[32])
{
	kdf1(s->chaining_key, s->chaining_key, data, 32);
}

static void mix_secret(struct noise_symmetric *s, uint8_t key[AEAD_KEY_LEN],
		       const uint8_t secret[32])
{
	kdf2(s->chaining_key, key, s->chaining_key, secret, 32);
}

/* @dst has room for a tag more than @len. */
static void seal(struct noise_symmetric *s, uint8_t *dst, const void *src, size_t len,
		 const uint8_t key[AEAD_KEY_LEN])
{
	aead_seal(dst, src, len, s->hash, sizeof(s->hash), zero_nonce, key);
	mix_hash(s, dst, len + AEAD_TAG_LEN);
}

/* @len counts the tag. */
MUST_USE static int open(struct noise_symmetric *s, uint8_t *dst, const uint8_t *src,
			 size_t len, const uint8_t key[AEAD_KEY_LEN])
{
	int err = aead_open(dst, src, len, s->hash, sizeof(s->hash), zero_nonce, key);

	if (err)
		return err;
	mix_hash(s, src, len);
	return 0;
}

/* Section 5.4.2, the first lines: both ends begin with the responder's public key. */
static void begin(struct noise_symmetric *s, const uint8_t responder[WG_KEY_LEN])
{
	memcpy(s->chaining_key, first_chaining_key, sizeof(s->chaining_key));
	memcpy(s->hash, first_hash, sizeof(s->hash));
	mix_hash(s, responder, WG_KEY_LEN);
}

/* An ephemeral key, ours or theirs, enters both C and H. */
static void mix_ephemeral(struct noise_symmetric *s, const uint8_t ephemeral[32])
{
	mix_key(s, ephemeral);
	mix_hash(s, ephemeral, 32);
}

/* Section 5.4.3: the two products that one end makes of what the other's message has
 * brought, at once, as the second then costs little (x25519.h). @pair lacks only where
 * they go. Returns 0, or -EBADMSG if a point has low order. */
MUST_USE static int mix_pair(struct noise_symmetric *s, struct x25519_op pair[2])
{
	uint8_t secret[2][32];
	int err = -EBADMSG;

	pair[0].out = secret[0];
	pair[1].out = secret[1];
	x25519_batch(pair, 2);
	if (pair[0].ok && pair[1].ok) {
		mix_key(s, secret[0]);
		mix_key(s, secret[1]);
		err = 0;
	}
	wipe(secret, sizeof(secret));
	return err;
}

/* Section 5.4.3, from where both ends have C after the DHs to the key of the empty. */
static void mix_psk(struct noise_symmetric *s, uint8_t key[AEAD_KEY_LEN],
		    const uint8_t psk[WG_KEY_LEN])
{
	uint8_t tau[32];

	kdf3(s->chaining_key, tau, key, s->chaining_key, psk, WG_KEY_LEN);
	mix_hash(s, tau, sizeof(tau));
	wipe(tau, sizeof(tau));
}

/* Section 5.4.5. */
static void derive(struct wg_keypair *kp, const struct noise_symmetric *s, bool initiator)
{
	if (initiator)
		kdf2(kp->send_key, kp->recv_key, s->chaining_key, NULL, 0);
	else
		kdf2(kp->recv_key, kp->send_key, s->chaining_key, NULL, 0);
}

void noise_local_init(struct noise_local *l, const uint8_t private_key[WG_KEY_LEN])
{
	memcpy(l->private_key, private_key, WG_KEY_LEN);
	wg_key_clamp(l->private_key);
	wg_key_public(l->public_key, l->private_key);
	wg_mac1_key(l->mac1_key, l->public_key);
	wg_cookie_key(l->cookie_key, l->public_key);
}

void noise_local_fini(struct noise_local *l)
{
	wipe(l, sizeof(*l));
}

int noise_handshake_init(struct noise_handshake *hs, const struct noise_local *l,
			 const uint8_t remote_public[WG_KEY_LEN],
			 const uint8_t psk[WG_KEY_LEN])
{
	memset(hs, 0, sizeof(*hs));
	if (x25519(hs->static_static, l->private_key, remote_public))
		return -EINVAL;
	hs->local = l;
	memcpy(hs->remote_public, remote_public, WG_KEY_LEN);
	wg_mac1_key(hs->mac1_key, remote_public);
	wg_cookie_key(hs->cookie_key, remote_public);
	noise_handshake_set_psk(hs, psk);
	return 0;
}

void noise_handshake_set_psk(struct noise_handshake *hs, const uint8_t psk[WG_KEY_LEN])
{
	if (psk)
		memcpy(hs->psk, psk, WG_KEY_LEN);
	else
		wipe(hs->psk, WG_KEY_LEN);
}

void noise_handshake_abandon(struct noise_handshake *hs)
{
	hs->state = NOISE_IDLE;
	hs->local_index = 0;
	wipe(hs->ephemeral, sizeof(hs->ephemeral));
	wipe(&hs->sym, sizeof(hs->sym));
}

void noise_handshake_fini(struct noise_handshake *hs)
{
	wipe(hs, sizeof(*hs));
}

/* All of an initiation that comes before e*S'. */
static void call_begin(const struct noise_call *c, struct wg_rng *rng)
{
	struct noise_handshake *hs = c->hs;

	memset(c->msg, 0, sizeof(*c->msg));
	store32_le(c->msg->type, WG_MSG_INITIATION);
	store32_le(c->msg->sender, c->local_index);
	begin(&hs->sym, hs->remote_public);
	wg_key_generate(hs->ephemeral, rng);
	wg_key_public(c->msg->ephemeral, hs->ephemeral);
	mix_ephemeral(&hs->sym, c->msg->ephemeral);
}

/* And what comes after. */
static void call_finish(const struct noise_call *c, const uint8_t secret[32])
{
	struct noise_handshake *hs = c->hs;
	uint8_t key[AEAD_KEY_LEN];

	mix_secret(&hs->sym, key, secret);
	seal(&hs->sym, c->msg->static_sealed, hs->local->public_key, WG_KEY_LEN, key);
	mix_secret(&hs->sym, key, hs->static_static);
	seal(&hs->sym, c->msg->timestamp_sealed, c->stamp, WG_TAI64N_LEN, key);
	hs->local_index = c->local_index;
	hs->state = NOISE_INITIATED;
	wipe(key, sizeof(key));
}

void noise_initiations_create(const struct noise_call *c, size_t n, struct wg_rng *rng)
{
	struct x25519_op op[NOISE_BATCH_MAX];
	uint8_t secret[NOISE_BATCH_MAX][32];

	assert(n <= NOISE_BATCH_MAX);
	for (size_t i = 0; i < n; i++) {
		call_begin(&c[i], rng);
		op[i] = (struct x25519_op){.out = secret[i],
					   .scalar = c[i].hs->ephemeral,
					   .point = c[i].hs->remote_public};
	}
	x25519_batch(op, n);
	for (size_t i = 0; i < n; i++) {
		/* Only a point of low order fails, and those noise_handshake_init()
		 * refuses. */
		assert(op[i].ok);
		call_finish(&c[i], secret[i]);
	}
	wipe(secret, sizeof(secret));
}

void noise_initiation_create(struct noise_handshake *hs, struct wg_msg_initiation *msg,
			     uint32_t local_index, const uint8_t stamp[WG_TAI64N_LEN],
			     struct wg_rng *rng)
{
	const struct noise_call c = {hs, msg, local_index, stamp};

	noise_initiations_create(&c, 1, rng);
}

int noise_response_consume(struct noise_handshake *hs, const struct wg_msg_response *msg,
			   struct wg_keypair *kp, uint64_t now_ns)
{
	struct x25519_op pair[2] = {
		{.scalar = hs->ephemeral, .point = msg->ephemeral},
		{.scalar = hs->local->private_key, .point = msg->ephemeral},
	};
	uint8_t key[AEAD_KEY_LEN], nothing[1];
	struct noise_symmetric sym;
	int err;

	if (hs->state != NOISE_INITIATED || load32_le(msg->receiver) != hs->local_index)
		return -EINVAL;
	/* A copy: a forged response must not spoil the wait for the true one. */
	sym = hs->sym;
	mix_ephemeral(&sym, msg->ephemeral);
	err = mix_pair(&sym, pair);
	if (err)
		goto out;
	mix_psk(&sym, key, hs->psk);
	err = open(&sym, nothing, msg->empty_sealed, sizeof(msg->empty_sealed), key);
	if (err)
		goto out;
	derive(kp, &sym, true);
	wg_keypair_init(kp, true, hs->local_index, load32_le(msg->sender), now_ns);
	noise_handshake_abandon(hs);
out:
	wipe(key, sizeof(key));
	wipe(&sym, sizeof(sym));
	return err;
}

void noise_initiation_drop(struct noise_initiation *in)
{
	wipe(in, sizeof(*in));
}

/* What comes after s*E'. Returns 0 or -EBADMSG. */
MUST_USE static int peek_finish(struct noise_initiation *in,
				const struct wg_msg_initiation *msg,
				const uint8_t secret[32])
{
	uint8_t key[AEAD_KEY_LEN];
	int err;

	mix_secret(&in->sym, key, secret);
	err = open(&in->sym, in->remote_public, msg->static_sealed,
		   sizeof(msg->static_sealed), key);
	wipe(key, sizeof(key));
	if (err)
		return err;
	/* The caller will look it up. */
	CT_DECLASSIFY(in->remote_public, sizeof(in->remote_public));
	in->remote_index = load32_le(msg->sender);
	memcpy(in->remote_ephemeral, msg->ephemeral, sizeof(in->remote_ephemeral));
	memcpy(in->timestamp_sealed, msg->timestamp_sealed, sizeof(in->timestamp_sealed));
	return 0;
}

void noise_initiations_peek(struct noise_peek *p, size_t n)
{
	struct x25519_op op[NOISE_BATCH_MAX];
	uint8_t secret[NOISE_BATCH_MAX][32];

	assert(n <= NOISE_BATCH_MAX);
	for (size_t i = 0; i < n; i++) {
		begin(&p[i].in.sym, p[i].local->public_key);
		mix_ephemeral(&p[i].in.sym, p[i].msg->ephemeral);
		op[i] = (struct x25519_op){.out = secret[i],
					   .scalar = p[i].local->private_key,
					   .point = p[i].msg->ephemeral};
	}
	x25519_batch(op, n);
	for (size_t i = 0; i < n; i++) {
		p[i].err =
			op[i].ok ? peek_finish(&p[i].in, p[i].msg, secret[i]) : -EBADMSG;
		if (p[i].err)
			noise_initiation_drop(&p[i].in);
	}
	wipe(secret, sizeof(secret));
}

int noise_initiation_peek(struct noise_initiation *in, const struct noise_local *local,
			  const struct wg_msg_initiation *msg)
{
	struct noise_peek p = {.local = local, .msg = msg};

	noise_initiations_peek(&p, 1);
	*in = p.in;
	noise_initiation_drop(&p.in);
	return p.err;
}

/* Whether an authentic time stamp may be answered. */
MUST_USE static int check_new(const struct noise_handshake *hs,
			      const uint8_t stamp[WG_TAI64N_LEN], uint64_t now_ns)
{
	if (!wg_tai64n_after(stamp, hs->latest_stamp))
		return -EALREADY;
	if (hs->latest_ns && now_ns < hs->latest_ns + WG_INITIATION_INTERVAL_NS)
		return -EBUSY;
	return 0;
}

int noise_initiation_finish(struct noise_initiation *in, struct noise_handshake *hs,
			    uint64_t now_ns)
{
	uint8_t key[AEAD_KEY_LEN], stamp[WG_TAI64N_LEN];
	int err;

	assert(memcmp(in->remote_public, hs->remote_public, WG_KEY_LEN) == 0);
	mix_secret(&in->sym, key, hs->static_static);
	err = open(&in->sym, stamp, in->timestamp_sealed, sizeof(in->timestamp_sealed),
		   key);
	wipe(key, sizeof(key));
	if (err)
		goto drop;
	CT_DECLASSIFY(stamp, sizeof(stamp));
	err = check_new(hs, stamp, now_ns);
	if (err)
		goto drop;
	memcpy(hs->latest_stamp, stamp, sizeof(stamp));
	hs->latest_ns = now_ns;
	return 0;
drop:
	noise_initiation_drop(in);
	return err;
}

int noise_response_create(struct noise_initiation *in, const struct noise_handshake *hs,
			  struct wg_msg_response *msg, uint32_t local_index,
			  struct wg_rng *rng, struct wg_keypair *kp, uint64_t now_ns)
{
	uint8_t key[AEAD_KEY_LEN], ephemeral[32];
	struct x25519_op pair[2] = {
		{.scalar = ephemeral, .point = in->remote_ephemeral},
		{.scalar = ephemeral, .point = in->remote_public},
	};
	int err;

	memset(msg, 0, sizeof(*msg));
	store32_le(msg->type, WG_MSG_RESPONSE);
	store32_le(msg->sender, local_index);
	store32_le(msg->receiver, in->remote_index);

	wg_key_generate(ephemeral, rng);
	wg_key_public(msg->ephemeral, ephemeral);
	mix_ephemeral(&in->sym, msg->ephemeral);
	err = mix_pair(&in->sym, pair);
	if (err)
		goto out;
	mix_psk(&in->sym, key, hs->psk);
	seal(&in->sym, msg->empty_sealed, NULL, 0, key);
	derive(kp, &in->sym, false);
	wg_keypair_init(kp, false, local_index, in->remote_index, now_ns);
out:
	wipe(key, sizeof(key));
	wipe(ephemeral, sizeof(ephemeral));
	noise_initiation_drop(in);
	return err;
}
