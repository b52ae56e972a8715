/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/group.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "wgrd/dplane/peer.h"
#include "wgrd/dplane/rcu.h"

/* Published; does not change. */
struct members {
	struct dp_rcu rcu;
	unsigned count;
	uint32_t weight; /* of all together */
	struct dp_nexthop v[];
};

struct dp_group {
	struct dp_rcu rcu;
	_Atomic(struct members *) members;
};

static struct members *new_members(const struct dp_nexthop *nh, unsigned n)
{
	struct members *m = calloc(1, sizeof(*m) + n * sizeof(m->v[0]));

	if (!m)
		return NULL;
	m->count = n;
	for (unsigned i = 0; i < n; i++) {
		m->v[i] = nh[i];
		m->weight += nh[i].weight;
	}
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

static const struct members *members_of(const struct dp_group *g)
{
	return atomic_load_explicit(&g->members, memory_order_acquire);
}

/* Multiplies the hash into the range of the weights, so its high bits decide. */
static struct dp_peer *pick_among(const struct members *m, uint32_t hash, uint32_t weight,
				  bool (*counts)(const struct dp_peer *p))
{
	uint32_t at = (uint32_t)((uint64_t)hash * weight >> 32);

	for (unsigned i = 0; i < m->count; i++) {
		if (!counts(m->v[i].peer))
			continue;
		if (at < m->v[i].weight)
			return m->v[i].peer;
		at -= m->v[i].weight;
	}
	return NULL; /* one has ceased to count meanwhile */
}

static bool any(const struct dp_peer *p)
{
	(void)p;
	return true;
}

struct dp_peer *dp_group_pick(const struct dp_group *g, uint32_t flow_hash,
			      struct dp_peer **passed_over)
{
	const struct members *m = members_of(g);
	struct dp_peer *first, *other;
	uint32_t weight = 0;

	*passed_over = NULL;
	if (!m->count)
		return NULL;
	first = m->count == 1 ? m->v[0].peer : pick_among(m, flow_hash, m->weight, any);
	if (m->count == 1 || dp_peer_usable(first))
		return first;
	for (unsigned i = 0; i < m->count; i++)
		weight += dp_peer_usable(m->v[i].peer) ? m->v[i].weight : 0;
	if (!weight)
		return first;
	/* Another view of the hash: its high bits are what chose the unusable one. */
	other = pick_among(m, flow_hash * UINT32_C(0x9e3779b1), weight, dp_peer_usable);
	if (!other)
		return first;
	*passed_over = first;
	return other;
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
