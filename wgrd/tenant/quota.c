/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How many learned prefixes a peer, or a tenant, may have. Who comes first has the room;
 * who is refused waits. With a hold, more than the limit means that something is wrong with
 * what is announced, not which prefix came last: nobody has room until the time is over and
 * all that want it fit.
 *
 * A prefix that the policy accepts wants room with its peers; one that has it there wants
 * room with the tenant. So what a peer has too much of is no burden for the tenant, and what
 * the tenant has too much of does not make room with the peer.
 *
 * Within a turn of the loop a prefix may come before another one goes, so a quota is judged
 * at the end of it, by quota_settle().
 */
#include <assert.h>

#include "wgrd/tenant/tenant_internal.h"

/* ---- telling ---- */

static void tell(struct quota *q, enum tenant_limit_news news)
{
	const struct tenants *t = q->tenants;
	struct tenant_limit_event e = {
		.news = news,
		.tenant = "",
		.used = q->used,
		.wanted = q->wanted,
		.max = q->max,
		.hold_s = q->hold_s,
	};

	if (q->member) {
		e.peer = wg_peer_name(q->member->peer);
		e.device = wg_device_name(wg_peer_device(q->member->peer));
	} else {
		e.tenant = container_of(q, struct tenant, quota)->name;
	}
	if (t->events.limit)
		t->events.limit(t->events.arg, &e);
}

/* ---- room ---- */

static bool is_full(const struct quota *q)
{
	return q->max && q->used >= q->max;
}

bool quota_closed(const struct quota *q)
{
	return q->held || is_full(q);
}

static bool is_near(const struct quota *q)
{
	return q->max && q->warning_percent &&
	       q->used * UINT64_C(100) >= (uint64_t)q->max * q->warning_percent;
}

static void judge_later(struct quota *q)
{
	if (cds_list_empty(&q->unsettled))
		cds_list_add_tail(&q->unsettled, &q->tenants->unsettled);
}

void quota_want(struct quota *q)
{
	q->wanted++;
	if (q->hold_s && !q->held && q->wanted > q->max)
		judge_later(q);
}

void quota_unwant(struct quota *q)
{
	assert(q->wanted);
	q->wanted--;
}

void quota_take(struct quota *q)
{
	q->used++;
	if (!q->warned && is_near(q))
		judge_later(q);
}

void quota_give(struct quota *q)
{
	assert(q->used);
	q->used--;
	if (q->warned)
		judge_later(q);
	if (!cds_list_empty(&q->waiting) && cds_list_empty(&q->roomy))
		cds_list_add_tail(&q->roomy, &q->tenants->roomy);
}

uint32_t quota_held_s(const struct quota *q)
{
	uint64_t now_ns = loop_now_ns(q->tenants->loop);

	if (!q->held || q->held_until_ns <= now_ns)
		return 0;
	return (uint32_t)((q->held_until_ns - now_ns + NS_PER_S - 1) / NS_PER_S);
}

/* ---- the hold ---- */

static void hold(struct quota *q)
{
	q->held = true;
	q->held_until_ns = loop_now_ns(q->tenants->loop) + q->hold_s * NS_PER_S;
	loop_timer_set(q->tenants->loop, &q->timer, q->hold_s * NS_PER_S);
}

static void end_hold(struct quota *q)
{
	q->held = false;
	loop_timer_stop(&q->timer);
}

void quota_release(struct quota *q)
{
	if (!q->held)
		return;
	end_hold(q);
	tell(q, TENANT_LIMIT_RELEASED);
	if (!cds_list_empty(&q->waiting) && cds_list_empty(&q->roomy))
		cds_list_add_tail(&q->roomy, &q->tenants->roomy);
	tenants_ask(q->tenants);
}

static void hold_is_over(struct loop_timer *timer)
{
	struct quota *q = container_of(timer, struct quota, timer);

	if (q->wanted <= q->max) {
		quota_release(q);
		return;
	}
	hold(q);
	tell(q, TENANT_LIMIT_HELD);
}

bool quota_settle(struct quota *q)
{
	const bool near = is_near(q);
	bool begins;

	cds_list_del_init(&q->unsettled);
	begins = q->max && q->hold_s && !q->held && q->wanted > q->max;
	if (q->ended && !begins)
		tell(q, TENANT_LIMIT_RELEASED);
	q->ended = false;
	if (near && !q->warned && !begins)
		tell(q, TENANT_LIMIT_NEAR);
	q->warned = near;
	if (!begins)
		return false;
	hold(q);
	tell(q, TENANT_LIMIT_HELD);
	return true;
}

/* ---- life ---- */

void quota_init(struct quota *q, struct tenants *t, struct member *m)
{
	q->tenants = t;
	q->member = m;
	q->timer.fn = hold_is_over;
	CDS_INIT_LIST_HEAD(&q->waiting);
	CDS_INIT_LIST_HEAD(&q->roomy);
	CDS_INIT_LIST_HEAD(&q->unsettled);
}

void quota_fini(struct quota *q)
{
	loop_timer_stop(&q->timer);
	cds_list_del(&q->waiting);
	cds_list_del(&q->roomy);
	cds_list_del(&q->unsettled);
}

void quota_set(struct quota *q, uint32_t max, uint8_t warning_percent, uint32_t hold_s)
{
	if (q->held && (q->max != max || q->hold_s != hold_s)) {
		end_hold(q);
		q->ended = true;
		judge_later(q);
	}
	q->max = max;
	q->warning_percent = warning_percent;
	q->hold_s = hold_s;
}
