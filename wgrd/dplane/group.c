/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Each flow has an order of its own of all members of a rank: its hash chooses the first
 * by weight, another view of the hash the second among those left, and so on. It takes the
 * first of its order that is ready, of the lowest rank that has one. So nothing has to be
 * rewritten when a member fails or returns, which is one store into the peer; and a flow
 * moves only when its own member fails, or one that comes before it in its order returns.
 *
 * Nearly always that is the first of rank 0, found without looking at any other peer.
 */

#include "wgrd/dplane/group.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/lib/dp_assert.h"

static_assert(DP_GROUP_MAX <= 64, "a set of members is a word");

/* Published; only @turn changes. */
struct members {
	struct dp_rcu rcu;
	_Atomic unsigned turn; /* of those passed over; written only when there are */
	unsigned count;
	unsigned primaries; /* of the lowest rank; they are the first */
	uint32_t weight;    /* of these */
	struct dp_nexthop v[];
};

struct dp_group {
	struct dp_rcu rcu;
	_Atomic(struct members *) members;
};

/* Keeps the order of those of one rank. */
static void insert(struct members *m, const struct dp_nexthop *nh)
{
	unsigned at = m->count++;

	for (; at && m->v[at - 1].rank > nh->rank; at--)
		m->v[at] = m->v[at - 1];
	m->v[at] = *nh;
}

static struct members *new_members(const struct dp_nexthop *nh, unsigned n)
{
	struct members *m;

	assert(n <= DP_GROUP_MAX);
	m = calloc(1, sizeof(*m) + n * sizeof(m->v[0]));
	if (!m)
		return NULL;
	for (unsigned i = 0; i < n; i++)
		insert(m, &nh[i]);
	while (m->primaries < n && m->v[m->primaries].rank == m->v[0].rank)
		m->weight += m->v[m->primaries++].weight;
	return m;
}

static void free_members(struct dp_rcu *r)
{
	free(container_of(r, struct members, rcu));
}

static void free_group(struct dp_rcu *r)
{
	struct dp_group *g = container_of(r, struct dp_group, rcu);

	free(atomic_load_explicit(&g->members, memory_order_relaxed));
	free(g);
}

int dp_group_new(const struct dp_nexthop *nh, unsigned n, struct dp_group **out)
{
	struct dp_group *g = calloc(1, sizeof(*g));
	struct members *m = new_members(nh, n);

	if (!g || !m) {
		free(g);
		free(m);
		return -ENOMEM;
	}
	atomic_init(&g->members, m);
	*out = g;
	return 0;
}

int dp_group_set(struct dp_group *g, const struct dp_nexthop *nh, unsigned n)
{
	struct members *m = new_members(nh, n), *old;

	if (!m)
		return -ENOMEM;
	/* releases the array to members_of() */
	old = atomic_exchange_explicit(&g->members, m, memory_order_release);
	dp_rcu_call(&old->rcu, free_members);
	return 0;
}

void dp_group_free(struct dp_group *g)
{
	dp_rcu_call(&g->rcu, free_group);
}

/* ---- workers ---- */

static struct members *members_of(const struct dp_group *g)
{
	return atomic_load_explicit(&g->members, memory_order_acquire);
}

static uint64_t bit(unsigned i)
{
	return UINT64_C(1) << i;
}

/* Of the members from @first to @end that are not in @not, which have @weight together.
 * Multiplies the hash into the range of the weights, so its high bits decide. */
static unsigned choose(const struct members *m, unsigned first, unsigned end,
		       uint64_t not, uint32_t weight, uint32_t hash)
{
	uint32_t at = (uint32_t)((uint64_t)hash * weight >> 32);

	for (unsigned i = first;; i++) {
		dp_assert(i < end);
		if (not &bit(i))
			continue;
		if (at < m->v[i].weight)
			return i;
		at -= m->v[i].weight;
	}
}

/* Another view of a hash, of which all bits depend on all of the former. */
static uint32_t next_hash(uint32_t h)
{
	h += UINT32_C(0x9e3779b9);
	h = (h ^ h >> 16) * UINT32_C(0x85ebca6b);
	h = (h ^ h >> 13) * UINT32_C(0xc2b2ae35);
	return h ^ h >> 16;
}

struct rank {
	unsigned first, end;
	uint32_t weight;
	uint64_t good;
};

static bool is_good(const struct dp_peer *p, bool ready)
{
	return ready ? dp_peer_ready(p) : dp_peer_usable(p);
}

static struct rank rank_at(const struct members *m, unsigned first, bool ready)
{
	struct rank r = {.first = first, .end = first};

	while (r.end < m->count && m->v[r.end].rank == m->v[first].rank) {
		r.weight += m->v[r.end].weight;
		if (is_good(m->v[r.end].peer, ready))
			r.good |= bit(r.end);
		r.end++;
	}
	return r;
}

/* Which of a rank that has good ones. Those before it in the order come into @over. */
static unsigned choose_good(const struct members *m, struct rank r, uint32_t hash,
			    uint64_t *over)
{
	uint64_t tried = 0;
	unsigned i;

	while (!(r.good & bit(i = choose(m, r.first, r.end, tried, r.weight, hash)))) {
		tried |= bit(i);
		r.weight -= m->v[i].weight;
		hash = next_hash(hash);
	}
	*over |= tried;
	return i;
}

/* One of the set; another each time. Turns that two workers take at once do no harm. */
static struct dp_peer *take_turn(struct members *m, uint64_t set)
{
	unsigned turn = atomic_load_explicit(&m->turn, memory_order_relaxed);

	atomic_store_explicit(&m->turn, turn + 1, memory_order_relaxed);
	turn %= (unsigned)__builtin_popcountll(set);
	while (turn--)
		set &= set - 1;
	return m->v[__builtin_ctzll(set)].peer;
}

/* The flow's first member that is ready, or usable; NULL: none is. */
static struct dp_peer *pick_good(struct members *m, bool ready, uint32_t hash,
				 struct dp_peer **passed_over)
{
	uint64_t over = 0;
	struct rank r;

	for (unsigned at = 0; at < m->count; at = r.end) {
		r = rank_at(m, at, ready);
		if (r.good) {
			const unsigned i = choose_good(m, r, hash, &over);

			if (over)
				*passed_over = take_turn(m, over);
			return m->v[i].peer;
		}
		for (unsigned i = r.first; i < r.end; i++)
			over |= bit(i);
		hash = next_hash(hash);
	}
	return NULL;
}

struct dp_peer *dp_group_pick(const struct dp_group *g, uint32_t flow_hash,
			      struct dp_peer **passed_over)
{
	struct members *m = members_of(g);
	struct dp_peer *first;

	*passed_over = NULL;
	if (m->count <= 1)
		return m->count ? m->v[0].peer : NULL;
	first = m->primaries == 1
			? m->v[0].peer
			: m->v[choose(m, 0, m->primaries, 0, m->weight, flow_hash)].peer;
	if (dp_peer_ready(first))
		return first;
	return pick_good(m, true, flow_hash, passed_over)
		       ?: pick_good(m, false, flow_hash, passed_over)
		       ?: first;
}

bool dp_group_has(const struct dp_group *g, const struct dp_peer *p)
{
	const struct members *m = members_of(g);

	for (unsigned i = 0; i < m->count; i++) {
		if (m->v[i].peer == p)
			return true;
	}
	return false;
}
