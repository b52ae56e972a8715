/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_PCHAIN_H
#define WGRD_LIB_PCHAIN_H

/*
 * The caller's objects by prefix, where several have the same one: next hops by address, to
 * find who has one that lies in some prefix. Main thread only.
 *
 * Starts as PCHAIN_INIT, and has nothing to be freed when it is empty.
 */

#include <stdbool.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/pmap.h"
#include "wgrd/lib/util.h"

/* Embedded in the caller's struct. */
struct pchain_node {
	struct pchain_node *prev, *next;
};

struct pchain {
	struct pmap map; /* to the first node of each prefix */
};

#define PCHAIN_INIT                                            \
	{                                                      \
		.map = PMAP_INIT(sizeof(struct pchain_node *)) \
	}

/* False: no memory, and nothing has changed. */
bool pchain_add(struct pchain *c, const struct prefix *p, struct pchain_node *n) MUST_USE;
/* @p is what it was added with. */
void pchain_remove(struct pchain *c, const struct prefix *p, struct pchain_node *n);

/* All whose prefix @under contains, in order of prefix. Nothing may be added or removed
 * meanwhile. NULL: there are no more. */
struct pchain_node *pchain_first_under(const struct pchain *c, const struct prefix *under,
				       struct pmap_at *at);
struct pchain_node *pchain_next_under(const struct pchain *c, const struct prefix *under,
				      struct pmap_at *at, const struct pchain_node *n);

#define PCHAIN_WALK_UNDER(n, at, c, under)                      \
	for ((n) = pchain_first_under((c), (under), (at)); (n); \
	     (n) = pchain_next_under((c), (under), (at), (n)))

#endif
