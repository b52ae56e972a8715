/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_HS_INTERNAL_H
#define WGRD_DPLANE_HS_INTERNAL_H

/*
 * What the files of the handshake thread share. Everything here is its own, and every
 * function runs in it.
 *
 *	hs.c          the thread: waiting, messages, calls, timers; sending
 *	hs_message.c  initiations, responses and cookies that come in
 *	hs_peer.c     a peer: its timers, beginning a handshake
 *	hs_conf.c     ports, interfaces, peers and their keys, as they are configured
 *	hs_session.c  a peer's three sessions, and which one workers send with
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/crypto/aead.h"
#include "proto/wg/cookie.h"
#include "proto/wg/noise.h"
#include "proto/wg/ratelimit.h"
#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/wheel.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/mailbox.h"

struct dp_session;

enum {
	/* Messages looked at before calls and timers get their turn: each may cost a DH
	 * or two. Also initiations that we send at once. */
	DP_HS_TURN = NOISE_BATCH_MAX,
};

struct dp_hs {
	/* set once */
	struct dplane *dp;
	pthread_t thread;
	int epfd, timer_fd;
	struct dp_inbox inbox;    /* any thread posts */
	struct mailbox *messages; /* workers post */

	uint64_t now_ns; /* of what is being done */
	bool stop;
	unsigned search_left; /* shelves of keys that may be looked at this turn */
	uint64_t armed_ns;    /* what timer_fd is set to; 0: nothing */
	uint64_t load_ns;     /* when we were last found to be under load; 0: never */
	struct wheel wheel;
	struct wg_cookie_maker cookies;
	struct ratelimit *limit;
	struct dp_port *ports;
	struct dp_peer
		*call[DP_HS_TURN]; /* whose initiation is to be made: dp_hs_call() */
	unsigned calls;
	_Alignas(64) struct dp_counters counters;
};

/* A handshake message on its way from a worker. */
struct dp_hs_message {
	struct dp_endpoint from;
	uint32_t port_id;
	uint16_t len;
	uint8_t bytes[sizeof(struct wg_msg_initiation)]; /* the longest */
};

/* ---- hs.c ---- */

/* To a peer, or (@cell NULL) to wherever a message came from. Failures are counted. */
void dp_hs_send(struct dp_hs *hs, const struct dp_port *port,
		struct dp_endpoint_cell *cell, const struct dp_endpoint *to, uint8_t tos,
		void *msg, size_t len);

/* ---- hs_message.c ---- */

/* @n is at most DP_HS_TURN. */
void dp_hs_messages(struct dp_hs *hs, const struct dp_hs_message *m, unsigned n,
		    bool under_load);

/* ---- hs_peer.c ---- */

enum {
	DP_HS_TOS = 0x88, /* AF41, as the kernel's WireGuard marks handshakes */
};

/* Can there be handshakes with the peer at all? */
bool dp_hs_peer_takes_part(const struct dp_peer *p);
/* A session is needed: begins a handshake unless one is under way or cannot be. */
void dp_hs_peer_wanted(struct dp_hs *hs, struct dp_peer *p);
/* What waits for a session is not sent any more. */
void dp_hs_peer_drop_staged(struct dp_hs *hs, struct dp_peer *p);
/* Sends the initiations that are due: when a turn ends, and before ports change. */
void dp_hs_call(struct dp_hs *hs);
/* Does what is due, and sets the timer. After every event. */
void dp_hs_peer_run(struct dp_hs *hs, struct dp_peer *p);
/* The same when the timers are run next: what many peers at a time have to do does not
 * hold up whoever waits for the call that is being served. */
void dp_hs_peer_run_soon(struct dp_hs *hs, struct dp_peer *p);
void dp_hs_peer_due(struct wheel_node *n, void *hs);
/* An empty packet under the current session. */
void dp_hs_peer_keepalive(struct dp_hs *hs, struct dp_peer *p);
/* An authentic message came from @from. */
void dp_hs_peer_heard(struct dp_hs *hs, struct dp_peer *p, const struct dp_endpoint *from,
		      size_t len);
/* A message of the handshake is signed and sent. */
void dp_hs_peer_send(struct dp_hs *hs, struct dp_peer *p, struct dp_handshake *h,
		     void *msg, size_t len);
/* Forgets the initiation that is out, if one is. */
void dp_hs_peer_abandon(struct dp_hs *hs, struct dp_peer *p);

/* ---- hs_session.c ---- */

/* Keys have been derived: @s is not published yet, its index is reserved. */
void dp_hs_session_initiated(struct dp_hs *hs, struct dp_peer *p, struct dp_session *s);
void dp_hs_session_answered(struct dp_hs *hs, struct dp_peer *p, struct dp_session *s);
/* A worker has accepted a packet under the session that we answered. */
void dp_hs_session_confirm(struct dp_hs *hs, struct dp_peer *p);
/* All gone, at once. */
void dp_hs_sessions_drop(struct dp_hs *hs, struct dp_peer *p);
/* Those that @h has led to, and no others, ... */
void dp_hs_sessions_drop_of(struct dp_hs *hs, struct dp_peer *p, struct dp_handshake *h);
/* ...or so that what is under way to us still gets in, and nothing more is sent. They do
 * not name @h any more. */
void dp_hs_sessions_expire_of(struct dp_hs *hs, struct dp_peer *p,
			      struct dp_handshake *h);
/* Reports a session that has become too old. *@next_ns is lowered to when that will be. */
void dp_hs_session_age(struct dp_hs *hs, struct dp_peer *p, uint64_t *next_ns);
bool dp_hs_session_alive(const struct dp_hs *hs, const struct dp_peer *p);

#endif
