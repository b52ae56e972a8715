/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_NETCONF_STATE_H
#define WGRD_NETCONF_STATE_H

/*
 * Operational state as trees of the models: made when it is asked for, from the same
 * _view() functions as show prints, and only what the filter can want. Main thread only.
 *
 * wgrd-state, which may have a hundred thousand entries, is made in slices. Each entry is whole,
 * and as things are when its slice is made; what is there all the time is in one slice.
 */

#include <net/if.h>

#include "wgrd/conf/conf.h"
#include "wgrd/netconf/filter.h"
#include "wgrd/tenant/tenant.h"

struct lyd_node;
struct netconf;

/* Where wgrd-state stands. Starts as {0}. */
struct state_at {
	unsigned part; /* "system", "interface" and so on */
	/* In it, the last that was told. */
	bool inside;
	char interface[IFNAMSIZ], peer[CONF_NAME_LEN];
	struct prefix prefix;
	struct tenant_routes_at routes;
};

/* Appends the next entries of wgrd-state to the tree *@top, which is made if it is NULL. Returns
 * whether there are more. */
bool state_slice(struct netconf *n, const struct filter *f, struct state_at *at,
		 struct lyd_node **top);
/* Appends the trees of all other models to *@out, the caller's. */
void state_others(struct netconf *n, const struct filter *f, struct lyd_node **out);

#endif
