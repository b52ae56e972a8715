/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_KEYS_HANDSHAKE_H
#define WGRD_DPLANE_KEYS_HANDSHAKE_H

/*
 * What there is between one of our keys and one of a peer's: the state of Noise, which
 * costs a DH to begin with, and the cookies the peer has given us. Made when the first
 * message needs it, since most of a large configuration never talks. Handshake thread
 * only.
 */

#include <stdint.h>

#include "proto/wg/cookie.h"
#include "proto/wg/noise.h"
#include "wgrd/lib/util.h"

struct dp_identity;
struct dp_own_key;

struct dp_handshake {
	struct dp_identity *identity; /* theirs */
	struct dp_own_key *key;       /* ours */
	struct dp_handshake *next;    /* of the identity */
	struct noise_handshake noise;
	struct wg_cookie_jar jar;
	uint32_t index; /* of the initiation that is out; 0: none */
};

/* The one between the two; NULL: there is none yet. */
struct dp_handshake *dp_handshake_find(const struct dp_identity *id,
				       const struct dp_own_key *key);
/* Makes it if there is none. Returns 0, -ENOMEM, or -EINVAL if the peer's key is of low
 * order and no key at all. */
int dp_handshake_get(struct dp_identity *id, struct dp_own_key *key,
		     struct dp_handshake **out) MUST_USE;
/* Wipes. Its index has been released, and no session names it. The time stamp of the last
 * initiation that it accepted stays with the identity. */
void dp_handshake_free(struct dp_handshake *h);

#endif
