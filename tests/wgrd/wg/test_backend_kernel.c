/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/wg/backend_kernel.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/lib/fake_backend.h"
#include "tests/lib/fake_kwg.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/make_conf.h"
#include "wgrd/kernel/kmon.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/strbuf.h"
#include "wgrd/wg/wg.h"

struct world {
	struct loop *loop;
	struct fake_kwg *kernel;
	struct wg_kernel *be;
	struct fake_backend *user;
	struct wg *wg;
	struct conf *running;
	struct wg_group *group[8]; /* made by group_of(); put before the end */
	size_t groups;
	struct strbuf events;
	char why[256];
};

static void on_moved(void *arg, struct wg_peer *p, const struct ip_addr *old,
		     uint16_t old_port)
{
	struct world *w = arg;
	char addr[IP_ADDR_STRLEN];

	(void)old_port;
	strbuf_printf(&w->events, "%s moved from %s\n", wg_peer_name(p),
		      ip_addr_str(old, addr));
}

static void on_anomaly(void *arg, struct wg_peer *p, const struct wg_anomaly *a)
{
	struct world *w = arg;

	strbuf_printf(&w->events, "%s %s\n", wg_peer_name(p), a->kind);
}

static void on_session(void *arg, struct wg_peer *p, bool up)
{
	struct world *w = arg;

	strbuf_printf(&w->events, "%s %s\n", wg_peer_name(p), up ? "up" : "down");
}

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

static void begin(struct world *w)
{
	w->be = wg_kernel_new(w->loop, fake_kwg(w->kernel));
	w->user = fake_backend_new();
	w->wg = wg_new(w->loop, &fake_backend_ops, w->user,
		       &(struct wg_events){.session = on_session,
					   .moved = on_moved,
					   .anomaly = on_anomaly,
					   .arg = w});
	wg_add_backend(w->wg, CONF_BACKEND_KERNEL, &wg_backend_kernel, w->be);
	w->running = make_conf(0);
}

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	log_capture(quiet);
	w->loop = loop_new();
	w->kernel = fake_kwg_new();
	begin(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	while (w->groups)
		wg_group_put(w->group[--w->groups]);
	wg_free(w->wg);
	wg_kernel_free(w->be);
	fake_kwg_free(w->kernel);
	fake_backend_free(w->user);
	loop_free(w->loop);
	conf_free(w->running);
	strbuf_free(&w->events);
	free(w);
	log_capture(NULL);
	return 0;
}

static int commit(struct world *w, struct conf *new)
{
	const struct conf_subscriber sub = {.ops = &wg_conf_subsys, .ctx = w->wg};

	return make_commit(&sub, 1, &w->running, new, w->why, sizeof(w->why));
}

/* An interface of the kernel's, to be changed and then committed. */
static struct conf *conf_of(const char *peers)
{
	struct conf *c = make_conf(1);

	make_device(c, 0, "wg0", 51820, peers)->backend = CONF_BACKEND_KERNEL;
	return c;
}

static struct wg_device *start(struct world *w, const char *peers)
{
	assert_int_equal(commit(w, conf_of(peers)), 0);
	return wg_device_find(w->wg, "wg0");
}

static struct prefix prefix_of(const char *s)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, s), 0);
	return p;
}

/* "a b" of rank 0; ":" before a name: a backup. */
static struct wg_group *group_of(struct world *w, struct wg_device *d, const char *peers)
{
	struct wg_nexthop nh[8];
	char text[64], *rest = text, *word;
	unsigned n = 0;

	snprintf(text, sizeof(text), "%s", peers);
	while ((word = strsep(&rest, " "))) {
		nh[n] = (struct wg_nexthop){
			.peer = wg_peer_find(d, word + (*word == ':')),
			.weight = 1,
			.rank = *word == ':',
		};
		assert_non_null(nh[n++].peer);
	}
	assert_int_equal(wg_group_new(d, nh, n, &w->group[w->groups]), 0);
	return w->group[w->groups++];
}

static void permit(struct wg_device *d, const char *prefix, struct wg_group *g)
{
	const struct prefix p = prefix_of(prefix);

	assert_int_equal(wg_permission_set(d, &p, g, g), 0);
}

static void forbid(struct wg_device *d, const char *prefix)
{
	const struct prefix p = prefix_of(prefix);

	wg_permission_del(d, &p);
}

