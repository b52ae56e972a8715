/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/wg/backend_user.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/wipe.h"
#include "proto/wg/keys.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/dplane/group.h"
#include "wgrd/dplane/lpm.h"
#include "wgrd/dplane/peer.h"
#include "wgrd/kernel/klink.h"
#include "wgrd/wg/wg.h"

/* The public key is asked for by every show, and costs a curve multiplication. */
struct user_device {
	struct dp_device *dp;
	bool key_set;
	uint8_t public_key[CONF_KEY_LEN];
};

static void user_set_events(void *be, const struct wg_backend_events *ev)
{
	dplane_on_session(be, ev->session, ev->arg);
}

/* ---- devices ---- */

static struct dp_device_conf device_conf(const struct conf_wireguard *conf)
{
	struct dp_device_conf c = {
		.enabled = conf->private_key.set && !conf->shutdown,
		.port = conf->listen_port,
		.fwmark = conf->fwmark,
		.mtu = conf->mtu,
	};

	memcpy(c.private_key, conf->private_key.key, sizeof(c.private_key));
	return c;
}

static int user_device_new(void *be, const struct conf_wireguard *conf, void **dev,
			   uint32_t *ifindex, char *why, size_t why_len)
{
	struct user_device *d = xcalloc(1, sizeof(*d));
	struct dp_device_conf c = device_conf(conf);
	int err = dp_device_new(be, conf->name, &c, &d->dp, why, why_len);

	wipe(&c, sizeof(c));
	if (err) {
		free(d);
		return err;
	}
	*dev = d;
	*ifindex = d->dp->ifindex;
	return 0;
}

static int user_device_prepare(void *be, void *dev, const struct conf_wireguard *conf,
			       char *why, size_t why_len)
{
	struct user_device *d = dev;
	struct dp_device_conf c = device_conf(conf);
	int err = dp_device_prepare(d->dp, &c, why, why_len);

	(void)be;
	wipe(&c, sizeof(c));
	return err;
}

static void user_device_set(void *be, void *dev, const struct conf_wireguard *conf)
{
	struct user_device *d = dev;
	struct dp_device_conf c = device_conf(conf);

	(void)be;
	d->key_set = conf->private_key.set;
	if (d->key_set)
		wg_key_public(d->public_key, conf->private_key.key);
	dp_device_set(d->dp, &c);
	wipe(&c, sizeof(c));
}

static void user_device_abort(void *be, void *dev)
{
	(void)be;
	dp_device_abort(((struct user_device *)dev)->dp);
}

static int user_device_link(void *be, void *dev, const struct conf_wireguard *conf)
{
	const struct user_device *d = dev;
	struct klink_address *want;
	int err;

	(void)be;
	if (conf->shutdown) {
		err = klink_set_down(d->dp->ifindex);
		if (err)
			return err;
	}
	want = xcalloc(conf->address_count + 1, sizeof(*want));
	for (size_t i = 0; i < conf->address_count; i++)
		want[i] = (struct klink_address){
			.addr = conf->address[i].addr,
			.len = conf->address[i].len,
		};
	err = klink_addr_sync(d->dp->ifindex, want, conf->address_count);
	free(want);
	if (!err && !conf->shutdown)
		err = klink_set_up(d->dp->ifindex, conf->mtu);
	return err;
}

static void user_device_stop(void *be, void *dev)
{
	struct user_device *d = dev;

	(void)be;
	dp_device_stop(d->dp);
	d->key_set = false;
}

static void user_device_free(void *be, void *dev)
{
	struct user_device *d = dev;

	(void)be;
	dp_device_free(d->dp);
	free(d);
}

static uint16_t user_device_port(void *be, void *dev)
{
	(void)be;
	return dp_device_port(((struct user_device *)dev)->dp);
}

static bool user_device_public_key(void *be, void *dev, uint8_t key[32])
{
	const struct user_device *d = dev;

	(void)be;
	if (d->key_set)
		memcpy(key, d->public_key, sizeof(d->public_key));
	return d->key_set;
}

/* ---- peers ---- */

static struct dp_peer_conf peer_conf(const struct conf_peer *conf)
{
	struct dp_peer_conf c = {
		.enabled = conf->public_key_set && !conf->shutdown,
		.endpoint = conf->endpoint.addr,
		.endpoint_port = conf->endpoint.port,
		.keepalive_s = conf->persistent_keepalive,
	};

	memcpy(c.public_key, conf->public_key, sizeof(c.public_key));
	if (conf->preshared_key.set)
		memcpy(c.psk, conf->preshared_key.key, sizeof(c.psk));
	return c;
}

static int user_peer_new(void *be, void *dev, const struct conf_peer *conf, void *cookie,
			 void **peer)
{
	struct dp_peer_conf c = peer_conf(conf);
	struct dp_peer *p;
	int err = dp_peer_new(((struct user_device *)dev)->dp, &c, cookie, &p);

	(void)be;
	wipe(&c, sizeof(c));
	if (!err)
		*peer = p;
	return err;
}

