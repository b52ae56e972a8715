/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "proto/wg/messages.h"
#include "proto/wg/tai64n.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/hs_internal.h"
#include "wgrd/dplane/keys/handshake.h"

enum {
	/* Initiations without an answer before a group gives up hope, where no member has
	 * a session. */
	SILENT_AFTER = 3,
	/* Answers of ours that no packet has followed: the peer is heard, but cannot hear
	 * us, and begins again every REKEY_TIMEOUT. */
	DEAF_AFTER = 2,
};

bool dp_hs_peer_takes_part(const struct dp_peer *p)
{
	return !p->hs.gone && p->hs.identities && p->device->hs.keys &&
	       p->device->hs.port;
}

/* What handshakes are begun with, or NULL. A key of low order is the operator's mistake,
 * and no secret can come of it. */
static struct dp_handshake *first_handshake(struct dp_hs *hs, struct dp_peer *p)
{
	struct dp_handshake *h = NULL;

	switch (dp_handshake_get(p->hs.identities, p->device->hs.keys, &h)) {
	case -EINVAL:
		log_warn(LOG_DPLANE,
			 "interface %s: a peer has a public-key that is none (of low "
			 "order); no handshake with it is possible",
			 p->device->name);
		break;
	case -ENOMEM:
		dp_drop(&hs->counters, DROP_HS_NO_MEMORY, 1);
		break;
	}
	return h;
}

/* It is not to be called any more. If it was, nothing has been sent for that yet. */
static void uncall(struct dp_hs *hs, struct dp_peer *p)
{
	for (unsigned i = 0; i < hs->calls; i++) {
		if (hs->call[i] != p)
			continue;
		hs->call[i--] = hs->call[--hs->calls];
		p->hs.timers.initiated_ns = 0;
	}
}

void dp_hs_peer_abandon(struct dp_hs *hs, struct dp_peer *p)
{
	struct dp_handshake *h = p->hs.begun;

	if (!h)
		return;
	uncall(hs, p);
	dp_sessions_release(hs->dp->sessions, h->index);
	h->index = 0;
	noise_handshake_abandon(&h->noise);
	p->hs.begun = NULL;
}

/* ---- sending ---- */

static void count_sent(struct dp_hs *hs, struct dp_peer *p, size_t len)
{
	atomic_fetch_add_explicit(&p->counters.tx_bytes, len, memory_order_relaxed);
	wg_activity_sent(&p->activity, false, hs->now_ns);
}

void dp_hs_peer_send(struct dp_hs *hs, struct dp_peer *p, struct dp_handshake *h,
		     void *msg, size_t len)
{
	struct dp_endpoint ep = dp_endpoint_load(&p->endpoint);

	wg_mac_sign(&h->jar, msg, len, h->noise.mac1_key, hs->now_ns);
	if (!ep.family) {
		dp_drop(&hs->counters, DROP_TX_NO_ENDPOINT, 1);
		return;
	}
	dp_hs_send(hs, p->device->hs.port, &p->endpoint, &ep, DP_HS_TOS, msg, len);
	count_sent(hs, p, len);
}

/* The initiation that is out, if one is, has waited long enough. */
static void give_up(struct dp_hs *hs, struct dp_peer *p)
{
	if (p->hs.begun)
		atomic_fetch_add_explicit(&p->counters.handshakes_failed, 1,
					  memory_order_relaxed);
	dp_hs_peer_abandon(hs, p);
}

/* Each of hs->call has an initiation begun: its handshake and its index are there. */
void dp_hs_call(struct dp_hs *hs)
{
	struct wg_msg_initiation msg[DP_HS_TURN];
	struct noise_call call[DP_HS_TURN];
	const unsigned n = hs->calls;
	const uint64_t now_ns = dp_unix_ns(hs->dp);
	uint8_t stamp[WG_TAI64N_LEN];

	if (!n)
		return;
	wg_tai64n(stamp, (int64_t)(now_ns / NS_PER_S), (uint32_t)(now_ns % NS_PER_S));
	for (unsigned i = 0; i < n; i++) {
		struct dp_handshake *h = hs->call[i]->hs.begun;

		call[i] = (struct noise_call){&h->noise, &msg[i], h->index, stamp};
	}
	noise_initiations_create(call, n, &hs->dp->rng);
	for (unsigned i = 0; i < n; i++)
		dp_hs_peer_send(hs, hs->call[i], hs->call[i]->hs.begun, &msg[i],
				sizeof(msg[i]));
	dp_count(&hs->counters, DP_TX_INITIATIONS, n);
	hs->calls = 0;
}

/* Nobody answers, perhaps because of the address that we write from: the routing table may
 * know a better one, as in the kernel's WireGuard. */
