/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Sets of next hops, one object for all the prefixes that share one. A full table has a
 * few thousand of them, so resolving them all again after a change is cheap, and a change
 * of the peers behind one moves its prefixes without touching them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

/* ---- the key: all bytes are defined ---- */

struct key_hop {
	uint8_t gate[16];
	uint32_t ifindex;
	uint16_t family, weight;
};
static_assert(sizeof(struct key_hop) == 24, "a key has no padding");

struct key {
	uint32_t vrf, tag, hop_count;
	struct key_hop hop[RIB_NEXTHOP_MAX];
};

static unsigned make_key(struct key *k, uint32_t vrf, uint32_t tag,
			 const struct rib_nexthop *nh, unsigned n)
{
	k->vrf = vrf;
	k->tag = tag;
	k->hop_count = n;
	for (unsigned i = 0; i < n; i++) {
		struct key_hop *h = &k->hop[i];

		memset(h, 0, sizeof(*h));
		memcpy(h->gate, nh[i].gate.bytes, ip_family_len(nh[i].gate.family));
		h->ifindex = nh[i].ifindex;
		h->family = nh[i].gate.family;
		h->weight = nh[i].weight;
	}
	return offsetof(struct key, hop) + n * sizeof(struct key_hop);
}

static void read_key(const struct path *p, uint32_t *vrf, uint32_t *tag,
		     struct rib_nexthop *nh, unsigned *n)
{
	struct key k;

	memcpy(&k, p->key, p->key_len);
	*vrf = k.vrf;
	*tag = k.tag;
	*n = k.hop_count;
	for (unsigned i = 0; i < k.hop_count; i++)
		nh[i] = (struct rib_nexthop){
			.gate = ip_addr_from(k.hop[i].family, k.hop[i].gate),
			.ifindex = k.hop[i].ifindex,
			.weight = k.hop[i].weight,
		};
}

uint32_t path_vrf(const struct path *p)
{
	struct key k;

	memcpy(&k, p->key, offsetof(struct key, hop));
	return k.vrf;
}

/* ---- paths by their next hops ---- */

/* The address of next hop @i, or false: it has none. */
static bool gate_at(const struct path *p, unsigned i, struct prefix *host)
{
	struct key_hop h;
	struct ip_addr gate;

	memcpy(&h, p->key + offsetof(struct key, hop) + i * sizeof(h), sizeof(h));
	if (!h.family)
		return false;
	gate = ip_addr_from(h.family, h.gate);
	*host = prefix_host(&gate);
	return true;
}

static unsigned hop_count(const struct path *p)
{
	return (unsigned)((p->key_len - offsetof(struct key, hop)) /
			  sizeof(struct key_hop));
}

/* Of the first @n. */
static void unlink_gates(struct tenants *t, struct path *p, unsigned n)
{
	struct prefix host;

	for (unsigned i = 0; i < n; i++)
		if (gate_at(p, i, &host))
			pchain_remove(&t->gates, &host, &p->link[i].node);
}

/* False: no memory. */
static bool link_gates(struct tenants *t, struct path *p)
{
	for (unsigned i = 0; i < hop_count(p); i++) {
		struct prefix host;

		p->link[i].path = p;
		if (gate_at(p, i, &host) &&
		    !pchain_add(&t->gates, &host, &p->link[i].node)) {
			unlink_gates(t, p, i);
			return false;
		}
	}
	return true;
}

/* ---- what it leads to ---- */

/* The members of @r on one device, as a group wants them. */
static unsigned members_on(const struct resolution *r, const struct tenant_device *d,
			   struct wg_nexthop nh[static WG_GROUP_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->member_count && n < WG_GROUP_MAX; i++)
		if (r->member[i].device == d)
			nh[n++] = (struct wg_nexthop){.peer = r->member[i].peer,
						      .weight = r->member[i].weight,
						      .rank = r->member[i].rank};
	return n;
}

/* The devices of @r, each once, in order of first use. */
static unsigned devices_of(const struct resolution *r,
			   const struct tenant_device *dev[static RIB_NEXTHOP_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->member_count; i++) {
		unsigned seen = 0;

		while (seen < n && dev[seen] != r->member[i].device)
			seen++;
		if (seen == n)
			dev[n++] = r->member[i].device;
	}
	return n;
}

static bool group_has(const struct wg_group *g, const struct wg_nexthop *nh, unsigned n)
{
	const struct wg_nexthop *has;

	if (wg_group_members(g, &has) != n)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (has[i].peer != nh[i].peer || has[i].weight != nh[i].weight ||
		    has[i].rank != nh[i].rank)
			return false;
	return true;
}

