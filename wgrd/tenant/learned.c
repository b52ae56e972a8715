/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Learned routes: what the RIB says changed goes on the dirty list, a job decides, and
 * what is accepted becomes wishes. A route whose next hops are none of ours is not kept,
 * so a full table of transit routes costs nothing here.
 *
 * Limits: who comes first has the room. One that is refused waits with the peer or tenant
 * that has no room for it, and is decided again, oldest first, when there is some. When
 * everything is decided anew, those that had room keep it, in order of prefix. Where a
 * hold is configured, nobody has any room after one too many (quota.c).
 */
#include <errno.h>
#include <stdlib.h>

#include "wgrd/lib/log.h"
#include "wgrd/tenant/tenant_internal.h"

struct learned *learned_find(const struct tenants *t, uint32_t vrf,
			     const struct prefix *p)
{
	const struct vrf_routes *v = routes_find(t, vrf);

	return v ? pmap_find(&v->learned, p) : NULL;
}

/* ---- wishes ---- */

/* @withdrawn: by routing. */
static void unwish(struct tenants *t, const struct prefix *prefix, struct learned *l,
		   bool withdrawn)
{
	const struct path *p = l->path;

	if (!l->wished)
		return;
	l->wished = false;
	for (unsigned i = 0; i < p->leg_count; i++)
		fib_unwant_permission(t->fib, p->leg[i].dev, prefix, withdrawn);
	if (p->table)
		fib_unwant_route(t->fib, p->table, prefix, TENANT_METRIC);
}

/* Stating again what is wished already changes nothing in the FIB. */
static void wish(struct tenants *t, const struct prefix *prefix, struct learned *l)
{
	const struct path *p = l->path;
	int err = 0;

	l->wished = true;
	for (unsigned i = 0; i < p->leg_count && !err; i++)
		err = fib_want_permission(t->fib, p->leg[i].dev, prefix, p->leg[i].group,
					  p->leg[i].group, true);
	if (!err && p->table) {
		struct kroute r = {
			.table = p->table,
			.dst = *prefix,
			.metric = TENANT_METRIC,
			.type = KROUTE_UNICAST,
			.oif = wg_device_ifindex(p->leg[0].dev),
		};

		err = fib_want_route(t->fib, &r, p->leg[0].dev);
	}
	if (err)
		tenants_retry(t);
}

/* ---- refused ones ---- */

/* A refused one is counted with its tenant, and waits if it is for a limit. */
static void refuse(struct tenants *t, struct vrf_routes *v, const struct prefix *prefix,
		   struct learned *l)
{
	struct path *p = l->path;
	struct quota *q = NULL;

	if (p->tenant)
		p->tenant->refused++;
	if (l->verdict == DECIDE_PEER_LIMIT || l->verdict == DECIDE_PEER_HELD)
		q = stage_closed_peer(p);
	else if (l->verdict == DECIDE_TENANT_LIMIT || l->verdict == DECIDE_TENANT_HELD)
		q = &p->tenant->quota;
	if (q && routes_wait(t, q, v, prefix, l))
		tenants_retry(t);
}

static void unrefuse(struct learned *l)
{
	if (l->verdict == DECIDE_ACCEPT || l->verdict == DECIDE_VERDICT_COUNT)
		return;
	if (l->path && l->path->tenant)
		l->path->tenant->refused--;
	l->verdict = DECIDE_VERDICT_COUNT;
}

/* ---- the decision ---- */

static void forget(struct tenants *t, struct vrf_routes *v, const struct prefix *p,
		   struct learned *l)
{
	stage_leave(l);
	unwish(t, p, l, false);
	unrefuse(l);
	routes_stop_waiting(t, v, p, l);
	if (l->path)
		path_put(t, l->path);
	pmap_remove(&v->learned, p);
	routes_drop_if_empty(t, v);
}

