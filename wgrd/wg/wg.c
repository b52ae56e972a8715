/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The root of the folder: what there is, by name, and what show prints of it. */

#include "wgrd/wg/wg.h"

#include <stdlib.h>
#include <string.h>

#include "proto/crypto/aead.h"
#include "wgrd/wg/wg_internal.h"

void wg_add_backend(struct wg *wg, enum conf_backend which,
		    const struct wg_backend_ops *ops, void *be_arg)
{
	wg->backend[which] = (struct wg_backend){.ops = ops, .arg = be_arg};
	ops->set_events(be_arg, &(struct wg_backend_events){
					.session = wg_peer_session,
					.news = wg_watch_news,
					.arg = wg,
				});
}

struct wg *wg_new(struct loop *loop, const struct wg_backend_ops *ops, void *be_arg,
		  const struct wg_events *ev)
{
	struct wg *wg = xcalloc(1, sizeof(*wg));

	wg->loop = loop;
	wg->ops = ops;
	wg->be = be_arg;
	wg->mend.fn = wg_link_mend;
	wg_watch_init(wg);
	wg_add_backend(wg, CONF_BACKEND_USER, ops, be_arg);
	if (ev)
		wg->events = *ev;
	return wg;
}

void wg_free(struct wg *wg)
{
	if (!wg)
		return;
	loop_timer_stop(&wg->mend);
	wg_watch_fini(wg);
	while (wg->device_count) {
		struct wg_device *d = wg->device[--wg->device_count];

		wg_device_stop(d);
		wg_device_put(d);
	}
	for (unsigned i = 0; i < CONF_BACKENDS; i++) {
		const struct wg_backend *b = &wg->backend[i];

		if (b->ops)
			b->ops->set_events(b->arg, &(struct wg_backend_events){0});
	}
	free(wg->device);
	free(wg);
}

static int cmp_device_name(const void *name, const void *device)
{
	return strcmp(name, (*(struct wg_device *const *)device)->name);
}

static int cmp_peer_name(const void *name, const void *peer)
{
	return strcmp(name, (*(struct wg_peer *const *)peer)->name);
}

struct wg_device *wg_device_find(const struct wg *wg, const char *name)
{
	struct wg_device **d;

	if (!wg->device_count)
		return NULL;
	d = bsearch(name, wg->device, wg->device_count, sizeof(struct wg_device *),
		    cmp_device_name);
	return d ? *d : NULL;
}

struct wg_device *wg_device_find_index(const struct wg *wg, uint32_t ifindex)
{
	for (size_t i = 0; i < wg->device_count; i++) {
		if (wg->device[i]->ifindex == ifindex)
			return wg->device[i];
	}
	return NULL;
}

struct wg_peer *wg_peer_find(const struct wg_device *d, const char *name)
{
	struct wg_peer **p;

	if (!d->peer_count)
		return NULL;
	p = bsearch(name, d->peer, d->peer_count, sizeof(struct wg_peer *),
		    cmp_peer_name);
	return p ? *p : NULL;
}

struct wg_peer *wg_peer_by_overlay(const struct wg_device *d, const struct ip_addr *a)
{
	const struct prefix host = prefix_host(a);
	struct wg_peer **p = pmap_find(&d->overlays, &host);

	return p ? *p : NULL;
}

void wg_walk_devices(const struct wg *wg, bool (*fn)(struct wg_device *d, void *arg),
		     void *arg)
{
	for (size_t i = 0; i < wg->device_count; i++) {
		if (!fn(wg->device[i], arg))
			return;
	}
}

struct wg_peer *wg_peer_find_any(const struct wg *wg, const char *name)
{
	struct wg_peer *p = NULL;

	for (size_t i = 0; i < wg->device_count && !p; i++)
		p = wg_peer_find(wg->device[i], name);
	return p;
}

