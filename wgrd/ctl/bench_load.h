/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_LOAD_H
#define WGRD_CTL_BENCH_LOAD_H

/*
 * The data of a run at one end: threads that send or receive on sockets, one socket a
 * flow, and count. Each thread has some of the flows. The same code at both ends.
 *
 * Started, stopped and joined by one thread. The sockets are nonblocking, stay the
 * caller's, and must stay open until the join.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/ctl/bench_wire.h"
#include "wgrd/lib/util.h"

struct bench_load_params {
	const struct bench_run *run; /* until the start */
	bool send;
	size_t headers_len;             /* of IP and UDP */
	uint8_t token[BENCH_TOKEN_LEN]; /* UDP: what each packet begins with */
	uint64_t bytes_max; /* it ends by itself when it has counted as much */
};

struct bench_load;

/* Sends for run->ms from now on, or receives until it is joined. */
int bench_load_start(const struct bench_load_params *params, const int *fd,
		     struct bench_load **out) MUST_USE;
/* Ends it as soon as can be. */
void bench_load_stop(struct bench_load *l);
/*
 * Waits for the end and frees it: a sender's is when its time is over; a receiver's when
 * all flows have ended (TCP), when nothing more comes (UDP), or after a few seconds.
 * Returns 0, or -EMSGSIZE when packets of that size cannot be sent.
 */
int bench_load_join(struct bench_load *l, struct bench_tally *tally) MUST_USE;

#endif
