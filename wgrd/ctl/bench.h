/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_CTL_BENCH_H
#define WGRD_CTL_BENCH_H

/*
 * `wgrctl bench`: how fast a tunnel is, measured between two routers over their overlay
 * addresses. It does not need wgrd, and does not ask it.
 */

#include "wgrd/lib/util.h"

/* @argv begins with "bench". Returns the exit status of the program. */
int bench_main(int argc, char **argv) MUST_USE;

#endif
