/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/wg/backend_user.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/wipe.h"
#include "proto/wg/keys.h"
#include "proto/wg/messages.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/dplane/group.h"
#include "wgrd/dplane/io/tos.h"
#include "wgrd/dplane/io/udp.h"
#include "wgrd/dplane/lpm/lpm.h"
#include "wgrd/dplane/peer.h"
#include "wgrd/kernel/klink.h"
#include "wgrd/lib/log.h"
#include "wgrd/wg/wg.h"

static_assert((int)CONF_DSCP_COPY == (int)DP_DSCP_COPY, "as configured");

static_assert((int)CONF_ADDITIONAL_KEYS_MAX == (int)DP_ADDITIONAL_KEYS_MAX,
	      "as many as may be configured");

/* Public keys are asked for by every show, and cost a curve multiplication each. */
struct user_device {
	struct dp_device *dp;
	/* the interface's own first, then those of its additional keys */
	bool key_set[1 + CONF_ADDITIONAL_KEYS_MAX];
	uint8_t public_key[1 + CONF_ADDITIONAL_KEYS_MAX][CONF_KEY_LEN];
};

static void user_set_events(void *be, const struct wg_backend_events *ev)
{
	dplane_set_events(be, &(struct dplane_events){.session = ev->session,
						      .news = ev->news,
						      .arg = ev->arg});
}

/* ---- devices ---- */

static struct dp_device_conf device_conf(const struct conf_wireguard *conf)
{
	struct dp_device_conf c = {
		.enabled = conf->private_key.set && !conf->shutdown,
		.port = conf->listen_port,
		.fwmark = conf->fwmark,
		.mtu = conf->mtu,
		.dscp = conf->dscp,
	};

