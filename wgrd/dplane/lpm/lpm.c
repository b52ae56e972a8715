/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A direct-indexed top over trees of bitmap nodes, per family.
 *
 * A tree bitmap (Eatherton, Varghese, Dittia: "Tree Bitmap: Hardware/Software IP Lookups
 * with Incremental Updates", 2004) walks six bits a step. A node tells in two words which
 * prefixes end in it and which nodes follow, so one cache line decides, and a second at
 * most has the pointer. We let a node skip bits that all below it have in common (as in a
 * radix tree), and put an array before the trees (as DIR-24-8 and Poptrie do), which grows
 * and shrinks with the table: 2, 128, 8 192 or 524 288 slots, two for each prefix when it
 * grows. So that nodes end where prefixes do: the Internet's table has trees from
 * bit 19, where one node holds a /19 and what is in it down to the /24s. Most lookups then
 * miss three times: slot, node, permit.
 *
 *	top    [ | | | | | | | | | | | ]      by the first 1, 7, 13 or 19 bits
 *	          |   |   |        |
 *	          |  (c)  |       (c) self of a cover: no tree, one short prefix
 *	          v       v
 *	         node    node --cover--> (c)  the longest prefix that ends above the tree
 *	        /    \
 *	     node    (skips) node            children, then permits, in one array of slots
 *
 * What readers may rely on: a lookup is of the table as it was at one instant between its
 * beginning and its end. (Only that a permit which is set again may be read a little
 * later.) So an address with an owner at all times has one in every lookup, whichever
 * prefixes hand it on: a shorter one that comes before a longer one goes, or the reverse.
 *
 *  - A change copies the nodes from the first of the tree down to where it is, and puts
 *    the new first one into the slot: one store. A reader in the old ones sees all of the
 *    tree as it was. A tree is rarely more than one or two nodes deep below the top.
 *  - A cover is changed in place. Either the first node that the reader holds is still in
 *    its slot when it reads the cover, then tree and cover are of this instant; or it has
 *    been replaced, then its cover stays what it was when that happened.
 *  - A top of another size is built beside the old one, from new nodes, and put in its
 *    place with one store.
 *
 * A prefix shorter than the top's index takes a store for each slot that it covers: a
 * default route, 524 288 in a table of this size. It is the price for a lookup that does
 * not search the short ones, and is paid when one comes or goes, not when it is set again.
 */

#include "wgrd/dplane/lpm/lpm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/dplane/lpm/lpm_internal.h"

enum {
	TOP_BITS_MIN = 1, /* then 7, 13, 19 */
	TOP_BITS_MAX = 19,
};

/* ---- keys ---- */

static struct lpm_family *family_of(struct lpm *t, const struct prefix *p)
{
	return &t->family[p->addr.family == AF_INET6];
}

static struct lpm_key key_of(const struct prefix *p)
{
	struct lpm_key k = {.len = p->len};

	for (unsigned i = 0; i < ip_family_len(p->addr.family); i++)
		k.bits |= (unsigned __int128)p->addr.bytes[i] << (120 - 8 * i);
	return k;
}

static size_t slot_of(const struct lpm_top *top, struct lpm_key key)
{
	return (size_t)(key.bits >> (128 - top->bits));
}

static struct lpm_key key_below(const struct lpm_top *top, struct lpm_key key)
{
	return (struct lpm_key){key.bits << top->bits, key.len - top->bits};
}

/* ---- the writer reads what it has written itself ---- */

static struct lpm_top *top_of(const struct lpm_family *f)
{
	return atomic_load_explicit(&f->top, memory_order_relaxed);
}

static struct lpm_node *first_node(const struct lpm_top *top, size_t i)
{
	return atomic_load_explicit(&top->slot[i], memory_order_relaxed);
}

static struct lpm_cover *cover_of(const struct lpm_node *n)
{
	return n ? atomic_load_explicit(&n->cover, memory_order_relaxed) : NULL;
}

/* The first node of the tree proper. */
static struct lpm_node *tree_of(struct lpm_node *n)
{
	return n && (n->inner || n->outer) ? n : NULL;
}

/* ---- what readers see: all stores release, to the acquires in lpm_lookup.c ---- */

/* @tree may be NULL. */
static void put(_Atomic(struct lpm_node *) *slot, struct lpm_node *tree,
		struct lpm_cover *cover)
{
	struct lpm_node *n = tree ? tree : cover ? &cover->self : NULL;

	if (tree)
		atomic_store_explicit(&tree->cover, cover, memory_order_relaxed);
	atomic_store_explicit(slot, n, memory_order_release);
}

static void put_cover(_Atomic(struct lpm_node *) *slot, struct lpm_cover *cover)
{
	struct lpm_node *n = tree_of(atomic_load_explicit(slot, memory_order_relaxed));

	if (n)
		atomic_store_explicit(&n->cover, cover, memory_order_release);
	else
		put(slot, NULL, cover);
}

/* Of all tables, so that small ones do not hold back their garbage. The writer's. */
static struct dp_rcu_bin bin;

static void retire(struct lpm_family *f, void *p)
{
	if (f->unseen)
		free(p);
	else
		dp_rcu_bin_add(&bin, p);
}

static void retire_old(struct lpm_family *f, const struct lpm_change *c)
{
	for (unsigned i = 0; i < c->olds; i++)
		retire(f, c->old[i]);
}

/* ---- prefixes in trees ---- */

static int add(struct lpm_family *f, struct lpm_key key, struct dp_permit *to)
{
	struct lpm_top *top = top_of(f);
	const size_t i = slot_of(top, key);
	struct lpm_node *n = first_node(top, i);
	struct lpm_change c;
	int err = lpm_node_add(tree_of(n), key_below(top, key), to, &c);

	if (err)
		return err;
	put(&top->slot[i], c.top, cover_of(n));
	retire_old(f, &c);
	return 0;
}

/* A deletion makes nodes too, and must not fail: with no memory left it goes by way of the
 * spare nodes, and waits for the readers twice. */
static void del_without_memory(_Atomic(struct lpm_node *) *slot, struct lpm_key key)
{
	struct lpm_change c = {.spare = true};
	struct lpm_node *n = atomic_load_explicit(slot, memory_order_relaxed);
	struct lpm_cover *cover = cover_of(n);

	(void)!lpm_node_del(n, key, &c);
	put(slot, c.top, cover);
	dp_rcu_wait();
	lpm_node_move_home(&c);
	put(slot, c.top, cover);
	for (unsigned i = 0; i < c.olds; i++)
		free(c.old[i]);
	dp_rcu_wait();
}

static void del(struct lpm_family *f, struct lpm_key key)
{
	struct lpm_top *top = top_of(f);
	const size_t i = slot_of(top, key);
	struct lpm_node *n = first_node(top, i);
	struct lpm_change c = {0};

	if (lpm_node_del(n, key_below(top, key), &c)) {
		del_without_memory(&top->slot[i], key_below(top, key));
		return;
	}
	put(&top->slot[i], c.top, cover_of(n));
	retire_old(f, &c);
}

/* ---- prefixes above them ---- */

struct range {
	size_t first, end;
};

static struct range range_of(const struct lpm_top *top, struct lpm_key key)
{
	const size_t first = slot_of(top, key);

	return (struct range){first, first + ((size_t)1 << (top->bits - key.len))};
}

/* From @c upwards, the first that is not longer than @len. */
static struct lpm_cover *up_to(struct lpm_cover *c, unsigned len)
{
	while (c && c->key.len > len)
		c = c->up;
	return c;
}

/* If @c is longer than @len: of those around it, the shortest that still is. */
static struct lpm_cover *outermost(struct lpm_cover *c, unsigned len)
{
	while (c->up && c->up->key.len > len)
		c = c->up;
	return c;
}

static struct lpm_cover *find_cover(const struct lpm_top *top, struct lpm_key key)
{
	struct lpm_cover *c =
		up_to(cover_of(first_node(top, slot_of(top, key))), key.len);

	return c && c->key.len == key.len ? c : NULL;
}

static int add_cover(struct lpm_family *f, struct lpm_key key, struct dp_permit *to)
{
	struct lpm_top *top = top_of(f);
	const struct range r = range_of(top, key);
	struct lpm_cover *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->key = key;
	c->up = up_to(cover_of(first_node(top, r.first)), key.len);
	atomic_init(&c->permit, to);
	c->self.path = 63;
	atomic_init(&c->self.cover, c);
	c->next = f->covers;
	c->pprev = &f->covers;
	if (c->next)
		c->next->pprev = &c->next;
	f->covers = c;
	for (size_t i = r.first; i < r.end; i++) {
		struct lpm_cover *there = cover_of(first_node(top, i));

		if (there && there->key.len > key.len)
			outermost(there, key.len)->up = c;
		else
			put_cover(&top->slot[i], c);
	}
	return 0;
}

static void del_cover(struct lpm_family *f, struct lpm_cover *c)
{
	struct lpm_top *top = top_of(f);
	const struct range r = range_of(top, c->key);

	for (size_t i = r.first; i < r.end; i++) {
		struct lpm_cover *there = cover_of(first_node(top, i));

		if (there == c)
			put_cover(&top->slot[i], c->up);
		else if ((there = outermost(there, c->key.len))->up == c)
			there->up = c->up;
	}
	*c->pprev = c->next;
	if (c->next)
		c->next->pprev = c->pprev;
	retire(f, c);
}

/* ---- the top ---- */

static struct lpm_top *new_top(unsigned bits)
{
	struct lpm_top *top = calloc(1, sizeof(*top) + (sizeof(top->slot[0]) << bits));

	if (top)
		top->bits = bits;
	return top;
}

/* @key is not there yet. */
static int set_new(struct lpm_family *f, struct lpm_key key, struct dp_permit *to)
{
	return key.len < top_of(f)->bits ? add_cover(f, key, to) : add(f, key, to);
}

static bool copy_prefix(void *family, struct lpm_key key, struct dp_permit *to)
{
	return set_new(family, key, to) == 0;
}

static bool copy_all(struct lpm_family *to, const struct lpm_family *from)
{
	const struct lpm_top *top = top_of(from);
	bool ok = true;

	for (size_t i = 0; ok && i < (size_t)1 << top->bits; i++) {
		const struct lpm_key at = {(unsigned __int128)i << (128 - top->bits),
					   top->bits};

		ok = lpm_node_each(tree_of(first_node(top, i)), at, copy_prefix, to);
	}
	for (const struct lpm_cover *c = from->covers; ok && c; c = c->next)
		ok = copy_prefix(to, c->key,
				 atomic_load_explicit(&c->permit, memory_order_relaxed));
	return ok;
}

static void retire_node(void *family, struct lpm_node *n)
{
	retire(family, n);
}

static void retire_all(struct lpm_family *f)
{
	struct lpm_top *top = top_of(f);
	struct lpm_cover *c, *next;

	for (size_t i = 0; i < (size_t)1 << top->bits; i++)
		lpm_node_drop(tree_of(first_node(top, i)), retire_node, f);
	for (c = f->covers; c; c = next) {
		next = c->next;
		retire(f, c);
	}
	retire(f, top);
}

static int refit(struct lpm_family *f, unsigned bits)
{
	struct lpm_family new = {.unseen = true}, old = *f;
	struct lpm_top *top = new_top(bits);

	if (!top)
		return -ENOMEM;
	atomic_init(&new.top, top);
	if (!copy_all(&new, f)) {
		retire_all(&new);
		return -ENOMEM;
	}
	f->covers = new.covers;
	if (f->covers)
		f->covers->pprev = &f->covers;
	atomic_store_explicit(&f->top, top, memory_order_release);
	retire_all(&old);
	dp_rcu_bin_flush(&bin);
	return 0;
}

/* It grows to two slots for each prefix at most, and shrinks when there are more than four. */
static void fit(struct lpm_family *f)
{
	const unsigned bits = top_of(f)->bits;
	unsigned want;

	if (f->patience) {
		f->patience--;
		return;
	}
	if (bits < TOP_BITS_MAX && f->count >= (size_t)1 << (bits + LPM_STRIDE - 1))
		want = bits + LPM_STRIDE;
	else if (bits > TOP_BITS_MIN && f->count < (size_t)1 << (bits - 2))
		want = bits - LPM_STRIDE;
	else
		return;
	if (refit(f, want))
		f->patience = f->count / 8 + 1;
}

/* ---- the table ---- */

struct lpm *lpm_new(void)
{
	struct lpm *t = calloc(1, sizeof(*t));
	struct lpm_top *top[2] = {new_top(TOP_BITS_MIN), new_top(TOP_BITS_MIN)};

	if (!t || !top[0] || !top[1]) {
		free(t);
		free(top[0]);
		free(top[1]);
		return NULL;
	}
	for (unsigned i = 0; i < 2; i++)
		atomic_init(&t->family[i].top, top[i]);
	return t;
}

void lpm_free(struct lpm *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < 2; i++) {
		t->family[i].unseen = true;
		retire_all(&t->family[i]);
	}
	dp_rcu_bin_flush(&bin);
	free(t);
}

