/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What show prints of tenants and peers as a whole. */
#include "wgrd/tenant/tenant_internal.h"

const char *tenant_origin_name(enum tenant_origin o)
{
	switch (o) {
	case TENANT_LEARNED:
		return "learned";
	case TENANT_STATIC:
		return "static";
	case TENANT_OVERLAY:
		return "overlay";
	case TENANT_CONNECTED:
		return "connected";
	case TENANT_ADVERTISED:
		return "advertised";
	}
	return "?";
}

/* ---- tenants ---- */

static const char *why_inactive(const struct tenants *t, const struct tenant *owner)
{
	uint32_t vrf;

	if (owner->name[0] && !owner->conf)
		return "not configured";
	if (!owner->table)
		return "no table";
	return rib_vrf_find(t->rib, owner->from, &vrf) ? "VRF unknown" : NULL;
}

static bool count_peer(struct wg_peer *p, void *arg)
{
	size_t *n = arg;

	(void)p;
	++*n;
	return true;
}

static void fill_tenant(const struct tenants *t, const struct tenant *owner,
			struct tenant_view *v)
{
	*v = (struct tenant_view){
		.name = owner->name,
		.inactive = why_inactive(t, owner),
		.table = owner->table,
		.priority = owner->conf ? owner->conf->priority : 0,
		.vrf = owner->vrf,
		.learn_table = owner->conf ? owner->conf->learn_table : 0,
		.learned = owner->quota.used + owner->refused,
		.accepted = owner->quota.used,
		.refused = owner->refused,
		.fixed = owner->claims.count,
		.max_prefix = owner->quota.max,
		.max_prefix_hold = owner->quota.hold_s,
		.max_prefix_warning = owner->quota.warning_percent,
		.held_s = quota_held_s(&owner->quota),
		.prefix_list = owner->filter.name,
	};
	for (size_t i = 0; i < t->device_count; i++) {
		if (t->device[i].tenant != owner)
			continue;
		v->interfaces++;
		wg_walk_peers(t->device[i].dev, count_peer, &v->peers);
	}
}

/* The built-in tenant is worth a line when an interface has no other. */
void tenants_walk(const struct tenants *t,
		  bool (*fn)(const struct tenant_view *v, void *arg), void *arg)
{
	for (size_t i = 0; i < t->tenant_count; i++) {
		struct tenant_view v;

		fill_tenant(t, t->tenant[i], &v);
		if ((v.name[0] || v.interfaces) && !fn(&v, arg))
			return;
	}
}

bool tenants_has(const struct tenants *t, const char *name)
{
	return tenants_find(t, name) != NULL;
}

void tenants_peer_view(const struct tenants *t, const struct wg_peer *p,
		       struct tenant_peer_view *v)
{
	const struct member *m = member_find(t, p);

	*v = (struct tenant_peer_view){0};
	if (!m)
		return;
	v->counted = m->quota.used;
	v->waiting = m->quota.wanted - m->quota.used;
	v->held_s = quota_held_s(&m->quota);
}
