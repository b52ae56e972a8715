/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CONF_DIFF_H
#define WGRD_CONF_DIFF_H

/*
 * What makes one configuration of another. libyang 2.1's own diff is quadratic in the
 * entries of a list; this is linear. Pure.
 */

#include "wgrd/conf/edits.h"

struct lyd_node;

/*
 * Tells the edits that lead from @from to @to, each the "wgrd" container or NULL. First in
 * each node what goes, then what comes: every explicit leaf, entry and leaf-list value of
 * @to that @from has not or has otherwise is one `set`, and the topmost node of what is
 * gone is one `unset`. What is there by default counts as absent. An edit is valid during
 * the call.
 */
void diff_trees(const struct lyd_node *from, const struct lyd_node *to,
		void (*tell)(void *arg, const struct conf_edit *e), void *arg);

#endif
