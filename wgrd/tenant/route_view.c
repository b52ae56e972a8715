/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What show says of one prefix, with the whole story. Sentences are made here and now from the
 * same question that was decided; nothing is stored for them.
 */
#include <assert.h>
#include <stdio.h>

#include "wgrd/kernel/kforeign.h"
#include "wgrd/tenant/tenant_internal.h"

static void hand_on(struct route_reader *out, const struct tenant_route_view *v)
{
	if (!out->stopped && !out->fn(v, out->arg))
		out->stopped = true;
}

static void fill_progress(const struct tenants *t, struct tenant_route_view *v,
			  const struct wg_device *dev, uint32_t oif)
{
	struct fib_route_view r;

	v->permission_known =
		dev && fib_permission_state(t->fib, dev, &v->prefix, &v->permission);
	if (!v->table ||
	    !fib_route_state(t->fib, v->table, &v->prefix, TENANT_METRIC, &r) ||
	    r.route.oif != oif)
		return;
	v->route_known = true;
	v->route = r.state;
	v->route_error = r.error;
}

/* ---- learned ---- */

/* A VRF's kernel table stands in for a zebra that is not understood. */
static const char *source_of(const struct tenants *t, const struct rib_route *route,
			     uint32_t vrf, char buf[static RIB_VRF_NAME_LEN])
{
	const char *name = rib_vrf_name(t->rib, vrf) ?: "";

	if (route->source == RIB_FROM_ZEBRA)
		return "zebra";
	if (rib_vrf_is_table(name))
		return name;
	return vrf ? "kernel" : rib_table_name(KFOREIGN_MAIN_TABLE, buf);
}

static_assert((int)RIB_NEXTHOP_MAX <= (int)WG_GROUP_MAX, "all members are shown");

static void fill_members(struct tenant_route_view *v, const struct resolution *r)
{
	for (unsigned i = 0; i < r->member_count; i++) {
		const char *name = wg_peer_name(r->member[i].peer);

		if (i < r->primary_count)
			v->peer[v->peer_count++] = name;
		else
			v->backup[v->backup_count++] = name;
	}
}

void route_view_learned(const struct tenants *t, const struct rib_route *route,
			uint32_t vrf, const struct learned *l, struct route_reader *out)
{
	const struct path *path = l ? l->path : NULL;
	struct tenant_route_view v = {
		.tenant = "",
		.vrf = rib_vrf_name(t->rib, vrf) ?: "",
		.from = "",
		.prefix = route->prefix,
		.origin = TENANT_LEARNED,
		.protocol = rib_proto_name(route->proto),
		.tag = route->tag,
		.nexthop_count = route->nh_count,
		.nexthop = route->nh,
		.verdict = l ? l->verdict : DECIDE_NOT_OURS,
		.changed_ns = route->changed_ns,
	};
	char local[128], reason[256], source[RIB_VRF_NAME_LEN];
	struct decide_question q;
	struct resolution r;

	resolve(t, vrf, tag_of(t, vrf, route), route->nh, route->nh_count, &r);
	question_fill(t, route, &r, local, &q);
	v.reason = decide_explain(&q, v.verdict, reason, sizeof(reason));
	v.device = q.nexthop.device;
	v.source = source_of(t, route, vrf, source);
	if (path && path->tenant) {
		v.tenant = path->tenant->name;
		v.vrf = path->tenant->vrf;
		v.from = path->tenant->from;
	}
	if (v.verdict == DECIDE_ACCEPT) {
		fill_members(&v, &r);
		v.table = path->table;
		fill_progress(t, &v, path->leg[0].dev,
			      wg_device_ifindex(path->leg[0].dev));
	} else if (r.peer) {
		v.peer[v.peer_count++] = wg_peer_name(r.peer);
	}
	hand_on(out, &v);
}

/* ---- claims and own prefixes ---- */

void route_view_claim(const struct tenants *t, const struct tenant *owner,
		      const struct prefix *p, const struct claim *c,
		      struct route_reader *out)
{
	const struct claim *instead;
	struct tenant_route_view v = {
		.tenant = owner->name,
		.vrf = owner->vrf,
		.from = owner->from,
		.prefix = *p,
		.origin = c->origin,
		.protocol = "",
		.reason = "",
		.device = claim_device_name(c),
		.table = owner->table,
	};
	char what[128], reason[192];

