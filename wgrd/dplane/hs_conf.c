/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the main thread has configured reaches the handshake thread here. A key that goes
 * ends what was made with it and nothing else, and one that comes disturbs nothing. When
 * the key to begin with changes, or a session in use has ended, a peer that we talk to is
 * called at once, so that both ends know before the former key goes. One that comes back
 * after it, or its interface, was shut down is called a moment later: what it still sends
 * is for a session that we do not have any more.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/dplane/device.h"
#include "wgrd/dplane/hs_internal.h"
#include "wgrd/dplane/keys/handshake.h"
#include "wgrd/dplane/keys/identity.h"
#include "wgrd/dplane/keys/own_key.h"
#include "wgrd/dplane/port.h"

/*
 * Who is called sends at once, perhaps what went another way meanwhile; and what a peer may
 * send is given back to it after the commit that brought it back. A call that came before
 * would lose packets, one that waits loses nothing that was not being lost.
 */
#define RETURN_DELAY_NS (NS_PER_S / 4)

/* ---- ports ---- */

static void port_add(void *arg, void *owner)
{
	struct dp_hs *hs = owner;
	struct dp_port *port = arg;

	port->hs_next = hs->ports;
	hs->ports = port;
}

void dp_hs_port_add(struct dp_hs *hs, struct dp_port *port)
{
	dp_inbox_sync(&hs->inbox, port_add, port);
}

static void port_remove(void *arg, void *owner)
{
	struct dp_hs *hs = owner;
	struct dp_port *port = arg, **link = &hs->ports;

	dp_own_keys_fini(&port->hs_keys);
	while (*link != port)
		link = &(*link)->hs_next;
	*link = port->hs_next;
}

void dp_hs_port_remove(struct dp_hs *hs, struct dp_port *port)
{
	dp_inbox_sync(&hs->inbox, port_remove, port);
}

/* ---- when keys change ---- */

/* What we have with a peer, as a set. */
enum talk {
	TALK_CURRENT = 1 << 0,
	TALK_NEXT = 1 << 1,
	TALK_BEGUN = 1 << 2,
};

static unsigned talk_with(const struct dp_peer *p)
{
	return (p->hs.current ? TALK_CURRENT : 0) | (p->hs.next_session ? TALK_NEXT : 0) |
	       (p->hs.begun ? TALK_BEGUN : 0);
}

/* The time of the last initiation stays: the other end remembers it, too. */
static void reset_timers(struct dp_peer *p)
{
	p->hs.timers = (struct wg_timers){.initiated_ns = p->hs.timers.initiated_ns};
}

static void call_after(struct dp_hs *hs, struct dp_peer *p, uint64_t after_ns)
{
	if (dp_endpoint_known(&p->endpoint))
		wg_timers_call(&p->hs.timers, after_ns, hs->now_ns);
}

static void call_again(struct dp_hs *hs, struct dp_peer *p)
{
	call_after(hs, p, 0);
}

/* Its persistent keepalive alone would let it wait: that counts from the last packet, of
 * before. Who is not called may be by the first packet. */
static void begin(struct dp_hs *hs, struct dp_peer *p)
{
	reset_timers(p);
	if (p->hs.cut_short || p->hs.keepalive_s)
		call_after(hs, p, p->hs.returns ? RETURN_DELAY_NS : 0);
	else
		p->hs.timers.initiated_ns = 0;
	p->hs.cut_short = false;
}

/* What was waited for will not come, and what waits is not for later. */
static void cease(struct dp_hs *hs, struct dp_peer *p, unsigned had)
{
	p->hs.cut_short |= had != 0;
	p->hs.unanswered = p->hs.unconfirmed = 0;
	atomic_store_explicit(&p->activity.unanswered_ns, 0, memory_order_relaxed);
	atomic_store_explicit(&p->activity.unacknowledged_ns, 0, memory_order_relaxed);
	dp_hs_peer_drop_staged(hs, p);
}

/* Is the session in use one of the keys to begin with? */
static bool is_right(const struct dp_peer *p)
{
	const struct dp_session *s = p->hs.current;
	const struct dp_handshake *h = s ? s->handshake : NULL;

	return h && h->identity == p->hs.identities && h->key == p->device->hs.keys;
}

/* Is the peer to be called with the keys of now? If something of what we @had has gone (a
 * session that we answered may be in use at the other end already), or if @other: the keys
 * to begin with are others, or a handshake under way goes to the wrong place. */
static bool is_owed(const struct dp_peer *p, unsigned had, bool other)
{
	const unsigned lost = had & ~talk_with(p);

	return lost & TALK_NEXT || (had && (lost || other) && !is_right(p));
}

/* After anything that decides whether, and with which keys, the peer takes part. */
static void keys_changed(struct dp_hs *hs, struct dp_peer *p, unsigned had, bool other)
{
	const bool took_part = p->hs.takes_part;

	p->hs.takes_part = dp_hs_peer_takes_part(p);
	p->hs.returns |= took_part && !p->hs.takes_part;
	if (!p->hs.takes_part)
		cease(hs, p, had);
	else if (!took_part)
		begin(hs, p);
	else if (is_owed(p, had, other))
		call_again(hs, p);
}

