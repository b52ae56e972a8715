/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Routes of the policy tables. One request at a time is on its way for a route; what is
 * wished meanwhile is looked at when the answer comes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/fib/fib_entry.h"
#include "wgrd/lib/log.h"

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
		fib_permission_release(d->into, &r->prefix);
		free(d);
	}
}

/* Nothing of it is in the kernel. */
static void let_go(struct fib_route *r)
{
	settle_doubts(r);
	fib_permission_release(r->have, &r->prefix);
	fib_permission_release(r->sent, &r->prefix);
	r->have = NULL;
	r->sent = NULL;
}

static void forget(struct fib_route *r)
{
	let_go(r);
	fib_route_drop(r);
}

static void free_one(struct fib *f, struct fib_table *t, const struct prefix *p,
		     struct fib_route_slot *s, void *arg)
{
	(void)arg;
	forget(fib_slot_open(f, t, p, s));
}

void fib_routes_fini(struct fib *f)
{
	fib_slots_each(f, free_one, NULL);
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

const struct fib_via *fib_slot_via(const struct fib_route_slot *s)
{
	return fib_slot_settled(s) ? &s->lead->key.via : &s->open->via;
}

static struct kroute kroute_of(const struct fib_table_key *key, const struct prefix *p,
			       const struct fib_via *via)
{
	return (struct kroute){
		.table = key->table,
		.dst = *p,
		.metric = key->metric,
		.type = via->type,
		.oif = via->oif,
		.gate = via->gate,
	};
}

static struct kroute to_kroute(const struct fib_route *r)
{
	return kroute_of(&r->table->key, &r->prefix, &r->via);
}

/* What is in the kernel already leads into what is needed now. */
static void rely_on_needs(struct fib_route *r)
{
	const struct prefix *p = &r->prefix;
	struct fib_device *d =
		r->needs ? fib_permission_use(r->e.fib, r->needs, p) : NULL;

	settle_doubts(r);
	fib_permission_release(r->have, p);
	r->have = d;
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

static bool is_wished(const struct fib_route_slot *s, const struct fib_via *via,
		      const struct wg_device *needs)
{
	if (!fib_via_equal(fib_slot_via(s), via))
		return false;
	if (fib_slot_settled(s))
		return s->lead->key.needs == needs;
	return s->open->e.wanted && s->open->needs == needs;
}

int fib_want_route(struct fib *f, const struct kroute *kr, struct wg_device *needs)
{
	const struct fib_route_slot *s =
		fib_slot_find(f, kr->table, &kr->dst, kr->metric);
	struct fib_via via = fib_via_of(kr);
	struct fib_route *r;
	bool same;

	if (s && is_wished(s, &via, needs))
		return 0;
	r = fib_route_obtain(f, kr->table, &kr->dst, kr->metric);
	if (!r)
		return -ENOMEM;
	same = fib_via_equal(&r->via, &via);
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
	fib_entry_review(&r->e);
	fib_route_settle(r);
	return 0;
}

void fib_unwant_route(struct fib *f, uint32_t table, const struct prefix *p,
		      uint32_t metric)
{
	struct fib_route *r = fib_route_find(f, table, p, metric);

	if (!r || !r->e.wanted)
		return;
	fib_entry_unwant(&r->e);
	fib_entry_review(&r->e);
}

/* ---- progress ---- */

/* Without an answer (-ENOBUFS) the kernel may have the old route or the new one. */
static void set_done(void *arg, int err)
{
	struct fib_route *r = arg;

	fib_entry_answered(&r->e);
	if (!err) {
		settle_doubts(r);
		fib_permission_release(r->have, &r->prefix);
		r->have = r->sent;
		fib_entry_installed(&r->e);
		r->e.current = !r->e.changed;
	} else if (err == -ENOBUFS) {
		r->e.present = true;
		doubt(r);
	} else {
		fib_permission_release(r->sent, &r->prefix);
	}
	r->sent = NULL;
	fib_entry_tried(&r->e, err);
	fib_route_settle(r);
}

void fib_route_in(struct fib_route *r)
{
	struct fib *f = r->e.fib;
	const struct prefix *p = &r->prefix;
	struct kroute kr = to_kroute(r);

	if (r->needs && !fib_permission_ready(f, r->needs, p)) {
		fib_entry_wait(&r->e);
		return;
	}
	r->sent = r->needs ? fib_permission_use(f, r->needs, p) : NULL;
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
		forget(r);
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
		forget(r);
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
	fib_route_settle(r);
}

void fib_route_lost(struct fib_route *r)
{
	r->e.present = false;
	r->e.current = false;
	let_go(r);
	if (r->e.wanted)
		fib_entry_queue(&r->e);
	else
		forget(r);
}

static void log_put_back(struct fib *f, const struct kroute *kr, const char *did)
{
	static struct log_limit limit = LOG_LIMIT(5, 10);
	char buf[PREFIX_STRLEN];

	if (log_limit_pass(&limit, loop_now_ns(f->loop), LOG_FIB))
		log_warn(LOG_FIB,
			 "route %s of table %u: somebody else %s it, putting it back",
			 prefix_str(&kr->dst, buf), kr->table, did);
}

void fib_route_gone(struct fib *f, const struct kroute *kr)
{
	const struct fib_route_slot *s =
		fib_slot_find(f, kr->table, &kr->dst, kr->metric);
	struct fib_via via = fib_via_of(kr);
	struct fib_route *r;

	if (!s || (fib_slot_settled(s) && !fib_via_equal(fib_slot_via(s), &via)))
		return;
	r = fib_route_find(f, kr->table, &kr->dst, kr->metric);
	if (!fib_entry_struck(&r->e) || !fib_via_equal(&r->via, &via))
		return;
	if (r->e.wanted && !fib_entry_fresh(&r->e)) {
		f->put_back++;
		log_put_back(f, kr, "deleted");
	}
	fib_route_lost(r);
}

void fib_route_taken(struct fib *f, const struct kroute *kr)
{
	struct fib_route *r = fib_route_find(f, kr->table, &kr->dst, kr->metric);

	if (!r || !fib_entry_struck(&r->e))
		return;
	if (r->e.wanted) {
		f->put_back++;
		log_put_back(f, kr, "replaced");
	}
	fib_route_lost(r);
}

static void lose(struct fib_route *r)
{
	r->e.changed = true; /* the answer to a request on its way is out of date */
	if (r->e.busy || !r->e.wanted || !r->e.current)
		return;
	/* Where only the carrier is gone the kernel may still have it: stay present. */
	r->e.current = false;
	r->e.error = -ENETDOWN;
	fib_entry_unlink(&r->e);
	cds_list_add_tail(&r->e.link, &r->e.fib->lost);
}

static void lose_over(struct fib *f, struct fib_table *t, const struct prefix *p,
		      struct fib_route_slot *s, void *arg)
{
	const struct fib_via *via = fib_slot_via(s);
	const uint32_t *ifindex = arg;

	if (via->type == KROUTE_UNICAST && via->oif == *ifindex)
		lose(fib_slot_open(f, t, p, s));
}

void fib_link_down(struct fib *f, uint32_t ifindex)
{
	fib_slots_each(f, lose_over, &ifindex);
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

static struct fib_route_view view_of(const struct fib_table_key *key,
				     const struct prefix *p,
				     const struct fib_route_slot *s)
{
	struct fib_route_view v = {
		.route = kroute_of(key, p, fib_slot_via(s)),
		.state = FIB_INSTALLED,
	};

	if (!fib_slot_settled(s)) {
		v.state = fib_entry_state(&s->open->e);
		v.error = s->open->e.error;
	}
	return v;
}

bool fib_route_state(const struct fib *f, uint32_t table, const struct prefix *p,
		     uint32_t metric, struct fib_route_view *v)
{
	const struct fib_table_key key = {.table = table, .metric = metric};
	const struct fib_route_slot *s = fib_slot_find(f, table, p, metric);

	if (s)
		*v = view_of(&key, p, s);
	return s != NULL;
}
