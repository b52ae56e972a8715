/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Learned routes: what the RIB says changed goes on the dirty list, a job decides, and
 * what is accepted becomes wishes. A route whose next hops are none of ours is not kept,
 * so a full table of transit routes costs nothing here.
 *
 * Limits: who comes first has the room. One that is refused waits with the peer or tenant
 * that has no room for it, and is decided again, oldest first, when there is some. When
 * everything is decided anew, those that had room keep it, in order of prefix.
 */
#include <errno.h>
#include <stdlib.h>

#include "wgrd/lib/log.h"
#include "wgrd/tenant/tenant_internal.h"

/* ---- where they are kept ---- */

static struct vrf_routes *find_routes(const struct tenants *t, uint32_t vrf)
{
	struct vrf_routes *v;

	HASH_FIND(hh, t->vrfs, &vrf, sizeof(vrf), v);
	return v;
}

static struct vrf_routes *obtain_routes(struct tenants *t, uint32_t vrf)
{
	struct vrf_routes *v = find_routes(t, vrf);

	if (v)
		return v;
	v = xcalloc(1, sizeof(*v));
	v->vrf = vrf;
	HASH_ADD(hh, t->vrfs, vrf, sizeof(v->vrf), v);
	return v;
}

static struct ptree *tree_of(struct vrf_routes *v, const struct prefix *p)
{
	return p->addr.family == AF_INET ? &v->v4 : &v->v6;
}

struct learned *learned_find(const struct tenants *t, uint32_t vrf,
			     const struct prefix *p)
{
	struct vrf_routes *v = find_routes(t, vrf);
	struct ptree_node *n = v ? ptree_find(tree_of(v, p), p) : NULL;

	return n ? container_of(n, struct learned, node) : NULL;
}

static struct learned *learned_new(struct tenants *t, uint32_t vrf,
				   const struct prefix *p)
{
	struct learned *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	CDS_INIT_LIST_HEAD(&l->link);
	l->routes = obtain_routes(t, vrf);
	l->node.prefix = *p;
	l->verdict = DECIDE_VERDICT_COUNT;
	if (ptree_insert(tree_of(l->routes, p), &l->node))
		abort(); /* the caller has looked */
	return l;
}

/* ---- wishes ---- */

static void unwish(struct tenants *t, struct learned *l)
{
	const struct path *p = l->path;

	if (!l->wished)
		return;
	l->wished = false;
	for (unsigned i = 0; i < p->leg_count; i++)
		fib_unwant_permission(t->fib, p->leg[i].dev, &l->node.prefix);
	if (p->table)
		fib_unwant_route(t->fib, p->table, &l->node.prefix, TENANT_METRIC);
}

/* Stating again what is wished already changes nothing in the FIB. */
static void wish(struct tenants *t, struct learned *l)
{
	const struct path *p = l->path;
	int err = 0;

	l->wished = true;
	for (unsigned i = 0; i < p->leg_count && !err; i++)
		err = fib_want_permission(t->fib, p->leg[i].dev, &l->node.prefix,
					  p->leg[i].group, p->leg[i].group, true);
	if (!err && p->table) {
		struct kroute r = {
			.table = p->table,
			.dst = l->node.prefix,
			.metric = TENANT_METRIC,
			.type = KROUTE_UNICAST,
			.oif = wg_device_ifindex(p->leg[0].dev),
		};

		err = fib_want_route(t->fib, &r, p->leg[0].dev);
	}
	if (err)
		tenants_retry(t);
}

/* ---- counting ---- */

static void count(struct learned *l)
{
	l->counted = true;
	quota_take(&l->path->tenant->quota);
	for (unsigned i = 0; i < l->path->member_count; i++)
		quota_take(&l->path->member[i]->quota);
}

static void uncount(struct tenants *t, struct learned *l)
{
	if (!l->counted)
		return;
	l->counted = false;
	/* In this order: what waits for the peer has the first claim to its room. */
	for (unsigned i = 0; i < l->path->member_count; i++)
		quota_give(t, &l->path->member[i]->quota);
	quota_give(t, &l->path->tenant->quota);
}

static struct quota *full_member(const struct path *p)
{
	for (unsigned i = 0; i < p->member_count; i++)
		if (quota_full(&p->member[i]->quota))
			return &p->member[i]->quota;
	return NULL;
}

