/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/fake_backend.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/make_conf.h"
#include "wgrd/kernel/kmon.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/wg/wg.h"

static struct loop *loop;
static struct fake_backend *be;
static struct wg *wg;
static struct conf *running;
static struct strbuf announced, logged;

static void on_device(void *arg, struct wg_device *d, bool gone)
{
	(void)arg;
	strbuf_printf(&announced, "%s %s %u\n", wg_device_name(d), gone ? "gone" : "came",
		      wg_device_ifindex(d));
}

static void keep_line(enum log_level level, enum log_subsys s, const char *line)
{
	(void)s;
	if (level <= LOG_LEVEL_WARN)
		strbuf_printf(&logged, "%s\n", line);
}

static void commit(bool shutdown)
{
	struct conf *c = make_conf(1), *old = running;
	struct conf_wireguard *d = make_device(c, 0, "wg0", 51820, "a b");
	char why[256];

	make_address(d, "10.99.0.1/24");
	make_address(d, "fd99::1/64");
	d->shutdown = shutdown;
	assert_int_equal(
		conf_commit(&(struct conf_subscriber){.ops = &wg_conf_subsys, .ctx = wg},
			    1, old, c, why, sizeof(why)),
		0);
	running = c;
	conf_free(old);
	fake_loop_settle(loop);
	strbuf_truncate(&announced, 0);
	fake_backend_clear_log(be);
}

static int setup(void **state)
{
	/* what limits the log outlives a test */
	static uint64_t hours;

	(void)state;
	log_capture(keep_line);
	loop = loop_new();
	be = fake_backend_new();
	wg = wg_new(loop, &fake_backend_ops, be,
		    &(struct wg_events){.device = on_device});
	running = make_conf(0);
	fake_loop_advance(loop, ++hours * 3600 * NS_PER_S);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	wg_free(wg);
	fake_backend_free(be);
	loop_free(loop);
	conf_free(running);
	strbuf_free(&announced);
	strbuf_free(&logged);
	log_capture(NULL);
	return 0;
}

static unsigned lines_of(const struct strbuf *b)
{
	unsigned n = 0;

	for (const char *at = strbuf_str(b); (at = strchr(at, '\n')); at++)
		n++;
	return n;
}

static uint32_t ifindex(void)
{
	return wg_device_ifindex(wg_device_find(wg, "wg0"));
}

/* What the monitor says of wg0: its addresses, "" none. */
static void link_is(bool up, bool gone, const char *addresses)
{
	struct klink_address a[4];
	struct kmon_link l = {.ifindex = ifindex(),
			      .name = "wg0",
			      .up = up,
			      .admin_up = up,
			      .address = a};
	char *list = xstrdup(addresses), *rest = list, *word;

	while ((word = strtok_r(rest, " ", &rest))) {
		struct prefix p;

		assert_int_equal(prefix_parse(&p, word), 0);
		a[l.address_count++] = (struct klink_address){p.addr, p.len};
	}
	free(list);
	wg_link_changed(wg, &l, gone);
	fake_loop_settle(loop);
}

static void comes_up(void)
{
	commit(false);
	link_is(false, false, "10.99.0.1/24 fd99::1/64");
	link_is(true, false, "10.99.0.1/24 fd99::1/64 fe80::1/64");
}

static void expect_log(const char *want)
{
	assert_string_equal(fake_backend_log(be), want);
	fake_backend_clear_log(be);
}

static const char made_up[] = "device_link wg0 up mtu 1420 10.99.0.1/24 fd99::1/64\n";

static void what_we_do_ourselves_is_not_undone(void **state)
{
	(void)state;
	comes_up();
	fake_loop_advance(loop, 10 * NS_PER_S);
	expect_log("");
	commit(true);
	link_is(false, false, "");
	fake_loop_advance(loop, 10 * NS_PER_S);
	expect_log("");
	commit(false);
	/* addresses are announced one by one */
	link_is(true, false, "10.99.0.1/24");
	link_is(true, false, "10.99.0.1/24 fd99::1/64");
	fake_loop_advance(loop, 10 * NS_PER_S);
	expect_log("");
	assert_string_equal(strbuf_str(&logged), "");
}