/* Where the permit of exactly this prefix is, or NULL. */
static _Atomic(struct dp_permit *) *find(struct lpm_family *f, struct lpm_key key)
{
	struct lpm_top *top = top_of(f);
	struct lpm_cover *c;

	if (key.len >= top->bits)
		return lpm_node_find(tree_of(first_node(top, slot_of(top, key))),
				     key_below(top, key));
	c = find_cover(top, key);
	return c ? &c->permit : NULL;
}

struct dp_permit *lpm_get(const struct lpm *t, const struct prefix *p)
{
	_Atomic(struct dp_permit *) *permit =
		find(family_of((struct lpm *)t, p), key_of(p));

	return permit ? atomic_load_explicit(permit, memory_order_relaxed) : NULL;
}

int lpm_set(struct lpm *t, const struct prefix *p, struct dp_permit *to)
{
	struct lpm_family *f = family_of(t, p);
	const struct lpm_key key = key_of(p);
	_Atomic(struct dp_permit *) *permit = find(f, key);
	int err;

	if (permit) {
		atomic_store_explicit(permit, to, memory_order_release);
		return 0;
	}
	err = set_new(f, key, to);
	if (err)
		return err;
	f->count++;
	fit(f);
	return 0;
}

int lpm_del(struct lpm *t, const struct prefix *p)
{
	struct lpm_family *f = family_of(t, p);
	const struct lpm_key key = key_of(p);

	if (!find(f, key))
		return -ENOENT;
	if (key.len >= top_of(f)->bits)
		del(f, key);
	else
		del_cover(f, find_cover(top_of(f), key));
	f->count--;
	fit(f);
	return 0;
}

size_t lpm_count(const struct lpm *t)
{
	return t->family[0].count + t->family[1].count;
}
