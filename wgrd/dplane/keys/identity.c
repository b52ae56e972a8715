/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/keys/identity.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/wipe.h"
#include "wgrd/dplane/keys/handshake.h"

enum {
	BUCKETS_MIN = 16,
};

struct dp_identity *dp_identity_new(struct dp_peer *peer,
				    const uint8_t public_key[WG_KEY_LEN],
				    const uint8_t psk[WG_KEY_LEN])
{
	struct dp_identity *id = calloc(1, sizeof(*id));

	if (!id)
		return NULL;
	id->peer = peer;
	memcpy(id->public_key, public_key, WG_KEY_LEN);
	memcpy(id->psk, psk, WG_KEY_LEN);
	return id;
}

void dp_identity_free(struct dp_identity *id)
{
	if (!id)
		return;
	while (id->handshakes)
		dp_handshake_free(id->handshakes);
	wipe(id, sizeof(*id));
	free(id);
}

void dp_identity_set_psk(struct dp_identity *id, const uint8_t psk[WG_KEY_LEN])
{
	memcpy(id->psk, psk, WG_KEY_LEN);
	for (struct dp_handshake *h = id->handshakes; h; h = h->next)
		noise_handshake_set_psk(&h->noise, psk);
}

/* Public keys are as good as random, and only the operator enters them. */
static size_t bucket_of(const struct dp_identities *t, const uint8_t key[WG_KEY_LEN])
{
	size_t h;

	memcpy(&h, key, sizeof(h));
	return h & t->mask;
}

static int grow(struct dp_identities *t)
{
	size_t n = t->bucket ? 2 * (t->mask + 1) : BUCKETS_MIN;
	struct dp_identities new = {.mask = n - 1, .count = t->count};

	new.bucket = calloc(n, sizeof(struct dp_identity *));
	if (!new.bucket)
		return t->bucket ? 0 : -ENOMEM;
	for (size_t i = 0; t->bucket && i <= t->mask; i++) {
		while (t->bucket[i]) {
			struct dp_identity *id = t->bucket[i];
			struct dp_identity **to =
				&new.bucket[bucket_of(&new, id->public_key)];

			t->bucket[i] = id->next;
			id->next = *to;
			*to = id;
		}
	}
	free(t->bucket);
	*t = new;
	return 0;
}

int dp_identities_add(struct dp_identities *t, struct dp_identity *id)
{
	struct dp_identity **to;
	int err = !t->bucket || t->count > t->mask ? grow(t) : 0;

	if (err)
		return err;
	assert(!dp_identities_find(t, id->public_key));
	to = &t->bucket[bucket_of(t, id->public_key)];
	id->next = *to;
	*to = id;
	t->count++;
	return 0;
}

void dp_identities_remove(struct dp_identities *t, struct dp_identity *id)
{
	struct dp_identity **link = &t->bucket[bucket_of(t, id->public_key)];

	while (*link != id)
		link = &(*link)->next;
	*link = id->next;
	t->count--;
}

struct dp_identity *dp_identities_find(const struct dp_identities *t,
				       const uint8_t public_key[WG_KEY_LEN])
{
	struct dp_identity *id = t->bucket ? t->bucket[bucket_of(t, public_key)] : NULL;

	while (id && memcmp(id->public_key, public_key, WG_KEY_LEN) != 0)
		id = id->next;
	return id;
}

void dp_identities_fini(struct dp_identities *t)
{
	assert(!t->count);
	free(t->bucket);
	*t = (struct dp_identities){0};
}
