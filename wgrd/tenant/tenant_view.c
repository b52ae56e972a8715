/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What show prints. Sentences are made here and now from the same question that was
 * decided; nothing is stored for them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

const char *tenant_origin_name(enum tenant_origin o)
{
	switch (o) {
	case TENANT_LEARNED:
		return "learned";
	case TENANT_STATIC:
		return "static";
	case TENANT_OVERLAY:
		return "overlay";
	case TENANT_CONNECTED:
		return "connected";
	case TENANT_ADVERTISED:
		return "advertised";
	}
	return "?";
}

/* ---- tenants ---- */

static const char *why_inactive(const struct tenants *t, const struct tenant *owner)
{
	uint32_t vrf;

	if (owner->name[0] && !owner->conf)
		return "not configured";
	if (!owner->table)
		return "no table";
	return rib_vrf_find(t->rib, owner->vrf, &vrf) ? "VRF unknown" : NULL;
}

static bool count_peer(struct wg_peer *p, void *arg)
{
	size_t *n = arg;

	(void)p;
	++*n;
	return true;
}

static void fill_tenant(const struct tenants *t, const struct tenant *owner,
			struct tenant_view *v)
{
	*v = (struct tenant_view){
		.name = owner->name,
		.inactive = why_inactive(t, owner),
		.table = owner->table,
		.priority = owner->conf ? owner->conf->priority : 0,
		.vrf = owner->vrf,
		.learned = owner->quota.used + owner->refused,
		.accepted = owner->quota.used,
		.refused = owner->refused,
		.fixed = owner->claims.count,
		.max_prefix = owner->quota.max,
	};
	for (size_t i = 0; i < t->device_count; i++) {
		if (t->device[i].tenant != owner)
			continue;
		v->interfaces++;
		wg_walk_peers(t->device[i].dev, count_peer, &v->peers);
	}
}

/* The built-in tenant is worth a line when an interface has no other. */
void tenants_walk(const struct tenants *t,
		  bool (*fn)(const struct tenant_view *v, void *arg), void *arg)
{
	for (size_t i = 0; i < t->tenant_count; i++) {
		struct tenant_view v;

		fill_tenant(t, t->tenant[i], &v);
		if ((v.name[0] || v.interfaces) && !fn(&v, arg))
			return;
	}
}

/* ---- one prefix ---- */

struct walk {
	const struct tenants *t;
	const struct prefix *only; /* NULL: all */
	bool (*fn)(const struct tenant_route_view *v, void *arg);
	void *arg;
	bool stopped;
};

static void emit(struct walk *w, const struct tenant_route_view *v)
{
	if (!w->stopped && !w->fn(v, w->arg))
		w->stopped = true;
}

static bool is_wanted(const struct walk *w, const struct prefix *p)
{
	return !w->stopped && (!w->only || prefix_equal(w->only, p));
}

static void fill_progress(const struct tenants *t, struct tenant_route_view *v,
			  const struct wg_device *dev, uint32_t oif)
{
	struct fib_route_view r;

	v->permission_known =
		dev && fib_permission_state(t->fib, dev, &v->prefix, &v->permission);
	if (!v->table ||
	    !fib_route_state(t->fib, v->table, &v->prefix, TENANT_METRIC, &r) ||
	    r.route.oif != oif)
		return;
	v->route_known = true;
	v->route = r.state;
	v->route_error = r.error;
}

/* ---- learned ---- */

/* @l is NULL for a route that is no tenant's. */
static void emit_learned(struct walk *w, const struct rib_route *route, uint32_t vrf,
			 const struct learned *l)
{
	const struct tenants *t = w->t;
	const struct path *path = l ? l->path : NULL;
	struct tenant_route_view v = {
		.tenant = "",
		.vrf = rib_vrf_name(t->rib, vrf) ?: "",
		.prefix = route->prefix,
		.origin = TENANT_LEARNED,
		.protocol = rib_proto_name(route->proto),
		.nexthop_count = route->nh_count,
		.nexthop = route->nh,
		.verdict = l ? l->verdict : DECIDE_NOT_OURS,
		.changed_ns = route->changed_ns,
	};
	char local[128], reason[256];
	struct decide_question q;
	struct resolution r;

	resolve(t, vrf, route->nh, route->nh_count, &r);
	learned_question(t, route, &r, local, &q);
	v.reason = decide_explain(&q, v.verdict, reason, sizeof(reason));
	v.device = q.nexthop.device;
	if (path && path->tenant)
		v.tenant = path->tenant->name;
	if (v.verdict == DECIDE_ACCEPT) {
		for (unsigned i = 0; i < r.member_count && i < WG_GROUP_MAX; i++)
			v.peer[v.peer_count++] = wg_peer_name(r.member[i].peer);
		v.table = path->table;
		fill_progress(t, &v, path->leg[0].dev,
			      wg_device_ifindex(path->leg[0].dev));
	} else if (r.peer) {
		v.peer[v.peer_count++] = wg_peer_name(r.peer);
	}
	emit(w, &v);
}

