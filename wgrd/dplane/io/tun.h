/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IO_TUN_H
#define WGRD_DPLANE_IO_TUN_H

/*
 * The kernel's end of an interface: a TUN device with one queue for each worker, so that
 * a flow stays with one worker. The device goes when the last queue is closed. A queue is
 * a descriptor on which one read or write is one IP packet, with offloads after a struct
 * virtio_net_hdr (gso.h, gro.h). Main thread only; the queues are for the workers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

/* What the kernel does and lets us do. */
struct dp_tun_offload {
	bool vnet; /* packets have a header and may be super-packets of TCP */
	bool udp;  /* or of UDP: since Linux 6.2 */
};

struct dp_tun_ops {
	/*
	 * Makes the interface, down, and opens @queues of it, non-blocking, into @fd. The
	 * caller closes them. @held is a queue of an interface that is there, or -1: if it
	 * is that of this name, the interface is taken as it is. Takes @held in any case.
	 * @offload: what is wanted, and then what there is. Fails with a sentence, -EEXIST
	 * if the name is taken.
	 */
	int (*open)(void *arg, const char *name, int held, unsigned queues, int *fd,
		    struct dp_tun_offload *offload, uint32_t *ifindex, char *why,
		    size_t why_len);
};

extern const struct dp_tun_ops dp_tun_kernel; /* arg is not used */

#endif
