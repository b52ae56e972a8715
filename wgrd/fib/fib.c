/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The reconciler: entries wait on queues until a commit takes them in the order that
 * leaves no hole. The kinds are numbered in that order, so a commit walks them upwards
 *for what comes and downwards for what goes:
 *
 *	permissions in -> routes in -> rules in -> own prefixes to zebra
 *	own prefixes withdrawn -> rules out -> routes out -> permissions out
 *
 * Netlink answers in the order asked, so routes and rules need not wait for each other,
 * with three exceptions that a refusal could turn into a hole: a permission stays until
 *no route in the kernel leads into it, the rule an interface had stays until it has its
 *new one, and the guard of a table (its unreachable default) stays until no rule leads
 *there.
 */
#include "wgrd/fib/fib.h"

#include <assert.h>
#include <stdlib.h>

#include "wgrd/fib/fib_entry.h"

enum {
	RETRY_MAX_S = 60,
	FRESH_S = 1,
};

/* ---- entries ---- */

void fib_entry_init(struct fib *f, struct fib_entry *e, enum fib_kind kind)
{
	CDS_INIT_LIST_HEAD(&e->link);
	e->fib = f;
	e->kind = kind;
}

void fib_entry_unlink(struct fib_entry *e)
{
	cds_list_del_init(&e->link);
}

void fib_ask_commit(struct fib *f)
{
	loop_job_queue(f->loop, &f->job);
}

void fib_ask_retry(struct fib *f, uint64_t after_ns)
{
	uint64_t at_ns = loop_now_ns(f->loop) + after_ns;

	if (loop_timer_is_set(&f->retry) && f->retry_at_ns <= at_ns)
		return;
	f->retry_at_ns = at_ns;
	loop_timer_set(f->loop, &f->retry, after_ns);
}

void fib_entry_wait(struct fib_entry *e)
{
	struct fib *f = e->fib;

	fib_entry_unlink(e);
	cds_list_add_tail(&e->link, e->wanted ? &f->in[e->kind] : &f->out[e->kind]);
}

void fib_entry_queue(struct fib_entry *e)
{
	assert(!e->busy);
	fib_entry_wait(e);
	fib_ask_commit(e->fib);
}

void fib_entry_review(struct fib_entry *e)
{
	if (e->busy || (e->wanted && e->current))
		fib_entry_unlink(e);
	else
		fib_entry_queue(e);
}

void fib_entry_want(struct fib_entry *e)
{
	e->adopted = false;
	e->error = 0;
	e->tries = 0;
	if (e->wanted)
		return;
	e->wanted = true;
	e->fib->wanted[e->kind]++;
}

void fib_entry_unwant(struct fib_entry *e)
{
	e->error = 0;
	e->tries = 0;
	e->wanted = false;
	e->fib->wanted[e->kind]--;
}

void fib_entry_sent(struct fib_entry *e, enum fib_busy what)
{
	e->busy = what;
	e->changed = false;
	e->error = 0;
	e->fib->in_flight++;
	if (what == FIB_DELETING)
		e->fib->deleted_until_ns = loop_now_ns(e->fib->loop) + FRESH_S * NS_PER_S;
}

void fib_entry_answered(struct fib_entry *e)
{
	e->busy = FIB_IDLE;
	e->fib->in_flight--;
}

void fib_entry_installed(struct fib_entry *e)
{
	e->present = true;
	e->current = true;
	e->error = 0;
	e->tries = 0;
	e->when_ns = loop_now_ns(e->fib->loop);
}

/* 1, 2, 4 ... 60 seconds. */
static uint64_t retry_delay_ns(unsigned tries)
{
	uint64_t s = tries < 7 ? 1u << (tries - 1) : RETRY_MAX_S;

	return (s < RETRY_MAX_S ? s : RETRY_MAX_S) * NS_PER_S;
}

void fib_entry_fail(struct fib_entry *e, int err)
{
	struct fib *f = e->fib;
	uint64_t delay_ns;

	if (e->tries < UINT8_MAX)
		e->tries++;
	delay_ns = retry_delay_ns(e->tries);
	e->error = err;
	e->when_ns = loop_now_ns(f->loop) + delay_ns;
	fib_entry_unlink(e);
	cds_list_add_tail(&e->link, &f->failed);
	fib_ask_retry(f, delay_ns);
}

void fib_entry_tried(struct fib_entry *e, int err)
{
	if (e->wanted && err && !e->changed)
		fib_entry_fail(e, err);
	else
		fib_entry_review(e);
}

bool fib_entry_struck(struct fib_entry *e)
{
	if (e->busy == FIB_ADDING)
		e->changed = true;
	return !e->busy && e->current;
}

enum fib_state fib_entry_state(const struct fib_entry *e)
{
	if (!e->wanted)
		return FIB_LEAVING;
	if (e->error)
		return FIB_FAILED;
	if (e->busy)
		return FIB_SENT;
	return e->current ? FIB_INSTALLED : FIB_WANTED;
}

bool fib_entry_fresh(const struct fib_entry *e)
{
	uint64_t now_ns = loop_now_ns(e->fib->loop);

	return now_ns < e->when_ns + FRESH_S * NS_PER_S &&
	       now_ns < e->fib->deleted_until_ns;
}

const char *fib_state_name(enum fib_state s)
{
	switch (s) {
	case FIB_WANTED:
		return "wanted";
	case FIB_SENT:
		return "sent";
	case FIB_INSTALLED:
		return "installed";
	case FIB_FAILED:
		return "failed";
	case FIB_LEAVING:
		return "leaving";
	}
	return "?";
}

/* ---- the commit ---- */