/* What is marked but not decided yet has no verdict to show. */
static void emit_decided(struct walk *w, const struct learned *l)
{
	const struct rib_route *route =
		rib_find(w->t->rib, l->routes->vrf, &l->node.prefix);

	if (route && l->verdict != DECIDE_VERDICT_COUNT && is_wanted(w, &l->node.prefix))
		emit_learned(w, route, l->routes->vrf, l);
}

/* ---- claims and own prefixes ---- */

static void emit_claim(struct walk *w, const struct tenant *owner, const struct claim *c)
{
	const struct tenants *t = w->t;
	const struct claim *instead;
	struct tenant_route_view v = {
		.tenant = owner->name,
		.vrf = owner->vrf,
		.prefix = c->prefix,
		.origin = c->origin,
		.protocol = "",
		.reason = "",
		.device = c->dev ? wg_device_name(c->dev) : c->ifname,
		.table = owner->table,
	};
	char what[128], reason[192];

	if (c->member)
		v.peer[v.peer_count++] = wg_peer_name(c->member->peer);
	if (local_effective(owner, c, &instead)) {
		v.verdict = DECIDE_ACCEPT;
		v.reason = local_describe(c, reason, sizeof(reason));
		fill_progress(t, &v, c->dev, c->oif);
	} else if (instead) {
		v.verdict = DECIDE_COVERED_LOCALLY;
		snprintf(reason, sizeof(reason), "%s comes first",
			 local_describe(instead, what, sizeof(what)));
		v.reason = reason;
	} else {
		const struct tenant_device *d = tenants_device(t, c->dev);

		v.verdict = DECIDE_PEER_UNUSABLE;
		snprintf(reason, sizeof(reason), "peer %s of %s %s", v.peer[0], v.device,
			 d ? resolve_why_unusable(d, c->member->peer) : "is gone");
		v.reason = reason;
	}
	emit(w, &v);
}

static void emit_advert(struct walk *w, const struct tenant *owner,
			const struct prefix *p)
{
	const struct tenants *t = w->t;
	const struct advert *a = tables_find_advert(&t->tables, owner->vrf, p);
	const struct tenant_device *d = tables_advert_device(t, owner);
	struct tenant_route_view v = {
		.tenant = owner->name,
		.vrf = owner->vrf,
		.prefix = *p,
		.origin = TENANT_ADVERTISED,
		.protocol = "",
		.device = d ? wg_device_name(d->dev) : "",
		.verdict = DECIDE_ACCEPT,
	};
	char reason[192];

	if (!d) {
		v.verdict = DECIDE_NOT_OURS;
		snprintf(reason, sizeof(reason),
			 "tenant %s has no WireGuard interface to announce it from",
			 owner->name);
	} else if (a && a->owner != owner) {
		v.verdict = DECIDE_OWN;
		snprintf(reason, sizeof(reason), "tenant %s advertises it already",
			 a->owner->name);
	} else {
		snprintf(reason, sizeof(reason), "given to zebra with tag %u via %s",
			 owner->conf->advertise_tag, v.device);
		v.route_known = fib_advertise_state(t->fib, owner->vrf, p, &v.route,
						    &v.route_error);
	}
	v.reason = reason;
	emit(w, &v);
}

/* ---- a tenant: claims, own prefixes and learned ones merged by prefix ---- */

struct fixed {
	struct prefix prefix;
	const struct claim *claim; /* NULL: an own prefix */
};

static int compare_fixed(const void *va, const void *vb)
{
	const struct fixed *a = va, *b = vb;
	int d = prefix_cmp(&a->prefix, &b->prefix);

	/* Claims are in order already, and the own prefix comes after them. */
	if (!d && a->claim && b->claim)
		return a->claim < b->claim ? -1 : a->claim > b->claim;
	return d ? d : !a->claim - !b->claim;
}

static struct fixed *collect_fixed(const struct tenant *owner, size_t *n)
{
	size_t adverts = owner->conf ? owner->conf->advertise.count : 0;
	struct fixed *f = xcalloc(owner->claims.count + adverts + 1, sizeof(*f));

