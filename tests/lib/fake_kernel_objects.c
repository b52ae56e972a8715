/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/fake_kernel_objects.h"

#include <stdlib.h>

static struct fake_object *add(struct fake_objects *all, bool ours)
{
	struct fake_object *o;

	if (all->count == all->cap) {
		all->cap = all->cap ? all->cap * 2 : 64;
		all->v = xrealloc(all->v, all->cap, sizeof(*all->v));
	}
	o = &all->v[all->count++];
	*o = (struct fake_object){.ours = ours};
	return o;
}

void fake_objects_add_route(struct fake_objects *all, const struct kroute *r, bool ours)
{
	add(all, ours)->route = *r;
}

void fake_objects_add_rule(struct fake_objects *all, const struct krule *r, bool ours)
{
	struct fake_object *o = add(all, ours);

	o->is_rule = true;
	o->rule = *r;
}

void fake_objects_del(struct fake_objects *all, struct fake_object *o)
{
	*o = all->v[--all->count];
}

void fake_objects_fini(struct fake_objects *all)
{
	free(all->v);
	*all = (struct fake_objects){0};
}

static bool has_key(const struct fake_object *o, const struct kroute *r)
{
	return !o->is_rule && o->route.table == r->table &&
	       o->route.metric == r->metric && prefix_equal(&o->route.dst, &r->dst);
}

struct fake_object *fake_objects_find_route(const struct fake_objects *all,
					    const struct kroute *r, bool ours)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->v[i].ours == ours && has_key(&all->v[i], r))
			return &all->v[i];
	return NULL;
}

struct fake_object *fake_objects_find_rule(const struct fake_objects *all,
					   const struct krule *r)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->v[i].is_rule && all->v[i].ours &&
		    krule_equal(&all->v[i].rule, r))
			return &all->v[i];
	return NULL;
}

size_t fake_objects_count(const struct fake_objects *all, bool rules)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++)
		n += all->v[i].ours && all->v[i].is_rule == rules;
	return n;
}

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int by_place(const void *one, const void *two)
{
	const struct fake_object *a = one, *b = two;

	if (a->is_rule != b->is_rule)
		return a->is_rule ? -1 : 1;
	if (a->is_rule)
		return compare(a->rule.family, b->rule.family)
			       ?: compare(a->rule.priority, b->rule.priority);
	return compare(a->route.table, b->route.table) ?:
		       prefix_cmp(&a->route.dst, &b->route.dst) ?:
		       compare(a->route.metric, b->route.metric);
}

void fake_objects_print(struct fake_objects *all, struct strbuf *text)
{
	char name[KROUTE_STRLEN];

	if (all->count)
		qsort(all->v, all->count, sizeof(*all->v), by_place);
	for (size_t i = 0; i < all->count; i++) {
		const struct fake_object *o = &all->v[i];

		strbuf_printf(text, "%s%s\n", o->ours ? "" : "foreign ",
			      o->is_rule ? krule_str(&o->rule, name)
					 : kroute_str(&o->route, name));
	}
}
