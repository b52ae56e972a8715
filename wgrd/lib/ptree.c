/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/lib/ptree.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

/*
 * Every node's prefix contains those of its children, and the bit after its length says
 * which child. Chains of single children are left out, so a branching point that is
 *nobody's entry is needed only where two subtrees part; there are fewer of these
 *"internal" nodes than entries:
 *
 *	            10.0.0.0/8
 *	           /          \
 *	  (10.0.0.0/14)     10.128.0.0/9
 *	   /         \
 *	10.1.0.0/16  10.2.0.0/16
 */

static unsigned bit_at(const struct prefix *p, unsigned i)
{
	return p->addr.bytes[i / 8] >> (7 - i % 8) & 1;
}

static uint64_t load_be64(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return be64toh(word);
}

/* How many leading bits two prefixes share, at most the length of the shorter. */
static unsigned common_len(const struct prefix *a, const struct prefix *b)
{
	unsigned max = a->len < b->len ? a->len : b->len, common;
	uint64_t diff;

	if (a->addr.family == AF_INET) {
		uint32_t diff32 = be32toh(a->addr.v4.s_addr ^ b->addr.v4.s_addr);

		common = diff32 ? (unsigned)__builtin_clz(diff32) : 32;
	} else if ((diff = load_be64(a->addr.bytes) ^ load_be64(b->addr.bytes))) {
		common = (unsigned)__builtin_clzll(diff);
	} else {
		diff = load_be64(a->addr.bytes + 8) ^ load_be64(b->addr.bytes + 8);
		common = 64 + (diff ? (unsigned)__builtin_clzll(diff) : 64);
	}
	return common < max ? common : max;
}

static void set_child(struct ptree_node *parent, unsigned side, struct ptree_node *child)
{
	parent->child[side] = child;
	if (child)
		child->parent = parent;
}

/* Where @n hangs. */
static struct ptree_node **link_of(struct ptree *t, const struct ptree_node *n)
{
	if (!n->parent)
		return &t->root;
	return &n->parent->child[n->parent->child[1] == n];
}

/* Puts @by, with nothing below it yet, where @n was, and @n's children below it. */
static void replace(struct ptree *t, struct ptree_node *n, struct ptree_node *by)
{
	*link_of(t, n) = by;
	by->parent = n->parent;
	set_child(by, 0, n->child[0]);
	set_child(by, 1, n->child[1]);
}

static struct ptree_node *new_internal(const struct prefix *below, unsigned len)
{
	struct ptree_node *n = xcalloc(1, sizeof(*n));

	n->prefix = *below;
	n->prefix.len = (uint8_t)len;
	prefix_mask(&n->prefix);
	n->internal = true;
	return n;
}

struct ptree_node *ptree_insert(struct ptree *t, struct ptree_node *n)
{
	struct ptree_node **link = &t->root, *parent = NULL, *cur, *fork;
	unsigned common = 0;

	n->child[0] = n->child[1] = NULL;
	n->internal = false;
	while ((cur = *link)) {
		assert(cur->prefix.addr.family == n->prefix.addr.family);
		common = common_len(&cur->prefix, &n->prefix);
		if (common < cur->prefix.len || cur->prefix.len == n->prefix.len)
			break;
		parent = cur;
		link = &cur->child[bit_at(&n->prefix, common)];
	}
	if (cur && common == cur->prefix.len) { /* the same prefix */
		if (!cur->internal)
			return cur;
		replace(t, cur, n);
		free(cur);
	} else if (!cur || common == n->prefix.len) { /* a leaf, or just above cur */
		*link = n;
		n->parent = parent;
		if (cur)
			set_child(n, bit_at(&cur->prefix, common), cur);
	} else { /* they part in the middle of cur's edge */
		fork = new_internal(&n->prefix, common);
		*link = fork;
		fork->parent = parent;
		set_child(fork, bit_at(&cur->prefix, common), cur);
		set_child(fork, bit_at(&n->prefix, common), n);
	}
	t->count++;
	return NULL;
}

/* Takes out a node with at most one child. */
static void splice(struct ptree *t, struct ptree_node *n)
{
	struct ptree_node *only = n->child[0] ?: n->child[1];

	*link_of(t, n) = only;
	if (only)
		only->parent = n->parent;
}

void ptree_remove(struct ptree *t, struct ptree_node *n)
{
	struct ptree_node *parent = n->parent;

	assert(!n->internal && t->count);
	if (n->child[0] && n->child[1]) {
		replace(t, n, new_internal(&n->prefix, n->prefix.len));
	} else {
		splice(t, n);
		/* a branching point that no longer branches */
		if (parent && parent->internal &&
		    !(parent->child[0] && parent->child[1])) {
			splice(t, parent);
			free(parent);
		}
	}
	n->parent = n->child[0] = n->child[1] = NULL;
	t->count--;
}

/* Goes down towards @p as far as nodes contain it; *@above is the last entry on the way.
 */
static struct ptree_node *descend(const struct ptree *t, const struct prefix *p,
				  struct ptree_node **above)
{
	struct ptree_node *n = t->root;

	*above = NULL;
	while (n && n->prefix.len <= p->len && prefix_contains(&n->prefix, p)) {
		if (!n->internal)
			*above = n;
		if (n->prefix.len == p->len)
			break;
		n = n->child[bit_at(p, n->prefix.len)];
	}
	return n;
}

struct ptree_node *ptree_match(const struct ptree *t, const struct prefix *p)
{
	struct ptree_node *best;

	descend(t, p, &best);
	return best;
}

struct ptree_node *ptree_find(const struct ptree *t, const struct prefix *p)
{
	struct ptree_node *best = ptree_match(t, p);

	return best && best->prefix.len == p->len ? best : NULL;
}

struct ptree_node *ptree_covering(const struct ptree_node *n)
{
	struct ptree_node *up = n->parent;

	while (up && up->internal)
		up = up->parent;
	return up;
}

/* The node after @n in preorder, entry or not. */
static struct ptree_node *step(const struct ptree_node *n)
{
	if (n->child[0] || n->child[1])
		return n->child[0] ?: n->child[1];
	for (; n->parent; n = n->parent)
		if (n->parent->child[0] == n && n->parent->child[1])
			return n->parent->child[1];
	return NULL;
}

/* The first entry at or after @n that is in @under; those are next to each other. */
static struct ptree_node *entry_from(struct ptree_node *n, const struct prefix *under)
{
	while (n && n->internal)
		n = step(n);
	return n && (!under || prefix_contains(under, &n->prefix)) ? n : NULL;
}

struct ptree_node *ptree_first(const struct ptree *t, const struct prefix *under)
{
	struct ptree_node *above;

	return entry_from(under ? descend(t, under, &above) : t->root, under);
}

struct ptree_node *ptree_next(const struct ptree_node *n, const struct prefix *under)
{
	return entry_from(step(n), under);
}
