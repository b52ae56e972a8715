/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/wg/backend_kernel.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/wg/kernel_device.h"
#include "wgrd/wg/kernel_internal.h"
#include "wgrd/wg/kernel_peer.h"
#include "wgrd/wg/wg.h"

static void kernel_set_events(void *be, const struct wg_backend_events *ev)
{
	((struct wg_kernel *)be)->events = *ev;
}

static void kernel_adopt_end(void *be)
{
	struct wg_kernel *k = be;
	struct kernel_device *d;

	k->adopting = false;
	cds_list_for_each_entry (d, &k->devices, link)
		kernel_device_sweep(d);
}

static void kernel_resync(void *be)
{
	struct wg_kernel *k = be;
	struct kernel_device *d;

	cds_list_for_each_entry (d, &k->devices, link)
		kernel_poll_now(d);
}

/* ---- groups ---- */

static void drop_members(struct kernel_group *g)
{
	for (unsigned i = 0; i < g->count; i++)
		cds_list_del(&g->member[i].link);
	free(g->member);
}

static int set_members(struct kernel_group *g, const struct wg_backend_nexthop *nh,
		       unsigned n)
{
	struct kernel_member *fresh = calloc(n ? n : 1, sizeof(*fresh));

	if (!fresh)
		return -ENOMEM;
	assert(n <= WG_GROUP_MAX);
	drop_members(g);
	for (unsigned i = 0; i < n; i++) {
		struct kernel_peer *p = nh[i].peer;

		fresh[i].nexthop = nh[i];
		fresh[i].group = g;
		cds_list_add_tail(&fresh[i].link, &p->groups);
	}
	g->member = fresh;
	g->count = n;
	return 0;
}

static int kernel_group_new(void *be, void *dev, const struct wg_backend_nexthop *nh,
			    unsigned n, void **group)
{
	struct kernel_group *g = calloc(1, sizeof(*g));
	int err = g ? set_members(g, nh, n) : -ENOMEM;

	(void)be;
	if (err) {
		free(g);
		return err;
	}
	g->device = dev;
	for (unsigned t = 0; t < KERNEL_TABLES; t++)
		CDS_INIT_LIST_HEAD(&g->users[t]);
	*group = g;
	return 0;
}

/* In force at once: packets of all its prefixes are on their way. */
static int kernel_group_set(void *be, void *group, const struct wg_backend_nexthop *nh,
			    unsigned n)
{
	struct kernel_group *g = group;
	int err = set_members(g, nh, n);

	(void)be;
	if (err)
		return err;
	kernel_table_touch_group(g);
	(void)kernel_table_flush(g->device);
	return 0;
}

static void kernel_group_free(void *be, void *group)
{
	struct kernel_group *g = group;

	(void)be;
	for (unsigned t = 0; t < KERNEL_TABLES; t++)
		assert(g->device->stopped || cds_list_empty(&g->users[t]));
	drop_members(g);
	free(g);
}

/* ---- tables ---- */

static int kernel_permission_set(void *be, void *dev, const struct prefix *p,
				 void *egress, void *ingress)
{
	(void)be;
	return kernel_table_set(dev, p, egress, ingress);
}

static void kernel_permission_del(void *be, void *dev, const struct prefix *p)
{
	(void)be;
	kernel_table_del(dev, p);
}

static void kernel_settle(void *be, void *dev)
{
	(void)be;
	(void)kernel_table_flush(dev);
}

static void *kernel_owner(void *be, void *dev, const struct prefix *p)
{
	const struct kernel_entry *e = kernel_entry_find(dev, p);

	(void)be;
	return e && e->owner ? e->owner->cookie : NULL;
}

const struct wg_backend_ops wg_backend_kernel = {
	.name = "kernel",
	.in_kernel = true,
	.set_events = kernel_set_events,
	.device_new = kernel_device_new,
	.device_later = kernel_device_later,
	.device_prepare = kernel_device_prepare,
	.device_set = kernel_device_set,
	.device_abort = kernel_device_abort,
	.device_link = kernel_device_link,
	.device_reopen = kernel_device_reopen,
	.device_stop = kernel_device_stop,
	.device_free = kernel_device_free,
	.device_port = kernel_device_port,
	.device_public_key = kernel_device_public_key,
	.device_state = kernel_device_state,
	.peer_new = kernel_peer_new,
	.peer_set = kernel_peer_set,
	.peer_retire = kernel_peer_retire,
	.peer_free = kernel_peer_free,
	.peer_clear = kernel_peer_clear,
	.peer_home = kernel_peer_home,
	.peer_state = kernel_peer_state,
	.group_new = kernel_group_new,
	.group_set = kernel_group_set,
	.group_free = kernel_group_free,
	.permission_set = kernel_permission_set,
	.permission_del = kernel_permission_del,
	.settle = kernel_settle,
	.owner = kernel_owner,
	.adopt_end = kernel_adopt_end,
	.resync = kernel_resync,
};

struct wg_kernel *wg_kernel_new(struct loop *loop, struct kwg *kwg)
{
	struct wg_kernel *k = xcalloc(1, sizeof(*k));

	k->loop = loop;
	k->kwg = kwg;
	k->adopting = true;
	CDS_INIT_LIST_HEAD(&k->devices);
	return k;
}

void wg_kernel_retain(struct wg_kernel *k)
{
	k->retain = true;
}

void wg_kernel_free(struct wg_kernel *k)
{
	if (!k)
		return;
	assert(cds_list_empty(&k->devices));
	free(k);
}
