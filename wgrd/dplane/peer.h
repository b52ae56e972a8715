/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_PEER_H
#define WGRD_DPLANE_PEER_H

/*
 * A peer as the data plane knows it. Every thread has its part: the main thread makes,
 * changes and retires it, the handshake thread runs its timers and sessions, workers send
 * and receive. Reference counted, since a call to the handshake thread or a packet that
 * waits for a session may outlive the configuration; memory goes a grace period after the
 * last reference.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/crypto/bytes.h"
#include "proto/wg/keys.h"
#include "proto/wg/timers.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/io/endpoint.h"
#include "wgrd/dplane/sync/inbox.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/dplane/wheel.h"

struct dp_handshake;
struct dp_identity;
struct dp_session;

/* What a worker has to say to the handshake thread, as bits of dp_peer.poked. */
enum dp_poke {
	DP_POKE_WANTED = 1 << 0,    /* packets need a session, or a newer one */
	DP_POKE_CONFIRMED = 1 << 1, /* the first packet under a session we answered */
	DP_POKE_PROBE = 1 << 2,     /* somebody asks whether it answers */
};

/* Bits of dp_peer.status, for show. */
enum dp_peer_status {
	DP_PEER_UP = 1 << 0,          /* there is a session that can be used */
	DP_PEER_HANDSHAKING = 1 << 1, /* an attempt is under way */
	DP_PEER_EXPIRED = 1 << 2,     /* there was a session, and none has followed */
};

/* Why a message of the handshake that means this peer was refused. */
enum dp_refusal {
	DP_REFUSED_FORGED,   /* whoever sent it has not its key, or it was damaged */
	DP_REFUSED_REPLAYED, /* it is one that the peer sent before, or older than that */
	DP_REFUSED_TOO_OFTEN, /* initiations that follow each other too soon */
	DP_REFUSALS,
};

struct dp_peer_counters {
	_Atomic uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
	_Atomic uint64_t handshakes, handshakes_failed;
	_Atomic uint64_t moves;   /* to another address or port */
	_Atomic uint64_t gave_up; /* attempts that nobody answered to the end */
	_Atomic uint64_t refused[DP_REFUSALS];
};

/* The handshake thread's part: hs_peer.c and hs_session.c. */
struct dp_hs_peer {
	struct dp_peer *next, **pprev; /* of the device */
	bool gone;
	bool takes_part; /* as dp_hs_peer_takes_part() said last */
	bool returns;    /* it has taken part before */
	bool cut_short;  /* it was talked to when it ceased to take part */
	/* Its public keys, the one that handshakes are begun with first; none while it has
	 * no key or is shut down. */
	struct dp_identity *identities;
	struct dp_handshake *begun; /* whose initiation is out; NULL: none */
	/* Whitepaper section 6.1, see hs_session.c: next is one we answered that is not
	 * confirmed yet. */
	struct dp_session *current, *previous, *older, *next_session;
	struct wg_timers timers;
	struct wheel_node timer;
	unsigned unanswered;  /* initiations since the last answer */
	unsigned unconfirmed; /* answers of ours since the last session */
	uint16_t keepalive_s; /* 0: off */
	uint64_t preempt_delay_ns;
	uint64_t answers_since_ns; /* 0: it does not */
	bool up;
};

struct dp_peer {
	/* set before it is published */
	struct dp_device *device; /* outlives what workers and handshakes do with it */
	void *cookie;
	_Atomic unsigned refs;

	/* any thread reads */
	_Alignas(64) _Atomic(struct dp_session *) session; /* to send with; or NULL */
	_Atomic bool enabled;  /* main: has a key, not shut down, not retired */
	_Atomic bool answers;  /* handshake thread: has a session that works */
	_Atomic bool settling; /* handshake thread: and only since a short time ago */
	_Atomic bool silent;   /* handshake thread: does not answer */
	_Atomic uint64_t staged_on; /* a bit for each worker that has packets waiting */
	_Atomic uint32_t drop_turn; /* raised to have waiting packets dropped */
	_Atomic unsigned poked;     /* enum dp_poke */
	struct dp_endpoint_cell endpoint;

	/* workers write with every batch */
	_Alignas(64) struct wg_activity activity;
	struct dp_peer_counters counters;

