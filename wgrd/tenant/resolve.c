/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * From next hops to peers. zebra hands on the BGP next hop as bgpd has it: with an
 * interface when it is connected, without one when it is recursive. In both cases the
 * peer is the one that has the address as its overlay address; failing that, the one
 * whose static prefixes cover it: a hub, when the next hop is another spoke behind it. All
 * others that could have it are its backups: the hub of a spoke that is a peer as well,
 * the second of two hubs.
 */
#include <stdlib.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

struct hop {
	enum decide_hop kind;
	const struct tenant_device *device;
	struct wg_peer *peer;
	bool behind;
	uint8_t len;      /* of the static prefix, if behind */
	unsigned backups; /* usable ones, the best first */
	struct wg_peer *backup[HOP_BACKUPS_MAX];
};

const char *resolve_why_unusable(const struct tenant_device *d, const struct wg_peer *p)
{
	const struct conf_peer *conf = wg_peer_conf(p);

	if (!conf)
		return "is gone";
	if (conf->revoked)
		return "has a key that was revoked";
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

/* The first that is usable has it; the others are its backups. */
static void add_candidate(struct hop *hop, struct wg_peer *p, bool behind, uint8_t len)
{
	bool usable = wg_peer_usable(p);

	if (!hop->peer || (usable && hop->kind != HOP_PEER)) {
		hop->kind = usable ? HOP_PEER : HOP_UNUSABLE;
		hop->peer = p;
		hop->behind = behind;
		hop->len = len;
	} else if (usable && hop->backups < ARRAY_SIZE(hop->backup)) {
		hop->backup[hop->backups++] = p;
	}
}

/* @direct has the address; or NULL: who it lies behind. False: nobody. Without an interface to
 * go by, a default route says nothing about whether the next hop is in the tunnel at all. */
static bool to_peers(const struct tenant_device *d, const struct ip_addr *gate,
		     struct wg_peer *direct, bool recursive, struct hop *hop)
{
	struct covering behind[1 + HOP_BACKUPS_MAX];
	struct hop found = {.device = d};
	unsigned n;

	if (direct)
		add_candidate(&found, direct, false, 0);
	n = covers_find(&d->covers, gate, recursive, behind, ARRAY_SIZE(behind));
	for (unsigned i = 0; i < n; i++)
		if (behind[i].peer != direct)
			add_candidate(&found, behind[i].peer, true, behind[i].len);
	if (found.peer)
		*hop = found;
	return found.peer != NULL;
}

unsigned resolve_backups(const struct tenant_device *d, const struct ip_addr *a,
			 struct wg_peer *peer,
			 struct wg_peer *backup[static HOP_BACKUPS_MAX])
{
	struct hop hop = {0};

	to_peers(d, a, peer, false, &hop);
	for (unsigned i = 0; i < hop.backups; i++)
		backup[i] = hop.backup[i];
	return hop.backups;
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
	return p && to_peers(d, gate, p, false, hop);
}

static bool by_static(const struct tenant_device *d, const struct ip_addr *gate,
		      bool recursive, struct hop *hop)
{
	return to_peers(d, gate, NULL, recursive, hop);
}

static const struct tenant_device *device_by_index(const struct tenants *t,
						   uint32_t ifindex)
{
	for (size_t i = 0; i < t->device_count; i++)
		if (wg_device_ifindex(t->device[i].dev) == ifindex)
			return &t->device[i];
	return NULL;
}

/* ---- tags ---- */

static int compare_tags(const void *va, const void *vb)
{
	const struct tenant_tag *a = va, *b = vb;

	return (a->tag > b->tag) - (a->tag < b->tag);
}

void tags_rebuild(struct tenants *t)
{
	t->tag_count = 0;
	for (size_t i = 0; i < t->tenant_count; i++) {
		const struct tenant *owner = t->tenant[i];
		size_t n = owner->conf ? owner->conf->learn_tag_count : 0;

		if (n)
			t->tag = xrealloc(t->tag, t->tag_count + n, sizeof(*t->tag));
		for (size_t j = 0; j < n; j++)
			t->tag[t->tag_count++] = (struct tenant_tag){
				.tag = owner->conf->learn_tag[j], .owner = owner};
	}
	if (t->tag_count)
		qsort(t->tag, t->tag_count, sizeof(*t->tag), compare_tags);
}

uint32_t tag_of(const struct tenants *t, uint32_t vrf, const struct rib_route *r)
{
	const struct tenant_tag key = {.tag = r->tag}, *at = NULL;
	const char *name;

	if (r->tag && t->tag_count)
		at = bsearch(&key, t->tag, t->tag_count, sizeof(*t->tag), compare_tags);
	if (!at)
		return 0;
	while (at > t->tag && at[-1].tag == r->tag)
		at--;
	name = rib_vrf_name(t->rib, vrf) ?: "";
	for (; at < t->tag + t->tag_count && at->tag == r->tag; at++)
		if (!strcmp(at->owner->from, name))
			return r->tag;
	return 0;
}

static bool takes(const struct tenant *owner, uint32_t tag)
{
	if (!owner->conf || !owner->conf->learn_tag_count)
		return !tag;
	return tag && conf_tenant_has_tag(owner->conf, tag);
}

/* ---- a next hop ---- */

/* Does @d belong to a tenant that learns such routes? */
static bool is_asked(const struct tenant_device *d, const char *vrf, uint32_t tag)
{
	return !strcmp(d->tenant->from, vrf) && takes(d->tenant, tag);
}

/* Does @hop count? @only: on interfaces of this tenant, and if it can be used. */
static bool counts(const struct hop *hop, const struct tenant *only)
{
	return !only || (hop->device->tenant == only && hop->kind != HOP_UNUSABLE);
}

/* On the first interface where it is an address, or else where the longest static prefix is; of
 * those that count. HOP_NOT_OURS: none. */
static struct hop nearest(const struct tenants *t, const char *vrf, uint32_t tag,
			  const struct ip_addr *gate, const struct tenant *only)
{
	struct hop best = {.kind = HOP_NOT_OURS}, hop;

	for (size_t i = 0; i < t->device_count; i++)
		if (is_asked(&t->device[i], vrf, tag) &&
		    by_address(&t->device[i], gate, &hop) && counts(&hop, only))
			return hop;
	for (size_t i = 0; i < t->device_count; i++)
		if (is_asked(&t->device[i], vrf, tag) &&
		    by_static(&t->device[i], gate, true, &hop) && counts(&hop, only) &&
		    hop.len > best.len)
			best = hop;
	return best;
}

/* What is nearest says whose the route is. If it cannot be used, another interface of that tenant
 * may have a peer that it lies behind, too. */
static struct hop resolve_recursive(const struct tenants *t, const char *vrf,
				    uint32_t tag, const struct ip_addr *gate)
{
	struct hop hop = nearest(t, vrf, tag, gate, NULL), other;

	if (hop.kind != HOP_UNUSABLE)
		return hop;
	other = nearest(t, vrf, tag, gate, hop.device->tenant);
	return other.kind == HOP_NOT_OURS ? hop : other;
}

/* Connected over @d, which is not for such routes: the tag or the table counts, not the
 * interface that the routing daemon happens to reach the next hop over. But a link-local
 * address means nothing on another one. @nobody: what it is when that leads nowhere. */
static struct hop resolve_elsewhere(const struct tenants *t, const char *vrf,
				    uint32_t tag, const struct tenant_device *d,
				    const struct ip_addr *gate, enum decide_hop nobody)
{
	struct hop hop = {.kind = HOP_NOT_OURS};

	if (gate->family && !ip_addr_is_linklocal(gate))
		hop = resolve_recursive(t, vrf, tag, gate);
	if (hop.kind == HOP_NOT_OURS)
		hop = (struct hop){.kind = nobody, .device = d};
	return hop;
}

/* ifindexes are unique within a VRF only, so an interface of ours must also be of the
 * route's VRF. A kernel table is no VRF: it says whose a route is, as a tag does. */
static struct hop resolve_connected(const struct tenants *t, const char *vrf,
				    uint32_t tag, const struct rib_nexthop *nh)
{
	const struct tenant_device *d = device_by_index(t, nh->ifindex);
	struct hop hop = {.kind = HOP_NO_PEER, .device = d};

	if (!d)
		hop.kind = HOP_NOT_OURS;
	else if (strcmp(d->tenant->from, vrf) && rib_vrf_is_table(vrf))
		hop = resolve_elsewhere(t, vrf, tag, d, &nh->gate, HOP_OTHER_VRF);
	else if (strcmp(d->tenant->from, vrf))
		hop.kind = HOP_OTHER_VRF;
	else if (!takes(d->tenant, tag))
		hop = resolve_elsewhere(t, vrf, tag, d, &nh->gate, HOP_OTHER_TAG);
	else if (nh->gate.family && !by_address(d, &nh->gate, &hop))
		by_static(d, &nh->gate, false, &hop);
	return hop;
}

static struct hop resolve_one(const struct tenants *t, const char *vrf, uint32_t tag,
			      const struct rib_nexthop *nh)
{
	if (nh->ifindex)
		return resolve_connected(t, vrf, tag, nh);
	if (nh->gate.family)
		return resolve_recursive(t, vrf, tag, &nh->gate);
	return (struct hop){.kind = HOP_NOT_OURS};
}

static struct resolved_member *find_member(struct resolution *r, const struct wg_peer *p)
{
	for (unsigned i = 0; i < r->member_count; i++)
		if (r->member[i].peer == p)
			return &r->member[i];
	return NULL;
}

static void add_member(struct resolution *r, const struct hop *hop, struct wg_peer *peer,
		       uint16_t weight, uint8_t rank)
{
	struct resolved_member *m = find_member(r, peer);

	weight = weight ? weight : 1;
	if (m && m->rank == rank)
		m->weight =
			m->weight + weight > UINT16_MAX ? UINT16_MAX : m->weight + weight;
	if (m || r->member_count == ARRAY_SIZE(r->member))
		return;
	r->member[r->member_count++] = (struct resolved_member){
		.device = hop->device, .peer = peer, .weight = weight, .rank = rank};
}

/* A tenant's traffic stays in the tenant: once a next hop has said which, usable peers in
 * other tenants of the VRF do not count. */
static bool is_same_tenant(const struct resolution *r, const struct hop *hop)
{
	return r->kind != HOP_PEER || r->device->tenant == hop->device->tenant;
}

/* Another next hop of the route: a lower kind decides for all. */
static void take_hop(struct resolution *r, const struct hop *hop,
		     const struct rib_nexthop *nh, bool first)
{
	if (!first && hop->kind >= r->kind)
		return;
	r->kind = hop->kind;
	r->device = hop->device;
	r->peer = hop->peer;
	r->behind = hop->behind;
	r->backup = hop->backups ? hop->backup[0] : NULL;
	r->nexthop = *nh;
}

/* After all primaries, so that who is one of them is no backup; and rank by rank, so that
 * the best are there when there are too many. */
static void add_backups(struct resolution *r, const struct hop *hop,
			const struct rib_nexthop *nh, unsigned n)
{
	for (unsigned k = 0; k < HOP_BACKUPS_MAX; k++)
		for (unsigned i = 0; i < n; i++)
			if (k < hop[i].backups)
				add_member(r, &hop[i], hop[i].backup[k], nh[i].weight,
					   (uint8_t)(1 + k));
}

void resolve(const struct tenants *t, uint32_t vrf, uint32_t tag,
	     const struct rib_nexthop *nh, unsigned nh_count, struct resolution *r)
{
	const char *vrf_name = rib_vrf_name(t->rib, vrf) ?: "";
	struct hop hop[RIB_NEXTHOP_MAX];

	*r = (struct resolution){.kind = HOP_NOT_OURS, .nexthop.weight = 1};
	for (unsigned i = 0; i < nh_count; i++) {
		hop[i] = resolve_one(t, vrf_name, tag, &nh[i]);
		if (hop[i].kind == HOP_PEER && !is_same_tenant(r, &hop[i]))
			hop[i].backups = 0;
		else if (hop[i].kind == HOP_PEER)
			add_member(r, &hop[i], hop[i].peer, nh[i].weight, 0);
		take_hop(r, &hop[i], &nh[i], i == 0);
	}
	r->primary_count = r->member_count;
	add_backups(r, hop, nh, nh_count);
}
