/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Groups of next hops: what prefixes refer to, so that moving a next hop changes one
 * object and not each of its prefixes. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/wg/wg_internal.h"

/* A peer without a back-end half cannot be forwarded to and is left out there. */
static unsigned backend_members(struct wg_backend_nexthop out[WG_GROUP_MAX],
				const struct wg_nexthop *nh, unsigned n)
{
	unsigned used = 0;

	for (unsigned i = 0; i < n; i++) {
		if (nh[i].peer->be)
			out[used++] = (struct wg_backend_nexthop){
				.peer = nh[i].peer->be,
				.weight = nh[i].weight,
				.rank = nh[i].rank,
			};
	}
	return used;
}

static int copy_members(const struct wg_nexthop *nh, unsigned n, struct wg_nexthop **out)
{
	struct wg_nexthop *copy = calloc(n ? n : 1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		copy[i] = nh[i];
		wg_peer_get(copy[i].peer);
	}
	*out = copy;
	return 0;
}

static void free_members(struct wg_nexthop *nh, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		wg_peer_put(nh[i].peer);
	free(nh);
}

static int make_backend(struct wg_group *g)
{
	struct wg_device *d = g->device;
	struct wg_backend_nexthop be_nh[WG_GROUP_MAX] = {0};
	unsigned n;
	int err;

	if (!d->be)
		return 0;
	n = backend_members(be_nh, g->nexthop, g->nexthop_count);
	err = d->ops->group_new(d->be_arg, d->be, be_nh, n, &g->be);
	if (err)
		return err;
	g->next = d->groups;
	g->pprev = &d->groups;
	if (g->next)
		g->next->pprev = &g->next;
	d->groups = g;
	return 0;
}

int wg_group_new(struct wg_device *d, const struct wg_nexthop *nh, unsigned n,
		 struct wg_group **out)
{
	struct wg_group *g;
	int err;

	if (n > WG_GROUP_MAX)
		n = WG_GROUP_MAX;
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	err = copy_members(nh, n, &g->nexthop);
	if (err)
		goto free_group;
	g->refs = 1;
	g->nexthop_count = n;
	g->device = wg_device_get(d);
	err = make_backend(g);
	if (err)
		goto free_nexthops;
	*out = g;
	return 0;

free_nexthops:
	free_members(g->nexthop, n);
	wg_device_put(d);
free_group:
	free(g);
	return err;
}

int wg_group_set(struct wg_group *g, const struct wg_nexthop *nh, unsigned n)
{
	struct wg_device *d = g->device;
	struct wg_backend_nexthop be_nh[WG_GROUP_MAX] = {0};
	struct wg_nexthop *copy;
	unsigned be_n;
	int err;

	if (n > WG_GROUP_MAX)
		n = WG_GROUP_MAX;
	err = copy_members(nh, n, &copy);
	if (err)
		return err;
	if (g->be) {
		be_n = backend_members(be_nh, nh, n);
		err = d->ops->group_set(d->be_arg, g->be, be_nh, be_n);
		if (err) {
			free_members(copy, n);
			return err;
		}
	}
	free_members(g->nexthop, g->nexthop_count);
	g->nexthop = copy;
	g->nexthop_count = n;
	return 0;
}

void wg_group_drop_backend(struct wg_group *g)
{
	struct wg_device *d = g->device;

	if (!g->be)
		return;
	*g->pprev = g->next;
	if (g->next)
		g->next->pprev = g->pprev;
	d->ops->group_free(d->be_arg, g->be);
	g->be = NULL;
}

struct wg_group *wg_group_get(struct wg_group *g)
{
	g->refs++;
	return g;
}

void wg_group_put(struct wg_group *g)
{
	if (!g || --g->refs)
		return;
	wg_group_drop_backend(g);
	free_members(g->nexthop, g->nexthop_count);
	wg_device_put(g->device);
	free(g);
}

unsigned wg_group_members(const struct wg_group *g, const struct wg_nexthop **nh)
{
	*nh = g->nexthop;
	return g->nexthop_count;
}

bool wg_group_has(const struct wg_group *g, const struct wg_peer *p)
{
	for (unsigned i = 0; g && i < g->nexthop_count; i++)
		if (g->nexthop[i].peer == p)
			return true;
	return false;
}

struct wg_device *wg_group_device(const struct wg_group *g)
{
	return g->device;
}
