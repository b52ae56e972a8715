/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IO_TOS_H
#define WGRD_DPLANE_IO_TOS_H

/*
 * The TOS byte (IPv4) or traffic class (IPv6) across the tunnel. Congestion marks follow
 * RFC 6040: on the way out the mark of the packet is copied (section 4.1), on the way in
 * that of the datagram is carried over (section 4.2). The DSCP of the datagram is a
 * choice: by default it says nothing, so that an observer cannot tell classes of traffic
 * apart. The DSCP of the packet arrives as it was (RFC 2983 section 3.1, the pipe model),
 * whatever the path has made of the datagram's. Pure, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/ip.h"

/* What the datagrams of an interface carry: a DSCP of 0 to 63, or the packet's own. */
enum {
	DP_DSCP_COPY = 64
};

/* The TOS byte of the datagram for a packet whose TOS byte is @inner. */
static inline uint8_t dp_tos_out(uint8_t dscp, uint8_t inner)
{
	if (dscp == DP_DSCP_COPY)
		return inner;
	return (uint8_t)(dscp << 2 | (inner & IP_ECN_MASK));
}

/* Marks the packet at @buf, parsed as @p, as a datagram with TOS byte @outer asks. False:
 * the packet must be dropped, since it cannot carry the mark. */
bool dp_tos_in(const struct ip_packet *p, uint8_t *buf, uint8_t outer);

#endif
