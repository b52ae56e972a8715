/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The two tables of an interface as the control plane remembers them. One tree per family
 * holds both: an entry is a prefix with an egress group, an ingress group or both, and
 * goes when it has neither. The back end is told before an entry changes, so that a
 * failure changes nothing, and before a group loses a reference, so that it never has a
 * group in its tables that is gone.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "wgrd/wg/wg_internal.h"

struct permission {
	struct ptree_node node;
	struct wg_group *group[WG_TABLES];
};

static struct ptree *tree_of(struct wg_device *d, const struct prefix *p)
{
	return &d->permissions[p->addr.family == AF_INET6];
}

static struct permission *find(const struct wg_device *d, const struct prefix *p)
{
	struct ptree_node *n = ptree_find(tree_of((struct wg_device *)d, p), p);

	return n ? container_of(n, struct permission, node) : NULL;
}

static struct permission *find_or_make(struct wg_device *d, const struct prefix *p)
{
	struct permission *e = find(d, p);
	struct ptree_node *there;

	if (e)
		return e;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->node.prefix = *p;
	there = ptree_insert(tree_of(d, p), &e->node);
	assert(!there);
	return e;
}

static void drop_if_empty(struct wg_device *d, struct permission *e)
{
	if (e->group[WG_EGRESS] || e->group[WG_INGRESS])
		return;
	ptree_remove(tree_of(d, &e->node.prefix), &e->node);
	free(e);
}

static int tell_set(struct wg_device *d, enum wg_table t, const struct prefix *p,
		    struct wg_group *g)
{
	const struct wg_backend_ops *ops = d->wg->ops;

	return (t == WG_EGRESS ? ops->egress_set : ops->ingress_set)(d->wg->be, d->be, p,
								     g->be);
}

static int permission_set(struct wg_device *d, enum wg_table t, const struct prefix *p,
			  struct wg_group *g)
{
	struct permission *e;
	struct wg_group *old;
	int err;

	if (d->gone)
		return 0;
	assert(g->device == d);
	e = find_or_make(d, p);
	if (!e)
		return -ENOMEM;
	old = e->group[t];
	if (old == g)
		return 0;
	err = tell_set(d, t, p, g);
	if (err) {
		drop_if_empty(d, e);
		return err;
	}
	e->group[t] = wg_group_get(g);
	d->permission_count[t] += !old;
	wg_group_put(old);
	return 0;
}

static void permission_del(struct wg_device *d, enum wg_table t, const struct prefix *p)
{
	const struct wg_backend_ops *ops;
	struct permission *e;
	struct wg_group *g;

	if (d->gone)
		return;
	e = find(d, p);
	if (!e || !e->group[t])
		return;
	ops = d->wg->ops;
	(t == WG_EGRESS ? ops->egress_del : ops->ingress_del)(d->wg->be, d->be, p);
	g = e->group[t];
	e->group[t] = NULL;
	d->permission_count[t]--;
	drop_if_empty(d, e);
	wg_group_put(g);
}

int wg_egress_set(struct wg_device *d, const struct prefix *p, struct wg_group *g)
{
	return permission_set(d, WG_EGRESS, p, g);
}

void wg_egress_del(struct wg_device *d, const struct prefix *p)
{
	permission_del(d, WG_EGRESS, p);
}

int wg_ingress_set(struct wg_device *d, const struct prefix *p, struct wg_group *g)
{
	return permission_set(d, WG_INGRESS, p, g);
}

void wg_ingress_del(struct wg_device *d, const struct prefix *p)
{
	permission_del(d, WG_INGRESS, p);
}

const struct wg_group *wg_egress_get(const struct wg_device *d, const struct prefix *p)
{
	const struct permission *e = find(d, p);

	return e ? e->group[WG_EGRESS] : NULL;
}

const struct wg_group *wg_ingress_get(const struct wg_device *d, const struct prefix *p)
{
	const struct permission *e = find(d, p);

	return e ? e->group[WG_INGRESS] : NULL;
}

void wg_walk_permissions(const struct wg_device *d,
			 bool (*fn)(const struct prefix *p, const struct wg_group *egress,
				    const struct wg_group *ingress, void *arg),
			 void *arg)
{
	struct ptree_node *n;

	for (unsigned i = 0; i < ARRAY_SIZE(d->permissions); i++) {
		PTREE_WALK (n, &d->permissions[i], NULL) {
			const struct permission *e =
				container_of(n, struct permission, node);

			if (!fn(&n->prefix, e->group[WG_EGRESS], e->group[WG_INGRESS],
				arg))
				return;
		}
	}
}

void wg_permissions_clear(struct wg_device *d)
{
	struct ptree_node *n, *next;

	for (unsigned i = 0; i < ARRAY_SIZE(d->permissions); i++) {
		PTREE_WALK_SAFE (n, next, &d->permissions[i], NULL) {
			struct permission *e = container_of(n, struct permission, node);

			ptree_remove(&d->permissions[i], n);
			wg_group_put(e->group[WG_EGRESS]);
			wg_group_put(e->group[WG_INGRESS]);
			free(e);
		}
	}
	d->permission_count[WG_EGRESS] = d->permission_count[WG_INGRESS] = 0;
}
