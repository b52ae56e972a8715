/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/dplane/lpm/lpm_internal.h"

static_assert(sizeof(union lpm_slot) == 8, "a slot is a pointer");
static_assert(LPM_SKIP_MAX % LPM_STRIDE == 0 && LPM_SKIP_MAX <= 56,
	      "what is skipped fits beside its number");

/* Enough for a deletion in any tree, see lpm_node_move_home(). The writer's. */
static union {
	struct lpm_node node;
	char room[sizeof(struct lpm_node) + 127 * sizeof(union lpm_slot)];
} spare[LPM_DEPTH_MAX + 4];

static unsigned count_bits(uint64_t set)
{
	return (unsigned)__builtin_popcountll(set);
}

/* Of @set, those below @bit. */
static unsigned rank(uint64_t set, unsigned bit)
{
	return count_bits(set & ((UINT64_C(1) << bit) - 1));
}

static unsigned slots(const struct lpm_node *n)
{
	return count_bits(n->outer) + count_bits(n->inner);
}

static uint64_t first64(struct lpm_key key)
{
	return (uint64_t)(key.bits >> 64);
}

static struct lpm_key key_after(struct lpm_key key, unsigned n)
{
	return (struct lpm_key){key.bits << n, key.len - n};
}

/* The bits of the two bitmaps that a key stands for, where a node has been reached and
 * what it skips has been passed. */
static unsigned inner_bit(struct lpm_key rest)
{
	return (1U << rest.len) - 1 + (unsigned)(rest.bits >> 64 >> 1 >> (63 - rest.len));
}

static unsigned outer_bit(struct lpm_key rest)
{
	return (unsigned)(rest.bits >> (128 - LPM_STRIDE));
}

static uint64_t path_of(uint64_t bits, unsigned skip)
{
	return (bits & lpm_first(skip)) | (63 - skip);
}

static unsigned permit_slot(const struct lpm_node *n, unsigned bit)
{
	return count_bits(n->outer) + rank(n->inner, bit);
}

/* How many bits from here on @key has in common with what @n skips; whole strides. */
static unsigned in_common(const struct lpm_node *n, struct lpm_key key)
{
	uint64_t differ = (first64(key) ^ n->path) & lpm_first(lpm_skip(n));
	unsigned same = differ ? (unsigned)__builtin_clzll(differ) : lpm_skip(n);

	return (same < key.len ? same : key.len) / LPM_STRIDE * LPM_STRIDE;
}

/* ---- the way down ---- */

struct step {
	struct lpm_node *node;
	unsigned slot; /* which is gone on by */
};

struct trail {
	struct step at[LPM_DEPTH_MAX];
	unsigned depth;
};

/* Goes as far as there are nodes. Returns the last, and the key from there on. */
static struct lpm_node *descend(struct lpm_node *n, struct lpm_key *key, struct trail *t)
{
	t->depth = 0;
	while (n && in_common(n, *key) == lpm_skip(n) &&
	       key->len >= lpm_skip(n) + LPM_STRIDE) {
		const unsigned bit = outer_bit(key_after(*key, lpm_skip(n)));
		const unsigned slot = rank(n->outer, bit);

		if (!(n->outer >> bit & 1))
			break;
		t->at[t->depth++] = (struct step){n, slot};
		*key = key_after(*key, lpm_skip(n) + LPM_STRIDE);
		n = n->slot[slot].child;
	}
	return n;
}

/* Does the key end in the node, whether it is there or not? */
static bool ends_in(const struct lpm_node *n, struct lpm_key key)
{
	return in_common(n, key) == lpm_skip(n) && key.len < lpm_skip(n) + LPM_STRIDE;
}

_Atomic(struct dp_permit *) *lpm_node_find(struct lpm_node *n, struct lpm_key key)
{
	struct trail t;
	unsigned bit;

	n = descend(n, &key, &t);
	if (!n || !ends_in(n, key))
		return NULL;
	bit = inner_bit(key_after(key, lpm_skip(n)));
	return n->inner >> bit & 1 ? &n->slot[permit_slot(n, bit)].permit : NULL;
}

/* ---- new nodes ---- */

static struct lpm_node *make(struct lpm_change *c, uint64_t inner, uint64_t outer,
			     uint64_t path)
{
	const size_t n = count_bits(inner) + count_bits(outer);
	struct lpm_node *m;

	assert(c->news < ARRAY_SIZE(c->new));
	if (c->failed)
		return NULL;
	m = c->spare ? &spare[c->news].node : malloc(sizeof(*m) + n * sizeof(m->slot[0]));
	if (!m) {
		c->failed = true;
		return NULL;
	}
	*m = (struct lpm_node){.inner = inner, .outer = outer, .path = path};
	c->new[c->news++] = m;
	return m;
}

/* A copy of @n, in whose place it comes. The sets of bits may differ by one, which is
 * that of slot @at; its content is left to the caller if it is a new one. */
