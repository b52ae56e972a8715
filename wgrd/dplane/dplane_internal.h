/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_DPLANE_INTERNAL_H
#define WGRD_DPLANE_DPLANE_INTERNAL_H

/* The root object, for the files of this folder. The pointers and numbers of the first
 * part are set before any thread starts and do not change. */

#include <stdint.h>

#include "proto/wg/keys.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/dplane/inbox.h"
#include "wgrd/dplane/sessions.h"
#include "wgrd/dplane/tun.h"

struct dp_hs;
struct dp_port;
struct dp_worker;

struct dplane {
	struct loop *loop;
	uint64_t (*now_ns)(void);
	const struct dp_tun_ops *tun;
	void *tun_arg;
	struct wg_rng rng; /* of the kernel: any thread */
	uint32_t flow_seed;
	struct dp_sessions *sessions; /* written by the handshake thread */
	struct dp_hs *hs;
	unsigned workers;
	struct dp_worker *worker[DP_WORKERS_MAX];

	struct dp_inbox events; /* any thread posts, the main thread runs */
	struct loop_job events_job;

	/* main */
	struct dp_port *ports;
	uint32_t last_port_id;
	unsigned devices;
	void (*on_session)(void *arg, void *cookie, bool up);
	void *on_session_arg;
};

/* Main thread: returns after every worker has been between two batches. */
void dplane_sync_workers(struct dplane *dp);
/* Any thread: has the workers whose bits are set look at what they have staged. */
void dplane_flush_staged(struct dplane *dp, uint64_t workers);

#endif
