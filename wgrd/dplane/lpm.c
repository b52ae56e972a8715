/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A path-compressed binary trie per family. A node stands for a prefix; its children are
 * longer prefixes inside it, told apart by the first bit after it. A node without a group
 * is there only because two children part there.
 *
 *	10.0.0.0/8 [g1]
 *	   |1                            0: the next bit is 0, 1: it is 1
 *	10.128.0.0/14 [-]
 *	   |0            |1
 *	10.128.0.0/16    10.130.0.0/15
 *	   [g2]             [g1]
 *
 * Every change becomes visible to readers by one store: of a group into a node, or of a
 * node into its parent (or the root). Prefix and length of a node never change. A node
 * that is taken out keeps its children pointers, so a reader that stands on it goes on to
 * where it would have gone; its memory goes after a grace period.
 */

#include "wgrd/dplane/lpm.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/dplane/rcu.h"

struct node {
	_Atomic(struct node *) child[2];
	_Atomic(struct dp_group *) group;
	uint8_t len;
	uint8_t key[]; /* 4 or 16 bytes, host bits zero */
};

struct lpm {
	_Atomic(struct node *) root[2]; /* IPv4, IPv6 */
	size_t count;
	struct dp_rcu_bin bin;
};

/* Releases what the pointer leads to, to the acquire in next_node(). */
static void publish(_Atomic(struct node *) *link, struct node *n)
{
	atomic_store_explicit(link, n, memory_order_release);
}

static struct node *next_node(const _Atomic(struct node *) *link)
{
	return atomic_load_explicit(link, memory_order_acquire);
}

/* The writer reads what it has written itself. */
static struct node *own(const _Atomic(struct node *) *link)
{
	return atomic_load_explicit(link, memory_order_relaxed);
}

static struct dp_group *own_group(const struct node *n)
{
	return atomic_load_explicit(&n->group, memory_order_relaxed);
}

static unsigned bit_at(const uint8_t *key, unsigned i)
{
	return key[i / 8] >> (7 - i % 8) & 1;
}

/* Are the first @len bits the same? */
static bool covers(const uint8_t *key, unsigned len, const uint8_t *addr)
{
	unsigned bytes = len / 8, rest = len % 8;

	return !memcmp(key, addr, bytes) &&
	       (!rest || !((key[bytes] ^ addr[bytes]) >> (8 - rest)));
}

static unsigned common_bits(const uint8_t *a, const uint8_t *b, unsigned max)
{
	unsigned i = 0;

	while (i < max && a[i / 8] == b[i / 8])
		i += 8;
	if (i < max)
		i += (unsigned)__builtin_clz((unsigned)(a[i / 8] ^ b[i / 8]) << 24);
	return i < max ? i : max;
}

static struct dp_group *lookup(const _Atomic(struct node *) *link, const uint8_t *addr,
			       unsigned addr_bits)
{
	struct dp_group *best = NULL;
	const struct node *n;

	while ((n = next_node(link)) && covers(n->key, n->len, addr)) {
		/* acquires the group from lpm_set() */
		struct dp_group *g =
			atomic_load_explicit(&n->group, memory_order_acquire);

		if (g)
			best = g;
		if (n->len == addr_bits)
			break;
		link = &n->child[bit_at(addr, n->len)];
	}
	return best;
}

struct dp_group *lpm_lookup4(const struct lpm *t, const void *addr)
{
	return lookup(&t->root[0], addr, 32);
}

struct dp_group *lpm_lookup6(const struct lpm *t, const void *addr)
{
	return lookup(&t->root[1], addr, 128);
}

struct lpm *lpm_new(void)
{
	return calloc(1, sizeof(struct lpm));
}

/* Without recursion, which a table could make 128 deep: a left child is turned into the
 * parent until there is none. */
static void free_nodes(struct node *n)
{
	while (n) {
		struct node *left = own(&n->child[0]);

		if (left) {
			publish(&n->child[0], own(&left->child[1]));
			publish(&left->child[1], n);
			n = left;
		} else {
			struct node *right = own(&n->child[1]);

			free(n);
			n = right;
		}
	}
}

void lpm_free(struct lpm *t)
{
	if (!t)
		return;
	free_nodes(own(&t->root[0]));
	free_nodes(own(&t->root[1]));
	dp_rcu_bin_flush(&t->bin);
	free(t);
}