static struct lpm_node *edited(struct lpm_change *c, struct lpm_node *n, uint64_t inner,
			       uint64_t outer, uint64_t path, unsigned at)
{
	struct lpm_node *m = make(c, inner, outer, path);
	unsigned more, less;

	if (!m)
		return NULL;
	more = slots(m) > slots(n);
	less = slots(m) < slots(n);
	memcpy(m->slot, n->slot, at * sizeof(n->slot[0]));
	memcpy(m->slot + at + more, n->slot + at + less,
	       (slots(n) - at - less) * sizeof(n->slot[0]));
	c->old[c->olds++] = n;
	return m;
}

/* The new ones go, the old ones stay. */
static void abandon(struct lpm_change *c)
{
	for (unsigned i = 0; i < c->news; i++)
		free(c->new[i]);
	c->news = c->olds = 0;
}

/* Copies the way down, with @n at its end. */
static int finish(struct lpm_change *c, const struct trail *t, struct lpm_node *n,
		  unsigned depth)
{
	while (depth-- && !c->failed) {
		struct lpm_node *old = t->at[depth].node;
		struct lpm_node *m = edited(c, old, old->inner, old->outer, old->path, 0);

		if (m)
			m->slot[t->at[depth].slot].child = n;
		n = m;
	}
	if (c->failed) {
		abandon(c);
		return -ENOMEM;
	}
	c->top = n;
	return 0;
}

/* ---- adding ---- */

/* A tree of one prefix. What is too long to skip takes nodes on the way. */
static struct lpm_node *make_leaf(struct lpm_change *c, struct lpm_key key,
				  struct dp_permit *to)
{
	unsigned skip = key.len / LPM_STRIDE * LPM_STRIDE;
	struct lpm_node *n, *below;

	if (skip <= LPM_SKIP_MAX) {
		n = make(c, UINT64_C(1) << inner_bit(key_after(key, skip)), 0,
			 path_of(first64(key), skip));
		if (n)
			atomic_init(&n->slot[0].permit, to);
		return n;
	}
	skip = LPM_SKIP_MAX;
	below = make_leaf(c, key_after(key, skip + LPM_STRIDE), to);
	n = make(c, 0, UINT64_C(1) << outer_bit(key_after(key, skip)),
		 path_of(first64(key), skip));
	if (n)
		n->slot[0].child = below;
	return n;
}

/* A node where the key parts from what @n skips, or ends within. */
static struct lpm_node *make_fork(struct lpm_change *c, struct lpm_node *n,
				  struct lpm_key key, unsigned skip, struct dp_permit *to)
{
	const struct lpm_key there = {
		(unsigned __int128)(n->path & lpm_first(lpm_skip(n))) << 64, lpm_skip(n)};
	const struct lpm_key rest = key_after(key, skip);
	const unsigned passed = skip + LPM_STRIDE,
		       bit = outer_bit(key_after(there, skip));
	const bool ends = rest.len < LPM_STRIDE;
	const uint64_t inner = ends ? UINT64_C(1) << inner_bit(rest) : 0;
	uint64_t outer = UINT64_C(1) << bit;
	struct lpm_node *fork, *old, *beside;

	old = edited(c, n, n->inner, n->outer,
		     path_of(first64(key_after(there, passed)), there.len - passed), 0);
	if (ends) {
		fork = make(c, inner, outer, path_of(first64(key), skip));
		if (!fork)
			return NULL;
		fork->slot[0].child = old;
		atomic_init(&fork->slot[1].permit, to);
		return fork;
	}
	beside = make_leaf(c, key_after(key, passed), to);
	outer |= UINT64_C(1) << outer_bit(rest);
	fork = make(c, 0, outer, path_of(first64(key), skip));
	if (!fork)
		return NULL;
	fork->slot[outer_bit(rest) < bit].child = old;
	fork->slot[outer_bit(rest) > bit].child = beside;
	return fork;
}

static struct lpm_node *grown(struct lpm_change *c, struct lpm_node *n,
			      struct lpm_key key, struct dp_permit *to)
{
	unsigned skip, at;
	struct lpm_key rest;
	struct lpm_node *m, *leaf;

	if (!n)
		return make_leaf(c, key, to);
	skip = in_common(n, key);
	if (skip < lpm_skip(n))
		return make_fork(c, n, key, skip, to);
	rest = key_after(key, skip);
	if (rest.len < LPM_STRIDE) {
		at = permit_slot(n, inner_bit(rest));
		m = edited(c, n, n->inner | UINT64_C(1) << inner_bit(rest), n->outer,
			   n->path, at);
		if (m)
			atomic_init(&m->slot[at].permit, to);
		return m;
	}
	leaf = make_leaf(c, key_after(rest, LPM_STRIDE), to);
	at = rank(n->outer, outer_bit(rest));
	m = edited(c, n, n->inner, n->outer | UINT64_C(1) << outer_bit(rest), n->path,
		   at);
	if (m)
		m->slot[at].child = leaf;
	return m;
}

int lpm_node_add(struct lpm_node *n, struct lpm_key key, struct dp_permit *to,
		 struct lpm_change *c)
{
	struct trail t;