static void is_in_kernel(struct world *w, const char *expected)
{
	fake_loop_settle(w->loop);
	assert_string_equal(fake_kwg_text(w->kernel, "wg0"), expected);
}

/* Long enough for anything that is polled. */
static void later(struct world *w)
{
	for (int i = 0; i < 5; i++)
		fake_loop_advance(w->loop, 20 * NS_PER_S);
}

static struct wg_device_view view(const struct wg_device *d)
{
	struct wg_device_view v;

	wg_device_view(d, &v);
	return v;
}

/* ---- configuration ---- */

static void an_interface_is_made_and_configured(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a b");

	make_address(c->wireguard[0], "10.0.0.1/24");
	c->wireguard[0]->fwmark = 0x7;
	c->wireguard[0]->peer[0]->persistent_keepalive = 25;
	c->wireguard[0]->peer[0]->preshared_key.set = true;
	c->wireguard[0]->peer[0]->preshared_key.key[0] = 1;
	c->wireguard[0]->peer[1]->endpoint =
		(struct conf_endpoint){prefix_of("192.0.2.1").addr, 1234};
	assert_int_equal(commit(w, c), 0);
	is_in_kernel(w, "a 25s psk:\nb 192.0.2.1:1234:");
	assert_string_equal(fake_kwg_link(w->kernel, "wg0"),
			    "up 1420 51820 0x7 made by wgrd: 10.0.0.1/24");
	assert_int_equal(commit(w, make_conf(0)), 0);
	assert_null(fake_kwg_text(w->kernel, "wg0"));
}

static void what_a_commit_does_not_change_is_not_written(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a b");

	start(w, "a b");
	later(w);
	(void)fake_kwg_messages(w->kernel);
	assert_int_equal(commit(w, conf_of("a b")), 0);
	later(w);
	assert_int_equal(fake_kwg_messages(w->kernel), 0);
	c->wireguard[0]->peer[1]->persistent_keepalive = 9;
	assert_int_equal(commit(w, c), 0);
	assert_int_equal(fake_kwg_messages(w->kernel), 1);
	is_in_kernel(w, "a:\nb 9s:");
}

static void a_name_that_is_taken_is_refused(void **state)
{
	struct world *w = *state;

	fake_kwg_make(w->kernel, "wg0", false, "");
	assert_int_equal(commit(w, conf_of("a")), -EEXIST);
	assert_string_equal(w->why,
			    "wireguard wg0: there is an interface of that name that is "
			    "not WireGuard's; expected another name");
	assert_string_equal(fake_kwg_text(w->kernel, "wg0"), "");
}

static void a_kernel_without_wireguard_is_refused(void **state)
{
	struct world *w = *state;

	fake_kwg_without_module(w->kernel);
	assert_int_equal(commit(w, conf_of("a")), -EOPNOTSUPP);
	assert_non_null(
		strstr(w->why, "the kernel has no WireGuard: expected 'backend user'"));
}

static void a_port_that_it_has_is_not_taken(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a");

	start(w, "a");
	c->wireguard[0]->listen_port = 51830;
	assert_int_equal(commit(w, c), 0);
	/* before any poll has seen it */
	c = conf_of("a");
	c->wireguard[0]->listen_port = 51830;
	c->wireguard[0]->mtu = 1400;
	assert_int_equal(commit(w, c), 0);
	assert_string_equal(fake_kwg_link(w->kernel, "wg0"),
			    "up 1400 51830 0x0 made by wgrd:");
}

static void a_port_that_is_taken_is_refused(void **state)
{
	struct world *w = *state;

	fake_kwg_make(w->kernel, "wg7", true, "");
	fake_kwg_port(w->kernel, "wg7", 51820);
	assert_int_equal(commit(w, conf_of("a")), -EADDRINUSE);
	assert_non_null(strstr(w->why, "wireguard wg0: listen-port 51820 cannot be had"));
	assert_null(fake_kwg_text(w->kernel, "wg0"));
}

