/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Prefixes a tenant has without any routing daemon: connected ones of its interfaces, the
 * overlay addresses of its peers, and their static prefixes.
 *
 * What a tenant should claim is worked out beside what it does: all of it, when tenants,
 * interfaces or links have changed; or the prefixes of the peers that a commit changes. Then
 * the two are compared prefix by prefix, so what stays the same is not touched.
 */
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

/* To be worked on in place. NULL: no memory. */
static struct claim_run **obtain_wanted(struct tenants *t, struct tenant *owner,
					const struct prefix *p,
					const struct claim_run *instead)
{
	struct claim_run **at = pmap_obtain(&owner->wanted_claims.map, p);

	if (!at) {
		tenants_retry(t);
		return NULL;
	}
	if (!*at)
		*at = claim_run_copy(instead);
	return at;
}

/* *Takes* what is in @claim. @edit: beside what the tenant claims now, not from nothing. */
static void add_claim(struct tenants *t, struct tenant *owner, const struct prefix *p,
		      const struct claim *claim, bool edit)
{
	struct claim_run **at =
		obtain_wanted(t, owner, p, edit ? claims_run(&owner->claims, p) : NULL);
	struct claim c = *claim;

	if (at)
		*at = claim_run_insert(*at, &c);
	else
		claim_fini(t, &c);
}

/* ---- wishes ---- */

static void unwish(struct tenants *t, const struct prefix *p, const struct claim_run *r,
		   uint32_t table)
{
	for (unsigned i = 0; i < r->count; i++)
		if (claim_has_permission(r, &r->v[i]))
			fib_unwant_permission(t->fib, claim_device(&r->v[i]), p, false);
	if (table && claim_run_route(r))
		fib_unwant_route(t->fib, table, p, TENANT_METRIC);
}

/* Not link-local ones, which nobody passes on; and not those of a peer with a preempt delay,
 * whose BGP has to come back before anything else may. */
static bool may_be_passed_on(const struct prefix *p, const struct claim *c)
{
	const struct conf_peer *conf = wg_peer_conf(c->member->peer);

	return c->origin == TENANT_OVERLAY && !ip_addr_is_linklocal(&p->addr) && conf &&
	       !conf->preempt_delay;
}

/* Who stands in for a peer as a next hop does so for its addresses. */
static int claim_group(struct tenants *t, const struct prefix *p, struct claim *c,
		       struct wg_group **g)
{
	const struct tenant_device *d = tenants_device(t, claim_device(c));
	struct wg_peer *backup[HOP_BACKUPS_MAX];
	struct bundle *b = NULL;
	unsigned n = 0;
	int err;

	if (d && may_be_passed_on(p, c))
		n = resolve_backups(d, &p->addr, c->member->peer, backup);
	err = n ? bundle_obtain(t, c->member->peer, backup, n, &b)
		: member_group(c->member, g);
	if (err)
		return err;
	claim_set_bundle(t, c, b);
	if (b)
		*g = bundle_group(b);
	return 0;
}

static int wish_permission(struct tenants *t, const struct prefix *p, struct claim *c)
{
	struct wg_group *g;
	int err = claim_group(t, p, c, &g);

	return err ? err : fib_want_permission(t->fib, claim_device(c), p, g, g, false);
}

/* The route waits for the permission of the device it leads to, if there is one. */
static int wish_route(struct tenants *t, const struct prefix *p,
		      const struct claim_run *r, const struct claim *c, uint32_t table)
{
	struct kroute kr = {
		.table = table,
		.dst = *p,
		.metric = TENANT_METRIC,
		.type = KROUTE_UNICAST,
		.oif = c->oif,
	};
	struct wg_device *needs = NULL;

	for (unsigned i = 0; i < r->count; i++)
		if (r->v[i].member && r->v[i].usable && r->v[i].oif == c->oif)
			needs = claim_device(&r->v[i]);
	return fib_want_route(t->fib, &kr, needs);
}

static void wish(struct tenants *t, const struct prefix *p, struct claim_run *r,
		 uint32_t table)
{
	const struct claim *route = claim_run_route(r);
	int err = 0;

	for (unsigned i = 0; i < r->count && !err; i++) {
		if (claim_has_permission(r, &r->v[i]))
			err = wish_permission(t, p, &r->v[i]);
		else
			claim_set_bundle(t, &r->v[i], NULL);
	}
	if (!err && table && route)
		err = wish_route(t, p, r, route, table);
	if (err)
		tenants_retry(t);
}

/* ---- what peers claim ---- */

struct collector {
	struct tenants *t;
	const struct tenant_device *device;
	bool edit;
};

/* A link-local address is a next hop and needs a permission, but nothing is routed to
 * it. */
