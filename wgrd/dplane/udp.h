/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_UDP_H
#define WGRD_DPLANE_UDP_H

/*
 * Datagrams in batches: what goes into and comes out of sendmmsg() and recvmmsg(), with
 * our own address (RFC 3542, IP_PKTINFO) and the TOS byte as control messages. A batch
 * belongs to one worker; dp_udp_open() and dp_udp_send() are for any thread.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/dplane/endpoint.h"
#include "wgrd/lib/util.h"

enum {
	DP_BATCH = 64, /* packets */
};

/* ---- in ---- */

struct dp_udp_rx;

struct dp_udp_rx *dp_udp_rx_new(void); /* NULL: no memory */
void dp_udp_rx_free(struct dp_udp_rx *rx);
/* Returns the number of datagrams, 0 if none is waiting. */
unsigned dp_udp_receive(struct dp_udp_rx *rx, int fd);
/* Datagram @i: up to 65535 bytes, aligned to 64, which may be changed in place. */
uint8_t *dp_udp_rx_data(struct dp_udp_rx *rx, unsigned i, size_t *len);
/* Where it came from and which of our addresses it was for; and its TOS byte. */
struct dp_endpoint dp_udp_rx_endpoint(const struct dp_udp_rx *rx, unsigned i,
				      uint8_t *tos);

/* ---- out ---- */

struct dp_udp_tx;

struct dp_udp_tx *dp_udp_tx_new(void); /* NULL: no memory */
void dp_udp_tx_free(struct dp_udp_tx *tx);
unsigned dp_udp_tx_count(const struct dp_udp_tx *tx);
/* The batch has less than DP_BATCH. @data stays where it is until the batch is sent.
 * @cell: where @ep was read from; it forgets a source address that the kernel does not
 * take any more. */
void dp_udp_tx_add(struct dp_udp_tx *tx, struct dp_endpoint_cell *cell,
		   const struct dp_endpoint *ep, uint8_t tos, void *data, size_t len);
struct dp_udp_result {
	unsigned sent, full, refused;
};
/* Sends and empties the batch; all to one socket. Does not block. */
struct dp_udp_result dp_udp_tx_flush(struct dp_udp_tx *tx, int fd);
void dp_udp_tx_discard(struct dp_udp_tx *tx);

/* One datagram. @cell may be NULL. Returns 0 or a negative errno. */
int dp_udp_send(int fd, struct dp_endpoint_cell *cell, const struct dp_endpoint *ep,
		uint8_t tos, void *data, size_t len);

/* ---- sockets ---- */

enum dp_udp_share {
	DP_UDP_FIRST, /* refuses a port that anybody has, then lets others join */
	DP_UDP_JOIN,  /* one more of ours on the same port */
};

/* A bound, non-blocking socket of one family with all the options that the data plane
 * wants. *@port 0: the system chooses and *@port says what. Returns the descriptor or a
 * negative errno. */
int dp_udp_open(sa_family_t family, uint16_t *port, enum dp_udp_share share);
/* Marks what is sent from now on (SO_MARK, needs CAP_NET_ADMIN). 0 or a negative errno.
 */
int dp_udp_set_mark(int fd, uint32_t mark);
/* Would dp_udp_set_mark() work? */
int dp_udp_try_mark(uint32_t mark);

#endif
