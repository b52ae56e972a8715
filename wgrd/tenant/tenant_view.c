/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What show prints. Sentences are made here and now from the same question that was
 * decided; nothing is stored for them.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/kernel/kforeign.h"
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
	return rib_vrf_find(t->rib, owner->from, &vrf) ? "VRF unknown" : NULL;
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
		.learn_table = owner->conf ? owner->conf->learn_table : 0,
		.learned = owner->quota.used + owner->refused,
		.accepted = owner->quota.used,
		.refused = owner->refused,
		.fixed = owner->claims.count,
		.max_prefix = owner->quota.max,
		.max_prefix_hold = owner->quota.hold_s,
		.max_prefix_warning = owner->quota.warning_percent,
		.held_s = quota_held_s(&owner->quota),
		.prefix_list = owner->filter.name,
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

void tenants_peer_view(const struct tenants *t, const struct wg_peer *p,
		       struct tenant_peer_view *v)
{
	const struct member *m = member_find(t, p);

	*v = (struct tenant_peer_view){0};
	if (!m)
		return;
	v->counted = m->quota.used;
	v->waiting = m->quota.wanted - m->quota.used;
	v->held_s = quota_held_s(&m->quota);
}

/* ---- one prefix ---- */

struct walk {
	const struct tenants *t;
	const struct prefix *only; /* NULL: all */
	bool (*fn)(const struct tenant_route_view *v, void *arg);
	void *arg;
	bool stopped;
	/* Of a walk in several steps; else NULL. */
	struct tenant_routes_at *at;
	size_t left;
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

/* A VRF's kernel table stands in for a zebra that is not understood. */
static const char *source_of(const struct tenants *t, const struct rib_route *route,
			     uint32_t vrf, char buf[static RIB_VRF_NAME_LEN])
{
	const char *name = rib_vrf_name(t->rib, vrf) ?: "";

	if (route->source == RIB_FROM_ZEBRA)
		return "zebra";
	if (rib_vrf_is_table(name))
		return name;
	return vrf ? "kernel" : rib_table_name(KFOREIGN_MAIN_TABLE, buf);
}

static_assert((int)RIB_NEXTHOP_MAX <= (int)WG_GROUP_MAX, "all members are shown");

static void fill_members(struct tenant_route_view *v, const struct resolution *r)
{
	for (unsigned i = 0; i < r->member_count; i++) {
		const char *name = wg_peer_name(r->member[i].peer);

		if (i < r->primary_count)
			v->peer[v->peer_count++] = name;
		else
			v->backup[v->backup_count++] = name;
	}
}

/* @l is NULL for a route that is no tenant's. */
static void emit_learned(struct walk *w, const struct rib_route *route, uint32_t vrf,
			 const struct learned *l)
{
	const struct tenants *t = w->t;
	const struct path *path = l ? l->path : NULL;
	struct tenant_route_view v = {
		.tenant = "",
		.vrf = rib_vrf_name(t->rib, vrf) ?: "",
		.from = "",
		.prefix = route->prefix,
		.origin = TENANT_LEARNED,
		.protocol = rib_proto_name(route->proto),
		.tag = route->tag,
		.nexthop_count = route->nh_count,
		.nexthop = route->nh,
		.verdict = l ? l->verdict : DECIDE_NOT_OURS,
		.changed_ns = route->changed_ns,
	};
	char local[128], reason[256], source[RIB_VRF_NAME_LEN];
	struct decide_question q;
	struct resolution r;

	resolve(t, vrf, tag_of(t, vrf, route), route->nh, route->nh_count, &r);
	learned_question(t, route, &r, local, &q);
	v.reason = decide_explain(&q, v.verdict, reason, sizeof(reason));
	v.device = q.nexthop.device;
	v.source = source_of(t, route, vrf, source);
	if (path && path->tenant) {
		v.tenant = path->tenant->name;
		v.vrf = path->tenant->vrf;
		v.from = path->tenant->from;
	}
	if (v.verdict == DECIDE_ACCEPT) {
		fill_members(&v, &r);
		v.table = path->table;
		fill_progress(t, &v, path->leg[0].dev,
			      wg_device_ifindex(path->leg[0].dev));
	} else if (r.peer) {
		v.peer[v.peer_count++] = wg_peer_name(r.peer);
	}
	emit(w, &v);
}

/* What is marked but not decided yet has no verdict to show. */
static void emit_decided(struct walk *w, uint32_t vrf, const struct prefix *p,
			 const struct learned *l)
{
	struct rib_route route;

	if (l->verdict != DECIDE_VERDICT_COUNT && is_wanted(w, p) &&
	    rib_find(w->t->rib, vrf, p, &route))
		emit_learned(w, &route, vrf, l);
}

/* ---- claims and own prefixes ---- */

static void emit_claim(struct walk *w, const struct tenant *owner, const struct prefix *p,
		       const struct claim *c)
{
	const struct tenants *t = w->t;
	const struct claim *instead;
	struct tenant_route_view v = {
		.tenant = owner->name,
		.vrf = owner->vrf,
		.from = owner->from,
		.prefix = *p,
		.origin = c->origin,
		.protocol = "",
		.reason = "",
		.device = claim_device_name(c),
		.table = owner->table,
	};
	char what[128], reason[192];

	if (c->member)
		v.peer[v.peer_count++] = wg_peer_name(c->member->peer);
	if (local_effective(owner, p, c, &instead)) {
		v.verdict = DECIDE_ACCEPT;
		v.reason = local_describe(c, reason, sizeof(reason));
		fill_progress(t, &v, claim_device(c), c->oif);
	} else if (instead) {
		v.verdict = DECIDE_COVERED_LOCALLY;
		snprintf(reason, sizeof(reason), "%s comes first",
			 local_describe(instead, what, sizeof(what)));
		v.reason = reason;
	} else {
		const struct tenant_device *d = tenants_device(t, claim_device(c));

		v.verdict = DECIDE_PEER_UNUSABLE;
		snprintf(reason, sizeof(reason), "peer %s of %s %s", v.peer[0], v.device,
			 d ? resolve_why_unusable(d, c->member->peer) : "is gone");
		v.reason = reason;
	}
	emit(w, &v);
}

/* How far an own prefix is that is where it belongs. @reason is for a sentence about it. */
static void add_progress(const struct tenants *t, const struct advert *a,
			 struct tenant_route_view *v, char *reason, size_t len)
{
	const struct fib_advert given = tables_advert_of(a);
	struct fib_route_view r;

