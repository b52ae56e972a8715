/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_KEYS_OWN_KEY_H
#define WGRD_DPLANE_KEYS_OWN_KEY_H

/*
 * Our private keys. An interface has one that it begins handshakes with, and perhaps
 * others that it answers to, so that a key can be replaced without a packet lost. All
 * keys of all interfaces on a port are in a table, which says by mac1 for which one an
 * initiation is. Handshake thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wg/noise.h"
#include "wgrd/dplane/io/endpoint.h"
#include "wgrd/lib/util.h"

struct dp_device;
struct dp_key_shelf;

struct dp_own_key {
	struct dp_device *device;
	struct dp_own_key *next; /* of the device; it begins handshakes with its first */
	struct noise_local local;
	struct dp_key_shelf *shelf; /* its place on the port; NULL: on none */
	unsigned lane;
};

struct dp_own_key *dp_own_key_new(struct dp_device *dev,
				  const uint8_t private_key[WG_KEY_LEN]);
/* Wipes. It is on no port, and no handshake uses it. */
void dp_own_key_free(struct dp_own_key *k);
/* Is @private_key, clamped or not, this key? */
bool dp_own_key_is(const struct dp_own_key *k, const uint8_t private_key[WG_KEY_LEN]);

/* The keys of a port. All zeros is empty. */
struct dp_own_keys {
	struct dp_key_shelf *shelves;
	size_t count;
	struct dp_own_key **recent; /* by source, of the last authentic initiations */
};

void dp_own_keys_add(struct dp_own_keys *t, struct dp_own_key *k);
/* A key on no port is allowed. */
void dp_own_keys_remove(struct dp_own_keys *t, struct dp_own_key *k);
void dp_own_keys_fini(struct dp_own_keys *t); /* it is empty */

/*
 * The key whose mac1 the initiation of @len bytes at @msg carries, or NULL. The one that
 * @from last used is tried first, then all the others, as many at a time as fit into a
 * vector register. *@budget is how many shelves (of BLAKE2S_SET_LANES keys) may be looked
 * at, and is lowered by how many were; *@exhausted says that NULL is for want of it.
 */
struct dp_own_key *dp_own_keys_find(const struct dp_own_keys *t, const void *msg,
				    size_t len, const struct dp_endpoint *from,
				    unsigned *budget, bool *exhausted);
/* An initiation from @from for @k has proved authentic. */
void dp_own_keys_used(struct dp_own_keys *t, struct dp_own_key *k,
		      const struct dp_endpoint *from);

#endif
