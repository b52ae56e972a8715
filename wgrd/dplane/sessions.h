/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_SESSIONS_H
#define WGRD_DPLANE_SESSIONS_H

/*
 * Transport sessions, and the table that finds them by the index a datagram carries. One
 * table serves all interfaces: an index says everything. The handshake thread is the only
 * writer; workers look up without locks and may use the session until they are next
 * quiescent.
 *
 * Indices are random, 32 bits, and never 0. The index of a handshake under way is in the
 * table too, so that no session gets it and the answer finds its way; workers do not see
 * it as a session.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wg/keypair.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/lib/util.h"

struct dp_handshake;
struct dp_peer;
struct dp_sessions;
struct wg_rng;

/* Published. */
struct dp_session {
	struct dp_rcu rcu;
	struct dp_peer *peer; /* referenced */
	/* As responder: has a packet come in, which proves that the peer has the keys? Set
	 * by the worker that accepts the first one. */
	_Atomic bool confirmed;
	/* Handshake thread: what led to it; NULL once one of the two keys is gone. */
	struct dp_handshake *handshake;
	struct wg_keypair keypair;
};

/* Not published yet, keypair unset. Takes a reference to the peer. NULL: no memory. */
struct dp_session *dp_session_new(struct dp_peer *peer, struct dp_handshake *h);
/* Wiped and freed after a grace period. It must not be in the table. NULL is allowed. */
void dp_session_free(struct dp_session *s);

struct dp_sessions *dp_sessions_new(void);
/* No readers are left, and no entries. */
void dp_sessions_free(struct dp_sessions *t);

/* Any thread; @index as received. NULL: there is none. */
struct dp_session *dp_sessions_find(const struct dp_sessions *t, uint32_t index);

/* ---- the handshake thread ---- */

/* A free index, for a message of @h. Returns 0 or -ENOMEM. */
int dp_sessions_reserve(struct dp_sessions *t, struct dp_handshake *h, struct wg_rng *rng,
			uint32_t *index) MUST_USE;
/* The session that the handshake has led to; both stay findable. */
void dp_sessions_publish(struct dp_sessions *t, uint32_t index, struct dp_session *s);
/* Whose index it is, or what its session came from; NULL: there is none. */
struct dp_handshake *dp_sessions_handshake(const struct dp_sessions *t, uint32_t index);
/* Index 0 is allowed and does nothing. */
void dp_sessions_release(struct dp_sessions *t, uint32_t index);
size_t dp_sessions_count(const struct dp_sessions *t);

#endif
