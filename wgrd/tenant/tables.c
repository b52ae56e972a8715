/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What a tenant needs in the kernel whatever is learned: rules that lead its interfaces
 * to its table, a guard at the end of the table so that nothing falls through to another
 * one, and its own prefixes in zebra, or in a table that a routing daemon learns from.
 *
 * There are few of these, so after each change all are taken back and the right ones
 * stated; the FIB sees only what differs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/kernel/kforeign.h"
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
		if (!strcmp(t->conf->wireguard[i]->tenant, owner->name))
			add_rules(tb, owner, t->conf->wireguard[i]->name);
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

static uint32_t vrf_table(const struct tenants *t, const char *vrf)
{
	const struct link *l;

	if (!strcmp(vrf, RIB_VRF_DEFAULT))
		return KFOREIGN_MAIN_TABLE;
	for (l = t->links; l; l = l->hh.next)
		if (!strcmp(l->name, vrf))
			return l->vrf_table;
	return 0;
}

bool tables_place(const struct tenants *t, const struct tenant *owner,
		  struct advert_place *place)
{
	const struct conf_tenant *conf = owner->conf;

	*place = (struct advert_place){conf->advertise_table, TENANT_METRIC};
	if (!conf->advertise_kernel)
		return true;
	*place = (struct advert_place){vrf_table(t, owner->vrf), KROUTE_SHARED_METRIC};
	return place->table != 0;
}

/* A table is there once, whatever the VRF; and zebra has one RIB for a VRF, whatever the
 * instance. */
static bool is_at(const struct advert *a, const struct tenant *owner,
		  const struct advert_place *place)
{
	return a->place.table == place->table && a->place.metric == place->metric &&
	       (place->table || !strcmp(a->vrf, owner->vrf));
}

const struct advert *tables_find_advert(const struct tables *tb,
					const struct tenant *owner,
					const struct advert_place *place,
					const struct prefix *p)
{
	for (size_t i = 0; i < tb->advert_count; i++)
		if (is_at(&tb->advert[i], owner, place) &&
		    prefix_equal(&tb->advert[i].prefix, p))
			return &tb->advert[i];
	return NULL;
}

struct member *tables_gate(const struct tenant *owner, const struct prefix *p)
{
	const struct claim *c = claim_find(owner, p) ?: claim_first(owner, p);
	const struct conf_peer *conf =
		c && c->member ? wg_peer_conf(c->member->peer) : NULL;

	return conf && !conf->advertise_always ? c->member : NULL;
}

static bool has_gate(const struct tables *tb, const struct member *m)
{
	for (size_t i = 0; i < tb->gate_count; i++)
		if (tb->gate[i] == m)
			return true;
	return false;
}

/* Is there nobody, or does he answer? */
static bool passes_gate(struct tenants *t, struct tables *tb, const struct tenant *owner,
			const struct prefix *p)
{
	struct member *m = tables_gate(owner, p);

	if (!m)
		return true;
	if (!has_gate(tb, m)) {
		tb->gate = xrealloc(tb->gate, tb->gate_count + 1, sizeof(*tb->gate));
		tb->gate[tb->gate_count++] = member_get(m);
		health_watch(t, m);
	}
	return health_is_good(m);
}

/* bgpd knows no "redistribute table N" in IPv6. */
static uint8_t instance_of(const struct conf_tenant *conf, const struct prefix *p)
{
	return p->addr.family == AF_INET ? conf->advertise_instance : 0;
}

/* Of two tenants with the same prefix for the same place, the first one gives it. */
static void add_adverts(struct tenants *t, struct tables *tb, const struct tenant *owner)
{
	const struct conf_prefixes *list = &owner->conf->advertise;
	const struct tenant_device *d =
		list->count ? tables_advert_device(t, owner) : NULL;
	struct advert_place place;

	if (!d || !tables_place(t, owner, &place))
		return;
	for (size_t i = 0; i < list->count; i++) {
		struct advert *a;

		if (!passes_gate(t, tb, owner, &list->v[i]) ||
		    tables_find_advert(tb, owner, &place, &list->v[i]))
			continue;
		tb->advert =
			xrealloc(tb->advert, tb->advert_count + 1, sizeof(*tb->advert));
		a = &tb->advert[tb->advert_count++];
		*a = (struct advert){
			.prefix = list->v[i],
			.place = place,
			.instance = instance_of(owner->conf, &list->v[i]),
			.ifindex = wg_device_ifindex(d->dev),
			.tag = owner->conf->advertise_tag,
			.owner = owner,
		};
		snprintf(a->vrf, sizeof(a->vrf), "%s", owner->vrf);
	}
}

bool tables_advertises(const struct tenant *owner, const struct prefix *p)
{
	const struct conf_tenant *conf = owner->conf;

	for (size_t i = 0; conf && i < conf->advertise.count; i++)
		if (prefix_equal(&conf->advertise.v[i], p))
			return true;
	return false;
}

