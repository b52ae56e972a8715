/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IDENTITY_H
#define WGRD_DPLANE_IDENTITY_H

/*
 * A public key of a peer and what belongs to the key rather than the peer: the handshake
 * state and the cookie jar. And the table that finds it by key: one per interface. Made
 * by the main thread, which gives it to the handshake thread; from then on only that
 * touches it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wg/cookie.h"
#include "proto/wg/noise.h"
#include "wgrd/lib/util.h"

struct dp_peer;

struct dp_identity {
	struct dp_peer *peer;     /* NULL after another peer has taken the key */
	struct dp_identity *next; /* in its bucket */
	uint8_t public_key[WG_KEY_LEN];
	uint8_t psk[WG_KEY_LEN];
	/* Computed when it is first needed: it costs a DH, and most of a large
	 * configuration never talks. */
	bool ready;
	struct noise_handshake noise;
	struct wg_cookie_jar jar;
	uint32_t index; /* of the initiation that is out; 0: none */
};

struct dp_identity *dp_identity_new(struct dp_peer *peer,
				    const uint8_t public_key[WG_KEY_LEN],
				    const uint8_t psk[WG_KEY_LEN]);
/* Wipes. Its index has been released. NULL is allowed. */
void dp_identity_free(struct dp_identity *id);
/* Makes noise usable with our key @local. Returns 0, or -EINVAL if the public key is of
 * low order and no key at all. */
int dp_identity_ready(struct dp_identity *id, const struct noise_local *local) MUST_USE;
/* Forgets what was computed with the former key of ours. */
void dp_identity_unready(struct dp_identity *id);
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