	if (c->member)
		v.peer[v.peer_count++] = wg_peer_name(c->member->peer);
	if (claim_effective(owner, p, c, &instead)) {
		v.verdict = DECIDE_ACCEPT;
		v.reason = claim_describe(c, reason, sizeof(reason));
		fill_progress(t, &v, claim_device(c), c->oif);
	} else if (instead) {
		v.verdict = DECIDE_COVERED_LOCALLY;
		snprintf(reason, sizeof(reason), "%s comes first",
			 claim_describe(instead, what, sizeof(what)));
		v.reason = reason;
	} else {
		const struct tenant_device *d = tenants_device(t, claim_device(c));

		v.verdict = DECIDE_PEER_UNUSABLE;
		snprintf(reason, sizeof(reason), "peer %s of %s %s", v.peer[0], v.device,
			 d ? resolve_why_unusable(d, c->member->peer) : "is gone");
		v.reason = reason;
	}
	hand_on(out, &v);
}

/* How far an own prefix is that is where it belongs. @reason is for a sentence about it. */
static void add_progress(const struct tenants *t, const struct advert *a,
			 struct tenant_route_view *v, char *reason, size_t len)
{
	const struct fib_advert given = tables_advert_of(a);
	struct fib_route_view r;

	if (a->place.table) {
		snprintf(reason, len, "put into table %u with metric %u via %s",
			 a->place.table, a->place.metric, v->device);
		v->table = a->place.table;
		v->route_known = fib_route_state(t->fib, a->place.table, &a->prefix,
						 a->place.metric, &r);
		if (v->route_known) {
			v->route = r.state;
			v->route_error = r.error;
		}
		return;
	}
	if (a->instance)
		snprintf(reason, len, "given to zebra as instance %u with tag %u via %s",
			 a->instance, a->tag, v->device);
	else
		snprintf(reason, len, "given to zebra with tag %u via %s", a->tag,
			 v->device);
	v->route_known = fib_advertise_state(t->fib, &given, &v->route, &v->route_error);
}

void route_view_advert(const struct tenants *t, const struct tenant *owner,
		       const struct prefix *p, struct route_reader *out)
{
	const struct tenant_device *d = tables_advert_device(t, owner);
	struct tenant_route_view v = {
		.tenant = owner->name,
		.vrf = owner->vrf,
		.from = owner->from,
		.prefix = *p,
		.origin = TENANT_ADVERTISED,
		.protocol = "",
		.device = d ? wg_device_name(d->dev) : "",
		.verdict = DECIDE_ACCEPT,
	};
	const struct member *gate = tables_gate(owner, p);
	const struct advert *a = NULL;
	struct advert_place place;
	char reason[192] = "";
	bool known = tables_place(t, owner, &place);

	if (known)
		a = tables_find_advert(&t->tables, owner, &place, p);
	if (!d) {
		v.verdict = DECIDE_NOT_OURS;
		snprintf(reason, sizeof(reason),
			 "tenant %s has no WireGuard interface to announce it from",
			 owner->name);
	} else if (!known) {
		v.verdict = DECIDE_NOT_OURS;
		snprintf(reason, sizeof(reason),
			 "the kernel has no table for advertise-kernel: there is no VRF "
			 "device %s",
			 owner->vrf);
	} else if (gate && !health_is_good(gate)) {
		v.verdict = DECIDE_PEER_DOWN;
		v.peer[v.peer_count++] = wg_peer_name(gate->peer);
		snprintf(reason, sizeof(reason),
			 "it is peer %s's, which does not answer; with advertise-always "
			 "it would be advertised all the same",
			 v.peer[0]);
	} else if (a && a->owner != owner) {
		v.verdict = DECIDE_OWN;
		snprintf(reason, sizeof(reason), "tenant %s advertises it already",
			 a->owner->name);
	} else if (a) {
		add_progress(t, a, &v, reason, sizeof(reason));
	}
	v.reason = reason;
	hand_on(out, &v);
}
