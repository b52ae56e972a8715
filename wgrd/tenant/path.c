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
	uint32_t vrf, hop_count;
	struct key_hop hop[RIB_NEXTHOP_MAX];
};

static unsigned make_key(struct key *k, uint32_t vrf, const struct rib_nexthop *nh,
			 unsigned n)
{
	k->vrf = vrf;
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

static void read_key(const struct path *p, uint32_t *vrf, struct rib_nexthop *nh,
		     unsigned *n)
{
	struct key k;

	memcpy(&k, p->key, p->key_len);
	*vrf = k.vrf;
	*n = k.hop_count;
	for (unsigned i = 0; i < k.hop_count; i++)
		nh[i] = (struct rib_nexthop){
			.gate = ip_addr_from(k.hop[i].family, k.hop[i].gate),
			.ifindex = k.hop[i].ifindex,
			.weight = k.hop[i].weight,
		};
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
						      .weight = r->member[i].weight};
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
		if (has[i].peer != nh[i].peer || has[i].weight != nh[i].weight)
			return false;
	return true;
}

static void drop_members(struct tenants *t, struct path *p)
{
	for (unsigned i = 0; i < p->member_count; i++)
		member_put(t, p->member[i]);
	free(p->member);
	p->member = NULL;
	p->member_count = 0;
}

/* The quotas its prefixes count for; obtains the new ones before the old ones go. */
static void set_members(struct tenants *t, struct path *p, const struct resolution *r)
{
	struct member **m = xcalloc(r->member_count ?: 1, sizeof(struct member *));

	for (unsigned i = 0; i < r->member_count; i++)
		m[i] = member_obtain(t, r->member[i].peer);
	drop_members(t, p);
	p->member = m;
	p->member_count = r->member_count;
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

static struct path *path_new(struct tenants *t, const struct key *k, unsigned key_len)
{
	struct path *p = calloc(1, sizeof(*p) + key_len);

	if (!p)
		return NULL;
	p->key_len = key_len;
	memcpy(p->key, k, key_len);
	HASH_ADD_KEYPTR(hh, t->paths, p->key, key_len, p);
	return p;
}

struct path *path_obtain(struct tenants *t, uint32_t vrf, const struct rib_route *r)
{
	struct key k;
	unsigned key_len = make_key(&k, vrf, r->nh, r->nh_count);
	struct path *p;

	HASH_FIND(hh, t->paths, &k, key_len, p);
	if (!p) {
		struct resolution res;

		p = path_new(t, &k, key_len);
		if (!p)
			return NULL;
		resolve(t, vrf, r->nh, r->nh_count, &res);
		take_over(t, p, &res);
	}
	p->refs++;
	return p;
}

/* One that is detached has a successor with the same key at most, so one table does. */
static void detach(struct tenants *t, struct path *p)
{
	p->detached = true;
	HASH_DEL(t->paths, p);
	HASH_ADD_KEYPTR(hh, t->detached, p->key, p->key_len, p);
}

void path_put(struct tenants *t, struct path *p)
{
	if (--p->refs)
		return;
	if (p->detached)
		HASH_DEL(t->detached, p);
	else
		HASH_DEL(t->paths, p);
	drop_legs(p);
	drop_members(t, p);
	free(p);
}

void path_resolve_all(struct tenants *t)
{
	struct path *p, *next;

	HASH_ITER (hh, t->paths, p, next) {
		struct rib_nexthop nh[RIB_NEXTHOP_MAX];
		struct resolution res;
		unsigned n;
		uint32_t vrf;

		read_key(p, &vrf, nh, &n);
		resolve(t, vrf, nh, n, &res);
		if (!same_shape(p, &res)) {
			detach(t, p);
		} else if (p->kind == HOP_PEER) {
			update_groups(t, p, &res);
			set_members(t, p, &res);
		}
	}
}
