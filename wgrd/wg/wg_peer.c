/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A peer of an interface: its references, its half in the back end, and its view. */

#include <stdlib.h>
#include <string.h>

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
	err = d->wg->ops->peer_new(d->wg->be, d->be, conf, p, &p->be);
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
	struct wg *wg = p->device->wg;

	if (!p->be)
		return;
	*p->pprev = p->next;
	if (p->next)
		p->next->pprev = p->pprev;
	wg->ops->peer_free(wg->be, p->be);
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
		wg->ops->peer_retire(wg->be, p->be);
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
	return !p->gone && p->be && p->conf->public_key_set && !p->conf->shutdown &&
	       !p->device->conf->shutdown;
}

void wg_peer_clear(struct wg_peer *p)
{
	if (!p->gone && p->be)
		p->device->wg->ops->peer_clear(p->device->wg->be, p->be);
}

void wg_peer_session(void *arg, void *peer, bool up)
{
	struct wg *wg = arg;
	struct wg_peer *p = peer;

	if (p->gone || p->up == up)
		return;
	p->up = up;
	log_info(LOG_WG, "peer %s: session on %s is %s", p->name, p->device->name,
		 up ? "up" : "down");
	if (wg->events.session)
		wg->events.session(wg->events.arg, p, up);
}

static const char *peer_inactive(const struct wg_peer *p)
{
	if (p->gone)
		return "no longer configured";
	if (!p->be)
		return "out of memory";
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

void wg_peer_view(const struct wg_peer *p, struct wg_peer_view *v)
{
	struct wg_backend_peer_state st = {0};

	if (p->be)
		p->device->wg->ops->peer_state(p->device->wg->be, p->be, &st);
	*v = (struct wg_peer_view){
		.name = p->name,
		.device = p->device->name,
		.inactive = peer_inactive(p),
		.endpoint = st.endpoint,
		.endpoint_port = st.endpoint_port,
		.session = session_of(&st),
		.last_handshake_s = st.last_handshake_s,
		.last_handshake_ns = st.last_handshake_ns,
		.rx_bytes = st.rx_bytes,
		.tx_bytes = st.tx_bytes,
		.rx_packets = st.rx_packets,
		.tx_packets = st.tx_packets,
		.handshakes = st.handshakes,
		.handshakes_failed = st.handshakes_failed,
	};
	if (p->gone)
		return;
	v->public_key_set = p->conf->public_key_set;
	memcpy(v->public_key, p->conf->public_key, sizeof(v->public_key));
	v->preshared_key_set = p->conf->preshared_key.set;
	v->persistent_keepalive = p->conf->persistent_keepalive;
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