static void add_peer_claim(struct collector *k, struct wg_peer *p,
			   enum tenant_origin origin, const struct prefix *prefix)
{
	bool routed = !ip_addr_is_linklocal(&prefix->addr);
	struct claim claim = {
		.origin = origin,
		.usable = wg_peer_usable(p),
		.oif = routed ? wg_device_ifindex(k->device->dev) : 0,
		.member = member_obtain(k->t, p),
	};

	add_claim(k->t, k->device->tenant, prefix, &claim, k->edit);
}

static bool add_peer(struct wg_peer *p, void *arg)
{
	struct collector *k = arg;
	const struct conf_peer *conf = wg_peer_conf(p);

	for (size_t i = 0; conf && i < conf->overlay_address_count; i++) {
		struct prefix host = prefix_host(&conf->overlay_address[i]);

		add_peer_claim(k, p, TENANT_OVERLAY, &host);
	}
	for (size_t i = 0; conf && i < conf->allowed_ip.count; i++)
		add_peer_claim(k, p, TENANT_STATIC, &conf->allowed_ip.v[i]);
	return true;
}

static void drop_peer_claims(struct tenants *t, const struct tenant_device *d,
			     const char *name, const struct prefix *p)
{
	const struct claim_run *now = claims_run(&d->tenant->claims, p);
	struct claim_run **at = obtain_wanted(t, d->tenant, p, now);

	if (at)
		claim_run_drop_peer(t, *at, d->dev, name);
}

void local_drop_peer(struct tenants *t, const struct tenant_device *d,
		     const struct conf_peer *was)
{
	for (size_t i = 0; i < was->overlay_address_count; i++) {
		struct prefix host = prefix_host(&was->overlay_address[i]);

		drop_peer_claims(t, d, was->name, &host);
	}
	for (size_t i = 0; i < was->allowed_ip.count; i++)
		drop_peer_claims(t, d, was->name, &was->allowed_ip.v[i]);
}

void local_add_peer(struct tenants *t, const struct tenant_device *d, struct wg_peer *p)
{
	struct collector k = {.t = t, .device = d, .edit = true};

	add_peer(p, &k);
}

/* ---- all that there should be ---- */

static bool is_worth_a_route(const struct klink_address *a)
{
	return a->len < prefix_max_len(a->addr.family) &&
	       !ip_addr_is_linklocal(&a->addr) && !ip_addr_is_loopback(&a->addr);
}

static void add_connected(struct tenants *t, struct tenant *owner, const char *ifname,
			  uint32_t oif, const struct klink_address *a)
{
	struct prefix p = {.addr = a->addr, .len = a->len};
	struct claim claim = {
		.origin = TENANT_CONNECTED,
		.usable = true,
		.oif = oif,
	};

	if (!is_worth_a_route(a))
		return;
	prefix_mask(&p);
	claim.ifname = xstrdup(ifname);
	add_claim(t, owner, &p, &claim, false);
}

static void add_link(struct tenants *t, struct tenant *owner, const char *name)
{
	const struct link *l;

	/* The addresses of a WireGuard interface are known from its configuration. */
	for (size_t i = 0; i < t->device_count; i++)
		if (!strcmp(wg_device_name(t->device[i].dev), name))
			return;
	for (l = t->links; l; l = l->hh.next)
		if (!strcmp(l->name, name) && l->up)
			for (size_t i = 0; i < l->address_count; i++)
				add_connected(t, owner, name, l->ifindex, &l->address[i]);
}

static void add_device(struct tenants *t, const struct tenant_device *d)
{
	struct collector k = {.t = t, .device = d};
	uint32_t ifindex = wg_device_ifindex(d->dev);
	bool exists = ifindex && !d->conf->shutdown;

	for (size_t i = 0; exists && i < d->conf->address_count; i++) {
		struct klink_address a = {
			.addr = d->conf->address[i].addr,
			.len = d->conf->address[i].len,
		};

		add_connected(t, d->tenant, wg_device_name(d->dev), ifindex, &a);
	}
	wg_walk_peers(d->dev, add_peer, &k);
}

static void collect(struct tenants *t, struct tenant *owner)
{
	owner->wanted_claims.table = owner->table;
	for (size_t i = 0; owner->conf && i < owner->conf->interface_count; i++)
		add_link(t, owner, owner->conf->interface[i]);
}

static size_t count_claims(const struct claims *c)
{
	struct pmap_at at;
	size_t n = 0;

	PMAP_WALK (&at, &c->map)
		n += claims_run_at(&at)->count;
	return n;
}

/* ---- the two halves, for everything ---- */

/* The claims to @p become others. */
static void release_run(struct tenants *t, struct tenant *owner, const struct prefix *p,
			const struct claim_run *was)
{
	if (was)
		unwish(t, p, was, owner->claims.table);
	learned_claim_changed(t, owner, p);
}

