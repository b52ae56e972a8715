/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How far a learned prefix gets on its way through the quotas of its peers and its tenant. */

#include "wgrd/tenant/tenant_internal.h"

static void each_peer(const struct learned *l, void (*fn)(struct quota *q))
{
	for (unsigned i = 0; i < l->path->primary_count; i++)
		fn(&l->path->member[i]->quota);
}

static enum learned_stage stage_of(enum decide_verdict v)
{
	switch (v) {
	case DECIDE_ACCEPT:
		return STAGE_ACCEPTED;
	case DECIDE_TENANT_LIMIT:
	case DECIDE_TENANT_HELD:
		return STAGE_COUNTED;
	case DECIDE_PEER_LIMIT:
	case DECIDE_PEER_HELD:
		return STAGE_WANTED;
	case DECIDE_NO_PEER:
	case DECIDE_NOT_OURS:
	case DECIDE_PEER_UNUSABLE:
	case DECIDE_OUTSIDE_SUPERNET:
	case DECIDE_DEFAULT_ROUTE:
	case DECIDE_PREFIX_LIST:
	case DECIDE_COVERED_LOCALLY:
	case DECIDE_PEER_DOWN:
	case DECIDE_OWN:
	case DECIDE_NO_MEMORY:
	case DECIDE_VERDICT_COUNT:
		break;
	}
	return STAGE_NONE;
}

void stage_enter(struct learned *l)
{
	l->stage = stage_of(l->verdict);
	if (l->stage >= STAGE_WANTED)
		each_peer(l, quota_want);
	if (l->stage >= STAGE_COUNTED) {
		each_peer(l, quota_take);
		quota_want(&l->path->tenant->quota);
	}
	if (l->stage == STAGE_ACCEPTED)
		quota_take(&l->path->tenant->quota);
}

void stage_leave(struct learned *l)
{
	/* In this order: what waits for the peer has the first claim to its room. */
	if (l->stage >= STAGE_COUNTED)
		each_peer(l, quota_give);
	if (l->stage >= STAGE_WANTED)
		each_peer(l, quota_unwant);
	if (l->stage == STAGE_ACCEPTED)
		quota_give(&l->path->tenant->quota);
	if (l->stage >= STAGE_COUNTED)
		quota_unwant(&l->path->tenant->quota);
	l->stage = STAGE_NONE;
}

struct quota *stage_closed_peer(const struct path *p)
{
	for (unsigned i = 0; i < p->primary_count; i++)
		if (quota_closed(&p->member[i]->quota))
			return &p->member[i]->quota;
	return NULL;
}

bool stage_has_held_peer(const struct path *p)
{
	for (unsigned i = 0; i < p->primary_count; i++)
		if (p->member[i]->quota.held)
			return true;
	return false;
}
