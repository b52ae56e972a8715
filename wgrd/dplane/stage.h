/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_STAGE_H
#define WGRD_DPLANE_STAGE_H

/*
 * Packets that wait for a session. Each worker keeps its own, so that nothing is shared
 * and a flow stays in order: at most DP_STAGED_MAX for a peer, of which the oldest go
 * first, and a fixed amount of memory for all. A peer's bit in dp_peer.staged_on tells
 * the handshake thread which workers to wake when the session is there. Only the worker
 * calls this.
 */

#include <stdbool.h>

struct dp_packet;
struct dp_peer;
struct dp_stages;
struct dp_worker;

enum {
	DP_STAGED_MAX = 128,
};

struct dp_stages *dp_stages_new(void); /* NULL: no memory */
void dp_stages_free(struct dp_stages *st);

/* Copies the packets and asks for a session. If one has come in the meantime, they are
 * on their way when this returns. */
void dp_stage_put(struct dp_worker *w, struct dp_peer *p, const struct dp_packet *pkt,
		  unsigned n);
/* Sends what waits for @p. False if it still waits. */
bool dp_stage_flush(struct dp_worker *w, struct dp_peer *p);
/* The same for all peers; and drops what waits for one that has gone or given up. */
void dp_stages_sweep(struct dp_worker *w);
/* Drops everything. */
void dp_stages_clear(struct dp_worker *w);

#endif
