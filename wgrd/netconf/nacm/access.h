/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_NACM_ACCESS_H
#define WGRD_NETCONF_NACM_ACCESS_H

/* NACM over whole trees. Main thread only. */

#include <stdbool.h>

#include "wgrd/lib/util.h"

struct lyd_node;
struct nacm_user;

/* May the user make @after of @before? Both may be NULL, which is empty. */
bool access_may_change(const struct nacm_user *u, const struct lyd_node *before,
		       const struct lyd_node *after) MUST_USE;

#endif
