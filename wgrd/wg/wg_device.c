/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An interface: how it comes, follows its configuration and goes. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/log.h"
#include "wgrd/wg/wg_internal.h"

int wg_device_new(struct wg *wg, const struct conf_wireguard *conf, bool later,
		  struct wg_device **out, char *why, size_t why_len)
{
	const struct wg_backend *backend = &wg->backend[conf->backend];
	struct wg_device *d;
	int err;

	if (!backend->ops) {
		snprintf(why, why_len, "wireguard %s: there is no such back end here",
			 conf->name);
		return -EOPNOTSUPP;
	}
	d = xcalloc(1, sizeof(*d));
	d->refs = 1;
	d->ops = backend->ops;
	d->be_arg = backend->arg;
	d->wg = wg;
	memcpy(d->name, conf->name, sizeof(d->name));
	d->overlays = (struct pmap)PMAP_INIT(sizeof(struct wg_peer *));
	wg_permissions_init(d);
	d->removed = later;
	err = later ? d->ops->device_later(d->be_arg, conf, &d->be, why, why_len)
		    : d->ops->device_new(d->be_arg, conf, &d->be, &d->ifindex, why,
					 why_len);
	if (err) {
		free(d);
		return err;
	}
	*out = d;
	return 0;
}

struct wg_device *wg_device_get(struct wg_device *d)
{
	d->refs++;
	return d;
}

void wg_device_put(struct wg_device *d)
{
	if (d && --d->refs == 0)
		free(d);
}

const char *wg_device_name(const struct wg_device *d)
{
	return d->name;
}

uint32_t wg_device_ifindex(const struct wg_device *d)
{
	return d->ifindex;
}

bool wg_device_in_kernel(const struct wg_device *d)
{
	return d->ops->in_kernel;
}

bool wg_device_gone(const struct wg_device *d)
{
	return d->gone;
}

static bool addresses_equal(const struct conf_wireguard *a,
			    const struct conf_wireguard *b)
{
	if (a->address_count != b->address_count)
		return false;
	for (size_t i = 0; i < a->address_count; i++) {
		if (a->address[i].len != b->address[i].len ||
		    !ip_addr_equal(&a->address[i].addr, &b->address[i].addr))
			return false;
	}
	return true;
}

static bool link_equal(const struct conf_wireguard *a, const struct conf_wireguard *b)
{
	return a->shutdown == b->shutdown && a->mtu == b->mtu && addresses_equal(a, b);
}

bool wg_device_settings_equal(const struct conf_wireguard *a,
			      const struct conf_wireguard *b)
{
	return link_equal(a, b) && conf_own_keys_equal(a, b) &&
	       a->listen_port == b->listen_port && a->fwmark == b->fwmark &&
	       a->dscp == b->dscp && a->backend == b->backend && a->foreign == b->foreign;
}

/* ---- overlay addresses ---- */

static void drop_overlays(struct wg_device *d, const struct conf_peer *conf)
{
	for (size_t i = 0; i < conf->overlay_address_count; i++) {
		const struct prefix host = prefix_host(&conf->overlay_address[i]);

		if (pmap_find(&d->overlays, &host))
			pmap_remove(&d->overlays, &host);
	}
}

static void add_overlays(struct wg_device *d, struct wg_peer *p)
{
	for (size_t i = 0; i < p->conf->overlay_address_count; i++) {
		const struct prefix host = prefix_host(&p->conf->overlay_address[i]);
		struct wg_peer **at = pmap_obtain(&d->overlays, &host);

		if (at)
			*at = p;
		else
			log_err(LOG_WG, "peer %s: no memory for an overlay address",
				p->name);
	}
}

/* ---- peers ---- */

/* What a commit does to one peer. The running peers stand in the order of those of the
 * configuration, so the walk over what differs says where each stands, too. */
struct peer_change {
	const struct conf_peer *was, *now; /* NULL: it comes, or it goes */
	size_t was_at, now_at;
	struct wg_peer *peer;
};

struct peer_changes {
	struct peer_change *v;
	size_t count, room;
	size_t coming, going;
};

static void note_change(struct peer_changes *c, const struct peer_change *change)
{
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		c->v = xrealloc(c->v, c->room, sizeof(*c->v));
	}
	c->v[c->count++] = *change;
	c->coming += !change->was;
	c->going += !change->now;
}

static void find_changes(const struct wg_device *d, const struct conf_wireguard *old,
			 const struct conf_wireguard *conf, struct peer_changes *c)
{
	struct conf_walk walk = CONF_WALK(old, conf, peer);
	struct peer_change change;

	assert(walk.was_left == d->peer_count);
	while (conf_next_change(&walk, &change.was, &change.now)) {
		/* behind what was passed last; so one that is not there has no meaning */
		change.was_at = d->peer_count - walk.was_left - 1;
		change.now_at = conf->peer_count - walk.now_left - 1;
		change.peer = change.was ? d->peer[change.was_at] : NULL;
		note_change(c, &change);
	}
}

