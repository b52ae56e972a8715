/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_WHEEL_H
#define WGRD_DPLANE_WHEEL_H

/*
 * Timers by the hundred thousand: a hierarchical timing wheel (Varghese and Lauck, 1987).
 * Setting, moving and stopping cost the same however many there are. Timers fire up to
 * WHEEL_TICK_NS late, never early. No clock is read. One owner: the handshake thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WHEEL_TICK_SHIFT = 23, /* 8.4 ms */
	WHEEL_SLOT_SHIFT = 6,
	WHEEL_SLOTS = 1 << WHEEL_SLOT_SHIFT,
	WHEEL_LEVELS = 4, /* reaches 39 hours; what is later goes round once more */
};
#define WHEEL_TICK_NS (UINT64_C(1) << WHEEL_TICK_SHIFT)

/* Embedded. All zeros is not set. */
struct wheel_node {
	struct wheel_node *next, **pprev;
	uint64_t due_tick;
	uint8_t level, slot;
};

struct wheel {
	uint64_t tick; /* the next one to be looked at */
	size_t count;
	uint64_t occupied[WHEEL_LEVELS]; /* a bit for each slot that is not empty */
	struct wheel_node *slot[WHEEL_LEVELS][WHEEL_SLOTS];
	struct wheel_node *due; /* left by a wheel_run() that had fired enough */
};

void wheel_init(struct wheel *w, uint64_t now_ns);
/* Sets or moves. What is past is due at once. */
void wheel_set(struct wheel *w, struct wheel_node *n, uint64_t due_ns);
void wheel_stop(struct wheel *w, struct wheel_node *n);
bool wheel_is_set(const struct wheel_node *n);
/* Fires what is due, at most @max; fn() may set and stop any timer. A node is not set any
 * more when it fires. Returns whether more is due. */
bool wheel_run(struct wheel *w, uint64_t now_ns, unsigned max,
	       void (*fn)(struct wheel_node *n, void *arg), void *arg);
/* When to call wheel_run() next: not later than the first timer, perhaps earlier.
 * UINT64_MAX if no timer is set. */
uint64_t wheel_next_ns(const struct wheel *w);

#endif