static void the_kernel_takes_a_name_over_and_does_not_give_it_back(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a b");
	struct wg_device *d;

	c->wireguard[0]->backend = CONF_BACKEND_USER;
	assert_int_equal(commit(w, c), 0);
	assert_true(fake_backend_has_device(w->user, "wg0"));
	c = conf_of("a b");
	make_address(c->wireguard[0], "10.0.0.1/24");
	c->wireguard[0]->fwmark = 3;
	assert_int_equal(commit(w, c), 0);
	assert_false(fake_backend_has_device(w->user, "wg0"));
	is_in_kernel(w, "a:\nb:");
	assert_string_equal(fake_kwg_link(w->kernel, "wg0"),
			    "up 1420 51820 0x3 made by wgrd: 10.0.0.1/24");
	d = wg_device_find(w->wg, "wg0");
	assert_int_not_equal(wg_device_ifindex(d), 0);
	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	is_in_kernel(w, "a: 10.1.0.0/16\nb:");

	c = conf_of("a b");
	c->wireguard[0]->backend = CONF_BACKEND_USER;
	assert_int_equal(commit(w, c), -EBUSY);
	assert_non_null(strstr(w->why, "remove the interface in one commit"));
	is_in_kernel(w, "a: 10.1.0.0/16\nb:");
}

static void a_take_over_that_is_refused_leaves_everything(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a");

	c->wireguard[0]->backend = CONF_BACKEND_USER;
	assert_int_equal(commit(w, c), 0);
	fake_kwg_without_module(w->kernel);
	assert_int_equal(commit(w, conf_of("a")), -EOPNOTSUPP);
	assert_true(fake_backend_has_device(w->user, "wg0"));
	assert_true(fake_backend_has_peer(w->user, "wg0", "a"));
}

static void a_take_over_that_fails_is_tried_again(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a");

	c->wireguard[0]->backend = CONF_BACKEND_USER;
	assert_int_equal(commit(w, c), 0);
	/* in the way, as a removal that takes its time would be */
	fake_kwg_make(w->kernel, "wg0", false, "");
	assert_int_equal(commit(w, conf_of("a")), 0);
	assert_string_equal(view(wg_device_find(w->wg, "wg0")).inactive,
			    "it was removed and cannot be made again");
	fake_kwg_remove(w->kernel, "wg0");
	later(w);
	is_in_kernel(w, "a:");
}

static void an_interface_that_somebody_removes_is_made_again(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a b");
	struct wg_device *d;
	struct kmon_link gone = {0};

	c->wireguard[0]->fwmark = 3;
	assert_int_equal(commit(w, c), 0);
	d = wg_device_find(w->wg, "wg0");
	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	is_in_kernel(w, "a: 10.1.0.0/16\nb:");
	gone.ifindex = wg_device_ifindex(d);
	fake_kwg_remove(w->kernel, "wg0");
	wg_link_changed(w->wg, &gone, true);
	later(w);
	is_in_kernel(w, "a: 10.1.0.0/16\nb:");
	assert_string_equal(fake_kwg_link(w->kernel, "wg0"),
			    "up 1420 51820 0x3 made by wgrd:");
}

/* ---- prefixes ---- */

static void a_prefix_is_given_moved_and_taken(void **state)
{
	struct world *w = *state;

	for (int can = 0; can < 2; can++) {
		struct wg_device *d;

		fake_kwg_can_remove(w->kernel, can);
		d = start(w, "a b");
		fake_kwg_watch(w->kernel, "10.1.0.0/16");
		permit(d, "10.1.0.0/16", group_of(w, d, "a"));
		permit(d, "2001:db8::/32", group_of(w, d, "a"));
		is_in_kernel(w, "a: 10.1.0.0/16 2001:db8::/32\nb:");
		permit(d, "10.1.0.0/16", group_of(w, d, "b"));
		is_in_kernel(w, "a: 2001:db8::/32\nb: 10.1.0.0/16");
		assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
		fake_kwg_watch(w->kernel, "10.1.0.0/16");
		forbid(d, "2001:db8::/32");
		is_in_kernel(w, "a:\nb: 10.1.0.0/16");
		assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
		forbid(d, "10.1.0.0/16");
		is_in_kernel(w, "a:\nb:");
		assert_int_equal(commit(w, make_conf(0)), 0);
	}
}

