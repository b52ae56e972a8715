/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_NOISE_H
#define WGRD_PROTO_WG_NOISE_H

/*
 * The handshake: Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s, whitepaper section 5.4. All of
 * it runs in the handshake thread; nothing here is shared.
 *
 * Initiator:  noise_initiation_create -> (wire) -> noise_response_consume
 * Responder:  noise_initiation_peek -> caller finds the peer -> noise_initiation_finish
 *             -> noise_response_create -> (wire)
 *
 * The responder's half lives on the caller's stack and never touches a handshake we have
 * under way ourselves: when both ends initiate at once, both handshakes complete. mac1
 * and mac2 are not written or checked here, see cookie.h: the caller checks mac1 first
 * (it also says which of our keys the message is for) and signs what it sends.
 * Errors: -EBADMSG means the message is not authentic, or of low order somewhere.
 */

#include <stdint.h>

#include "proto/wg/keypair.h"
#include "proto/wg/keys.h"
#include "proto/wg/messages.h"

/* What both ends compute alike from all that was said so far, section 5.4. */
struct noise_symmetric {
	uint8_t hash[32];
	uint8_t chaining_key[32];
};

/* One of our private keys. Does not change once initialised. */
struct noise_local {
	uint8_t private_key[WG_KEY_LEN];
	uint8_t public_key[WG_KEY_LEN];
	uint8_t mac1_key[32];   /* checks mac1 of what we receive */
	uint8_t cookie_key[32]; /* seals the cookies we give out */
};

void noise_local_init(struct noise_local *l, const uint8_t private_key[WG_KEY_LEN]);
void noise_local_fini(struct noise_local *l);

enum noise_state {
	NOISE_IDLE,
	NOISE_INITIATED, /* an initiation is out, local_index is its sender index */
};

/* What we share with one public key of a peer, as seen from one of our private keys, and
 * the initiation we have sent it, if any. Embedded in the handshake thread's peer. */
struct noise_handshake {
	const struct noise_local *local; /* outlives the handshake */
	uint8_t remote_public[WG_KEY_LEN];
	uint8_t static_static[32]; /* the one DH both messages need, computed once */
	uint8_t psk[WG_KEY_LEN];   /* zeros: none, section 5.2 */
	uint8_t mac1_key[32];      /* makes mac1 of what we send */
	uint8_t cookie_key[32];    /* opens the cookies we are given */

	/* Of the last initiation accepted from the peer. */
	uint8_t latest_stamp[WG_TAI64N_LEN];
	uint64_t latest_ns;

	enum noise_state state;
	uint32_t local_index;
	uint8_t ephemeral[32]; /* private */
	struct noise_symmetric sym;
};

/* Returns 0, or -EINVAL if @remote_public is of low order. @psk may be NULL. */
MUST_USE int noise_handshake_init(struct noise_handshake *hs, const struct noise_local *l,
				  const uint8_t remote_public[WG_KEY_LEN],
				  const uint8_t psk[WG_KEY_LEN]);
/* Counts from the next message on. NULL removes it. */
void noise_handshake_set_psk(struct noise_handshake *hs, const uint8_t psk[WG_KEY_LEN]);
/* Forgets an initiation under way; what is known about the peer stays. */
void noise_handshake_abandon(struct noise_handshake *hs);
/* Wipes. */
void noise_handshake_fini(struct noise_handshake *hs);

/* Fills @msg but for its macs and enters NOISE_INITIATED, from any state. @local_index
 * is new, not 0, and stays the caller's to release. */
void noise_initiation_create(struct noise_handshake *hs, struct wg_msg_initiation *msg,
			     uint32_t local_index, const uint8_t stamp[WG_TAI64N_LEN],
			     struct wg_rng *rng);

enum {
	NOISE_BATCH_MAX = 16,
};

/* Several at once, of different handshakes, cost less than one by one: see x25519.h. */
struct noise_call {
	struct noise_handshake *hs;
	struct wg_msg_initiation *msg;
	uint32_t local_index;
	const uint8_t *stamp; /* WG_TAI64N_LEN */
};
/* @n is at most NOISE_BATCH_MAX. */
void noise_initiations_create(const struct noise_call *c, size_t n, struct wg_rng *rng);

/*
 * The answer to our initiation: @msg->receiver is hs->local_index. Returns 0, @kp is
 * initialised (as initiator) and the state is NOISE_IDLE; or -EBADMSG, or -EINVAL if no
 * initiation is out or the index is another's, and nothing has changed.
 */
MUST_USE int noise_response_consume(struct noise_handshake *hs,
				    const struct wg_msg_response *msg,
				    struct wg_keypair *kp, uint64_t now_ns);

/* An initiation being answered. Wiped by noise_response_create(), by any call on it that
 * fails, and by noise_initiation_drop(). */
struct noise_initiation {
	uint8_t remote_public[WG_KEY_LEN]; /* whose it claims to be, after peek */
	uint32_t remote_index;
	uint8_t remote_ephemeral[32];
	struct noise_symmetric sym;
	uint8_t timestamp_sealed[WG_TAI64N_LEN + 16];
};

/* Opens the sender's static key, which is not yet proven to be the sender's. Returns 0
 * or -EBADMSG. */
MUST_USE int noise_initiation_peek(struct noise_initiation *in,
				   const struct noise_local *local,
				   const struct wg_msg_initiation *msg);

/* Several at once, likewise. */
struct noise_peek {
	const struct noise_local *local;
	const struct wg_msg_initiation *msg;
	/* result: of noise_initiation_peek() */
	struct noise_initiation in;
	int err;
};
/* @n is at most NOISE_BATCH_MAX. */
void noise_initiations_peek(struct noise_peek *p, size_t n);

/*
 * Proves it, and that the message is new. @hs is the one for in->remote_public and the
 * local key given to peek. Returns 0 and remembers the time stamp; or -EBADMSG; or
 * -EALREADY if the time stamp is not after the last one accepted (a replay); or -EBUSY
 * if the last one was accepted less than WG_INITIATION_INTERVAL_NS ago (a flood).
 */
MUST_USE int noise_initiation_finish(struct noise_initiation *in,
				     struct noise_handshake *hs, uint64_t now_ns);

/* Fills @msg but for its macs, and @kp (as responder). Returns 0 or -EBADMSG. */
MUST_USE int noise_response_create(struct noise_initiation *in,
				   const struct noise_handshake *hs,
				   struct wg_msg_response *msg, uint32_t local_index,
				   struct wg_rng *rng, struct wg_keypair *kp,
				   uint64_t now_ns);

void noise_initiation_drop(struct noise_initiation *in);

#endif
