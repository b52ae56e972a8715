/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trials and rollbacks, in fake time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/conf_script.h"
#include "tests/lib/fake_loop.h"
#include "wgrd/conf/candidate.h"
#include "wgrd/conf/conf.h"
#include "wgrd/conf/confirm.h"

static struct loop *loop;
static struct datastore *ds;
static struct confirm *confirm;
static bool port_is_taken;
static char why[512];

static int refuse_if_taken(void *ctx, struct conf_change *c, char *reason, size_t len)
{
	(void)ctx;
	(void)c;
	if (port_is_taken)
		snprintf(reason, len, "the port is taken");
	return port_is_taken ? -EADDRINUSE : 0;
}

static const struct conf_subsys moody = {.name = "moody", .prepare = refuse_if_taken};

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	ds = conf_script_datastore();
	datastore_subscribe(ds, &moody, NULL);
	confirm = confirm_new(ds, loop);
	conf_script_apply(ds, "set " W("wg0") "/mtu 1400");
	port_is_taken = false;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	confirm_free(confirm);
	datastore_free(ds);
	loop_free(loop);
	return 0;
}

static unsigned mtu(void)
{
	return datastore_conf(ds)->wireguard[0]->mtu;
}

static void set_mtu(unsigned value)
{
	char script[64];

	snprintf(script, sizeof(script), "set " W("wg0") "/mtu %u", value);
	conf_script_apply(ds, script);
}

/* As a session with a candidate of its own would commit. */
static int commit_by(struct candidate *c, const char *value)
{
	struct conf_edit e = {.path = (char *)W("wg0") "/mtu", .value = (char *)value};
	int err = candidate_take(c, why, sizeof(why));

	if (!err)
		err = candidate_edit(c, &e, why, sizeof(why));
	if (!err)
		err = candidate_commit(c, why, sizeof(why));
	candidate_drop(c);
	return err;
}

static void begin(unsigned seconds, const void *session, const char *token)
{
	const struct confirm_terms terms = {
		.seconds = seconds, .session = session, .token = token, .by = "ada"};

	if (confirm_begin(confirm, &terms, why, sizeof(why)))
		fail_msg("%s", why);
}

static void a_rollback_is_a_commit_like_any_other(void **state)
{
	const struct commit_origin by = {.user = "ada", .from = "vty"};
	const struct commit_record *r;

	(void)state;
	set_mtu(1401);
	set_mtu(1402);
	assert_int_equal(confirm_rollback(confirm, 1, &by, why, sizeof(why)), 0);
	assert_int_equal(mtu(), 1400);
	r = commit_log_get(datastore_commit_log(ds), 0);
	assert_int_equal(r->id, 4);
	assert_string_equal(r->origin.user, "ada");
	assert_int_equal(confirm_rollback(confirm, 3, &by, why, sizeof(why)), 0);
	assert_int_equal(mtu(), 1402);
	assert_int_equal(confirm_rollback(confirm, 99, &by, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "commit 99"));
}

static void what_is_not_confirmed_in_time_is_undone(void **state)
{
	struct confirm_view v;

	(void)state;
	begin(60, NULL, NULL);
	set_mtu(1401);
	set_mtu(1402);
	fake_loop_advance(loop, 59 * NS_PER_S);
	assert_int_equal(mtu(), 1402);
	assert_true(confirm_view(confirm, &v));
	assert_int_equal(v.left_s, 1);
	assert_int_equal(v.base, 1);
	fake_loop_advance(loop, NS_PER_S);
	assert_int_equal(mtu(), 1400);
	assert_false(confirm_view(confirm, &v));
	/* what was tried is still there to be had */
	assert_int_equal(confirm_rollback(confirm, 3, &(struct commit_origin){0}, why,
					  sizeof(why)),
			 0);
	assert_int_equal(mtu(), 1402);
}

static void what_is_confirmed_stays(void **state)
{
	(void)state;
	begin(60, NULL, NULL);
	set_mtu(1401);
	assert_int_equal(confirm_check(confirm, NULL, NULL, why, sizeof(why)), 0);
	confirm_keep(confirm);
	fake_loop_advance(loop, 120 * NS_PER_S);
	assert_int_equal(mtu(), 1401);
	assert_int_equal(confirm_check(confirm, NULL, NULL, why, sizeof(why)), -ENOENT);
}

