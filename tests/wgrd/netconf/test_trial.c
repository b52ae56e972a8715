/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Confirmed commit, RFC 6241 section 8.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/wgrd/netconf/rig.h"
#include "wgrd/conf/confirm.h"

#define EDIT(n) \
	"<wgrd " RIG_W "><tenant><name>red</name><table>" #n "</table></tenant></wgrd>"
#define RED(n)        "<tenant><name>red</name><table>" #n "</table></tenant>"
#define CONFIRMED(in) "<commit><confirmed/>" in "</commit>"
#define TIME(n)       "<confirm-timeout>" #n "</confirm-timeout>"
#define PERSIST(t)    "<persist>" t "</persist>"
#define ID(t)         "<persist-id>" t "</persist-id>"

/* Running has table 7, the candidate 8. */
static struct netconf_session *start(struct rig *r)
{
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_has(rig_edit(r, s, "running", "", EDIT(7)), "<ok", NULL);
	rig_has(rig_edit(r, s, "candidate", "", EDIT(8)), "<ok", NULL);
	return s;
}

static void expect(struct rig *r, struct netconf_session *s, const char *running)
{
	assert_string_equal(rig_config(r, s, "running"), running);
}

static void what_is_not_confirmed_in_time_is_undone(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	rig_must(r, s, CONFIRMED(TIME(30)));
	expect(r, s, RED(8));
	fake_loop_advance(r->loop, 29 * NS_PER_S);
	expect(r, s, RED(8));
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	expect(r, s, RED(7));
}

static void ten_minutes_are_usual(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	rig_must(r, s, CONFIRMED(""));
	fake_loop_advance(r->loop, 599 * NS_PER_S);
	expect(r, s, RED(8));
	fake_loop_advance(r->loop, 2 * NS_PER_S);
	expect(r, s, RED(7));
}

static void what_is_confirmed_stays(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	rig_must(r, s, CONFIRMED(TIME(30)));
	rig_must(r, s, "<commit/>");
	fake_loop_advance(r->loop, 3600 * NS_PER_S);
	expect(r, s, RED(8));
}

static void a_trial_may_be_prolonged_and_added_to(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	rig_must(r, s, CONFIRMED(TIME(30)));
	fake_loop_advance(r->loop, 20 * NS_PER_S);
	rig_edit(r, s, "candidate", "", EDIT(9));
	rig_must(r, s, CONFIRMED(TIME(30)));
	fake_loop_advance(r->loop, 20 * NS_PER_S);
	expect(r, s, RED(9));
	fake_loop_advance(r->loop, 20 * NS_PER_S);
	expect(r, s, RED(7));
}

static void it_ends_with_its_session(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r), *other = rig_login(r, "root", 0);

	rig_must(r, s, "<lock><target><running/></target></lock>");
	rig_must(r, s, CONFIRMED(TIME(30)));
	netconf_session_end(s);
	expect(r, other, RED(7));
}

static void it_is_undone_even_if_running_is_locked(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	rig_must(r, s, "<lock><target><running/></target></lock>");
	rig_must(r, s, CONFIRMED(TIME(30)));
	fake_loop_advance(r->loop, 31 * NS_PER_S);
	expect(r, s, RED(7));
}

static void nobody_else_commits_meanwhile(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r), *other = rig_login(r, "root", 0);

	rig_must(r, s, CONFIRMED(TIME(30)));
	rig_has(rig_rpc(r, other, "<commit/>"), "in-use", NULL);
	rig_has(rig_rpc(r, other, CONFIRMED("")), "in-use", NULL);
	rig_has(rig_rpc(r, other, "<cancel-commit/>"), "in-use", NULL);
	rig_has(rig_edit(r, other, "running", "", EDIT(9)), "in-use", "on trial", NULL);
	rig_has(rig_rpc(r, s,
			"<copy-config><target><startup/></target><source><running/>"
			"</source></copy-config>"),
		"in-use", "on trial", NULL);
	expect(r, s, RED(8));
	rig_must(r, s, "<commit/>");
	rig_has(rig_edit(r, other, "running", "", EDIT(9)), "<ok", NULL);
}

