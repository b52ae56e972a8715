/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The order in which prefixes are shown, all at once or in steps: by tenant and prefix, and at the
 * end what is no tenant's. What is said of each is in route_view.c.
 */
#include <stdio.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

struct walk {
	const struct tenants *t;
	const struct prefix *only; /* NULL: all */
	struct route_reader out;
	/* Of a walk in several steps; else NULL. */
	struct tenant_routes_at *at;
	size_t left;
};

static bool is_wanted(const struct walk *w, const struct prefix *p)
{
	return !w->out.stopped && (!w->only || prefix_equal(w->only, p));
}

/* What is marked but not decided yet has no verdict to show. */
static void emit_decided(struct walk *w, uint32_t vrf, const struct prefix *p,
			 const struct learned *l)
{
	struct rib_route route;

	if (l->verdict != DECIDE_VERDICT_COUNT && is_wanted(w, p) &&
	    rib_find(w->t->rib, vrf, p, &route))
		route_view_learned(w->t, &route, vrf, l, &w->out);
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

	route_view_claim(w->t, f->owner, &f->at.prefix, &r->v[f->claim++], &w->out);
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
		route_view_advert(w->t, f->owner, next, &w->out);
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
		w->out.stopped = true;
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

	while (!w->out.stopped && (next = fixed_next(f)) && prefix_equal(next, p))
		emit_fixed(w, f);
}

/* Those before @until; NULL: all. */
static void emit_fixed_before(struct walk *w, struct fixed *f, const struct prefix *until)
{
	const struct prefix *next;

	while (!w->out.stopped && (next = fixed_next(f)) &&
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

	for (; more && !w->out.stopped; more = pmap_next(m, &at)) {
		emit_fixed_before(w, &f, &at.prefix);
		if (w->out.stopped)
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
		route_view_learned(w->t, route, vrf, l, &w->out);
}

static bool emit_foreign(const struct rib_route *route, void *arg)
{
	struct foreign *s = arg;

	emit_if_foreign(s->w, route, s->vrf);
	done_with(s->w, &route->prefix);
	return !s->w->out.stopped;
}

static void walk_foreign(struct walk *w)
{
	const struct tenants *t = w->t;

	for (size_t i = 0; i < t->tenant_count && !w->out.stopped; i++) {
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

	for (size_t i = 0; i < t->tenant_count && !w->out.stopped; i++) {
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
	struct walk w = {.t = t, .only = prefix, .out = {.fn = fn, .arg = arg}};

	walk_all(&w);
}

void tenants_walk_routes_of(const struct tenants *t, const char *name,
			    const struct prefix *prefix,
			    bool (*fn)(const struct tenant_route_view *v, void *arg),
			    void *arg)
{
	const struct tenant *owner = tenants_find(t, name);
	struct walk w = {.t = t, .only = prefix, .out = {.fn = fn, .arg = arg}};

	if (owner && prefix)
		look_at_tenant(&w, owner);
	else if (owner)
		walk_tenant(&w, owner);
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
	struct walk w = {
		.t = t, .out = {.fn = go_on, .arg = &on}, .at = at, .left = most};

	walk_all(&w);
	return w.out.stopped;
}
