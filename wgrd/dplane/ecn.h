/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_ECN_H
#define WGRD_DPLANE_ECN_H

/*
 * Congestion marks across the tunnel, RFC 6040. On the way out the mark of the packet is
 * copied (section 4.1); the DSCP is not, so that an observer cannot tell classes of
 * traffic apart. On the way in the mark of the datagram is carried over (section 4.2).
 * Pure, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/net/ip.h"

/* The TOS byte of the datagram for a packet whose TOS byte is @inner. */
static inline uint8_t dp_ecn_out(uint8_t inner)
{
	return inner & IP_ECN_MASK;
}

/* Marks the packet at @buf, parsed as @p, as a datagram with TOS byte @outer asks. False:
 * the packet must be dropped, since it cannot carry the mark. */
bool dp_ecn_in(const struct ip_packet *p, uint8_t *buf, uint8_t outer);

#endif
