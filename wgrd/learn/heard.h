/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LEARN_HEARD_H
#define WGRD_LEARN_HEARD_H

/*
 * The routes of one kernel table, as the kernel has them: several for a prefix, by metric,
 * because the next best has to be known when the best one goes, and also those that are not to
 * be learned, because others replace them. It applies what is announced and nothing else. For
 * learn.c and tests; main thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <urcu/list.h>

#include "wgrd/kernel/kfeed.h"
#include "wgrd/lib/pmap.h"
#include "wgrd/lib/util.h"

struct heard_route {
	struct heard_route *next;
	uint32_t metric, nexthop_id;
	uint8_t protocol, hop_count;
	bool wanted; /* may be learned */
	struct kforeign_hop hop[];
};

struct heard_prefix {
	struct prefix prefix;
	struct heard_route *routes; /* by metric, then as the kernel prefers them */
	/* what follows is learn.c's */
	bool known; /* to the RIB */
	struct cds_list_head leaving;
	uint64_t leave_ns;
};

struct heard_use;

struct heard {
	struct pmap prefixes; /* of struct heard_prefix */
	size_t routes;
	struct heard_use *uses; /* of interfaces and next hop objects */
};

#define HEARD_INIT                                                   \
	{                                                            \
		.prefixes = PMAP_INIT(sizeof(struct heard_prefix *)) \
	}

/* Afterwards it is as it was at the beginning. */
void heard_fini(struct heard *h);

/*
 * Applies one announcement. @wanted: the route may be learned. *@out is the prefix, or NULL when
 * there is nothing about it. Returns 0, or -ENOMEM and the table may lack the route.
 */
int heard_apply(struct heard *h, enum kfeed_change change, const struct kforeign *r,
		bool wanted, struct heard_prefix **out) MUST_USE;

/* The route to be learned: the first that may be. NULL: none. */
const struct heard_route *heard_best(const struct heard_prefix *p);
struct heard_prefix *heard_find(const struct heard *h, const struct prefix *p);
/* An entry for @p without routes, or the one there is. NULL: no memory. */
struct heard_prefix *heard_obtain(struct heard *h, const struct prefix *p);
/* Frees an entry without routes. */
void heard_forget(struct heard *h, struct heard_prefix *p);
/* Takes the routes of @p from @from, where it is, to @h, which has none for that prefix. -ENOMEM:
 * nothing has changed. */
int heard_move(struct heard *h, struct heard *from, struct heard_prefix *p) MUST_USE;

/* Does any route lead over this interface, or use this next hop object? */
bool heard_uses_link(const struct heard *h, uint32_t ifindex);
bool heard_uses_nexthop(const struct heard *h, uint32_t id);

#endif