/* The first peer whose name comes after @name. */
static size_t peer_after(const struct wg_device *d, const char *name)
{
	size_t low = 0, high = d->peer_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(d->peer[mid]->name, name) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void wg_walk_peers_after(const struct wg_device *d, const char *after,
			 bool (*fn)(struct wg_peer *p, void *arg), void *arg)
{
	for (size_t i = after ? peer_after(d, after) : 0; i < d->peer_count; i++) {
		if (!fn(d->peer[i], arg))
			return;
	}
}

void wg_walk_peers(const struct wg_device *d, bool (*fn)(struct wg_peer *p, void *arg),
		   void *arg)
{
	wg_walk_peers_after(d, NULL, fn, arg);
}

const char *wg_encryption_name(void)
{
	return aead_best()->name;
}

void wg_dataplane_view(const struct wg *wg, struct wg_dataplane_view *v)
{
	wg->ops->dataplane_view(wg->be, v);
}

void wg_walk_threads(const struct wg *wg,
		     bool (*fn)(const struct wg_thread_view *v, void *arg), void *arg)
{
	wg->ops->walk_threads(wg->be, fn, arg);
}

void wg_walk_counters(const struct wg *wg,
		      bool (*fn)(const char *name, const char *what, bool drop,
				 uint64_t value, void *arg),
		      void *arg)
{
	wg->ops->walk_counters(wg->be, fn, arg);
}

void wg_settle(struct wg *wg)
{
	for (size_t i = 0; i < wg->device_count; i++) {
		const struct wg_device *d = wg->device[i];

		if (d->ops->settle)
			d->ops->settle(d->be_arg, d->be);
	}
}

void wg_adopt_end(struct wg *wg)
{
	for (unsigned i = 0; i < CONF_BACKENDS; i++) {
		const struct wg_backend *b = &wg->backend[i];

		if (b->ops && b->ops->adopt_end)
			b->ops->adopt_end(b->arg);
	}
}

void wg_resync(struct wg *wg)
{
	for (unsigned i = 0; i < CONF_BACKENDS; i++) {
		const struct wg_backend *b = &wg->backend[i];

		if (b->ops && b->ops->resync)
			b->ops->resync(b->arg);
	}
}

static const char *device_inactive(const struct wg_device *d)
{
	if (d->gone)
		return "no longer configured";
	if (d->conf->shutdown)
		return "shutdown";
	if (!d->conf->private_key.set)
		return "no private key";
	return d->down ? "set down by somebody else" : d->link_error;
}

/* What only some back ends have to say. */
static void view_backend(const struct wg_device *d, struct wg_device_view *v)
{
	struct wg_backend_device_state st = {0};

	v->backend = d->ops->name;
	v->packets_unknown = d->ops->in_kernel;
	if (!d->ops->device_state)
		return;
	d->ops->device_state(d->be_arg, d->be, &st);
	v->adopted = st.adopted;
	v->foreign_peers = st.foreign_peers;
	v->foreign_prefixes = st.foreign_prefixes;
	v->degraded_prefixes = st.degraded_prefixes;
	if (!v->inactive)
		v->inactive = st.trouble;
}

static void view_keys(const struct wg_device *d, struct wg_device_view *v)
{
	const struct wg_backend_ops *ops = d->ops;
	void *be = d->be_arg;

	v->public_key_set = ops->device_public_key(be, d->be, 0, v->public_key);
	v->additional_keys = d->conf->additional_key_count;
	for (size_t i = 0; i < v->additional_keys; i++) {
		struct wg_key_view *k = &v->additional_key[i];

		k->name = d->conf->additional_key[i].name;
		k->public_key_set =
			ops->device_public_key(be, d->be, i + 1, k->public_key);
	}
}

void wg_device_view(const struct wg_device *d, struct wg_device_view *v)
{
	struct wg_peer_view pv;

	*v = (struct wg_device_view){
		.name = d->name,
		.ifindex = d->ifindex,
		.inactive = device_inactive(d),
		.tenant = "",
		.backend = "",
		.peers = d->peer_count,
		.egress_prefixes = d->permission_count[WG_EGRESS],
		.ingress_prefixes = d->permission_count[WG_INGRESS],
	};
	if (d->gone)
		return;
	v->up = !d->conf->shutdown && !d->down && !d->link_error;
	view_backend(d, v);
	view_keys(d, v);
	v->listen_port = d->ops->device_port(d->be_arg, d->be);
	v->fwmark = d->conf->fwmark;
	v->mtu = d->conf->mtu;
	v->dscp = d->conf->dscp;
	v->tenant = d->conf->tenant;
	for (size_t i = 0; i < d->peer_count; i++) {
		wg_peer_view(d->peer[i], &pv);
		v->peers_up += pv.session == WG_SESSION_UP;
		v->rx_bytes += pv.rx_bytes;
		v->tx_bytes += pv.tx_bytes;
		v->rx_packets += pv.rx_packets;
		v->tx_packets += pv.tx_packets;
	}
}
