/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IO_UDP_H
#define WGRD_DPLANE_IO_UDP_H

/*
 * Datagrams in batches: what goes into and comes out of sendmmsg() and recvmmsg(), with
 * our own address (RFC 3542, IP_PKTINFO) and the TOS byte as control messages. Datagrams
 * of one length to one place travel through the kernel as a train: in one message, which
 * is cut up as late as possible (UDP_SEGMENT), if ever (UDP_GRO). Batches belong to one
 * worker; dp_udp_open() and dp_udp_send() are for any thread.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/dplane/io/batch.h"
#include "wgrd/dplane/io/endpoint.h"
#include "wgrd/lib/util.h"

/* ---- in: udp_in.c ---- */

struct dp_udp_rx;

/* What came in one message: from one place, with one TOS byte. */
struct dp_udp_train {
	struct dp_endpoint from; /* with the address of ours that it was for */
	uint8_t *data;           /* may be changed in place */
	uint32_t len;
	uint32_t each; /* length of each datagram in it but perhaps the last */
	uint8_t tos;
};

struct dp_udp_rx *dp_udp_rx_new(void); /* NULL: no memory */
void dp_udp_rx_free(struct dp_udp_rx *rx);
/* Returns the number of trains, 0 if none is waiting. They are good until the next call. */
unsigned dp_udp_receive(struct dp_udp_rx *rx, int fd);
const struct dp_udp_train *dp_udp_rx_train(const struct dp_udp_rx *rx, unsigned i);

/* ---- out: udp_out.c ---- */

struct dp_udp_tx;

struct dp_udp_tx *dp_udp_tx_new(void); /* NULL: no memory */
void dp_udp_tx_free(struct dp_udp_tx *tx);
unsigned dp_udp_tx_count(const struct dp_udp_tx *tx);
/* The batch has less than DP_BATCH. @data stays where it is until the batch is sent.
 * @cell: where @ep was read from; it forgets a source address that the kernel does not
 * take any more. @trains: others may follow in the same message. */
void dp_udp_tx_add(struct dp_udp_tx *tx, struct dp_endpoint_cell *cell,
		   const struct dp_endpoint *ep, uint8_t tos, void *data, size_t len,
		   bool trains, uint64_t now_ns);
struct dp_udp_result {
	unsigned sent, full, refused; /* datagrams */
	unsigned trains;              /* messages with more than one of them */
};
/* Sends and empties the batch; all to one socket. Does not block. */
struct dp_udp_result dp_udp_tx_flush(struct dp_udp_tx *tx, int fd, uint64_t now_ns);
void dp_udp_tx_discard(struct dp_udp_tx *tx);

/* How many datagrams of @len bytes a train can have. */
unsigned dp_udp_train_max(size_t len);

/* One datagram. @cell may be NULL. Returns 0 or a negative errno. */
int dp_udp_send(int fd, struct dp_endpoint_cell *cell, const struct dp_endpoint *ep,
		uint8_t tos, void *data, size_t len);

/* ---- sockets: udp_socket.c ---- */

enum dp_udp_share {
	DP_UDP_FIRST, /* refuses a port that anybody has, then lets others join */
	DP_UDP_JOIN,  /* one more of ours on the same port */
};

/* A bound, non-blocking socket of one family with all the options that the data plane
 * wants. *@port 0: the system chooses and *@port says what. @trains: they may be received
 * as such. Returns the descriptor or a negative errno. */
int dp_udp_open(sa_family_t family, uint16_t *port, enum dp_udp_share share, bool trains);
struct dp_udp_buffers {
	uint32_t receive_bytes, send_bytes;
};
/* Sizes the socket's buffers, beyond the system's limit if we may (CAP_NET_ADMIN), else
 * up to it. Returns what they are now. */
struct dp_udp_buffers dp_udp_set_buffers(int fd, const struct dp_udp_buffers *want);
struct dp_udp_buffers dp_udp_buffers(int fd);
/* Marks what is sent from now on (SO_MARK, needs CAP_NET_ADMIN). 0 or a negative errno.
 */
int dp_udp_set_mark(int fd, uint32_t mark);
/* Would dp_udp_set_mark() work? */
int dp_udp_try_mark(uint32_t mark);

#endif
