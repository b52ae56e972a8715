/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "proto/net/addr.h"
#include "proto/net/prefix.h"
#include "proto/wg/keys.h"
#include "wgrd/netconf/state_node.h"
#include "wgrd/tenant/tenant.h"
#include "wgrd/wg/wg.h"

struct wg_walk {
	const struct netconf *n;
	struct lyd_node *top;
	const char *interface, *name; /* only these; NULL: all */
	struct state_at *at;
	unsigned left; /* of the entries of a slice */
};

static bool is_wanted(const char *only, const char *name)
{
	return !only || !strcmp(only, name);
}

static void add_key(struct lyd_node *node, bool set, const uint8_t key[32])
{
	char text[WG_KEY_STRLEN];

	state_leaf(node, "public-key", set ? wg_key_str(key, text) : NULL);
}

static void add_bytes(struct lyd_node *node, uint64_t rx_bytes, uint64_t tx_bytes)
{
	state_number(node, "rx-bytes", rx_bytes);
	state_number(node, "tx-bytes", tx_bytes);
}

static void add_packets(struct lyd_node *node, uint64_t rx_packets, uint64_t tx_packets)
{
	state_number(node, "rx-packets", rx_packets);
	state_number(node, "tx-packets", tx_packets);
}

/* ---- interfaces ---- */

static void add_interface(struct lyd_node *node, const struct wg_device_view *v)
{
	state_flag(node, "up", v->up);
	state_leaf(node, "inactive-reason", v->inactive);
	if (v->ifindex)
		state_number(node, "ifindex", v->ifindex);
	state_leaf(node, "tenant", v->tenant);
	state_leaf(node, "backend", v->backend);
	state_flag(node, "adopted", v->adopted);
	state_number(node, "foreign-peers", v->foreign_peers);
	state_number(node, "foreign-prefixes", v->foreign_prefixes);
	state_number(node, "degraded-prefixes", v->degraded_prefixes);
	add_key(node, v->public_key_set, v->public_key);
	for (size_t i = 0; i < v->additional_keys; i++) {
		const struct wg_key_view *k = &v->additional_key[i];

		add_key(state_entry(node, "additional-key", k->name, NULL),
			k->public_key_set, k->public_key);
	}
	state_number(node, "listen-port", v->listen_port);
	state_number(node, "fwmark", v->fwmark);
	state_number(node, "mtu", v->mtu);
	state_number(node, "peers", v->peers);
	state_number(node, "peers-up", v->peers_up);
	state_number(node, "egress-prefixes", v->egress_prefixes);
	state_number(node, "ingress-prefixes", v->ingress_prefixes);
	add_bytes(node, v->rx_bytes, v->tx_bytes);
	if (!v->packets_unknown)
		add_packets(node, v->rx_packets, v->tx_packets);
}

/*
 * Interfaces from where the walk stands on: the one that it is in, if @again, and those behind it.
 * False: not yet.
 */
static bool is_reached(const struct wg_walk *w, const struct wg_device *d, bool again)
{
	int cmp = w->at->inside ? strcmp(wg_device_name(d), w->at->interface) : 1;

	return again ? cmp >= 0 : cmp > 0;
}

static void stand_on(struct wg_walk *w, const struct wg_device *d)
{
	if (!strcmp(w->at->interface, wg_device_name(d)))
		return;
	*w->at = (struct state_at){.part = w->at->part, .inside = true};
	snprintf(w->at->interface, sizeof(w->at->interface), "%s", wg_device_name(d));
}

/* Looking at an interface costs as many entries as it has peers. */
static bool visit_interface(struct wg_device *d, void *arg)
{
	struct wg_walk *w = arg;
	struct wg_device_view v;

	if (!is_wanted(w->name, wg_device_name(d)) || !is_reached(w, d, false))
		return true;
	wg_device_view(d, &v);
	add_interface(state_entry(w->top, "interface", v.name, NULL), &v);
	stand_on(w, d);
	w->left -= v.peers + 1 < w->left ? (unsigned)v.peers + 1 : w->left;
	return w->left;
}

bool state_interfaces(const struct netconf *n, const struct filter *f,
		      struct state_at *at, struct lyd_node *top)
{
	struct wg_walk w = {.n = n,
			    .top = top,
			    .name = filter_demands(f, STATE_TOP, "interface", "name"),
			    .at = at,
			    .left = STATE_SLICE};

	wg_walk_devices(n->deps.wg, visit_interface, &w);
	return !w.left;
}

/* ---- peers ---- */

