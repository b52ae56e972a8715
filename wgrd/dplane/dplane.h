/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_DPLANE_H
#define WGRD_DPLANE_DPLANE_H

/*
 * The user-space data plane: packet workers, the handshake thread, and what they share.
 * The functions here and those on devices, peers and groups (device.h, peer.h, group.h)
 * are for the main thread only. A process has one data plane; tests have two.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/loop.h"
#include "wgrd/lib/util.h"

struct dplane;
struct dp_tun_ops; /* wgrd/dplane/io/tun.h */

enum {
	DP_WORKERS_MAX = 64,
	DP_WORKERS_DEFAULT_MAX = 4,
	DP_BUFFER_BYTES_DEFAULT = 4 << 20,
};

/*
 * Somebody who holds a queue of each interface while this process is being replaced, so that
 * nobody who watches links sees any of them go. By the interface's name.
 */
struct dp_holder {
	int (*take)(const char *name); /* what a former run left, for the caller; or -1 */
	void (*put)(const char *name, int fd); /* holds a duplicate from now on */
	void (*drop)(const char *name);
};

/* All zeros is what suits most machines. */
struct dp_options {
	unsigned workers; /* 0: one per CPU the process may run on, at most 4 */
	/* CPUs that workers are pinned to, in this order and then from the start again.
	 * 0: not pinned. */
	unsigned cpu_count;
	uint16_t cpu[DP_WORKERS_MAX];
	/* Of each UDP socket; 0: DP_BUFFER_BYTES_DEFAULT. */
	uint32_t receive_buffer_bytes, send_buffer_bytes;
	/* Segmentation offloads of interfaces and of UDP sockets that are made from now
	 * on; those there are stay as they are. */
	bool no_tun_offload, no_udp_offload;
	const struct dp_holder *holder; /* NULL: nobody; stays as dplane_new() was told */
	/* For tests: where packets come from instead of the kernel's TUN devices, and a
	 * clock (any thread calls it; never 0, never backwards). NULL: the real ones. */
	const struct dp_tun_ops *tun;
	void *tun_arg;
	uint64_t (*now_ns)(void);
};

/* Starts the threads. Returns 0, or a negative errno with a sentence in @why. */
int dplane_new(struct loop *loop, const struct dp_options *opt, struct dplane **out,
	       char *why, size_t why_len) MUST_USE;
/* Stops them. All devices must have been freed. NULL is allowed. */
void dplane_free(struct dplane *dp);
/* Interfaces that are stopped from now on stay with the holder, for the next run. */
void dplane_retain(struct dplane *dp);

unsigned dplane_workers(const struct dplane *dp);
/* May the process, as it was started, run on this CPU? */
bool dplane_may_use_cpu(const struct dplane *dp, unsigned cpu);

/*
 * New options, in two steps as in a commit. What is made between the two is made by the
 * new ones, so an abort comes after that is gone again. The number of workers changes
 * only while there are no interfaces, and not at all if dplane_new() was given one; the
 * rest changes in dplane_set(), on open sockets and running threads. What is for tests
 * is not looked at. Every CPU is one that dplane_may_use_cpu().
 */
int dplane_prepare(struct dplane *dp, const struct dp_options *opt, char *why,
		   size_t why_len) MUST_USE;
/* @waits: a sentence about what is not in force yet, or "". */
void dplane_set(struct dplane *dp, char *waits, size_t waits_len);
void dplane_abort(struct dplane *dp);

/* The options in force, and what came of them. */
struct dplane_view {
	struct dp_options options; /* those for tests are zeros */
	unsigned workers;
	bool workers_fixed; /* by dplane_new() */
	/* Of an open socket, as the kernel gave it; 0: none is open. */
	uint32_t receive_buffer_bytes, send_buffer_bytes;
	unsigned devices, devices_offloaded, ports, ports_offloaded;
};
void dplane_view(const struct dplane *dp, struct dplane_view *v);

/* A thread, and what it has counted so far. */
struct dplane_thread_view {
	char name[24];
	int cpu; /* that it is pinned to, or -1 */
	uint64_t tx_packets, tx_bytes, rx_packets, rx_bytes, drops;
	uint64_t tx_batches, rx_batches, wakeups;
};
/* The workers in order, then the handshake thread, until @fn returns false. */
void dplane_walk_threads(const struct dplane *dp,
			 bool (*fn)(const struct dplane_thread_view *v, void *arg),
			 void *arg);

/* Called on the main thread, with a peer's cookie. Each may be NULL. */
struct dplane_events {
	/* Its session came or went. */
	void (*session)(void *arg, void *cookie, bool up);
	/* It may have moved, or been given up, or messages of it have been refused: see its
	 * counters. */
	void (*news)(void *arg, void *cookie);
	void *arg;
};
void dplane_set_events(struct dplane *dp, const struct dplane_events *ev);

/* Every counter, summed over the threads, until @fn returns false. */
void dplane_walk_counters(const struct dplane *dp,
			  bool (*fn)(const char *name, const char *what, bool drop,
				     uint64_t value, void *arg),
			  void *arg);

/* Tests: the clock given in the options has jumped; look at the timers again. */
void dplane_clock_moved(struct dplane *dp);

#endif
