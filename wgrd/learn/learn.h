/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LEARN_LEARN_H
#define WGRD_LEARN_LEARN_H

/*
 * Learns routes from the kernel's tables: what BIRD exports there, or an FRR whose ZAPI we do
 * not understand. It follows the tables that tenants name and tells the RIB, as source
 * RIB_FROM_KERNEL, the best route of each prefix: of those whose protocol is asked for, and
 * never one of our own, the one with the lowest metric. What a route means is the tenants'
 * business, as with zebra. Main thread only.
 *
 * Each learn-table is a VRF of the RIB by itself (rib_table_vrf()), so tenants that learn from
 * different tables may use the same addresses.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/conf/commit.h"
#include "wgrd/kernel/kfeed.h"
#include "wgrd/kernel/kforeign.h"
#include "wgrd/lib/loop.h"
#include "wgrd/rib/rib.h"

struct learn;

enum {
	/* A prefix without a route stays this long: BIRD replaces IPv6 routes by deleting and
	 * adding, and a prefix that moves is never to be without an owner. */
	LEARN_LINGER_MS = 100,
};

/* @open is kfeed_open(), or a test's. Called when there is something to follow. @is_own_netns
 * says whether a VRF is the network namespace we run in. */
struct learn *learn_new(struct loop *loop, struct rib *rib, kfeed_open_fn open,
			bool (*is_own_netns)(const char *name));
void learn_free(struct learn *l); /* NULL is allowed; what the RIB knows stays */

/* Subscribe before tenants: what the tables have is in the RIB when they decide. */
extern const struct conf_subsys learn_conf_subsys;

/*
 * zebra is there but cannot be understood: while @on, tenants learn from the kernel what zebra
 * puts into the tables of their VRFs, if it comes from zebra/protocol: see asks.h.
 */
void learn_stand_in(struct learn *l, bool on);
/* Are we standing in, and have all those tables been read? */
bool learn_stands_in(const struct learn *l);

/* zebra tells what is in the tables of tenants that have learn-direct, or it does no more. */
void learn_leave_direct(struct learn *l, bool yes);

/* Reads all tables again, soon. What they still have stays learned meanwhile. */
void learn_resync(struct learn *l);

/* @fn: all that the table standing in for @vrf has is in the RIB; may be called from any function
 * here. */
void learn_on_read(struct learn *l, void (*fn)(void *arg, uint32_t vrf), void *arg);

/* A link is a VRF device with this table; 0: it is none, or it is gone. */
void learn_vrf_changed(struct learn *l, const char *name, uint32_t ifindex,
		       uint32_t table);

/* The state of a link or its addresses have changed, or it is gone: IPv4 routes may have gone
 * or come with it, and the kernel says nothing. */
void learn_link_changed(struct learn *l, uint32_t ifindex);

struct learn_table_view {
	uint32_t table;
	const char *vrf;                       /* of the RIB: "table 1009", or zebra's */
	size_t routes;                         /* of whomever but us */
	uint64_t ignored[KFOREIGN_KIND_COUNT]; /* announcements that were not learnable */
	bool complete; /* it has been read, and nothing was lost since */
};
/* In order of table, until @fn returns false. */
void learn_walk(const struct learn *l,
		bool (*fn)(const struct learn_table_view *v, void *arg), void *arg);
/* How often announcements were lost, and tables read. */
void learn_counts(const struct learn *l, uint64_t *overruns, uint64_t *reads);

#endif