static void doubt_source(struct dp_peer *p)
{
	const struct dp_endpoint ep = dp_endpoint_load(&p->endpoint);

	if (p->hs.unanswered || wg_timers_unheard(&p->hs.timers, &p->activity))
		dp_endpoint_forget_source(&p->endpoint, &ep);
}

/* The initiation is made and sent with others when the turn ends. */
static void initiate(struct dp_hs *hs, struct dp_peer *p)
{
	struct dp_handshake *h;
	uint64_t jitter;

	give_up(hs, p);
	hs->dp->rng.fill(&hs->dp->rng, &jitter, sizeof(jitter));
	wg_timers_initiated(&p->hs.timers, hs->now_ns, jitter % WG_REKEY_JITTER_MAX_NS);
	doubt_source(p);
	p->hs.unanswered++;
	h = first_handshake(hs, p);
	if (!h)
		return;
	if (dp_sessions_reserve(hs->dp->sessions, h, &hs->dp->rng, &h->index)) {
		dp_drop(&hs->counters, DROP_HS_NO_MEMORY, 1);
		return;
	}
	p->hs.begun = h;
	if (hs->calls == DP_HS_TURN)
		dp_hs_call(hs);
	hs->call[hs->calls++] = p;
}

void dp_hs_peer_keepalive(struct dp_hs *hs, struct dp_peer *p)
{
	struct {
		struct wg_msg_data head;
		uint8_t tag[WG_DATA_TAG_LEN];
	} msg;
	struct dp_endpoint ep = dp_endpoint_load(&p->endpoint);
	struct dp_session *s = p->hs.current;
	struct aead_op op = {.dst = msg.tag, .src = msg.tag};

	op.nonce = s ? wg_keypair_take_nonces(&s->keypair, 1, hs->now_ns) : WG_NONCE_NONE;
	if (op.nonce == WG_NONCE_NONE) {
		dp_hs_peer_wanted(hs, p);
		return;
	}
	wg_data_put(&msg.head, s->keypair.remote_index, op.nonce);
	aead_best()->seal(&op, 1, s->keypair.send_key);
	if (!ep.family)
		return;
	dp_hs_send(hs, p->device->hs.port, &p->endpoint, &ep, 0, &msg, sizeof(msg));
	dp_count(&hs->counters, DP_TX_KEEPALIVES, 1);
	count_sent(hs, p, sizeof(msg));
	if (wg_keypair_rekey_on_send(&s->keypair, hs->now_ns))
		dp_hs_peer_wanted(hs, p);
}

/* ---- timers ---- */

void dp_hs_peer_wanted(struct dp_hs *hs, struct dp_peer *p)
{
	if (!dp_hs_peer_takes_part(p) || !dp_endpoint_load(&p->endpoint).family)
		return;
	if (wg_timers_wanted(&p->hs.timers, hs->now_ns))
		initiate(hs, p);
}

void dp_hs_peer_drop_staged(struct dp_hs *hs, struct dp_peer *p)
{
	uint64_t staged;

	atomic_fetch_add_explicit(&p->drop_turn, 1, memory_order_relaxed);
	staged = atomic_load_explicit(&p->staged_on, memory_order_relaxed);
	if (staged)
		dplane_flush_staged(hs->dp, staged);
}

static void act(struct dp_hs *hs, struct dp_peer *p, unsigned todo)
{
	if (todo & WG_DO_ZERO_KEYS) {
		dp_hs_sessions_drop(hs, p);
		dp_hs_peer_abandon(hs, p);
	}
	if (todo & WG_DO_DROP_STAGED) {
		give_up(hs, p);
		dp_peer_news(p, &p->counters.gave_up);
		dp_hs_peer_drop_staged(hs, p);
	}
	if (todo & WG_DO_INITIATE)
		initiate(hs, p);
	if (todo & WG_DO_KEEPALIVE)
		dp_hs_peer_keepalive(hs, p);
}

/* A session alone says little: the other end, or the way to it, may have gone since. */
static bool is_cut_off(const struct dp_peer *p)
{
	return wg_timers_unheard(&p->hs.timers, &p->activity) ||
	       p->hs.unconfirmed >= DEAF_AFTER;
}

/* Until when it has to answer before it gets back what others have taken over. */
static uint64_t settled_ns(const struct dp_peer *p)
{
	return p->hs.answers_since_ns + p->hs.preempt_delay_ns;
}

