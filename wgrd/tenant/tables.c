/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a tenant needs in the kernel whatever is learned: rules that lead its interfaces
 * to its table, a guard at the end of the table so that nothing falls through to another
 * one, and its own prefixes in zebra.
 *
 * There are few of these, so after each change all are taken back and the right ones
 * stated; the FIB sees only what differs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

static const sa_family_t families[] = {AF_INET, AF_INET6};

/* ---- what there should be ---- */

static void add_rules(struct tables *tb, const struct tenant *owner, const char *iif)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct krule *r;

		tb->rule = xrealloc(tb->rule, tb->rule_count + 1, sizeof(*tb->rule));
		r = &tb->rule[tb->rule_count++];
		memset(r, 0, sizeof(*r));
		r->family = families[i];
		r->priority = owner->conf->priority;
		r->table = owner->table;
		snprintf(r->iif, sizeof(r->iif), "%s", iif);
	}
}

/* Rules name interfaces, which may come later: the kernel keeps them until then. */
static void add_table(const struct tenants *t, struct tables *tb,
		      const struct tenant *owner)
{
	tb->guard = xrealloc(tb->guard, tb->guard_count + 1, sizeof(*tb->guard));
	tb->guard[tb->guard_count++] = owner->table;
	for (size_t i = 0; i < t->conf->wireguard_count; i++)
		if (!strcmp(t->conf->wireguard[i].tenant, owner->name))
			add_rules(tb, owner, t->conf->wireguard[i].name);
	for (size_t i = 0; i < owner->conf->interface_count; i++)
		add_rules(tb, owner, owner->conf->interface[i]);
}

const struct tenant_device *tables_advert_device(const struct tenants *t,
						 const struct tenant *owner)
{
	for (size_t i = 0; i < t->device_count; i++) {
		const struct tenant_device *d = &t->device[i];

		if (d->tenant == owner && wg_device_ifindex(d->dev) && !d->conf->shutdown)
			return d;
	}
	return NULL;
}

const struct advert *tables_find_advert(const struct tables *tb, const char *vrf,
					const struct prefix *p)
{
	for (size_t i = 0; i < tb->advert_count; i++)
		if (!strcmp(tb->advert[i].vrf, vrf) &&
		    prefix_equal(&tb->advert[i].prefix, p))
			return &tb->advert[i];
	return NULL;
}

/* Of two tenants of a VRF with the same prefix, the first one gives it to zebra. */
static void add_adverts(const struct tenants *t, struct tables *tb,
			const struct tenant *owner)
{
	const struct tenant_device *d = tables_advert_device(t, owner);
	const struct conf_prefixes *list = &owner->conf->advertise;

	for (size_t i = 0; d && i < list->count; i++) {
		struct advert *a;

		if (tables_find_advert(tb, owner->vrf, &list->v[i]))
			continue;
		tb->advert =
			xrealloc(tb->advert, tb->advert_count + 1, sizeof(*tb->advert));
		a = &tb->advert[tb->advert_count++];
		*a = (struct advert){
			.prefix = list->v[i],
			.ifindex = wg_device_ifindex(d->dev),
			.tag = owner->conf->advertise_tag,
			.owner = owner,
		};
		snprintf(a->vrf, sizeof(a->vrf), "%s", owner->vrf);
	}
}

static void collect(const struct tenants *t, struct tables *tb)
{
	for (size_t i = 0; i < t->tenant_count; i++) {
		const struct tenant *owner = t->tenant[i];

		if (!owner->conf)
			continue;
		if (owner->table)
			add_table(t, tb, owner);
		add_adverts(t, tb, owner);
	}
}

/* ---- wishes ---- */

static struct kroute guard_of(uint32_t table, sa_family_t family)
{
	return (struct kroute){
		.table = table,
		.dst = {.addr = {.family = family}},
		.metric = TENANT_GUARD_METRIC,
		.type = KROUTE_UNREACHABLE,
	};
}

static void take_back(struct tenants *t, const struct tables *tb)
{
	for (size_t i = 0; i < tb->advert_count; i++)
		fib_unwant_advertise(t->fib, tb->advert[i].vrf, &tb->advert[i].prefix);
	for (size_t i = 0; i < tb->rule_count; i++)
		fib_unwant_rule(t->fib, &tb->rule[i]);
	for (size_t i = 0; i < tb->guard_count * ARRAY_SIZE(families); i++) {
		struct kroute g = guard_of(tb->guard[i / 2], families[i % 2]);

		fib_unwant_route(t->fib, g.table, &g.dst, g.metric);
	}
}

static void state(struct tenants *t, const struct tables *tb)
{
	int err = 0;

	for (size_t i = 0; i < tb->guard_count * ARRAY_SIZE(families) && !err; i++) {
		struct kroute g = guard_of(tb->guard[i / 2], families[i % 2]);

		err = fib_want_route(t->fib, &g, NULL);
	}
	for (size_t i = 0; i < tb->rule_count && !err; i++)
		err = fib_want_rule(t->fib, &tb->rule[i]);
	for (size_t i = 0; i < tb->advert_count && !err; i++) {
		const struct advert *a = &tb->advert[i];

		err = fib_want_advertise(t->fib, a->vrf, &a->prefix, a->ifindex, a->tag);
	}
	if (err)
		tenants_retry(t);
}

void tables_free(struct tables *tb)
{
	free(tb->rule);
	free(tb->guard);
	free(tb->advert);
	*tb = (struct tables){0};
}

void tables_sync(struct tenants *t)
{
	struct tables fresh = {0};

	collect(t, &fresh);
	take_back(t, &t->tables);
	tables_free(&t->tables);
	t->tables = fresh;
	state(t, &fresh);
}
