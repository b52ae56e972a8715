/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/rib/rib.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/rib/rib_vrf.h"

/*
 * One entry a prefix, with a slot for each source. Entries are linked into the tree
 * themselves and a route is one allocation of just its size; at a full table of 634 000
 * prefixes that and the tree's branching points are 244 bytes a prefix.
 */
struct entry {
	struct ptree_node node;
	struct rib_route *route[RIB_SOURCE_COUNT];
};

struct rib {
	uint64_t (*now_ns)(void *arg);
	void *arg;
	struct rib_vrfs vrfs;
	struct rib_watcher *watchers;
	uint32_t generation[RIB_SOURCE_COUNT];
	size_t count[RIB_SOURCE_COUNT];
	bool telling; /* a watcher is running and may not change us */
};

static const char *const proto_names[RIB_PROTO_COUNT] = {
	[RIB_PROTO_OTHER] = "other",       [RIB_PROTO_KERNEL] = "kernel",
	[RIB_PROTO_CONNECT] = "connected", [RIB_PROTO_STATIC] = "static",
	[RIB_PROTO_RIP] = "rip",           [RIB_PROTO_OSPF] = "ospf",
	[RIB_PROTO_ISIS] = "isis",         [RIB_PROTO_BGP] = "bgp",
	[RIB_PROTO_EIGRP] = "eigrp",       [RIB_PROTO_NHRP] = "nhrp",
	[RIB_PROTO_TABLE] = "table",       [RIB_PROTO_BABEL] = "babel",
};

const char *rib_proto_name(enum rib_proto p)
{
	return proto_names[p];
}

enum rib_proto rib_proto_parse(const char *name)
{
	unsigned p = 0;

	while (p < RIB_PROTO_COUNT && strcmp(proto_names[p], name))
		p++;
	return (enum rib_proto)p;
}

static size_t route_size(unsigned nh_count)
{
	return sizeof(struct rib_route) + nh_count * sizeof(struct rib_nexthop);
}

struct rib_route *rib_route_new(unsigned nh_count)
{
	struct rib_route *r = calloc(1, route_size(nh_count));

	assert(nh_count <= RIB_NEXTHOP_MAX);
	if (r)
		r->nh_count = (uint8_t)nh_count;
	return r;
}

static bool same_content(const struct rib_route *a, const struct rib_route *b)
{
	if (a->proto != b->proto || a->distance != b->distance ||
	    a->instance != b->instance || a->metric != b->metric || a->tag != b->tag ||
	    a->nh_count != b->nh_count)
		return false;
	for (unsigned i = 0; i < a->nh_count; i++)
		if (a->nh[i].ifindex != b->nh[i].ifindex ||
		    a->nh[i].weight != b->nh[i].weight ||
		    !ip_addr_equal(&a->nh[i].gate, &b->nh[i].gate))
			return false;
	return true;
}

/* ---- watchers ---- */

void rib_watch(struct rib *rib, struct rib_watcher *w)
{
	struct rib_watcher **at = &rib->watchers;

	while (*at)
		at = &(*at)->next;
	w->next = NULL;
	*at = w;
}

void rib_unwatch(struct rib *rib, struct rib_watcher *w)
{
	struct rib_watcher **at = &rib->watchers;

	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
}

/* A table without an id is out of reach, and nobody is told about it. */
static void tell_changed(struct rib *rib, const struct rib_vrf *v, const struct prefix *p,
			 const struct rib_route *now)
{
	if (v->id == RIB_VRF_NONE)
		return;
	rib->telling = true;
	for (struct rib_watcher *w = rib->watchers; w; w = w->next)
		w->changed(w, v->id, p, now);
	rib->telling = false;
}

static void tell_vrf(struct rib *rib, uint32_t vrf, const char *name)
{
	rib->telling = true;
	for (struct rib_watcher *w = rib->watchers; w; w = w->next)
		if (w->vrf_changed)
			w->vrf_changed(w, vrf, name);
	rib->telling = false;
}

/* ---- entries ---- */

static struct entry *entry_of(struct ptree_node *n)
{
	return n ? container_of(n, struct entry, node) : NULL;
}

static struct rib_route *preferred(const struct entry *e)
{
	for (unsigned s = 0; e && s < RIB_SOURCE_COUNT; s++)
		if (e->route[s])
			return e->route[s];
	return NULL;
}

/* Returns NULL when there is no memory. */
static struct entry *get_entry(struct ptree *t, const struct prefix *p)
{
	struct entry *e = entry_of(ptree_find(t, p)), *there;

