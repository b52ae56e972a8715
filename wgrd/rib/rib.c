/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/rib/rib.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/lib/loop.h"
#include "wgrd/rib/rib_content.h"
#include "wgrd/rib/rib_vrf.h"

/*
 * A map for each source, so that a prefix costs nothing where one has no route for it. Beside
 * the prefix lies what is a route's own; what it says it shares with others. At a full
 * table of 634 000 prefixes that is 22 bytes a prefix.
 */
struct slot {
	struct rib_content *content; /* one reference */
	uint64_t changed_ms : 40;
	uint64_t generation : 24; /* session of the source that last confirmed it */
};
static_assert(sizeof(struct slot) == 16, "there are a million of them");

enum {
	GENERATIONS = 1 << 24
};

struct rib {
	uint64_t (*now_ns)(void *arg);
	void *arg;
	struct rib_vrfs vrfs;
	struct rib_contents contents;
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
	[RIB_PROTO_BIRD] = "bird",         [RIB_PROTO_ZEBRA] = "zebra",
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

/* ---- routes ---- */

static void fill(struct rib_route *r, const struct prefix *p, enum rib_source source,
		 const struct slot *s)
{
	const struct rib_content *c = s->content;

	*r = (struct rib_route){
		.prefix = *p,
		.source = source,
		.proto = c->proto,
		.distance = c->distance,
		.instance = c->instance,
		.metric = c->metric,
		.tag = c->tag,
		.nh_count = (uint8_t)c->nh_count,
		.nh = c->nh,
		.changed_ns = s->changed_ms * NS_PER_MS,
	};
}

/* Of the sources from @first on. */
static bool find_preferred(const struct rib_vrf *v, const struct prefix *p,
			   unsigned first, struct rib_route *r)
{
	for (unsigned source = first; source < RIB_SOURCE_COUNT; source++) {
		const struct slot *s = pmap_find(&v->routes[source], p);

		if (s) {
			fill(r, p, (enum rib_source)source, s);
			return true;
		}
	}
	return false;
}

static bool is_preferred(const struct rib_vrf *v, const struct prefix *p,
			 enum rib_source source)
{
	for (unsigned s = 0; s < (unsigned)source; s++)
		if (pmap_find(&v->routes[s], p))
			return false;
	return true;
}

/* Takes out a route that is there; tells watchers if it was preferred. */
static void withdraw(struct rib *rib, struct rib_vrf *v, const struct prefix *p,
		     enum rib_source source)
{
	struct slot *s = pmap_find(&v->routes[source], p);
	struct rib_route now;
	bool left;

	rib_content_put(&rib->contents, s->content);
	pmap_remove(&v->routes[source], p);
	rib->count[source]--;
	if (!is_preferred(v, p, source))
		return;
	left = find_preferred(v, p, source, &now);
	tell_changed(rib, v, p, left ? &now : NULL);
}

/* Withdraws from @v what @source did not confirm in @generation. */
static size_t sweep(struct rib *rib, struct rib_vrf *v, enum rib_source source,
		    uint32_t generation)
{
	struct pmap_at at;
	size_t swept = 0;

	PMAP_WALK (&at, &v->routes[source]) {
		if (((struct slot *)at.value)->generation == generation % GENERATIONS)
			continue;
		withdraw(rib, v, &at.prefix, source);
		swept++;
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
			holder = rib_vrfs_add(&rib->vrfs, vrf, sizeof(struct slot));
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

void rib_vrf_del_empty(struct rib *rib, uint32_t vrf)
{
	const struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);

	if (v && rib_vrf_is_empty(v))
		rib_vrf_del(rib, vrf);
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

uint32_t rib_table_vrf(uint32_t table)
{
	assert(table && table <= RIB_TABLE_MAX);
	return UINT32_C(1) << 31 | table;
}

bool rib_vrf_is_ours(uint32_t vrf)
{
	return vrf & UINT32_C(1) << 31;
}

const char *rib_table_name(uint32_t table, char buf[static RIB_VRF_NAME_LEN])
{
	snprintf(buf, RIB_VRF_NAME_LEN, "table %" PRIu32, table);
	return buf;
}

bool rib_vrf_is_table(const char *name)
{
	return strchr(name, ' ') != NULL;
}

/* ---- what sources say ---- */

static void confirm(const struct rib *rib, enum rib_source source, struct slot *s)
{
	s->generation = rib->generation[source] % GENERATIONS;
}

/* @s is zeroed if the route is new. */
static void change(struct rib *rib, enum rib_source source, struct slot *s,
		   struct rib_content *c)
{
	if (s->content)
		rib_content_put(&rib->contents, s->content);
	else
		rib->count[source]++;
	s->content = c;
	s->changed_ms = rib->now_ns(rib->arg) / NS_PER_MS;
	confirm(rib, source, s);
}

int rib_update(struct rib *rib, uint32_t vrf, const struct rib_route *r)
{
	struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);
	struct rib_content *c;
	struct pmap *routes;
	struct rib_route now;
	struct slot *s;

	assert(!rib->telling && r->nh_count <= RIB_NEXTHOP_MAX &&
	       !prefix_has_host_bits(&r->prefix));
	v = v ?: rib_vrfs_add(&rib->vrfs, vrf, sizeof(struct slot));
	if (!v)
		return -ENOMEM;
	routes = &v->routes[r->source];
	s = pmap_obtain(routes, &r->prefix);
	if (!s)
		return -ENOMEM;
	if (s->content && rib_content_is(s->content, r)) {
		confirm(rib, r->source, s);
		return 0;
	}
	c = rib_content_obtain(&rib->contents, r);
	if (!c) {
		if (!s->content)
			pmap_remove(routes, &r->prefix);
		return -ENOMEM;
	}
	change(rib, r->source, s, c);
	if (!is_preferred(v, &r->prefix, r->source))
		return 0;
	fill(&now, &r->prefix, r->source, s);
	tell_changed(rib, v, &r->prefix, &now);
	return 0;
}

int rib_withdraw(struct rib *rib, uint32_t vrf, const struct prefix *p,
		 enum rib_source source)
{
	struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);

	assert(!rib->telling);
	if (!v || !pmap_find(&v->routes[source], p))
		return -ENOENT;
	withdraw(rib, v, p, source);
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

/* ---- what others ask ---- */

bool rib_find(const struct rib *rib, uint32_t vrf, const struct prefix *p,
	      struct rib_route *r)
{
	const struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);

	return v && find_preferred(v, p, 0, r);
}

/* A walk of each source, side by side. */
struct walk {
	struct pmap_at at[RIB_SOURCE_COUNT];
	bool more[RIB_SOURCE_COUNT];
};

/* Whose prefix comes first; of the same ones, whose route is preferred. */
static unsigned walk_next(const struct walk *w)
{
	unsigned next = RIB_SOURCE_COUNT;

	for (unsigned s = 0; s < RIB_SOURCE_COUNT; s++)
		if (w->more[s] && (next == RIB_SOURCE_COUNT ||
				   prefix_cmp(&w->at[s].prefix, &w->at[next].prefix) < 0))
			next = s;
	return next;
}

static void walk_past(struct walk *w, const struct rib_vrf *v, const struct prefix *p)
{
	for (unsigned s = 0; s < RIB_SOURCE_COUNT; s++)
		if (w->more[s] && prefix_equal(&w->at[s].prefix, p))
			w->more[s] = pmap_next(&v->routes[s], &w->at[s]);
}

void rib_walk_after(const struct rib *rib, uint32_t vrf, const struct prefix *after,
		    bool (*fn)(const struct rib_route *r, void *arg), void *arg)
{
	const struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);
	struct walk w = {0};
	struct rib_route r;
	unsigned next;

