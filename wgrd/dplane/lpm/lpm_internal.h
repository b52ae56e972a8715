/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_LPM_LPM_INTERNAL_H
#define WGRD_DPLANE_LPM_LPM_INTERNAL_H

/*
 * What a table of prefixes is made of, for the three files that know: lpm.c (the table and
 * its writer), lpm_node.c (changes to one tree) and lpm_lookup.c (the readers). The idea
 * and a drawing are at the top of lpm.c.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/dplane/sync/rcu.h"
#include "wgrd/lib/util.h"

struct dp_permit;

enum {
	LPM_STRIDE = 6,    /* bits of an address that a node looks at */
	LPM_SKIP_MAX = 54, /* bits it may skip before: nine strides */
	LPM_DEPTH_MAX = 128 / LPM_STRIDE + 1, /* nodes on a way down */
};

union lpm_slot {
	struct lpm_node *child;
	_Atomic(struct dp_permit *) permit;
};

/*
 * Published: only permits, and the cover of a tree's first node, change afterwards.
 *
 * @inner has a bit for each prefix that ends here, with 0 to 5 bits after those skipped:
 * bit 0 is the empty one, bits 1 and 2 have one, bits 3 to 6 two, and so on; so a longer
 * prefix has the higher bit. @outer has a bit for each child, by the six bits that lead to
 * it. The slots are the children, then the permits, each in the order of their bits: a slot
 * is found by counting the bits below its own.
 */
struct lpm_node {
	uint64_t inner, outer;
	uint64_t
		path; /* the bits skipped, from the highest on; lowest byte: their number */
	_Atomic(struct lpm_cover *) cover; /* of a first node */
	union lpm_slot slot[];
};

/* Bits from the highest on; those after the first @len are zero. */
struct lpm_key {
	unsigned __int128 bits;
	unsigned len;
};

/*
 * A prefix that ends above the trees. It is the cover of each first node below it that has
 * no longer one. Where there is no tree, self is in its place: a first node without slots
 * whose cover is the object that it is part of.
 */
struct lpm_cover {
	struct lpm_key key;
	struct lpm_cover *up; /* the next shorter one around it */
	struct lpm_cover *next, **pprev;
	_Atomic(struct dp_permit *) permit; /* readers see this and self only */
	struct lpm_node self;
};

/* Published; the slots change. There are 2^@bits, each with the first node of a tree, a
 * cover's self, or NULL. */
struct lpm_top {
	unsigned bits;
	_Atomic(struct lpm_node *) slot[];
};

struct lpm_family {
	_Atomic(struct lpm_top *) top;
	struct lpm_cover *covers;
	size_t count;
	size_t patience; /* changes until the top is fitted again after ENOMEM */
	bool unseen;     /* by any reader */
};

struct lpm {
	struct lpm_family family[2]; /* IPv4, IPv6 */
};

/* The number of bits skipped before @n. */
static inline unsigned lpm_skip(const struct lpm_node *n)
{
	return (unsigned)(~n->path & 63);
}

/* A mask of the first @n bits; @n is less than 64. */
static inline uint64_t lpm_first(unsigned n)
{
	return ~(~UINT64_C(0) >> n);
}

/* ---- lpm_node.c: one tree. The writer only; keys count from the tree on. ---- */

/*
 * A tree is changed by making those nodes new that lead to the change, without touching
 * the old ones. The caller publishes @top, the new first node, and then retires the old.
 */
struct lpm_change {
	struct lpm_node *top; /* NULL: nothing is left */
	struct lpm_node *old[LPM_DEPTH_MAX + 4], *new[LPM_DEPTH_MAX + 4];
	unsigned olds, news;
	bool spare;  /* new ones are not allocated but of a store that is always there */
	bool failed; /* no memory */
};

/* Where the permit of exactly this prefix is, or NULL. @n may be NULL. */
_Atomic(struct dp_permit *) *lpm_node_find(struct lpm_node *n, struct lpm_key key);
/* A prefix that is not there. @n may be NULL. 0 or -ENOMEM, then there is nothing new. */
int lpm_node_add(struct lpm_node *n, struct lpm_key key, struct dp_permit *to,
		 struct lpm_change *c) MUST_USE;
/* One that is there. @c->spare is the caller's: with it, it cannot fail. */
int lpm_node_del(struct lpm_node *n, struct lpm_key key, struct lpm_change *c) MUST_USE;
/*
 * After a deletion into the spare nodes, when no reader sees the old ones any more: puts
 * the new ones into the memory of old ones, which leave @c->old, and @c->top with them.
 * The spare nodes are free again once no reader sees those.
 */
void lpm_node_move_home(struct lpm_change *c);

/* All prefixes of a tree, shorter before longer, or all nodes, the lowest first. @n may be
 * NULL. The first to say no ends the walk. */
bool lpm_node_each(const struct lpm_node *n, struct lpm_key at,
		   bool (*fn)(void *arg, struct lpm_key key, struct dp_permit *to),
		   void *arg);
void lpm_node_drop(struct lpm_node *n, void (*fn)(void *arg, struct lpm_node *n),
		   void *arg);

#endif
