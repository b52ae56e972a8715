/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_SYNC_INBOX_H
#define WGRD_DPLANE_SYNC_INBOX_H

/*
 * Calls to be made in another thread. A call is a node of the sender's with a function;
 * posting it never blocks, allocates or fails, so nothing is lost and how much can be
 * waiting is bounded by what there is to post. The owner runs the calls in the order
 * posted. (Handshake messages, which anybody can send, go through a bounded mailbox
 * instead.)
 */

#include <stdatomic.h>
#include <stdbool.h>

#include "wgrd/lib/util.h"

struct dp_call {
	struct dp_call *next;
	/* In the owner's thread; may post or free @c. @owner: as given to inbox_run(). */
	void (*fn)(struct dp_call *c, void *owner);
};

struct dp_inbox {
	_Atomic(struct dp_call *) newest;
	_Atomic bool raised;
	int fd;                               /* eventfd, or -1 if wake is set */
	void (*wake)(struct dp_inbox *inbox); /* instead of the eventfd; any thread */
};

/* With @wake NULL the owner waits on fd for input. Returns 0 or a negative errno. */
int dp_inbox_init(struct dp_inbox *inbox, void (*wake)(struct dp_inbox *inbox)) MUST_USE;
/* Nothing may be waiting. */
void dp_inbox_fini(struct dp_inbox *inbox);

/* Any thread. */
void dp_inbox_post(struct dp_inbox *inbox, struct dp_call *c);
/* Any thread: has the owner come by without a call. */
void dp_inbox_raise(struct dp_inbox *inbox);
/* The owner: makes the calls posted so far. */
void dp_inbox_run(struct dp_inbox *inbox, void *owner);

/* Has the owner call fn(arg, owner) and waits for it. Main thread only, and only while
 * the owner runs. */
void dp_inbox_sync(struct dp_inbox *inbox, void (*fn)(void *arg, void *owner), void *arg);

#endif
