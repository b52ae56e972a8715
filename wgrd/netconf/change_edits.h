/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_CHANGE_EDITS_H
#define WGRD_NETCONF_CHANGE_EDITS_H

/* What a commit changed, as netconf-config-change of RFC 6470 lists it. Main thread only. */

#include <stdint.h>

struct lyd_node;
struct nacm_user;
struct netconf;

enum {
	/* Of one commit. Of one that changed more, its top is named as the target. */
	CHANGE_EDITS_MAX = 200
};

/*
 * Appends the list "edit" to @tree: the topmost nodes that commit @id made, changed or took away,
 * as far as @u may read them. Nothing, if the commit is not remembered any more.
 */
void change_edits(const struct netconf *n, const struct nacm_user *u, uint64_t id,
		  struct lyd_node *tree);

#endif
