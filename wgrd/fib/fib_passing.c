/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Addresses have moved from one peer to another. Packets go to the new one at once, but what
 * the former one had been sent is answered by it: those answers are on their way for as
 * long as a round trip takes, from a source that is no longer its own. So for a few seconds
 * both may send.
 *
 *	t      egress  ingress
 *	       A       A
 *	0 s    B       A and B
 *	5 s    B       B
 *
 * Addresses move with their prefix, and when a longer one that has them comes or goes
 * (fib_cover.c). This is for what routing moves. A prefix that is refused, or is withdrawn and
 * nobody else gets its addresses, loses its permission at once. Nobody passes any more once the
 * operator has spoken, and a peer that leaves the configuration sends nothing whatever
 * the group says.
 */
#include <stdlib.h>
#include <string.h>

#include "wgrd/fib/fib_entry.h"
#include "wgrd/lib/log.h"

enum {
	PASSING_S = 5, /* longer than any round trip worth waiting for */
};

static void forget_union(struct fib_union *u)
{
	if (u->both) {
		wg_group_put(u->former);
		wg_group_put(u->now);
		wg_group_put(u->both);
	}
	*u = (struct fib_union){0};
}

static bool has_peer(const struct wg_nexthop *nh, unsigned n, const struct wg_peer *p)
{
	for (unsigned i = 0; i < n; i++) {
		if (nh[i].peer == p)
			return true;
	}
	return false;
}

/* The members of @now, then those of @former that are not among them, as many as fit. */
static struct wg_group *join(struct wg_group *former, struct wg_group *now)
{
	struct wg_nexthop both[WG_GROUP_MAX];
	const struct wg_nexthop *nh;
	unsigned n, now_count = wg_group_members(now, &nh), used = now_count;
	struct wg_group *g;

	memcpy(both, nh, now_count * sizeof(*nh));
	n = wg_group_members(former, &nh);
	for (unsigned i = 0; i < n && used < WG_GROUP_MAX; i++) {
		if (!has_peer(both, used, nh[i].peer))
			both[used++] = nh[i];
	}
	if (used == now_count)
		return wg_group_get(now);
	return wg_group_new(wg_group_device(now), both, used, &g) ? NULL : g;
}

/* Without a reference for the caller. NULL: no memory. */
static struct wg_group *union_of(struct fib_union *u, struct wg_group *former,
				 struct wg_group *now)
{
	struct wg_group *both;

	if (u->both && u->former == former && u->now == now)
		return u->both;
	both = join(former, now);
	if (!both)
		return NULL;
	forget_union(u);
	u->former = wg_group_get(former);
	u->now = wg_group_get(now);
	u->both = both;
	return both;
}

void fib_passing_end(struct fib_permission *m)
{
	struct fib_passing *p = m->passing;

	if (!p)
		return;
	m->passing = NULL;
	wg_group_put(p->group);
	cds_list_del(&p->link);
	free(p);
}

static void arm(struct fib *f)
{
	const struct fib_passing *first;
	uint64_t now_ns = loop_now_ns(f->loop);

	if (cds_list_empty(&f->passing))
		return;
	first = cds_list_first_entry(&f->passing, struct fib_passing, link);
	loop_timer_set(f->loop, &f->passing_end,
		       first->until_ns > now_ns ? first->until_ns - now_ns : 0);
}

void fib_passing_begin(struct fib_permission *m, struct wg_group *former)
{
	struct fib *f = m->e.fib;
	struct wg_group *both =
		union_of(&f->joined, m->passing ? m->passing->group : former, m->ingress);
	const bool needed = both != m->ingress, idle = cds_list_empty(&f->passing);
	struct fib_passing *p = both && needed ? calloc(1, sizeof(*p)) : NULL;

	if (!p && needed)
		log_warn(LOG_FIB, "no memory to let a moved prefix pass: answers of its "
				  "former peer are refused");
	if (p)
		wg_group_get(both);
	fib_passing_end(m);
	if (!p)
		return;
	p->permission = m;
	p->group = both;
	p->until_ns = loop_now_ns(f->loop) + PASSING_S * NS_PER_S;
	cds_list_add_tail(&p->link, &f->passing);
	m->passing = p;
	if (idle)
		arm(f);
}

void fib_passing_follow(struct fib_permission *m)
{
	struct fib_passing *p = m->passing;
	struct wg_group *both = union_of(&m->e.fib->joined, p->group, m->ingress);

	if (!both || both == m->ingress) {
		fib_passing_end(m);
		return;
	}
	wg_group_get(both);
	wg_group_put(p->group);
	p->group = both;
}

static void let_nobody_pass(struct fib_permission *m)
{
	fib_passing_end(m);
	m->e.current = false;
	fib_entry_queue(&m->e);
}

void fib_let_nobody_pass(struct fib *f)
{
	struct fib_passing *p, *next;

	f->edicts++;
	cds_list_for_each_entry_safe (p, next, &f->passing, link)
		let_nobody_pass(p->permission);
}

void fib_group_changed(struct fib *f, const struct wg_group *g)
{
	struct fib_passing *p, *next;

	if (f->joined.former == g || f->joined.now == g)
		forget_union(&f->joined);
	cds_list_for_each_entry_safe (p, next, &f->passing, link) {
		if (p->permission->ingress == g)
			let_nobody_pass(p->permission);
	}
}

/* All wait equally long, so those that are due stand at the front. */
static void passing_timer(struct loop_timer *t)
{
	struct fib *f = container_of(t, struct fib, passing_end);
	uint64_t now_ns = loop_now_ns(f->loop);
	struct fib_passing *p, *next;

	cds_list_for_each_entry_safe (p, next, &f->passing, link) {
		if (p->until_ns > now_ns)
			break;
		let_nobody_pass(p->permission);
	}
	if (cds_list_empty(&f->passing))
		forget_union(&f->joined);
	arm(f);
}

void fib_passing_init(struct fib *f)
{
	CDS_INIT_LIST_HEAD(&f->passing);
	f->passing_end.fn = passing_timer;
}

void fib_passing_fini(struct fib *f)
{
	loop_timer_stop(&f->passing_end);
	forget_union(&f->joined);
}
