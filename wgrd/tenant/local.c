/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Prefixes a tenant has without any routing daemon: connected ones of its interfaces, the
 * overlay addresses of its peers, and their static prefixes. All claims of a tenant are
 * one sorted array, made anew after each change and compared with the former one prefix
 * by prefix, so what stays the same is not touched.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

/* ---- the array ---- */

static int rank(enum tenant_origin o)
{
	return o == TENANT_CONNECTED ? 0 : o == TENANT_OVERLAY ? 1 : 2;
}

static const char *device_name(const struct claim *c)
{
	return c->dev ? wg_device_name(c->dev) : c->ifname;
}

static const char *peer_name(const struct claim *c)
{
	return c->member ? wg_peer_name(c->member->peer) : "";
}

static int compare_claims(const void *va, const void *vb)
{
	const struct claim *a = va, *b = vb;
	int d = prefix_cmp(&a->prefix, &b->prefix);

	d = d ? d : rank(a->origin) - rank(b->origin);
	d = d ? d : strcmp(device_name(a), device_name(b));
	return d ? d : strcmp(peer_name(a), peer_name(b));
}

static bool claim_equal(const struct claim *a, const struct claim *b)
{
	return prefix_equal(&a->prefix, &b->prefix) && a->origin == b->origin &&
	       a->usable == b->usable && a->oif == b->oif && a->dev == b->dev &&
	       a->member == b->member;
}

static void add_claim(struct claims *c, const struct claim *claim)
{
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		c->v = xrealloc(c->v, c->room, sizeof(*c->v));
	}
	c->v[c->count++] = *claim;
}

static void free_claims(struct tenants *t, struct claims *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->v[i].dev)
			wg_device_put(c->v[i].dev);
		if (c->v[i].member)
			member_put(t, c->v[i].member);
	}
	free(c->v);
	*c = (struct claims){0};
}

/* A run of claims to the same prefix. */
struct run {
	const struct claim *v;
	size_t n;
};

static struct run run_at(const struct claims *c, size_t i)
{
	struct run r = {.v = c->v + i};

	while (i + r.n < c->count && prefix_equal(&r.v[0].prefix, &r.v[r.n].prefix))
		r.n++;
	return r;
}

static struct run run_of(const struct claims *c, const struct prefix *p)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (prefix_cmp(&c->v[mid].prefix, p) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == c->count || !prefix_equal(&c->v[low].prefix, p))
		return (struct run){0};
	return run_at(c, low);
}

static bool run_equal(struct run a, struct run b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (!claim_equal(&a.v[i], &b.v[i]))
			return false;
	return true;
}

/* ---- who has it ---- */

static const struct claim *route_claim(struct run r)
{
	for (size_t i = 0; i < r.n; i++)
		if (r.v[i].usable && r.v[i].oif)
			return &r.v[i];
	return NULL;
}

/* The claim that has the permission of @dev. */
static const struct claim *permission_claim(struct run r, const struct wg_device *dev)
{
	for (size_t i = 0; i < r.n; i++)
		if (r.v[i].dev == dev && r.v[i].usable)
			return &r.v[i];
	return NULL;
}

const struct claim *local_find(const struct tenant *owner, const struct prefix *p)
{
	struct run r = run_of(&owner->claims, p);

	for (size_t i = 0; i < r.n; i++)
		if (r.v[i].usable)
			return &r.v[i];
	return NULL;
}

bool local_effective(const struct tenant *owner, const struct claim *c,
		     const struct claim **instead)
{
	struct run r = run_of(&owner->claims, &c->prefix);

	*instead = NULL;
	if (!c->usable)
		return false;
	*instead = c->dev ? permission_claim(r, c->dev) : route_claim(r);
	return *instead == c ||
	       (*instead && c->member && (*instead)->member == c->member);
}

