/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The table is an open-addressing hash whose hash function is the index itself, which is
 * random. A slot that is released becomes a tombstone, so that a reader on its way past
 * it goes on; when tombstones and entries fill half of the slots, a new array is built
 * and published, and the old one goes after a grace period.
 */

#include "wgrd/dplane/sessions.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/wipe.h"
#include "proto/wg/keys.h"
#include "wgrd/dplane/peer.h"

enum {
	SLOTS_MIN = 256,
	EMPTY = 0,
};
#define TOMBSTONE UINT32_MAX

struct slot {
	_Atomic uint32_t index;
	_Atomic(struct dp_session *) session; /* NULL: only a handshake so far */
	/* Handshake thread: whose it is, until there is a session that knows. */
	struct dp_handshake *handshake;
};

struct slots {
	struct dp_rcu rcu;
	size_t mask;
	struct slot v[];
};

struct dp_sessions {
	_Atomic(struct slots *) slots;
	size_t count; /* entries */
	size_t used;  /* and tombstones */
};

struct dp_session *dp_session_new(struct dp_peer *peer, struct dp_handshake *h)
{
	struct dp_session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->peer = dp_peer_get(peer);
	s->handshake = h;
	return s;
}

static void free_session(struct dp_rcu *r)
{
	struct dp_session *s = container_of(r, struct dp_session, rcu);

	wg_keypair_fini(&s->keypair);
	dp_peer_put(s->peer);
	free(s);
}

void dp_session_free(struct dp_session *s)
{
	if (s)
		dp_rcu_call(&s->rcu, free_session);
}

static struct slots *slots_new(size_t n)
{
	struct slots *s = calloc(1, sizeof(*s) + n * sizeof(s->v[0]));

	if (s)
		s->mask = n - 1;
	return s;
}

static void free_slots(struct dp_rcu *r)
{
	free(container_of(r, struct slots, rcu));
}

struct dp_sessions *dp_sessions_new(void)
{
	struct dp_sessions *t = xcalloc(1, sizeof(*t));
	struct slots *s = slots_new(SLOTS_MIN);

	if (!s) {
		free(t);
		return NULL;
	}
	atomic_init(&t->slots, s);
	return t;
}

void dp_sessions_free(struct dp_sessions *t)
{
	if (!t)
		return;
	assert(!t->count);
	free(atomic_load_explicit(&t->slots, memory_order_relaxed));
	free(t);
}

/* The array is acquired from grow(), and an index from dp_sessions_reserve(). */
static struct slot *find_slot(const struct dp_sessions *t, uint32_t index)
{
	struct slots *s = atomic_load_explicit(&t->slots, memory_order_acquire);

	if (index == EMPTY || index == TOMBSTONE)
		return NULL;
	for (size_t i = index & s->mask;; i = (i + 1) & s->mask) {
		uint32_t there =
			atomic_load_explicit(&s->v[i].index, memory_order_acquire);

		if (there == index)
			return &s->v[i];
		if (there == EMPTY)
			return NULL;
	}
}

struct dp_session *dp_sessions_find(const struct dp_sessions *t, uint32_t index)
{
	struct slot *slot = find_slot(t, index);
	struct dp_session *s;

	if (!slot)
		return NULL;
	/* acquires the session from dp_sessions_publish() */
	s = atomic_load_explicit(&slot->session, memory_order_acquire);
	/* The slot may have changed hands since we read its index. */
	return s && s->keypair.local_index == index ? s : NULL;
}

static struct slot *free_slot(struct slots *s, uint32_t index)
{
	for (size_t i = index & s->mask;; i = (i + 1) & s->mask) {
		uint32_t there =
			atomic_load_explicit(&s->v[i].index, memory_order_relaxed);

		if (there == EMPTY || there == TOMBSTONE)
			return &s->v[i];
	}
}

static void fill(struct slot *to, uint32_t index, struct dp_session *s,
		 struct dp_handshake *h)
{
	to->handshake = h;
	atomic_store_explicit(&to->session, s, memory_order_release);
	atomic_store_explicit(&to->index, index, memory_order_release);
}

static int grow(struct dp_sessions *t)
{
	struct slots *old = atomic_load_explicit(&t->slots, memory_order_relaxed), *new;
	size_t n = SLOTS_MIN;

	while (n < 4 * (t->count + 1))
		n *= 2;
	new = slots_new(n);
	if (!new)
		return -ENOMEM;
	for (size_t i = 0; i <= old->mask; i++) {
		const struct slot *from = &old->v[i];
		uint32_t index = atomic_load_explicit(&from->index, memory_order_relaxed);

		if (index == EMPTY || index == TOMBSTONE)
			continue;
		fill(free_slot(new, index), index,
		     atomic_load_explicit(&from->session, memory_order_relaxed),
		     from->handshake);
	}
	t->used = t->count;
	/* releases the array to find_slot() */
	atomic_store_explicit(&t->slots, new, memory_order_release);
	dp_rcu_call(&old->rcu, free_slots);
	return 0;
}

int dp_sessions_reserve(struct dp_sessions *t, struct dp_handshake *h, struct wg_rng *rng,
			uint32_t *index)
{
	struct slots *s = atomic_load_explicit(&t->slots, memory_order_relaxed);
	struct slot *slot;

	if (2 * (t->used + 1) > s->mask) {
		if (grow(t))
			return -ENOMEM;
		s = atomic_load_explicit(&t->slots, memory_order_relaxed);
	}
	do {
		rng->fill(rng, index, sizeof(*index));
	} while (*index == EMPTY || *index == TOMBSTONE || find_slot(t, *index));
	slot = free_slot(s, *index);
	t->used += atomic_load_explicit(&slot->index, memory_order_relaxed) == EMPTY;
	t->count++;
	fill(slot, *index, NULL, h);
	return 0;
}

void dp_sessions_publish(struct dp_sessions *t, uint32_t index, struct dp_session *s)
{
	struct slot *slot = find_slot(t, index);

	assert(slot && s->keypair.local_index == index);
	slot->handshake = NULL;
	atomic_store_explicit(&slot->session, s, memory_order_release);
}

struct dp_handshake *dp_sessions_handshake(const struct dp_sessions *t, uint32_t index)
{
	const struct slot *slot = find_slot(t, index);
	const struct dp_session *s;

	if (!slot)
		return NULL;
	s = atomic_load_explicit(&slot->session, memory_order_relaxed);
	return s ? s->handshake : slot->handshake;
}

void dp_sessions_release(struct dp_sessions *t, uint32_t index)
{
	struct slot *slot = find_slot(t, index);

	if (!slot)
		return;
	slot->handshake = NULL;
	atomic_store_explicit(&slot->session, NULL, memory_order_relaxed);
	atomic_store_explicit(&slot->index, TOMBSTONE, memory_order_relaxed);
	t->count--;
}

size_t dp_sessions_count(const struct dp_sessions *t)
{
	return t->count;
}