static void set_path(struct tenants *t, const struct prefix *prefix, struct learned *l,
		     struct path *p)
{
	if (l->path && l->path != p)
		unwish(t, prefix, l, false);
	if (l->path)
		path_put(t, l->path);
	l->path = p;
}

static void log_verdict(const struct prefix *p, const struct learned *l,
			enum decide_verdict was)
{
	char buf[PREFIX_STRLEN];

	if (l->verdict != was)
		log_debug(LOG_TENANT, "%s: %s", prefix_str(p, buf),
			  decide_verdict_name(l->verdict));
}

/* @l is the value of @prefix in @v, and may be gone afterwards, @v with it. */
static void decide_one(struct tenants *t, struct vrf_routes *v,
		       const struct prefix *prefix, struct learned *l)
{
	enum decide_verdict was = l->verdict;
	struct rib_route route;
	struct path *p;

	routes_stop_waiting(t, v, prefix, l);
	l->dirty = false;
	if (!rib_find(t->rib, v->vrf, prefix, &route)) {
		unwish(t, prefix, l, true);
		forget(t, v, prefix, l);
		return;
	}
	stage_leave(l);
	unrefuse(l);
	p = path_obtain(t, v->vrf, &route);
	set_path(t, prefix, l, p);
	if (!p) {
		l->verdict = DECIDE_NO_MEMORY;
		tenants_retry(t);
		return;
	}
	l->verdict = question_verdict(p, prefix);
	if (l->verdict == DECIDE_NOT_OURS) {
		forget(t, v, prefix, l);
		return;
	}
	stage_enter(l);
	if (l->verdict == DECIDE_ACCEPT) {
		wish(t, prefix, l);
	} else {
		unwish(t, prefix, l, false);
		refuse(t, v, prefix, l);
	}
	log_verdict(prefix, l, was);
}

/* Whoever waits for room that has become free. */
static void feed_waiting(struct tenants *t)
{
	while (!cds_list_empty(&t->roomy)) {
		struct quota *quota =
			cds_list_first_entry(&t->roomy, struct quota, roomy);
		struct learned_queued *q;
		struct vrf_routes *v;
		struct prefix p;

		if (quota_closed(quota) || cds_list_empty(&quota->waiting)) {
			cds_list_del_init(&quota->roomy);
			continue;
		}
		q = cds_list_first_entry(&quota->waiting, struct learned_queued, link);
		v = routes_find(t, q->vrf);
		p = q->prefix;
		decide_one(t, v, &p, pmap_find(&v->learned, &p));
	}
}

/* ---- what is dirty ---- */

/* -ENOMEM: nothing has changed. */
static int mark(struct tenants *t, struct vrf_routes *v, const struct prefix *p,
		struct learned *l)
{
	if (l->dirty)
		return 0;
	if (!queue_add(t, &t->dirty, v->vrf, p))
		return -ENOMEM;
	routes_stop_waiting(t, v, p, l);
	l->dirty = true;
	tenants_ask(t);
	return 0;
}

int learned_mark(struct tenants *t, uint32_t vrf, const struct prefix *p, bool gone)
{
	struct vrf_routes *v = routes_find(t, vrf);
	struct learned *l = v ? pmap_find(&v->learned, p) : NULL;

	if (!l && gone)
		return 0;
	if (!l) {
		v = v ?: routes_obtain(t, vrf);
		l = routes_add(t, v, p);
	}
	return l ? mark(t, v, p, l) : -ENOMEM;
}

void learned_claim_changed(struct tenants *t, const struct tenant *owner,
			   const struct prefix *p)
{
	struct learned *l = NULL;
	uint32_t vrf;

	if (rib_vrf_find(t->rib, owner->from, &vrf) == 0)
		l = learned_find(t, vrf, p);
	if (!l)
		return;
	unwish(t, p, l, false);
	if (mark(t, routes_find(t, vrf), p, l))
		tenants_retry(t);
}

/* ---- everything ---- */

