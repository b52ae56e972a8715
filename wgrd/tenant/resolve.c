/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From next hops to peers. zebra hands on the BGP next hop as bgpd has it: with an
 * interface when it is connected, without one when it is recursive. In both cases the
 * peer is the one that has the address as its overlay address; failing that, the one
 * whose static prefixes cover it: a hub, when the next hop is another spoke behind it.
 */
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

struct hop {
	enum decide_hop kind;
	const struct tenant_device *device;
	struct wg_peer *peer;
	bool behind;
};

const char *resolve_why_unusable(const struct tenant_device *d, const struct wg_peer *p)
{
	const struct conf_peer *conf = wg_peer_conf(p);

	if (!conf)
		return "is gone";
	if (conf->shutdown)
		return "is shut down";
	if (!conf->public_key_set)
		return "has no public key";
	if (d->conf->shutdown)
		return "is on an interface that is shut down";
	return "cannot be used";
}

static bool is_own_address(const struct tenant_device *d, const struct ip_addr *a)
{
	for (size_t i = 0; i < d->conf->address_count; i++)
		if (ip_addr_equal(&d->conf->address[i].addr, a))
			return true;
	return false;
}

/* The longest static prefix of @conf that covers @a; -1: none. Without an interface to go
 * by, a default route says nothing about whether the next hop is in the tunnel at all. */
static int static_cover(const struct conf_peer *conf, const struct ip_addr *a,
			bool recursive)
{
	int best = -1;

	for (size_t i = 0; i < conf->allowed_ip.count; i++) {
		const struct prefix *p = &conf->allowed_ip.v[i];

		if (prefix_has_addr(p, a) && p->len > best && (p->len || !recursive))
			best = p->len;
	}
	return best;
}

struct cover_search {
	const struct ip_addr *gate;
	bool recursive;
	int best;
	struct wg_peer *peer;
};

static bool try_cover(struct wg_peer *p, void *arg)
{
	struct cover_search *s = arg;
	const struct conf_peer *conf = wg_peer_conf(p);
	int len = conf ? static_cover(conf, s->gate, s->recursive) : -1;

	if (len > s->best) {
		s->best = len;
		s->peer = p;
	}
	return true;
}

static struct hop to_peer(const struct tenant_device *d, struct wg_peer *p, bool behind)
{
	return (struct hop){
		.kind = wg_peer_usable(p) ? HOP_PEER : HOP_UNUSABLE,
		.device = d,
		.peer = p,
		.behind = behind,
	};
}

/* By the addresses that @d and its peers have. False: it is nobody's. */
static bool by_address(const struct tenant_device *d, const struct ip_addr *gate,
		       struct hop *hop)
{
	struct wg_peer *p;

	if (is_own_address(d, gate)) {
		*hop = (struct hop){.kind = HOP_OWN, .device = d};
		return true;
	}
	p = wg_peer_by_overlay(d->dev, gate);
	if (p)
		*hop = to_peer(d, p, false);
	return p != NULL;
}

static bool by_static(const struct tenant_device *d, const struct ip_addr *gate,
		      bool recursive, struct hop *hop)
{
	struct cover_search s = {.gate = gate, .recursive = recursive, .best = -1};

	wg_walk_peers(d->dev, try_cover, &s);
	if (s.peer)
		*hop = to_peer(d, s.peer, true);
	return s.peer != NULL;
}

static const struct tenant_device *device_by_index(const struct tenants *t,
						   uint32_t ifindex)
{
	for (size_t i = 0; i < t->device_count; i++)
		if (wg_device_ifindex(t->device[i].dev) == ifindex)
			return &t->device[i];
	return NULL;
}

/* ifindexes are unique within a VRF only, so an interface of ours must also be of the
 * route's VRF. */
static struct hop resolve_connected(const struct tenants *t, const char *vrf,
				    const struct rib_nexthop *nh)
{
	const struct tenant_device *d = device_by_index(t, nh->ifindex);
	struct hop hop = {.kind = HOP_NO_PEER, .device = d};

	if (!d)
		hop.kind = HOP_NOT_OURS;
	else if (strcmp(d->tenant->vrf, vrf))
		hop.kind = HOP_OTHER_VRF;
	else if (nh->gate.family && !by_address(d, &nh->gate, &hop))
		by_static(d, &nh->gate, false, &hop);
	return hop;
}

static struct hop resolve_recursive(const struct tenants *t, const char *vrf,
				    const struct ip_addr *gate)
{
	struct hop hop = {.kind = HOP_NOT_OURS};

	for (size_t i = 0; i < t->device_count; i++)
		if (!strcmp(t->device[i].tenant->vrf, vrf) &&
		    by_address(&t->device[i], gate, &hop))
			return hop;
	for (size_t i = 0; i < t->device_count; i++)
		if (!strcmp(t->device[i].tenant->vrf, vrf) &&
		    by_static(&t->device[i], gate, true, &hop))
			return hop;
	return hop;
}

static struct hop resolve_one(const struct tenants *t, const char *vrf,
			      const struct rib_nexthop *nh)
{
	if (nh->ifindex)
		return resolve_connected(t, vrf, nh);
	if (nh->gate.family)
		return resolve_recursive(t, vrf, &nh->gate);
	return (struct hop){.kind = HOP_NOT_OURS};
}

static void add_member(struct resolution *r, const struct hop *hop, uint16_t weight)
{
	struct resolved_member *m = r->member;

	weight = weight ? weight : 1;
	for (; m < r->member + r->member_count; m++) {
		if (m->peer != hop->peer)
			continue;
		m->weight =
			m->weight + weight > UINT16_MAX ? UINT16_MAX : m->weight + weight;
		return;
	}
	if (r->member_count == ARRAY_SIZE(r->member))
		return;
	*m = (struct resolved_member){
		.device = hop->device, .peer = hop->peer, .weight = weight};
	r->member_count++;
}

/* A tenant's traffic stays in the tenant: once a next hop has said which, usable peers in
 * other tenants of the VRF do not count. */
static bool is_same_tenant(const struct resolution *r, const struct hop *hop)
{
	return r->kind != HOP_PEER || r->device->tenant == hop->device->tenant;
}

void resolve(const struct tenants *t, uint32_t vrf, const struct rib_nexthop *nh,
	     unsigned nh_count, struct resolution *r)
{
	const char *vrf_name = rib_vrf_name(t->rib, vrf) ?: "";

	r->kind = HOP_NOT_OURS;
	r->device = NULL;
	r->peer = NULL;
	r->behind = false;
	r->member_count = 0;
	r->nexthop = nh_count ? nh[0] : (struct rib_nexthop){.weight = 1};
	for (unsigned i = 0; i < nh_count; i++) {
		struct hop hop = resolve_one(t, vrf_name, &nh[i]);

		if (hop.kind == HOP_PEER && is_same_tenant(r, &hop))
			add_member(r, &hop, nh[i].weight);
		if (i == 0 || hop.kind < r->kind) {
			r->kind = hop.kind;
			r->device = hop.device;
			r->peer = hop.peer;
			r->behind = hop.behind;
			r->nexthop = nh[i];
		}
	}
}
