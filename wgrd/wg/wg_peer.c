/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A peer of an interface: its references, its half in the back end, and its view. */

#include <stdlib.h>
#include <string.h>

#include "proto/crypto/bytes.h"
#include "wgrd/lib/log.h"
#include "wgrd/wg/wg_internal.h"

struct wg_peer *wg_peer_new(struct wg_device *d, const struct conf_peer *conf)
{
	struct wg_peer *p = xcalloc(1, sizeof(*p));
	int err;

	p->refs = 1;
	p->device = wg_device_get(d);
	memcpy(p->name, conf->name, sizeof(p->name));
	p->conf = conf;
	err = d->ops->peer_new(d->be_arg, d->be, conf, p, &p->be);
	if (err) {
		log_err(LOG_WG, "peer %s: cannot be made on %s: %s", p->name, d->name,
			strerror(-err));
		p->be = NULL;
		return p;
	}
	p->next = d->peers;
	p->pprev = &d->peers;
	if (p->next)
		p->next->pprev = &p->next;
	d->peers = p;
	return p;
}

void wg_peer_drop_backend(struct wg_peer *p)
{
	struct wg_device *d = p->device;

	if (!p->be)
		return;
	*p->pprev = p->next;
	if (p->next)
		p->next->pprev = p->pprev;
	d->ops->peer_free(d->be_arg, p->be);
	p->be = NULL;
}

void wg_peer_retire(struct wg_peer *p)
{
	struct wg *wg = p->device->wg;

	if (p->gone)
		return;
	p->gone = true;
	p->conf = NULL;
	if (p->be)
		p->device->ops->peer_retire(p->device->be_arg, p->be);
	if (p->up) {
		p->up = false;
		if (wg->events.session)
			wg->events.session(wg->events.arg, p, false);
	}
}

struct wg_peer *wg_peer_get(struct wg_peer *p)
{
	p->refs++;
	return p;
}

void wg_peer_put(struct wg_peer *p)
{
	if (!p || --p->refs)
		return;
	wg_peer_drop_backend(p);
	wg_device_put(p->device);
	free(p);
}

const char *wg_peer_name(const struct wg_peer *p)
{
	return p->name;
}

struct wg_device *wg_peer_device(const struct wg_peer *p)
{
	return p->device;
}

const struct conf_peer *wg_peer_conf(const struct wg_peer *p)
{
	return p->conf;
}

bool wg_peer_gone(const struct wg_peer *p)
{
	return p->gone;
}

bool wg_peer_usable(const struct wg_peer *p)
{
	return !p->gone && p->be && p->conf->public_key_set && !p->conf->revoked &&
	       !p->conf->shutdown && !p->device->conf->shutdown;
}

bool wg_peer_answers(const struct wg_peer *p)
{
	struct wg_backend_peer_state st = {0};

	if (wg_peer_usable(p))
		p->device->ops->peer_state(p->device->be_arg, p->be, &st);
	return st.answers;
}

void wg_peer_clear(struct wg_peer *p)
{
	if (!p->gone && p->be)
		p->device->ops->peer_clear(p->device->be_arg, p->be);
}

bool wg_peer_probe(struct wg_peer *p)
{
	const struct wg_backend_ops *ops = p->device->ops;

	if (p->gone || !p->be || !ops->peer_probe)
		return false;
	ops->peer_probe(p->device->be_arg, p->be);
	return true;
}

void wg_peer_home(struct wg_peer *p)
{
	if (!p->gone && p->be)
		p->device->ops->peer_home(p->device->be_arg, p->be);
}

void wg_peer_session(void *arg, void *peer, bool up)
{
	struct wg *wg = arg;
	struct wg_peer *p = peer;

	if (p->gone || p->up == up)
		return;
	p->up = up;
	if (up && p->be)
		wg_watch_session(p);
	if (wg->events.session)
		wg->events.session(wg->events.arg, p, up);
}

static const char *peer_inactive(const struct wg_peer *p)
{
	if (p->gone)
		return "no longer configured";
	if (!p->be)
		return "out of memory";
	if (p->conf->revoked)
		return "revoked";
	if (p->conf->shutdown)
		return "shutdown";
	if (p->device->conf->shutdown)
		return "interface shutdown";
	if (!p->conf->public_key_set)
		return "no public key";
	return NULL;
}

static enum wg_session session_of(const struct wg_backend_peer_state *st)
{
	if (st->session_up)
		return WG_SESSION_UP;
	if (st->handshaking)
		return WG_SESSION_HANDSHAKE;
	return st->expired ? WG_SESSION_EXPIRED : WG_SESSION_NONE;
}

static bool has_id(uint64_t id, const uint8_t public_key[32])
{
	return id && load64_le(public_key) == id;
}

static const char *own_key_name(const struct wg_device *d, uint64_t id)
{
	uint8_t key[32];

	for (size_t i = 0; i <= d->conf->additional_key_count; i++) {
		if (d->ops->device_public_key(d->be_arg, d->be, i, key) &&
		    has_id(id, key))
			return i ? d->conf->additional_key[i - 1].name : "";
	}
	return NULL;
}

static const char *peer_key_name(const struct conf_peer *c, uint64_t id)
{
	if (has_id(id, c->public_key))
		return "";
	for (size_t i = 0; i < c->additional_key_count; i++) {
		if (has_id(id, c->additional_key[i].public_key))
			return c->additional_key[i].name;
	}
	return NULL;
}

void wg_peer_view(const struct wg_peer *p, struct wg_peer_view *v)
{
	struct wg_backend_peer_state st = {0};

	if (p->be)
		p->device->ops->peer_state(p->device->be_arg, p->be, &st);
	*v = (struct wg_peer_view){
		.name = p->name,
		.device = p->device->name,
		.inactive = peer_inactive(p),
		.endpoint = st.endpoint,
		.endpoint_port = st.endpoint_port,
		.session = session_of(&st),
		.last_handshake_s = st.last_handshake_s,
		.last_handshake_ns = st.last_handshake_ns,
		.answered_ns = st.answered_ns,
		.answered_in_ns = st.answered_in_ns,
		.rx_bytes = st.rx_bytes,
		.tx_bytes = st.tx_bytes,
		.rx_packets = st.rx_packets,
		.tx_packets = st.tx_packets,
		.packets_unknown = p->device->ops->in_kernel,
		.failures_unknown = p->device->ops->in_kernel,
		.handshakes = st.handshakes,
		.handshakes_failed = st.handshakes_failed,
		.moves = st.moves,
	};
	for (unsigned i = 0; i < WG_REFUSALS; i++)
		v->refused += st.refused[i];
	if (p->gone)
		return;
	v->public_key_set = p->conf->public_key_set;
	memcpy(v->public_key, p->conf->public_key, sizeof(v->public_key));
	v->preshared_key_set = p->conf->preshared_key.set;
	v->persistent_keepalive = p->conf->persistent_keepalive;
	if (!st.own_key_id)
		return;
	v->own_key_name = own_key_name(p->device, st.own_key_id);
	v->peer_key_name = peer_key_name(p->conf, st.peer_key_id);
}

const char *wg_session_name(enum wg_session s)
{
	switch (s) {
	case WG_SESSION_NONE:
		return "none";
	case WG_SESSION_HANDSHAKE:
		return "handshake";
	case WG_SESSION_UP:
		return "up";
	case WG_SESSION_EXPIRED:
		return "expired";
	}
	return "none";
}
