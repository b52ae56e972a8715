/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DAEMON_INTERNAL_H
#define WGRD_DAEMON_INTERNAL_H

/* The root object, for the files that make up the daemon: daemon.c opens and closes what is
 * in it, relay.c passes on what the layers tell, signals.c stops and reloads. Main thread
 * only. */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/loop.h"
#include "wgrd/options.h"
#include "wgrd/wg/wg_dataplane.h"

struct daemon {
	const struct options *opt;
	struct loop *loop;
	struct events *events;
	struct datastore *ds;
	struct confirm *confirm;
	struct nlq *nlq;
	struct kmon *kmon;
	struct rib *rib;
	struct zclient *zclient;
	struct learn *learn;
	struct dplane *dplane;
	struct kwg *kwg;
	struct wg_kernel *wg_kernel;
	struct wg_dataplane dataplane;
	struct wg *wg;
	struct fib *fib;
	struct tenants *tenants;
	struct metrics *metrics;
	struct mgmt *mgmt;
	struct cli *cli;
	struct uapi *uapi;
	struct netconf *netconf;
	bool standing_in; /* the kernel's tables are learned instead of zebra's routes */
	bool adopting;    /* what a former run left behind has not been cleared up yet */
	bool stopping;
	bool zebra_up;
	uint64_t stop_by_ns;
	struct loop_timer stop_check;
};

#endif