static void entry_in(struct fib_entry *e)
{
	switch ((enum fib_kind)e->kind) {
	case FIB_PERMISSION:
		fib_permission_in(container_of(e, struct fib_permission, e));
		break;
	case FIB_ROUTE:
		fib_route_in(container_of(e, struct fib_route, e));
		break;
	case FIB_RULE:
		fib_rule_in(container_of(e, struct fib_rule, e));
		break;
	case FIB_OWN:
		fib_own_in(container_of(e, struct fib_own, e));
		break;
	case FIB_KIND_COUNT:
		break;
	}
}

static void entry_out(struct fib_entry *e)
{
	switch ((enum fib_kind)e->kind) {
	case FIB_PERMISSION:
		fib_permission_out(container_of(e, struct fib_permission, e));
		break;
	case FIB_ROUTE:
		fib_route_out(container_of(e, struct fib_route, e));
		break;
	case FIB_RULE:
		fib_rule_out(container_of(e, struct fib_rule, e));
		break;
	case FIB_OWN:
		fib_own_out(container_of(e, struct fib_own, e));
		break;
	case FIB_KIND_COUNT:
		break;
	}
}

/* What an entry puts back on the queue is for the next commit. */
static void run_queue(struct cds_list_head *queue, void (*fn)(struct fib_entry *e))
{
	struct cds_list_head work = CDS_LIST_HEAD_INIT(work);

	cds_list_splice(queue, &work);
	CDS_INIT_LIST_HEAD(queue);
	while (!cds_list_empty(&work)) {
		struct fib_entry *e = cds_list_first_entry(&work, struct fib_entry, link);

		fib_entry_unlink(e);
		fn(e);
	}
}

void fib_on_permissions(struct fib *f, void (*fn)(void *arg), void *arg)
{
	f->settle = fn;
	f->settle_arg = arg;
}

void fib_commit(struct fib *f)
{
	loop_job_cancel(f->loop, &f->job);
	for (int k = 0; k < FIB_KIND_COUNT; k++) {
		run_queue(&f->in[k], entry_in);
		/* in the kernel before the routes that lead there */
		if (k == FIB_PERMISSION && f->settle)
			f->settle(f->settle_arg);
	}
	for (int k = FIB_KIND_COUNT - 1; k >= 0; k--)
		run_queue(&f->out[k], entry_out);
	f->nlq->ops->flush(f->nlq);
}

static void commit_job(struct loop_job *j)
{
	fib_commit(container_of(j, struct fib, job));
}

/* Requeues the failed entries whose time has come; the timer follows the next one. */
static void retry_timer(struct loop_timer *t)
{
	struct fib *f = container_of(t, struct fib, retry);
	uint64_t now_ns = loop_now_ns(f->loop), next_ns = UINT64_MAX;
	struct fib_entry *e, *next;

	cds_list_for_each_entry_safe (e, next, &f->failed, link) {
		if (e->when_ns <= now_ns)
			fib_entry_queue(e);
		else if (e->when_ns < next_ns)
			next_ns = e->when_ns;
	}
	if (next_ns != UINT64_MAX)
		fib_ask_retry(f, next_ns - now_ns);
	if (f->resync_again)
		fib_resync(f);
}

/* ---- life ---- */

struct fib *fib_new(struct loop *loop, struct nlq *nlq,
		    const struct fib_advertise_ops *adv)
{
	struct fib *f = xcalloc(1, sizeof(*f));

	f->loop = loop;
	f->nlq = nlq;
	if (adv)
		f->adv = *adv;
	for (int k = 0; k < FIB_KIND_COUNT; k++) {
		CDS_INIT_LIST_HEAD(&f->in[k]);
		CDS_INIT_LIST_HEAD(&f->out[k]);
	}
	CDS_INIT_LIST_HEAD(&f->failed);
	CDS_INIT_LIST_HEAD(&f->lost);
	f->open_permissions = (struct slab)SLAB_INIT(struct fib_permission);
	f->open_routes = (struct slab)SLAB_INIT(struct fib_route);
	fib_passing_init(f);
	f->edicts = 1;
	CDS_INIT_LIST_HEAD(&f->doubts);
	f->job.fn = commit_job;
	f->retry.fn = retry_timer;
	return f;
}

void fib_free(struct fib *f)
{
	struct fib_rule *rule, *next_rule;
	struct fib_own *own, *next_own;

	if (!f)
		return;
	loop_timer_stop(&f->retry);
	fib_routes_fini(f);
	HASH_ITER (hh, f->rules, rule, next_rule)
		fib_rule_free(rule);
	HASH_ITER (hh, f->own, own, next_own)
		fib_own_free(own);
	fib_permissions_fini(f);
	fib_passing_fini(f);
	slab_fini(&f->open_permissions);
	slab_fini(&f->open_routes);
	loop_job_cancel(f->loop, &f->job); /* a route that lets go of one asks for it */
	free(f);
}

/* ---- what show prints ---- */

static size_t queue_length(const struct cds_list_head *head)
{
	const struct cds_list_head *pos;
	size_t n = 0;

	cds_list_for_each (pos, head)
		n++;
	return n;
}

void fib_view(const struct fib *f, struct fib_view *v)
{
	*v = (struct fib_view){
		.permissions = f->wanted[FIB_PERMISSION],
		.routes = f->wanted[FIB_ROUTE],
		.rules = f->wanted[FIB_RULE],
		.advertised = f->wanted[FIB_OWN],
		.pending = f->in_flight,
		.failed = queue_length(&f->failed) + queue_length(&f->lost),
		.adopted = f->adopted,
		.orphans_removed = f->orphans_removed,
		.put_back = f->put_back,
		.resyncs = f->resyncs,
	};
	for (int k = 0; k < FIB_KIND_COUNT; k++)
		v->pending += queue_length(&f->in[k]) + queue_length(&f->out[k]);
}
