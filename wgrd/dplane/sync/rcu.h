/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_SYNC_RCU_H
#define WGRD_DPLANE_SYNC_RCU_H

/*
 * When may memory go that a worker may still be looking at? After a grace period: when
 * every worker has been between two batches since. This is liburcu's QSBR flavour, which
 * costs readers nothing but one call between batches. Pointers are published and read
 * with C11 atomics (release and acquire); only the waiting is liburcu's.
 *
 * Reader threads call thread_start() and thread_stop(), and go offline before they wait
 * for anything. An offline thread holds no pointer that it got from a published object,
 * unless it holds a reference too. Any thread may call the rest.
 */

#include <urcu-qsbr.h>

#include "wgrd/lib/util.h"

/* Before the first thread that reads: starts liburcu's own thread, without signals. */
void dp_rcu_init(void);

void dp_rcu_thread_start(void);
void dp_rcu_thread_stop(void);
void dp_rcu_offline(void);
void dp_rcu_online(void);

/* Embedded in what is to go. */
struct dp_rcu {
	struct rcu_head head;
	void (*fn)(struct dp_rcu *r);
};

/* Calls @fn in liburcu's thread after a grace period. Neither blocks nor fails. */
void dp_rcu_call(struct dp_rcu *r, void (*fn)(struct dp_rcu *r));
/* Waits until all calls made before it have been served. Not from a reader thread. */
void dp_rcu_barrier(void);

/* Waits for a grace period. Not from a reader thread. */
void dp_rcu_wait(void);

/*
 * For objects too small and too many to carry a struct dp_rcu: frees them in batches. All
 * zeros is empty. One owner.
 */
struct dp_rcu_bin {
	struct dp_rcu_batch *open;
};

/* free(@p) after a grace period. Waits for one only if there is no memory left. */
void dp_rcu_bin_add(struct dp_rcu_bin *b, void *p);
/* Sends off what a batch not yet full has collected. */
void dp_rcu_bin_flush(struct dp_rcu_bin *b);

#endif
