/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kown.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "wgrd/kernel/krule.h"
#include "wgrd/lib/pmap.h"
#include "wgrd/lib/util.h"

struct table_key {
	uint32_t table, metric;
};

/* There is one as long as it has any. */
struct kown_table {
	UT_hash_handle hh;
	struct table_key key;
	struct pmap routes; /* to struct route */
};

/* There are as many as routes in the kernel. */
struct route {
	uint8_t ours : 1; /* installed, as far as we know */
	uint8_t busy : 1; /* a request for this key is on its way */
	uint8_t seen : 1; /* in the dump being compared */
};

/* ---- routes ---- */

static struct kown_table *find_table(const struct kown *o, const struct kroute *r)
{
	const struct table_key key = {.table = r->table, .metric = r->metric};
	struct kown_table *t;

	HASH_FIND(hh, o->tables, &key, sizeof(key), t);
	return t;
}

static struct kown_table *obtain_table(struct kown *o, const struct kroute *r)
{
	struct kown_table *t = find_table(o, r);

	if (t)
		return t;
	t = xcalloc(1, sizeof(*t));
	t->key = (struct table_key){.table = r->table, .metric = r->metric};
	t->routes = (struct pmap)PMAP_INIT(sizeof(struct route));
	HASH_ADD(hh, o->tables, key, sizeof(t->key), t);
	return t;
}

static void drop_if_empty(struct kown *o, struct kown_table *t)
{
	if (pmap_count(&t->routes))
		return;
	HASH_DEL(o->tables, t);
	free(t);
}

static struct route *find_route(const struct kown *o, const struct kroute *r)
{
	const struct kown_table *t = find_table(o, r);

	return t ? pmap_find(&t->routes, &r->dst) : NULL;
}

/* NULL: no memory. */
static struct route *obtain_route(struct kown *o, const struct kroute *r)
{
	struct kown_table *t = obtain_table(o, r);
	struct route *e = pmap_obtain(&t->routes, &r->dst);

	if (!e)
		drop_if_empty(o, t);
	return e;
}

int kown_route_begin(struct kown *o, const struct kroute *r, bool *ours)
{
	struct route *e = obtain_route(o, r);

	if (!e)
		return -ENOMEM;
	if (e->busy)
		return -EBUSY;
	e->busy = true;
	*ours = e->ours;
	return 0;
}

void kown_route_end(struct kown *o, const struct kroute *r, bool ours)
{
	struct kown_table *t = find_table(o, r);
	struct route *e = pmap_find(&t->routes, &r->dst);

	assert(e->busy);
	e->busy = false;
	e->ours = ours;
	if (ours)
		return;
	pmap_remove(&t->routes, &r->dst);
	drop_if_empty(o, t);
}

bool kown_route_is_ours(const struct kown *o, const struct kroute *r)
{
	const struct route *e = find_route(o, r);

	return e && e->ours;
}

size_t kown_route_count(const struct kown *o)
{
	size_t n = 0;

	for (const struct kown_table *t = o->tables; t; t = t->hh.next)
		n += pmap_count(&t->routes);
	return n;
}

static void keep_seen(struct kown_table *t)
{
	struct pmap_at at;

	PMAP_WALK (&at, &t->routes) {
		struct route *e = at.value;

		if (!e->busy)
			e->ours = e->seen;
		e->seen = false;
		if (!e->busy && !e->ours)
			pmap_remove(&t->routes, &at.prefix);
	}
}

/* One that there is no memory for is not replaced: the kernel says that it is there. */
void kown_sync_routes(struct kown *o, const struct kroute *dumped, size_t n)
{
	struct kown_table *t, *next;

	for (size_t i = 0; i < n; i++) {
		struct route *e = obtain_route(o, &dumped[i]);

		if (e)
			e->seen = true;
	}
	HASH_ITER (hh, o->tables, t, next) {
		keep_seen(t);
		drop_if_empty(o, t);
	}
}

/* ---- rules: a few per tenant, so a list will do ---- */

bool kown_rule_clashes(const struct kown *o, const struct krule *r)
{
	for (size_t i = 0; i < o->rule_count; i++) {
		bool one = krule_hits(r, &o->rules[i]),
		     other = krule_hits(&o->rules[i], r);

		if (one != other)
			return true;
	}
	return false;
}

static struct krule *find_rule(const struct kown *o, const struct krule *r)
{
	for (size_t i = 0; i < o->rule_count; i++)
		if (krule_equal(&o->rules[i], r))
			return &o->rules[i];
	return NULL;
}

void kown_rule_add(struct kown *o, const struct krule *r)
{
	if (find_rule(o, r))
		return;
	if (o->rule_count == o->rule_cap) {
		o->rule_cap = o->rule_cap ? o->rule_cap * 2 : 16;
		o->rules = xrealloc(o->rules, o->rule_cap, sizeof(*o->rules));
	}
	o->rules[o->rule_count++] = *r;
}

void kown_rule_del(struct kown *o, const struct krule *r)
{
	struct krule *there = find_rule(o, r);

	if (there)
		*there = o->rules[--o->rule_count];
}

void kown_sync_rules(struct kown *o, const struct krule *dumped, size_t n)
{
	o->rule_count = 0;
	for (size_t i = 0; i < n; i++)
		kown_rule_add(o, &dumped[i]);
}

void kown_fini(struct kown *o)
{
	struct kown_table *t, *next;

	HASH_ITER (hh, o->tables, t, next) {
		pmap_clear(&t->routes);
		drop_if_empty(o, t);
	}
	free(o->rules);
	*o = (struct kown){0};
}