static void abandon_if(struct dp_hs *hs, struct dp_peer *p, const struct dp_handshake *h)
{
	if (p->hs.begun == h)
		dp_hs_peer_abandon(hs, p);
}

/* ---- an interface ---- */

struct device_set {
	struct dp_device *dev;
	struct dp_port *port;
	const struct dp_device_conf *conf;
};

static void move_to_port(struct dp_device *dev, struct dp_port *port)
{
	struct dp_port *old = dev->hs.port;

	if (old == port)
		return;
	for (struct dp_own_key *k = dev->hs.keys; k; k = k->next) {
		if (old)
			dp_own_keys_remove(&old->hs_keys, k);
		if (port)
			dp_own_keys_add(&port->hs_keys, k);
	}
	dev->hs.port = port;
}

/* Takes the key out of the list, if it is there. */
static struct dp_own_key *take_key(struct dp_own_key **list, const uint8_t *private_key)
{
	for (; *list; list = &(*list)->next) {
		struct dp_own_key *k = *list;

		if (!dp_own_key_is(k, private_key))
			continue;
		*list = k->next;
		return k;
	}
	return NULL;
}

/* Sessions derived from a key that is gone serve what is under way, and no more. */
static void forget_keys(struct dp_hs *hs, struct dp_peer *p,
			const struct dp_own_key *gone)
{
	for (; gone; gone = gone->next) {
		for (struct dp_identity *id = p->hs.identities; id;
		     id = id->next_of_peer) {
			struct dp_handshake *h = dp_handshake_find(id, gone);

			if (!h)
				continue;
			abandon_if(hs, p, h);
			dp_hs_sessions_expire_of(hs, p, h);
			dp_handshake_free(h);
		}
	}
}

static void peer_rekeyed(struct dp_hs *hs, struct dp_peer *p,
			 const struct dp_own_key *gone, bool first)
{
	const unsigned had = talk_with(p);

	forget_keys(hs, p, gone);
	if (!p->device->hs.keys)
		dp_hs_sessions_drop(hs, p);
	keys_changed(hs, p, had, first);
	dp_hs_peer_run_soon(hs, p);
}

static void free_keys(struct dp_device *dev, struct dp_own_key *gone)
{
	while (gone) {
		struct dp_own_key *next = gone->next;

		if (dev->hs.port)
			dp_own_keys_remove(&dev->hs.port->hs_keys, gone);
		dp_own_key_free(gone);
		gone = next;
	}
}

/* Makes the list of keys what @conf says; returns those that are not in it any more. */
static struct dp_own_key *replace_keys(struct dp_device *dev,
				       const struct dp_device_conf *conf)
{
	struct dp_own_key *old = dev->hs.keys, **end = &dev->hs.keys;

	*end = NULL;
	for (unsigned i = 0; conf && i <= conf->additional_keys; i++) {
		const uint8_t *key = i ? conf->additional_key[i - 1] : conf->private_key;
		struct dp_own_key *k = take_key(&old, key);

		if (!k) {
			k = dp_own_key_new(dev, key);
			if (dev->hs.port)
				dp_own_keys_add(&dev->hs.port->hs_keys, k);
		}
		k->next = NULL;
		*end = k;
		end = &k->next;
	}
	return old;
}

static void device_set(void *arg, void *owner)
{
	const struct device_set *d = arg;
	struct dp_hs_device *hd = &d->dev->hs;
	const struct dp_own_key *first = hd->keys;
	struct dp_own_key *gone;

	dp_hs_call(owner);
	move_to_port(d->dev, d->port);
	gone = replace_keys(d->dev, d->conf);
	if (!gone && hd->keys == first)
		return;
	for (struct dp_peer *p = hd->peers; p; p = p->hs.next)
		peer_rekeyed(owner, p, gone, hd->keys != first);
	free_keys(d->dev, gone);
}

void dp_hs_device_set(struct dp_hs *hs, struct dp_device *dev, struct dp_port *port,
		      const struct dp_device_conf *conf)
{
	struct device_set d = {dev, port, conf};

	dp_inbox_sync(&hs->inbox, device_set, &d);
}

/* ---- a peer's keys ---- */

static void drop_identity(struct dp_hs *hs, struct dp_identity *id)
{
	struct dp_peer *p = id->peer;
	struct dp_identity **link = &p->hs.identities;

	for (struct dp_handshake *h = id->handshakes; h; h = h->next) {
		abandon_if(hs, p, h);
		dp_hs_sessions_drop_of(hs, p, h);
	}
	/* One whose key of ours went before may have been this key's too. */
	dp_hs_sessions_drop_of(hs, p, NULL);
	while (*link != id)
		link = &(*link)->next_of_peer;
	*link = id->next_of_peer;
	dp_identities_remove(&p->device->hs.identities, id);
	dp_identity_free(id);
}

