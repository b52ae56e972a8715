/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/keys/handshake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/wipe.h"
#include "proto/wg/tai64n.h"
#include "wgrd/dplane/keys/identity.h"
#include "wgrd/dplane/keys/own_key.h"

struct dp_handshake *dp_handshake_find(const struct dp_identity *id,
				       const struct dp_own_key *key)
{
	struct dp_handshake *h = id->handshakes;

	while (h && h->key != key)
		h = h->next;
	return h;
}

int dp_handshake_get(struct dp_identity *id, struct dp_own_key *key,
		     struct dp_handshake **out)
{
	struct dp_handshake *h = dp_handshake_find(id, key);

	if (!h) {
		h = calloc(1, sizeof(*h));
		if (!h)
			return -ENOMEM;
		if (noise_handshake_init(&h->noise, &key->local, id->public_key,
					 id->psk)) {
			free(h);
			return -EINVAL;
		}
		memcpy(h->noise.latest_stamp, id->latest_stamp, WG_TAI64N_LEN);
		h->identity = id;
		h->key = key;
		h->next = id->handshakes;
		id->handshakes = h;
	}
	*out = h;
	return 0;
}

void dp_handshake_free(struct dp_handshake *h)
{
	struct dp_identity *id = h->identity;
	struct dp_handshake **link = &id->handshakes;

	if (wg_tai64n_after(h->noise.latest_stamp, id->latest_stamp))
		memcpy(id->latest_stamp, h->noise.latest_stamp, WG_TAI64N_LEN);
	while (*link != h)
		link = &(*link)->next;
	*link = h->next;
	wipe(h, sizeof(*h));
	free(h);
}