/* Somebody who has it is held now. */
static void leave_if_held(struct tenants *t, struct vrf_routes *v, const struct prefix *p,
			  struct learned *l)
{
	const struct path *path = l->path;

	if (path && path->kind == HOP_PEER &&
	    (stage_has_held_peer(path) || path->tenant->quota.held))
		decide_one(t, v, p, l);
}

/* Who has too much is held at the end of the turn, which gives room to others. */
static void settle(struct tenants *t)
{
	feed_waiting(t);
	while (!cds_list_empty(&t->unsettled)) {
		bool held = false;

		while (!cds_list_empty(&t->unsettled))
			held |= quota_settle(cds_list_first_entry(
				&t->unsettled, struct quota, unsettled));
		if (held) {
			routes_each(t, leave_if_held);
			fib_let_nobody_pass(t->fib);
		}
		feed_waiting(t);
	}
}

void learned_run_dirty(struct tenants *t)
{
	while (!cds_list_empty(&t->dirty)) {
		struct learned_queued *q =
			cds_list_first_entry(&t->dirty, struct learned_queued, link);
		const struct prefix p = q->prefix;
		struct vrf_routes *v = routes_find(t, q->vrf);
		struct learned *l = v ? pmap_find(&v->learned, &p) : NULL;

		queue_remove(t, q);
		if (l && l->dirty) /* else it has been decided with everything */
			decide_one(t, v, &p, l);
	}
	settle(t);
}

static void start_over(struct tenants *t, struct vrf_routes *v, const struct prefix *p,
		       struct learned *l)
{
	(void)t;
	stage_leave(l);
	routes_stop_waiting(t, v, p, l);
	l->dirty = false;
}

static void release_if_detached(struct tenants *t, struct vrf_routes *v,
				const struct prefix *p, struct learned *l)
{
	(void)v;
	if (l->path && l->path->detached)
		unwish(t, p, l, false);
}

static void forget_dirty(struct tenants *t)
{
	while (!cds_list_empty(&t->dirty))
		queue_remove(
			t, cds_list_first_entry(&t->dirty, struct learned_queued, link));
}

void learned_start_over(struct tenants *t)
{
	routes_each(t, start_over);
	forget_dirty(t);
}

void learned_release_detached(struct tenants *t)
{
	routes_each(t, release_if_detached);
}

static void decide_if_accepted(struct tenants *t, struct vrf_routes *v,
			       const struct prefix *p, struct learned *l)
{
	if (l->verdict == DECIDE_ACCEPT)
		decide_one(t, v, p, l);
}

static void decide_if_counted(struct tenants *t, struct vrf_routes *v,
			      const struct prefix *p, struct learned *l)
{
	if (l->verdict == DECIDE_TENANT_LIMIT || l->verdict == DECIDE_TENANT_HELD)
		decide_one(t, v, p, l);
}

static void decide_if_refused(struct tenants *t, struct vrf_routes *v,
			      const struct prefix *p, struct learned *l)
{
	if (l->stage < STAGE_COUNTED)
		decide_one(t, v, p, l);
}

struct rib_search {
	struct tenants *t;
	uint32_t vrf;
};

/* Routes that were nobody's business so far. */
static bool adopt_route(const struct rib_route *r, void *arg)
{
	struct rib_search *s = arg;
	struct vrf_routes *v;
	struct learned *l;

	if (learned_find(s->t, s->vrf, &r->prefix))
		return true;
	v = routes_obtain(s->t, s->vrf);
	l = routes_add(s->t, v, &r->prefix);
	if (l)
		decide_one(s->t, v, &r->prefix, l);
	else
		tenants_retry(s->t);
	return true;
}

void learned_decide_all(struct tenants *t)
{
	routes_each(t, decide_if_accepted);
	routes_each(t, decide_if_counted);
	routes_each(t, decide_if_refused);
	for (size_t i = 0; i < t->tenant_count; i++) {
		struct rib_search s = {.t = t};

		if (tenants_source_is_first(t, i) &&
		    rib_vrf_find(t->rib, t->tenant[i]->from, &s.vrf) == 0)
			rib_walk(t->rib, s.vrf, adopt_route, &s);
	}
}