	/* the handshake thread writes, main reads */
	_Atomic unsigned status; /* enum dp_peer_status */
	_Atomic uint64_t last_handshake_s, last_handshake_ns;
	/* When it last answered a handshake that we began, and how soon; 0: never. */
	_Atomic uint64_t answered_ns, answered_in_ns;
	/* The keys that the session in use came from, see dp_key_id(); 0: none. */
	_Atomic uint64_t own_key_id, peer_key_id;
	_Atomic bool reported_up, event_posted;
	struct dp_call event; /* on its way to the main thread while event_posted */
	struct dp_call poke;  /* on its way to the handshake thread while poked */

	struct dp_hs_peer hs;

	/* main */
	bool retired, told_up;
	struct dp_endpoint configured;
	struct dp_rcu rcu;
};

struct dp_peer_key {
	uint8_t public_key[WG_KEY_LEN];
	uint8_t psk[WG_KEY_LEN]; /* zeros: none */
};

struct dp_peer_conf {
	bool enabled; /* it has a public key and is not shut down */
	struct dp_peer_key key;
	/* Handshakes from these are answered; none is begun with them. */
	struct dp_peer_key additional_key[DP_ADDITIONAL_KEYS_MAX];
	unsigned additional_keys;
	struct ip_addr endpoint; /* family 0: none */
	uint16_t endpoint_port;  /* host order */
	uint16_t keepalive_s;    /* 0: off */
	/* So long another member of a group keeps what it has taken over, once this one
	 * answers again. */
	uint16_t preempt_delay_s;
};

/* ---- main thread ---- */

/* 0 or -ENOMEM. @conf is copied. */
int dp_peer_new(struct dp_device *dev, const struct dp_peer_conf *conf, void *cookie,
		struct dp_peer **out) MUST_USE;
/* The endpoint is set only if it differs from the one configured before: otherwise the
 * peer may have moved since. */
void dp_peer_set(struct dp_peer *p, const struct dp_peer_conf *conf);
/* Stops forwarding, with the batches under way. The cookie is not used any more. */
void dp_peer_retire(struct dp_peer *p);
/* It is retired and no group names it. */
void dp_peer_free(struct dp_peer *p);
/* Drops its sessions; a new handshake if it has an endpoint. */
void dp_peer_clear(struct dp_peer *p);
/* A handshake beside the session there is. */
void dp_peer_probe(struct dp_peer *p);
/* Packets go to the configured endpoint again, if there is one. */
void dp_peer_home(struct dp_peer *p);

/* ---- any thread ---- */

struct dp_peer *dp_peer_get(struct dp_peer *p);
/* For a pointer found in a published object, which may have lost its last reference:
 * false if so. */
bool dp_peer_try_get(struct dp_peer *p);
void dp_peer_put(struct dp_peer *p);

/* Tells a few public keys apart, for show. */
static inline uint64_t dp_key_id(const uint8_t public_key[WG_KEY_LEN])
{
	return load64_le(public_key);
}

/* A packet for it leaves at once, and as far as is known arrives: it is not shut down, is
 * somewhere, and answers under the session it has, for long enough. */
static inline bool dp_peer_ready(const struct dp_peer *p)
{
	return atomic_load_explicit(&p->enabled, memory_order_relaxed) &&
	       atomic_load_explicit(&p->answers, memory_order_relaxed) &&
	       !atomic_load_explicit(&p->settling, memory_order_relaxed) &&
	       dp_endpoint_known(&p->endpoint);
}

/* Worth a try: not shut down, somewhere, and not known to be silent. One that has no
 * session yet may be; the first packet will tell. */
static inline bool dp_peer_usable(const struct dp_peer *p)
{
	return atomic_load_explicit(&p->enabled, memory_order_relaxed) &&
	       !atomic_load_explicit(&p->silent, memory_order_relaxed) &&
	       dp_endpoint_known(&p->endpoint);
}

/* Tells the handshake thread. Cheap when it has been told and has not come to it yet. */
void dp_peer_poke(struct dp_peer *p, enum dp_poke what);
/* A counter has risen that the main thread watches: moves, gave_up or refused. */
void dp_peer_news(struct dp_peer *p, _Atomic uint64_t *counter);
/* The handshake thread: has the main thread told whether the peer is up. */
void dp_peer_report(struct dp_peer *p, bool up);

#endif