static void user_peer_set(void *be, void *peer, const struct conf_peer *conf)
{
	struct dp_peer_conf c = peer_conf(conf);

	(void)be;
	dp_peer_set(peer, &c);
	wipe(&c, sizeof(c));
}

static void user_peer_retire(void *be, void *peer)
{
	(void)be;
	dp_peer_retire(peer);
}

static void user_peer_free(void *be, void *peer)
{
	(void)be;
	dp_peer_free(peer);
}

static void user_peer_clear(void *be, void *peer)
{
	(void)be;
	dp_peer_clear(peer);
}

static uint64_t read_counter(const _Atomic uint64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

static void user_peer_state(void *be, void *peer, struct wg_backend_peer_state *st)
{
	const struct dp_peer *p = peer;
	const struct dp_endpoint ep = dp_endpoint_load(&p->endpoint);
	unsigned status = atomic_load_explicit(&p->status, memory_order_relaxed);

	(void)be;
	*st = (struct wg_backend_peer_state){
		.session_up = status & DP_PEER_UP,
		.handshaking = status & DP_PEER_HANDSHAKING,
		.expired = status & DP_PEER_EXPIRED,
		.last_handshake_s = read_counter(&p->last_handshake_s),
		.last_handshake_ns = read_counter(&p->last_handshake_ns),
		.rx_bytes = read_counter(&p->counters.rx_bytes),
		.tx_bytes = read_counter(&p->counters.tx_bytes),
		.rx_packets = read_counter(&p->counters.rx_packets),
		.tx_packets = read_counter(&p->counters.tx_packets),
		.handshakes = read_counter(&p->counters.handshakes),
		.handshakes_failed = read_counter(&p->counters.handshakes_failed),
	};
	if (!ep.family)
		return;
	st->endpoint = dp_endpoint_addr(&ep);
	st->endpoint_port = ep.port;
}

/* ---- groups and tables ---- */

static void translate(struct dp_nexthop out[WG_GROUP_MAX],
		      const struct wg_backend_nexthop *nh, unsigned n)
{
	assert(n <= WG_GROUP_MAX);
	for (unsigned i = 0; i < n; i++)
		out[i] = (struct dp_nexthop){.peer = nh[i].peer, .weight = nh[i].weight};
}

static int user_group_new(void *be, void *dev, const struct wg_backend_nexthop *nh,
			  unsigned n, void **group)
{
	struct dp_nexthop dp_nh[WG_GROUP_MAX];
	struct dp_group *g;
	int err;

	(void)be;
	(void)dev;
	translate(dp_nh, nh, n);
	err = dp_group_new(dp_nh, n, &g);
	if (!err)
		*group = g;
	return err;
}

static int user_group_set(void *be, void *group, const struct wg_backend_nexthop *nh,
			  unsigned n)
{
	struct dp_nexthop dp_nh[WG_GROUP_MAX];

	(void)be;
	translate(dp_nh, nh, n);
	return dp_group_set(group, dp_nh, n);
}

static void user_group_free(void *be, void *group)
{
	(void)be;
	dp_group_free(group);
}

static int user_egress_set(void *be, void *dev, const struct prefix *p, void *group)
{
	(void)be;
	return lpm_set(((struct user_device *)dev)->dp->egress, p, group);
}

static void user_egress_del(void *be, void *dev, const struct prefix *p)
{
	(void)be;
	(void)lpm_del(((struct user_device *)dev)->dp->egress, p);
}

static int user_ingress_set(void *be, void *dev, const struct prefix *p, void *group)
{
	(void)be;
	return lpm_set(((struct user_device *)dev)->dp->ingress, p, group);
}

static void user_ingress_del(void *be, void *dev, const struct prefix *p)
{
	(void)be;
	(void)lpm_del(((struct user_device *)dev)->dp->ingress, p);
}

static void user_walk_counters(void *be,
			       bool (*fn)(const char *name, const char *what, bool drop,
					  uint64_t value, void *arg),
			       void *arg)
{
	dplane_walk_counters(be, fn, arg);
}

const struct wg_backend_ops wg_backend_user = {
	.name = "user",
	.set_events = user_set_events,
	.device_new = user_device_new,
	.device_prepare = user_device_prepare,
	.device_set = user_device_set,
	.device_abort = user_device_abort,
	.device_link = user_device_link,
	.device_stop = user_device_stop,
	.device_free = user_device_free,
	.device_port = user_device_port,
	.device_public_key = user_device_public_key,
	.peer_new = user_peer_new,
	.peer_set = user_peer_set,
	.peer_retire = user_peer_retire,
	.peer_free = user_peer_free,
	.peer_clear = user_peer_clear,
	.peer_state = user_peer_state,
	.group_new = user_group_new,
	.group_set = user_group_set,
	.group_free = user_group_free,
	.egress_set = user_egress_set,
	.egress_del = user_egress_del,
	.ingress_set = user_ingress_set,
	.ingress_del = user_ingress_del,
	.walk_counters = user_walk_counters,
};