	if (e)
		return e;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->node.prefix = *p;
	there = entry_of(ptree_insert(t, &e->node));
	assert(!there);
	return e;
}

static void put_entry(struct ptree *t, struct entry *e)
{
	if (preferred(e))
		return;
	ptree_remove(t, &e->node);
	free(e);
}

/* Takes the route out, and the entry with its last one; tells watchers if it was preferred. */
static void withdraw(struct rib *rib, const struct rib_vrf *v, struct ptree *t,
		     struct entry *e, enum rib_source source)
{
	struct rib_route *gone = e->route[source], *now;
	bool was_preferred = preferred(e) == gone;
	struct prefix p = e->node.prefix;

	e->route[source] = NULL;
	rib->count[source]--;
	now = preferred(e);
	put_entry(t, e);
	free(gone);
	if (was_preferred)
		tell_changed(rib, v, &p, now);
}

/* Withdraws from @v what @source did not confirm in @generation. */
static size_t sweep(struct rib *rib, struct rib_vrf *v, enum rib_source source,
		    uint32_t generation)
{
	struct ptree_node *n, *next;
	size_t swept = 0;

	for (unsigned i = 0; i < RIB_TREES; i++) {
		PTREE_WALK_SAFE (n, next, &v->tree[i], NULL) {
			const struct rib_route *r = entry_of(n)->route[source];

			if (!r || r->generation == generation)
				continue;
			withdraw(rib, v, &v->tree[i], entry_of(n), source);
			swept++;
		}
	}
	return swept;
}

static void withdraw_all(struct rib *rib, struct rib_vrf *v)
{
	for (unsigned s = 0; s < RIB_SOURCE_COUNT; s++)
		sweep(rib, v, (enum rib_source)s, rib->generation[s] + 1);
}

/* ---- VRFs ---- */

static void forget_vrf(struct rib *rib, struct rib_vrf *v)
{
	withdraw_all(rib, v);
	rib_vrfs_remove(&rib->vrfs, v);
}

int rib_vrf_set(struct rib *rib, uint32_t vrf, const char *name)
{
	struct rib_vrf *named = rib_vrfs_by_name(&rib->vrfs, name);
	struct rib_vrf *holder = rib_vrfs_by_id(&rib->vrfs, vrf);
	size_t len = strlen(name);
	uint32_t old;

	assert(!rib->telling && vrf != RIB_VRF_NONE);
	if (len == 0 || len >= RIB_VRF_NAME_LEN ||
	    (vrf == 0) != !strcmp(name, RIB_VRF_DEFAULT))
		return -EINVAL;
	if (named && named == holder)
		return 0;
	if (holder && holder->name[0]) {
		rib_vrfs_set_id(&rib->vrfs, holder, RIB_VRF_NONE);
		holder = NULL;
	} else if (holder && named) {
		forget_vrf(rib, holder); /* the name's own routes are the ones to keep */
		holder = NULL;
	}
	if (named) {
		old = named->id;
		rib_vrfs_set_id(&rib->vrfs, named, vrf);
		if (old != RIB_VRF_NONE)
			tell_vrf(rib, old, NULL);
	} else {
		if (!holder)
			holder = rib_vrfs_add(&rib->vrfs, vrf);
		if (!holder)
			return -ENOMEM;
		memcpy(holder->name, name, len + 1);
	}
	tell_vrf(rib, vrf, name);
	return 0;
}

void rib_vrf_del(struct rib *rib, uint32_t vrf)
{
	struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);

	assert(!rib->telling);
	if (!v)
		return;
	if (vrf == 0) {
		withdraw_all(rib, v);
		return;
	}
	forget_vrf(rib, v);
	tell_vrf(rib, vrf, NULL);
}

const char *rib_vrf_name(const struct rib *rib, uint32_t vrf)
{
	const struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);

	return v && v->name[0] ? v->name : NULL;
}

int rib_vrf_find(const struct rib *rib, const char *name, uint32_t *vrf)
{
	const struct rib_vrf *v = name[0] ? rib_vrfs_by_name(&rib->vrfs, name) : NULL;

	if (!v || v->id == RIB_VRF_NONE)
		return -ENOENT;
	*vrf = v->id;
	return 0;
}

/* ---- routes ---- */

static struct ptree *tree_of(const struct rib *rib, uint32_t vrf, sa_family_t family,
			     struct rib_vrf **out)
{
	struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);

	*out = v;
	return v ? rib_vrf_tree(v, family) : NULL;
}

