/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * An initiation says nothing about whom it is for but its mac1, a MAC under a key that is
 * made of the public key it was sent to. With a thousand tenants on one port that means
 * up to a thousand MACs, of 116 bytes each: half a millisecond one by one, some thirty
 * microseconds sixteen at a time, which is about what the curve costs afterwards.
 */

#include "wgrd/dplane/keys/own_key.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/blake2s_set.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"
#include "proto/wg/cookie.h"

enum {
	RECENT = 1024, /* sources remembered; a power of two */
};

struct dp_key_shelf {
	struct dp_key_shelf *next;
	uint32_t used; /* a bit for each lane */
	struct dp_own_key *key[BLAKE2S_SET_LANES];
	struct blake2s_set mac1;
};

struct dp_own_key *dp_own_key_new(struct dp_device *dev,
				  const uint8_t private_key[WG_KEY_LEN])
{
	struct dp_own_key *k = xcalloc(1, sizeof(*k));

	k->device = dev;
	noise_local_init(&k->local, private_key);
	return k;
}

void dp_own_key_free(struct dp_own_key *k)
{
	assert(!k->shelf);
	noise_local_fini(&k->local);
	free(k);
}

bool dp_own_key_is(const struct dp_own_key *k, const uint8_t private_key[WG_KEY_LEN])
{
	uint8_t key[WG_KEY_LEN];
	bool same;

	memcpy(key, private_key, sizeof(key));
	wg_key_clamp(key);
	same = ct_equal(k->local.private_key, key, sizeof(key));
	wipe(key, sizeof(key));
	return same;
}

/* ---- the keys of a port ---- */

static bool is_full(const struct dp_key_shelf *s)
{
	return s->used == (UINT32_C(1) << BLAKE2S_SET_LANES) - 1;
}

static struct dp_key_shelf *shelf_with_room(struct dp_own_keys *t)
{
	struct dp_key_shelf *s = t->shelves;

	while (s && is_full(s))
		s = s->next;
	if (s)
		return s;
	s = xcalloc(1, sizeof(*s));
	s->next = t->shelves;
	t->shelves = s;
	if (s->next && !t->recent)
		t->recent = xcalloc(RECENT, sizeof(struct dp_own_key *));
	return s;
}

void dp_own_keys_add(struct dp_own_keys *t, struct dp_own_key *k)
{
	struct dp_key_shelf *s = shelf_with_room(t);

	assert(!k->shelf);
	k->shelf = s;
	k->lane = (unsigned)__builtin_ctz(~s->used);
	s->used |= UINT32_C(1) << k->lane;
	s->key[k->lane] = k;
	blake2s_set_put(&s->mac1, k->lane, k->local.mac1_key);
	t->count++;
}

static void drop_shelf(struct dp_own_keys *t, struct dp_key_shelf *s)
{
	struct dp_key_shelf **link = &t->shelves;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	free(s);
}

void dp_own_keys_remove(struct dp_own_keys *t, struct dp_own_key *k)
{
	struct dp_key_shelf *s = k->shelf;

	if (!s)
		return;
	s->used &= ~(UINT32_C(1) << k->lane);
	s->key[k->lane] = NULL;
	for (unsigned i = 0; t->recent && i < RECENT; i++) {
		if (t->recent[i] == k)
			t->recent[i] = NULL;
	}
	k->shelf = NULL;
	t->count--;
	if (!s->used)
		drop_shelf(t, s);
}

void dp_own_keys_fini(struct dp_own_keys *t)
{
	assert(!t->count && !t->shelves);
	free(t->recent);
	*t = (struct dp_own_keys){0};
}

/* It need not be good: only authentic initiations leave something behind. */
static struct dp_own_key **recent_of(const struct dp_own_keys *t,
				     const struct dp_endpoint *from)
{
	uint64_t half[2], h;

	memcpy(half, from->addr, sizeof(half));
	h = (half[0] ^ half[1] ^ from->port) * UINT64_C(0x9e3779b97f4a7c15);
	return &t->recent[h >> 32 & (RECENT - 1)];
}

void dp_own_keys_used(struct dp_own_keys *t, struct dp_own_key *k,
		      const struct dp_endpoint *from)
{
	if (t->recent)
		*recent_of(t, from) = k;
}

struct dp_own_key *dp_own_keys_find(const struct dp_own_keys *t, const void *msg,
				    size_t len, const struct dp_endpoint *from,
				    unsigned *budget, bool *exhausted)
{
	const size_t covered = len - sizeof(struct wg_msg_macs);
	const struct wg_msg_macs *macs = (const void *)((const uint8_t *)msg + covered);
	struct dp_own_key *k = t->recent ? *recent_of(t, from) : NULL;

	*exhausted = false;
	if (k && wg_mac1_check(msg, len, k->local.mac1_key))
		return k;
	for (const struct dp_key_shelf *s = t->shelves; s; s = s->next) {
		uint32_t found;

		if (!*budget) {
			*exhausted = true;
			return NULL;
		}
		--*budget;
		found = s->used & blake2s_set_match(&s->mac1, msg, covered, macs->mac1);
		if (found)
			return s->key[__builtin_ctz(found)];
	}
	return NULL;
}
