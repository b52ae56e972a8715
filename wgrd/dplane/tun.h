/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_TUN_H
#define WGRD_DPLANE_TUN_H

/*
 * The kernel's end of an interface: a TUN device with one queue for each worker, so that
 * a flow stays with one worker. The device goes when the last queue is closed. A queue is
 * a descriptor on which one read or write is one IP packet. Main thread only; the queues
 * are for the workers.
 */

#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

struct dp_tun_ops {
	/*
	 * Makes the interface, down, and opens @queues of it, non-blocking, into @fd. The
	 * caller closes them. Fails with a sentence, -EEXIST if the name is taken.
	 */
	int (*open)(void *arg, const char *name, unsigned queues, int *fd,
		    uint32_t *ifindex, char *why, size_t why_len);
};

extern const struct dp_tun_ops dp_tun_kernel; /* arg is not used */

#endif