static void collect_adverts(struct tenants *t, struct tables *tb)
{
	for (size_t i = 0; i < t->tenant_count; i++)
		if (t->tenant[i]->conf)
			add_adverts(t, tb, t->tenant[i]);
}

static void collect_tables(const struct tenants *t, struct tables *tb)
{
	for (size_t i = 0; i < t->tenant_count; i++)
		if (t->tenant[i]->conf && t->tenant[i]->table)
			add_table(t, tb, t->tenant[i]);
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

struct fib_advert tables_advert_of(const struct advert *a)
{
	return (struct fib_advert){.vrf = a->vrf,
				   .prefix = a->prefix,
				   .instance = a->instance,
				   .ifindex = a->ifindex,
				   .tag = a->tag};
}

/* BIRD and zebra take a route without gateway for their own network, and announce themselves as
 * next hop. */
static int state_advert(struct tenants *t, const struct advert *a)
{
	const struct fib_advert given = tables_advert_of(a);
	const struct kroute r = {
		.table = a->place.table,
		.dst = a->prefix,
		.metric = a->place.metric,
		.type = KROUTE_UNICAST,
		.oif = a->ifindex,
	};

	return a->place.table ? fib_want_route(t->fib, &r, NULL)
			      : fib_want_advertise(t->fib, &given);
}

static void take_back_advert(struct tenants *t, const struct advert *a)
{
	const struct fib_advert given = tables_advert_of(a);

	if (a->place.table)
		fib_unwant_route(t->fib, a->place.table, &a->prefix, a->place.metric);
	else
		fib_unwant_advertise(t->fib, &given);
}

static void take_back_adverts(struct tenants *t, const struct tables *tb)
{
	for (size_t i = 0; i < tb->advert_count; i++)
		take_back_advert(t, &tb->advert[i]);
}

static void take_back_tables(struct tenants *t, const struct tables *tb)
{
	for (size_t i = 0; i < tb->rule_count; i++)
		fib_unwant_rule(t->fib, &tb->rule[i]);
	for (size_t i = 0; i < tb->guard_count * ARRAY_SIZE(families); i++) {
		struct kroute g = guard_of(tb->guard[i / 2], families[i % 2]);

		fib_unwant_route(t->fib, g.table, &g.dst, g.metric);
	}
}

static int state_adverts(struct tenants *t, const struct tables *tb)
{
	int err = 0;

	for (size_t i = 0; i < tb->advert_count && !err; i++)
		err = state_advert(t, &tb->advert[i]);
	return err;
}

static int state_tables(struct tenants *t, const struct tables *tb)
{
	int err = 0;

	for (size_t i = 0; i < tb->guard_count * ARRAY_SIZE(families) && !err; i++) {
		struct kroute g = guard_of(tb->guard[i / 2], families[i % 2]);

		err = fib_want_route(t->fib, &g, NULL);
	}
	for (size_t i = 0; i < tb->rule_count && !err; i++)
		err = fib_want_rule(t->fib, &tb->rule[i]);
	return err;
}

static void free_adverts(struct tenants *t, struct tables *tb)
{
	for (size_t i = 0; i < tb->gate_count; i++)
		member_put(t, tb->gate[i]);
	free(tb->gate);
	free(tb->advert);
}

void tables_free(struct tenants *t, struct tables *tb)
{
	free_adverts(t, tb);
	free(tb->rule);
	free(tb->guard);
	*tb = (struct tables){0};
}

static void forget_gates(const struct tables *old, const struct tables *fresh)
{
	for (size_t i = 0; i < old->gate_count; i++)
		if (!has_gate(fresh, old->gate[i]))
			old->gate[i]->watched = false;
}

void tables_sync(struct tenants *t)
{
	struct tables fresh = {0};

	collect_tables(t, &fresh);
	collect_adverts(t, &fresh);
	forget_gates(&t->tables, &fresh);
	take_back_adverts(t, &t->tables);
	take_back_tables(t, &t->tables);
	tables_free(t, &t->tables);
	t->tables = fresh;
	if (state_tables(t, &fresh) || state_adverts(t, &fresh))
		tenants_retry(t);
	health_go_on(t);
}

void tables_sync_adverts(struct tenants *t)
{
	struct tables fresh = {0};

	collect_adverts(t, &fresh);
	forget_gates(&t->tables, &fresh);
	take_back_adverts(t, &t->tables);
	free_adverts(t, &t->tables);
	t->tables.advert = fresh.advert;
	t->tables.advert_count = fresh.advert_count;
	t->tables.gate = fresh.gate;
	t->tables.gate_count = fresh.gate_count;
	if (state_adverts(t, &fresh))
		tenants_retry(t);
	health_go_on(t);
}
