/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Peers as tenants see them, and who may have how many prefixes. */
#include <assert.h>
#include <stdlib.h>

#include "wgrd/tenant/tenant_internal.h"

/* ---- quotas ---- */

void quota_init(struct quota *q)
{
	CDS_INIT_LIST_HEAD(&q->waiting);
	CDS_INIT_LIST_HEAD(&q->roomy);
}

bool quota_full(const struct quota *q)
{
	return q->max && q->used >= q->max;
}

void quota_take(struct quota *q)
{
	q->used++;
}

void quota_give(struct tenants *t, struct quota *q)
{
	assert(q->used);
	q->used--;
	if (!cds_list_empty(&q->waiting) && cds_list_empty(&q->roomy))
		cds_list_add_tail(&q->roomy, &t->roomy);
}

/* ---- members ---- */

static void refresh(struct member *m)
{
	const struct conf_peer *conf = wg_peer_conf(m->peer);

	m->quota.max = conf ? conf->max_prefix : 0;
}

struct member *member_obtain(struct tenants *t, struct wg_peer *p)
{
	struct member *m;

	HASH_FIND_PTR(t->members, &p, m);
	if (!m) {
		m = xcalloc(1, sizeof(*m));
		m->peer = wg_peer_get(p);
		quota_init(&m->quota);
		refresh(m);
		HASH_ADD_PTR(t->members, peer, m);
	}
	return member_get(m);
}

struct member *member_get(struct member *m)
{
	m->refs++;
	return m;
}

void member_put(struct tenants *t, struct member *m)
{
	if (--m->refs)
		return;
	/* Prefixes that wait for this peer hold a path that refers to it. */
	assert(cds_list_empty(&m->quota.waiting));
	cds_list_del(&m->quota.roomy);
	HASH_DEL(t->members, m);
	if (m->group)
		wg_group_put(m->group);
	wg_peer_put(m->peer);
	free(m);
}

int member_group(struct member *m, struct wg_group **out)
{
	struct wg_nexthop nh = {.peer = m->peer, .weight = 1};
	int err = 0;

	if (!m->group)
		err = wg_group_new(wg_peer_device(m->peer), &nh, 1, &m->group);
	*out = m->group;
	return err;
}

void member_refresh_all(struct tenants *t)
{
	struct member *m;

	for (m = t->members; m; m = m->hh.next)
		refresh(m);
}
