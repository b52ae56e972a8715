/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IO_GSO_H
#define WGRD_DPLANE_IO_GSO_H

/*
 * Segmentation offload. A kernel that has been told that we can (TUNSETOFFLOAD) hands over
 * what a TCP or UDP socket has sent in one piece of up to 64 KiB, and leaves checksums
 * undone; a struct virtio_net_hdr before the packet says so (VIRTIO 1.2 section 5.1.6.2).
 * A cut makes of such a super-packet the packets that the sender's own stack would have
 * made: of a TCP stream with ascending sequence numbers, FIN and PSH on the last one and
 * CWR on the first; of a UDP train datagrams; IPv4 identifications ascend. An ordinary
 * packet is a cut of one. Pure, any thread.
 */

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/ip.h"
#include "wgrd/lib/util.h"

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4 /* not in every libc's headers */
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

struct dp_cut {
	const uint8_t *src; /* the super-packet */
	uint32_t left;      /* bytes of payload to come */
	uint32_t at;        /* where they begin */
	uint16_t header_len;
	uint16_t l4;     /* where the TCP or UDP header begins */
	uint16_t l4_len; /* from there to the end of the whole */
	uint16_t mss;    /* payload of each piece but the last, which may have less */
	uint16_t index;
	uint8_t proto; /* IPPROTO_TCP or IPPROTO_UDP; 0: the packet as it is */
	bool v6;
	/* Of a packet as it is whose checksum is not done: where it begins to count and
	 * where it goes; put 0: done. */
	uint16_t csum_start, csum_put;
};

/* @pkt, of which @ip is the ip_parse(), stays where it is until the last piece is taken.
 * False if the header and the packet do not fit each other. */
bool dp_cut_begin(struct dp_cut *c, const struct virtio_net_hdr *vh, const uint8_t *pkt,
		  const struct ip_packet *ip) MUST_USE;
/* How many pieces there are to come, at least one before the first. */
static inline unsigned dp_cut_count(const struct dp_cut *c)
{
	return c->mss ? (c->left + c->mss - 1) / c->mss : 1;
}
/* The length of the longest piece. */
static inline size_t dp_cut_max_len(const struct dp_cut *c)
{
	return c->header_len + (size_t)(c->mss && c->left > c->mss ? c->mss : c->left);
}
/* Writes the next piece, complete with checksums, and returns its length. */
size_t dp_cut_next(struct dp_cut *c, uint8_t *dst);
/* Has the last piece been taken? */
static inline bool dp_cut_done(const struct dp_cut *c)
{
	return !c->left;
}

#endif
