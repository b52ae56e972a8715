/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_BENCH_DP_RIG_H
#define TESTS_BENCH_DP_RIG_H

/*
 * A data plane with one interface that carries no packets and peers whose keys we have,
 * for measuring what handshakes and peers cost. Time is the system's plus what is added.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/wg/noise.h"
#include "wgrd/dplane/device.h"
#include "wgrd/dplane/dplane.h"
#include "wgrd/dplane/drop.h"
#include "wgrd/dplane/io/endpoint.h"
#include "wgrd/dplane/peer.h"

struct dp_rig {
	struct loop *loop;
	struct dplane *dp;
	struct dp_device *dev;
	struct wg_rng rng;
	uint8_t public_key[WG_KEY_LEN];
	int sink;              /* a socket that peers are said to be at */
	struct dp_endpoint at; /* its address */
};

void dp_rig_start(struct dp_rig *r);
void dp_rig_stop(struct dp_rig *r);
/* The handshake thread has done all it was asked for. */
void dp_rig_settle(struct dp_rig *r);
void dp_rig_advance(struct dp_rig *r, uint64_t ns);
/* CPU time of the handshake thread. */
uint64_t dp_rig_hs_cpu_ns(const struct dp_rig *r);
uint64_t dp_rig_count(const struct dp_rig *r, enum dp_count what);
/* Has it take a handshake message as if it had come from @r->at. Waits while there are so
 * many that it would be under load. */
void dp_rig_deliver(struct dp_rig *r, const void *msg, size_t len);
void dp_rig_wait_count(const struct dp_rig *r, enum dp_count what, uint64_t value);
/* @public_key NULL: a random one that nobody has. */
struct dp_peer *dp_rig_peer(struct dp_rig *r, const uint8_t *public_key);
void dp_rig_peer_free(struct dp_peer *p);

uint64_t dp_rig_now_ns(void); /* of a clock that always advances evenly */
size_t dp_rig_memory(void);   /* bytes allocated */

#endif
