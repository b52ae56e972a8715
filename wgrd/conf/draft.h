/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_DRAFT_H
#define WGRD_CONF_DRAFT_H

/*
 * A candidate inside running's own tree: edits change the tree, and every object that one
 * touches is first put aside as it was. So a candidate costs what it changes, and the tree
 * can be had either way: draft_swap() exchanges what stands in it with what is aside.
 *
 * Objects are the peers, and what is above them: an interface without its peers, a tenant,
 * a prefix-list, a container such as "zebra", and what stands beside these. An interface
 * that comes or goes is one object with its peers.
 *
 * Used by the datastore and by what it calls. Main thread only. Embedded; zeroed before its
 * first use.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/lib/util.h"

struct draft_entry;
struct lyd_node;

struct draft {
	struct draft_entry *entries; /* a hash of uthash */
	bool swapped;                /* the tree is as it was before all edits */
};

/* @top "" for what stands in no container and no list; @name "" for a container; @peer NULL for
 * what is no peer. */
struct draft_name {
	const char *top, *name, *peer;
};

/*
 * What is named there is about to be changed, or, if @whole, taken away. Puts it aside
 * unless it is already; what is taken away whole has left @tree then.
 */
void draft_touch(struct draft *d, struct lyd_node *tree, const struct draft_name *of,
		 bool whole);
/* To the tree before all edits, or back to the one after them. */
void draft_swap(struct draft *d, struct lyd_node *tree);
/* The edits stay: what is aside is freed. @tree is as after them. */
void draft_keep(struct draft *d);

/* In @tree; NULL: it is not there. */
struct lyd_node *draft_find(const struct lyd_node *tree, const struct draft_name *of);

/* An object that was touched. Strings and nodes are the draft's. */
struct draft_object {
	struct draft_name name;
	bool own;                     /* only what is its own, not the objects in it */
	const struct lyd_node *aside; /* NULL: it was not there */
};
/*
 * All of them, for free(). Sorted: of each kind by name, an interface before its peers,
 * these by name.
 */
struct draft_object *draft_objects(const struct draft *d, size_t *count);

/*
 * Trees of nothing but what was touched: as it was, and as it is in @tree, which is as after
 * all edits. Both are the caller's to free.
 */
void draft_trees(const struct draft *d, const struct lyd_node *tree,
		 struct lyd_node **before, struct lyd_node **after);

#endif