const char *local_describe(const struct claim *c, char *buf, size_t len)
{
	if (c->origin == TENANT_CONNECTED)
		snprintf(buf, len, "connected on %s", c->ifname);
	else
		snprintf(buf, len, "an %s of peer %s on %s",
			 c->origin == TENANT_OVERLAY ? "overlay address" : "allowed-ip",
			 peer_name(c), device_name(c));
	return buf;
}

/* ---- wishes ---- */

static void unwish(struct tenants *t, struct run r, uint32_t table)
{
	for (size_t i = 0; i < r.n; i++)
		if (r.v[i].dev && permission_claim(r, r.v[i].dev) == &r.v[i])
			fib_unwant_permission(t->fib, r.v[i].dev, &r.v[i].prefix);
	if (table && route_claim(r))
		fib_unwant_route(t->fib, table, &r.v[0].prefix, TENANT_METRIC);
}

static int wish_permission(struct tenants *t, const struct claim *c)
{
	struct wg_group *g;
	int err = member_group(c->member, &g);

	return err ? err : fib_want_permission(t->fib, c->dev, &c->prefix, g, g, false);
}

/* The route waits for the permission of the device it leads to, if there is one. */
static int wish_route(struct tenants *t, struct run r, const struct claim *c,
		      uint32_t table)
{
	struct kroute kr = {
		.table = table,
		.dst = c->prefix,
		.metric = TENANT_METRIC,
		.type = KROUTE_UNICAST,
		.oif = c->oif,
	};
	struct wg_device *needs = NULL;

	for (size_t i = 0; i < r.n; i++)
		if (r.v[i].dev && r.v[i].usable && r.v[i].oif == c->oif)
			needs = r.v[i].dev;
	return fib_want_route(t->fib, &kr, needs);
}

static void wish(struct tenants *t, struct run r, uint32_t table)
{
	const struct claim *route = route_claim(r);
	int err = 0;

	for (size_t i = 0; i < r.n && !err; i++)
		if (r.v[i].dev && permission_claim(r, r.v[i].dev) == &r.v[i])
			err = wish_permission(t, &r.v[i]);
	if (!err && table && route)
		err = wish_route(t, r, route, table);
	if (err)
		tenants_retry(t);
}

/* ---- what there should be ---- */

static bool is_worth_a_route(const struct klink_address *a)
{
	return a->len < prefix_max_len(a->addr.family) &&
	       !ip_addr_is_linklocal(&a->addr) && !ip_addr_is_loopback(&a->addr);
}

static void add_connected(struct claims *c, const char *ifname, uint32_t oif,
			  const struct klink_address *a)
{
	struct claim claim = {
		.prefix = {.addr = a->addr, .len = a->len},
		.origin = TENANT_CONNECTED,
		.usable = true,
		.oif = oif,
	};

	if (!is_worth_a_route(a))
		return;
	prefix_mask(&claim.prefix);
	snprintf(claim.ifname, sizeof(claim.ifname), "%s", ifname);
	add_claim(c, &claim);
}

static void add_link(const struct tenants *t, struct claims *c, const char *name)
{
	const struct link *l;

	/* The addresses of a WireGuard interface are known from its configuration. */
	for (size_t i = 0; i < t->device_count; i++)
		if (!strcmp(wg_device_name(t->device[i].dev), name))
			return;
	for (l = t->links; l; l = l->hh.next)
		if (!strcmp(l->name, name) && l->up)
			for (size_t i = 0; i < l->address_count; i++)
				add_connected(c, name, l->ifindex, &l->address[i]);
}

struct collector {
	struct tenants *t;
	const struct tenant_device *device;
	struct claims *claims;
};

/* A link-local address is a next hop and needs a permission, but nothing is routed to
 * it. */
