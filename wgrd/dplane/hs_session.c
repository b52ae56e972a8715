/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Whitepaper section 6.1 and the rules that follow from it. A peer has up to three
 * sessions, so that nothing is lost while keys change: what we send goes out under
 * current; packets that were on their way when it became current are still accepted under
 * previous; next is one that we answered, and nothing may be sent under it before a
 * packet under it has shown that the initiator has the keys.
 *
 *	we initiated:  previous <- current (or next, which is newer), current <- new
 *	we answered:   previous <- nothing, next <- new
 *	confirmed:     previous <- current, current <- next
 */

#include <time.h>

#include "wgrd/dplane/device.h"
#include "wgrd/dplane/hs_internal.h"

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

/* A session that is known to work both ways has become current. */
static void established(struct dp_hs *hs, struct dp_peer *p)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	atomic_store_explicit(&p->last_handshake_s, (uint64_t)ts.tv_sec,
			      memory_order_relaxed);
	atomic_store_explicit(&p->last_handshake_ns, hs->now_ns, memory_order_relaxed);
	atomic_fetch_add_explicit(&p->counters.handshakes, 1, memory_order_relaxed);
	p->hs.unanswered = 0;
	report(p, true);
}

void dp_hs_session_initiated(struct dp_hs *hs, struct dp_peer *p, struct dp_session *s)
{
	dp_sessions_publish(hs->dp->sessions, s->keypair.local_index, s);
	if (p->hs.next_session) {
		move(hs, &p->hs.previous, &p->hs.next_session);
		drop(hs, &p->hs.current);
	} else {
		move(hs, &p->hs.previous, &p->hs.current);
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
	drop(hs, &p->hs.previous);
	drop(hs, &p->hs.next_session);
	p->hs.next_session = s;
}

void dp_hs_session_confirm(struct dp_hs *hs, struct dp_peer *p)
{
	struct dp_session *s = p->hs.next_session;

	/* acquires from learn() in rx.c */
	if (!s || !atomic_load_explicit(&s->confirmed, memory_order_acquire))
		return;
	move(hs, &p->hs.previous, &p->hs.current);
	move(hs, &p->hs.current, &p->hs.next_session);
	established(hs, p);
	publish(hs, p);
}

void dp_hs_sessions_expire(struct dp_hs *hs, struct dp_peer *p)
{
	drop(hs, &p->hs.next_session);
	if (!p->hs.current)
		return;
	atomic_store_explicit(&p->session, NULL, memory_order_seq_cst);
	move(hs, &p->hs.previous, &p->hs.current);
	report(p, false);
}

void dp_hs_sessions_drop(struct dp_hs *hs, struct dp_peer *p)
{
	atomic_store_explicit(&p->session, NULL, memory_order_seq_cst);
	drop(hs, &p->hs.next_session);
	drop(hs, &p->hs.current);
	drop(hs, &p->hs.previous);
	report(p, false);
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
