/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where learned routes are kept, by VRF and prefix, and the queues they stand in. */
#include <errno.h>
#include <stdlib.h>

#include "wgrd/tenant/tenant_internal.h"

struct vrf_routes *routes_find(const struct tenants *t, uint32_t vrf)
{
	struct vrf_routes *v;

	HASH_FIND(hh, t->vrfs, &vrf, sizeof(vrf), v);
	return v;
}

struct vrf_routes *routes_obtain(struct tenants *t, uint32_t vrf)
{
	struct vrf_routes *v = routes_find(t, vrf);

	if (v)
		return v;
	v = xcalloc(1, sizeof(*v));
	v->vrf = vrf;
	v->learned = (struct pmap)PMAP_INIT(sizeof(struct learned));
	v->waiting = (struct pmap)PMAP_INIT(sizeof(struct learned_queued *));
	HASH_ADD(hh, t->vrfs, vrf, sizeof(v->vrf), v);
	return v;
}

void routes_drop_if_empty(struct tenants *t, struct vrf_routes *v)
{
	if (pmap_count(&v->learned))
		return;
	HASH_DEL(t->vrfs, v);
	free(v);
}

struct learned *routes_add(struct tenants *t, struct vrf_routes *v,
			   const struct prefix *p)
{
	struct learned *l = pmap_obtain(&v->learned, p);

	if (l)
		l->verdict = DECIDE_VERDICT_COUNT;
	else
		routes_drop_if_empty(t, v);
	return l;
}

void routes_each(struct tenants *t, void (*fn)(struct tenants *t, struct vrf_routes *v,
					       const struct prefix *p, struct learned *l))
{
	struct vrf_routes *v, *next;
	struct pmap_at at;

	HASH_ITER (hh, t->vrfs, v, next) {
		size_t left = pmap_count(&v->learned);

		/* The VRF may go with its last route. */
		for (bool more = pmap_first(&v->learned, &at); more;
		     more = left && pmap_next(&v->learned, &at)) {
			left--;
			fn(t, v, &at.prefix, at.value);
		}
	}
}

/* ---- queues ---- */

struct learned_queued *queue_add(struct tenants *t, struct cds_list_head *queue,
				 uint32_t vrf, const struct prefix *p)
{
	struct learned_queued *q = slab_alloc(&t->queued);

	if (!q)
		return NULL;
	q->vrf = vrf;
	q->prefix = *p;
	cds_list_add_tail(&q->link, queue);
	return q;
}

void queue_remove(struct tenants *t, struct learned_queued *q)
{
	cds_list_del(&q->link);
	slab_free(&t->queued, q);
}

int routes_wait(struct tenants *t, struct quota *quota, struct vrf_routes *v,
		const struct prefix *p, struct learned *l)
{
	struct learned_queued **place = pmap_obtain(&v->waiting, p);

	if (!place)
		return -ENOMEM;
	*place = queue_add(t, &quota->waiting, v->vrf, p);
	if (!*place) {
		pmap_remove(&v->waiting, p);
		return -ENOMEM;
	}
	l->waiting = true;
	return 0;
}

void routes_stop_waiting(struct tenants *t, struct vrf_routes *v, const struct prefix *p,
			 struct learned *l)
{
	struct learned_queued **place;

	if (!l->waiting)
		return;
	l->waiting = false;
	place = pmap_find(&v->waiting, p);
	queue_remove(t, *place);
	pmap_remove(&v->waiting, p);
}
