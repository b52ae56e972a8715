/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_WGRD_FIB_HELD_NLQ_H
#define WGRD_TESTS_WGRD_FIB_HELD_NLQ_H

/*
 * A netlink queue that answers when the test says so, and how. A request is carried out
 * in a small model of the kernel at the moment it is answered with success, so a test can
 * stop between asking and having. For the tests of wgrd/fib; the scenarios have a fake
 * kernel that answers by itself.
 */

#include <stdbool.h>
#include <stddef.h>

#include "wgrd/kernel/nlq.h"

struct held_nlq;

struct held_nlq *held_nlq_new(void);
void held_nlq_free(struct held_nlq *h);
struct nlq *held_nlq(struct held_nlq *h);

/* One line per request since the last clear: "set 10.2.0.0/24 table 1001 metric 20 oif
 * 101\n", "del ...", "add rule ...", "del rule ...". */
const char *held_nlq_log(const struct held_nlq *h);
void held_nlq_clear_log(struct held_nlq *h);

/* Requests without an answer. */
size_t held_nlq_waiting(const struct held_nlq *h);
/* Answers the oldest. With -ENOBUFS, @carried_out says whether it was done all the same. */
void held_nlq_answer(struct held_nlq *h, int err, bool carried_out);
/* Answers until none waits, with success. */
void held_nlq_answer_all(struct held_nlq *h);
/* The next dump fails. */
void held_nlq_fail_dump(struct held_nlq *h, int err);

/* The model: what there is, and what foreign hands do to it. */
size_t held_nlq_routes(const struct held_nlq *h, const struct kroute **r);
size_t held_nlq_rules(const struct held_nlq *h, const struct krule **r);
const struct kroute *held_nlq_find(const struct held_nlq *h, uint32_t table,
				   const struct prefix *dst);
void held_nlq_put_route(struct held_nlq *h, const struct kroute *r);
void held_nlq_drop_route(struct held_nlq *h, const struct kroute *r);
void held_nlq_put_rule(struct held_nlq *h, const struct krule *r);
void held_nlq_drop_rule(struct held_nlq *h, const struct krule *r);

#endif
