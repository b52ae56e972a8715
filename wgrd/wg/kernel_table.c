/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The kernel's one table, AllowedIPs, made from our two. An entry is a prefix that has an owner in
 * the kernel, or should have one. Who that is follows from its groups: of the egress group, or of
 * the ingress group where there is no other, the member that is usable, of the lowest rank, and
 * has the largest weight.
 *
 * A prefix moves by being given to its new owner: the kernel takes it from the old one in the
 * same step. It goes by itself where the kernel can do that (Linux 6.16), else by being given to
 * a peer made for the purpose, which is then removed with all it has: taking it from its owner
 * in the ordinary way would mean to write anew all that the owner keeps, with none of it there in
 * between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "wgrd/wg/kernel_internal.h"

struct kernel_entry *kernel_entry_find(struct kernel_device *d, const struct prefix *p)
{
	return pmap_find_object(&d->entries, p);
}

struct kernel_entry *kernel_entry_obtain(struct kernel_device *d, const struct prefix *p)
{
	struct kernel_entry *e = pmap_obtain_object(&d->entries, p, sizeof(*e));

	if (e && !e->dirty.next) { /* a new one */
		e->prefix = *p;
		CDS_INIT_LIST_HEAD(&e->dirty);
		CDS_INIT_LIST_HEAD(&e->own);
	}
	return e;
}

void kernel_entry_own(struct kernel_entry *e, struct kernel_peer *p)
{
	cds_list_del_init(&e->own);
	e->owner = p;
	if (p)
		cds_list_add_tail(&e->own, &p->owned);
}

/* ---- who should own it ---- */

static bool is_usable(const struct kernel_peer *p)
{
	return !p->state.expired;
}

static bool is_better(const struct wg_backend_nexthop *a,
		      const struct wg_backend_nexthop *b)
{
	if (is_usable(a->peer) != is_usable(b->peer))
		return is_usable(a->peer);
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return a->weight > b->weight;
}

static struct kernel_peer *choose(const struct kernel_group *g)
{
	const struct wg_backend_nexthop *best = NULL;

	for (unsigned i = 0; i < g->count; i++) {
		const struct wg_backend_nexthop *nh = &g->member[i].nexthop;

		if (((const struct kernel_peer *)nh->peer)->enabled &&
		    (!best || is_better(nh, best)))
			best = nh;
	}
	return best ? best->peer : NULL;
}

/* Who should own @e, or NULL. */
static struct kernel_peer *choice(const struct kernel_entry *e)
{
	const struct kernel_group *g =
		e->group[KERNEL_EGRESS] ?: e->group[KERNEL_INGRESS];

	return g ? choose(g) : NULL;
}

static bool asks_for_others(const struct kernel_group *g, const struct kernel_peer *owner)
{
	for (unsigned i = 0; g && i < g->count; i++) {
		const struct kernel_peer *p = g->member[i].nexthop.peer;

		if (p != owner && p->enabled)
			return true;
	}
	return false;
}

static bool has_group(const struct kernel_entry *e)
{
	return e->group[KERNEL_EGRESS] || e->group[KERNEL_INGRESS];
}

static void count(size_t *counter, bool *was, bool is)
{
	*counter += (size_t)is - (size_t)*was;
	*was = is;
}

static void entry_free(struct kernel_device *d, struct kernel_entry *e)
{
	cds_list_del(&e->dirty);
	cds_list_del(&e->own);
	pmap_remove(&d->entries, &e->prefix);
	free(e);
}

static void mark_found(struct kernel_device *d, struct kernel_entry *e, bool found)
{
	count(&d->found, &e->found, found);
}

void kernel_entry_touch(struct kernel_device *d, struct kernel_entry *e)
{
	const struct kernel_peer *want = choice(e);

	count(&d->degraded, &e->degraded,
	      asks_for_others(e->group[KERNEL_EGRESS], want) ||
		      asks_for_others(e->group[KERNEL_INGRESS], want));
	mark_found(d, e, e->found && e->owner && !has_group(e));
	cds_list_del_init(&e->dirty);
	if (!has_group(e) && !e->owner)
		entry_free(d, e);
	else if (want != e->owner && !e->found)
		cds_list_add_tail(&e->dirty, &d->dirty);
}

void kernel_entry_found(struct kernel_device *d, struct kernel_entry *e)
{
	mark_found(d, e, true);
	kernel_entry_touch(d, e);
}