	for (unsigned s = 0; v && s < RIB_SOURCE_COUNT; s++)
		w.more[s] = after ? pmap_after(&v->routes[s], after, &w.at[s])
				  : pmap_first(&v->routes[s], &w.at[s]);
	while ((next = walk_next(&w)) < RIB_SOURCE_COUNT) {
		fill(&r, &w.at[next].prefix, (enum rib_source)next, w.at[next].value);
		if (!fn(&r, arg))
			return;
		walk_past(&w, v, &r.prefix);
	}
}

void rib_walk(const struct rib *rib, uint32_t vrf,
	      bool (*fn)(const struct rib_route *r, void *arg), void *arg)
{
	rib_walk_after(rib, vrf, NULL, fn, arg);
}

/* ---- routes over some next hops ---- */

bool rib_has_gate(const struct rib *rib, const struct prefix *under)
{
	struct pmap_at at;

	return pchain_first_under(&rib->contents.gates, under, &at) != NULL;
}

/* Few contents are compared with themselves, which is a look less at each prefix. */
enum {
	FEW = 4
};

struct wanted {
	const struct rib_content *v[FEW]; /* beyond a few, those that come first */
	unsigned count;
};

static void want(const struct rib *rib, const struct pmap *gates, struct wanted *w)
{
	const struct pchain_node *n;
	struct pmap_at at, gate;

	PMAP_WALK (&at, gates)
		PCHAIN_WALK_UNDER (n, &gate, &rib->contents.gates, &at.prefix) {
			struct rib_content *c =
				container_of(n, struct rib_content_hop, node)->content;

			if (c->wanted)
				continue;
			c->wanted = true;
			if (w->count < FEW)
				w->v[w->count] = c;
			w->count++;
		}
}

static void want_no_more(const struct rib *rib, const struct pmap *gates)
{
	const struct pchain_node *n;
	struct pmap_at at, gate;

	PMAP_WALK (&at, gates)
		PCHAIN_WALK_UNDER (n, &gate, &rib->contents.gates, &at.prefix)
			container_of(n, struct rib_content_hop, node)->content->wanted =
				false;
}

static bool is_wanted(const void *value, const void *arg)
{
	const struct rib_content *c = ((const struct slot *)value)->content;
	const struct wanted *w = arg;

	if (w->count > FEW)
		return c->wanted;
	for (unsigned i = 0; i < w->count; i++)
		if (c == w->v[i])
			return true;
	return false;
}

void rib_walk_via(const struct rib *rib, uint32_t vrf, const struct pmap *gates,
		  bool (*fn)(const struct rib_route *r, void *arg), void *arg)
{
	const struct rib_vrf *v = rib_vrfs_by_id(&rib->vrfs, vrf);
	struct wanted w = {0};
	bool more;

	want(rib, gates, &w);
	more = v && w.count;
	for (unsigned s = 0; s < RIB_SOURCE_COUNT && more; s++) {
		struct pmap_at at = {0};

		while (more && pmap_search(&v->routes[s], is_wanted, &w, &at)) {
			struct rib_route r;

			if (!is_preferred(v, &at.prefix, (enum rib_source)s))
				continue;
			fill(&r, &at.prefix, (enum rib_source)s, at.value);
			more = fn(&r, arg);
		}
	}
	want_no_more(rib, gates);
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
	rib->contents = (struct rib_contents)RIB_CONTENTS_INIT;
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
