/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_MGMT_CLEARED_H
#define WGRD_MGMT_CLEARED_H

/*
 * `clear wireguard counters`: what the counters were then, which show subtracts from what
 * they are. The counters themselves go on, for metrics, NETCONF and wg(8), whose readers
 * take differences of their own. Main thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/wg/wg.h"

struct cleared;

struct cleared *cleared_new(void);
void cleared_free(struct cleared *c); /* NULL is allowed */
/* Takes note of all there is now. */
void cleared_take(struct cleared *c, const struct wg *wg, uint64_t now_ns);
/* When; 0: never. */
uint64_t cleared_when_ns(const struct cleared *c);

/* Subtract. One that has begun anew since is left as it is. */
void cleared_peer(const struct cleared *c, struct wg_peer_view *v);
void cleared_device(const struct cleared *c, struct wg_device_view *v);
/* wg_walk_threads() and wg_walk_counters(), less what is cleared. */
void cleared_walk_threads(const struct cleared *c, const struct wg *wg,
			  bool (*fn)(const struct wg_thread_view *v, void *arg),
			  void *arg);
void cleared_walk_counters(const struct cleared *c, const struct wg *wg,
			   bool (*fn)(const char *name, const char *what, bool drop,
				      uint64_t value, void *arg),
			   void *arg);

#endif