/* ---- all of a device ---- */

static void each_entry(struct kernel_device *d,
		       void (*fn)(struct kernel_device *d, struct kernel_entry *e,
				  const struct kernel_peer *p),
		       const struct kernel_peer *p)
{
	struct pmap_at at;

	PMAP_WALK (&at, &d->entries)
		fn(d, pmap_object(&at), p);
}

static bool has_member(const struct kernel_group *g, const struct kernel_peer *p)
{
	for (unsigned i = 0; g && i < g->count; i++)
		if (g->member[i].nexthop.peer == p)
			return true;
	return false;
}

static struct kernel_entry *user_at(struct cds_list_head *at, enum kernel_table t)
{
	return (struct kernel_entry *)((char *)at - offsetof(struct kernel_entry, use) -
				       t * sizeof(*at));
}

/* What @p has, and what it could have: some of it twice. A device may have a hundred thousand
 * others. */
static void each_of_peer(struct kernel_device *d, struct kernel_peer *p,
			 void (*fn)(struct kernel_device *d, struct kernel_entry *e,
				    const struct kernel_peer *p))
{
	struct cds_list_head *at, *after;
	struct kernel_entry *e, *next;
	struct kernel_member *m;

	cds_list_for_each_entry_safe (e, next, &p->owned, own)
		fn(d, e, p);
	cds_list_for_each_entry (m, &p->groups, link)
		for (unsigned t = 0; t < KERNEL_TABLES; t++)
			cds_list_for_each_safe (at, after, &m->group->users[t])
				fn(d, user_at(at, t), p);
}

static void touch_if_concerned(struct kernel_device *d, struct kernel_entry *e,
			       const struct kernel_peer *p)
{
	if (e->owner == p || has_member(e->group[KERNEL_EGRESS], p) ||
	    has_member(e->group[KERNEL_INGRESS], p))
		kernel_entry_touch(d, e);
}

void kernel_table_touch_peer(struct kernel_device *d, struct kernel_peer *p)
{
	each_of_peer(d, p, touch_if_concerned);
}

static void let_go_if_alone(struct kernel_device *d, struct kernel_entry *e,
			    const struct kernel_peer *p)
{
	if (e->owner == p && !choice(e))
		kernel_entry_own(e, NULL);
	touch_if_concerned(d, e, p);
}

void kernel_table_let_go(struct kernel_device *d, struct kernel_peer *p)
{
	each_of_peer(d, p, let_go_if_alone);
}

void kernel_table_forget_owner(struct kernel_device *d, struct kernel_peer *p)
{
	struct kernel_entry *e, *next;

	cds_list_for_each_entry_safe (e, next, &p->owned, own) {
		kernel_entry_own(e, NULL);
		kernel_entry_touch(d, e);
	}
}

static void sweep_one(struct kernel_device *d, struct kernel_entry *e,
		      const struct kernel_peer *p)
{
	(void)p;
	mark_found(d, e, false);
	kernel_entry_touch(d, e);
}

void kernel_table_sweep(struct kernel_device *d)
{
	each_entry(d, sweep_one, NULL);
}

static void clear_one(struct kernel_device *d, struct kernel_entry *e,
		      const struct kernel_peer *p)
{
	(void)p;
	for (unsigned t = 0; t < KERNEL_TABLES; t++)
		if (e->group[t])
			cds_list_del(&e->use[t]);
	entry_free(d, e);
}

void kernel_table_clear(struct kernel_device *d)
{
	each_entry(d, clear_one, NULL);
	d->degraded = d->found = 0;
}

/* ---- what is wanted ---- */

static void use_group(struct kernel_entry *e, enum kernel_table t, struct kernel_group *g)
{
	if (e->group[t])
		cds_list_del(&e->use[t]);
	e->group[t] = g;
	if (g)
		cds_list_add(&e->use[t], &g->users[t]);
}

int kernel_table_set(struct kernel_device *d, const struct prefix *p,
		     struct kernel_group *egress, struct kernel_group *ingress)
{
	struct kernel_entry *e = kernel_entry_obtain(d, p);

	if (!e)
		return -ENOMEM;
	use_group(e, KERNEL_EGRESS, egress);
	use_group(e, KERNEL_INGRESS, ingress);
	kernel_entry_touch(d, e);
	kernel_table_flush_later(d);
	return 0;
}

