/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"
#include "proto/wg/messages.h"
#include "proto/wg/tai64n.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/hs_internal.h"

enum {
	/* Initiations without an answer before a group prefers other members. */
	SILENT_AFTER = 3,
};

/* Can there be handshakes with the peer at all? */
static bool takes_part(const struct dp_peer *p)
{
	return !p->hs.gone && p->hs.identity && p->device->hs.keyed && p->device->hs.port;
}

/* A key of low order is the operator's mistake, and no secret can come of it. */
static bool make_ready(struct dp_identity *id)
{
	const struct dp_device *dev = id->peer->device;

	if (dp_identity_ready(id, &dev->hs.local) == 0)
		return true;
	log_warn(LOG_DPLANE,
		 "interface %s: a peer has a public-key that is none (of low order); no "
		 "handshake with it is possible",
		 dev->name);
	return false;
}

/* Forgets the initiation that is out, if one is. */
static void abandon(struct dp_hs *hs, struct dp_identity *id)
{
	dp_sessions_release(hs->dp->sessions, id->index);
	id->index = 0;
	if (id->ready)
		noise_handshake_abandon(&id->noise);
}

/* ---- sending ---- */

static void count_sent(struct dp_hs *hs, struct dp_peer *p, size_t len)
{
	atomic_fetch_add_explicit(&p->counters.tx_bytes, len, memory_order_relaxed);
	wg_activity_sent(&p->activity, false, hs->now_ns);
}

void dp_hs_peer_send(struct dp_hs *hs, struct dp_peer *p, struct dp_identity *id,
		     void *msg, size_t len)
{
	struct dp_endpoint ep = dp_endpoint_load(&p->endpoint);

	wg_mac_sign(&id->jar, msg, len, id->noise.mac1_key, hs->now_ns);
	if (!ep.family) {
		dp_drop(&hs->counters, DROP_TX_NO_ENDPOINT, 1);
		return;
	}
	dp_hs_send(hs, p->device->hs.port, &p->endpoint, &ep, DP_HS_TOS, msg, len);
	count_sent(hs, p, len);
}

/* The initiation that is out, if one is, has waited long enough. */
static void give_up(struct dp_peer *p, const struct dp_identity *id)
{
	if (id->index)
		atomic_fetch_add_explicit(&p->counters.handshakes_failed, 1,
					  memory_order_relaxed);
}

static void initiate(struct dp_hs *hs, struct dp_peer *p)
{
	struct dp_identity *id = p->hs.identity;
	struct wg_msg_initiation msg;
	uint8_t stamp[WG_TAI64N_LEN];
	struct timespec ts;
	uint64_t jitter;

	hs->dp->rng.fill(&hs->dp->rng, &jitter, sizeof(jitter));
	wg_timers_initiated(&p->hs.timers, hs->now_ns, jitter % WG_REKEY_JITTER_MAX_NS);
	p->hs.unanswered++;
	give_up(p, id);
	abandon(hs, id);
	if (!make_ready(id))
		return;
	if (dp_sessions_reserve(hs->dp->sessions, id, &hs->dp->rng, &id->index)) {
		dp_drop(&hs->counters, DROP_HS_NO_MEMORY, 1);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &ts);
	wg_tai64n(stamp, ts.tv_sec, (uint32_t)ts.tv_nsec);
	noise_initiation_create(&id->noise, &msg, id->index, stamp, &hs->dp->rng);
	dp_hs_peer_send(hs, p, id, &msg, sizeof(msg));
	dp_count(&hs->counters, DP_TX_INITIATIONS, 1);
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
	if (!takes_part(p) || !dp_endpoint_load(&p->endpoint).family)
		return;
	if (wg_timers_wanted(&p->hs.timers, hs->now_ns))
		initiate(hs, p);
}

static void drop_staged(struct dp_hs *hs, struct dp_peer *p)
{
	uint64_t staged;

	give_up(p, p->hs.identity);
	abandon(hs, p->hs.identity);
	atomic_fetch_add_explicit(&p->drop_turn, 1, memory_order_relaxed);
	staged = atomic_load_explicit(&p->staged_on, memory_order_relaxed);
	if (staged)
		dplane_flush_staged(hs->dp, staged);
}

