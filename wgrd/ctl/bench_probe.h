/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_PROBE_H
#define WGRD_CTL_BENCH_PROBE_H

/*
 * Latency beside a run: the client sends a small datagram every 10 ms, the server sends it
 * back as it is. Each is a thread of its own; the socket, pinned to the other end, stays
 * the caller's and must stay open until the end.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/ctl/bench_wire.h"
#include "wgrd/lib/util.h"

struct bench_latency {
	unsigned sent, answered;
	uint32_t p50_us, p99_us; /* of those answered; 0 when none was */
};

struct bench_probe; /* the client's */
struct bench_echo;  /* the server's */

/* At least one is sent, however early the end. */
int bench_probe_start(int fd, const uint8_t token[BENCH_TOKEN_LEN],
		      struct bench_probe **out) MUST_USE;
/* Sends no more; answers are still taken. */
void bench_probe_stop(struct bench_probe *p);
/* Stops, waits for the last answers, at most a second, and frees it. */
void bench_probe_end(struct bench_probe *p, struct bench_latency *latency);

/* Answers probes that begin with @token, and nothing else. */
int bench_echo_start(int fd, const uint8_t token[BENCH_TOKEN_LEN],
		     struct bench_echo **out) MUST_USE;
void bench_echo_end(struct bench_echo *e);

/* Sorts @us. The nearest rank: the least of them that @percent of them do not exceed. */
uint32_t bench_percentile(uint32_t *us, size_t count, unsigned percent);

#endif