	*c = (struct lpm_change){0};
	n = descend(n, &key, &t);
	n = grown(c, n, key, to);
	return finish(c, &t, n, t.depth);
}

/* ---- deleting ---- */

/* @n is only a way to @child, which is reached by @bit: both in one node, or NULL if that
 * would skip too much. */
static struct lpm_node *joined(struct lpm_change *c, struct lpm_node *n,
			       struct lpm_node *child, unsigned bit)
{
	const unsigned passed = lpm_skip(n) + LPM_STRIDE, skip = passed + lpm_skip(child);
	uint64_t path;

	if (skip > LPM_SKIP_MAX)
		return NULL;
	path = (n->path & lpm_first(lpm_skip(n))) | (uint64_t)bit << (64 - passed) |
	       (child->path & lpm_first(lpm_skip(child))) >> passed;
	c->old[c->olds++] = n;
	return edited(c, child, child->inner, child->outer, path_of(path, skip), 0);
}

/* @n without slot @at, which has left one of the sets. NULL: nothing is left of it, or
 * @c->failed. */
static struct lpm_node *shrunk(struct lpm_change *c, struct lpm_node *n, uint64_t inner,
			       uint64_t outer, unsigned at)
{
	if (!inner && !outer) {
		c->old[c->olds++] = n;
		return NULL;
	}
	if (!inner && !(outer & (outer - 1))) {
		const unsigned bit = (unsigned)__builtin_ctzll(outer);
		struct lpm_node *m =
			joined(c, n, n->slot[rank(n->outer, bit)].child, bit);

		if (m || c->failed)
			return m;
	}
	return edited(c, n, inner, outer, n->path, at);
}

int lpm_node_del(struct lpm_node *n, struct lpm_key key, struct lpm_change *c)
{
	struct trail t;
	unsigned depth, bit;

	*c = (struct lpm_change){.spare = c->spare};
	n = descend(n, &key, &t);
	bit = inner_bit(key_after(key, lpm_skip(n)));
	depth = t.depth;
	n = shrunk(c, n, n->inner & ~(UINT64_C(1) << bit), n->outer, permit_slot(n, bit));
	while (!n && depth && !c->failed) {
		struct lpm_node *up = t.at[--depth].node;
		uint64_t outer = up->outer;

		for (unsigned i = t.at[depth].slot; i; i--)
			outer &= outer - 1;
		n = shrunk(c, up, up->inner, up->outer & ~(outer & -outer),
			   t.at[depth].slot);
	}
	return finish(c, &t, n, depth);
}

/* The deletion has made the lowest node first, each from an old one that was not smaller;
 * nodes that have no successor went before those that have. */
void lpm_node_move_home(struct lpm_change *c)
{
	struct lpm_node *below = NULL;

	assert(c->spare && c->olds >= c->news);
	for (unsigned i = 0; i < c->news; i++) {
		struct lpm_node *n = c->new[i], *home = c->old[c->olds - c->news + i];

		memcpy(home, n, sizeof(*n) + slots(n) * sizeof(n->slot[0]));
		for (unsigned j = 0; i && j < count_bits(n->outer); j++) {
			if (n->slot[j].child == c->new[i - 1])
				home->slot[j].child = below;
		}
		below = home;
	}
	c->olds -= c->news;
	c->top = below;
}

/* ---- all of it ---- */

bool lpm_node_each(const struct lpm_node *n, struct lpm_key at,
		   bool (*fn)(void *arg, struct lpm_key key, struct dp_permit *to),
		   void *arg)
{
	unsigned slot = 0;
	struct lpm_key key;

	if (!n)
		return true;
	at.bits |= (unsigned __int128)(n->path & lpm_first(lpm_skip(n))) << 64 >> at.len;
	at.len += lpm_skip(n);
	slot = count_bits(n->outer);
	for (uint64_t left = n->inner; left; left &= left - 1) {
		const unsigned bit = (unsigned)__builtin_ctzll(left);
		const unsigned len = 31 - (unsigned)__builtin_clz(bit + 1);
		const unsigned __int128 tail = bit + 1 - (1U << len);

		key = (struct lpm_key){at.bits, at.len + len};
		if (len)
			key.bits |= tail << (128 - key.len);
		if (!fn(arg, key,
			atomic_load_explicit(&n->slot[slot++].permit,
					     memory_order_relaxed)))
			return false;
	}
	slot = 0;
	for (uint64_t left = n->outer; left; left &= left - 1) {
		key.len = at.len + LPM_STRIDE;
		key.bits = at.bits | (unsigned __int128)__builtin_ctzll(left)
						     << (128 - LPM_STRIDE) >>
					     at.len;
		if (!lpm_node_each(n->slot[slot++].child, key, fn, arg))
			return false;
	}
	return true;
}

void lpm_node_drop(struct lpm_node *n, void (*fn)(void *arg, struct lpm_node *n),
		   void *arg)
{
	if (!n)
		return;
	for (unsigned i = 0; i < count_bits(n->outer); i++)
		lpm_node_drop(n->slot[i].child, fn, arg);
	fn(arg, n);
}