static void add_peer_claim(struct collector *k, struct wg_peer *p,
			   enum tenant_origin origin, const struct prefix *prefix)
{
	bool routed = !ip_addr_is_linklocal(&prefix->addr);
	struct claim claim = {
		.prefix = *prefix,
		.origin = origin,
		.usable = wg_peer_usable(p),
		.oif = routed ? wg_device_ifindex(k->device->dev) : 0,
		.dev = wg_device_get(k->device->dev),
		.member = member_obtain(k->t, p),
	};

	add_claim(k->claims, &claim);
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

static void add_device(struct tenants *t, const struct tenant_device *d, struct claims *c)
{
	struct collector k = {.t = t, .device = d, .claims = c};
	uint32_t ifindex = wg_device_ifindex(d->dev);
	bool exists = ifindex && !d->conf->shutdown;

	for (size_t i = 0; exists && i < d->conf->address_count; i++) {
		struct klink_address a = {
			.addr = d->conf->address[i].addr,
			.len = d->conf->address[i].len,
		};

		add_connected(c, wg_device_name(d->dev), ifindex, &a);
	}
	wg_walk_peers(d->dev, add_peer, &k);
}

static void collect(struct tenants *t, const struct tenant *owner, struct claims *c)
{
	c->table = owner->table;
	for (size_t i = 0; i < t->device_count; i++)
		if (t->device[i].tenant == owner)
			add_device(t, &t->device[i], c);
	for (size_t i = 0; owner->conf && i < owner->conf->interface_count; i++)
		add_link(t, c, owner->conf->interface[i]);
	if (c->count)
		qsort(c->v, c->count, sizeof(*c->v), compare_claims);
}

/* ---- the two halves ---- */

/* Calls @fn for each run of @a that is not the same in @b. */
static void each_difference(struct tenants *t, struct tenant *owner,
			    const struct claims *a, const struct claims *b,
			    void (*fn)(struct tenants *t, struct tenant *owner,
				       struct run r))
{
	bool same_table = a->table == b->table;
	struct run r;

	for (size_t i = 0; i < a->count; i += r.n) {
		r = run_at(a, i);
		if (!same_table || !run_equal(r, run_of(b, &r.v[0].prefix)))
			fn(t, owner, r);
	}
}

static void release_run(struct tenants *t, struct tenant *owner, struct run r)
{
	unwish(t, r, owner->claims.table);
	learned_claim_changed(t, owner, &r.v[0].prefix);
}

static void announce_run(struct tenants *t, struct tenant *owner, struct run r)
{
	learned_claim_changed(t, owner, &r.v[0].prefix);
}

void local_release(struct tenants *t)
{
	for (size_t i = 0; i < t->tenant_count; i++) {
		struct tenant *owner = t->tenant[i];

		collect(t, owner, &owner->wanted_claims);
		each_difference(t, owner, &owner->claims, &owner->wanted_claims,
				release_run);
		each_difference(t, owner, &owner->wanted_claims, &owner->claims,
				announce_run);
	}
}

/* The FIB leaves alone what is stated again, and what failed is made good. */
static void state(struct tenants *t, const struct claims *c)
{
	struct run r;

	for (size_t i = 0; i < c->count; i += r.n) {
		r = run_at(c, i);
		wish(t, r, c->table);
	}
}

void local_state(struct tenants *t)
{
	for (size_t i = 0; i < t->tenant_count; i++) {
		struct tenant *owner = t->tenant[i];

		free_claims(t, &owner->claims);
		owner->claims = owner->wanted_claims;
		owner->wanted_claims = (struct claims){0};
		state(t, &owner->claims);
	}
}

void local_abandon(struct tenants *t, struct tenant *owner)
{
	free_claims(t, &owner->claims);
	free_claims(t, &owner->wanted_claims);
}

void local_withdraw(struct tenants *t, struct tenant *owner)
{
	struct run r;

	for (size_t i = 0; i < owner->claims.count; i += r.n) {
		r = run_at(&owner->claims, i);
		unwish(t, r, owner->claims.table);
	}
	local_abandon(t, owner);
}