static void drop_members(struct tenants *t, struct path *p)
{
	for (unsigned i = 0; i < p->member_count; i++)
		member_put(t, p->member[i]);
	free(p->member);
	p->member = NULL;
	p->member_count = p->primary_count = 0;
}

/* Obtains the new ones before the old ones go. */
static void set_members(struct tenants *t, struct path *p, const struct resolution *r)
{
	struct member **m = xcalloc(r->member_count ?: 1, sizeof(struct member *));

	for (unsigned i = 0; i < r->member_count; i++)
		m[i] = member_obtain(t, r->member[i].peer);
	drop_members(t, p);
	p->member = m;
	p->member_count = r->member_count;
	p->primary_count = r->primary_count;
}

static void drop_legs(struct path *p)
{
	for (unsigned i = 0; i < p->leg_count; i++)
		wg_group_put(p->leg[i].group);
	free(p->leg);
	p->leg = NULL;
	p->leg_count = 0;
}

static void set_group(struct tenants *t, struct wg_group *g, const struct wg_nexthop *nh,
		      unsigned n)
{
	if (group_has(g, nh, n))
		return;
	if (wg_group_set(g, nh, n))
		tenants_retry(t);
	else
		fib_group_changed(t->fib, g);
}

/* The group that these next hops had on @dev before the path was detached, or NULL. */
static struct wg_group *former_group(const struct path *former,
				     const struct wg_device *dev)
{
	for (unsigned i = 0; former && i < former->leg_count; i++)
		if (former->leg[i].dev == dev)
			return former->leg[i].group;
	return NULL;
}

/* A group that is there already is taken over, so that permissions need no change where
 * only the table is another, or one device of several. */
static int make_legs(struct tenants *t, struct path *p, const struct resolution *r)
{
	const struct tenant_device *dev[RIB_NEXTHOP_MAX];
	unsigned n = devices_of(r, dev);
	const struct path *former;

	HASH_FIND(hh, t->detached, p->key, p->key_len, former);
	p->leg = xcalloc(n ?: 1, sizeof(*p->leg));
	for (unsigned i = 0; i < n; i++) {
		struct wg_nexthop nh[WG_GROUP_MAX];
		unsigned members = members_on(r, dev[i], nh);
		struct wg_group *g = former_group(former, dev[i]->dev);
		int err = 0;

		if (g)
			set_group(t, wg_group_get(g), nh, members);
		else
			err = wg_group_new(dev[i]->dev, nh, members, &g);
		if (err)
			return err;
		p->leg[i] = (struct path_leg){.dev = dev[i]->dev, .group = g};
		p->leg_count++;
	}
	return 0;
}

/* A next hop in another VRF is on an interface, but none of that tenant's business. */
static struct tenant *tenant_of(const struct resolution *r)
{
	return r->device && r->kind <= HOP_OWN ? r->device->tenant : NULL;
}

/* Does @r lead where @p leads, whatever the peers? */
static bool same_shape(const struct path *p, const struct resolution *r)
{
	const struct tenant_device *dev[RIB_NEXTHOP_MAX];
	struct tenant *tenant = tenant_of(r);

	if (p->kind != r->kind || p->tenant != tenant ||
	    (tenant && p->table != tenant->table))
		return false;
	if (p->kind != HOP_PEER)
		return true;
	if (devices_of(r, dev) != p->leg_count)
		return false;
	for (unsigned i = 0; i < p->leg_count; i++)
		if (dev[i]->dev != p->leg[i].dev)
			return false;
	return true;
}

/* One change for all prefixes that use the path. */
static void update_groups(struct tenants *t, struct path *p, const struct resolution *r)
{
	for (unsigned i = 0; i < p->leg_count; i++) {
		struct wg_nexthop nh[WG_GROUP_MAX];
		unsigned n = members_on(r, tenants_device(t, p->leg[i].dev), nh);

		set_group(t, p->leg[i].group, nh, n);
	}
}

static void take_over(struct tenants *t, struct path *p, const struct resolution *r)
{
	p->kind = r->kind;
	p->tenant = tenant_of(r);
	p->table = p->tenant ? p->tenant->table : 0;
	if (p->kind != HOP_PEER)
		return;
	set_members(t, p, r);
	if (make_legs(t, p, r) == 0)
		return;
	drop_legs(p);
	p->kind = HOP_NO_MEMORY;
	tenants_retry(t);
}

/* ---- life ---- */

static void free_path(struct path *p)
{
	free(p->link);
	free(p);
}

static struct path *path_new(struct tenants *t, const struct key *k, unsigned key_len)
{
	struct path *p = calloc(1, sizeof(*p) + key_len);

