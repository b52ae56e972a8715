/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_NET_L4_H
#define WGRD_PROTO_NET_L4_H

/* Where things are in the headers of TCP (RFC 9293 section 3.1) and UDP (RFC 768), in
 * octets from their beginning, and the bits of TCP's flags. */

enum {
	TCP_HEADER_LEN = 20, /* without options */
	TCP_SEQ = 4,
	TCP_DATA_OFFSET = 12,
	TCP_FLAGS = 13,
	TCP_WINDOW = 14,
	TCP_CSUM = 16,
	TCP_URGENT = 18,
	TCP_FIN = 0x01,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
	UDP_HEADER_LEN = 8,
	UDP_LEN = 4,
	UDP_CSUM = 6,
};

#endif
