/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Groups of a peer and those that stand in for it, for its own addresses: what arrives over
 * the hub while there is no session with a spoke has to find its way back. One for each set
 * of peers, kept as long as some claim has it, so that stating claims again gives the FIB the
 * same group.
 */
#include <stdlib.h>

#include "wgrd/tenant/tenant_internal.h"

struct bundle {
	UT_hash_handle hh;
	unsigned refs;
	struct wg_group *group; /* one reference; it has those of the peers */
	struct wg_peer *peer[1 + HOP_BACKUPS_MAX]; /* the hash key, NULL after the last */
};

static int make_group(const struct bundle *b, struct wg_group **g)
{
	struct wg_nexthop nh[ARRAY_SIZE(b->peer)];
	unsigned n = 0;

	for (; n < ARRAY_SIZE(nh) && b->peer[n]; n++)
		nh[n] = (struct wg_nexthop){
			.peer = b->peer[n], .weight = 1, .rank = (uint8_t)n};
	return wg_group_new(wg_peer_device(b->peer[0]), nh, n, g);
}

int bundle_obtain(struct tenants *t, struct wg_peer *peer, struct wg_peer *const *backup,
		  unsigned backups, struct bundle **out)
{
	struct bundle key = {0}, *b;
	int err;

	key.peer[0] = peer;
	for (unsigned i = 0; i < backups; i++)
		key.peer[1 + i] = backup[i];
	HASH_FIND(hh, t->bundles, key.peer, sizeof(key.peer), b);
	if (!b) {
		err = make_group(&key, &key.group);
		if (err)
			return err;
		b = xcalloc(1, sizeof(*b));
		*b = key;
		HASH_ADD(hh, t->bundles, peer, sizeof(b->peer), b);
	}
	*out = bundle_get(b);
	return 0;
}

struct bundle *bundle_get(struct bundle *b)
{
	b->refs++;
	return b;
}

void bundle_put(struct tenants *t, struct bundle *b)
{
	if (--b->refs)
		return;
	HASH_DEL(t->bundles, b);
	wg_group_put(b->group);
	free(b);
}

struct wg_group *bundle_group(const struct bundle *b)
{
	return b->group;
}
