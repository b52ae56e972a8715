/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "tests/lib/fake_kernel.h"
#include "tests/lib/fake_loop.h"
#include "wgrd/lib/strbuf.h"

static struct loop *loop;
static struct fake_kernel *kernel;
static struct nlq *q;
static struct strbuf answers; /* "0 -17 ..." */

static int set_up(void **state)
{
	(void)state;
	loop = loop_new();
	kernel = fake_kernel_new(loop);
	q = fake_kernel_nlq(kernel);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_kernel_free(kernel);
	loop_free(loop);
	strbuf_free(&answers);
	return 0;
}

static void on_done(void *arg, int err)
{
	(void)arg;
	strbuf_printf(&answers, "%d ", err);
}

static void expect_answers(const char *expected)
{
	assert_string_equal(strbuf_str(&answers), expected);
	strbuf_truncate(&answers, 0);
}

static struct kroute route(const char *dst, uint32_t oif)
{
	struct kroute r = {.table = 100, .metric = 20, .oif = oif};

	assert_int_equal(prefix_parse(&r.dst, dst), 0);
	return r;
}

static void set(const char *dst, uint32_t oif)
{
	struct kroute r = route(dst, oif);

	q->ops->route_set(q, &r, on_done, NULL);
}

static void del(const char *dst)
{
	struct kroute r = route(dst, 1);

	q->ops->route_del(q, &r, on_done, NULL);
}

static const struct krule rule = {
	.family = AF_INET, .priority = 1000, .table = 100, .iif = "wg0"};

static void what_is_asked_is_done_in_order_and_answered_later(void **state)
{
	(void)state;
	set("10.2.0.0/16", 1);
	set("10.1.0.0/16", 1);
	set("10.1.0.0/16", 2);
	q->ops->rule_add(q, &rule, on_done, NULL);
	q->ops->rule_add(q, &rule, on_done, NULL);
	assert_string_equal(fake_kernel_text(kernel), "");
	q->ops->flush(q);
	expect_answers("");
	assert_string_equal(fake_kernel_text(kernel),
			    "IPv4 1000: iif wg0 lookup 100\n"
			    "10.1.0.0/16 table 100 metric 20 oif 2\n"
			    "10.2.0.0/16 table 100 metric 20 oif 1\n");
	fake_loop_settle(loop);
	expect_answers("0 0 0 0 0 ");
	assert_string_equal(fake_kernel_trace(kernel),
			    "set 10.2.0.0/16 table 100 metric 20 oif 1\n"
			    "set 10.1.0.0/16 table 100 metric 20 oif 1\n"
			    "set 10.1.0.0/16 table 100 metric 20 oif 2\n"
			    "add IPv4 1000: iif wg0 lookup 100\n"
			    "add IPv4 1000: iif wg0 lookup 100\n");
	fake_kernel_forget(kernel);
	del("10.1.0.0/16");
	del("10.9.0.0/16");
	q->ops->rule_del(q, &rule, on_done, NULL);
	fake_loop_settle(loop);
	expect_answers("0 0 0 ");
	assert_int_equal(fake_kernel_route_count(kernel), 1);
	assert_int_equal(fake_kernel_rule_count(kernel), 0);
}

static void held_requests_wait_for_the_test(void **state)
{
	(void)state;
	fake_kernel_hold(kernel, true);
	set("10.0.0.0/8", 1);
	set("11.0.0.0/8", 1);
	set("12.0.0.0/8", 1);
	fake_loop_settle(loop);
	assert_int_equal(fake_kernel_pending(kernel), 3);
	assert_int_equal(fake_kernel_route_count(kernel), 0);
	assert_int_equal(fake_kernel_complete(kernel, 1), 1);
	expect_answers("0 ");
	assert_string_equal(fake_kernel_text(kernel),
			    "10.0.0.0/8 table 100 metric 20 oif 1\n");
	fake_kernel_hold(kernel, false);
	fake_loop_settle(loop);
	expect_answers("0 0 ");
	assert_int_equal(fake_kernel_complete(kernel, 5), 0);
}

static void failures_come_as_ordered_and_change_nothing(void **state)
{
	(void)state;
	fake_kernel_fail_next(kernel, -ENOBUFS);
	fake_kernel_fail_next(kernel, -EPERM);
	set("10.0.0.0/8", 1);
	set("11.0.0.0/8", 1);
	set("12.0.0.0/8", 1);
	fake_loop_settle(loop);
	expect_answers("-105 -1 0 ");
	assert_string_equal(fake_kernel_text(kernel),
			    "12.0.0.0/8 table 100 metric 20 oif 1\n");
	assert_string_equal(fake_kernel_trace(kernel),
			    "set 10.0.0.0/8 table 100 metric 20 oif 1 failed -105\n"
			    "set 11.0.0.0/8 table 100 metric 20 oif 1 failed -1\n"
			    "set 12.0.0.0/8 table 100 metric 20 oif 1\n");
}

