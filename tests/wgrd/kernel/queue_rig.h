/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_WGRD_KERNEL_QUEUE_RIG_H
#define TESTS_WGRD_KERNEL_QUEUE_RIG_H

/*
 * What the tests of the queue share: the real queue over the real loop, in a namespace with
 * a veth pair, and the bookkeeping of requests, answers and dumps.
 *
 *	va ------- vb	both up; va has 192.0.2.1/24 and 2001:db8::1/64
 *
 * It checks on the way that every request is answered once, in the order asked, and never from
 * inside an operation.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/kernel/nlq_rtnl.h"
#include "wgrd/lib/loop.h"

enum {
	RIG_TABLE = 1000,
	RIG_MANY = 10000,
};

extern struct rig {
	struct loop *loop;
	struct nlq *q;
	uint32_t oif_a, oif_b;
	/* since rig_forget_answers() */
	int answers[RIG_MANY];
	unsigned asked, answered;
	bool inside; /* an operation of the queue */
	/* by the last dump */
	struct kroute dumped[RIG_MANY + 1];
	struct krule dumped_rules[16];
	unsigned dumped_count;
} rig;

int rig_set_up(void **state);
int rig_tear_down(void **state); /* removes what is ours */
void rig_open_queue(void);

/* Queue a request. */
void rig_set(const struct kroute *r);
void rig_del(const struct kroute *r);
void rig_add_rule(const struct krule *r);
void rig_del_rule(const struct krule *r);
/* Queue one, wait, and return its answer. */
int rig_set_now(const struct kroute *r);
int rig_del_now(const struct kroute *r);
int rig_add_rule_now(const struct krule *r);
int rig_del_rule_now(const struct krule *r);

void rig_forget_answers(void);
void rig_wait_for_answers(void);
void rig_expect_all_answers(int err);

void rig_dump_routes(void);
void rig_dump_rules(void);
void rig_expect_dumped(const struct kroute *r, bool there);
void rig_expect_in_kernel(const struct kroute *r, bool there); /* dumps first */

struct prefix rig_prefix(const char *s);
struct ip_addr rig_addr(const char *s);
/* In RIG_TABLE, metric 20. */
struct kroute rig_route(const char *dst, uint32_t oif);
/* One of many: odd ones are IPv4, even ones IPv6. */
struct kroute rig_numbered_route(unsigned i, uint32_t oif);

#endif