static void many_changes_go_in_few_messages(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");
	struct wg_group *g = group_of(w, d, "a");
	char text[32];

	(void)fake_kwg_messages(w->kernel);
	for (int i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "10.%d.%d.0/24", i / 256, i % 256);
		permit(d, text, g);
	}
	wg_settle(w->wg);
	assert_in_range(fake_kwg_messages(w->kernel), 2, 4);
	assert_non_null(strstr(fake_kwg_text(w->kernel, "wg0"), " 10.7.207.0/24"));
	fake_loop_settle(w->loop);
	assert_int_equal(fake_kwg_messages(w->kernel), 0);
}

static void a_group_moves_all_that_it_has(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");
	struct wg_group *g = group_of(w, d, "a");
	const struct wg_nexthop b = {.peer = wg_peer_find(d, "b"), .weight = 1};

	permit(d, "10.1.0.0/16", g);
	permit(d, "10.2.0.0/16", g);
	fake_loop_settle(w->loop);
	fake_kwg_watch(w->kernel, "10.1.0.0/16");
	assert_int_equal(wg_group_set(g, &b, 1), 0);
	/* at once, without a turn of the loop */
	assert_string_equal(fake_kwg_text(w->kernel, "wg0"),
			    "a:\nb: 10.1.0.0/16 10.2.0.0/16");
	assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
}

static void one_owner_of_several_is_shown_as_degraded(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");
	const struct prefix p = prefix_of("10.1.0.0/16");

	permit(d, "10.1.0.0/16", group_of(w, d, "a b"));
	permit(d, "10.2.0.0/16", group_of(w, d, "b"));
	is_in_kernel(w, "a: 10.1.0.0/16\nb: 10.2.0.0/16");
	assert_int_equal(view(d).degraded_prefixes, 1);
	assert_true(wg_has_owners(d));
	assert_ptr_equal(wg_prefix_owner(d, &p), wg_peer_find(d, "a"));
	forbid(d, "10.1.0.0/16");
	assert_int_equal(view(d).degraded_prefixes, 0);
}

static void a_peer_that_goes_leaves_what_others_may_have_to_them(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");
	struct conf *c = conf_of("a b");

	permit(d, "10.1.0.0/16", group_of(w, d, "a b"));
	permit(d, "10.2.0.0/16", group_of(w, d, "a"));
	is_in_kernel(w, "a: 10.1.0.0/16 10.2.0.0/16\nb:");
	fake_kwg_watch(w->kernel, "10.1.0.0/16");
	c->wireguard[0]->peer[0]->shutdown = true;
	assert_int_equal(commit(w, c), 0);
	is_in_kernel(w, "b: 10.1.0.0/16");
	assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
	assert_int_equal(commit(w, conf_of("a b")), 0);
	is_in_kernel(w, "a: 10.1.0.0/16 10.2.0.0/16\nb:");
	assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
	assert_int_equal(commit(w, conf_of("b")), 0);
	is_in_kernel(w, "b: 10.1.0.0/16");
	assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
}

static void a_new_key_takes_over_before_the_old_one_goes(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");
	struct conf *c = conf_of("a b");

	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	fake_loop_settle(w->loop);
	fake_kwg_watch(w->kernel, "10.1.0.0/16");
	c->wireguard[0]->peer[0]->public_key[0] = 'z';
	assert_int_equal(commit(w, c), 0);
	is_in_kernel(w, "b:\nz: 10.1.0.0/16");
	assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
}

static void two_peers_may_exchange_their_keys(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");
	struct conf *c = conf_of("a b");

	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	permit(d, "10.2.0.0/16", group_of(w, d, "b"));
	fake_loop_settle(w->loop);
	c->wireguard[0]->peer[0]->public_key[0] = 'b';
	c->wireguard[0]->peer[1]->public_key[0] = 'a';
	assert_int_equal(commit(w, c), 0);
	is_in_kernel(w, "a: 10.2.0.0/16\nb: 10.1.0.0/16");
}

/* ---- adopting ---- */

static void kernel_as_left_by_a_former_run(struct world *w, const char *alias)
{
	struct conf *c = conf_of("a");

	fake_kwg_make(w->kernel, "wg0", true, alias);
	fake_kwg_port(w->kernel, "wg0", 51820);
	fake_kwg_private_key(w->kernel, "wg0", c->wireguard[0]->private_key.key);
	fake_kwg_peer(w->kernel, "wg0", 'a',
		      "10.1.0.0/16 10.9.0.0/16 10.8.0.0/16 10.7.0.0/16");
	fake_kwg_peer_state(w->kernel, "wg0", 'a', "192.0.2.7", (uint64_t)time(NULL), 0);
	fake_kwg_peer(w->kernel, "wg0", 's', "10.6.0.0/16");
	conf_free(c);
}

