/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Where routes are kept. Nearly all are settled: wanted, in the kernel as wished, leading into
 * the permission that they need. Of these there is what they are, one object for all that are
 * the same, and since when. One is opened when something has to be done for it, and that
 * must not fail, for one that leaves cannot be refused.
 *
 *	table (number, metric) --> slot (prefix) --> lead: way and device, shared
 *	                                       or --> route: that, wish and progress
 */
#include <stdlib.h>
#include <string.h>

#include "wgrd/fib/fib_entry.h"

/* ---- leads ---- */

/* The bytes are hashed: no garbage between them. */
static struct fib_lead_key key_of(const struct fib_via *via, struct wg_device *needs)
{
	struct fib_lead_key key;

	memset(&key, 0, sizeof(key));
	key.via.type = via->type;
	key.via.oif = via->oif;
	key.via.gate.family = via->gate.family;
	memcpy(key.via.gate.bytes, via->gate.bytes, ip_family_len(via->gate.family));
	key.needs = needs;
	return key;
}

/* With a reference. NULL: no memory. */
static struct fib_lead *lead_obtain(struct fib *f, const struct fib_via *via,
				    struct wg_device *needs)
{
	const struct fib_lead_key key = key_of(via, needs);
	struct fib_lead *l;

	HASH_FIND(hh, f->leads, &key, sizeof(key), l);
	if (!l) {
		l = calloc(1, sizeof(*l));
		if (!l)
			return NULL;
		memcpy(&l->key, &key, sizeof(key));
		if (needs)
			wg_device_get(needs);
		HASH_ADD(hh, f->leads, key, sizeof(l->key), l);
	}
	l->refs++;
	return l;
}

static void lead_put(struct fib *f, struct fib_lead *l)
{
	if (--l->refs)
		return;
	HASH_DEL(f->leads, l);
	if (l->key.needs)
		wg_device_put(l->key.needs);
	free(l);
}

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
	t->routes = (struct pmap)PMAP_INIT(sizeof(struct fib_route_slot));
	HASH_ADD(hh, f->tables, key, sizeof(t->key), t);
	return t;
}

static void drop_if_empty(struct fib *f, struct fib_table *t)
{
	if (pmap_count(&t->routes))
		return;
	HASH_DEL(f->tables, t);
	free(t);
}

struct fib_route_slot *fib_slot_find(const struct fib *f, uint32_t table,
				     const struct prefix *p, uint32_t metric)
{
	const struct fib_table *t = find_table(f, table, metric);

	return t ? pmap_find(&t->routes, p) : NULL;
}

void fib_slots_each(struct fib *f,
		    void (*fn)(struct fib *f, struct fib_table *t, const struct prefix *p,
			       struct fib_route_slot *s, void *arg),
		    void *arg)
{
	struct fib_table *t, *next;
	struct pmap_at at;

	HASH_ITER (hh, f->tables, t, next) {
		size_t left = pmap_count(&t->routes);

		/* The table may go with its last route. */
		for (bool more = pmap_first(&t->routes, &at); more;
		     more = left && pmap_next(&t->routes, &at)) {
			left--;
			fn(f, t, &at.prefix, at.value, arg);
		}
	}
}

/* ---- open and settled ---- */

static void init(struct fib_route *r, struct fib *f, struct fib_table *t,
		 const struct prefix *p)
{
	fib_entry_init(f, &r->e, FIB_ROUTE);
	r->table = t;
	r->prefix = *p;
}

static struct fib_route *open_settled(struct fib *f, struct fib_table *t,
				      const struct prefix *p,
				      const struct fib_route_slot *s)
{
	struct fib_route *r = slab_xalloc(&f->open_routes);
	struct fib_lead *l = s->lead;

	init(r, f, t, p);
	r->via = l->key.via;
	r->needs = l->key.needs ? wg_device_get(l->key.needs) : NULL;
	r->have = r->needs ? fib_device_find(f, r->needs) : NULL;
	r->e.wanted = true;
	r->e.present = true;
	r->e.current = true;
	r->e.when_ns = (uint64_t)s->since_s * NS_PER_S;
	lead_put(f, l);
	return r;
}

struct fib_route *fib_slot_open(struct fib *f, struct fib_table *t,
				const struct prefix *p, struct fib_route_slot *s)
{
	if (fib_slot_settled(s)) {
		s->open = open_settled(f, t, p, s);
		s->since_s = 0;
	}
	return s->open;
}

struct fib_route *fib_route_find(struct fib *f, uint32_t table, const struct prefix *p,
				 uint32_t metric)
{
	struct fib_table *t = find_table(f, table, metric);
	struct fib_route_slot *s = t ? pmap_find(&t->routes, p) : NULL;

	return s ? fib_slot_open(f, t, p, s) : NULL;
}

struct fib_route *fib_route_obtain(struct fib *f, uint32_t table, const struct prefix *p,
				   uint32_t metric)
{
	struct fib_route *r = fib_route_find(f, table, p, metric);
	struct fib_route_slot *s;
	struct fib_table *t;

	if (r)
		return r;
	r = slab_alloc(&f->open_routes);
	if (!r)
		return NULL;
	t = obtain_table(f, table, metric);
	s = pmap_obtain(&t->routes, p);
	if (!s) {
		drop_if_empty(f, t);
		slab_free(&f->open_routes, r);
		return NULL;
	}
	init(r, f, t, p);
	s->open = r;
	return r;
}

static bool can_settle(struct fib_route *r)
{
	struct fib_entry *e = &r->e;

	return e->wanted && e->present && e->current && !e->busy && !e->error &&
	       cds_list_empty(&e->link) && !r->doubtful && !r->sent &&
	       (r->have ? r->have->dev : NULL) == r->needs;
}

void fib_route_settle(struct fib_route *r)
{
	struct fib *f = r->e.fib;
	struct fib_lead *l = can_settle(r) ? lead_obtain(f, &r->via, r->needs) : NULL;
	struct fib_route_slot *s;

	if (!l)
		return;
	s = pmap_find(&r->table->routes, &r->prefix);
	s->lead = l;
	s->since_s = (uint32_t)(r->e.when_ns / NS_PER_S) + 1;
	if (r->needs)
		wg_device_put(r->needs);
	slab_free(&f->open_routes, r);
}

void fib_route_drop(struct fib_route *r)
{
	struct fib *f = r->e.fib;
	struct fib_table *t = r->table;

	fib_entry_unlink(&r->e);
	if (r->needs)
		wg_device_put(r->needs);
	pmap_remove(&t->routes, &r->prefix);
	drop_if_empty(f, t);
	slab_free(&f->open_routes, r);
}
