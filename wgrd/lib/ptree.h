/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_PTREE_H
#define WGRD_LIB_PTREE_H

/*
 * Prefix tree of the control plane: a path-compressed binary trie that the caller's
 * structs are linked into. One tree holds one address family. Main thread only; the data
 * plane has its own table (wgrd/dplane/lpm.h) with lock-free readers.
 */

#include <stddef.h>

#include "proto/net/prefix.h"
#include "wgrd/lib/util.h"

/* Embedded in the caller's struct; prefix is filled in by the caller before insertion. */
struct ptree_node {
	struct prefix prefix;
	struct ptree_node *parent, *child[2];
	bool internal; /* a branching point without an entry; never seen by callers */
};

struct ptree {
	struct ptree_node *root;
	size_t count;
};

/* Returns NULL, or the node that already has this prefix (and @n is not inserted). */
struct ptree_node *ptree_insert(struct ptree *t, struct ptree_node *n) MUST_USE;
void ptree_remove(struct ptree *t, struct ptree_node *n);
struct ptree_node *ptree_find(const struct ptree *t, const struct prefix *p);
/* The longest entry that covers @p, @p itself included. */
struct ptree_node *ptree_match(const struct ptree *t, const struct prefix *p);
/* The next shorter entry that covers @n, or NULL. */
struct ptree_node *ptree_covering(const struct ptree_node *n);
/*
 * Walks in order of address, shorter before longer. @under limits the walk to entries
 * that it contains; NULL walks all. The current entry may be removed by the loop body
 * only with the _safe form.
 */
struct ptree_node *ptree_first(const struct ptree *t, const struct prefix *under);
struct ptree_node *ptree_next(const struct ptree_node *n, const struct prefix *under);

#define PTREE_WALK(n, t, under) \
	for ((n) = ptree_first((t), (under)); (n); (n) = ptree_next((n), (under)))
#define PTREE_WALK_SAFE(n, nx, t, under)      \
	for ((n) = ptree_first((t), (under)); \
	     (n) && ((nx) = ptree_next((n), (under)), true); (n) = (nx))

#endif
