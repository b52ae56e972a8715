/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_CHANGE_H
#define WGRD_NETCONF_CHANGE_H

/*
 * What an edit-config means: the edits of the datastore that make it so (RFC 6241 section
 * 7.2). All of it is worked out, and every error found, before anything changes. Main
 * thread only.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/conf/edits.h"
#include "wgrd/netconf/rpc.h"

struct lyd_node;

enum change_op {
	CHANGE_MERGE,
	CHANGE_REPLACE,
	CHANGE_NONE,
	CHANGE_CREATE,
	CHANGE_DELETE,
	CHANGE_REMOVE,
};

/*
 * Appends to @edits what makes @config of @tree, the "wgrd" container or
 * NULL. @op is for what says no other. Errors are told in @r; what is wrong is left out, and
 * the rest of it is worked out all the same.
 */
void change_plan(struct rpc *r, const struct xml_node *config,
		 const struct lyd_node *tree, enum change_op op, struct edits *edits);

#endif
