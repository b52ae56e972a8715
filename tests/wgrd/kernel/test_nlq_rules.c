/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue against the kernel: rules. Over loop_new() of loop_libevent.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/wgrd/kernel/lab.h"
#include "tests/wgrd/kernel/queue_rig.h"

static const struct {
	sa_family_t family;
	const char *iif, *src;
	uint32_t fwmark;
} rule_cases[] = {
	{AF_INET, "va", NULL, 0},   {AF_INET, "", "10.0.0.0/8", 0},
	{AF_INET, "", NULL, 0x64},  {AF_INET, "notyethere", "192.0.2.1/32", 0xffffffff},
	{AF_INET6, "va", NULL, 0},  {AF_INET6, "", "fd00::/16", 0},
	{AF_INET6, "", NULL, 0x64}, {AF_INET6, "fifteen-letters", "::1/128", 1},
};

static struct krule rule_case(size_t i)
{
	struct krule r = {
		.family = rule_cases[i].family,
		.priority = 1000 + (uint32_t)i,
		.table = RIG_TABLE,
		.fwmark = rule_cases[i].fwmark,
	};

	strcpy(r.iif, rule_cases[i].iif);
	if (rule_cases[i].src)
		r.src = rig_prefix(rule_cases[i].src);
	return r;
}

static void rules_come_are_dumped_and_go(void **state)
{
	(void)state;
	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < ARRAY_SIZE(rule_cases); i++) {
			struct krule r = rule_case(i);

			rig_add_rule(&r);
		}
	rig_expect_all_answers(0);
	rig_dump_rules();
	assert_int_equal(rig.dumped_count, ARRAY_SIZE(rule_cases));
	for (size_t i = 0; i < ARRAY_SIZE(rule_cases); i++) {
		struct krule r = rule_case(i);
		char expected[KRULE_STRLEN], saw[KRULE_STRLEN];

		assert_string_equal(krule_str(&rig.dumped_rules[i], saw),
				    krule_str(&r, expected));
		assert_true(krule_equal(&rig.dumped_rules[i], &r));
	}
	lab_expect_text("1001:\tfrom 10.0.0.0/8 lookup 1000 proto 157", true,
			"-4 rule show");
	lab_expect_text("1006:\tfrom all fwmark 0x64 lookup 1000 proto 157", true,
			"-6 rule show");
	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < ARRAY_SIZE(rule_cases); i++) {
			struct krule r = rule_case(i);

			rig_del_rule(&r);
		}
	rig_expect_all_answers(0);
	rig_dump_rules();
	assert_int_equal(rig.dumped_count, 0);
	assert_int_equal(lab_ip_lines("-4 rule show"), 3);
	assert_int_equal(lab_ip_lines("-6 rule show"), 2);
}

static void rules_of_others_stay(void **state)
{
	struct krule r = rule_case(1);

	(void)state;
	lab_ip("rule add priority 1001 from 10.0.0.0/8 table %d protocol 99", RIG_TABLE);
	lab_ip("rule add priority 1001 from 10.0.0.0/8 table %d", RIG_TABLE);
	assert_int_equal(rig_del_rule_now(&r), 0);
	assert_int_equal(lab_ip_lines("-4 rule show priority 1001"), 2);
	assert_int_equal(rig_add_rule_now(&r), 0);
	assert_int_equal(lab_ip_lines("-4 rule show priority 1001"), 3);
	rig_dump_rules();
	assert_int_equal(rig.dumped_count, 1);
	assert_int_equal(rig_del_rule_now(&r), 0);
	assert_int_equal(lab_ip_lines("-4 rule show priority 1001"), 2);
	lab_expect_text("157", false, "-4 rule show priority 1001");
	lab_ip("rule del priority 1001");
	lab_ip("rule del priority 1001");
}

/* The kernel would delete the one for the other; see krule_hits(). */
static void rules_the_kernel_could_confuse_are_refused(void **state)
{
	struct krule wide = rule_case(0), narrow = wide, other = wide;

	(void)state;
	narrow.src = rig_prefix("10.0.0.0/8");
	other.priority = 1;
	other.src = narrow.src;
	rig_add_rule(&wide);
	rig_add_rule(&narrow);
	rig_add_rule(&other);
	rig_del_rule(&wide);
	rig_add_rule(&narrow);
	rig_add_rule(&wide);
	rig_wait_for_answers();
	assert_int_equal(rig.answers[0], 0);
	assert_int_equal(rig.answers[1], -ENOTUNIQ);
	assert_int_equal(rig.answers[2], 0);
	assert_int_equal(rig.answers[3], 0);
	assert_int_equal(rig.answers[4], 0);
	assert_int_equal(rig.answers[5], -ENOTUNIQ);
	rig_dump_rules();
	assert_int_equal(rig.dumped_count, 2);
	rig_forget_answers();
	rig_del_rule(&narrow);
	rig_del_rule(&other);
	rig_expect_all_answers(0);
	assert_int_equal(lab_ip_lines("-4 rule show"), 3);
}

static void a_rule_that_says_nothing_definite_is_refused(void **state)
{
	struct krule bad[] = {rule_case(0), rule_case(0), rule_case(0),
			      rule_case(1), rule_case(1), rule_case(0)};

	(void)state;
	bad[0].priority = 0;
	bad[1].table = 0;
	bad[2].family = AF_UNIX;
	bad[3].src = rig_prefix("fd00::/8");
	bad[4].src = rig_prefix("0.0.0.0/0");
	memset(bad[5].iif, 'x', sizeof(bad[5].iif));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		rig_add_rule(&bad[i]);
	rig_expect_all_answers(-EINVAL);
}

static void rules_that_say_more_than_ours_are_not_taken_for_ours(void **state)
{
	(void)state;
	lab_ip("rule add priority 1001 to 10.0.0.0/8 table %d protocol 157", RIG_TABLE);
	lab_ip("rule add priority 1002 not from 10.0.0.0/8 table %d protocol 157",
	       RIG_TABLE);
	lab_ip("rule add priority 1003 fwmark 1/1 table %d protocol 157", RIG_TABLE);
	lab_ip("rule add priority 1004 ipproto udp table %d protocol 157", RIG_TABLE);
	lab_ip("rule add priority 1005 iif va prohibit protocol 157");
	rig_dump_rules();
	assert_int_equal(rig.dumped_count, 0);
	lab_ip("rule flush table %d", RIG_TABLE);
	lab_ip("rule del priority 1005");
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(rules_come_are_dumped_and_go),
		KERNEL_TEST(rules_of_others_stay),
		KERNEL_TEST(rules_the_kernel_could_confuse_are_refused),
		KERNEL_TEST(a_rule_that_says_nothing_definite_is_refused),
		KERNEL_TEST(rules_that_say_more_than_ours_are_not_taken_for_ours),
	};

	if (!lab_enter())
		return LAB_SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