	if (!p)
		return NULL;
	CDS_INIT_LIST_HEAD(&p->touched);
	p->key_len = key_len;
	memcpy(p->key, k, key_len);
	p->link = calloc(k->hop_count ?: 1, sizeof(*p->link));
	if (!p->link || !link_gates(t, p)) {
		free_path(p);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, t->paths, p->key, key_len, p);
	return p;
}

struct path *path_obtain(struct tenants *t, uint32_t vrf, const struct rib_route *r)
{
	struct key k;
	uint32_t tag = tag_of(t, vrf, r);
	unsigned key_len = make_key(&k, vrf, tag, r->nh, r->nh_count);
	struct path *p;

	HASH_FIND(hh, t->paths, &k, key_len, p);
	if (!p) {
		struct resolution res;

		p = path_new(t, &k, key_len);
		if (!p)
			return NULL;
		resolve(t, vrf, tag, r->nh, r->nh_count, &res);
		take_over(t, p, &res);
	}
	p->refs++;
	return p;
}

/* One that is detached has a successor with the same key at most, so one table does. */
static void detach(struct tenants *t, struct path *p)
{
	p->detached = true;
	unlink_gates(t, p, hop_count(p));
	HASH_DEL(t->paths, p);
	HASH_ADD_KEYPTR(hh, t->detached, p->key, p->key_len, p);
}

void path_put(struct tenants *t, struct path *p)
{
	if (--p->refs)
		return;
	if (p->detached) {
		HASH_DEL(t->detached, p);
	} else {
		unlink_gates(t, p, hop_count(p));
		HASH_DEL(t->paths, p);
	}
	cds_list_del(&p->touched);
	drop_legs(p);
	drop_members(t, p);
	free_path(p);
}

static void resolve_again(struct tenants *t, const struct path *p, struct resolution *res)
{
	struct rib_nexthop nh[RIB_NEXTHOP_MAX];
	uint32_t vrf, tag;
	unsigned n;

	read_key(p, &vrf, &tag, nh, &n);
	resolve(t, vrf, tag, nh, n, res);
}

static void switch_one(struct tenants *t, struct path *p, const struct resolution *res)
{
	if (p->kind == HOP_PEER && same_shape(p, res))
		update_groups(t, p, res);
}

static void resolve_one(struct tenants *t, struct path *p, const struct resolution *res)
{
	if (!same_shape(p, res))
		detach(t, p);
	else if (p->kind == HOP_PEER)
		set_members(t, p, res);
}

void path_switch_all(struct tenants *t)
{
	struct path *p, *next;

	HASH_ITER (hh, t->paths, p, next) {
		struct resolution res;

		resolve_again(t, p, &res);
		switch_one(t, p, &res);
	}
}

void path_resolve_all(struct tenants *t)
{
	struct path *p, *next;

	HASH_ITER (hh, t->paths, p, next) {
		struct resolution res;

		resolve_again(t, p, &res);
		resolve_one(t, p, &res);
	}
}

/* ---- after a commit that changes peers ---- */

void path_touch(struct tenants *t, uint32_t vrf, const struct prefix *under)
{
	const struct pchain_node *n;
	struct pmap_at at;

	PCHAIN_WALK_UNDER (n, &at, &t->gates, under) {
		struct path *p = container_of(n, struct path_link, node)->path;

		if (cds_list_empty(&p->touched) && path_vrf(p) == vrf)
			cds_list_add_tail(&p->touched, &t->touched);
	}
}

/* Has it the members that @r says, and wants none of them to decide anew? */
static bool same_members(const struct path *p, const struct resolution *r)
{
	if (p->member_count != r->member_count || p->primary_count != r->primary_count)
		return false;
	for (unsigned i = 0; i < p->member_count; i++)
		if (p->member[i]->peer != r->member[i].peer || p->member[i]->touched)
			return false;
	return true;
}

void path_switch_touched(struct tenants *t)
{
	struct path *p;

	cds_list_for_each_entry (p, &t->touched, touched) {
		struct resolution res;

		resolve_again(t, p, &res);
		p->stale = !same_shape(p, &res) ||
			   (p->kind == HOP_PEER && !same_members(p, &res));
		switch_one(t, p, &res);
	}
}

void path_resolve_touched(struct tenants *t)
{
	struct path *p;

	cds_list_for_each_entry (p, &t->touched, touched) {
		struct resolution res;

		if (!p->stale)
			continue;
		resolve_again(t, p, &res);
		resolve_one(t, p, &res);
	}
}

void path_forget_touched(struct tenants *t)
{
	struct path *p, *next;

	cds_list_for_each_entry_safe (p, next, &t->touched, touched) {
		p->stale = false;
		cds_list_del_init(&p->touched);
	}
}
