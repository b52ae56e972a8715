/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Routes of the policy tables. One request at a time is on its way for a route; what is
 * wished meanwhile is looked at when the answer comes.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/fib/fib_entry.h"
#include "wgrd/lib/log.h"

/* ---- tables ---- */

static struct fib_table *find_table(const struct fib *f, uint32_t table, uint32_t metric)
{
	struct fib_table_key key = {.table = table, .metric = metric};
	struct fib_table *t;

	HASH_FIND(hh, f->tables, &key, sizeof(key), t);
	return t;
}

static struct fib_table *obtain_table(struct fib *f, uint32_t table, uint32_t metric)
{
	struct fib_table *t = find_table(f, table, metric);

	if (t)
		return t;
	t = xcalloc(1, sizeof(*t));
	t->key = (struct fib_table_key){.table = table, .metric = metric};
	HASH_ADD(hh, f->tables, key, sizeof(t->key), t);
	return t;
}

static struct ptree *tree_of(struct fib_table *t, const struct prefix *p)
{
	return p->addr.family == AF_INET ? &t->v4 : &t->v6;
}

static struct fib_route *find_route(const struct fib *f, uint32_t table,
				    const struct prefix *p, uint32_t metric)
{
	struct fib_table *t = find_table(f, table, metric);
	struct ptree_node *n = t ? ptree_find(tree_of(t, p), p) : NULL;

	return n ? container_of(n, struct fib_route, node) : NULL;
}

struct fib_route *fib_route_obtain(struct fib *f, uint32_t table, const struct prefix *p,
				   uint32_t metric)
{
	struct fib_route *r = find_route(f, table, p, metric);

	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	fib_entry_init(f, &r->e, FIB_ROUTE);
	r->table = obtain_table(f, table, metric);
	r->node.prefix = *p;
	if (ptree_insert(tree_of(r->table, p), &r->node))
		abort(); /* it was not there a moment ago */
	return r;
}

/* ---- what the kernel's route leads into ---- */

/* The kernel may have what was sent. */
static void doubt(struct fib_route *r)
{
	struct fib_doubt *d = r->sent ? xcalloc(1, sizeof(*d)) : NULL;

	if (!d)
		return;
	d->route = r;
	d->into = r->sent;
	cds_list_add(&d->link, &r->e.fib->doubts);
	r->sent = NULL;
	r->doubtful = true;
}

static void settle_doubts(struct fib_route *r)
{
	struct fib_doubt *d, *next;

	if (!r->doubtful)
		return;
	r->doubtful = false;
	cds_list_for_each_entry_safe (d, next, &r->e.fib->doubts, link) {
		if (d->route != r)
			continue;
		cds_list_del(&d->link);
		fib_permission_release(d->into);
		free(d);
	}
}

/* Nothing of it is in the kernel. */
static void let_go(struct fib_route *r)
{
	settle_doubts(r);
	fib_permission_release(r->have);
	fib_permission_release(r->sent);
	r->have = NULL;
	r->sent = NULL;
}

void fib_route_free(struct fib_route *r)
{
	struct fib_table *t = r->table;
	struct fib *f = r->e.fib;

	fib_entry_unlink(&r->e);
	let_go(r);
	if (r->needs)
		wg_device_put(r->needs);
	ptree_remove(tree_of(t, &r->node.prefix), &r->node);
	if (!t->v4.count && !t->v6.count) {
		HASH_DEL(f->tables, t);
		free(t);
	}
	free(r);
}

static void each_in_tree(const struct ptree *t,
			 void (*fn)(struct fib_route *r, void *arg), void *arg,
			 size_t *left)
{
	struct ptree_node *n = *left ? ptree_first(t, NULL) : NULL;

	while (n) {
		struct fib_route *r = container_of(n, struct fib_route, node);

		/* The table may go with its last route. */
		n = --*left ? ptree_next(n, NULL) : NULL;
		fn(r, arg);
	}
}

void fib_route_each(const struct fib *f, void (*fn)(struct fib_route *r, void *arg),
		    void *arg)
{
	struct fib_table *t, *next;

	HASH_ITER (hh, f->tables, t, next) {
		size_t v4 = t->v4.count, v6 = t->v6.count;

		each_in_tree(&t->v4, fn, arg, &v4);
		each_in_tree(&t->v6, fn, arg, &v6);
	}
}

/* ---- content ---- */

struct fib_via fib_via_of(const struct kroute *r)
{
	struct fib_via via = {.type = r->type};

	/* The kernel shows an interface of its own choice for other types. */
	if (r->type == KROUTE_UNICAST) {
		via.oif = r->oif;
		via.gate = r->gate;
	}
	return via;
}