static void one_that_was_removed_is_made_again_and_announced(void **state)
{
	char want[64];

	(void)state;
	comes_up();
	link_is(false, true, "");
	assert_non_null(
		strstr(strbuf_str(&logged), "interface wg0: somebody else removed it"));
	assert_string_equal(fake_backend_log(be),
			    "device_reopen wg0\n"
			    "device_link wg0 up mtu 1420 10.99.0.1/24 fd99::1/64\n");
	snprintf(want, sizeof(want), "wg0 came %u\n", ifindex());
	assert_string_equal(strbuf_str(&announced), want);
}

static void who_removes_it_in_a_loop_has_a_second_for_each_time(void **state)
{
	(void)state;
	comes_up();
	for (unsigned i = 0; i < 20; i++) {
		link_is(false, true, "");
		fake_loop_advance(loop, 500 * NS_PER_MS);
	}
	assert_int_equal(lines_of(&announced), 1 + 10);
}

static void one_that_cannot_be_made_again_is_tried_every_second(void **state)
{
	struct wg_device_view v;

	(void)state;
	comes_up();
	for (unsigned i = 0; i < 3; i++) {
		fake_backend_refuse(be, "wg0",
				    "there is an interface of this name already");
		if (i == 0)
			link_is(false, true, "");
		else
			fake_loop_advance(loop, NS_PER_S);
		expect_log("device_reopen wg0\n");
		wg_device_view(wg_device_find(wg, "wg0"), &v);
		assert_false(v.up);
		assert_string_equal(v.inactive,
				    "it was removed and cannot be made again");
	}
	assert_non_null(strstr(strbuf_str(&logged),
			       "there is an interface of this name already"));
	assert_null(strstr(strstr(strbuf_str(&logged), "already") + 1, "already"));
	assert_string_equal(strbuf_str(&announced), "");
	fake_loop_advance(loop, NS_PER_S);
	wg_device_view(wg_device_find(wg, "wg0"), &v);
	assert_true(v.up);
}

static void addresses_that_were_taken_come_back_a_moment_later(void **state)
{
	(void)state;
	comes_up();
	link_is(true, false, "10.99.0.1/24");
	expect_log("");
	fake_loop_advance(loop, 100 * NS_PER_MS);
	expect_log(made_up);
	assert_non_null(strstr(strbuf_str(&logged), "addresses are not as configured"));
	/* not more than once a second */
	link_is(true, false, "fd99::1/64");
	fake_loop_advance(loop, 900 * NS_PER_MS);
	expect_log("");
	fake_loop_advance(loop, 100 * NS_PER_MS);
	expect_log(made_up);
}

static void one_that_others_set_down_stays_down_and_says_so(void **state)
{
	struct wg_device_view v;

	(void)state;
	comes_up();
	link_is(false, false, "10.99.0.1/24");
	link_is(false, false, "10.99.0.1/24");
	fake_loop_advance(loop, 10 * NS_PER_S);
	expect_log("");
	wg_device_view(wg_device_find(wg, "wg0"), &v);
	assert_false(v.up);
	assert_string_equal(v.inactive, "set down by somebody else");
	assert_string_equal(
		strbuf_str(&logged),
		"interface wg0: somebody else set it down; \"ip link set wg0 up\" "
		"ends that\n");
	/* IPv6 addresses went with it */
	link_is(true, false, "10.99.0.1/24");
	wg_device_view(wg_device_find(wg, "wg0"), &v);
	assert_true(v.up);
	fake_loop_advance(loop, 100 * NS_PER_MS);
	expect_log(made_up);
}

static void other_links_are_not_looked_at(void **state)
{
	struct kmon_link l = {.ifindex = 7, .name = "eth0"};

	(void)state;
	comes_up();
	wg_link_changed(wg, &l, false);
	wg_link_changed(wg, &l, true);
	fake_loop_advance(loop, 10 * NS_PER_S);
	expect_log("");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_we_do_ourselves_is_not_undone),
		T(one_that_was_removed_is_made_again_and_announced),
		T(who_removes_it_in_a_loop_has_a_second_for_each_time),
		T(one_that_cannot_be_made_again_is_tried_every_second),
		T(addresses_that_were_taken_come_back_a_moment_later),
		T(one_that_others_set_down_stays_down_and_says_so),
		T(other_links_are_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
