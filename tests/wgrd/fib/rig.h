/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_TESTS_WGRD_FIB_RIG_H
#define WGRD_TESTS_WGRD_FIB_RIG_H

/*
 * A FIB between a fake data plane and a netlink queue held by the test. wg0 has the peers
 * a and b, wg1 has c. Own prefixes are noted in @adverts.
 */

#include <stdint.h>

#include "tests/lib/fake_backend.h"
#include "tests/lib/fake_loop.h"
#include "tests/wgrd/fib/held_nlq.h"
#include "wgrd/fib/fib.h"
#include "wgrd/lib/strbuf.h"

enum {
	RIG_TABLE = 1001,
	RIG_METRIC = 20
};

struct rig {
	struct loop *loop;
	struct held_nlq *nlq;
	struct fake_backend *be;
	struct wg *wg;
	struct conf *conf;
	struct fib *fib;
	struct wg_device *wg0, *wg1;
	struct wg_group *a, *b, *c;
	struct strbuf adverts;
	int advert_err;              /* what the next advertisement is answered with */
	enum fib_state advert_state; /* what zebra is said to have made of them */
};

/* cmocka's setup and teardown; *state is the rig. */
int rig_setup(void **state);
int rig_teardown(void **state);
/* The same with a back end in which each prefix has one owner. */
int rig_setup_with_owners(void **state);

struct prefix rig_prefix(const char *s);
/* The wishes that a learned prefix has: a permission for @g and a route over its device. */
void rig_want(struct rig *r, const char *prefix, struct wg_group *g);
void rig_unwant(struct rig *r, const char *prefix, struct wg_group *g);
void rig_want_guard(struct rig *r, uint32_t table);
struct kroute rig_route(const char *prefix, struct wg_group *g);
struct kroute rig_guard(uint32_t table);
struct krule rig_rule(const char *iif, uint32_t table);

/* Runs jobs, answering nothing. */
void rig_turn(struct rig *r);
/* Runs jobs and answers until nothing is asked any more. */
void rig_settle(struct rig *r);

/* Fail with what was expected and what was seen, then forget it. */
void rig_expect_netlink(struct rig *r, const char *log);
void rig_expect_backend(struct rig *r, const char *log);
void rig_expect_adverts(struct rig *r, const char *log);
void rig_expect_state(struct rig *r, const char *prefix, enum fib_state state);
struct fib_view rig_view(const struct rig *r);

#endif