/* Takes back what is not wanted just so; announces what comes. */
static void release_differences(struct tenants *t, struct tenant *owner)
{
	const struct claims *now = &owner->claims, *wanted = &owner->wanted_claims;
	bool same_table = now->table == wanted->table;
	struct pmap_at at;

	PMAP_WALK (&at, &now->map)
		if (!same_table ||
		    !claim_run_equal(claims_run_at(&at), claims_run(wanted, &at.prefix)))
			release_run(t, owner, &at.prefix, claims_run_at(&at));
	PMAP_WALK (&at, &wanted->map)
		if (!claims_run(now, &at.prefix))
			release_run(t, owner, &at.prefix, NULL);
}

void local_release(struct tenants *t)
{
	for (size_t i = 0; i < t->tenant_count; i++)
		collect(t, t->tenant[i]);
	for (size_t i = 0; i < t->device_count; i++)
		add_device(t, &t->device[i]);
	for (size_t i = 0; i < t->tenant_count; i++)
		release_differences(t, t->tenant[i]);
}

/* The FIB leaves alone what is stated again, and what failed is made good. */
static void state(struct tenants *t, struct claims *c)
{
	struct pmap_at at;

	PMAP_WALK (&at, &c->map)
		wish(t, &at.prefix, claims_run_at(&at), c->table);
}

void local_state(struct tenants *t)
{
	for (size_t i = 0; i < t->tenant_count; i++) {
		struct tenant *owner = t->tenant[i];
		struct claims old = owner->claims;

		owner->claims = owner->wanted_claims;
		claims_init(&owner->wanted_claims);
		owner->claims.count = count_claims(&owner->claims);
		state(t, &owner->claims);
		claims_fini(t, &old); /* not before: bundles go over to the new ones */
	}
}

/* ---- the two halves, for what was edited ---- */

static void drop_wanted(struct tenants *t, struct tenant *owner, struct pmap_at *at)
{
	claim_run_free(t, claims_run_at(at));
	pmap_remove(&owner->wanted_claims.map, &at->prefix);
}

static void release_edited(struct tenants *t, struct tenant *owner)
{
	struct pmap_at at;

	PMAP_WALK (&at, &owner->wanted_claims.map) {
		const struct claim_run *was = claims_run(&owner->claims, &at.prefix);

		if (claim_run_equal(was, claims_run_at(&at)))
			drop_wanted(t, owner, &at);
		else
			release_run(t, owner, &at.prefix, was);
	}
}

void local_release_edited(struct tenants *t)
{
	for (size_t i = 0; i < t->tenant_count; i++)
		release_edited(t, t->tenant[i]);
}

/* Puts @r in the place of what the tenant claims of @p now. */
static void replace_run(struct tenants *t, struct tenant *owner, const struct prefix *p,
			struct claim_run *r)
{
	struct claims *c = &owner->claims;
	struct claim_run **at = pmap_find(&c->map, p), *old = at ? *at : NULL;

	c->count += r->count;
	c->count -= old ? old->count : 0;
	if (!r->count) {
		claim_run_free(t, r);
		if (old)
			pmap_remove(&c->map, p);
	} else {
		at = at ?: pmap_obtain(&c->map, p);
		if (at) {
			*at = r;
			wish(t, p, r, c->table);
		} else {
			c->count -= r->count;
			claim_run_free(t, r);
			tenants_retry(t);
		}
	}
	claim_run_free(t, old);
}

static void state_edited(struct tenants *t, struct tenant *owner)
{
	struct pmap_at at;

	PMAP_WALK (&at, &owner->wanted_claims.map)
		replace_run(t, owner, &at.prefix, claims_run_at(&at));
	pmap_clear(&owner->wanted_claims.map);
}

void local_state_edited(struct tenants *t)
{
	for (size_t i = 0; i < t->tenant_count; i++)
		if (pmap_count(&t->tenant[i]->wanted_claims.map))
			state_edited(t, t->tenant[i]);
}

static bool is_overlay_on(const struct claim_run *r, const struct wg_device *dev)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->v[i].origin == TENANT_OVERLAY && claim_device(&r->v[i]) == dev)
			return true;
	return false;
}

void local_restate_overlays(struct tenants *t, const struct tenant_device *d,
			    const struct prefix *under)
{
	const struct claims *c = &d->tenant->claims;
	struct pmap_at at;

	PMAP_WALK_UNDER (&at, &c->map, under)
		if (is_overlay_on(claims_run_at(&at), d->dev))
			wish(t, &at.prefix, claims_run_at(&at), c->table);
}

/* ---- the end ---- */

void local_abandon(struct tenants *t, struct tenant *owner)
{
	claims_fini(t, &owner->claims);
	claims_fini(t, &owner->wanted_claims);
}

void local_withdraw(struct tenants *t, struct tenant *owner)
{
	struct pmap_at at;

	PMAP_WALK (&at, &owner->claims.map)
		unwish(t, &at.prefix, claims_run_at(&at), owner->claims.table);
	local_abandon(t, owner);
}
