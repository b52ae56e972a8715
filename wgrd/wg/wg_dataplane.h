/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_WG_WG_DATAPLANE_H
#define WGRD_WG_WG_DATAPLANE_H

/*
 * The subscriber that hands the configuration's dataplane block to the user-space data
 * plane. It is asked before wg_conf_subsys, which makes interfaces while it prepares.
 * Main thread only.
 */

#include <stdbool.h>

#include "wgrd/conf/commit.h"

struct dplane;

/* The context of the subsystem. */
struct wg_dataplane {
	struct dplane *dplane;
	/* The daemon ends: its last commit empties the configuration, but nobody has
	 * asked for other threads and buffers. */
	bool keep;
};

extern const struct conf_subsys wg_dataplane_subsys;

#endif
