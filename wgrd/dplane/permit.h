/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_PERMIT_H
#define WGRD_DPLANE_PERMIT_H

/*
 * The two tables of an interface: egress, who gets packets to a prefix, and ingress, who may
 * send from it. Nearly every prefix is in both, so there is one lookup table, and what it
 * leads to is a permit: a pair of groups, shared by all prefixes that have the same.
 *
 * A prefix that is in one table only has a permit of its own, in which the other side is
 * what a shorter prefix says. There are few of these: each change looks at all of them.
 *
 * Main thread only, but for the lookups, which workers make between two quiescent states
 * (wgrd/dplane/sync/rcu.h). No references to groups are held: a group is freed when no
 * table has it any more, and after a grace period.
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <urcu/list.h>
#include <uthash.h>

#include "proto/net/prefix.h"
#include "wgrd/dplane/lpm/lpm.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/lib/util.h"

struct dp_group;

enum dp_side {
	DP_EGRESS,
	DP_INGRESS,
	DP_SIDES,
};

/* Published; groups change, where they are not the prefix's own. */
struct dp_permit {
	_Atomic(struct dp_group *) group[DP_SIDES];
	/* The main thread's: */
	struct dp_group *own[DP_SIDES]; /* NULL: of a shorter prefix */
	size_t refs;
	UT_hash_handle hh;         /* if both are its own */
	struct cds_list_head link; /* otherwise, and then it is of this prefix */
	struct prefix prefix;
	struct dp_rcu rcu;
};

/* Embedded in struct dp_device. */
struct dp_permits {
	struct lpm *lpm; /* to struct dp_permit */
	struct dp_permit *shared;
	struct cds_list_head one_sided;
};

int dp_permits_init(struct dp_permits *t) MUST_USE; /* 0 or -ENOMEM */
void dp_permits_fini(struct dp_permits *t);         /* no readers may be left */

/* Puts @p into the tables, or changes it, in one step for each. NULL: it is not in that one;
 * not both. Returns 0 or -ENOMEM, in which case nothing has changed. */
int dp_permits_set(struct dp_permits *t, const struct prefix *p, struct dp_group *egress,
		   struct dp_group *ingress) MUST_USE;
/* Out of both. Needs no memory, and does nothing if it is in none. */
void dp_permits_del(struct dp_permits *t, const struct prefix *p);
/* What exactly this prefix has. */
struct dp_group *dp_permits_get(const struct dp_permits *t, enum dp_side side,
				const struct prefix *p);

static inline struct dp_group *dp_permit_group(const struct dp_permit *m,
					       enum dp_side side)
{
	/* acquires from inherit() in permit.c */
	return m ? atomic_load_explicit(&m->group[side], memory_order_acquire) : NULL;
}

/* Any thread. @addr: 4 or 16 bytes, at any alignment. NULL: no prefix covers it. */
static inline struct dp_group *dp_permits_lookup4(const struct dp_permits *t,
						  enum dp_side side, const void *addr)
{
	return dp_permit_group(lpm_lookup4(t->lpm, addr), side);
}

static inline struct dp_group *dp_permits_lookup6(const struct dp_permits *t,
						  enum dp_side side, const void *addr)
{
	return dp_permit_group(lpm_lookup6(t->lpm, addr), side);
}

#endif
