/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IO_GRO_H
#define WGRD_DPLANE_IO_GRO_H

/*
 * Receive offload, the opposite of gso.h: packets of a TCP or UDP flow that follow each
 * other become one super-packet, which the kernel takes in one write and carries through
 * its stack in one go. Only what a cut would give back as it was is joined, but for the
 * IPv4 identification of packets that may not be fragmented, which means nothing (RFC
 * 6864 section 4.1). A packet of which a checksum is wrong, the transport's or that of an
 * IPv4 header, is never joined, since a super-packet gets new ones, which would be right.
 *
 * Nothing is copied: a super-packet is a list of pieces of the packets, whose buffers are
 * the caller's and stay until it is written; the headers of the first are changed. The
 * order within a flow is kept; flows may overtake each other within a batch. Pure; a
 * worker has one.
 */

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "proto/net/ip.h"
#include "wgrd/dplane/io/batch.h"

enum {
	DP_GRO_BUCKETS = 64,
	/* Datagrams in a super-packet: the kernel refuses more than its UDP_MAX_SEGMENTS,
	 * which is 128 and was 64. */
	DP_GRO_UDP_MAX = 64,
};

struct dp_gro_item {
	uint8_t *data; /* the first packet */
	uint32_t len;  /* of all together */
	uint32_t next_seq;
	uint16_t first, last; /* numbers of packets */
	uint16_t l4, header_len;
	uint16_t mss;   /* payload of the first packet */
	uint16_t count; /* packets */
	uint8_t proto;  /* IPPROTO_TCP or IPPROTO_UDP if there is more than one */
	bool v6;
	bool open;     /* more may be joined */
	bool fixed_id; /* identifications that do not ascend */
	bool checked;  /* the checksums of the first packet are right */
};

struct dp_gro {
	bool udp; /* the kernel takes UDP trains */
	unsigned packets, items;
	struct iovec piece[DP_BATCH];
	uint16_t next[DP_BATCH]; /* the packet that follows in the item */
	struct dp_gro_item item[DP_BATCH];
	uint8_t bucket[DP_GRO_BUCKETS]; /* 1 + the youngest item of a flow; 0: none */
};

/* Empties. */
void dp_gro_begin(struct dp_gro *g, bool udp);
/* @ip: ip_parse() of the packet at @data. At most DP_BATCH packets. */
void dp_gro_add(struct dp_gro *g, const struct ip_packet *ip, uint8_t *data);
/* Makes item @i ready to be written, once only: returns how many of @iov are filled, one
 * for each packet in it. The struct virtio_net_hdr is put right before the first packet,
 * where there must be room. */
unsigned dp_gro_take(struct dp_gro *g, unsigned i, struct iovec iov[DP_BATCH]);

#endif