static void act(struct dp_hs *hs, struct dp_peer *p, unsigned todo)
{
	if (todo & WG_DO_ZERO_KEYS) {
		dp_hs_sessions_drop(hs, p);
		abandon(hs, p->hs.identity);
	}
	if (todo & WG_DO_DROP_STAGED)
		drop_staged(hs, p);
	if (todo & WG_DO_INITIATE)
		initiate(hs, p);
	if (todo & WG_DO_KEEPALIVE)
		dp_hs_peer_keepalive(hs, p);
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
	atomic_store_explicit(&p->silent, !alive && p->hs.unanswered > SILENT_AFTER,
			      memory_order_relaxed);
}

void dp_hs_peer_run(struct dp_hs *hs, struct dp_peer *p)
{
	uint64_t next_ns;
	unsigned todo;

	if (!takes_part(p)) {
		wheel_stop(&hs->wheel, &p->hs.timer);
		set_status(hs, p);
		return;
	}
	/* What is done may make something else due. */
	while ((todo = wg_timers_run(&p->hs.timers, &p->activity, hs->now_ns, &next_ns)))
		act(hs, p, todo);
	dp_hs_session_age(hs, p, &next_ns);
	if (next_ns == UINT64_MAX)
		wheel_stop(&hs->wheel, &p->hs.timer);
	else
		wheel_set(&hs->wheel, &p->hs.timer, next_ns);
	set_status(hs, p);
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
		if (old.family && !dp_endpoint_same_place(&old, from))
			dp_count(&hs->counters, DP_ROAMED, 1);
	}
	atomic_fetch_add_explicit(&p->counters.rx_bytes, len, memory_order_relaxed);
	wg_activity_rcvd(&p->activity, false, hs->now_ns);
}

/* A worker that found no session may have looked just before there was one. */
static bool needs_session(const struct dp_hs *hs, const struct dp_peer *p)
{
	const struct dp_session *s = p->hs.current;

	return !dp_hs_session_alive(hs, p) ||
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
		if ((what & DP_POKE_WANTED) && needs_session(owner, p))
			dp_hs_peer_wanted(owner, p);
		dp_hs_peer_run(owner, p);
	}
	dp_peer_put(p);
}

/* ---- configuration ---- */

/* What the former key has led to must not be used any more. */
static void drop_identity(struct dp_hs *hs, struct dp_peer *p)
{
	struct dp_identity *id = p->hs.identity;

	if (!id)
		return;
	dp_hs_sessions_drop(hs, p);
	abandon(hs, id);
	dp_identities_remove(&p->device->hs.identities, id);
	dp_identity_free(id);
	p->hs.identity = NULL;
	p->hs.timers = (struct wg_timers){.persistent_s = p->hs.timers.persistent_s};
}

/* While a commit is carried out two peers may have one key for a moment, as when they
 * exchange keys: it is the later one's. */
static void add_identity(struct dp_hs *hs, struct dp_peer *p, struct dp_identity *id)
{
	struct dp_identities *t = &p->device->hs.identities;
	struct dp_identity *other = dp_identities_find(t, id->public_key);

	if (other) {
		struct dp_peer *loser = other->peer;

		drop_identity(hs, loser);
		dp_hs_peer_run(hs, loser);
	}
	if (dp_identities_add(t, id)) {
		dp_drop(&hs->counters, DROP_HS_NO_MEMORY, 1);
		dp_identity_free(id);
		return;
	}
	p->hs.identity = id;
}

struct peer_call {
	struct dp_call call;
	struct dp_peer *peer; /* the handshake thread's own reference keeps it */
	struct dp_identity *identity;
	uint16_t keepalive_s;
};

static void link_peer(struct dp_peer *p)
{
	struct dp_hs_device *d = &p->device->hs;

	if (p->hs.pprev)
		return;
	p->hs.next = d->peers;
	p->hs.pprev = &d->peers;
	if (p->hs.next)
		p->hs.next->hs.pprev = &p->hs.next;
	d->peers = p;
}

static void unlink_peer(struct dp_peer *p)
{
	*p->hs.pprev = p->hs.next;
	if (p->hs.next)
		p->hs.next->hs.pprev = p->hs.pprev;
}

