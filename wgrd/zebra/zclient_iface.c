/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/zebra/zclient_iface.h"

#include <stdlib.h>
#include <uthash.h>

#include "wgrd/lib/util.h"

struct ziface {
	struct ziface_key {
		uint32_t vrf, ifindex;
	} key;
	bool running;
	UT_hash_handle hh;
};

static struct ziface *find(struct ziface *const *table, uint32_t vrf, uint32_t ifindex)
{
	const struct ziface_key key = {vrf, ifindex};
	struct ziface *i;

	HASH_FIND(hh, *table, &key, sizeof(key), i);
	return i;
}

bool ziface_set(struct ziface **table, uint32_t vrf, uint32_t ifindex, bool running)
{
	struct ziface *i = find(table, vrf, ifindex);
	bool was;

	if (!i) {
		i = xcalloc(1, sizeof(*i));
		i->key = (struct ziface_key){vrf, ifindex};
		HASH_ADD(hh, *table, key, sizeof(i->key), i);
	}
	was = i->running;
	i->running = running;
	return was;
}

bool ziface_is_running(struct ziface *const *table, uint32_t vrf, uint32_t ifindex)
{
	const struct ziface *i = find(table, vrf, ifindex);

	return i && i->running;
}

static void del(struct ziface **table, struct ziface *i)
{
	HASH_DEL(*table, i);
	free(i);
}

void ziface_del(struct ziface **table, uint32_t vrf, uint32_t ifindex)
{
	struct ziface *i = find(table, vrf, ifindex);

	if (i)
		del(table, i);
}

void ziface_del_vrf(struct ziface **table, uint32_t vrf)
{
	struct ziface *i, *next;

	HASH_ITER (hh, *table, i, next) {
		if (i->key.vrf == vrf)
			del(table, i);
	}
}

void ziface_clear(struct ziface **table)
{
	struct ziface *i, *next;

	HASH_ITER (hh, *table, i, next) {
		del(table, i);
	}
}