	*n = 0;
	for (size_t i = 0; i < owner->claims.count; i++)
		f[(*n)++] =
			(struct fixed){owner->claims.v[i].prefix, &owner->claims.v[i]};
	for (size_t i = 0; i < adverts; i++)
		f[(*n)++] = (struct fixed){.prefix = owner->conf->advertise.v[i]};
	qsort(f, *n, sizeof(*f), compare_fixed);
	return f;
}

static void emit_fixed(struct walk *w, const struct tenant *owner, const struct fixed *f)
{
	if (!is_wanted(w, &f->prefix))
		return;
	if (f->claim)
		emit_claim(w, owner, f->claim);
	else
		emit_advert(w, owner, &f->prefix);
}

static bool is_of(const struct learned *l, const struct tenant *owner)
{
	return l->path && l->path->tenant == owner;
}

/* The route of @owner that follows @l, or the first one; IPv4 before IPv6. */
static const struct learned *next_learned(const struct vrf_routes *v,
					  const struct learned *l,
					  const struct tenant *owner)
{
	struct ptree_node *n;

	do {
		n = l ? ptree_next(&l->node, NULL) : ptree_first(&v->v4, NULL);
		if (!n && (!l || l->node.prefix.addr.family == AF_INET))
			n = ptree_first(&v->v6, NULL);
		l = n ? container_of(n, struct learned, node) : NULL;
	} while (l && !is_of(l, owner));
	return l;
}

static void walk_tenant(struct walk *w, const struct tenant *owner)
{
	size_t n, i = 0;
	struct fixed *f = collect_fixed(owner, &n);
	struct vrf_routes *v = NULL;
	const struct learned *l = NULL;
	uint32_t vrf;

	if (rib_vrf_find(w->t->rib, owner->vrf, &vrf) == 0)
		HASH_FIND(hh, w->t->vrfs, &vrf, sizeof(vrf), v);
	while (v && !w->stopped && (l = next_learned(v, l, owner))) {
		while (i < n && prefix_cmp(&f[i].prefix, &l->node.prefix) <= 0)
			emit_fixed(w, owner, &f[i++]);
		emit_decided(w, l);
	}
	while (i < n)
		emit_fixed(w, owner, &f[i++]);
	free(f);
}

/* One prefix needs no walk over the routes. */
static void look_at_tenant(struct walk *w, const struct tenant *owner)
{
	size_t n;
	struct fixed *f = collect_fixed(owner, &n);
	const struct learned *l = NULL;
	uint32_t vrf;

	for (size_t i = 0; i < n; i++)
		emit_fixed(w, owner, &f[i]);
	if (rib_vrf_find(w->t->rib, owner->vrf, &vrf) == 0)
		l = learned_find(w->t, vrf, w->only);
	if (l && is_of(l, owner))
		emit_decided(w, l);
	free(f);
}

/* ---- what is no tenant's ---- */

struct foreign {
	struct walk *w;
	uint32_t vrf;
};

static void emit_if_foreign(struct walk *w, const struct rib_route *route, uint32_t vrf)
{
	const struct learned *l = learned_find(w->t, vrf, &route->prefix);

	if (!l || (l->verdict != DECIDE_VERDICT_COUNT && !(l->path && l->path->tenant)))
		emit_learned(w, route, vrf, l);
}

static bool emit_foreign(const struct rib_route *route, void *arg)
{
	struct foreign *s = arg;

	emit_if_foreign(s->w, route, s->vrf);
	return !s->w->stopped;
}

static void walk_foreign(struct walk *w)
{
	const struct tenants *t = w->t;

	for (size_t i = 0; i < t->tenant_count && !w->stopped; i++) {
		struct foreign s = {.w = w};
		const struct rib_route *route;

		if (!tenants_vrf_is_first(t, i) ||
		    rib_vrf_find(t->rib, t->tenant[i]->vrf, &s.vrf))
			continue;
		if (!w->only)
			rib_walk(t->rib, s.vrf, emit_foreign, &s);
		else if ((route = rib_find(t->rib, s.vrf, w->only)))
			emit_if_foreign(w, route, s.vrf);
	}
}

void tenants_walk_routes(const struct tenants *t, const struct prefix *prefix,
			 bool (*fn)(const struct tenant_route_view *v, void *arg),
			 void *arg)
{
	struct walk w = {.t = t, .only = prefix, .fn = fn, .arg = arg};

	for (size_t i = 0; i < t->tenant_count && !w.stopped; i++) {
		if (prefix)
			look_at_tenant(&w, t->tenant[i]);
		else
			walk_tenant(&w, t->tenant[i]);
	}
	walk_foreign(&w);
}
