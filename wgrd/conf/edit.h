/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_EDIT_H
#define WGRD_CONF_EDIT_H

/*
 * One edit of a tree of wgrd.yang, named by a path such as
 * "wireguard[name='wg0']/peer[name='a']/endpoint". An edit either happens whole or not at
 * all: names and value are checked before anything is created. Used by the datastore
 * only; main thread.
 */

#include "wgrd/conf/refusal.h"
#include "wgrd/lib/util.h"

struct draft;
struct lyd_node;
struct lys_module;
struct lysc_node;

/*
 * *@tree is the container /wgrd:wgrd or NULL, and may come into being. What is there has its
 * default values, before an edit and after it.
 */
struct edit {
	const struct lys_module *module;
	struct lyd_node **tree;
	struct draft *draft; /* keeps what was there before; NULL: nobody wants it */
	unsigned line;       /* remembered in nodes that are made or changed; 0: none */
	struct refusal *refusal;
};

/* See datastore_set() and datastore_unset(). Negative errno with the refusal filled. */
int edit_set(const struct edit *e, const char *path, const char *value) MUST_USE;
int edit_unset(const struct edit *e, const char *path, const char *value) MUST_USE;

/* Makes *@tree, with nothing but default values, when it is NULL. */
int edit_begin(const struct edit *e) MUST_USE;
/* A container is marked as default when all in it is: sees to that for @container. */
void edit_settle(struct lyd_node *container);
/* Forgets the lines of @node and of all below. */
void edit_forget_lines(struct lyd_node *node);

/*
 * The node at @path below @tree (which may be NULL), or NULL. @value picks the entry of a
 * leaf-list: without it, any.
 */
struct lyd_node *edit_find(const struct lys_module *module, const struct lyd_node *tree,
			   const char *path, const char *value);
/* What the model says of @path; NULL when there is no such path. */
const struct lysc_node *edit_schema(const struct lys_module *module, const char *path);
/* The line of the edit that made or last changed @node; 0 when there was none. */
unsigned edit_line(const struct lyd_node *node);

#endif