bool fib_via_equal(const struct fib_via *a, const struct fib_via *b)
{
	return a->type == b->type && a->oif == b->oif &&
	       a->gate.family == b->gate.family &&
	       (!a->gate.family || ip_addr_equal(&a->gate, &b->gate));
}

static struct kroute to_kroute(const struct fib_route *r)
{
	return (struct kroute){
		.table = r->table->key.table,
		.dst = r->node.prefix,
		.metric = r->table->key.metric,
		.type = r->via.type,
		.oif = r->via.oif,
		.gate = r->via.gate,
	};
}

/* What is in the kernel already leads into what is needed now. */
static void rely_on_needs(struct fib_route *r)
{
	struct fib_permission *m = NULL;

	if (r->needs)
		m = fib_permission_find(r->e.fib, r->needs, &r->node.prefix);
	if (m)
		fib_permission_use(m);
	settle_doubts(r);
	fib_permission_release(r->have);
	r->have = m;
}

/* ---- wishes ---- */

static void set_needs(struct fib_route *r, struct wg_device *needs)
{
	if (needs)
		wg_device_get(needs);
	if (r->needs)
		wg_device_put(r->needs);
	r->needs = needs;
}

int fib_want_route(struct fib *f, const struct kroute *kr, struct wg_device *needs)
{
	struct fib_route *r = fib_route_obtain(f, kr->table, &kr->dst, kr->metric);
	struct fib_via via = fib_via_of(kr);
	bool same;

	if (!r)
		return -ENOMEM;
	same = fib_via_equal(&r->via, &via);
	if (r->e.wanted && same && r->needs == needs)
		return 0;
	if (r->e.adopted && same && r->e.current)
		f->adopted++;
	set_needs(r, needs);
	fib_entry_want(&r->e);
	if (!same) {
		r->via = via;
		r->e.current = false;
		r->e.changed = true;
	}
	if (r->e.current)
		rely_on_needs(r);
	if (r->e.busy || r->e.current)
		fib_entry_unlink(&r->e);
	else
		fib_entry_queue(&r->e);
	return 0;
}

void fib_unwant_route(struct fib *f, uint32_t table, const struct prefix *p,
		      uint32_t metric)
{
	struct fib_route *r = find_route(f, table, p, metric);

	if (!r || !r->e.wanted)
		return;
	fib_entry_unwant(&r->e);
	if (!r->e.busy)
		fib_entry_queue(&r->e);
}

/* ---- progress ---- */

/* Without an answer (-ENOBUFS) the kernel may have the old route or the new one. */
static void set_done(void *arg, int err)
{
	struct fib_route *r = arg;

	fib_entry_answered(&r->e);
	if (!err) {
		settle_doubts(r);
		fib_permission_release(r->have);
		r->have = r->sent;
		fib_entry_installed(&r->e);
		r->e.current = !r->e.changed;
	} else if (err == -ENOBUFS) {
		r->e.present = true;
		doubt(r);
	} else {
		fib_permission_release(r->sent);
	}
	r->sent = NULL;
	if (r->e.wanted && err && !r->e.changed)
		fib_entry_fail(&r->e, err);
	else if (!r->e.wanted || !r->e.current)
		fib_entry_queue(&r->e);
}

void fib_route_in(struct fib_route *r)
{
	struct fib *f = r->e.fib;
	struct fib_permission *m = NULL;
	struct kroute kr = to_kroute(r);

	if (r->needs) {
		m = fib_permission_find(f, r->needs, &r->node.prefix);
		if (!m || !m->e.wanted || !m->e.current) {
			fib_entry_wait(&r->e);
			return;
		}
		fib_permission_use(m);
	}
	r->sent = m;
	fib_entry_sent(&r->e, FIB_ADDING);
	f->nlq->ops->route_set(f->nlq, &kr, set_done, r);
}

static void del_done(void *arg, int err)
{
	struct fib_route *r = arg;

	fib_entry_answered(&r->e);
	if (err && !r->e.wanted) {
		fib_entry_fail(&r->e, err);
		return;
	}
	if (!err)
		r->e.present = false;
	r->e.current = false;
	if (!r->e.present)
		let_go(r);
	if (r->e.wanted)
		fib_entry_queue(&r->e);
	else
		fib_route_free(r);
}

/* A table that is given up keeps its routes until its rules are gone, and any table its
 * guard as long as there is a rule. */
static bool is_held_by_rules(const struct fib_route *r)
{
	const struct fib *f = r->e.fib;
	uint32_t table = r->table->key.table;

	if (r->via.type == KROUTE_UNREACHABLE)
		return fib_rule_leads_to(f, table, false);
	return fib_rule_leads_to(f, table, true);
}