/* Closes the gaps of those that go. */
static void take_out(struct wg_device *d, const struct peer_changes *c)
{
	size_t to = 0, from = 0;

	if (!c->going)
		return;
	for (size_t i = 0; i < c->count; i++) {
		const size_t n = c->v[i].was_at - from;

		if (c->v[i].now)
			continue;
		memmove(d->peer + to, d->peer + from, n * sizeof(struct wg_peer *));
		to += n;
		from += n + 1;
	}
	memmove(d->peer + to, d->peer + from,
		(d->peer_count - from) * sizeof(struct wg_peer *));
	d->peer_count -= c->going;
}

/* Makes gaps for those that come. */
static void put_in(struct wg_device *d, const struct peer_changes *c)
{
	size_t to = 0, from = c->coming;

	if (!c->coming)
		return;
	if (d->peer_count + c->coming > d->peer_room) {
		d->peer_room = d->peer_count + c->coming + d->peer_count / 8;
		d->peer = xrealloc(d->peer, d->peer_room, sizeof(struct wg_peer *));
	}
	memmove(d->peer + from, d->peer, d->peer_count * sizeof(struct wg_peer *));
	for (size_t i = 0; i < c->count; i++) {
		const size_t n = c->v[i].now_at - to;

		if (c->v[i].was)
			continue;
		memmove(d->peer + to, d->peer + from, n * sizeof(struct wg_peer *));
		d->peer[c->v[i].now_at] = c->v[i].peer;
		to += n + 1;
		from += n;
	}
	d->peer_count += c->coming;
}

/* Those that leave go before any comes, so that a public key may move from one name to
 * another in one commit; and so do the addresses of those that change. Nobody can find a
 * peer any more when it is told. */
static void retire_missing(struct wg_device *d, const struct peer_changes *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->v[i].was)
			drop_overlays(d, c->v[i].was);
	take_out(d, c);
	for (size_t i = 0; i < c->count; i++) {
		if (c->v[i].now)
			continue;
		wg_peer_retire(c->v[i].peer);
		wg_peer_put(c->v[i].peer);
	}
}

static void update_peer(struct wg_peer *p, const struct conf_peer *conf)
{
	bool same = conf_peer_equal(p->conf, conf);

	p->conf = conf;
	if (!same && p->be)
		p->device->ops->peer_set(p->device->be_arg, p->be, conf);
}

static void apply_peers(struct wg_device *d, const struct conf_wireguard *old,
			const struct conf_wireguard *conf)
{
	struct peer_changes c = {0};

	find_changes(d, old, conf, &c);
	retire_missing(d, &c);
	for (size_t i = 0; i < c.count; i++) {
		struct peer_change *v = &c.v[i];

		if (!v->now)
			continue;
		if (v->was)
			update_peer(v->peer, v->now);
		else
			v->peer = wg_peer_new(d, v->now);
		add_overlays(d, v->peer);
	}
	put_in(d, &c);
	free(c.v);
}

/* ---- settings ---- */

void wg_device_apply_link(struct wg_device *d)
{
	int err = d->ops->device_link(d->be_arg, d->be, d->conf);

	d->link_error = err ? "its addresses or state could not be set" : NULL;
	if (err)
		log_err(LOG_WG, "interface %s: addresses or state could not be set: %s",
			d->name, strerror(-err));
}

void wg_device_apply(struct wg_device *d, const struct conf_wireguard *conf)
{
	const struct conf_wireguard *old = d->conf;

	d->conf = conf;
	if (!old || !wg_device_settings_equal(old, conf))
		d->ops->device_set(d->be_arg, d->be, conf);
	apply_peers(d, old, conf);
	if (!old || d->link_error || !link_equal(old, conf))
		wg_device_apply_link(d);
}

void wg_device_stop(struct wg_device *d)
{
	struct wg_peer *p;

	d->gone = true;
	d->ops->device_stop(d->be_arg, d->be);
	for (size_t i = 0; i < d->peer_count; i++)
		wg_peer_retire(d->peer[i]);
	wg_permissions_clear(d);
	while (d->groups)
		wg_group_drop_backend(d->groups);
	for (size_t i = 0; i < d->peer_count; i++)
		wg_peer_put(d->peer[i]);
	while ((p = d->peers))
		wg_peer_drop_backend(p);
	free(d->peer);
	pmap_clear(&d->overlays);
	d->peer = NULL;
	d->peer_count = d->peer_room = 0;
	d->ops->device_free(d->be_arg, d->be);
	d->be = NULL;
	d->conf = NULL;
}
