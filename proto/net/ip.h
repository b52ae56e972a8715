/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_NET_IP_H
#define WGRD_PROTO_NET_IP_H

/*
 * The fixed part of an IP packet: enough to route it, to check its source and to cut off
 * padding. Options, extension headers and checksums are left to the hosts. Pure, any
 * thread; cheap enough to be called once per packet.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/net/addr.h"

enum {
	IP4_HEADER_LEN = 20, /* without options */
	IP6_HEADER_LEN = 40,
};

/* Values of the ECN field, RFC 3168 section 5: the low two bits of ip_packet.tos. */
enum ip_ecn {
	IP_ECN_NOT_ECT = 0,
	IP_ECN_ECT1 = 1,
	IP_ECN_ECT0 = 2,
	IP_ECN_CE = 3,
	IP_ECN_MASK = 3,
};

struct ip_packet {
	sa_family_t family;  /* AF_INET or AF_INET6 */
	uint8_t proto;       /* IPv4 protocol; in IPv6 the first next-header */
	uint8_t tos;         /* DSCP << 2 | ECN: IPv4 TOS or IPv6 traffic class */
	uint16_t header_len; /* IPv4 with its options; IPv6 always 40 */
	uint32_t len;        /* the whole packet by its own account, at most the buffer */
	const uint8_t *src;  /* into the buffer: 4 or 16 bytes */
	const uint8_t *dst;
};

enum ip_verdict {
	IP_OK,
	IP_TOO_SHORT,   /* the buffer ends inside the fixed header */
	IP_BAD_VERSION, /* neither 4 nor 6 */
	IP_BAD_HEADER,  /* IPv4 header length below 20 or beyond the packet */
	IP_BAD_LENGTH,  /* says it is longer than the buffer */
};

/*
 * Reads the packet at @buf (RFC 791 section 3.1, RFC 8200 section 3). The buffer may be
 * longer than the packet, as WireGuard pads; it may not be shorter. @p is set only on
 * IP_OK.
 */
enum ip_verdict ip_parse(struct ip_packet *p, const void *buf, size_t buf_len);

#endif
