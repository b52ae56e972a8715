/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Comparing what is believed with what a dump of the kernel says: at the start, when a
 * former run may have left things, and when notifications were lost. Both are the same
 * walk; they differ in what happens to objects that nobody wants. Until fib_adopt_end()
 * they may yet be wanted, later they are orphans.
 */
#include <string.h>

#include "wgrd/fib/fib_entry.h"
#include "wgrd/lib/log.h"

static void found_unwanted(struct fib *f, struct fib_entry *e)
{
	if (e->present)
		return;
	e->present = true;
	e->current = true;
	if (f->adopting) {
		e->adopted = true;
	} else {
		f->orphans_removed++;
		fib_entry_queue(e);
	}
}

static void found_route(void *arg, const struct kroute *kr)
{
	struct fib *f = arg;
	struct fib_via via = fib_via_of(kr);
	struct fib_route_slot *s = fib_slot_find(f, kr->table, &kr->dst, kr->metric);
	struct fib_route *r;

	if (s && fib_slot_settled(s) && fib_via_equal(fib_slot_via(s), &via)) {
		s->seen = true;
		return;
	}
	r = fib_route_obtain(f, kr->table, &kr->dst, kr->metric);
	if (!r)
		return;
	fib_slot_find(f, kr->table, &kr->dst, kr->metric)->seen = true;
	if (r->e.busy)
		return;
	if (!r->e.wanted) {
		if (!r->e.present)
			r->via = via;
		found_unwanted(f, &r->e);
		return;
	}
	if (!fib_via_equal(&r->via, &via)) {
		r->e.present = true;
		if (r->e.current) {
			f->put_back++;
			r->e.current = false;
			fib_entry_queue(&r->e);
		}
	} else if (!r->e.present) {
		/* Stated before the dump, or lost to a message we missed. */
		f->adopted += f->adopting;
		fib_route_found(r);
	}
}

static void found_rule(void *arg, const struct krule *kr)
{
	struct fib *f = arg;
	struct fib_rule *r = fib_rule_obtain(f, kr);

	if (!r)
		return;
	r->seen = true;
	if (r->e.busy)
		return;
	if (!r->e.wanted) {
		found_unwanted(f, &r->e);
	} else if (!r->e.present) {
		f->adopted += f->adopting;
		fib_entry_unlink(&r->e);
		fib_entry_installed(&r->e);
	}
}

/* Counts what foreign hands took; what is on its way is sent once more to be sure. */
static bool is_missing(struct fib_entry *e, bool seen)
{
	if (seen)
		return false;
	if (e->busy == FIB_ADDING)
		e->changed = true;
	if (e->busy || !e->present)
		return false;
	if (e->wanted && e->current)
		e->fib->put_back++;
	return true;
}

static void unsee_route(struct fib *f, struct fib_table *t, const struct prefix *p,
			struct fib_route_slot *s, void *arg)
{
	(void)f;
	(void)t;
	(void)p;
	(void)arg;
	s->seen = false;
}

static void check_route(struct fib *f, struct fib_table *t, const struct prefix *p,
			struct fib_route_slot *s, void *arg)
{
	(void)arg;
	if (!s->seen && is_missing(&fib_slot_open(f, t, p, s)->e, false))
		fib_route_lost(s->open);
}

static int compare_routes(struct fib *f)
{
	int err;

	fib_slots_each(f, unsee_route, NULL);
	err = f->nlq->ops->dump_routes(f->nlq, found_route, f);
	if (!err)
		fib_slots_each(f, check_route, NULL);
	return err;
}

static int compare_rules(struct fib *f)
{
	struct fib_rule *r, *next;
	int err;

	for (r = f->rules; r; r = r->hh.next)
		r->seen = false;
	err = f->nlq->ops->dump_rules(f->nlq, found_rule, f);
	if (err)
		return err;
	HASH_ITER (hh, f->rules, r, next)
		if (is_missing(&r->e, r->seen))
			fib_rule_lost(r);
	return 0;
}

static int compare(struct fib *f)
{
	int err;

	f->nlq->ops->flush(f->nlq);
	err = compare_routes(f);
	return err ? err : compare_rules(f);
}

void fib_resync(struct fib *f)
{
	int err = compare(f);

	f->resyncs++;
	f->resync_again = err != 0;
	if (!err)
		return;
	log_warn(LOG_FIB, "kernel: reading rules and routes: %s, trying again in 1 s",
		 strerror(-err));
	fib_ask_retry(f, NS_PER_S);
}

int fib_adopt(struct fib *f)
{
	f->adopting = true;
	return compare(f);
}

static void release_adopted(struct fib *f, struct fib_entry *e)
{
	if (!e->adopted)
		return;
	e->adopted = false;
	f->orphans_removed++;
	fib_entry_queue(e);
}

static void release_route(struct fib *f, struct fib_table *t, const struct prefix *p,
			  struct fib_route_slot *s, void *arg)
{
	(void)t;
	(void)p;
	(void)arg;
	if (!fib_slot_settled(s))
		release_adopted(f, &s->open->e);
}

void fib_adopt_end(struct fib *f)
{
	struct fib_rule *r;

	if (!f->adopting)
		return;
	f->adopting = false;
	fib_slots_each(f, release_route, NULL);
	for (r = f->rules; r; r = r->hh.next)
		release_adopted(f, &r->e);
	if (f->adopted || f->orphans_removed)
		log_notice(
			LOG_FIB,
			"kernel: of a former run %llu rules and routes are still wanted, %llu removed",
			(unsigned long long)f->adopted,
			(unsigned long long)f->orphans_removed);
}
