/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whitepaper section 6.1 and the rules that follow from it. A peer has up to three
 * sessions, so that nothing is lost while keys change: what we send goes out under
 * current; packets that were on their way when it became current are still accepted under
 * previous; next is one that we answered, and nothing may be sent under it before a
 * packet under it has shown that the initiator has the keys.
 *
 *	we initiated:  previous <- current, current <- new
 *	we answered:   next <- new
 *	confirmed:     previous <- current, current <- next
 *
 * When both ends initiate at once there is a next when our own handshake completes. The
 * other end will make it its current one, and goes on with ours until then: for the time
 * of a round trip four sessions are in use.
 *
 *	crossed:       older <- current, previous <- next, current <- new
 */

#include "wgrd/dplane/hs_internal.h"
#include "wgrd/dplane/keys/handshake.h"
#include "wgrd/dplane/keys/identity.h"
#include "wgrd/dplane/keys/own_key.h"

static void drop(struct dp_hs *hs, struct dp_session **slot)
{
	struct dp_session *s = *slot;

	*slot = NULL;
	if (!s)
		return;
	dp_sessions_release(hs->dp->sessions, s->keypair.local_index);
	dp_session_free(s);
}

static void move(struct dp_hs *hs, struct dp_session **to, struct dp_session **from)
{
	drop(hs, to);
	*to = *from;
	*from = NULL;
}

static void retire_current(struct dp_hs *hs, struct dp_peer *p)
{
	drop(hs, &p->hs.older);
	move(hs, &p->hs.previous, &p->hs.current);
}

/*
 * What workers send with. The store and the look at staged_on are in one order with those
 * of dp_stage_put(): either we see that a worker has packets waiting, or it sees the
 * session.
 */
static void publish(struct dp_hs *hs, struct dp_peer *p)
{
	uint64_t staged;

	atomic_store_explicit(&p->session, p->hs.current, memory_order_seq_cst);
	if (!p->hs.current)
		return;
	staged = atomic_load_explicit(&p->staged_on, memory_order_seq_cst);
	if (staged)
		dplane_flush_staged(hs->dp, staged);
}

static void report(struct dp_peer *p, bool up)
{
	if (p->hs.up == up)
		return;
	p->hs.up = up;
	dp_peer_report(p, up);
}

static void show_keys(struct dp_peer *p, const struct dp_handshake *h)
{
	uint64_t own = h ? dp_key_id(h->key->local.public_key) : 0;
	uint64_t theirs = h ? dp_key_id(h->identity->public_key) : 0;

	atomic_store_explicit(&p->own_key_id, own, memory_order_relaxed);
	atomic_store_explicit(&p->peer_key_id, theirs, memory_order_relaxed);
}

static void stop_sending(struct dp_peer *p)
{
	atomic_store_explicit(&p->session, NULL, memory_order_seq_cst);
	show_keys(p, NULL);
	report(p, false);
}

/* A session that is known to work both ways has become current. */
static void established(struct dp_hs *hs, struct dp_peer *p)
{
	atomic_store_explicit(&p->last_handshake_s, dp_unix_ns(hs->dp) / NS_PER_S,
			      memory_order_relaxed);
	atomic_store_explicit(&p->last_handshake_ns, hs->now_ns, memory_order_relaxed);
	atomic_fetch_add_explicit(&p->counters.handshakes, 1, memory_order_relaxed);
	p->hs.unanswered = 0;
	p->hs.unconfirmed = 0;
	show_keys(p, p->hs.current->handshake);
	report(p, true);
}

void dp_hs_session_initiated(struct dp_hs *hs, struct dp_peer *p, struct dp_session *s)
{
	dp_sessions_publish(hs->dp->sessions, s->keypair.local_index, s);
	atomic_store_explicit(&p->answered_ns, hs->now_ns, memory_order_relaxed);
	atomic_store_explicit(&p->answered_in_ns, hs->now_ns - p->hs.timers.initiated_ns,
			      memory_order_relaxed);
	if (p->hs.next_session) {
		move(hs, &p->hs.older, &p->hs.current);
		move(hs, &p->hs.previous, &p->hs.next_session);
	} else {
		retire_current(hs, p);
	}
	p->hs.current = s;
	established(hs, p);
	publish(hs, p);
	/* The responder waits for a packet. If none does here, an empty one will do. */
	if (!atomic_load_explicit(&p->staged_on, memory_order_relaxed))
		dp_hs_peer_keepalive(hs, p);
}

void dp_hs_session_answered(struct dp_hs *hs, struct dp_peer *p, struct dp_session *s)
{
	dp_sessions_publish(hs->dp->sessions, s->keypair.local_index, s);
	drop(hs, &p->hs.next_session);
	p->hs.next_session = s;
	p->hs.unconfirmed++;
}

void dp_hs_session_confirm(struct dp_hs *hs, struct dp_peer *p)
{
	struct dp_session *s = p->hs.next_session;

	/* acquires from learn() in rx.c */
	if (!s || !atomic_load_explicit(&s->confirmed, memory_order_acquire))
		return;
	retire_current(hs, p);
	move(hs, &p->hs.current, &p->hs.next_session);
	established(hs, p);
	publish(hs, p);
}

void dp_hs_sessions_drop(struct dp_hs *hs, struct dp_peer *p)
{
	stop_sending(p);
	drop(hs, &p->hs.next_session);
	drop(hs, &p->hs.current);
	drop(hs, &p->hs.previous);
	drop(hs, &p->hs.older);
}

static bool is_of(const struct dp_session *s, const struct dp_handshake *h)
{
	return s && s->handshake == h;
}

void dp_hs_sessions_drop_of(struct dp_hs *hs, struct dp_peer *p, struct dp_handshake *h)
{
	if (is_of(p->hs.next_session, h))
		drop(hs, &p->hs.next_session);
	if (is_of(p->hs.previous, h))
		drop(hs, &p->hs.previous);
	if (is_of(p->hs.older, h))
		drop(hs, &p->hs.older);
	if (is_of(p->hs.current, h)) {
		stop_sending(p);
		drop(hs, &p->hs.current);
	}
}

void dp_hs_sessions_expire_of(struct dp_hs *hs, struct dp_peer *p, struct dp_handshake *h)
{
	if (is_of(p->hs.next_session, h))
		drop(hs, &p->hs.next_session);
	if (is_of(p->hs.current, h)) {
		stop_sending(p);
		retire_current(hs, p);
	}
	if (is_of(p->hs.previous, h))
		p->hs.previous->handshake = NULL;
	if (is_of(p->hs.older, h))
		p->hs.older->handshake = NULL;
}

bool dp_hs_session_alive(const struct dp_hs *hs, const struct dp_peer *p)
{
	return p->hs.current && wg_keypair_alive(&p->hs.current->keypair, hs->now_ns);
}

void dp_hs_session_age(struct dp_hs *hs, struct dp_peer *p, uint64_t *next_ns)
{
	uint64_t end_ns;

	if (!p->hs.current)
		return;
	if (!dp_hs_session_alive(hs, p)) {
		report(p, false);
		return;
	}
	end_ns = p->hs.current->keypair.born_ns + WG_REJECT_AFTER_TIME_NS;
	if (end_ns < *next_ns)
		*next_ns = end_ns;
}
