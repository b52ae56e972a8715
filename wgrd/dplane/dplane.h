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
struct dp_tun_ops; /* wgrd/dplane/tun.h */

enum {
	DP_WORKERS_MAX = 64,
	DP_WORKERS_DEFAULT_MAX = 4,
};

/* All zeros is what the daemon wants. */
struct dp_options {
	unsigned workers; /* 0: one per CPU the process may run on, at most 4 */
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

unsigned dplane_workers(const struct dplane *dp);

/* A peer's session came or went, called on the main thread with the peer's cookie. */
void dplane_on_session(struct dplane *dp, void (*fn)(void *arg, void *cookie, bool up),
		       void *arg);

/* Every counter, summed over the threads, until @fn returns false. */
void dplane_walk_counters(const struct dplane *dp,
			  bool (*fn)(const char *name, const char *what, bool drop,
				     uint64_t value, void *arg),
			  void *arg);

/* Tests: the clock given in the options has jumped; look at the timers again. */
void dplane_clock_moved(struct dplane *dp);

#endif
