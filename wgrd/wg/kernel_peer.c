/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Peers of the kernel's devices: how they come, follow their configuration and go. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/wipe.h"
#include "wgrd/lib/log.h"
#include "wgrd/wg/kernel_internal.h"
#include "wgrd/wg/kernel_peer.h"

struct kernel_peer *kernel_peer_find(const struct kernel_device *d,
				     const uint8_t key[KWG_KEY_BYTES])
{
	struct kernel_peer *p;

	HASH_FIND(hh, d->peers, key, CONF_KEY_LEN, p);
	return p;
}

/* ---- writing ---- */

int kernel_peer_write(struct kernel_peer *p, bool endpoint)
{
	static const uint8_t none[KWG_KEY_BYTES];
	struct kernel_device *d = p->device;
	struct kwg_peer_change c = {
		.preshared_key = p->preshared_key.set ? p->preshared_key.key : none,
		.keepalive_s = p->keepalive_s,
	};
	struct kwg_writer *w = kernel_writer(d);
	int err;

	memcpy(c.public_key, p->public_key, sizeof(c.public_key));
	if (endpoint) {
		c.endpoint = p->endpoint.addr;
		c.endpoint_port = p->endpoint.port;
	}
	if (d->gone) /* written when it is made again */
		return -ENODEV;
	kwg_write_peer(w, &c);
	err = kwg_writer_end(w);
	if (!err)
		p->present = true;
	kernel_trouble(d, "a peer", err);
	kernel_poll_soon(d);
	return err;
}

int kernel_key_remove(struct kernel_device *d, const uint8_t key[KWG_KEY_BYTES])
{
	struct kwg_peer_change c = {.remove = true, .keepalive_s = -1};
	struct kwg_writer *w = kernel_writer(d);
	int err;

	memcpy(c.public_key, key, sizeof(c.public_key));
	if (d->gone)
		return 0;
	kwg_write_peer(w, &c);
	err = kwg_writer_end(w);
	kernel_trouble(d, "a peer", err);
	return err;
}

/* ---- coming ---- */

static void take_conf(struct kernel_peer *p, const struct conf_peer *conf)
{
	p->enabled = conf->public_key_set && !conf->revoked && !conf->shutdown;
	memcpy(p->public_key, conf->public_key, sizeof(p->public_key));
	p->preshared_key = conf->preshared_key;
	p->endpoint = conf->endpoint;
	p->keepalive_s = conf->persistent_keepalive;
}

static void list(struct kernel_peer *p)
{
	struct kernel_device *d = p->device;

	if (p->enabled)
		HASH_ADD(hh, d->peers, public_key, CONF_KEY_LEN, p);
}

static void unlist(struct kernel_peer *p)
{
	struct kernel_device *d = p->device;

	if (p->enabled)
		HASH_DELETE(hh, d->peers, p);
}

/* What was found under its key becomes its own. Returns whether there was something. */
static bool adopt(struct kernel_peer *p, bool *has_endpoint)
{
	struct kernel_device *d = p->device;
	struct kernel_stranger *s = kernel_stranger_find(d, p->public_key);

	if (!s)
		return false;
	p->present = true;
	*has_endpoint = s->info.endpoint.family;
	p->state.last_handshake_s = s->info.last_handshake_s;
	for (size_t i = 0; i < s->prefixes; i++) {
		struct kernel_entry *e = kernel_entry_obtain(d, &s->prefix[i]);

		if (!e)
			continue;
		kernel_entry_own(e, p);
		kernel_entry_found(d, e);
	}
	kernel_stranger_free(d, s);
	return true;
}

/* Into the kernel, or into what is there: then nothing is changed that is as it should be. */
static void enter(struct kernel_peer *p)
{
	bool has_endpoint = false;

	if (!p->enabled)
		return;
	adopt(p, &has_endpoint);
	(void)kernel_peer_write(p, !has_endpoint);
	kernel_table_touch_peer(p->device, p);
	kernel_table_flush_later(p->device);
}

int kernel_peer_new(void *be, void *dev, const struct conf_peer *conf, void *cookie,
		    void **peer)
{
	struct kernel_peer *p = calloc(1, sizeof(*p));

	(void)be;
	if (!p)
		return -ENOMEM;
	p->device = dev;
	p->cookie = cookie;
	CDS_INIT_LIST_HEAD(&p->owned);
	CDS_INIT_LIST_HEAD(&p->groups);
	take_conf(p, conf);
	list(p);
	enter(p);
	*peer = p;
	return 0;
}

/* ---- changing and going ---- */

static void reset_state(struct kernel_peer *p)
{
	const struct wg_backend_events *ev = &p->device->k->events;

	if (p->state.session_up && p->cookie && ev->session)
		ev->session(ev->arg, p->cookie, false);
	p->state = (struct wg_backend_peer_state){0};
	p->asking_since_ns = p->asked_ns = 0;
}

