/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_REPLAY_H
#define WGRD_PROTO_WG_REPLAY_H

/*
 * The replay window of one receiving key: which of the last WG_REPLAY_WINDOW counters
 * have been seen. Any number of workers may share one window without a lock.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	WG_REPLAY_WINDOW = 8192,
	WG_REPLAY_BLOCK = 32, /* counters in one word */
	/* One more than the window needs, since its ends rarely meet a word's ends. */
	WG_REPLAY_WORDS = WG_REPLAY_WINDOW / WG_REPLAY_BLOCK + 1,
};

/* All zeros is an empty window. */
struct wg_replay {
	_Atomic uint64_t next; /* one more than the highest counter accepted */
	_Atomic uint64_t word[WG_REPLAY_WORDS];
};

void wg_replay_init(struct wg_replay *r);

/*
 * Call it once for each packet, and only after the packet has been authenticated:
 * otherwise a forger moves the window. Returns true and remembers @counter, or false if
 * it was seen before, is WG_REPLAY_WINDOW or more behind the highest, or is not below
 * WG_REJECT_AFTER_MESSAGES.
 */
bool wg_replay_accept(struct wg_replay *r, uint64_t counter);

#endif