static void add_endpoint(struct lyd_node *node, const struct wg_peer_view *v)
{
	char addr[IP_ADDR_STRLEN], text[IP_ADDR_STRLEN + 10];

	if (!v->endpoint.family)
		return;
	ip_addr_str(&v->endpoint, addr);
	snprintf(text, sizeof(text), strchr(addr, ':') ? "[%s]:%u" : "%s:%u", addr,
		 v->endpoint_port);
	state_leaf(node, "endpoint", text);
}

static void add_peer(struct lyd_node *node, const struct wg_peer_view *v)
{
	state_leaf(node, "session", wg_session_name(v->session));
	state_leaf(node, "inactive-reason", v->inactive);
	add_key(node, v->public_key_set, v->public_key);
	state_flag(node, "preshared-key-set", v->preshared_key_set);
	state_text(node, "own-key-in-use", v->own_key_name);
	state_text(node, "peer-key-in-use", v->peer_key_name);
	add_endpoint(node, v);
	state_number(node, "endpoint-changes", v->moves);
	if (v->last_handshake_s)
		state_time(node, "last-handshake", (time_t)v->last_handshake_s);
	if (v->answered_ns)
		state_number(node, "answered-in-microseconds", v->answered_in_ns / 1000);
	state_number(node, "handshakes", v->handshakes);
	if (!v->failures_unknown)
		state_number(node, "handshakes-failed", v->handshakes_failed);
	if (!v->failures_unknown)
		state_number(node, "handshakes-refused", v->refused);
	add_bytes(node, v->rx_bytes, v->tx_bytes);
	if (!v->packets_unknown)
		add_packets(node, v->rx_packets, v->tx_packets);
}

static void add_learned(const struct netconf *n, struct lyd_node *node,
			const struct wg_peer *p)
{
	struct tenant_peer_view v;

	tenants_peer_view(n->deps.tenants, p, &v);
	state_number(node, "prefixes", v.counted);
	state_number(node, "prefixes-waiting", v.waiting);
	if (v.held_s)
		state_number(node, "held-seconds", v.held_s);
}

static void put_peer(const struct wg_walk *w, struct wg_peer *p)
{
	struct wg_peer_view v;
	struct lyd_node *node;

	wg_peer_view(p, &v);
	node = state_entry(w->top, "peer", v.device, v.name);
	add_peer(node, &v);
	add_learned(w->n, node, p);
}

static bool visit_peer(struct wg_peer *p, void *arg)
{
	struct wg_walk *w = arg;

	put_peer(w, p);
	snprintf(w->at->peer, sizeof(w->at->peer), "%s", wg_peer_name(p));
	return --w->left;
}

static bool visit_peers_of(struct wg_device *d, void *arg)
{
	struct wg_walk *w = arg;

	if (!is_wanted(w->interface, wg_device_name(d)) || !is_reached(w, d, true))
		return true;
	stand_on(w, d);
	wg_walk_peers_after(d, *w->at->peer ? w->at->peer : NULL, visit_peer, w);
	return w->left;
}

static bool look_at_peer(struct wg_device *d, void *arg)
{
	struct wg_walk *w = arg;
	struct wg_peer *p = is_wanted(w->interface, wg_device_name(d))
				    ? wg_peer_find(d, w->name)
				    : NULL;

	if (p)
		put_peer(w, p);
	return true;
}

/* One that is asked for by its name is found, and the others are not looked at. */
bool state_peers(const struct netconf *n, const struct filter *f, struct state_at *at,
		 struct lyd_node *top)
{
	struct wg_walk w = {.n = n,
			    .top = top,
			    .interface =
				    filter_demands(f, STATE_TOP, "peer", "interface"),
			    .name = filter_demands(f, STATE_TOP, "peer", "name"),
			    .at = at,
			    .left = STATE_SLICE};

	wg_walk_devices(n->deps.wg, w.name ? look_at_peer : visit_peers_of, &w);
	return !w.left;
}

/* ---- permissions ---- */

struct permission_walk {
	struct wg_walk w;
	const struct prefix *only; /* NULL: all */
	const struct wg_device *device;
};

static void add_members(struct lyd_node *node, const struct wg_group *egress,
			const struct wg_group *ingress)
{
	const struct wg_nexthop *nh = NULL;
	unsigned n = egress ? wg_group_members(egress, &nh) : 0;
	struct lyd_node *member;

	for (unsigned i = 0; i < n; i++) {
		member = state_entry(node, "egress", wg_peer_name(nh[i].peer), NULL);
		state_number(member, "weight", nh[i].weight);
		state_number(member, "rank", nh[i].rank);
	}
	n = ingress ? wg_group_members(ingress, &nh) : 0;
	for (unsigned i = 0; i < n; i++)
		state_leaf(node, "ingress", wg_peer_name(nh[i].peer));
}

