/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_TREE_H
#define WGRD_CONF_TREE_H

/*
 * Nodes into the configuration's tree and out of it. Whoever does it goes through here, for
 * the sake of a tree that is edited in place for months:
 *
 * libyang 2.1 finds children by a hash table, in which a place that was given up is not
 * free again before the table is made anew. That happens when a child is taken out and 2 %
 * are free, but never when one is put in; a table without a free place makes libyang follow
 * a null pointer (lyht_find_collision(), 2.1.30). So the table of a parent with few
 * children goes with each child that is taken out, and libyang makes another with the
 * next that is put in; and each child of many is put in twice, taken out in between.
 *
 * Main thread only.
 */

struct lyd_node;

/* Takes @node, which keeps what is below it, out of its parent. */
void tree_unlink(struct lyd_node *node);
/* The same, and frees it. */
void tree_free(struct lyd_node *node);
/* Puts @node, which is in no tree, into @parent. */
void tree_insert(struct lyd_node *parent, struct lyd_node *node);
/* To be called when libyang itself has put the new @node where it is. */
void tree_inserted(struct lyd_node *node);

#endif
