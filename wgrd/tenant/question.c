/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What decide() is asked about a learned route: with all that a sentence needs, for show; and for
 * the decision itself without the sentences, from what the route's path knows.
 */
#include "wgrd/tenant/tenant_internal.h"

static struct decide_room room_of(const struct quota *q)
{
	return (struct decide_room){
		.max = q->max, .held = q->held, .held_s = quota_held_s(q)};
}

/* What the first of the route's peers that refuses it has to say. */
static void ask_about_peers(const struct tenants *t, const struct resolution *r,
			    struct decide_question *q)
{
	for (unsigned i = 0; i < r->member_count; i++) {
		const struct member *m = member_find(t, r->member[i].peer);

		if (!m)
			continue;
		if (!q->filter && !decide_filter_permits(&m->filter, &q->prefix))
			q->filter = &m->filter;
		if (i < r->primary_count && !q->full_peer && quota_closed(&m->quota)) {
			q->full_peer = wg_peer_name(m->peer);
			q->peer = room_of(&m->quota);
		}
	}
}

void question_fill(const struct tenants *t, const struct rib_route *route,
		   const struct resolution *r, char local[static 128],
		   struct decide_question *q)
{
	const struct tenant *owner = r->device ? r->device->tenant : NULL;
	const struct claim *c = NULL;

	*q = (struct decide_question){
		.prefix = route->prefix,
		.nexthop =
			{
				.kind = r->kind,
				.gate = r->nexthop.gate,
				.device = r->device ? wg_device_name(r->device->dev) : "",
				.peer = r->peer ? wg_peer_name(r->peer) : "",
				.behind = r->behind,
				.backup = r->backup ? wg_peer_name(r->backup) : NULL,
				.why = r->peer ? resolve_why_unusable(r->device, r->peer)
					       : "",
				.vrf = owner ? owner->from : "",
				.tag = route->tag,
			},
		.tenant = owner ? owner->name : "",
	};
	if (!owner || r->kind > HOP_OWN)
		return;
	c = claim_find(owner, &route->prefix);
	if (c)
		q->local = claim_describe(c, local, 128);
	q->supernet = owner->conf ? &owner->conf->supernet : NULL;
	q->advertised = tables_advertises(owner, &route->prefix);
	q->tenant_full = quota_closed(&owner->quota);
	q->of_tenant = room_of(&owner->quota);
	if (!decide_filter_permits(&owner->filter, &route->prefix))
		q->filter = &owner->filter;
	ask_about_peers(t, r, q);
}

/* The tenant's list comes first, then those of the peers in their order. */
static const struct decide_filter *refusing_filter(const struct path *p,
						   const struct prefix *prefix)
{
	if (!decide_filter_permits(&p->tenant->filter, prefix))
		return &p->tenant->filter;
	for (unsigned i = 0; i < p->member_count; i++)
		if (!decide_filter_permits(&p->member[i]->filter, prefix))
			return &p->member[i]->filter;
	return NULL;
}

static void ask_for_room(const struct path *p, struct decide_question *q)
{
	const struct quota *of_peer = stage_closed_peer(p);
	const struct quota *of_tenant = &p->tenant->quota;

	q->full_peer = of_peer ? "" : NULL;
	q->peer.held = of_peer && of_peer->held;
	q->tenant_full = quota_closed(of_tenant);
	q->of_tenant.held = of_tenant->held;
}

enum decide_verdict question_verdict(const struct path *p, const struct prefix *prefix)
{
	const struct tenant *owner = p->tenant;
	struct decide_question q = {
		.prefix = *prefix,
		.nexthop = {.kind = p->kind},
	};

	if (owner)
		q.advertised = tables_advertises(owner, prefix);
	if (p->kind == HOP_PEER) {
		q.supernet = owner->conf ? &owner->conf->supernet : NULL;
		q.local = claim_find(owner, prefix) ? "" : NULL;
		q.filter = refusing_filter(p, prefix);
		ask_for_room(p, &q);
	}
	return decide(&q);
}
