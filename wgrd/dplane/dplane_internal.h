/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_DPLANE_INTERNAL_H
#define WGRD_DPLANE_DPLANE_INTERNAL_H

/* The root object, for the files of this folder. The pointers and numbers of the first
 * part are set before any thread starts and do not change. */

#include <sched.h>
#include <stdint.h>

#include "proto/wg/keys.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/dplane/drop.h"
#include "wgrd/dplane/io/tun.h"
#include "wgrd/dplane/sessions.h"
#include "wgrd/dplane/sync/inbox.h"

struct dp_hs;
struct dp_port;
struct dp_worker;

struct dplane {
	struct loop *loop;
	uint64_t (*now_ns)(void);
	const struct dp_tun_ops *tun;
	void *tun_arg;
	const struct dp_holder *holder;
	struct wg_rng rng; /* of the kernel: any thread */
	uint32_t flow_seed;
	struct dp_sessions *sessions; /* written by the handshake thread */
	struct dp_hs *hs;
	/* Other threads look only while there are interfaces, and then it stays. */
	unsigned workers;
	struct dp_worker *worker[DP_WORKERS_MAX];
	_Alignas(64) _Atomic uint64_t idle; /* a bit for each worker that waits */

	struct dp_inbox events; /* any thread posts, the main thread runs */
	struct loop_job events_job;

	/* main */
	struct dp_options options;  /* in force for what is made now */
	struct dp_options previous; /* between dplane_prepare() and what follows */
	bool workers_fixed;
	bool retain;
	cpu_set_t cpus;          /* that the process could run on when it was started */
	bool small_buffers_told; /* since the options were set */
	struct dp_counters past; /* of workers that have ended */
	struct dp_port *ports;
	uint32_t last_port_id;
	unsigned devices, devices_offloaded;
	struct dplane_events events_of; /* peers */
};

/* Main thread, options.c: gives a new socket its buffers. */
void dplane_size_buffers(struct dplane *dp, int fd);
/* Takes over what dplane_new() was given; no thread runs yet. */
void dplane_init_options(struct dplane *dp, const struct dp_options *opt);
/* Has the workers run where the options say. */
void dplane_pin_workers(struct dplane *dp);

/* Main thread, dplane.c: starts @n workers, or none. */
int dplane_start_workers(struct dplane *dp, unsigned n,
			 struct dp_worker **worker) MUST_USE;
/* Ends them; what they have counted is kept. */
void dplane_stop_workers(struct dplane *dp, unsigned n, struct dp_worker **worker);
/* Main thread: returns after every worker has been between two batches. */
void dplane_sync_workers(struct dplane *dp);
/* Any thread: has the workers whose bits are set look at what they have staged. */
void dplane_flush_staged(struct dplane *dp, uint64_t workers);

/* UNIX time in nanoseconds; a test's clock moves it as well. Any thread. */
uint64_t dp_unix_ns(const struct dplane *dp);

#endif
