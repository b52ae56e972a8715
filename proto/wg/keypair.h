/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_KEYPAIR_H
#define WGRD_PROTO_WG_KEYPAIR_H

/*
 * Transport keys of one session and the limits on their use, whitepaper sections 5.4.5,
 * 6.1 and 6.2. noise.c fills one in, in the handshake thread; it is then published and
 * workers share it. Only send_counter and replay change after that. Embed it in whatever
 * the session is to its owner; the owner calls wg_keypair_fini() before the memory goes.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/crypto/aead.h"
#include "proto/wg/limits.h"
#include "proto/wg/replay.h"

struct wg_keypair {
	uint8_t send_key[AEAD_KEY_LEN];
	uint8_t recv_key[AEAD_KEY_LEN];
	uint32_t local_index; /* what the peer writes into receiver */
	uint32_t remote_index;
	uint64_t born_ns;
	/* The initiator may send at once. The responder may not before a packet has been
	 * accepted under recv_key, which proves that the initiator has the keys. */
	bool initiator;
	_Atomic uint64_t send_counter;
	struct wg_replay replay;
};

enum {
	/* Reservations of more nonces than this are refused, so that no overflow can
	 * reach a nonce twice. */
	WG_KEYPAIR_BATCH_MAX = 4096,
};

#define WG_NONCE_NONE UINT64_MAX

/* Sets everything but the keys, which noise.c writes first. */
void wg_keypair_init(struct wg_keypair *kp, bool initiator, uint32_t local_index,
		     uint32_t remote_index, uint64_t now_ns);
/* Wipes. */
void wg_keypair_fini(struct wg_keypair *kp);

/* Takes @n consecutive nonces, 1..WG_KEYPAIR_BATCH_MAX, and returns the first, or
 * WG_NONCE_NONE if the pair is too old or has fewer left. */
uint64_t wg_keypair_take_nonces(struct wg_keypair *kp, unsigned n, uint64_t now_ns);

/* Younger than REJECT_AFTER_TIME: packets may be received, and sent if nonces are left.
 */
bool wg_keypair_alive(const struct wg_keypair *kp, uint64_t now_ns);

/*
 * Whether a packet just sent, or accepted, under @kp asks for a new handshake (section
 * 6.2). After sending: too many messages, or we initiated and the pair is older than
 * REKEY_AFTER_TIME. After receiving: we initiated and the pair is so old that it would
 * end before a handshake begun at the next keepalive could replace it.
 * The answer stays true until there is a new pair: wg_timers_wanted() limits the rate.
 */
bool wg_keypair_rekey_on_send(const struct wg_keypair *kp, uint64_t now_ns);
bool wg_keypair_rekey_on_recv(const struct wg_keypair *kp, uint64_t now_ns);

#endif
