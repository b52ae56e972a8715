/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KDUMP_H
#define WGRD_KERNEL_KDUMP_H

/*
 * Everything of ours that the kernel has now, both families, as arrays. A dump that changed
 * while it was read is read again, a few times; after that it is taken as it is, with a
 * warning: it may then miss an object or show one twice. Blocks. Main thread only.
 */

#include <stddef.h>

#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/util.h"

/* @fd from ksock_open(0). The array is given to the caller: free(). Negative errno. */
int kdump_routes(int fd, struct kroute **routes, size_t *count) MUST_USE;
int kdump_rules(int fd, struct krule **rules, size_t *count) MUST_USE;

#endif
