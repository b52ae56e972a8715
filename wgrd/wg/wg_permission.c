/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The two tables of an interface as the control plane remembers them. One map holds both: to
 * a pair of groups, for egress and ingress, of which one may be missing. Prefixes with the
 * same groups share a pair, which has one reference to each. The back end is told before
 * an entry changes, so that a failure changes nothing, and before a group loses a
 * reference, so that it never has a group in its tables that is gone.
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "wgrd/wg/wg_internal.h"

struct wg_pair {
	UT_hash_handle hh;
	struct wg_group *group[WG_TABLES];
	size_t refs;
};

void wg_permissions_init(struct wg_device *d)
{
	d->permissions = (struct pmap)PMAP_INIT(sizeof(struct wg_pair *));
}

/* ---- pairs ---- */

static struct wg_group *get_group(struct wg_group *g)
{
	return g ? wg_group_get(g) : NULL;
}

/* With a reference. NULL: no memory. */
static struct wg_pair *pair_obtain(struct wg_device *d, struct wg_group *egress,
				   struct wg_group *ingress)
{
	struct wg_group *const key[WG_TABLES] = {egress, ingress};
	struct wg_pair *pair;

	HASH_FIND(hh, d->pairs, key, sizeof(key), pair);
	if (!pair) {
		pair = calloc(1, sizeof(*pair));
		if (!pair)
			return NULL;
		pair->group[WG_EGRESS] = get_group(egress);
		pair->group[WG_INGRESS] = get_group(ingress);
		HASH_ADD(hh, d->pairs, group, sizeof(key), pair);
	}
	pair->refs++;
	return pair;
}

static void pair_put(struct wg_device *d, struct wg_pair *pair)
{
	if (--pair->refs)
		return;
	HASH_DEL(d->pairs, pair);
	wg_group_put(pair->group[WG_EGRESS]);
	wg_group_put(pair->group[WG_INGRESS]);
	free(pair);
}

static void *backend_group(const struct wg_pair *pair, enum wg_table t)
{
	return pair->group[t] ? pair->group[t]->be : NULL;
}

/* ---- the tables ---- */

static struct wg_pair *find(const struct wg_device *d, const struct prefix *p)
{
	struct wg_pair *const *e = pmap_find(&d->permissions, p);

	return e ? *e : NULL;
}

static void count(struct wg_device *d, const struct wg_pair *pair, int change)
{
	for (unsigned t = 0; t < WG_TABLES; t++)
		if (pair->group[t])
			d->permission_count[t] += (size_t)change;
}

/* @e has none if the prefix is new. */
static void replace(struct wg_device *d, struct wg_pair **e, struct wg_pair *pair)
{
	struct wg_pair *old = *e;

	*e = pair;
	count(d, pair, 1);
	if (!old)
		return;
	count(d, old, -1);
	pair_put(d, old);
}

/* 0 or -ENOMEM. @e is the place of @p in the map; the pair's reference is taken over. */
static int change(struct wg_device *d, const struct prefix *p, struct wg_pair **e,
		  struct wg_pair *pair)
{
	int err = 0;

	if (*e != pair)
		err = d->ops->permission_set(d->be_arg, d->be, p,
					     backend_group(pair, WG_EGRESS),
					     backend_group(pair, WG_INGRESS));
	if (err || *e == pair)
		pair_put(d, pair);
	else
		replace(d, e, pair);
	if (!*e)
		pmap_remove(&d->permissions, p);
	return err;
}

int wg_permission_set(struct wg_device *d, const struct prefix *p,
		      struct wg_group *egress, struct wg_group *ingress)
{
	struct wg_pair **e, *pair;

	assert((egress || ingress) && (!egress || egress->device == d) &&
	       (!ingress || ingress->device == d));
	if (d->gone)
		return 0;
	pair = pair_obtain(d, egress, ingress);
	if (!pair)
		return -ENOMEM;
	e = pmap_obtain(&d->permissions, p);
	if (e)
		return change(d, p, e, pair);
	pair_put(d, pair);
	return -ENOMEM;
}

void wg_permission_del(struct wg_device *d, const struct prefix *p)
{
	struct wg_pair *pair = d->gone ? NULL : find(d, p);

	if (!pair)
		return;
	d->ops->permission_del(d->be_arg, d->be, p);
	pmap_remove(&d->permissions, p);
	count(d, pair, -1);
	pair_put(d, pair);
}

struct wg_group *wg_egress_get(const struct wg_device *d, const struct prefix *p)
{
	const struct wg_pair *pair = find(d, p);

	return pair ? pair->group[WG_EGRESS] : NULL;
}

struct wg_group *wg_ingress_get(const struct wg_device *d, const struct prefix *p)
{
	const struct wg_pair *pair = find(d, p);

	return pair ? pair->group[WG_INGRESS] : NULL;
}

struct wg_peer *wg_prefix_owner(const struct wg_device *d, const struct prefix *p)
{
	return d->be && d->ops->owner ? d->ops->owner(d->be_arg, d->be, p) : NULL;
}

bool wg_has_owners(const struct wg_device *d)
{
	return d->ops->owner;
}

void wg_walk_permissions_after(const struct wg_device *d, const struct prefix *after,
			       bool (*fn)(const struct prefix *p,
					  const struct wg_group *egress,
					  const struct wg_group *ingress, void *arg),
			       void *arg)
{
	struct pmap_at at;
	bool more = after ? pmap_after(&d->permissions, after, &at)
			  : pmap_first(&d->permissions, &at);

	for (; more; more = pmap_next(&d->permissions, &at)) {
		const struct wg_pair *pair = *(struct wg_pair *const *)at.value;

		if (!fn(&at.prefix, pair->group[WG_EGRESS], pair->group[WG_INGRESS], arg))
			return;
	}
}

void wg_walk_permissions(const struct wg_device *d,
			 bool (*fn)(const struct prefix *p, const struct wg_group *egress,
				    const struct wg_group *ingress, void *arg),
			 void *arg)
{
	wg_walk_permissions_after(d, NULL, fn, arg);
}

void wg_permissions_clear(struct wg_device *d)
{
	struct pmap_at at;

	PMAP_WALK (&at, &d->permissions)
		pair_put(d, *(struct wg_pair **)at.value);
	pmap_clear(&d->permissions);
	d->permission_count[WG_EGRESS] = d->permission_count[WG_INGRESS] = 0;
}