/* A refused one is counted with its tenant, and waits if it is for a limit. */
static void refuse(struct learned *l)
{
	struct path *p = l->path;
	struct quota *q = NULL;

	if (p->tenant)
		p->tenant->refused++;
	if (l->verdict == DECIDE_PEER_LIMIT)
		q = full_member(p);
	else if (l->verdict == DECIDE_TENANT_LIMIT)
		q = &p->tenant->quota;
	if (q)
		cds_list_add_tail(&l->link, &q->waiting);
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

static bool advertises(const struct tenant *owner, const struct prefix *p)
{
	const struct conf_tenant *conf = owner->conf;

	for (size_t i = 0; conf && i < conf->advertise.count; i++)
		if (prefix_equal(&conf->advertise.v[i], p))
			return true;
	return false;
}

/* The quota that speaks for the route's peers: a full one, else the first with a limit. */
static void ask_about_peers(const struct tenants *t, const struct resolution *r,
			    struct decide_question *q)
{
	for (unsigned i = 0; i < r->member_count; i++) {
		struct wg_peer *peer = r->member[i].peer;
		const struct member *m;

		HASH_FIND_PTR(t->members, &peer, m);
		if (m && quota_full(&m->quota)) {
			q->full_peer = wg_peer_name(peer);
			q->full_peer_max = m->quota.max;
			return;
		}
	}
}

void learned_question(const struct tenants *t, const struct rib_route *route,
		      const struct resolution *r, char local[static 128],
		      struct decide_question *q)
{
	const struct tenant *owner = r->device ? r->device->tenant : NULL;
	const struct claim *c = NULL;

	*q = (struct decide_question){
		.prefix = route->prefix,
		.nexthop =
			{
				.kind = r->kind,
				.gate = r->nexthop.gate,
				.device = r->device ? wg_device_name(r->device->dev) : "",
				.peer = r->peer ? wg_peer_name(r->peer) : "",
				.behind = r->behind,
				.why = r->peer ? resolve_why_unusable(r->device, r->peer)
					       : "",
				.vrf = owner ? owner->vrf : "",
			},
		.tenant = owner ? owner->name : "",
	};
	if (!owner || r->kind > HOP_OWN)
		return;
	c = local_find(owner, &route->prefix);
	if (c)
		q->local = local_describe(c, local, 128);
	q->supernet = owner->conf ? &owner->conf->supernet : NULL;
	q->advertised = advertises(owner, &route->prefix);
	q->tenant_full = quota_full(&owner->quota);
	q->tenant_max = owner->quota.max;
	ask_about_peers(t, r, q);
}

/* The same question without the sentences, from what the path knows. */
static enum decide_verdict verdict_of(const struct learned *l)
{
	const struct path *p = l->path;
	const struct tenant *owner = p->tenant;
	struct decide_question q = {
		.prefix = l->node.prefix,
		.nexthop = {.kind = p->kind},
	};

	if (owner)
		q.advertised = advertises(owner, &l->node.prefix);
	if (p->kind == HOP_PEER) {
		q.supernet = owner->conf ? &owner->conf->supernet : NULL;
		q.local = local_find(owner, &l->node.prefix) ? "" : NULL;
		q.full_peer = full_member(p) ? "" : NULL;
		q.tenant_full = quota_full(&owner->quota);
	}
	return decide(&q);
}

static void forget(struct tenants *t, struct learned *l)
{
	struct vrf_routes *v = l->routes;

	uncount(t, l);
	unwish(t, l);
	unrefuse(l);
	cds_list_del(&l->link);
	if (l->path)
		path_put(t, l->path);
	ptree_remove(tree_of(v, &l->node.prefix), &l->node);
	free(l);
	if (v->v4.count || v->v6.count)
		return;
	HASH_DEL(t->vrfs, v);
	free(v);
}

static void set_path(struct tenants *t, struct learned *l, struct path *p)
{
	if (l->path && l->path != p)
		unwish(t, l);
	if (l->path)
		path_put(t, l->path);
	l->path = p;
}

static void log_verdict(const struct learned *l, enum decide_verdict was)
{
	char buf[PREFIX_STRLEN];

	if (l->verdict != was)
		log_debug(LOG_TENANT, "%s: %s", prefix_str(&l->node.prefix, buf),
			  decide_verdict_name(l->verdict));
}

/* May free @l. */
static void decide_one(struct tenants *t, struct learned *l)
{
	const struct rib_route *route = rib_find(t->rib, l->routes->vrf, &l->node.prefix);
	enum decide_verdict was = l->verdict;
	struct path *p;

	cds_list_del_init(&l->link);
	l->dirty = false;
	if (!route) {
		forget(t, l);
		return;
	}
	uncount(t, l);
	unrefuse(l);
	p = path_obtain(t, l->routes->vrf, route);
	set_path(t, l, p);
	if (!p) {
		l->verdict = DECIDE_NO_MEMORY;
		tenants_retry(t);
		return;
	}
	l->verdict = verdict_of(l);
	if (l->verdict == DECIDE_NOT_OURS) {
		forget(t, l);
		return;
	}
	if (l->verdict == DECIDE_ACCEPT) {
		count(l);
		wish(t, l);
	} else {
		unwish(t, l);
		refuse(l);
	}
	log_verdict(l, was);
}

/* Whoever waits for room that has become free. */
static void feed_waiting(struct tenants *t)
{
	while (!cds_list_empty(&t->roomy)) {
		struct quota *q = cds_list_first_entry(&t->roomy, struct quota, roomy);

		if (quota_full(q) || cds_list_empty(&q->waiting))
			cds_list_del_init(&q->roomy);
		else
			decide_one(t, cds_list_first_entry(&q->waiting, struct learned,
							   link));
	}
}

/* ---- what is dirty ---- */

static void mark(struct tenants *t, struct learned *l)
{
	if (l->dirty)
		return;
	l->dirty = true;
	cds_list_del(&l->link); /* it may have been waiting */
	cds_list_add_tail(&l->link, &t->dirty);
	tenants_ask(t);
}

int learned_mark(struct tenants *t, uint32_t vrf, const struct prefix *p, bool gone)
{
	struct learned *l = learned_find(t, vrf, p);

	if (!l && gone)
		return 0;
	if (!l)
		l = learned_new(t, vrf, p);
	if (!l)
		return -ENOMEM;
	mark(t, l);
	return 0;
}

void learned_claim_changed(struct tenants *t, const struct tenant *owner,
			   const struct prefix *p)
{
	struct learned *l = NULL;
	uint32_t vrf;

	if (rib_vrf_find(t->rib, owner->vrf, &vrf) == 0)
		l = learned_find(t, vrf, p);
	if (!l)
		return;
	unwish(t, l);
	mark(t, l);
}

void learned_run_dirty(struct tenants *t)
{
	while (!cds_list_empty(&t->dirty))
		decide_one(t, cds_list_first_entry(&t->dirty, struct learned, link));
	feed_waiting(t);
}

/* ---- everything ---- */

static void each(struct tenants *t, void (*fn)(struct tenants *t, struct learned *l))
{
	struct vrf_routes *v, *next;

	HASH_ITER (hh, t->vrfs, v, next) {
		size_t left = v->v4.count + v->v6.count;
		struct ptree_node *n =
			ptree_first(&v->v4, NULL) ?: ptree_first(&v->v6, NULL);

		/* The VRF may go with its last route. */
		while (left--) {
			struct learned *l = container_of(n, struct learned, node);

			if (left)
				n = ptree_next(n, NULL) ?: ptree_first(&v->v6, NULL);
			fn(t, l);
		}
	}
}

static void start_over(struct tenants *t, struct learned *l)
{
	uncount(t, l);
	cds_list_del_init(&l->link);
	l->dirty = false;
}

static void release_if_detached(struct tenants *t, struct learned *l)
{
	if (l->path && l->path->detached)
		unwish(t, l);
}

void learned_start_over(struct tenants *t)
{
	each(t, start_over);
}

void learned_release_detached(struct tenants *t)
{
	each(t, release_if_detached);
}

static void decide_if_accepted(struct tenants *t, struct learned *l)
{
	if (l->verdict == DECIDE_ACCEPT)
		decide_one(t, l);
}

static void decide_if_refused(struct tenants *t, struct learned *l)
{
	if (!l->counted)
		decide_one(t, l);
}

struct rib_search {
	struct tenants *t;
	uint32_t vrf;
};

/* Routes that were nobody's business so far. */
static bool adopt_route(const struct rib_route *r, void *arg)
{
	struct rib_search *s = arg;
	struct learned *l = learned_find(s->t, s->vrf, &r->prefix);

	if (l)
		return true;
	l = learned_new(s->t, s->vrf, &r->prefix);
	if (l)
		decide_one(s->t, l);
	else
		tenants_retry(s->t);
	return true;
}

void learned_decide_all(struct tenants *t)
{
	each(t, decide_if_accepted);
	each(t, decide_if_refused);
	for (size_t i = 0; i < t->tenant_count; i++) {
		struct rib_search s = {.t = t};

		if (tenants_vrf_is_first(t, i) &&
		    rib_vrf_find(t->rib, t->tenant[i]->vrf, &s.vrf) == 0)
			rib_walk(t->rib, s.vrf, adopt_route, &s);
	}
	feed_waiting(t);
}

/* The FIB keeps what it was told. */
static void abandon(struct tenants *t, struct learned *l)
{
	l->wished = false;
	forget(t, l);
}

void learned_free_all(struct tenants *t)
{
	each(t, abandon);
}
