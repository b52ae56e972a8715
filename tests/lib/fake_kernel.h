/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LIB_FAKE_KERNEL_H
#define TESTS_LIB_FAKE_KERNEL_H

/*
 * A kernel in memory behind struct nlq_ops: it keeps routes and rules as the real one would,
 * refuses what nlq_rtnl.c refuses, and remembers in which order things were done. Goes with
 * the fake loop: what is asked takes effect at the next flush, which is the end of the turn,
 * and is answered in the turn after. Main thread only.
 *
 * The texts are lines as kroute_str() and krule_str() write them:
 *
 *	IPv4 1000: iif wg0 lookup 100
 *	10.0.0.0/8 table 100 metric 20 oif 3
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wgrd/kernel/nlq.h"
#include "wgrd/lib/loop.h"

struct fake_kernel;

struct fake_kernel *fake_kernel_new(struct loop *loop);
/* Requests without an answer are forgotten, as by nlq_close(). */
void fake_kernel_free(struct fake_kernel *k);
struct nlq *fake_kernel_nlq(struct fake_kernel *k);

/* ---- when and how requests end ---- */

/* While held, nothing takes effect or is answered but by fake_kernel_complete(). */
void fake_kernel_hold(struct fake_kernel *k, bool hold);
/* Carries out and answers the @n oldest requests, now. Returns how many there were. */
size_t fake_kernel_complete(struct fake_kernel *k, size_t n);
/* Requests not answered yet. */
size_t fake_kernel_pending(const struct fake_kernel *k);
/* The next request carried out fails so, without effect. Called twice: the next two. */
void fake_kernel_fail_next(struct fake_kernel *k, int err);
/* As fail_next(), but for dumps; once. */
void fake_kernel_fail_next_dump(struct fake_kernel *k, int err);

/* ---- what happens behind our back ---- */

/*
 * A link that goes down takes the routes over it along, and no more are to be had over it
 * (-ENETDOWN) until it comes up again. As in the kernel, only the IPv6 ones are announced.
 * Every link there is no word of is up.
 */
void fake_kernel_link_down(struct fake_kernel *k, uint32_t ifindex);
void fake_kernel_link_up(struct fake_kernel *k, uint32_t ifindex);
/* Somebody deletes one of ours. False when it is not there. */
bool fake_kernel_lose_route(struct fake_kernel *k, uint32_t table,
			    const struct prefix *dst, uint32_t metric);
bool fake_kernel_lose_rule(struct fake_kernel *k, const struct krule *r);
/* Somebody adds one of his own, or one in our name as a former run of ours would have. */
void fake_kernel_put_route(struct fake_kernel *k, const struct kroute *r, bool ours);
void fake_kernel_put_rule(struct fake_kernel *k, const struct krule *r, bool ours);

/* What kmon would say: of every deletion of ours, by whomever. Any may be NULL. */
struct fake_kernel_events {
	void (*route_gone)(void *arg, const struct kroute *r);
	void (*rule_gone)(void *arg, const struct krule *r);
	void *arg;
};
void fake_kernel_watch(struct fake_kernel *k, const struct fake_kernel_events *ev);

/* ---- what there is, and what was done ---- */

size_t fake_kernel_route_count(const struct fake_kernel *k); /* of ours */
size_t fake_kernel_rule_count(const struct fake_kernel *k);
/* NULL when there is none of ours with this key. */
const struct kroute *fake_kernel_route(const struct fake_kernel *k, uint32_t table,
				       const struct prefix *dst, uint32_t metric);
/*
 * Everything, a line each: rules by family and priority, then routes by table, prefix and
 * metric; those of others begin with "foreign ". Valid until the next call.
 */
const char *fake_kernel_text(struct fake_kernel *k);
/*
 * What was done since the last fake_kernel_forget(), a line each, in order: "set <route>",
 * "del <route>", "add <rule>", "del <rule>"; a refusal ends in " failed -17".
 */
const char *fake_kernel_trace(const struct fake_kernel *k);
void fake_kernel_forget(struct fake_kernel *k);
/* Each such line as it is written, to be woven with what other fakes record. */
void fake_kernel_on_trace(struct fake_kernel *k, void (*fn)(void *arg, const char *line),
			  void *arg);

#endif