static bool visit_permission(const struct prefix *p, const struct wg_group *egress,
			     const struct wg_group *ingress, void *arg)
{
	struct permission_walk *pw = arg;
	const char *interface = wg_device_name(pw->device);
	char prefix[PREFIX_STRLEN];
	const struct wg_peer *owner;
	struct lyd_node *node;

	pw->w.at->prefix = *p;
	node = state_entry(pw->w.top, "permission", interface, prefix_str(p, prefix));
	owner = wg_has_owners(pw->device) ? wg_prefix_owner(pw->device, p) : NULL;
	if (owner)
		state_leaf(node, "owner", wg_peer_name(owner));
	add_members(node, egress, ingress);
	return --pw->w.left;
}

static bool visit_permissions_of(struct wg_device *d, void *arg)
{
	struct permission_walk *pw = arg;
	struct wg_walk *w = &pw->w;
	const struct prefix *at = &w->at->prefix;

	if (!is_wanted(w->interface, wg_device_name(d)) || !is_reached(w, d, true))
		return true;
	stand_on(w, d);
	pw->device = d;
	wg_walk_permissions_after(d, at->addr.family ? at : NULL, visit_permission, pw);
	return w->left;
}

static bool look_at_permission(struct wg_device *d, void *arg)
{
	struct permission_walk *pw = arg;
	const struct wg_group *egress = wg_egress_get(d, pw->only);
	const struct wg_group *ingress = wg_ingress_get(d, pw->only);

	pw->device = d;
	if (is_wanted(pw->w.interface, wg_device_name(d)) && (egress || ingress))
		visit_permission(pw->only, egress, ingress, pw);
	return true;
}

bool state_permissions(const struct netconf *n, const struct filter *f,
		       struct state_at *at, struct lyd_node *top)
{
	const char *text = filter_demands(f, STATE_TOP, "permission", "prefix");
	struct permission_walk pw = {
		.w = {.n = n,
		      .top = top,
		      .interface =
			      filter_demands(f, STATE_TOP, "permission", "interface"),
		      .at = at,
		      .left = STATE_SLICE},
	};
	struct prefix only;

	if (!text || prefix_parse(&only, text)) {
		wg_walk_devices(n->deps.wg, visit_permissions_of, &pw);
		return !pw.w.left;
	}
	pw.only = &only;
	wg_walk_devices(n->deps.wg, look_at_permission, &pw);
	return false;
}

/* ---- the data plane ---- */

static bool visit_thread(const struct wg_thread_view *v, void *arg)
{
	struct lyd_node *node = state_entry(arg, "thread", v->name, NULL);

	if (v->cpu >= 0)
		state_number(node, "cpu", (uint64_t)v->cpu);
	add_bytes(node, v->rx_bytes, v->tx_bytes);
	add_packets(node, v->rx_packets, v->tx_packets);
	state_number(node, "rx-batches", v->rx_batches);
	state_number(node, "tx-batches", v->tx_batches);
	state_number(node, "drops", v->drops);
	state_number(node, "wakeups", v->wakeups);
	return true;
}

static bool visit_counter(const char *name, const char *what, bool drop, uint64_t value,
			  void *arg)
{
	struct lyd_node *node = state_entry(arg, drop ? "drop" : "counter", name, NULL);

	state_leaf(node, "description", what);
	state_number(node, "value", value);
	return true;
}

static void add_sockets(struct lyd_node *node, const struct wg_dataplane_view *v)
{
	if (v->receive_buffer)
		state_number(node, "receive-buffer", v->receive_buffer);
	if (v->send_buffer)
		state_number(node, "send-buffer", v->send_buffer);
	state_number(node, "interfaces", v->interfaces);
	state_number(node, "interfaces-offloaded", v->interfaces_offloaded);
	state_number(node, "ports", v->ports);
	state_number(node, "ports-offloaded", v->ports_offloaded);
}

bool state_dataplane(const struct netconf *n, const struct filter *f, struct state_at *at,
		     struct lyd_node *top)
{
	struct lyd_node *node = state_container(top, "dataplane");
	struct wg_dataplane_view v;

	(void)f;
	(void)at;
	wg_dataplane_view(n->deps.wg, &v);
	state_leaf(node, "encryption", wg_encryption_name());
	state_number(node, "workers", v.workers);
	state_flag(node, "workers-fixed", v.workers_fixed);
	add_sockets(node, &v);
	wg_walk_threads(n->deps.wg, visit_thread, node);
	wg_walk_counters(n->deps.wg, visit_counter, node);
	return false;
}