static void what_is_as_it_should_be_is_adopted_untouched(void **state)
{
	struct world *w = *state;
	struct wg_device *d;
	struct conf *c = conf_of("a");

	kernel_as_left_by_a_former_run(w, "made by wgrd");
	fake_kwg_watch(w->kernel, "10.1.0.0/16");
	c->wireguard[0]->peer[0]->endpoint =
		(struct conf_endpoint){prefix_of("192.0.2.1").addr, 51820};
	assert_int_equal(commit(w, c), 0);
	d = wg_device_find(w->wg, "wg0");
	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	/* nothing leaves before everything that is wanted is known */
	later(w);
	is_in_kernel(
		w, "a 192.0.2.7:51820: 10.1.0.0/16 10.7.0.0/16 10.8.0.0/16 10.9.0.0/16\n"
		   "s: 10.6.0.0/16");
	assert_int_equal(fake_kwg_endpoints(w->kernel), 0);
	assert_string_equal(strbuf_str(&w->events), "a up\n");
	wg_adopt_end(w->wg);
	is_in_kernel(w, "a 192.0.2.7:51820: 10.1.0.0/16");
	assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
}

static void what_somebody_else_made_keeps_what_is_not_ours(void **state)
{
	struct world *w = *state;
	struct wg_device *d;

	kernel_as_left_by_a_former_run(w, "mine");
	d = start(w, "a");
	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	wg_adopt_end(w->wg);
	later(w);
	is_in_kernel(
		w, "a 192.0.2.7:51820: 10.1.0.0/16 10.7.0.0/16 10.8.0.0/16 10.9.0.0/16\n"
		   "s: 10.6.0.0/16");
	assert_true(view(d).adopted);
	assert_int_equal(view(d).foreign_peers, 1);
	assert_int_equal(view(d).foreign_prefixes, 4);
	/* what it brought it takes back */
	assert_int_equal(commit(w, make_conf(0)), 0);
	assert_string_equal(fake_kwg_text(w->kernel, "wg0"), "s: 10.6.0.0/16");
}

static void somebody_elses_key_is_not_taken_away(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a");

	kernel_as_left_by_a_former_run(w, "mine");
	c->wireguard[0]->private_key.set = false;
	(void)fake_kwg_messages(w->kernel);
	assert_int_equal(commit(w, c), -EINVAL);
	assert_non_null(
		strstr(w->why, "expected private-key or private-key-file with it"));
	assert_int_equal(fake_kwg_messages(w->kernel), 0);
}

static void foreign_remove_and_keep_say_otherwise(void **state)
{
	struct world *w = *state;
	struct conf *c = conf_of("a");

	kernel_as_left_by_a_former_run(w, "mine");
	c->wireguard[0]->foreign = CONF_FOREIGN_REMOVE;
	assert_int_equal(commit(w, c), 0);
	wg_adopt_end(w->wg);
	is_in_kernel(w, "a 192.0.2.7:51820:");
	assert_int_equal(commit(w, make_conf(0)), 0);
	fake_kwg_remove(w->kernel, "wg0");

	kernel_as_left_by_a_former_run(w, "made by wgrd");
	c = conf_of("a");
	c->wireguard[0]->foreign = CONF_FOREIGN_KEEP;
	assert_int_equal(commit(w, c), 0);
	later(w);
	is_in_kernel(
		w, "a 192.0.2.7:51820: 10.1.0.0/16 10.7.0.0/16 10.8.0.0/16 10.9.0.0/16\n"
		   "s: 10.6.0.0/16");
}

static void an_aborted_commit_leaves_a_found_interface_alone(void **state)
{
	struct world *w = *state;
	struct conf *c = make_conf(2);

	kernel_as_left_by_a_former_run(w, "made by wgrd");
	fake_kwg_make(w->kernel, "wg1", false, "");
	make_device(c, 0, "wg0", 51820, "a")->backend = CONF_BACKEND_KERNEL;
	make_device(c, 1, "wg1", 51821, "a")->backend = CONF_BACKEND_KERNEL;
	assert_int_equal(commit(w, c), -EEXIST);
	is_in_kernel(
		w, "a 192.0.2.7:51820: 10.1.0.0/16 10.7.0.0/16 10.8.0.0/16 10.9.0.0/16\n"
		   "s: 10.6.0.0/16");
}

