/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_RATELIMIT_H
#define WGRD_PROTO_WG_RATELIMIT_H

/*
 * How often one source may make us compute a handshake while we are under load
 * (whitepaper section 5.3): a token bucket for each IPv4 address, also if mapped into
 * IPv6, and each IPv6 /64. For the handshake thread alone. Memory is fixed at the start, and when it is used up new
 * sources are refused until others have been quiet for a quarter of a second.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/net/addr.h"
#include "proto/wg/keys.h"

enum {
	RATELIMIT_PER_S = 20,
	RATELIMIT_BURST = 5,
};

struct ratelimit;

/* Room for @max_sources at a time, with few exceptions: a source that meets a set of
 * eight others, all of them busy, is refused. Takes 32 to 64 bytes for each. Returns NULL
 * if there is no memory. @rng keys the hash once. */
struct ratelimit *ratelimit_new(size_t max_sources, struct wg_rng *rng);
void ratelimit_free(struct ratelimit *rl);

/* Takes a token of @src's if there is one. */
bool ratelimit_allow(struct ratelimit *rl, const struct ip_addr *src, uint64_t now_ns);

#endif