static void it_judges_as_the_real_queue_does(void **state)
{
	struct krule narrow = rule;
	struct kroute r = route("10.0.0.0/8", 1);

	(void)state;
	fake_kernel_put_route(kernel, &r, false);
	set("10.0.0.0/8", 1);
	del("10.0.0.0/8");
	set("11.0.0.0/8", 0);
	assert_int_equal(prefix_parse(&narrow.src, "10.0.0.0/8"), 0);
	q->ops->rule_add(q, &rule, on_done, NULL);
	q->ops->rule_add(q, &narrow, on_done, NULL);
	fake_loop_settle(loop);
	expect_answers("-17 0 -22 0 -76 ");
	assert_string_equal(fake_kernel_text(kernel),
			    "IPv4 1000: iif wg0 lookup 100\n"
			    "foreign 10.0.0.0/8 table 100 metric 20 oif 1\n");
}

static void on_route_gone(void *arg, const struct kroute *r)
{
	char name[KROUTE_STRLEN];

	strbuf_printf(arg, "gone %s\n", kroute_str(r, name));
}

static void on_rule_gone(void *arg, const struct krule *r)
{
	char name[KRULE_STRLEN];

	strbuf_printf(arg, "gone %s\n", krule_str(r, name));
}

static void deletions_are_announced_but_ipv4_leaves_a_link_silently(void **state)
{
	struct strbuf gone = {0};
	struct fake_kernel_events ev = {on_route_gone, on_rule_gone, &gone};
	struct prefix ten, none;

	(void)state;
	fake_kernel_watch(kernel, &ev);
	fake_kernel_put_rule(kernel, &rule, true);
	set("10.0.0.0/8", 1);
	set("11.0.0.0/8", 1);
	set("fd00::/8", 1);
	set("12.0.0.0/8", 2);
	fake_loop_settle(loop);
	expect_answers("0 0 0 0 ");
	assert_int_equal(prefix_parse(&ten, "10.0.0.0/8"), 0);
	assert_int_equal(prefix_parse(&none, "99.0.0.0/8"), 0);
	assert_true(fake_kernel_lose_route(kernel, 100, &ten, 20));
	assert_false(fake_kernel_lose_route(kernel, 100, &none, 20));
	assert_true(fake_kernel_lose_rule(kernel, &rule));
	fake_kernel_link_down(kernel, 1);
	assert_string_equal(strbuf_str(&gone),
			    "gone 10.0.0.0/8 table 100 metric 20 oif 1\n"
			    "gone IPv4 1000: iif wg0 lookup 100\n"
			    "gone fd00::/8 table 100 metric 20 oif 1\n");
	set("10.0.0.0/8", 1);
	fake_loop_settle(loop);
	expect_answers("-100 ");
	fake_kernel_link_up(kernel, 1);
	set("10.0.0.0/8", 1);
	fake_loop_settle(loop);
	expect_answers("0 ");
	assert_non_null(fake_kernel_route(kernel, 100, &ten, 20));
	assert_null(fake_kernel_route(kernel, 100, &none, 20));
	strbuf_free(&gone);
}

static void count_route(void *arg, const struct kroute *r)
{
	(void)r;
	++*(unsigned *)arg;
}

static void dumps_show_ours_and_can_fail(void **state)
{
	struct kroute r = route("10.0.0.0/8", 1);
	unsigned n = 0;

	(void)state;
	fake_kernel_put_route(kernel, &r, false);
	r.metric = 30;
	fake_kernel_put_route(kernel, &r, true);
	fake_kernel_fail_next_dump(kernel, -ENOMEM);
	assert_int_equal(q->ops->dump_routes(q, count_route, &n), -ENOMEM);
	assert_int_equal(n, 0);
	assert_int_equal(q->ops->dump_routes(q, count_route, &n), 0);
	assert_int_equal(n, 1);
}

#define KERNEL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KERNEL_TEST(what_is_asked_is_done_in_order_and_answered_later),
		KERNEL_TEST(held_requests_wait_for_the_test),
		KERNEL_TEST(failures_come_as_ordered_and_change_nothing),
		KERNEL_TEST(it_judges_as_the_real_queue_does),
		KERNEL_TEST(deletions_are_announced_but_ipv4_leaves_a_link_silently),
		KERNEL_TEST(dumps_show_ours_and_can_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
