/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_FORGE_H
#define TESTS_LIB_FORGE_H

/*
 * TCP and UDP packets described field by field, written out and read back: the naive twin
 * of gso.c and gro.c. Those change headers in place and keep sums; the twin takes a whole
 * to pieces by describing each piece, and writes every one from nothing, with a checksum
 * over a copy of the pseudo-header. Slow and plain. Each function does what the RFC beside
 * it says.
 */

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4 /* not in every libc's headers */
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

enum {
	FORGE_MAX = 65536 + 64, /* no packet is longer */
	FORGE_HEAD_MAX = 256,   /* nor its headers */
	FORGE_FIN = 0x01,
	FORGE_SYN = 0x02,
	FORGE_RST = 0x04,
	FORGE_PSH = 0x08,
	FORGE_ACK = 0x10,
	FORGE_URG = 0x20,
	FORGE_ECE = 0x40,
	FORGE_CWR = 0x80,
};

struct forge {
	bool six;
	uint8_t proto;            /* IPPROTO_TCP or IPPROTO_UDP */
	uint8_t src[16], dst[16]; /* the first 4 if IPv4 */
	uint8_t final_dst[16];    /* behind a routing header, which a checksum covers */
	uint8_t tos, ttl;
	uint32_t label; /* IPv6 */
	uint16_t id;    /* IPv4 */
	uint16_t frag;  /* flags and offset, IPv4 */
	uint8_t ip_option_len, ip_option[40];
	/* IPv6: one extension header, and its number. */
	uint8_t extension_len, extension_type, extension[64];
	uint16_t sport, dport;
	/* TCP */
	uint32_t seq, ack;
	uint8_t reserved, flags; /* reserved: four bits after the data offset */
	uint16_t window, urgent;
	uint8_t tcp_option_len, tcp_option[40];
	bool no_csum;                                /* UDP without */
	uint16_t bad_ip_csum, bad_csum, bad_udp_len; /* to be xored in */
	const uint8_t *payload;
	uint32_t payload_len;
};

/* Where the transport header begins, and where it ends. */
size_t forge_l4(const struct forge *f);
size_t forge_head(const struct forge *f);
/* Writes the packet and returns its length. */
size_t forge_write(const struct forge *f, uint8_t *buf);

/* The whole as a kernel hands it over, to be cut into pieces of @mss. */
size_t forge_write_super(const struct forge *f, uint16_t mss, uint8_t *buf,
			 struct virtio_net_hdr *vh);
/* A packet whose checksum is not done. */
size_t forge_write_partial(const struct forge *f, uint8_t *buf,
			   struct virtio_net_hdr *vh);
unsigned forge_pieces(const struct forge *f, uint16_t mss);
/* Number @i of the pieces. */
struct forge forge_piece(const struct forge *f, uint16_t mss, unsigned i);

/* Reads back what forge_write() or forge_write_super() has written; the payload stays
 * in @buf. False if it is something else. */
bool forge_read(struct forge *f, const uint8_t *buf, size_t len);

/* One of a kind that a super-packet can be of, with options, extension headers and marks
 * at random; the payload is that many bytes of some that never change. */
void forge_random(struct forge *f, uint32_t payload_len);

/* The Internet checksum as RFC 1071 defines it, 0 over intact data. */
uint16_t forge_sum(const uint8_t *buf, size_t len);

#endif