static void what_is_to_be_retained_stays_as_it_is(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a");

	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	fake_loop_settle(w->loop);
	wg_kernel_retain(w->be);
	while (w->groups)
		wg_group_put(w->group[--w->groups]);
	wg_free(w->wg);
	w->wg = NULL;
	assert_string_equal(fake_kwg_text(w->kernel, "wg0"), "a: 10.1.0.0/16");
	assert_non_null(strstr(fake_kwg_link(w->kernel, "wg0"), "up 1420 51820"));
}

/* ---- watching ---- */

static void sessions_and_endpoints_are_noticed(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a");
	struct wg_peer_view v;
	char addr[IP_ADDR_STRLEN];

	later(w);
	fake_kwg_peer_state(w->kernel, "wg0", 'a', "192.0.2.9", (uint64_t)time(NULL),
			    148);
	later(w);
	assert_string_equal(strbuf_str(&w->events), "a up\n");
	wg_peer_view(wg_peer_find(d, "a"), &v);
	assert_int_equal(v.session, WG_SESSION_UP);
	assert_int_equal(v.handshakes, 1);
	assert_true(wg_peer_answers(wg_peer_find(d, "a")));
	assert_string_equal(ip_addr_str(&v.endpoint, addr), "192.0.2.9");
	fake_kwg_peer_state(w->kernel, "wg0", 'a', "192.0.2.10", (uint64_t)time(NULL),
			    148);
	later(w);
	assert_string_equal(strbuf_str(&w->events), "a up\na moved from 192.0.2.9\n");
	wg_peer_view(wg_peer_find(d, "a"), &v);
	assert_int_equal(v.moves, 1);
	strbuf_free(&w->events);
	fake_kwg_peer_state(w->kernel, "wg0", 'a', NULL, (uint64_t)time(NULL) - 181, 148);
	later(w);
	assert_string_equal(strbuf_str(&w->events), "a down\n");
	assert_false(wg_peer_answers(wg_peer_find(d, "a")));
}

static void a_peer_that_does_not_answer_loses_what_a_backup_can_have(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");
	const uint64_t long_ago = (uint64_t)time(NULL) - 1000;
	uint64_t sent = 148;

	permit(d, "10.1.0.0/16", group_of(w, d, "a :b"));
	is_in_kernel(w, "a: 10.1.0.0/16\nb:");
	fake_kwg_watch(w->kernel, "10.1.0.0/16");
	/* an initiation every five seconds */
	for (int i = 0; i < 30; i++) {
		fake_kwg_peer_state(w->kernel, "wg0", 'a', NULL, long_ago, sent += 148);
		fake_loop_advance(w->loop, 5 * NS_PER_S);
	}
	is_in_kernel(w, "a:\nb: 10.1.0.0/16");
	fake_kwg_peer_state(w->kernel, "wg0", 'a', NULL, (uint64_t)time(NULL), sent);
	later(w);
	is_in_kernel(w, "a: 10.1.0.0/16\nb:");
	assert_int_equal(fake_kwg_orphaned(w->kernel), 0);
}

static void what_somebody_else_takes_away_is_written_again(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");

	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	fake_loop_settle(w->loop);
	fake_kwg_peer_remove(w->kernel, "wg0", 'a');
	is_in_kernel(w, "b:");
	later(w);
	is_in_kernel(w, "a: 10.1.0.0/16\nb:");
	fake_kwg_peer(w->kernel, "wg0", 's', "10.1.0.0/16 10.3.0.0/16");
	later(w);
	is_in_kernel(w, "a: 10.1.0.0/16\nb:\ns: 10.3.0.0/16");
	assert_int_equal(view(d).foreign_peers, 1);
}

static void differences_are_mended_at_once_when_asked(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");

	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	fake_loop_settle(w->loop);
	fake_kwg_peer_remove(w->kernel, "wg0", 'a');
	is_in_kernel(w, "b:");
	wg_resync(w->wg);
	fake_loop_settle(w->loop);
	is_in_kernel(w, "a: 10.1.0.0/16\nb:");
}