/* ---- those whose path is stale ---- */

struct learned_key {
	uint32_t vrf;
	struct prefix prefix;
};

static void add_key(struct learned_set *set, uint32_t vrf, const struct prefix *p)
{
	if (set->count == set->room) {
		set->room = set->room ? 2 * set->room : 16;
		set->v = xrealloc(set->v, set->room, sizeof(*set->v));
	}
	set->v[set->count++] = (struct learned_key){.vrf = vrf, .prefix = *p};
}

/* Few paths are compared with themselves, which is a look less at each prefix. */
enum {
	FEW = 4
};

struct stale_paths {
	const struct path *v[FEW];
	unsigned count;
	size_t prefixes;
};

/* Of a VRF; beyond a few, those that come first. */
static struct stale_paths find_stale(const struct tenants *t, uint32_t vrf)
{
	struct stale_paths s = {0};
	const struct path *p;

	cds_list_for_each_entry (p, &t->touched, touched) {
		if (!p->stale || path_vrf(p) != vrf)
			continue;
		if (s.count < FEW)
			s.v[s.count] = p;
		s.count++;
		s.prefixes += p->refs;
	}
	return s;
}

static bool is_stale(const void *value, const void *arg)
{
	const struct learned *l = value;
	const struct stale_paths *s = arg;

	if (s->count > FEW)
		return l->path && l->path->stale;
	for (unsigned i = 0; i < s->count; i++)
		if (l->path == s->v[i])
			return true;
	return false;
}

/* A prefix knows its path, and no path its prefixes: there are a million of them. */
void learned_gather_stale(struct tenants *t, struct learned_set *set)
{
	for (struct vrf_routes *v = t->vrfs; v; v = v->hh.next) {
		const struct stale_paths s = find_stale(t, v->vrf);
		struct pmap_at at = {0};

		for (size_t left = s.prefixes; left; left--) {
			if (!pmap_search(&v->learned, is_stale, &s, &at))
				break;
			add_key(set, v->vrf, &at.prefix);
		}
	}
}

static void each_of(struct tenants *t, const struct learned_set *set,
		    void (*fn)(struct tenants *t, struct vrf_routes *v,
			       const struct prefix *p, struct learned *l))
{
	for (size_t i = 0; i < set->count; i++) {
		const struct learned_key *k = &set->v[i];
		struct vrf_routes *v = routes_find(t, k->vrf);
		struct learned *l = v ? pmap_find(&v->learned, &k->prefix) : NULL;

		if (l)
			fn(t, v, &k->prefix, l);
	}
}

void learned_start_over_some(struct tenants *t, const struct learned_set *set)
{
	each_of(t, set, start_over);
}

void learned_release_some(struct tenants *t, const struct learned_set *set)
{
	each_of(t, set, release_if_detached);
}

void learned_decide_some(struct tenants *t, const struct learned_set *set)
{
	each_of(t, set, decide_if_accepted);
	each_of(t, set, decide_if_counted);
	each_of(t, set, decide_if_refused);
}

void learned_set_fini(struct learned_set *set)
{
	free(set->v);
}

void learned_adopt(struct tenants *t, uint32_t vrf, const struct pmap *gates)
{
	struct rib_search s = {.t = t, .vrf = vrf};

	rib_walk_via(t->rib, vrf, gates, adopt_route, &s);
}

/* ---- the end ---- */

/* The FIB keeps what it was told. */
static void abandon(struct tenants *t, struct vrf_routes *v, const struct prefix *p,
		    struct learned *l)
{
	l->wished = false;
	forget(t, v, p, l);
}

void learned_free_all(struct tenants *t)
{
	routes_each(t, abandon);
	forget_dirty(t);
}
