/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/permit.h"

#include <errno.h>
#include <stdlib.h>

int dp_permits_init(struct dp_permits *t)
{
	*t = (struct dp_permits){.lpm = lpm_new()};
	CDS_INIT_LIST_HEAD(&t->one_sided);
	return t->lpm ? 0 : -ENOMEM;
}

static void free_permit(struct dp_rcu *r)
{
	free(container_of(r, struct dp_permit, rcu));
}

void dp_permits_fini(struct dp_permits *t)
{
	struct dp_permit *m, *next;

	lpm_free(t->lpm);
	HASH_ITER (hh, t->shared, m, next) {
		HASH_DEL(t->shared, m);
		free(m);
	}
	cds_list_for_each_entry_safe (m, next, &t->one_sided, link)
		free(m);
}

/* ---- permits ---- */

/* NULL: no memory. */
static struct dp_permit *make(struct dp_group *const own[static DP_SIDES])
{
	struct dp_permit *m = calloc(1, sizeof(*m));

	for (unsigned i = 0; m && i < DP_SIDES; i++) {
		m->own[i] = own[i];
		atomic_init(&m->group[i], own[i]);
	}
	return m;
}

static struct dp_permit *share(struct dp_permits *t,
			       struct dp_group *const own[static DP_SIDES])
{
	struct dp_permit *m;

	HASH_FIND(hh, t->shared, own, sizeof(m->own), m);
	if (!m) {
		m = make(own);
		if (!m)
			return NULL;
		HASH_ADD(hh, t->shared, own, sizeof(m->own), m);
	}
	m->refs++;
	return m;
}

static bool is_one_sided(const struct dp_permit *m)
{
	return !m->own[DP_EGRESS] || !m->own[DP_INGRESS];
}

/* Of the longest shorter prefix that is in the table. */
static struct dp_group *inherited(const struct dp_permits *t, enum dp_side side,
				  const struct prefix *p)
{
	struct prefix up = *p;

	while (up.len) {
		struct dp_group *g;

		up.len--;
		prefix_mask(&up);
		g = dp_permits_get(t, side, &up);
		if (g)
			return g;
	}
	return NULL;
}

static void inherit(const struct dp_permits *t, struct dp_permit *m)
{
	for (unsigned i = 0; i < DP_SIDES; i++)
		if (!m->own[i]) /* releases the group to dp_permit_group() */
			atomic_store_explicit(&m->group[i],
					      inherited(t, (enum dp_side)i, &m->prefix),
					      memory_order_release);
}

static struct dp_permit *make_one_sided(struct dp_permits *t, const struct prefix *p,
					struct dp_group *const own[static DP_SIDES])
{
	struct dp_permit *m = make(own);

	if (!m)
		return NULL;
	m->prefix = *p;
	m->refs = 1;
	inherit(t, m);
	cds_list_add(&m->link, &t->one_sided);
	return m;
}

/* No prefix leads to it any more, or one less. */
static void put(struct dp_permits *t, struct dp_permit *m)
{
	if (--m->refs)
		return;
	if (is_one_sided(m))
		cds_list_del(&m->link);
	else
		HASH_DEL(t->shared, m);
	dp_rcu_call(&m->rcu, free_permit);
}

/* ---- the tables ---- */

static void inherit_again(struct dp_permits *t)
{
	struct dp_permit *m;

	cds_list_for_each_entry (m, &t->one_sided, link)
		inherit(t, m);
}

int dp_permits_set(struct dp_permits *t, const struct prefix *p, struct dp_group *egress,
		   struct dp_group *ingress)
{
	struct dp_group *const own[DP_SIDES] = {egress, ingress};
	struct dp_permit *old = lpm_get(t->lpm, p),
			 *new = egress &&ingress ? share(t, own)
						 : make_one_sided(t, p, own);

	if (!new)
		return -ENOMEM;
	if (lpm_set(t->lpm, p, new)) {
		put(t, new);
		return -ENOMEM;
	}
	if (old)
		put(t, old);
	inherit_again(t);
	return 0;
}

void dp_permits_del(struct dp_permits *t, const struct prefix *p)
{
	struct dp_permit *m = lpm_get(t->lpm, p);

	if (!m)
		return;
	(void)lpm_del(t->lpm, p);
	put(t, m);
	inherit_again(t);
}

struct dp_group *dp_permits_get(const struct dp_permits *t, enum dp_side side,
				const struct prefix *p)
{
	const struct dp_permit *m = lpm_get(t->lpm, p);

	return m ? m->own[side] : NULL;
}
