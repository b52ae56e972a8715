/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_RIB_RIB_CONTENT_H
#define WGRD_RIB_RIB_CONTENT_H

/*
 * What routes say beside their prefix, one object for all that say the same: a full table of
 * BGP says a few thousand things. Used by rib.c alone; main thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include <uthash.h>

#include "wgrd/lib/pchain.h"
#include "wgrd/rib/rib.h"

struct rib_content;

/* A next hop among those with its address. */
struct rib_content_hop {
	struct pchain_node node;
	struct rib_content *content;
};

/* Does not change, but for whether it is looked for. */
struct rib_content {
	UT_hash_handle hh;
	size_t refs;
	struct rib_content_hop
		*hop; /* one for each next hop; those without address unused */
	bool wanted;  /* while rib_walk_via() looks for its routes */
	/* From here on all bytes are the key, those between the members too. */
	uint32_t metric, tag;
	uint16_t instance;
	uint8_t proto, distance;
	uint32_t nh_count;
	struct rib_nexthop nh[];
};

struct rib_contents {
	struct rib_content *all;
	struct pchain gates; /* their next hops, by address */
};

#define RIB_CONTENTS_INIT            \
	{                            \
		.gates = PCHAIN_INIT \
	}

/* What @r says, with a reference. NULL: no memory. */
struct rib_content *rib_content_obtain(struct rib_contents *cs,
				       const struct rib_route *r) MUST_USE;
void rib_content_put(struct rib_contents *cs, struct rib_content *c);
/* Does @r say just that? */
bool rib_content_is(const struct rib_content *c, const struct rib_route *r);

#endif