int rib_update(struct rib *rib, uint32_t vrf, const struct rib_route *r)
{
	struct rib_route *copy, **slot;
	struct rib_vrf *v;
	struct ptree *t;
	struct entry *e;

	assert(!rib->telling && r->nh_count <= RIB_NEXTHOP_MAX &&
	       !prefix_has_host_bits(&r->prefix));
	t = tree_of(rib, vrf, r->prefix.addr.family, &v);
	if (!t) {
		v = rib_vrfs_add(&rib->vrfs, vrf);
		if (!v)
			return -ENOMEM;
		t = rib_vrf_tree(v, r->prefix.addr.family);
	}
	e = get_entry(t, &r->prefix);
	if (!e)
		return -ENOMEM;
	slot = &e->route[r->source];
	if (*slot && same_content(*slot, r)) {
		(*slot)->generation = rib->generation[r->source];
		return 0;
	}
	copy = malloc(route_size(r->nh_count));
	if (!copy) {
		put_entry(t, e);
		return -ENOMEM;
	}
	memcpy(copy, r, route_size(r->nh_count));
	copy->generation = rib->generation[r->source];
	copy->changed_ns = rib->now_ns(rib->arg);
	if (!*slot)
		rib->count[r->source]++;
	free(*slot);
	*slot = copy;
	if (preferred(e) == copy)
		tell_changed(rib, v, &copy->prefix, copy);
	return 0;
}

int rib_withdraw(struct rib *rib, uint32_t vrf, const struct prefix *p,
		 enum rib_source source)
{
	struct rib_vrf *v;
	struct ptree *t = tree_of(rib, vrf, p->addr.family, &v);
	struct entry *e = t ? entry_of(ptree_find(t, p)) : NULL;

	assert(!rib->telling);
	if (!e || !e->route[source])
		return -ENOENT;
	withdraw(rib, v, t, e, source);
	return 0;
}

void rib_sync_begin(struct rib *rib, enum rib_source source)
{
	rib->generation[source]++;
}

size_t rib_sync_end(struct rib *rib, enum rib_source source)
{
	size_t swept = 0;

	assert(!rib->telling);
	for (size_t i = 0; i < rib->vrfs.count; i++) {
		struct rib_vrf *v = rib->vrfs.v[i];
		bool reachable =
			v->id != RIB_VRF_NONE; /* else nothing can have confirmed it */

		swept += sweep(rib, v, source, rib->generation[source] + !reachable);
	}
	rib_vrfs_drop_unreachable(&rib->vrfs);
	return swept;
}

const struct rib_route *rib_find(const struct rib *rib, uint32_t vrf,
				 const struct prefix *p)
{
	struct rib_vrf *v;
	struct ptree *t = tree_of(rib, vrf, p->addr.family, &v);

	return t ? preferred(entry_of(ptree_find(t, p))) : NULL;
}

const struct rib_route *rib_match(const struct rib *rib, uint32_t vrf,
				  const struct ip_addr *a)
{
	struct rib_vrf *v;
	struct ptree *t = tree_of(rib, vrf, a->family, &v);
	struct prefix host = prefix_host(a);

	return t ? preferred(entry_of(ptree_match(t, &host))) : NULL;
}

void rib_walk(const struct rib *rib, uint32_t vrf,
	      bool (*fn)(const struct rib_route *r, void *arg), void *arg)
{
	const struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);
	struct ptree_node *n;

	for (unsigned i = 0; v && i < RIB_TREES; i++)
		PTREE_WALK (n, &v->tree[i], NULL)
			if (!fn(preferred(entry_of(n)), arg))
				return;
}

size_t rib_count(const struct rib *rib, enum rib_source source)
{
	return rib->count[source];
}

/* ---- the RIB itself ---- */

struct rib *rib_new(uint64_t (*now_ns)(void *arg), void *arg)
{
	struct rib *rib = xcalloc(1, sizeof(*rib));

	rib->now_ns = now_ns;
	rib->arg = arg;
	if (rib_vrf_set(rib, 0, RIB_VRF_DEFAULT))
		abort(); /* nothing has been given out yet, and not even this fits */
	return rib;
}

void rib_free(struct rib *rib)
{
	if (!rib)
		return;
	rib->watchers = NULL;
	while (rib->vrfs.count)
		forget_vrf(rib, rib->vrfs.v[0]);
	rib_vrfs_fini(&rib->vrfs);
	free(rib);
}
