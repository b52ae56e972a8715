/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_NET_ICMP_H
#define WGRD_PROTO_NET_ICMP_H

/*
 * The answer to a packet that cannot be delivered: ICMP destination unreachable, host
 * unreachable (RFC 792), and ICMPv6 destination unreachable, address unreachable (RFC
 * 4443 section 3.1). Pure, any thread.
 *
 * The answer comes from the address that could not be reached. An address of our own
 * would be more to the letter of RFC 1812 section 4.3.2.4, but the answer goes into the
 * kernel through an interface, and Linux drops what comes in from an address of its own
 * (net.ipv4.conf.NAME.accept_local). The way back to the destination leads through that
 * interface, so even a strict rp_filter lets it pass.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/net/ip.h"

enum {
	ICMP4_ERROR_MAX = 576,  /* RFC 1812 section 4.3.2.3 */
	ICMP6_ERROR_MAX = 1280, /* RFC 4443 section 2.4 (c) */
};

/*
 * Writes the answer to the packet at @buf, ip_parse()d as @p, and returns its length. 0:
 * it must not be answered (RFC 1812 section 4.3.2.7, RFC 4443 section 2.4 (e)), being an
 * ICMP error itself or what might be one, a fragment other than the first, or from or to
 * what is not a single host. How often to answer is the caller's concern.
 */
size_t icmp_unreachable(uint8_t out[static ICMP6_ERROR_MAX], const struct ip_packet *p,
			const uint8_t *buf);

#endif