	if (a->place.table) {
		snprintf(reason, len, "put into table %u with metric %u via %s",
			 a->place.table, a->place.metric, v->device);
		v->table = a->place.table;
		v->route_known = fib_route_state(t->fib, a->place.table, &a->prefix,
						 a->place.metric, &r);
		if (v->route_known) {
			v->route = r.state;
			v->route_error = r.error;
		}
		return;
	}
	if (a->instance)
		snprintf(reason, len, "given to zebra as instance %u with tag %u via %s",
			 a->instance, a->tag, v->device);
	else
		snprintf(reason, len, "given to zebra with tag %u via %s", a->tag,
			 v->device);
	v->route_known = fib_advertise_state(t->fib, &given, &v->route, &v->route_error);
}

static void emit_advert(struct walk *w, const struct tenant *owner,
			const struct prefix *p)
{
	const struct tenants *t = w->t;
	const struct tenant_device *d = tables_advert_device(t, owner);
	struct tenant_route_view v = {
		.tenant = owner->name,
		.vrf = owner->vrf,
		.from = owner->from,
		.prefix = *p,
		.origin = TENANT_ADVERTISED,
		.protocol = "",
		.device = d ? wg_device_name(d->dev) : "",
		.verdict = DECIDE_ACCEPT,
	};
	const struct member *gate = tables_gate(owner, p);
	const struct advert *a = NULL;
	struct advert_place place;
	char reason[192] = "";
	bool known = tables_place(t, owner, &place);

	if (known)
		a = tables_find_advert(&t->tables, owner, &place, p);
	if (!d) {
		v.verdict = DECIDE_NOT_OURS;
		snprintf(reason, sizeof(reason),
			 "tenant %s has no WireGuard interface to announce it from",
			 owner->name);
	} else if (!known) {
		v.verdict = DECIDE_NOT_OURS;
		snprintf(reason, sizeof(reason),
			 "the kernel has no table for advertise-kernel: there is no VRF "
			 "device %s",
			 owner->vrf);
	} else if (gate && !health_is_good(gate)) {
		v.verdict = DECIDE_PEER_DOWN;
		v.peer[v.peer_count++] = wg_peer_name(gate->peer);
		snprintf(reason, sizeof(reason),
			 "it is peer %s's, which does not answer; with advertise-always "
			 "it would be advertised all the same",
			 v.peer[0]);
	} else if (a && a->owner != owner) {
		v.verdict = DECIDE_OWN;
		snprintf(reason, sizeof(reason), "tenant %s advertises it already",
			 a->owner->name);
	} else if (a) {
		add_progress(t, a, &v, reason, sizeof(reason));
	}
	v.reason = reason;
	emit(w, &v);
}

/* ---- a tenant: claims, own prefixes and learned ones merged by prefix ---- */

/* Both are in order: claims come before the own prefix that is the same. */
struct fixed {
	const struct tenant *owner;
	bool claims; /* there are more */
	struct pmap_at at;
	unsigned claim; /* the next one there */
	size_t advert;  /* the next one */
};

static size_t advert_count(const struct tenant *owner)
{
	return owner->conf ? owner->conf->advertise.count : 0;
}

/* The first own prefix that comes at @p, or with @behind after it. */
static size_t find_advert(const struct tenant *owner, const struct prefix *p, bool behind)
{
	size_t low = 0, high = advert_count(owner);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (prefix_cmp(&owner->conf->advertise.v[mid], p) < (behind ? 1 : 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* From @p on, or with @behind from what follows it; NULL: from the first. */
static struct fixed fixed_from(const struct tenant *owner, const struct prefix *p,
			       bool behind)
{
	const struct pmap *claims = &owner->claims.map;
	struct fixed f = {.owner = owner};

	if (!p) {
		f.claims = pmap_first(claims, &f.at);
		return f;
	}
	f.claims = (!behind && pmap_first_under(claims, p, &f.at)) ||
		   pmap_after(claims, p, &f.at);
	f.advert = find_advert(owner, p, behind);
	return f;
}

/* The prefix that is next; NULL: none. */
static const struct prefix *fixed_next(const struct fixed *f)
{
	const struct prefix *c = f->claims ? &f->at.prefix : NULL;
	const struct prefix *a = f->advert < advert_count(f->owner)
					 ? &f->owner->conf->advertise.v[f->advert]
					 : NULL;

	if (!c || !a)
		return c ?: a;
	return prefix_cmp(c, a) <= 0 ? c : a;
}

static void emit_next_claim(struct walk *w, struct fixed *f)
{
	const struct claim_run *r = *(struct claim_run **)f->at.value;

	emit_claim(w, f->owner, &f->at.prefix, &r->v[f->claim++]);
	if (f->claim < r->count)
		return;
	f->claim = 0;
	f->claims = pmap_next(&f->owner->claims.map, &f->at);
}

/* There is a next one. */
static void emit_fixed(struct walk *w, struct fixed *f)
{
	const struct prefix *next = fixed_next(f);

	if (next == &f->at.prefix) {
		emit_next_claim(w, f);
	} else {
		f->advert++;
		emit_advert(w, f->owner, next);
	}
}

/* ---- steps of a walk ---- */

/* All there is to say of @p has been said. */
static void done_with(struct walk *w, const struct prefix *p)
{
	if (!w->at)
		return;
	w->at->inside = true;
	w->at->prefix = *p;
	if (!--w->left)
		w->stopped = true;
}

/* Is this stage of this tenant over, begun or not? Begins it, if it is not. */
static bool is_past(struct walk *w, unsigned stage, const struct tenant *owner)
{
	struct tenant_routes_at *at = w->at;
	int cmp;

	if (!at)
		return false;
	cmp = at->stage == stage  ? strcmp(at->tenant, owner->name)
	      : at->stage > stage ? 1
				  : -1;
	if (cmp > 0)
		return true;
	if (cmp < 0) {
		*at = (struct tenant_routes_at){.stage = stage};
		snprintf(at->tenant, sizeof(at->tenant), "%s", owner->name);
	}
	return false;
}

static const struct prefix *behind(const struct walk *w)
{
	return w->at && w->at->inside ? &w->at->prefix : NULL;
}

static bool is_of(const struct learned *l, const struct tenant *owner)
{
	return l->path && l->path->tenant == owner;
}

static void emit_fixed_at(struct walk *w, struct fixed *f, const struct prefix *p)
{
	const struct prefix *next;

	while (!w->stopped && (next = fixed_next(f)) && prefix_equal(next, p))
		emit_fixed(w, f);
}

/* Those before @until; NULL: all. */
static void emit_fixed_before(struct walk *w, struct fixed *f, const struct prefix *until)
{
	const struct prefix *next;

	while (!w->stopped && (next = fixed_next(f)) &&
	       (!until || prefix_cmp(next, until) < 0)) {
		const struct prefix p = *next;

		emit_fixed_at(w, f, &p);
		done_with(w, &p);
	}
}

static const struct pmap *learned_by(const struct tenants *t, const struct tenant *owner,
				     uint32_t *vrf)
{
	struct vrf_routes *v = NULL;

	if (rib_vrf_find(t->rib, owner->from, vrf) == 0)
		HASH_FIND(hh, t->vrfs, vrf, sizeof(*vrf), v);
	return v ? &v->learned : NULL;
}

static void walk_tenant(struct walk *w, const struct tenant *owner)
{
	const struct prefix *after = behind(w);
	struct fixed f = fixed_from(owner, after, true);
	struct pmap_at at;
	uint32_t vrf;
	const struct pmap *m = learned_by(w->t, owner, &vrf);
	bool more = m && (after ? pmap_after(m, after, &at) : pmap_first(m, &at));

	for (; more && !w->stopped; more = pmap_next(m, &at)) {
		emit_fixed_before(w, &f, &at.prefix);
		if (w->stopped)
			return;
		emit_fixed_at(w, &f, &at.prefix);
		if (is_of(at.value, owner))
			emit_decided(w, vrf, &at.prefix, at.value);
		done_with(w, &at.prefix);
	}
	emit_fixed_before(w, &f, NULL);
}

/* One prefix needs no walk over the others. */
static void look_at_tenant(struct walk *w, const struct tenant *owner)
{
	struct fixed f = fixed_from(owner, w->only, false);
	const struct learned *l = NULL;
	uint32_t vrf;

	emit_fixed_at(w, &f, w->only);
	if (rib_vrf_find(w->t->rib, owner->from, &vrf) == 0)
		l = learned_find(w->t, vrf, w->only);
	if (l && is_of(l, owner))
		emit_decided(w, vrf, w->only, l);
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
	done_with(s->w, &route->prefix);
	return !s->w->stopped;
}

static void walk_foreign(struct walk *w)
{
	const struct tenants *t = w->t;

	for (size_t i = 0; i < t->tenant_count && !w->stopped; i++) {
		struct foreign s = {.w = w};
		struct rib_route route;

		if (!tenants_source_is_first(t, i) ||
		    rib_vrf_find(t->rib, t->tenant[i]->from, &s.vrf) ||
		    is_past(w, TENANT_ROUTES_FOREIGN, t->tenant[i]))
			continue;
		if (!w->only)
			rib_walk_after(t->rib, s.vrf, behind(w), emit_foreign, &s);
		else if (rib_find(t->rib, s.vrf, w->only, &route))
			emit_if_foreign(w, &route, s.vrf);
	}
}

static void walk_all(struct walk *w)
{
	const struct tenants *t = w->t;

	for (size_t i = 0; i < t->tenant_count && !w->stopped; i++) {
		if (w->only)
			look_at_tenant(w, t->tenant[i]);
		else if (!is_past(w, TENANT_ROUTES_OWN, t->tenant[i]))
			walk_tenant(w, t->tenant[i]);
	}
	walk_foreign(w);
}

void tenants_walk_routes(const struct tenants *t, const struct prefix *prefix,
			 bool (*fn)(const struct tenant_route_view *v, void *arg),
			 void *arg)
{
	struct walk w = {.t = t, .only = prefix, .fn = fn, .arg = arg};

	walk_all(&w);
}

struct on {
	void (*fn)(const struct tenant_route_view *v, void *arg);
	void *arg;
};

static bool go_on(const struct tenant_route_view *v, void *arg)
{
	const struct on *on = arg;

	on->fn(v, on->arg);
	return true;
}

bool tenants_walk_routes_on(const struct tenants *t, struct tenant_routes_at *at,
			    size_t most,
			    void (*fn)(const struct tenant_route_view *v, void *arg),
			    void *arg)
{
	struct on on = {fn, arg};
	struct walk w = {.t = t, .fn = go_on, .arg = &on, .at = at, .left = most};

	walk_all(&w);
	return w.stopped;
}
