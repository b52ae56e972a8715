/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_TIMERS_H
#define WGRD_PROTO_WG_TIMERS_H

/*
 * The WireGuard timer rules, whitepaper section 6, as a pure function of time: the caller
 * says what has happened and asks what is due. No clock is read and no timer is armed in
 * here. Workers only store time stamps, in struct wg_activity; all else belongs to the
 * handshake thread, which calls wg_timers_run() when the time it last returned has come,
 * and again after each of the events below.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/wg/limits.h"

enum wg_timer_action {
	WG_DO_INITIATE = 1 << 0,  /* send an initiation, call wg_timers_initiated() */
	WG_DO_KEEPALIVE = 1 << 1, /* send an empty data packet */
	WG_DO_DROP_STAGED =
		1 << 2,           /* no answer for REKEY_ATTEMPT_TIME: drop what waits */
	WG_DO_ZERO_KEYS = 1 << 3, /* wipe every keypair and handshake of the peer */
};

/*
 * Written by workers, and by the handshake thread for its own messages, with relaxed
 * stores; read by the handshake thread. 0 means never, or nothing waits. A store lost to
 * a race moves a time-out by the distance of two packets.
 */
struct wg_activity {
	_Atomic uint64_t sent_ns, rcvd_ns; /* last authenticated message of any kind */
	/* The first data we sent since we last received, the first we received since we
	 * last sent: what waits for the other side to show that it lives. */
	_Atomic uint64_t unanswered_ns, unacknowledged_ns;
	_Atomic uint64_t confirmed_ns; /* last time a session was found to work */
};

/* A message, or a batch, went out. @data: it carried a packet, so not a keepalive and not
 * a handshake message. */
static inline void wg_activity_sent(struct wg_activity *a, bool data, uint64_t now_ns)
{
	atomic_store_explicit(&a->sent_ns, now_ns, memory_order_relaxed);
	if (atomic_load_explicit(&a->unacknowledged_ns, memory_order_relaxed))
		atomic_store_explicit(&a->unacknowledged_ns, 0, memory_order_relaxed);
	if (data && !atomic_load_explicit(&a->unanswered_ns, memory_order_relaxed))
		atomic_store_explicit(&a->unanswered_ns, now_ns, memory_order_relaxed);
}

/* An authentic message came in. */
static inline void wg_activity_rcvd(struct wg_activity *a, bool data, uint64_t now_ns)
{
	atomic_store_explicit(&a->rcvd_ns, now_ns, memory_order_relaxed);
	if (atomic_load_explicit(&a->unanswered_ns, memory_order_relaxed))
		atomic_store_explicit(&a->unanswered_ns, 0, memory_order_relaxed);
	if (data && !atomic_load_explicit(&a->unacknowledged_ns, memory_order_relaxed))
		atomic_store_explicit(&a->unacknowledged_ns, now_ns,
				      memory_order_relaxed);
}

/* The first packet was accepted under a pair we made as responder: the peer has it too.
 */
static inline void wg_activity_confirmed(struct wg_activity *a, uint64_t now_ns)
{
	atomic_store_explicit(&a->confirmed_ns, now_ns, memory_order_relaxed);
}

/* All zeros, but for persistent_s, is a peer that nothing has happened to. */
struct wg_timers {
	uint64_t attempt_ns;    /* when this attempt at a handshake began; 0: none */
	uint64_t initiated_ns;  /* the last initiation sent, of any attempt */
	uint64_t retry_ns;      /* when to send the next of this attempt */
	uint64_t session_ns;    /* when the newest keys were derived; 0: none left */
	uint64_t residue_ns;    /* since when there may be secrets to wipe; 0: none */
	uint64_t unheard_ns;    /* when data was last found to have no answer; 0: never */
	uint64_t persistent_ns; /* the last persistent keepalive asked for */
	uint16_t persistent_s;  /* their interval; 0: off */
};

/* Events, each with the time it happened at. */

/* Somebody needs a session: a packet or a keepalive has none to go by, or one of
 * wg_keypair_rekey_on_*() says so. Returns true if an initiation should be sent now, which
 * starts an attempt; false if the last one is less than REKEY_TIMEOUT old. Prolongs an
 * attempt under way. */
bool wg_timers_wanted(struct wg_timers *t, uint64_t now_ns);
/* A session is needed whatever was sent before: an attempt begins, and its first initiation
 * is due @after_ns from now, or as soon as somebody wants a session, but not so soon after
 * the last one that the other side takes it for a repetition or for a flood. */
void wg_timers_call(struct wg_timers *t, uint64_t after_ns, uint64_t now_ns);
/* An initiation was sent. @jitter_ns: random, below WG_REKEY_JITTER_MAX_NS. */
void wg_timers_initiated(struct wg_timers *t, uint64_t now_ns, uint64_t jitter_ns);
/* Keys were derived, in either role. As initiator that ends the attempt; as responder,
 * wg_activity_confirmed() will. */
void wg_timers_derived(struct wg_timers *t, bool initiator, uint64_t now_ns);

/*
 * Returns what is due, a mask of wg_timer_action, and sets *@next_ns to the next time to
 * ask, UINT64_MAX if only an event can change the answer. While there is a session that
 * is at most KEEPALIVE_TIMEOUT away, since workers do not tell when they store something.
 * What is due is due once: a wait in @a that has led to an action is cleared.
 */
unsigned wg_timers_run(struct wg_timers *t, struct wg_activity *a, uint64_t now_ns,
		       uint64_t *next_ns);

/* Section 6.5: has it been sent data and not been heard since, not so much as a keepalive,
 * for KEEPALIVE_TIMEOUT + REKEY_TIMEOUT? As of the last wg_timers_run(). */
bool wg_timers_unheard(const struct wg_timers *t, const struct wg_activity *a);

#endif
