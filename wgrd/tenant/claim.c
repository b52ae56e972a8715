/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Claims: prefixes that a tenant has without any routing daemon, and by what. Several may be to
 * one prefix; here is what each of them is, how they are kept, and which one has it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/tenant/tenant_internal.h"

/* ---- one claim ---- */

static int rank(enum tenant_origin o)
{
	return o == TENANT_CONNECTED ? 0 : o == TENANT_OVERLAY ? 1 : 2;
}

struct wg_device *claim_device(const struct claim *c)
{
	return c->member ? wg_peer_device(c->member->peer) : NULL;
}

static const char *peer_name(const struct claim *c)
{
	return c->member ? wg_peer_name(c->member->peer) : "";
}

const char *claim_device_name(const struct claim *c)
{
	return c->member ? wg_device_name(claim_device(c)) : c->ifname;
}

static int compare_claims(const struct claim *a, const struct claim *b)
{
	int d = rank(a->origin) - rank(b->origin);

	d = d ? d : strcmp(claim_device_name(a), claim_device_name(b));
	return d ? d : strcmp(peer_name(a), peer_name(b));
}

static bool claim_equal(const struct claim *a, const struct claim *b)
{
	return a->origin == b->origin && a->usable == b->usable && a->oif == b->oif &&
	       a->member == b->member && (a->member || !strcmp(a->ifname, b->ifname));
}

static struct claim claim_copy(const struct claim *c)
{
	struct claim copy = *c;

	if (c->member)
		member_get(c->member);
	else
		copy.ifname = xstrdup(c->ifname);
	if (c->bundle)
		bundle_get(c->bundle);
	return copy;
}

void claim_set_bundle(struct tenants *t, struct claim *c, struct bundle *b)
{
	if (c->bundle)
		bundle_put(t, c->bundle);
	c->bundle = b;
}

void claim_fini(struct tenants *t, struct claim *c)
{
	claim_set_bundle(t, c, NULL);
	if (c->member)
		member_put(t, c->member);
	free(c->ifname);
}

/* ---- all claims to a prefix ---- */

static struct claim_run *run_alloc(struct claim_run *old, unsigned count)
{
	return xrealloc(old, 1, sizeof(*old) + count * sizeof(struct claim));
}

struct claim_run *claim_run_copy(const struct claim_run *r)
{
	struct claim_run *copy = run_alloc(NULL, r ? r->count : 0);

	copy->count = r ? r->count : 0;
	for (unsigned i = 0; i < copy->count; i++)
		copy->v[i] = claim_copy(&r->v[i]);
	return copy;
}

void claim_run_free(struct tenants *t, struct claim_run *r)
{
	for (unsigned i = 0; r && i < r->count; i++)
		claim_fini(t, &r->v[i]);
	free(r);
}

struct claim_run *claim_run_insert(struct claim_run *r, const struct claim *claim)
{
	unsigned i = 0;

	r = run_alloc(r, r->count + 1);
	while (i < r->count && compare_claims(&r->v[i], claim) < 0)
		i++;
	memmove(&r->v[i + 1], &r->v[i], (r->count - i) * sizeof(struct claim));
	r->v[i] = *claim;
	r->count++;
	return r;
}

void claim_run_drop_peer(struct tenants *t, struct claim_run *r,
			 const struct wg_device *dev, const char *name)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < r->count; i++) {
		if (claim_device(&r->v[i]) == dev && !strcmp(peer_name(&r->v[i]), name))
			claim_fini(t, &r->v[i]);
		else
			r->v[kept++] = r->v[i];
	}
	r->count = kept;
}

bool claim_run_equal(const struct claim_run *a, const struct claim_run *b)
{
	const unsigned n = a ? a->count : 0;

	if (n != (b ? b->count : 0))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!claim_equal(&a->v[i], &b->v[i]))
			return false;
	return true;
}

/* ---- the claims of a tenant ---- */

void claims_init(struct claims *c)
{
	*c = (struct claims){.map = PMAP_INIT(sizeof(struct claim_run *))};
}

struct claim_run *claims_run(const struct claims *c, const struct prefix *p)
{
	struct claim_run **at = pmap_find(&c->map, p);

	return at ? *at : NULL;
}

struct claim_run *claims_run_at(const struct pmap_at *at)
{
	return *(struct claim_run **)at->value;
}

void claims_fini(struct tenants *t, struct claims *c)
{
	struct pmap_at at;

	PMAP_WALK (&at, &c->map)
		claim_run_free(t, claims_run_at(&at));
	pmap_clear(&c->map);
	c->count = 0;
}

/* ---- who has it ---- */

const struct claim *claim_run_route(const struct claim_run *r)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->v[i].usable && r->v[i].oif)
			return &r->v[i];
	return NULL;
}

/* The claim that has the permission of @dev. */
static const struct claim *permission_claim(const struct claim_run *r,
					    const struct wg_device *dev)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->v[i].member && r->v[i].usable && claim_device(&r->v[i]) == dev)
			return &r->v[i];
	return NULL;
}

bool claim_has_permission(const struct claim_run *r, const struct claim *c)
{
	return c->member && permission_claim(r, claim_device(c)) == c;
}

const struct claim *claim_first(const struct tenant *owner, const struct prefix *p)
{
	const struct claim_run *r = claims_run(&owner->claims, p);

	return r ? &r->v[0] : NULL;
}

const struct claim *claim_find(const struct tenant *owner, const struct prefix *p)
{
	const struct claim_run *r = claims_run(&owner->claims, p);

	for (unsigned i = 0; r && i < r->count; i++)
		if (r->v[i].usable)
			return &r->v[i];
	return NULL;
}

bool claim_effective(const struct tenant *owner, const struct prefix *p,
		     const struct claim *c, const struct claim **instead)
{
	const struct claim_run *r = claims_run(&owner->claims, p);

	*instead = NULL;
	if (!c->usable)
		return false;
	*instead = c->member ? permission_claim(r, claim_device(c)) : claim_run_route(r);
	return *instead == c ||
	       (*instead && c->member && (*instead)->member == c->member);
}

const char *claim_describe(const struct claim *c, char *buf, size_t len)
{
	if (c->origin == TENANT_CONNECTED)
		snprintf(buf, len, "connected on %s", c->ifname);
	else
		snprintf(buf, len, "an %s of peer %s on %s",
			 c->origin == TENANT_OVERLAY ? "overlay address" : "allowed-ip",
			 peer_name(c), claim_device_name(c));
	return buf;
}
