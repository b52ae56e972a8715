/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_SESSION_H
#define WGRD_CTL_BENCH_SESSION_H

/*
 * One client of a bench server, from its first message to its last. Everything that was
 * opened for it is closed at the end, however it ends. Any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct bench_session_result {
	unsigned runs;
	uint64_t bytes;
	char why[160]; /* why it ended early; "" if it did not */
};

/* Serves the connection @fd, which stays the caller's. */
void bench_session_serve(int fd, struct bench_session_result *result);

#endif