	memcpy(c.private_key, conf->private_key.key, sizeof(c.private_key));
	for (size_t i = 0; i < conf->additional_key_count; i++) {
		const struct conf_secret *s = &conf->additional_key[i].private_key;

		if (s->set)
			memcpy(c.additional_key[c.additional_keys++], s->key,
			       sizeof(s->key));
	}
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

static void set_key(struct user_device *d, size_t i, const struct conf_secret *s)
{
	d->key_set[i] = s->set;
	if (s->set)
		wg_key_public(d->public_key[i], s->key);
}

static void user_device_set(void *be, void *dev, const struct conf_wireguard *conf)
{
	static const struct conf_secret none;
	struct user_device *d = dev;
	struct dp_device_conf c = device_conf(conf);

	(void)be;
	set_key(d, 0, &conf->private_key);
	for (size_t i = 0; i < CONF_ADDITIONAL_KEYS_MAX; i++)
		set_key(d, i + 1,
			i < conf->additional_key_count
				? &conf->additional_key[i].private_key
				: &none);
	dp_device_set(d->dp, &c);
	wipe(&c, sizeof(c));
}

static void user_device_abort(void *be, void *dev)
{
	(void)be;
	dp_device_abort(((struct user_device *)dev)->dp);
}

/* What a socket sends in one piece shall fit into one train of datagrams: with one packet
 * more than that, each piece would make a second train of a packet. */
static int fit_super_packets(uint32_t ifindex, uint16_t mtu)
{
	return klink_set_gso_max_segs(ifindex, dp_udp_train_max(mtu + WG_DATA_OVERHEAD));
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
	if (!err && d->dp->offload.vnet)
		err = fit_super_packets(d->dp->ifindex, conf->mtu);
	return err;
}

static int user_device_reopen(void *be, void *dev, uint32_t *ifindex, char *why,
			      size_t why_len)
{
	struct user_device *d = dev;
	int err = dp_device_reopen(d->dp, why, why_len);

	(void)be;
	*ifindex = err ? 0 : d->dp->ifindex;
	return err;
}

static void user_device_stop(void *be, void *dev)
{
	struct user_device *d = dev;
	int err = 0;

	(void)be;
	/* its name may be wanted again at once */
	if (dp_device_stop(d->dp))
		err = klink_delete(d->dp->ifindex);
	if (err && err != -ENODEV)
		log_warn(LOG_WG, "interface %s: cannot be removed: %s", d->dp->name,
			 strerror(-err));
	memset(d->key_set, 0, sizeof(d->key_set));
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

static bool user_device_public_key(void *be, void *dev, size_t i, uint8_t key[32])
{
	const struct user_device *d = dev;

	(void)be;
	if (d->key_set[i])
		memcpy(key, d->public_key[i], CONF_KEY_LEN);
	return d->key_set[i];
}

/* ---- peers ---- */

static void set_psk(struct dp_peer_key *k, const struct conf_secret *s)
{
	if (s->set)
		memcpy(k->psk, s->key, sizeof(k->psk));
}

static struct dp_peer_conf peer_conf(const struct conf_peer *conf)
{
	struct dp_peer_conf c = {
		.enabled = conf->public_key_set && !conf->revoked && !conf->shutdown,
		.endpoint = conf->endpoint.addr,
		.endpoint_port = conf->endpoint.port,
		.keepalive_s = conf->persistent_keepalive,
		.preempt_delay_s = conf->preempt_delay,
	};

	memcpy(c.key.public_key, conf->public_key, sizeof(c.key.public_key));
	set_psk(&c.key, &conf->preshared_key);
	for (size_t i = 0; i < conf->additional_key_count; i++) {
		const struct conf_peer_key *k = &conf->additional_key[i];
		struct dp_peer_key *to = &c.additional_key[c.additional_keys];

		if (!k->public_key_set || k->revoked)
			continue;
		memcpy(to->public_key, k->public_key, sizeof(to->public_key));
		set_psk(to,
			k->preshared_key.set ? &k->preshared_key : &conf->preshared_key);
		c.additional_keys++;
	}
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

static void user_peer_probe(void *be, void *peer)
{
	(void)be;
	dp_peer_probe(peer);
}

static void user_peer_home(void *be, void *peer)
{
	(void)be;
	dp_peer_home(peer);
}

static uint64_t read_counter(const _Atomic uint64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

static_assert((int)WG_REFUSALS == (int)DP_REFUSALS &&
		      (int)WG_REFUSED_REPLAYED == (int)DP_REFUSED_REPLAYED &&
		      (int)WG_REFUSED_TOO_OFTEN == (int)DP_REFUSED_TOO_OFTEN,
	      "the same reasons");

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
		.answers = atomic_load_explicit(&p->answers, memory_order_relaxed),
		.own_key_id = read_counter(&p->own_key_id),
		.peer_key_id = read_counter(&p->peer_key_id),
		.last_handshake_s = read_counter(&p->last_handshake_s),
		.last_handshake_ns = read_counter(&p->last_handshake_ns),
		.answered_ns = read_counter(&p->answered_ns),
		.answered_in_ns = read_counter(&p->answered_in_ns),
		.rx_bytes = read_counter(&p->counters.rx_bytes),
		.tx_bytes = read_counter(&p->counters.tx_bytes),
		.rx_packets = read_counter(&p->counters.rx_packets),
		.tx_packets = read_counter(&p->counters.tx_packets),
		.handshakes = read_counter(&p->counters.handshakes),
		.handshakes_failed = read_counter(&p->counters.handshakes_failed),
		.moves = read_counter(&p->counters.moves),
		.gave_up = read_counter(&p->counters.gave_up),
	};
	for (unsigned i = 0; i < DP_REFUSALS; i++)
		st->refused[i] = read_counter(&p->counters.refused[i]);
	if (!ep.family)
		return;
	st->endpoint = dp_endpoint_addr(&ep);
	st->endpoint_port = ep.port;
}

/* ---- groups and tables ---- */

static_assert((int)WG_GROUP_MAX <= (int)DP_GROUP_MAX, "all members fit");

static void translate(struct dp_nexthop out[WG_GROUP_MAX],
		      const struct wg_backend_nexthop *nh, unsigned n)
{
	assert(n <= WG_GROUP_MAX);
	for (unsigned i = 0; i < n; i++)
		out[i] = (struct dp_nexthop){
			.peer = nh[i].peer,
			.weight = nh[i].weight,
			.rank = nh[i].rank,
		};
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

static int user_permission_set(void *be, void *dev, const struct prefix *p, void *egress,
			       void *ingress)
{
	(void)be;
	return dp_permits_set(&((struct user_device *)dev)->dp->permits, p, egress,
			      ingress);
}

static void user_permission_del(void *be, void *dev, const struct prefix *p)
{
	(void)be;
	dp_permits_del(&((struct user_device *)dev)->dp->permits, p);
}

static void user_dataplane_view(void *be, struct wg_dataplane_view *v)
{
	struct dplane_view d;

	dplane_view(be, &d);
	*v = (struct wg_dataplane_view){
		.workers = d.workers,
		.workers_configured = d.options.workers,
		.workers_fixed = d.workers_fixed,
		.receive_buffer = d.receive_buffer_bytes,
		.receive_buffer_configured = d.options.receive_buffer_bytes,
		.send_buffer = d.send_buffer_bytes,
		.send_buffer_configured = d.options.send_buffer_bytes,
		.interface_offload = !d.options.no_tun_offload,
		.udp_offload = !d.options.no_udp_offload,
		.interfaces = d.devices,
		.interfaces_offloaded = d.devices_offloaded,
		.ports = d.ports,
		.ports_offloaded = d.ports_offloaded,
	};
}

struct thread_walk {
	bool (*fn)(const struct wg_thread_view *v, void *arg);
	void *arg;
};

static bool pass_thread(const struct dplane_thread_view *d, void *arg)
{
	const struct thread_walk *walk = arg;
	const struct wg_thread_view v = {
		.name = d->name,
		.cpu = d->cpu,
		.tx_packets = d->tx_packets,
		.tx_bytes = d->tx_bytes,
		.rx_packets = d->rx_packets,
		.rx_bytes = d->rx_bytes,
		.drops = d->drops,
		.tx_batches = d->tx_batches,
		.rx_batches = d->rx_batches,
		.wakeups = d->wakeups,
	};

	return walk->fn(&v, walk->arg);
}

static void user_walk_threads(void *be,
			      bool (*fn)(const struct wg_thread_view *v, void *arg),
			      void *arg)
{
	struct thread_walk walk = {fn, arg};

	dplane_walk_threads(be, pass_thread, &walk);
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
	.device_reopen = user_device_reopen,
	.device_stop = user_device_stop,
	.device_free = user_device_free,
	.device_port = user_device_port,
	.device_public_key = user_device_public_key,
	.peer_new = user_peer_new,
	.peer_set = user_peer_set,
	.peer_retire = user_peer_retire,
	.peer_free = user_peer_free,
	.peer_clear = user_peer_clear,
	.peer_probe = user_peer_probe,
	.peer_home = user_peer_home,
	.peer_state = user_peer_state,
	.group_new = user_group_new,
	.group_set = user_group_set,
	.group_free = user_group_free,
	.permission_set = user_permission_set,
	.permission_del = user_permission_del,
	.dataplane_view = user_dataplane_view,
	.walk_threads = user_walk_threads,
	.walk_counters = user_walk_counters,
};
