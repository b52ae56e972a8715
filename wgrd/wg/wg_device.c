/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An interface: how it comes, follows its configuration and goes. */

#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/log.h"
#include "wgrd/wg/wg_internal.h"

int wg_device_new(struct wg *wg, const struct conf_wireguard *conf,
		  struct wg_device **out, char *why, size_t why_len)
{
	struct wg_device *d = xcalloc(1, sizeof(*d));
	int err;

	d->refs = 1;
	d->wg = wg;
	memcpy(d->name, conf->name, sizeof(d->name));
	err = wg->ops->device_new(wg->be, conf, &d->be, &d->ifindex, why, why_len);
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

static bool secrets_equal(const struct conf_secret *a, const struct conf_secret *b)
{
	return a->set == b->set && (!a->set || !memcmp(a->key, b->key, sizeof(a->key)));
}

static bool link_equal(const struct conf_wireguard *a, const struct conf_wireguard *b)
{
	return a->shutdown == b->shutdown && a->mtu == b->mtu && addresses_equal(a, b);
}

bool wg_device_settings_equal(const struct conf_wireguard *a,
			      const struct conf_wireguard *b)
{
	return link_equal(a, b) && secrets_equal(&a->private_key, &b->private_key) &&
	       a->listen_port == b->listen_port && a->fwmark == b->fwmark;
}

/* ---- peers ---- */

static int cmp_overlay(const void *a, const void *b)
{
	return ip_addr_cmp(&((const struct wg_overlay *)a)->addr,
			   &((const struct wg_overlay *)b)->addr);
}

static void index_overlays(struct wg_device *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->peer_count; i++)
		n += d->peer[i]->conf->overlay_address_count;
	d->overlay = xrealloc(d->overlay, n ? n : 1, sizeof(*d->overlay));
	d->overlay_count = 0;
	for (size_t i = 0; i < d->peer_count; i++) {
		const struct conf_peer *c = d->peer[i]->conf;

		for (size_t j = 0; j < c->overlay_address_count; j++)
			d->overlay[d->overlay_count++] = (struct wg_overlay){
				.addr = c->overlay_address[j],
				.peer = d->peer[i],
			};
	}
	qsort(d->overlay, n, sizeof(*d->overlay), cmp_overlay);
}

/* Those that are not in @conf go before any comes, so that a public key may move from one
 * name to another in one commit. Nobody can find them any more when they are told. */
static void retire_missing(struct wg_device *d, const struct conf_wireguard *conf)
{
	struct wg_peer **gone = xcalloc(d->peer_count + 1, sizeof(*gone));
	size_t kept = 0, gone_count = 0;

	for (size_t i = 0; i < d->peer_count; i++) {
		if (conf_find_peer(conf, d->peer[i]->name))
			d->peer[kept++] = d->peer[i];
		else
			gone[gone_count++] = d->peer[i];
	}
	d->peer_count = kept;
	d->overlay_count = 0;
	for (size_t i = 0; i < gone_count; i++) {
		wg_peer_retire(gone[i]);
		wg_peer_put(gone[i]);
	}
	free(gone);
}

static void update_peer(struct wg_peer *p, const struct conf_peer *conf)
{
	bool same = conf_peer_equal(p->conf, conf);

	p->conf = conf;
	if (!same && p->be)
		p->device->wg->ops->peer_set(p->device->wg->be, p->be, conf);
}

static void apply_peers(struct wg_device *d, const struct conf_wireguard *conf)
{
	struct wg_peer **peer, **old;
	size_t o = 0;

	retire_missing(d, conf);
	peer = xcalloc(conf->peer_count ? conf->peer_count : 1, sizeof(*peer));
	for (size_t i = 0; i < conf->peer_count; i++) {
		if (o < d->peer_count && !strcmp(d->peer[o]->name, conf->peer[i].name)) {
			peer[i] = d->peer[o++];
			update_peer(peer[i], &conf->peer[i]);
		} else {
			peer[i] = wg_peer_new(d, &conf->peer[i]);
		}
	}
	old = d->peer;
	d->peer = peer;
	d->peer_count = conf->peer_count;
	free(old);
	index_overlays(d);
}

/* ---- settings ---- */

static void apply_link(struct wg_device *d, const struct conf_wireguard *conf)
{
	int err = d->wg->ops->device_link(d->wg->be, d->be, conf);

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
		d->wg->ops->device_set(d->wg->be, d->be, conf);
	apply_peers(d, conf);
	if (!old || d->link_error || !link_equal(old, conf))
		apply_link(d, conf);
}

void wg_device_stop(struct wg_device *d)
{
	struct wg *wg = d->wg;
	struct wg_peer *p;

	d->gone = true;
	wg->ops->device_stop(wg->be, d->be);
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
	free(d->overlay);
	d->peer = NULL;
	d->overlay = NULL;
	d->peer_count = d->overlay_count = 0;
	wg->ops->device_free(wg->be, d->be);
	d->be = NULL;
	d->conf = NULL;
}
