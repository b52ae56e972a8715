/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_LIB_TIMERQ_H
#define WGRD_LIB_TIMERQ_H

/*
 * The timers of a loop, earliest first. Only loop_libevent.c and tests/lib/fake_loop.c
 * use this; it never reads a clock and never allocates. Main thread only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/loop.h"

struct timerq {
	struct loop_timer *root;
	uint64_t next_order;
};

/* Adds @t, or moves it if it is set already. */
void timerq_set(struct timerq *q, struct loop_timer *t, uint64_t due_ns);
/* @t must be in @q. */
void timerq_remove(struct timerq *q, struct loop_timer *t);
/* The one that fires next, or NULL. */
struct loop_timer *timerq_first(const struct timerq *q);
/*
 * Fires what is due at @now_ns, but nothing that is set while doing so (to @now_ns or
 * later): a timer that sets itself to zero waits for the next call. Ends early once
 * *@stop. Returns how many fired.
 */
unsigned timerq_fire(struct timerq *q, uint64_t now_ns, const bool *stop);

#endif
