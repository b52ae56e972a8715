/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wgrd/conf/commit.h"
#include "wgrd/conf/conf.h"

/* Three subsystems that write down what is asked of them: "check a, prepare a, ...". */
struct fake {
	const char *name;
	int check_result, prepare_result;
	const char *sentence;
};

static char seen[512];
static const struct conf old_conf = {.serial = 6}, new_conf = {.serial = 7};

static void note(const char *what, const struct fake *f)
{
	size_t len = strlen(seen);

	snprintf(seen + len, sizeof(seen) - len, "%s%s %s", len ? ", " : "", what,
		 f->name);
}

static int answer(const struct fake *f, int result, char *why, size_t why_len)
{
	if (result && f->sentence)
		snprintf(why, why_len, "%s", f->sentence);
	return result;
}

static int fake_check(void *ctx, const struct conf *new, char *why, size_t why_len)
{
	const struct fake *f = ctx;

	assert_ptr_equal(new, &new_conf);
	note("check", f);
	return answer(f, f->check_result, why, why_len);
}

static int fake_prepare(void *ctx, struct conf_change *c, char *why, size_t why_len)
{
	const struct fake *f = ctx;

	assert_ptr_equal(c->old, &old_conf);
	assert_ptr_equal(c->new, &new_conf);
	assert_null(c->prepared);
	c->prepared = ctx;
	note("prepare", f);
	return answer(f, f->prepare_result, why, why_len);
}

static void fake_apply(void *ctx, struct conf_change *c)
{
	assert_ptr_equal(c->prepared, ctx);
	note("apply", ctx);
}

static void fake_abort(void *ctx, struct conf_change *c)
{
	assert_ptr_equal(c->prepared, ctx);
	note("abort", ctx);
}

static const struct conf_subsys full = {
	.name = "subsystem",
	.check = fake_check,
	.prepare = fake_prepare,
	.apply = fake_apply,
	.abort = fake_abort,
};

static void subsystems_are_asked_in_turn_and_aborted_in_reverse(void **state)
{
	static const struct {
		const char *what;
		struct fake subs[3];
		int result;
		const char *why, *seen;
	} cases[] = {
		{"all agree",
		 {{"a", 0, 0, NULL}, {"b", 0, 0, NULL}, {"c", 0, 0, NULL}},
		 0,
		 "",
		 "check a, check b, check c, prepare a, prepare b, prepare c, "
		 "apply a, apply b, apply c"},
		{"a check refuses",
		 {{"a", 0, 0, NULL}, {"b", -EINVAL, 0, "b: no"}, {"c", 0, 0, NULL}},
		 -EINVAL,
		 "b: no",
		 "check a, check b"},
		{"the last prepare refuses",
		 {{"a", 0, 0, NULL},
		  {"b", 0, 0, NULL},
		  {"c", 0, -EADDRINUSE, "port taken"}},
		 -EADDRINUSE,
		 "port taken",
		 "check a, check b, check c, prepare a, prepare b, prepare c, abort b, abort a"},
		{"the first prepare refuses",
		 {{"a", 0, -EPERM, "a: no"}, {"b", 0, 0, NULL}, {"c", 0, 0, NULL}},
		 -EPERM,
		 "a: no",
		 "check a, check b, check c, prepare a"},
		{"a refusal without a sentence is named",
		 {{"a", -ENOSPC, 0, NULL}, {"b", 0, 0, NULL}, {"c", 0, 0, NULL}},
		 -ENOSPC,
		 "subsystem: No space left on device",
		 "check a"},
		{"a positive result is a refusal too",
		 {{"a", 0, 1, "odd"}, {"b", 0, 0, NULL}, {"c", 0, 0, NULL}},
		 -EINVAL,
		 "odd",
		 "check a, check b, check c, prepare a"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake subs[3];
		struct conf_subscriber list[3];
		char why[64] = "left over";
		int result;

		memcpy(subs, cases[i].subs, sizeof(subs));
		for (size_t j = 0; j < ARRAY_SIZE(list); j++)
			list[j] = (struct conf_subscriber){.ops = &full, .ctx = &subs[j]};
		seen[0] = '\0';
		result = conf_commit(list, ARRAY_SIZE(list), &old_conf, &new_conf, why,
				     sizeof(why));
		if (result != cases[i].result || strcmp(why, cases[i].why) != 0 ||
		    strcmp(seen, cases[i].seen) != 0)
			fail_msg("%s: expected %d \"%s\", %s\nsaw %d \"%s\", %s",
				 cases[i].what, cases[i].result, cases[i].why,
				 cases[i].seen, result, why, seen);
	}
}

static void a_subsystem_may_leave_out_what_it_does_not_need(void **state)
{
	static const struct conf_subsys empty = {.name = "empty"};
	static const struct conf_subsys refusing = {.name = "refusing",
						    .prepare = fake_prepare};
	struct fake no = {"no", 0, -EBUSY, "busy"};
	const struct conf_subscriber list[] = {{&empty, NULL}, {&refusing, &no}};
	char why[64];

	(void)state;
	assert_int_equal(conf_commit(list, 1, &old_conf, &new_conf, why, sizeof(why)), 0);
	assert_int_equal(conf_commit(list, 2, &old_conf, &new_conf, why, sizeof(why)),
			 -EBUSY);
	assert_string_equal(why, "busy");
}

static void a_commit_nobody_cares_about_succeeds(void **state)
{
	char why[64];

	(void)state;
	assert_int_equal(conf_commit(NULL, 0, &old_conf, &new_conf, why, sizeof(why)), 0);
}

static void say(void *ctx, struct conf_change *c)
{
	assert_string_equal(c->notice, "");
	snprintf(c->notice, sizeof(c->notice), "%s", (const char *)ctx);
}

static void what_subsystems_say_of_their_success_is_put_together(void **state)
{
	static const struct conf_subsys talker = {.name = "talker", .apply = say};
	static char one[] = "a waits", two[] = "b waits", none[] = "", long_one[400];
	const struct conf_subscriber list[] = {
		{&talker, one}, {&talker, none}, {&talker, two}, {&talker, long_one}};
	struct conf_outcome o;
	char why[64];

	(void)state;
	memset(long_one, 'x', sizeof(long_one) - 1);
	assert_int_equal(
		conf_commit_at(list, 2, &old_conf, &new_conf, &o, why, sizeof(why)), 0);
	assert_string_equal(o.notice, "a waits");
	assert_int_equal(
		conf_commit_at(list, 3, &old_conf, &new_conf, &o, why, sizeof(why)), 0);
	assert_string_equal(o.notice, "a waits; b waits");
	assert_int_equal(
		conf_commit_at(list, 4, &old_conf, &new_conf, &o, why, sizeof(why)), 0);
	assert_int_equal(strlen(o.notice), CONF_NOTICE_LEN - 1);
	assert_int_equal(
		conf_commit_at(list + 1, 1, &old_conf, &new_conf, &o, why, sizeof(why)),
		0);
	assert_string_equal(o.notice, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subsystems_are_asked_in_turn_and_aborted_in_reverse),
		cmocka_unit_test(a_subsystem_may_leave_out_what_it_does_not_need),
		cmocka_unit_test(what_subsystems_say_of_their_success_is_put_together),
		cmocka_unit_test(a_commit_nobody_cares_about_succeeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