static void settings_that_somebody_else_changes_are_set_again(void **state)
{
	static const uint8_t other[32] = {9};
	struct world *w = *state;

	start(w, "a");
	later(w);
	fake_kwg_port(w->kernel, "wg0", 7);
	fake_kwg_private_key(w->kernel, "wg0", other);
	(void)fake_kwg_messages(w->kernel);
	later(w);
	assert_string_equal(fake_kwg_link(w->kernel, "wg0"),
			    "up 1420 51820 0x0 made by wgrd:");
	/* both in one, and only once */
	assert_int_equal(fake_kwg_messages(w->kernel), 1);
}

static void what_the_kernel_refuses_is_tried_again_and_shown(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a");

	later(w);
	fake_kwg_refuse(w->kernel, 1, -ENOMEM);
	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	fake_loop_settle(w->loop);
	assert_string_equal(fake_kwg_text(w->kernel, "wg0"), "a:");
	assert_string_equal(view(d).inactive, "the kernel refuses a change");
	later(w);
	is_in_kernel(w, "a: 10.1.0.0/16");
	assert_null(view(d).inactive);
}

static void an_answer_with_gaps_is_not_believed(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a");

	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	later(w);
	(void)fake_kwg_messages(w->kernel);
	fake_kwg_interrupt(w->kernel, 7);
	later(w);
	assert_int_equal(fake_kwg_messages(w->kernel), 0);
	is_in_kernel(w, "a: 10.1.0.0/16");
}

static void clearing_a_peer_makes_it_anew_with_all_it_has(void **state)
{
	struct world *w = *state;
	struct wg_device *d = start(w, "a b");

	permit(d, "10.1.0.0/16", group_of(w, d, "a"));
	fake_loop_settle(w->loop);
	fake_kwg_peer_state(w->kernel, "wg0", 'a', "192.0.2.9", (uint64_t)time(NULL),
			    148);
	later(w);
	wg_peer_clear(wg_peer_find(d, "a"));
	is_in_kernel(w, "a 192.0.2.9:51820: 10.1.0.0/16\nb:");
	assert_string_equal(strbuf_str(&w->events), "a up\na down\n");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_interface_is_made_and_configured),
		TEST(what_a_commit_does_not_change_is_not_written),
		TEST(a_name_that_is_taken_is_refused),
		TEST(a_kernel_without_wireguard_is_refused),
		TEST(a_port_that_it_has_is_not_taken),
		TEST(a_port_that_is_taken_is_refused),
		TEST(the_kernel_takes_a_name_over_and_does_not_give_it_back),
		TEST(a_take_over_that_is_refused_leaves_everything),
		TEST(a_take_over_that_fails_is_tried_again),
		TEST(an_interface_that_somebody_removes_is_made_again),
		TEST(a_prefix_is_given_moved_and_taken),
		TEST(many_changes_go_in_few_messages),
		TEST(a_group_moves_all_that_it_has),
		TEST(one_owner_of_several_is_shown_as_degraded),
		TEST(a_peer_that_goes_leaves_what_others_may_have_to_them),
		TEST(a_new_key_takes_over_before_the_old_one_goes),
		TEST(two_peers_may_exchange_their_keys),
		TEST(what_is_as_it_should_be_is_adopted_untouched),
		TEST(what_somebody_else_made_keeps_what_is_not_ours),
		TEST(somebody_elses_key_is_not_taken_away),
		TEST(foreign_remove_and_keep_say_otherwise),
		TEST(an_aborted_commit_leaves_a_found_interface_alone),
		TEST(what_is_to_be_retained_stays_as_it_is),
		TEST(sessions_and_endpoints_are_noticed),
		TEST(a_peer_that_does_not_answer_loses_what_a_backup_can_have),
		TEST(what_somebody_else_takes_away_is_written_again),
		TEST(differences_are_mended_at_once_when_asked),
		TEST(settings_that_somebody_else_changes_are_set_again),
		TEST(what_the_kernel_refuses_is_tried_again_and_shown),
		TEST(an_answer_with_gaps_is_not_believed),
		TEST(clearing_a_peer_makes_it_anew_with_all_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
