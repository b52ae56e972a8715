/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_TX_H
#define WGRD_DPLANE_TX_H

/*
 * From an interface to its peers: read a batch, look up, sort by peer, seal, send. The
 * worker's own; nobody else calls it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/dplane/source.h"

struct dp_endpoint;
struct dp_peer;
struct dp_tx;
struct dp_worker;

enum {
	/* Around each packet: the data header before, padding and tag behind. A multiple
	 * of 16 keeps packets aligned. */
	DP_HEADROOM = 16,
	DP_TAILROOM = 32,
	DP_PACKET_MAX = 65535,
	/* Room for a batch of common packets, and always for one of the longest. */
	DP_ARENA_LEN = 6 * 65536,
};

/* Space for packets of any length one after the other, with room around each. */
struct dp_arena {
	uint8_t *base;
	size_t used;
};

int dp_arena_init(struct dp_arena *a);
void dp_arena_fini(struct dp_arena *a);
/* Where a packet of up to @len bytes may be written; NULL: full. */
uint8_t *dp_arena_room(struct dp_arena *a, size_t len);
/* The packet written there has @len bytes. */
void dp_arena_take(struct dp_arena *a, size_t len);

/* A packet in an arena. */
struct dp_packet {
	uint8_t *data;
	uint32_t len;
	uint8_t tos; /* of the packet itself */
};

struct dp_tx *dp_tx_new(void); /* NULL: no memory */
void dp_tx_free(struct dp_tx *tx);

/* The ready() of an interface's queue. */
void dp_tx_ready(struct dp_worker *w, struct dp_source *s);

/* Is there a session to send with? Most likely, then, dp_tx_send() will do it. */
bool dp_tx_can_send(const struct dp_worker *w, const struct dp_peer *p);
/* Seals at most DP_BATCH packets under the peer's session and queues them for sending to
 * @ep, which was read from its cell for this run. False, and nothing is done, if there is
 * no session that can be used or no endpoint. The arena must stay as it is until
 * dp_tx_flush(). */
bool dp_tx_send(struct dp_worker *w, struct dp_peer *p, const struct dp_endpoint *ep,
		const struct dp_packet *pkt, unsigned n);
void dp_tx_flush(struct dp_worker *w);

#endif
