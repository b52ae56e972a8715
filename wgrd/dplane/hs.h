/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_HS_H
#define WGRD_DPLANE_HS_H

/*
 * The handshake thread: Noise, cookies, rate limits, timers, and which session a peer
 * sends with. One for the data plane. What the main thread asks for it does in order.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/dplane/drop.h"
#include "wgrd/dplane/io/endpoint.h"
#include "wgrd/dplane/sync/inbox.h"
#include "wgrd/lib/util.h"

struct dp_device;
struct dp_device_conf;
struct dp_hs;
struct dp_identity;
struct dp_peer;
struct dp_port;
struct dplane;

/* ---- main thread ---- */

int dp_hs_new(struct dplane *dp, struct dp_hs **out) MUST_USE;
/* Stops and joins it. There are no ports and devices left. NULL is allowed. */
void dp_hs_free(struct dp_hs *hs);
const struct dp_counters *dp_hs_counters(const struct dp_hs *hs);

/* These return when it is done. */
void dp_hs_port_add(struct dp_hs *hs, struct dp_port *port);
void dp_hs_port_remove(struct dp_hs *hs, struct dp_port *port);
/* The port and the private keys to use from now on. @port NULL: take no part any more;
 * @conf NULL: there are no keys. */
void dp_hs_device_set(struct dp_hs *hs, struct dp_device *dev, struct dp_port *port,
		      const struct dp_device_conf *conf);
/* Timers are looked at again: a test has moved the clock. */
void dp_hs_clock_moved(struct dp_hs *hs);

/* These are done later, in the order asked for. */
/* @ids: the peer's public keys by next_of_peer, or NULL if it has none; takes them.
 * @elsewhere: it has another configured endpoint than before. */
void dp_hs_peer_set(struct dp_hs *hs, struct dp_peer *p, struct dp_identity *ids,
		    bool elsewhere, uint16_t keepalive_s, uint16_t preempt_delay_s);
void dp_hs_peer_retire(struct dp_hs *hs, struct dp_peer *p);
void dp_hs_peer_clear(struct dp_hs *hs, struct dp_peer *p);

/* The function of dp_peer.poke; runs in the handshake thread. */
void dp_hs_peer_poked(struct dp_call *c, void *owner);

/* ---- any thread ---- */

/* A message that wg_msg_classify() found to be of the handshake. False: it is refused,
 * since there are more than can be looked at. */
bool dp_hs_deliver(struct dp_hs *hs, uint32_t port_id, const struct dp_endpoint *from,
		   const void *msg, size_t len);
struct dp_inbox *dp_hs_inbox(struct dp_hs *hs);

#endif