/* What groups go by. */
static void set_answers(const struct dp_hs *hs, struct dp_peer *p, bool alive)
{
	const bool cut_off = is_cut_off(p);
	const bool answers = alive && !cut_off;
	const bool silent = alive ? cut_off : p->hs.unanswered > SILENT_AFTER;

	if (!answers)
		p->hs.answers_since_ns = 0;
	else if (!p->hs.answers_since_ns)
		p->hs.answers_since_ns = hs->now_ns;
	atomic_store_explicit(&p->settling, answers && hs->now_ns < settled_ns(p),
			      memory_order_relaxed);
	atomic_store_explicit(&p->answers, answers, memory_order_relaxed);
	atomic_store_explicit(&p->silent, silent, memory_order_relaxed);
}

static void set_status(const struct dp_hs *hs, struct dp_peer *p)
{
	bool alive = dp_hs_session_alive(hs, p);
	unsigned status = 0;

	if (alive)
		status |= DP_PEER_UP;
	else if (atomic_load_explicit(&p->last_handshake_ns, memory_order_relaxed))
		status |= DP_PEER_EXPIRED;
	if (p->hs.timers.attempt_ns)
		status |= DP_PEER_HANDSHAKING;
	atomic_store_explicit(&p->status, status, memory_order_relaxed);
	set_answers(hs, p, alive);
}

void dp_hs_peer_run(struct dp_hs *hs, struct dp_peer *p)
{
	uint64_t next_ns;
	unsigned todo;

	if (!dp_hs_peer_takes_part(p)) {
		wheel_stop(&hs->wheel, &p->hs.timer);
		set_status(hs, p);
		return;
	}
	/* Of one that is nowhere, all there would be is initiations that cannot be sent. */
	p->hs.timers.persistent_s =
		dp_endpoint_known(&p->endpoint) ? p->hs.keepalive_s : 0;
	/* What is done may make something else due. */
	while ((todo = wg_timers_run(&p->hs.timers, &p->activity, hs->now_ns, &next_ns)))
		act(hs, p, todo);
	dp_hs_session_age(hs, p, &next_ns);
	set_status(hs, p);
	if (atomic_load_explicit(&p->settling, memory_order_relaxed) &&
	    settled_ns(p) < next_ns)
		next_ns = settled_ns(p);
	if (next_ns == UINT64_MAX)
		wheel_stop(&hs->wheel, &p->hs.timer);
	else
		wheel_set(&hs->wheel, &p->hs.timer, next_ns);
}

void dp_hs_peer_run_soon(struct dp_hs *hs, struct dp_peer *p)
{
	if (!dp_hs_peer_takes_part(p)) {
		dp_hs_peer_run(hs, p);
		return;
	}
	set_status(hs, p);
	wheel_set(&hs->wheel, &p->hs.timer, hs->now_ns);
}

void dp_hs_peer_due(struct wheel_node *n, void *hs)
{
	dp_hs_peer_run(hs, container_of(n, struct dp_peer, hs.timer));
}

void dp_hs_peer_heard(struct dp_hs *hs, struct dp_peer *p, const struct dp_endpoint *from,
		      size_t len)
{
	struct dp_endpoint old = dp_endpoint_load(&p->endpoint);

	if (!dp_endpoint_equal(&old, from)) {
		dp_endpoint_store(&p->endpoint, from);
		if (old.family && !dp_endpoint_same_place(&old, from)) {
			dp_count(&hs->counters, DP_ROAMED, 1);
			dp_peer_news(p, &p->counters.moves);
		}
	}
	atomic_fetch_add_explicit(&p->counters.rx_bytes, len, memory_order_relaxed);
	wg_activity_rcvd(&p->activity, false, hs->now_ns);
}

/* A worker that found no session may have looked just before there was one. */
static bool needs_session(const struct dp_hs *hs, const struct dp_peer *p)
{
	const struct dp_session *s = p->hs.current;

	return !dp_hs_session_alive(hs, p) || is_cut_off(p) ||
	       wg_keypair_rekey_on_send(&s->keypair, hs->now_ns) ||
	       wg_keypair_rekey_on_recv(&s->keypair, hs->now_ns);
}

void dp_hs_peer_poked(struct dp_call *c, void *owner)
{
	struct dp_peer *p = container_of(c, struct dp_peer, poke);
	/* From here on the next poke posts the call again. Acquires what the pokes
	 * released, such as a session's confirmed flag. */
	unsigned what = atomic_exchange_explicit(&p->poked, 0, memory_order_acq_rel);

	if (!p->hs.gone) {
		if (what & DP_POKE_CONFIRMED)
			dp_hs_session_confirm(owner, p);
		if ((what & DP_POKE_PROBE) ||
		    ((what & DP_POKE_WANTED) && needs_session(owner, p)))
			dp_hs_peer_wanted(owner, p);
		dp_hs_peer_run(owner, p);
	}
	dp_peer_put(p);
}
