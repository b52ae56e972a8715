/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/peer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "wgrd/dplane/dplane_internal.h"
#include "wgrd/dplane/hs.h"
#include "wgrd/dplane/keys/identity.h"

/* ---- references ---- */

struct dp_peer *dp_peer_get(struct dp_peer *p)
{
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

bool dp_peer_try_get(struct dp_peer *p)
{
	unsigned refs = atomic_load_explicit(&p->refs, memory_order_relaxed);

	do {
		if (!refs)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
		&p->refs, &refs, refs + 1, memory_order_relaxed, memory_order_relaxed));
	return true;
}

static void free_peer(struct dp_rcu *r)
{
	free(container_of(r, struct dp_peer, rcu));
}

void dp_peer_put(struct dp_peer *p)
{
	/* releases what this thread did to the peer to whoever takes the last one */
	if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) == 1)
		dp_rcu_call(&p->rcu, free_peer);
}

/* ---- between threads ---- */

void dp_peer_poke(struct dp_peer *p, enum dp_poke what)
{
	/* Spares a flow without a session the cache line. What is known to be wanted need
	 * not be said again; other pokes tell of something to be seen, and so release. */
	if (what == DP_POKE_WANTED &&
	    atomic_load_explicit(&p->poked, memory_order_relaxed) & DP_POKE_WANTED)
		return;
	/* releases to dp_hs_peer_poked() */
	if (atomic_fetch_or_explicit(&p->poked, what, memory_order_acq_rel))
		return;
	/* A peer without references is on its way out: it needs no handshake, and since
	 * poked stays set nobody tries again. */
	if (dp_peer_try_get(p))
		dp_inbox_post(dp_hs_inbox(p->device->dp->hs), &p->poke);
}

static void reported(struct dp_call *c, void *owner)
{
	struct dp_peer *p = container_of(c, struct dp_peer, event);
	struct dplane *dp = owner;
	bool up;

	/* From here on the next report posts the call again. */
	atomic_store_explicit(&p->event_posted, false, memory_order_seq_cst);
	up = atomic_load_explicit(&p->reported_up, memory_order_seq_cst);
	if (!p->retired && up != p->told_up) {
		p->told_up = up;
		if (dp->events_of.session)
			dp->events_of.session(dp->events_of.arg, p->cookie, up);
	}
	if (!p->retired && dp->events_of.news)
		dp->events_of.news(dp->events_of.arg, p->cookie);
	dp_peer_put(p);
}

void dp_peer_news(struct dp_peer *p, _Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
	if (atomic_exchange_explicit(&p->event_posted, true, memory_order_seq_cst))
		return;
	/* One without references is on its way out, and nobody wants to know any more. */
	if (dp_peer_try_get(p))
		dp_inbox_post(&p->device->dp->events, &p->event);
}

void dp_peer_report(struct dp_peer *p, bool up)
{
	atomic_store_explicit(&p->reported_up, up, memory_order_seq_cst);
	if (atomic_exchange_explicit(&p->event_posted, true, memory_order_seq_cst))
		return;
	dp_inbox_post(&p->device->dp->events, &dp_peer_get(p)->event);
}

/* ---- main thread ---- */

/* Returns whether packets go elsewhere now. */
static bool set_endpoint(struct dp_peer *p, const struct dp_peer_conf *conf)
{
	struct dp_endpoint ep = {0};

	if (conf->endpoint.family)
		ep = dp_endpoint_from(&conf->endpoint, conf->endpoint_port);
	if (dp_endpoint_equal(&ep, &p->configured))
		return false;
	p->configured = ep;
	/* Without one configured, the peer is where it was last heard. */
	if (!ep.family)
		return false;
	dp_endpoint_store(&p->endpoint, &ep);
	return true;
}

static void free_identities(struct dp_identity *ids)
{
	while (ids) {
		struct dp_identity *next = ids->next_of_peer;

		dp_identity_free(ids);
		ids = next;
	}
}

/* From the last to the first, so that the first one comes out in front. */
static int make_identities(struct dp_peer *p, const struct dp_peer_conf *conf,
			   struct dp_identity **out)
{
	struct dp_identity *ids = NULL;

	for (unsigned left = conf->enabled ? conf->additional_keys + 1 : 0; left;
	     left--) {
		const struct dp_peer_key *k =
			left > 1 ? &conf->additional_key[left - 2] : &conf->key;
		struct dp_identity *id = dp_identity_new(p, k->public_key, k->psk);

		if (!id) {
			free_identities(ids);
			return -ENOMEM;
		}
		id->next_of_peer = ids;
		ids = id;
	}
	*out = ids;
	return 0;
}

static int set(struct dp_peer *p, const struct dp_peer_conf *conf)
{
	struct dp_identity *ids;
	int err = make_identities(p, conf, &ids);
	bool elsewhere;

	if (err)
		return err;
	elsewhere = set_endpoint(p, conf);
	atomic_store_explicit(&p->enabled, conf->enabled, memory_order_seq_cst);
	dp_hs_peer_set(p->device->dp->hs, p, ids, elsewhere, conf->keepalive_s,
		       conf->preempt_delay_s);
	if (!conf->enabled)
		dplane_flush_staged(
			p->device->dp,
			atomic_load_explicit(&p->staged_on, memory_order_seq_cst));
	return 0;
}

int dp_peer_new(struct dp_device *dev, const struct dp_peer_conf *conf, void *cookie,
		struct dp_peer **out)
{
	struct dp_peer *p = aligned_alloc(64, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	*p = (struct dp_peer){
		.device = dev,
		.cookie = cookie,
		.refs = 2, /* ours and the handshake thread's */
		.poke.fn = dp_hs_peer_poked,
		.event.fn = reported,
	};
	err = set(p, conf);
	if (err) {
		free(p);
		return err;
	}
	*out = p;
	return 0;
}

void dp_peer_set(struct dp_peer *p, const struct dp_peer_conf *conf)
{
	struct dp_peer_conf off = {0};

	assert(!p->retired);
	if (set(p, conf))
		(void)set(p, &off);
}

void dp_peer_retire(struct dp_peer *p)
{
	assert(!p->retired);
	p->retired = true;
	atomic_store_explicit(&p->enabled, false, memory_order_seq_cst);
	dp_hs_peer_retire(p->device->dp->hs, p);
	dplane_flush_staged(p->device->dp,
			    atomic_load_explicit(&p->staged_on, memory_order_seq_cst));
}

void dp_peer_free(struct dp_peer *p)
{
	assert(p->retired);
	dp_peer_put(p);
}

void dp_peer_clear(struct dp_peer *p)
{
	assert(!p->retired);
	dp_hs_peer_clear(p->device->dp->hs, p);
}

void dp_peer_probe(struct dp_peer *p)
{
	assert(!p->retired);
	dp_peer_poke(p, DP_POKE_PROBE);
}

void dp_peer_home(struct dp_peer *p)
{
	assert(!p->retired);
	if (p->configured.family)
		dp_endpoint_store(&p->endpoint, &p->configured);
}