static struct dp_identity **find_link(struct dp_identity **list,
				      const uint8_t public_key[WG_KEY_LEN])
{
	while (*list && memcmp((*list)->public_key, public_key, WG_KEY_LEN) != 0)
		list = &(*list)->next_of_peer;
	return list;
}

static void drop_missing(struct dp_hs *hs, struct dp_peer *p, struct dp_identity *wanted)
{
	struct dp_identity *id = p->hs.identities, *next;

	for (; id; id = next) {
		next = id->next_of_peer;
		if (!*find_link(&wanted, id->public_key))
			drop_identity(hs, id);
	}
}

/* While a commit is carried out two peers may have one key for a moment, as when they
 * exchange keys: it is the later one's. */
static bool enter_identity(struct dp_hs *hs, struct dp_identity *id)
{
	struct dp_identities *t = &id->peer->device->hs.identities;
	struct dp_identity *other = dp_identities_find(t, id->public_key);

	if (other) {
		struct dp_peer *loser = other->peer;
		const unsigned had = talk_with(loser);

		if (loser == id->peer)
			return false;
		drop_identity(hs, other);
		keys_changed(hs, loser, had, false);
		dp_hs_peer_run(hs, loser);
	}
	if (!dp_identities_add(t, id))
		return true;
	dp_drop(&hs->counters, DROP_HS_NO_MEMORY, 1);
	return false;
}

/* The peer's list becomes @wanted, in its order; what it had before is kept as it is. */
static void replace_identities(struct dp_hs *hs, struct dp_peer *p,
			       struct dp_identity *wanted)
{
	struct dp_identity *list = NULL, **end = &list;

	drop_missing(hs, p, wanted);
	while (wanted) {
		struct dp_identity *id = wanted;
		struct dp_identity **had = find_link(&p->hs.identities, id->public_key);

		wanted = id->next_of_peer;
		if (*had) {
			dp_identity_set_psk(*had, id->psk);
			dp_identity_free(id);
			id = *had;
			*had = id->next_of_peer;
		} else if (!enter_identity(hs, id)) {
			dp_identity_free(id);
			continue;
		}
		id->next_of_peer = NULL;
		*end = id;
		end = &id->next_of_peer;
	}
	assert(!p->hs.identities);
	p->hs.identities = list;
}

/* ---- a peer ---- */

struct peer_call {
	struct dp_call call;
	struct dp_peer *peer; /* the handshake thread's own reference keeps it */
	struct dp_identity *identities;
	bool elsewhere;
	uint16_t keepalive_s, preempt_delay_s;
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
	struct dp_peer *p = call->peer;
	const struct dp_identity *first = p->hs.identities;
	const unsigned had = talk_with(p);

	link_peer(p);
	replace_identities(owner, p, call->identities);
	p->hs.keepalive_s = call->keepalive_s;
	p->hs.preempt_delay_ns = call->preempt_delay_s * WG_NS_PER_S;
	keys_changed(owner, p, had,
		     p->hs.identities != first || (call->elsewhere && p->hs.begun));
	dp_hs_peer_run(owner, p);
	free(call);
}

static struct peer_call *call_new(struct dp_peer *p,
				  void (*fn)(struct dp_call *c, void *owner))
{
	struct peer_call *call = xcalloc(1, sizeof(*call));

	call->call.fn = fn;
	call->peer = p;
	return call;
}

void dp_hs_peer_set(struct dp_hs *hs, struct dp_peer *p, struct dp_identity *ids,
		    bool elsewhere, uint16_t keepalive_s, uint16_t preempt_delay_s)
{
	struct peer_call *call = call_new(p, peer_set);

	call->identities = ids;
	call->elsewhere = elsewhere;
	call->keepalive_s = keepalive_s;
	call->preempt_delay_s = preempt_delay_s;
	dp_inbox_post(&hs->inbox, &call->call);
}

static void peer_retire(struct dp_call *c, void *owner)
{
	struct peer_call *call = container_of(c, struct peer_call, call);
	struct dp_peer *p = call->peer;

	drop_missing(owner, p, NULL);
	p->hs.gone = true;
	dp_hs_peer_run(owner, p);
	unlink_peer(p);
	dp_peer_put(p);
	free(call);
}

void dp_hs_peer_retire(struct dp_hs *hs, struct dp_peer *p)
{
	dp_inbox_post(&hs->inbox, &call_new(p, peer_retire)->call);
}

static void peer_clear(struct dp_call *c, void *owner)
{
	struct peer_call *call = container_of(c, struct peer_call, call);
	struct dp_peer *p = call->peer;

	dp_hs_sessions_drop(owner, p);
	dp_hs_peer_abandon(owner, p);
	reset_timers(p);
	if (dp_hs_peer_takes_part(p))
		call_again(owner, p);
	dp_hs_peer_run(owner, p);
	free(call);
}

void dp_hs_peer_clear(struct dp_hs *hs, struct dp_peer *p)
{
	dp_inbox_post(&hs->inbox, &call_new(p, peer_clear)->call);
}
