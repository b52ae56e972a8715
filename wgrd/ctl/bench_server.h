/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_SERVER_H
#define WGRD_CTL_BENCH_SERVER_H

/*
 * The far end of `wgrctl bench`. One that was left running by mistake does no harm: it
 * listens on one address; serves one client at a time, with limits of time and bytes;
 * sends data only to a host with which it has a TCP connection, and only while that host
 * keeps it; and ends after an hour without a client.
 */

#include <stdio.h>

#include "wgrd/ctl/bench_addr.h"
#include "wgrd/lib/util.h"

/* Serves until there is nothing to do any more, telling @out. Returns an exit status. */
int bench_server_run(const struct bench_addr *a, FILE *out) MUST_USE;

#endif
