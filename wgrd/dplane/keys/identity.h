/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_KEYS_IDENTITY_H
#define WGRD_DPLANE_KEYS_IDENTITY_H

/*
 * A public key of a peer and what belongs to the key rather than the peer; and the table
 * that finds it by key: one per interface. Made by the main thread, which gives it to the
 * handshake thread; from then on only that touches it.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/wg/keys.h"
#include "proto/wg/messages.h"
#include "wgrd/lib/util.h"

struct dp_handshake;
struct dp_peer;

struct dp_identity {
	struct dp_peer *peer;
	struct dp_identity *next;         /* in its bucket */
	struct dp_identity *next_of_peer; /* it begins handshakes with the first */
	struct dp_handshake *handshakes;  /* one for each of our keys that was needed */
	uint8_t public_key[WG_KEY_LEN];
	uint8_t psk[WG_KEY_LEN];
	/* The latest of the initiations accepted for keys of ours that are gone: one may come
	 * back, and what was recorded meanwhile must not be good for it. */
	uint8_t latest_stamp[WG_TAI64N_LEN];
};

struct dp_identity *dp_identity_new(struct dp_peer *peer,
				    const uint8_t public_key[WG_KEY_LEN],
				    const uint8_t psk[WG_KEY_LEN]);
/* Wipes it and its handshakes, whose indices have been released. NULL is allowed. */
void dp_identity_free(struct dp_identity *id);
/* Counts from the next handshake message on. */
void dp_identity_set_psk(struct dp_identity *id, const uint8_t psk[WG_KEY_LEN]);

/* All zeros is empty. */
struct dp_identities {
	struct dp_identity **bucket;
	size_t mask, count;
};

/* The key may not be there yet. Grows; without memory it gets slow instead. Returns 0, or
 * -ENOMEM if not even the first buckets can be had. */
int dp_identities_add(struct dp_identities *t, struct dp_identity *id) MUST_USE;
void dp_identities_remove(struct dp_identities *t, struct dp_identity *id);
struct dp_identity *dp_identities_find(const struct dp_identities *t,
				       const uint8_t public_key[WG_KEY_LEN]);
void dp_identities_fini(struct dp_identities *t); /* it is empty */

#endif
