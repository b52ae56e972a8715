/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_UNREACH_H
#define WGRD_DPLANE_UNREACH_H

/*
 * Telling the sender of a packet that has nowhere to go: an ICMP error, written back to
 * the interface that the packet came out of, as the kernel's WireGuard does. Each worker
 * sends at most so many a second. Only the worker calls this.
 */

#include <stddef.h>
#include <stdint.h>

struct dp_device;
struct dp_worker;

enum {
	DP_UNREACH_RATE = 1000, /* a second, and a worker */
	DP_UNREACH_BURST = 50,
};

/* A worker's; starts with zeros. */
struct dp_unreach {
	uint64_t busy_until_ns; /* when all that was sent will have been paid for */
};

/* The packet, which came from a queue of @dev in this batch, is dropped by the caller,
 * who counts it. */
void dp_unreach(struct dp_worker *w, const struct dp_device *dev, const uint8_t *packet,
		size_t len);

#endif
