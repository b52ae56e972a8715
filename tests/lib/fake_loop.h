/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_FAKE_LOOP_H
#define TESTS_LIB_FAKE_LOOP_H

/*
 * The loop of unit tests: wgrd/lib/loop.h without a clock. Time stands still until the
 * test moves it, nothing ever waits, and everything happens inside the calls below, in an
 * order that does not change from run to run. Descriptors are real ones, asked without
 * waiting, so a test feeds input through a socket pair. Main thread only, but for
 * loop_post().
 *
 * loop_run() works too: it goes through time in jumps until loop_stop() is called, or
 * until there is no input, job or timer left.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/loop.h"

enum {
	FAKE_LOOP_START_S =
		1000, /* what loop_now_ns() begins with: not 0, which often means never */
};

/* Asks every descriptor once and calls the handlers of those that are ready. */
bool fake_loop_poll(struct loop *l);
/* Runs jobs until there are none, those that jobs queue included. Returns how many ran.
 */
unsigned fake_loop_run_jobs(struct loop *l);
/* Input, timers that are due, and jobs, until nothing more happens at this moment. */
void fake_loop_settle(struct loop *l);
/* Settles, and then moves from timer to timer, settling at each, until @ns have passed.
 */
void fake_loop_advance(struct loop *l, uint64_t ns);
/* As if the signal had been received. False when nobody handles it. */
bool fake_loop_signal(struct loop *l, int signo);

/* False when no timer is set. */
bool fake_loop_next_timer(const struct loop *l, uint64_t *due_ns);
size_t fake_loop_io_count(const struct loop *l);

#endif