/* What others can have goes to them first, and the rest along with it. */
static void leave(struct kernel_peer *p)
{
	struct kernel_device *d = p->device;

	kernel_table_let_go(d, p);
	(void)kernel_table_flush(d);
	if (p->present && !kernel_peer_find(d, p->public_key))
		(void)kernel_key_remove(d, p->public_key);
	p->present = false;
	kernel_table_forget_owner(d, p);
	kernel_table_flush_later(d);
}

/* The new key gets all that the old one has, prefix by prefix, before that goes. */
static void change_key(struct kernel_peer *p, const uint8_t former[CONF_KEY_LEN])
{
	struct kernel_device *d = p->device;

	reset_state(p);
	p->present = false;
	kernel_table_forget_owner(d, p);
	if (!kernel_peer_write(p, true))
		kernel_table_touch_peer(d, p);
	(void)kernel_table_flush(d);
	if (!kernel_peer_find(d, former))
		(void)kernel_key_remove(d, former);
}

static bool endpoint_equal(const struct conf_endpoint *a, const struct conf_endpoint *b)
{
	return a->port == b->port && ip_addr_equal(&a->addr, &b->addr);
}

void kernel_peer_set(void *be, void *peer, const struct conf_peer *conf)
{
	struct kernel_peer *p = peer;
	const struct conf_endpoint endpoint = p->endpoint;
	const bool was_enabled = p->enabled;
	uint8_t former[CONF_KEY_LEN];

	(void)be;
	memcpy(former, p->public_key, sizeof(former));
	unlist(p);
	take_conf(p, conf);
	list(p);
	if (!was_enabled) {
		enter(p);
	} else if (!p->enabled) {
		memcpy(p->public_key, former, sizeof(former));
		leave(p);
		reset_state(p);
		memcpy(p->public_key, conf->public_key, sizeof(p->public_key));
	} else if (memcmp(former, p->public_key, sizeof(former))) {
		change_key(p, former);
	} else {
		(void)kernel_peer_write(p, !endpoint_equal(&endpoint, &p->endpoint));
	}
}

void kernel_peer_retire(void *be, void *peer)
{
	struct kernel_peer *p = peer;

	(void)be;
	unlist(p);
	p->enabled = false;
	p->cookie = NULL;
	if (!p->device->stopped)
		leave(p);
}

void kernel_peer_free(void *be, void *peer)
{
	struct kernel_peer *p = peer;
	struct kernel_entry *e, *next;

	(void)be;
	assert(cds_list_empty(&p->groups));
	cds_list_for_each_entry_safe (e, next, &p->owned, own)
		kernel_entry_own(e, NULL); /* of a device that was stopped */
	wipe(&p->preshared_key, sizeof(p->preshared_key));
	free(p);
}

/* ---- asking something of it ---- */

/* The kernel drops sessions with the peer only: it is removed and made anew. A keepalive that is
 * switched on is sent at once, and needs a handshake. */
void kernel_peer_clear(void *be, void *peer)
{
	static const uint8_t none[KWG_KEY_BYTES];
	struct kernel_peer *p = peer;
	struct kernel_device *d = p->device;
	struct kwg_peer_change c = {.remove = true, .keepalive_s = -1};
	const struct kernel_entry *e;
	struct kwg_writer *w;

	(void)be;
	if (!p->enabled || d->gone)
		return;
	w = kernel_writer(d);
	memcpy(c.public_key, p->public_key, sizeof(c.public_key));
	kwg_write_peer(w, &c);
	c.remove = false;
	c.preshared_key = p->preshared_key.set ? p->preshared_key.key : none;
	c.endpoint = p->endpoint.addr.family ? p->endpoint.addr : p->state.endpoint;
	c.endpoint_port =
		p->endpoint.addr.family ? p->endpoint.port : p->state.endpoint_port;
	kwg_write_peer(w, &c);
	cds_list_for_each_entry (e, &p->owned, own)
		kwg_write_allowed_ip(w, &e->prefix, false);
	c = (struct kwg_peer_change){.keepalive_s = 1};
	memcpy(c.public_key, p->public_key, sizeof(c.public_key));
	kwg_write_peer(w, &c);
	c.keepalive_s = p->keepalive_s;
	kwg_write_peer(w, &c);
	kernel_trouble(d, "a peer", kwg_writer_end(w));
	reset_state(p);
	kernel_poll_soon(d);
}

void kernel_peer_home(void *be, void *peer)
{
	struct kernel_peer *p = peer;

	(void)be;
	if (p->enabled && p->endpoint.addr.family)
		(void)kernel_peer_write(p, true);
}

void kernel_peer_state(void *be, void *peer, struct wg_backend_peer_state *st)
{
	struct kernel_peer *p = peer;

	(void)be;
	if (p->enabled)
		kernel_poll_if_old(p->device);
	*st = p->state;
}
