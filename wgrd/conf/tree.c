/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/tree.h"

#include <libyang/libyang.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

enum {
	/* Children of a parent whose table is worth keeping. Two places, the most that one
	 * child takes, are less than 2 % of what so many need. */
	MANY = 128,
};

static bool has_many(const struct lyd_node *parent)
{
	const struct lyd_node *child = lyd_child(parent);
	unsigned n = 0;

	while (child && n < MANY) {
		child = child->next;
		n++;
	}
	return n == MANY;
}

/* A node that is freed frees its table: one without children is made for it. */
static void drop_table(struct lyd_node *parent)
{
	struct lyd_node_inner *inner = (struct lyd_node_inner *)parent;
	struct lyd_node *bin;

	if (!inner->children_ht)
		return;
	if (lyd_new_inner(NULL, parent->schema->module, "wgrd", 0, &bin))
		return;
	((struct lyd_node_inner *)bin)->children_ht = inner->children_ht;
	inner->children_ht = NULL;
	lyd_free_tree(bin);
}

void tree_unlink(struct lyd_node *node)
{
	struct lyd_node *parent = lyd_parent(node);

	lyd_unlink_tree(node);
	if (parent && !has_many(parent))
		drop_table(parent);
}

void tree_free(struct lyd_node *node)
{
	tree_unlink(node);
	lyd_free_tree(node);
}

void tree_insert(struct lyd_node *parent, struct lyd_node *node)
{
	/* It fails for want of memory alone, and then does not end well anyway. */
	if (lyd_insert_child(parent, node))
		abort();
	tree_inserted(node);
}

void tree_inserted(struct lyd_node *node)
{
	struct lyd_node *parent = lyd_parent(node);

	if (!parent || !has_many(parent) || lysc_is_key(node->schema))
		return;
	lyd_unlink_tree(node);
	if (lyd_insert_child(parent, node))
		abort();
}