/* Where a walk towards @p ends: the link to the node that is @p, that lies below it, that
 * parts from it, or to nothing. @parent: the link to the node before, or NULL. */
static _Atomic(struct node *) *descend(struct lpm *t, const struct prefix *p,
				       _Atomic(struct node *) **parent)
{
	_Atomic(struct node *) *link = &t->root[p->addr.family == AF_INET6];
	struct node *n;

	*parent = NULL;
	while ((n = own(link)) && n->len < p->len &&
	       covers(n->key, n->len, p->addr.bytes)) {
		*parent = link;
		link = &n->child[bit_at(p->addr.bytes, n->len)];
	}
	return link;
}

static bool is_prefix(const struct node *n, const struct prefix *p)
{
	return n && n->len == p->len && covers(n->key, n->len, p->addr.bytes);
}

struct dp_group *lpm_get(const struct lpm *t, const struct prefix *p)
{
	_Atomic(struct node *) *parent;
	const struct node *n = own(descend((struct lpm *)t, p, &parent));

	return is_prefix(n, p) ? own_group(n) : NULL;
}

static struct node *new_node(const struct prefix *p, unsigned len, struct dp_group *g)
{
	const size_t key_len = ip_family_len(p->addr.family);
	struct node *n = calloc(1, sizeof(*n) + key_len);

	if (!n)
		return NULL;
	n->len = (uint8_t)len;
	memcpy(n->key, p->addr.bytes, len / 8);
	if (len % 8)
		n->key[len / 8] = p->addr.bytes[len / 8] & (0xff00 >> len % 8);
	atomic_init(&n->group, g);
	return n;
}

/* @below begins with @p, or is nothing. */
static int insert_above(_Atomic(struct node *) *link, const struct prefix *p,
			struct dp_group *g, struct node *below)
{
	struct node *n = new_node(p, p->len, g);

	if (!n)
		return -ENOMEM;
	if (below)
		atomic_init(&n->child[bit_at(below->key, n->len)], below);
	publish(link, n);
	return 0;
}

/* @other parts from @p after @common bits. */
static int insert_beside(_Atomic(struct node *) *link, const struct prefix *p,
			 struct dp_group *g, struct node *other, unsigned common)
{
	struct node *n = new_node(p, p->len, g), *fork = new_node(p, common, NULL);

	if (!n || !fork) {
		free(n);
		free(fork);
		return -ENOMEM;
	}
	atomic_init(&fork->child[bit_at(n->key, common)], n);
	atomic_init(&fork->child[bit_at(other->key, common)], other);
	publish(link, fork);
	return 0;
}

int lpm_set(struct lpm *t, const struct prefix *p, struct dp_group *g)
{
	_Atomic(struct node *) *parent, *link = descend(t, p, &parent);
	struct node *n = own(link);
	unsigned common;
	int err;

	if (is_prefix(n, p)) {
		t->count += !own_group(n);
		/* releases the group to lookup() */
		atomic_store_explicit(&n->group, g, memory_order_release);
		return 0;
	}
	common = n ? common_bits(n->key, p->addr.bytes, p->len) : p->len;
	err = common == p->len ? insert_above(link, p, g, n)
			       : insert_beside(link, p, g, n, common);
	if (!err)
		t->count++;
	return err;
}

/* A node without a group and with less than two children is not needed. */
static bool take_out(struct lpm *t, _Atomic(struct node *) *link)
{
	struct node *n = own(link), *left = own(&n->child[0]), *right = own(&n->child[1]);

	if (own_group(n) || (left && right))
		return false;
	publish(link, left ? left : right);
	dp_rcu_bin_add(&t->bin, n);
	return true;
}

int lpm_del(struct lpm *t, const struct prefix *p)
{
	_Atomic(struct node *) *parent, *link = descend(t, p, &parent);
	struct node *n = own(link);

	if (!is_prefix(n, p) || !own_group(n))
		return -ENOENT;
	atomic_store_explicit(&n->group, NULL, memory_order_relaxed);
	t->count--;
	if (take_out(t, link) && parent)
		take_out(t, parent);
	return 0;
}

size_t lpm_count(const struct lpm *t)
{
	return t->count;
}