static void peer_set(struct dp_call *c, void *owner)
{
	struct peer_call *call = container_of(c, struct peer_call, call);
	struct dp_identity *id = call->identity;
	struct dp_peer *p = call->peer;
	struct dp_identity *old = p->hs.identity;

	link_peer(p);
	if (id && old && !memcmp(id->public_key, old->public_key, WG_KEY_LEN)) {
		dp_identity_set_psk(old, id->psk);
		dp_identity_free(id);
	} else {
		drop_identity(owner, p);
		if (id)
			add_identity(owner, p, id);
	}
	p->hs.timers.persistent_s = call->keepalive_s;
	dp_hs_peer_run(owner, p);
	free(call);
}

static void post(struct dp_hs *hs, struct dp_peer *p,
		 void (*fn)(struct dp_call *c, void *owner), struct dp_identity *id,
		 uint16_t keepalive_s)
{
	struct peer_call *call = xcalloc(1, sizeof(*call));

	call->call.fn = fn;
	call->peer = p;
	call->identity = id;
	call->keepalive_s = keepalive_s;
	dp_inbox_post(&hs->inbox, &call->call);
}

void dp_hs_peer_set(struct dp_hs *hs, struct dp_peer *p, struct dp_identity *id,
		    uint16_t keepalive_s)
{
	post(hs, p, peer_set, id, keepalive_s);
}

static void peer_retire(struct dp_call *c, void *owner)
{
	struct peer_call *call = container_of(c, struct peer_call, call);
	struct dp_peer *p = call->peer;

	drop_identity(owner, p);
	p->hs.gone = true;
	dp_hs_peer_run(owner, p);
	unlink_peer(p);
	dp_peer_put(p);
	free(call);
}

void dp_hs_peer_retire(struct dp_hs *hs, struct dp_peer *p)
{
	post(hs, p, peer_retire, NULL, 0);
}

static void peer_clear(struct dp_call *c, void *owner)
{
	struct peer_call *call = container_of(c, struct peer_call, call);
	struct dp_peer *p = call->peer;

	dp_hs_sessions_drop(owner, p);
	if (p->hs.identity)
		abandon(owner, p->hs.identity);
	p->hs.timers = (struct wg_timers){.persistent_s = p->hs.timers.persistent_s};
	dp_hs_peer_wanted(owner, p);
	dp_hs_peer_run(owner, p);
	free(call);
}

void dp_hs_peer_clear(struct dp_hs *hs, struct dp_peer *p)
{
	post(hs, p, peer_clear, NULL, 0);
}

/* Sessions derived from the former key serve what is under way, and no more: peers learn
 * at once with whom they are talking now. Without a key they end. */
static void peer_rekeyed(struct dp_hs *hs, struct dp_peer *p)
{
	bool keyed = p->device->hs.keyed, talked = p->hs.current;

	if (p->hs.identity) {
		abandon(hs, p->hs.identity);
		dp_identity_unready(p->hs.identity);
	}
	if (keyed)
		dp_hs_sessions_expire(hs, p);
	else
		dp_hs_sessions_drop(hs, p);
	p->hs.timers.attempt_ns = p->hs.timers.initiated_ns = 0;
	if (keyed && talked)
		dp_hs_peer_wanted(hs, p);
	dp_hs_peer_run(hs, p);
}

static bool same_key(const struct dp_hs_device *d, const uint8_t *private_key)
{
	uint8_t key[WG_KEY_LEN];
	bool same;

	if (!d->keyed || !private_key)
		return !d->keyed && !private_key;
	memcpy(key, private_key, sizeof(key));
	wg_key_clamp(key);
	same = ct_equal(d->local.private_key, key, sizeof(key));
	wipe(key, sizeof(key));
	return same;
}

void dp_hs_device_rekeyed(struct dp_hs *hs, struct dp_device *dev,
			  const uint8_t *private_key)
{
	struct dp_hs_device *d = &dev->hs;

	if (same_key(d, private_key))
		return;
	if (d->keyed)
		noise_local_fini(&d->local);
	d->keyed = private_key;
	if (private_key)
		noise_local_init(&d->local, private_key);
	for (struct dp_peer *p = d->peers; p; p = p->hs.next)
		peer_rekeyed(hs, p);
}