void fib_route_out(struct fib_route *r)
{
	struct fib *f = r->e.fib;
	struct kroute kr = to_kroute(r);

	if (!r->e.present) {
		fib_route_free(r);
		return;
	}
	if (is_held_by_rules(r)) {
		fib_entry_wait(&r->e);
		return;
	}
	fib_entry_sent(&r->e, FIB_DELETING);
	f->nlq->ops->route_del(f->nlq, &kr, del_done, r);
}

/* ---- what happens behind our back ---- */

void fib_route_found(struct fib_route *r)
{
	fib_entry_unlink(&r->e);
	fib_entry_installed(&r->e);
	rely_on_needs(r);
}

void fib_route_lost(struct fib_route *r)
{
	r->e.present = false;
	r->e.current = false;
	let_go(r);
	if (r->e.wanted)
		fib_entry_queue(&r->e);
	else
		fib_route_free(r);
}

static void log_put_back(struct fib *f, const struct kroute *kr)
{
	static struct log_limit limit = LOG_LIMIT(5, 10);
	char buf[PREFIX_STRLEN];

	if (log_limit_pass(&limit, loop_now_ns(f->loop), LOG_FIB))
		log_warn(
			LOG_FIB,
			"route %s of table %u: somebody else deleted it, putting it back",
			prefix_str(&kr->dst, buf), kr->table);
}

void fib_route_gone(struct fib *f, const struct kroute *kr)
{
	struct fib_route *r = find_route(f, kr->table, &kr->dst, kr->metric);
	struct fib_via via = fib_via_of(kr);

	if (!r || r->e.busy == FIB_DELETING)
		return;
	/* Ours or another's, before or after what is being sent: send it once more. */
	if (r->e.busy == FIB_ADDING) {
		r->e.changed = true;
		return;
	}
	if (!r->e.current || !fib_via_equal(&r->via, &via))
		return;
	if (r->e.wanted && !fib_entry_fresh(&r->e)) {
		f->put_back++;
		log_put_back(f, kr);
	}
	fib_route_lost(r);
}

static void lose_over(struct fib_route *r, void *arg)
{
	const uint32_t *ifindex = arg;

	if (r->via.type != KROUTE_UNICAST || r->via.oif != *ifindex)
		return;
	r->e.changed = true; /* the answer to a request on its way is out of date */
	if (r->e.busy || !r->e.wanted || !r->e.current)
		return;
	/* Where only the carrier is gone the kernel may still have it: stay present. */
	r->e.current = false;
	r->e.error = -ENETDOWN;
	fib_entry_unlink(&r->e);
	cds_list_add_tail(&r->e.link, &r->e.fib->lost);
}

void fib_link_down(struct fib *f, uint32_t ifindex)
{
	fib_route_each(f, lose_over, &ifindex);
}

static void requeue_over(struct cds_list_head *list, uint32_t ifindex)
{
	struct fib_entry *e, *next;

	cds_list_for_each_entry_safe (e, next, list, link) {
		struct fib_route *r = container_of(e, struct fib_route, e);

		if (e->kind != FIB_ROUTE || r->via.oif != ifindex)
			continue;
		e->error = 0;
		fib_entry_queue(e);
	}
}

void fib_link_up(struct fib *f, uint32_t ifindex)
{
	requeue_over(&f->lost, ifindex);
	requeue_over(&f->failed, ifindex);
}

/* ---- what show prints ---- */

static void fill_view(const struct fib_route *r, struct fib_route_view *v)
{
	v->route = to_kroute(r);
	v->state = fib_entry_state(&r->e);
	v->error = r->e.error;
}

bool fib_route_state(const struct fib *f, uint32_t table, const struct prefix *p,
		     uint32_t metric, struct fib_route_view *v)
{
	const struct fib_route *r = find_route(f, table, p, metric);

	if (!r)
		return false;
	fill_view(r, v);
	return true;
}

static bool walk_tree(const struct ptree *t,
		      bool (*fn)(const struct fib_route_view *v, void *arg), void *arg)
{
	struct ptree_node *n;

	PTREE_WALK (n, t, NULL) {
		struct fib_route_view v;

		fill_view(container_of(n, struct fib_route, node), &v);
		if (!fn(&v, arg))
			return false;
	}
	return true;
}

void fib_walk_routes(const struct fib *f,
		     bool (*fn)(const struct fib_route_view *v, void *arg), void *arg)
{
	struct fib_table *t, *next;

	HASH_ITER (hh, f->tables, t, next)
		if (!walk_tree(&t->v4, fn, arg) || !walk_tree(&t->v6, fn, arg))
			return;
}