static void a_second_beginning_gives_new_time_and_keeps_the_base(void **state)
{
	(void)state;
	begin(60, NULL, NULL);
	set_mtu(1401);
	fake_loop_advance(loop, 50 * NS_PER_S);
	begin(60, NULL, NULL);
	set_mtu(1402);
	fake_loop_advance(loop, 50 * NS_PER_S);
	assert_int_equal(mtu(), 1402);
	fake_loop_advance(loop, 10 * NS_PER_S);
	assert_int_equal(mtu(), 1400);
}

static void a_trial_of_a_session_is_nobody_elses(void **state)
{
	struct candidate own = {.ds = ds}, other = {.ds = ds};
	const struct confirm_terms theirs = {.seconds = 9, .session = &other, .by = "b"};

	(void)state;
	begin(60, &own, NULL);
	assert_int_equal(commit_by(&own, "1401"), 0);
	assert_int_equal(commit_by(&other, "1402"), -EBUSY);
	assert_non_null(strstr(why, "ada"));
	assert_int_equal(confirm_begin(confirm, &theirs, why, sizeof(why)), -EBUSY);
	assert_int_equal(confirm_check(confirm, &other, NULL, why, sizeof(why)), -EPERM);
	assert_int_equal(confirm_check(confirm, &own, NULL, why, sizeof(why)), 0);
	confirm_session_ended(confirm, &other);
	assert_int_equal(mtu(), 1401);
	confirm_session_ended(confirm, &own);
	assert_int_equal(mtu(), 1400);
	assert_int_equal(commit_by(&other, "1402"), 0);
}

static void a_token_outlives_its_session(void **state)
{
	struct candidate own = {.ds = ds}, other = {.ds = ds};

	(void)state;
	begin(60, &own, "red");
	assert_int_equal(commit_by(&own, "1401"), 0);
	confirm_session_ended(confirm, &own);
	assert_int_equal(mtu(), 1401);
	assert_int_equal(commit_by(&other, "1402"), -EBUSY);
	assert_int_equal(confirm_check(confirm, &other, "blue", why, sizeof(why)),
			 -EPERM);
	assert_int_equal(confirm_check(confirm, &other, NULL, why, sizeof(why)), -EPERM);
	begin(60, &other, "red"); /* it has moved to another session */
	assert_int_equal(commit_by(&other, "1402"), 0);
	fake_loop_advance(loop, 60 * NS_PER_S);
	assert_int_equal(mtu(), 1400);
}

static void a_way_back_that_is_refused_is_tried_again(void **state)
{
	struct confirm_view v;

	(void)state;
	begin(60, NULL, NULL);
	set_mtu(1401);
	port_is_taken = true;
	fake_loop_advance(loop, 65 * NS_PER_S);
	assert_int_equal(mtu(), 1401);
	assert_true(confirm_view(confirm, &v));
	port_is_taken = false;
	fake_loop_advance(loop, 10 * NS_PER_S);
	assert_int_equal(mtu(), 1400);
	assert_false(confirm_view(confirm, &v));
}

static void reverting_by_hand_does_not_wait(void **state)
{
	const struct commit_origin by = {.user = "ada", .from = "vty"};

	(void)state;
	begin(60, NULL, NULL);
	set_mtu(1401);
	assert_int_equal(confirm_revert(confirm, &by, why, sizeof(why)), 0);
	assert_int_equal(mtu(), 1400);
	assert_string_equal(commit_log_get(datastore_commit_log(ds), 0)->origin.from,
			    "vty, back to commit 1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_rollback_is_a_commit_like_any_other),
		TEST(what_is_not_confirmed_in_time_is_undone),
		TEST(what_is_confirmed_stays),
		TEST(a_second_beginning_gives_new_time_and_keeps_the_base),
		TEST(a_trial_of_a_session_is_nobody_elses),
		TEST(a_token_outlives_its_session),
		TEST(a_way_back_that_is_refused_is_tried_again),
		TEST(reverting_by_hand_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
