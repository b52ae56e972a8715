/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The root of the folder: what there is, by name, and what show prints of it. */

#include "wgrd/wg/wg.h"

#include <stdlib.h>
#include <string.h>

#include "proto/crypto/aead.h"
#include "wgrd/wg/wg_internal.h"

struct wg *wg_new(struct loop *loop, const struct wg_backend_ops *ops, void *be_arg,
		  const struct wg_events *ev)
{
	struct wg *wg = xcalloc(1, sizeof(*wg));

	wg->loop = loop;
	wg->ops = ops;
	wg->be = be_arg;
	if (ev)
		wg->events = *ev;
	ops->set_events(be_arg, &(struct wg_backend_events){
					.session = wg_peer_session,
					.arg = wg,
				});
	return wg;
}

void wg_free(struct wg *wg)
{
	if (!wg)
		return;
	while (wg->device_count) {
		struct wg_device *d = wg->device[--wg->device_count];

		wg_device_stop(d);
		wg_device_put(d);
	}
	wg->ops->set_events(wg->be, &(struct wg_backend_events){0});
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

static int cmp_overlay(const void *addr, const void *overlay)
{
	return ip_addr_cmp(addr, &((const struct wg_overlay *)overlay)->addr);
}

struct wg_peer *wg_peer_by_overlay(const struct wg_device *d, const struct ip_addr *a)
{
	const struct wg_overlay *o;

	if (!d->overlay_count)
		return NULL;
	o = bsearch(a, d->overlay, d->overlay_count, sizeof(*o), cmp_overlay);
	return o ? o->peer : NULL;
}

void wg_walk_devices(const struct wg *wg, bool (*fn)(struct wg_device *d, void *arg),
		     void *arg)
{
	for (size_t i = 0; i < wg->device_count; i++) {
		if (!fn(wg->device[i], arg))
			return;
	}
}

void wg_walk_peers(const struct wg_device *d, bool (*fn)(struct wg_peer *p, void *arg),
		   void *arg)
{
	for (size_t i = 0; i < d->peer_count; i++) {
		if (!fn(d->peer[i], arg))
			return;
	}
}

const char *wg_encryption_name(void)
{
	return aead_best()->name;
}

void wg_walk_counters(const struct wg *wg,
		      bool (*fn)(const char *name, const char *what, bool drop,
				 uint64_t value, void *arg),
		      void *arg)
{
	wg->ops->walk_counters(wg->be, fn, arg);
}

static const char *device_inactive(const struct wg_device *d)
{
	if (d->gone)
		return "no longer configured";
	if (d->conf->shutdown)
		return "shutdown";
	if (!d->conf->private_key.set)
		return "no private key";
	return d->link_error;
}

void wg_device_view(const struct wg_device *d, struct wg_device_view *v)
{
	struct wg_peer_view pv;

	*v = (struct wg_device_view){
		.name = d->name,
		.ifindex = d->ifindex,
		.inactive = device_inactive(d),
		.tenant = "",
		.peers = d->peer_count,
		.egress_prefixes = d->permission_count[WG_EGRESS],
		.ingress_prefixes = d->permission_count[WG_INGRESS],
	};
	if (d->gone)
		return;
	v->up = !d->conf->shutdown && !d->link_error;
	v->public_key_set =
		d->wg->ops->device_public_key(d->wg->be, d->be, v->public_key);
	v->listen_port = d->wg->ops->device_port(d->wg->be, d->be);
	v->fwmark = d->conf->fwmark;
	v->mtu = d->conf->mtu;
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