void kernel_table_del(struct kernel_device *d, const struct prefix *p)
{
	struct kernel_entry *e = kernel_entry_find(d, p);

	if (!e)
		return;
	use_group(e, KERNEL_EGRESS, NULL);
	use_group(e, KERNEL_INGRESS, NULL);
	kernel_entry_touch(d, e);
	kernel_table_flush_later(d);
}

void kernel_table_touch_group(struct kernel_group *g)
{
	struct cds_list_head *at, *next;

	for (unsigned t = 0; t < KERNEL_TABLES; t++) {
		cds_list_for_each_safe (at, next, &g->users[t])
			kernel_entry_touch(g->device, user_at(at, t));
	}
	kernel_table_flush_later(g->device);
}

/* ---- making it so ---- */

/* Entries with the peer they are sorted by. */
struct work {
	struct kernel_entry *entry;
	struct kernel_peer *peer;
};

static int cmp_work(const void *a, const void *b)
{
	const struct work *x = a, *y = b;

	if (x->peer != y->peer)
		return (uintptr_t)x->peer < (uintptr_t)y->peer ? -1 : 1;
	return prefix_cmp(&x->entry->prefix, &y->entry->prefix);
}

/* Those of the dirty that come or move, or else those that go, by peer. */
static size_t gather(struct kernel_device *d, bool coming, struct work **out)
{
	struct kernel_entry *e;
	struct work *v;
	size_t n = 0;

	cds_list_for_each_entry (e, &d->dirty, dirty)
		n++;
	v = calloc(n + 1, sizeof(*v));
	*out = v;
	n = 0;
	if (!v)
		return 0;
	cds_list_for_each_entry (e, &d->dirty, dirty) {
		struct kernel_peer *want = choice(e);

		if (coming ? want && want->present : !want && e->owner)
			v[n++] = (struct work){e, coming ? want : e->owner};
	}
	qsort(v, n, sizeof(*v), cmp_work);
	return n;
}

/* They are given to, or with @remove taken from, the peers they are sorted by. */
static void write_work(struct kwg_writer *w, const struct work *v, size_t n, bool remove)
{
	struct kwg_peer_change c = {.update_only = true, .keepalive_s = -1};

	for (size_t i = 0; i < n; i++) {
		if (!i || v[i].peer != v[i - 1].peer) {
			memcpy(c.public_key, v[i].peer->public_key, sizeof(c.public_key));
			kwg_write_peer(w, &c);
		}
		kwg_write_allowed_ip(w, &v[i].entry->prefix, remove);
	}
}

/* Any 32 octets are a public key; nobody has the private one of these. */
static int throw_away(struct kwg_writer *w, const struct work *v, size_t n)
{
	struct kwg_peer_change c = {.keepalive_s = -1};

	if (getrandom(c.public_key, sizeof(c.public_key), 0) != sizeof(c.public_key))
		return -EAGAIN;
	kwg_write_peer(w, &c);
	for (size_t i = 0; i < n; i++)
		kwg_write_allowed_ip(w, &v[i].entry->prefix, false);
	c.remove = true;
	kwg_write_peer(w, &c);
	return 0;
}

static void became(struct kernel_device *d, const struct work *v, size_t n, bool coming)
{
	for (size_t i = 0; i < n; i++) {
		kernel_entry_own(v[i].entry, coming ? v[i].peer : NULL);
		kernel_entry_touch(d, v[i].entry);
	}
}

static int flush_some(struct kernel_device *d, bool coming)
{
	struct work *v;
	size_t n = gather(d, coming, &v);
	int err = v ? 0 : -ENOMEM;

	if (n) {
		struct kwg_writer *w = kernel_writer(d);
		int random_err = 0;

		if (coming || d->k->can_remove)
			write_work(w, v, n, !coming);
		else
			random_err = throw_away(w, v, n);
		err = kwg_writer_end(w) ?: random_err;
		if (!err)
			became(d, v, n, coming);
	}
	free(v);
	return err;
}

int kernel_table_flush(struct kernel_device *d)
{
	int err;

	loop_job_cancel(d->k->loop, &d->flush);
	if (d->gone || cds_list_empty(&d->dirty))
		return 0;
	err = flush_some(d, true) ?: flush_some(d, false);
	kernel_trouble(d, "prefixes", err);
	return err;
}

void kernel_table_flush_later(struct kernel_device *d)
{
	if (!cds_list_empty(&d->dirty))
		loop_job_queue(d->k->loop, &d->flush);
}