static void it_can_be_cancelled(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	rig_has(rig_rpc(r, s, "<cancel-commit/>"), "operation-failed", NULL);
	rig_must(r, s, CONFIRMED(TIME(30)));
	rig_must(r, s, "<cancel-commit/>");
	expect(r, s, RED(7));
	rig_has(rig_rpc(r, s, "<cancel-commit/>"), "operation-failed", NULL);
}

static void with_a_token_it_outlives_its_session(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r), *other = rig_login(r, "root", 0);

	rig_must(r, s, CONFIRMED(TIME(30) PERSIST("secret")));
	netconf_session_end(s);
	expect(r, other, RED(8));
	rig_has(rig_rpc(r, other, "<commit/>"), "in-use", NULL);
	rig_has(rig_rpc(r, other, "<commit>" ID("other") "</commit>"), "invalid-value",
		"<bad-element>persist-id<", NULL);
	rig_has(rig_rpc(r, other, "<cancel-commit>" ID("other") "</cancel-commit>"),
		"invalid-value", NULL);
	rig_must(r, other, "<commit>" ID("secret") "</commit>");
	fake_loop_advance(r->loop, 3600 * NS_PER_S);
	expect(r, other, RED(8));
}

static void the_token_may_be_replaced(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r), *other = rig_login(r, "root", 0);

	rig_must(r, s, CONFIRMED(TIME(30) PERSIST("one")));
	rig_must(r, other, CONFIRMED(TIME(30) ID("one") PERSIST("two")));
	rig_has(rig_rpc(r, s, "<commit>" ID("one") "</commit>"), "invalid-value", NULL);
	rig_must(r, s, "<cancel-commit>" ID("two") "</cancel-commit>");
	expect(r, s, RED(7));
}

static void a_commit_that_is_refused_begins_no_trial(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r), *other = rig_login(r, "root", 0);

	rig_edit(r, s, "candidate", "",
		 "<wgrd " RIG_W
		 "><tenant><name>blue</name><table>8</table></tenant></wgrd>");
	rig_has(rig_rpc(r, s, CONFIRMED("")), "operation-failed", NULL);
	rig_has(rig_edit(r, other, "running", "", EDIT(9)), "<ok", NULL);
}

static void a_trial_of_the_command_line_outlives_a_commit_that_is_refused(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);
	const struct confirm_terms terms = {.seconds = 30, .by = "vty of root"};
	char why[200];

	assert_int_equal(confirm_begin(r->confirm, &terms, why, sizeof(why)), 0);
	rig_has(rig_edit(r, s, "running", "", EDIT(9)), "<ok", NULL);
	rig_edit(r, s, "candidate", "",
		 "<wgrd " RIG_W
		 "><tenant><name>blue</name><table>8</table></tenant></wgrd>");
	rig_has(rig_rpc(r, s, CONFIRMED(TIME(30))), "operation-failed", NULL);
	fake_loop_advance(r->loop, 31 * NS_PER_S);
	expect(r, s, RED(7));
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	rig_has(rig_rpc(r, s, CONFIRMED(TIME(0))), "invalid-value", "confirm-timeout",
		NULL);
	rig_has(rig_rpc(r, s, CONFIRMED(TIME(x))), "invalid-value", NULL);
	rig_has(rig_rpc(r, s, CONFIRMED(PERSIST(""))), "invalid-value", NULL);
	rig_has(rig_rpc(r, s, "<commit>" PERSIST("a") "</commit>"), "missing-element",
		NULL);
	rig_has(rig_rpc(r, s, "<commit>" ID("a") "</commit>"), "invalid-value", NULL);
	expect(r, s, RED(7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(what_is_not_confirmed_in_time_is_undone),
		RIG_TEST(ten_minutes_are_usual),
		RIG_TEST(what_is_confirmed_stays),
		RIG_TEST(a_trial_may_be_prolonged_and_added_to),
		RIG_TEST(it_ends_with_its_session),
		RIG_TEST(it_is_undone_even_if_running_is_locked),
		RIG_TEST(nobody_else_commits_meanwhile),
		RIG_TEST(it_can_be_cancelled),
		RIG_TEST(with_a_token_it_outlives_its_session),
		RIG_TEST(the_token_may_be_replaced),
		RIG_TEST(a_commit_that_is_refused_begins_no_trial),
		RIG_TEST(a_trial_of_the_command_line_outlives_a_commit_that_is_refused),
		RIG_TEST(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
