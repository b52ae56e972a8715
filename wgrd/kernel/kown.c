/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/kernel/kown.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/kernel/krule.h"
#include "wgrd/lib/util.h"

static_assert(sizeof(struct kown_key) == 28, "padding would be compared");

/* ---- routes ---- */

static struct kown_key key_of(const struct kroute *r)
{
	struct kown_key key = {
		.table = r->table,
		.metric = r->metric,
		.family = r->dst.addr.family,
		.len = r->dst.len,
	};

	memcpy(key.addr, r->dst.addr.bytes, ip_family_len(r->dst.addr.family));
	return key;
}

/* How many there can be is bounded where prefixes are accepted, not here: hence xcalloc(). */
struct kown_route *kown_route(struct kown *o, const struct kroute *r)
{
	struct kown_key key = key_of(r);
	struct kown_route *e;

	HASH_FIND(hh, o->routes, &key, sizeof(key), e);
	if (e)
		return e;
	e = xcalloc(1, sizeof(*e));
	e->key = key;
	HASH_ADD(hh, o->routes, key, sizeof(key), e);
	return e;
}

static void drop_route(struct kown *o, struct kown_route *e)
{
	HASH_DELETE(hh, o->routes, e);
	free(e);
}

void kown_route_settle(struct kown *o, struct kown_route *e, bool ours)
{
	e->busy = false;
	e->ours = ours;
	if (!ours)
		drop_route(o, e);
}

void kown_sync_routes(struct kown *o, const struct kroute *dumped, size_t n)
{
	struct kown_route *e, *next;

	for (size_t i = 0; i < n; i++)
		kown_route(o, &dumped[i])->seen = true;
	HASH_ITER (hh, o->routes, e, next) {
		bool seen = e->seen;

		e->seen = false;
		if (!e->busy)
			kown_route_settle(o, e, seen);
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
	struct kown_route *e, *next;

	HASH_ITER (hh, o->routes, e, next)
		drop_route(o, e);
	free(o->rules);
	*o = (struct kown){0};
}
