/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/wg/wg.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/fake_backend.h"
#include "tests/lib/fake_loop.h"
#include "tests/lib/make_conf.h"
#include "wgrd/lib/log.h"
#include "wgrd/lib/strbuf.h"

struct world {
	struct loop *loop;
	struct fake_backend *be;
	struct wg *wg;
	struct conf *running;
	struct strbuf events;
	char why[256];
};

static int commit(struct world *w, struct conf *new)
{
	const struct conf_subscriber sub = {.ops = &wg_conf_subsys, .ctx = w->wg};

	return make_commit(&sub, 1, &w->running, new, w->why, sizeof(w->why));
}

static void on_device(void *arg, struct wg_device *d, bool gone)
{
	struct world *w = arg;

	strbuf_printf(&w->events, "%s %s\n", wg_device_name(d), gone ? "gone" : "came");
	assert_int_equal(wg_device_gone(d), 0);
	assert_ptr_equal(wg_device_find(w->wg, wg_device_name(d)), gone ? NULL : d);
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

static int setup(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	log_capture(quiet);
	w->loop = loop_new();
	w->be = fake_backend_new();
	w->wg = wg_new(w->loop, &fake_backend_ops, w->be,
		       &(struct wg_events){
			       .device = on_device, .session = on_session, .arg = w});
	w->running = make_conf(0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	wg_free(w->wg);
	fake_backend_free(w->be);
	loop_free(w->loop);
	conf_free(w->running);
	strbuf_free(&w->events);
	free(w);
	log_capture(NULL);
	return 0;
}

static struct prefix prefix_of(const char *s)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, s), 0);
	return p;
}

static void one_device(struct world *w, const char *peers)
{
	struct conf *c = make_conf(1);

	make_device(c, 0, "wg0", 51820, peers);
	assert_int_equal(commit(w, c), 0);
}

static struct wg_group *group_of(struct wg_device *d, const char *peer)
{
	struct wg_nexthop nh = {.peer = wg_peer_find(d, peer), .weight = 1};
	struct wg_group *g;

	assert_non_null(nh.peer);
	assert_int_equal(wg_group_new(d, &nh, 1, &g), 0);
	return g;
}

static void an_interface_comes_with_its_peers_and_is_announced_after(void **state)
{
	struct world *w = *state;
	struct wg_device *d;

	one_device(w, "a b");
	assert_string_equal(fake_backend_log(w->be), "device_new wg0\n"
						     "device_set wg0\n"
						     "peer_new wg0 a\n"
						     "peer_new wg0 b\n"
						     "device_link wg0 up mtu 1420\n");
	assert_string_equal(strbuf_str(&w->events), "wg0 came\n");
	d = wg_device_find(w->wg, "wg0");
	assert_int_equal(wg_device_ifindex(d), 101);
	assert_ptr_equal(wg_device_find_index(w->wg, 101), d);
	assert_null(wg_device_find_index(w->wg, 102));
	assert_string_equal(wg_peer_name(wg_peer_find(d, "b")), "b");
	assert_null(wg_peer_find(d, "c"));
	assert_ptr_equal(wg_peer_find_any(w->wg, "b"), wg_peer_find(d, "b"));
	assert_null(wg_peer_find_any(w->wg, "c"));
}

static void changing_one_peer_touches_nothing_else(void **state)
{
	struct world *w = *state;
	struct wg_peer *a, *b;
	struct conf *c = make_conf(2);

	make_device(c, 0, "wg0", 1, "a b c");
	make_device(c, 1, "wg1", 2, "x");
	assert_int_equal(commit(w, c), 0);
	a = wg_peer_find(wg_device_find(w->wg, "wg0"), "a");
	b = wg_peer_find(wg_device_find(w->wg, "wg0"), "b");
	fake_backend_clear_log(w->be);

	c = make_conf(2);
	make_device(c, 0, "wg0", 1, "a b c")->peer[1]->public_key[31] = 7;
	make_device(c, 1, "wg1", 2, "x");
	assert_int_equal(commit(w, c), 0);
	assert_string_equal(fake_backend_log(w->be), "peer_set wg0 b\n");
	/* a new key, but the same peer */
	assert_ptr_equal(wg_peer_find(wg_device_find(w->wg, "wg0"), "b"), b);
	assert_int_equal(wg_peer_conf(b)->public_key[31], 7);
	assert_ptr_equal(wg_peer_conf(a), c->wireguard[0]->peer[0]);
}

static void a_new_port_touches_no_peer(void **state)
{
	struct world *w = *state;
	struct conf *c;

	one_device(w, "a");
	fake_backend_clear_log(w->be);
	c = make_conf(1);
	make_device(c, 0, "wg0", 51821, "a");
	assert_int_equal(commit(w, c), 0);
	assert_string_equal(fake_backend_log(w->be), "device_prepare wg0\n"
						     "device_set wg0\n");
}

static void peers_that_leave_go_before_others_come(void **state)
{
	struct world *w = *state;

	one_device(w, "a c");
	fake_backend_clear_log(w->be);
	one_device(w, "b c");
	assert_string_equal(fake_backend_log(w->be), "peer_retire wg0 a\n"
						     "peer_free wg0 a\n"
						     "peer_new wg0 b\n");
}

static void a_refused_interface_undoes_those_before_it(void **state)
{
	struct world *w = *state;
	struct conf *c;

	one_device(w, "a");
	fake_backend_clear_log(w->be);
	c = make_conf(3);
	make_device(c, 0, "wg0", 7, "a");
	make_device(c, 1, "wg1", 8, "");
	make_device(c, 2, "wg2", 9, "");
	fake_backend_refuse(w->be, "wg2", "wireguard wg2: port 9 is taken");
	assert_int_equal(commit(w, c), -EBUSY);
	assert_string_equal(w->why, "wireguard wg2: port 9 is taken");
	assert_string_equal(fake_backend_log(w->be), "device_prepare wg0\n"
						     "device_new wg1\n"
						     "device_new wg2\n"
						     "device_stop wg1\n"
						     "device_free wg1\n"
						     "device_abort wg0\n");
	assert_null(wg_device_find(w->wg, "wg1"));
	assert_non_null(wg_device_find(w->wg, "wg0"));
}

static void another_subsystem_may_refuse_after_us(void **state)
{
	struct world *w = *state;
	struct conf_change c = {.old = w->running};
	struct conf *new = make_conf(1);

	make_device(new, 0, "wg0", 1, "a");
	c.new = new;
	assert_int_equal(wg_conf_subsys.prepare(w->wg, &c, w->why, sizeof(w->why)), 0);
	wg_conf_subsys.abort(w->wg, &c);
	assert_string_equal(fake_backend_log(w->be), "device_new wg0\n"
						     "device_stop wg0\n"
						     "device_free wg0\n");
	conf_free(new);
}

static void prefixes_that_share_a_group_move_in_one_step(void **state)
{
	struct world *w = *state;
	struct prefix p1 = prefix_of("10.1.0.0/16"), p2 = prefix_of("2001:db8::/32");
	struct wg_nexthop nh[2] = {{.weight = 1}, {.weight = 3, .rank = 1}};
	struct wg_device *d;
	struct wg_group *g;

	one_device(w, "a b");
	d = wg_device_find(w->wg, "wg0");
	g = group_of(d, "a");
	assert_int_equal(wg_permission_set(d, &p1, g, g), 0);
	assert_int_equal(wg_permission_set(d, &p2, g, NULL), 0);
	assert_ptr_equal(wg_egress_get(d, &p1), g);
	assert_string_equal(fake_backend_egress(w->be, "wg0", "10.1.0.0/16"), "a");
	assert_string_equal(fake_backend_source(w->be, "wg0", "10.1.2.3"), "a");
	assert_null(fake_backend_source(w->be, "wg0", "2001:db8::1"));

	nh[0].peer = wg_peer_find(d, "b");
	nh[1].peer = wg_peer_find(d, "a");
	assert_int_equal(wg_group_set(g, nh, 2), 0);
	assert_string_equal(fake_backend_route(w->be, "wg0", "2001:db8::1"), "b a*3/1");
	wg_group_put(g);
	wg_permission_del(d, &p1);
	wg_permission_del(d, &p2);
	wg_permission_del(d, &p2); /* what is not there is not an error */
	assert_int_equal(fake_backend_egress_count(w->be, "wg0"), 0);
	assert_int_equal(fake_backend_ingress_count(w->be, "wg0"), 0);
}

static void a_moving_prefix_is_replaced_and_never_deleted(void **state)
{
	struct world *w = *state;
	struct prefix p = prefix_of("10.1.0.0/16");
	struct wg_device *d;
	struct wg_group *a, *b;

	one_device(w, "a b");
	d = wg_device_find(w->wg, "wg0");
	a = group_of(d, "a");
	b = group_of(d, "b");
	assert_int_equal(wg_permission_set(d, &p, a, NULL), 0);
	wg_group_put(a);
	fake_backend_clear_log(w->be);
	assert_int_equal(wg_permission_set(d, &p, b, NULL), 0);
	assert_int_equal(wg_permission_set(d, &p, b, NULL),
			 0); /* already so: says nothing */
	wg_group_put(b);
	assert_string_equal(fake_backend_log(w->be), "egress_set wg0 10.1.0.0/16 b\n"
						     "group_free wg0\n");
}

static void without_memory_a_permission_stays_as_it_was(void **state)
{
	struct world *w = *state;
	struct prefix p = prefix_of("10.1.0.0/16"), q = prefix_of("10.2.0.0/16");
	struct wg_nexthop nh = {.weight = 1};
	struct wg_device *d;
	struct wg_group *a, *b, *none = NULL;

	one_device(w, "a b");
	d = wg_device_find(w->wg, "wg0");
	a = group_of(d, "a");
	b = group_of(d, "b");
	assert_int_equal(wg_permission_set(d, &p, a, NULL), 0);
	fake_backend_fail_memory(w->be, 4);
	assert_int_equal(wg_permission_set(d, &p, b, NULL), -ENOMEM);
	assert_int_equal(wg_permission_set(d, &q, NULL, b), -ENOMEM);
	nh.peer = wg_peer_find(d, "a");
	assert_int_equal(wg_group_set(b, &nh, 1), -ENOMEM);
	assert_int_equal(wg_group_new(d, &nh, 1, &none), -ENOMEM);
	assert_ptr_equal(wg_egress_get(d, &p), a);
	assert_null(wg_ingress_get(d, &q));
	wg_group_put(a);
	wg_group_put(b);
}

static void a_retired_peer_stays_valid_while_a_group_names_it(void **state)
{
	struct world *w = *state;
	struct prefix p = prefix_of("10.1.0.0/16");
	const struct wg_nexthop *nh;
	struct wg_device *d;
	struct wg_group *g;

	one_device(w, "a b");
	d = wg_device_find(w->wg, "wg0");
	g = group_of(d, "a");
	assert_int_equal(wg_permission_set(d, &p, g, NULL), 0);
	one_device(w, "b");
	assert_int_equal(wg_group_members(g, &nh), 1);
	assert_true(wg_peer_gone(nh->peer));
	assert_false(wg_peer_usable(nh->peer));
	assert_null(wg_peer_conf(nh->peer));
	wg_peer_clear(nh->peer); /* quietly accepted */
	assert_string_equal(fake_backend_egress(w->be, "wg0", "10.1.0.0/16"), "(a)");
	fake_backend_clear_log(w->be);
	wg_permission_del(d, &p);
	wg_group_put(g);
	assert_string_equal(fake_backend_log(w->be), "egress_del wg0 10.1.0.0/16\n"
						     "group_free wg0\n"
						     "peer_free wg0 a\n");
}

static void a_removed_interface_stops_at_once_and_stays_valid(void **state)
{
	struct world *w = *state;
	struct prefix p = prefix_of("10.1.0.0/16");
	struct wg_nexthop nh = {.weight = 1};
	struct wg_device_view v;
	struct wg_device *d;
	struct wg_group *g;

	one_device(w, "a");
	d = wg_device_get(wg_device_find(w->wg, "wg0"));
	nh.peer = wg_peer_get(wg_peer_find(d, "a"));
	g = group_of(d, "a");
	assert_int_equal(wg_permission_set(d, &p, g, NULL), 0);
	fake_backend_clear_log(w->be);
	strbuf_truncate(&w->events, 0);
	assert_int_equal(commit(w, make_conf(0)), 0);
	assert_string_equal(fake_backend_log(w->be), "device_stop wg0\n"
						     "peer_retire wg0 a\n"
						     "group_free wg0\n"
						     "peer_free wg0 a\n"
						     "device_free wg0\n");
	assert_string_equal(strbuf_str(&w->events), "wg0 gone\n");
	/* late callers are served, and nothing reaches the back end */
	assert_true(wg_device_gone(d));
	assert_int_equal(wg_permission_set(d, &p, g, NULL), 0);
	assert_null(wg_egress_get(d, &p));
	wg_permission_del(d, &p);
	assert_int_equal(wg_group_set(g, &nh, 1), 0);
	wg_device_view(d, &v);
	assert_string_equal(v.inactive, "no longer configured");
	wg_group_put(g);
	assert_int_equal(wg_group_new(d, &nh, 1, &g), 0);
	wg_group_put(g);
	wg_peer_put(nh.peer);
	wg_device_put(d);
}

static void overlay_addresses_find_their_peer(void **state)
{
	struct world *w = *state;
	struct conf *c = make_conf(1);
	struct conf_wireguard *dev = make_device(c, 0, "wg0", 1, "a b c");
	static const struct {
		const char *addr, *peer;
	} cases[] = {
		{"10.0.0.1", "a"}, {"fe80::1", "a"},   {"10.0.0.2", "b"},
		{"fe80::3", "c"},  {"10.0.0.3", NULL}, {"fe80::2", NULL},
	};
	struct ip_addr gone;

	make_overlay(dev->peer[0], "10.0.0.1");
	make_overlay(dev->peer[0], "fe80::1");
	make_overlay(dev->peer[1], "10.0.0.2");
	make_overlay(dev->peer[2], "fe80::3");
	assert_int_equal(commit(w, c), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ip_addr a;
		struct wg_peer *p;

		assert_int_equal(ip_addr_parse(&a, cases[i].addr), 0);
		p = wg_peer_by_overlay(wg_device_find(w->wg, "wg0"), &a);
		if (!cases[i].peer)
			assert_null(p);
		else
			assert_string_equal(wg_peer_name(p), cases[i].peer);
	}
	one_device(w, "a");
	assert_int_equal(ip_addr_parse(&gone, "10.0.0.1"), 0);
	assert_null(wg_peer_by_overlay(wg_device_find(w->wg, "wg0"), &gone));
}

static void sessions_are_reported_and_seen(void **state)
{
	struct world *w = *state;
	struct wg_peer_view v;
	struct wg_device_view dv;
	struct wg_device *d;

	one_device(w, "a b");
	d = wg_device_find(w->wg, "wg0");
	strbuf_truncate(&w->events, 0);
	fake_backend_session(w->be, "wg0", "a", true);
	wg_peer_view(wg_peer_find(d, "a"), &v);
	assert_string_equal(wg_session_name(v.session), "up");
	assert_int_equal(v.handshakes, 1);
	wg_device_view(d, &dv);
	assert_int_equal(dv.peers, 2);
	assert_int_equal(dv.peers_up, 1);
	fake_backend_session(w->be, "wg0", "a", false);
	wg_peer_view(wg_peer_find(d, "a"), &v);
	assert_string_equal(wg_session_name(v.session), "expired");
	fake_backend_session(w->be, "wg0", "b", true);
	one_device(w, "a");
	assert_string_equal(strbuf_str(&w->events), "a up\na down\nb up\nb down\n");
}

static void shutdown_and_missing_keys_say_why(void **state)
{
	struct world *w = *state;
	struct conf *c = make_conf(1);
	struct conf_wireguard *dev = make_device(c, 0, "wg0", 1, "a b");
	struct wg_peer_view v;
	struct wg_device_view dv;
	struct wg_device *d;

	dev->peer[0]->public_key_set = false;
	dev->peer[1]->shutdown = true;
	dev->private_key.set = false;
	assert_int_equal(commit(w, c), 0);
	d = wg_device_find(w->wg, "wg0");
	wg_peer_view(wg_peer_find(d, "a"), &v);
	assert_string_equal(v.inactive, "no public key");
	assert_false(wg_peer_usable(wg_peer_find(d, "a")));
	wg_peer_view(wg_peer_find(d, "b"), &v);
	assert_string_equal(v.inactive, "shutdown");
	wg_device_view(d, &dv);
	assert_string_equal(dv.inactive, "no private key");
	assert_false(dv.public_key_set);

	c = make_conf(1);
	make_device(c, 0, "wg0", 1, "a b")->peer[0]->revoked = true;
	assert_int_equal(commit(w, c), 0);
	wg_peer_view(wg_peer_find(d, "a"), &v);
	assert_string_equal(v.inactive, "revoked");
	assert_false(wg_peer_usable(wg_peer_find(d, "a")));

	c = make_conf(1);
	make_device(c, 0, "wg0", 1, "a b")->shutdown = true;
	assert_int_equal(commit(w, c), 0);
	wg_device_view(d, &dv);
	assert_string_equal(dv.inactive, "shutdown");
	assert_false(dv.up);
	wg_peer_view(wg_peer_find(d, "a"), &v);
	assert_string_equal(v.inactive, "interface shutdown");
	assert_false(fake_backend_is_up(w->be, "wg0"));
}

static bool list_permission(const struct prefix *p, const struct wg_group *egress,
			    const struct wg_group *ingress, void *arg)
{
	char buf[PREFIX_STRLEN];

	strbuf_printf(arg, "%s%s%s\n", prefix_str(p, buf), egress ? " out" : "",
		      ingress ? " in" : "");
	return true;
}

static void permissions_are_walked_in_order_of_prefix(void **state)
{
	struct world *w = *state;
	static const char *const out[] = {"2001:db8::/32", "10.1.0.0/16", "10.0.0.0/8"};
	static const char *const in[] = {"10.1.0.0/16", "fd00::/8"};
	struct strbuf s = {0};
	struct wg_device *d;
	struct wg_group *g;

	one_device(w, "a");
	d = wg_device_find(w->wg, "wg0");
	g = group_of(d, "a");
	for (size_t i = 0; i < ARRAY_SIZE(out); i++) {
		struct prefix p = prefix_of(out[i]);

		assert_int_equal(wg_permission_set(d, &p, g, NULL), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		struct prefix p = prefix_of(in[i]);

		assert_int_equal(wg_permission_set(d, &p, wg_egress_get(d, &p), g), 0);
	}
	wg_walk_permissions(d, list_permission, &s);
	assert_string_equal(strbuf_str(&s), "10.0.0.0/8 out\n"
					    "10.1.0.0/16 out in\n"
					    "2001:db8::/32 out\n"
					    "fd00::/8 in\n");
	strbuf_free(&s);
	wg_group_put(g);
}

/* ---- many commits ---- */

enum {
	NAMES = 40, /* of the peers of an interface */
	DEVICES = 4,
};

/* Address @a is peer @a + @shift's, if there is such a peer. */
static void give_addresses(struct conf_wireguard *w, unsigned shift)
{
	for (size_t i = 0; i < w->peer_count; i++) {
		const unsigned peer = (unsigned)atoi(w->peer[i]->name + 1);
		char text[32];

		snprintf(text, sizeof(text), "10.0.0.%u", (peer + NAMES - shift) % NAMES);
		make_overlay(w->peer[i], text);
	}
}

static void make_some_device(struct conf *c, size_t at, unsigned d, unsigned *seed)
{
	const unsigned odds = 1 + (unsigned)rand_r(seed) % 8;
	struct strbuf peers = {0};
	struct conf_wireguard *w;
	char name[16];

	for (unsigned i = 0; i < NAMES; i++)
		if ((unsigned)rand_r(seed) % 8 < odds)
			strbuf_printf(&peers, "p%02u ", i);
	snprintf(name, sizeof(name), "wg%u", d);
	w = make_device(c, at, name, 1, strbuf_str(&peers));
	for (size_t i = 0; i < w->peer_count; i++)
		w->peer[i]->persistent_keepalive = rand_r(seed) % 2;
	give_addresses(w, (unsigned)rand_r(seed) % 3);
	strbuf_free(&peers);
}

/* Interfaces and peers come and go, change and exchange their addresses. */
static struct conf *some_conf(unsigned *seed)
{
	const unsigned devices = (unsigned)rand_r(seed) % (1U << DEVICES);
	struct conf *c = make_conf((size_t)__builtin_popcount(devices));
	size_t n = 0;

	for (unsigned d = 0; d < DEVICES; d++)
		if (devices >> d & 1)
			make_some_device(c, n++, d, seed);
	return c;
}

struct expected {
	const struct conf_wireguard *conf;
	size_t at;
};

struct expected_devices {
	const struct conf *conf;
	size_t at;
};

static bool is_next_peer(struct wg_peer *p, void *arg)
{
	struct expected *e = arg;

	assert_true(e->at < e->conf->peer_count);
	assert_ptr_equal(wg_peer_conf(p), e->conf->peer[e->at++]);
	assert_string_equal(wg_peer_name(p), wg_peer_conf(p)->name);
	assert_ptr_equal(wg_peer_find(wg_peer_device(p), wg_peer_name(p)), p);
	for (size_t i = 0; i < wg_peer_conf(p)->overlay_address_count; i++)
		assert_ptr_equal(wg_peer_by_overlay(wg_peer_device(p),
						    &wg_peer_conf(p)->overlay_address[i]),
				 p);
	return true;
}

static size_t count_overlays(const struct wg_device *d)
{
	size_t n = 0;

	for (unsigned i = 0; i < NAMES; i++) {
		struct ip_addr a;
		char text[16];

		snprintf(text, sizeof(text), "10.0.0.%u", i);
		assert_int_equal(ip_addr_parse(&a, text), 0);
		n += wg_peer_by_overlay(d, &a) != NULL;
	}
	return n;
}

static bool is_next_device(struct wg_device *d, void *arg)
{
	struct expected_devices *all = arg;
	struct expected e = {.conf = all->conf->wireguard[all->at++]};
	size_t overlays = 0;

	assert_string_equal(e.conf->name, wg_device_name(d));
	wg_walk_peers(d, is_next_peer, &e);
	assert_int_equal(e.at, e.conf->peer_count);
	for (size_t i = 0; i < e.conf->peer_count; i++)
		overlays += e.conf->peer[i]->overlay_address_count;
	assert_int_equal(count_overlays(d), overlays);
	return true;
}

static void peers_are_what_the_last_of_many_commits_says(void **state)
{
	struct world *w = *state;
	unsigned seed = 1;

	for (unsigned n = 0; n < 300; n++) {
		struct expected_devices e = {0};

		assert_int_equal(commit(w, some_conf(&seed)), 0);
		e.conf = w->running;
		wg_walk_devices(w->wg, is_next_device, &e);
		assert_int_equal(e.at, w->running->wireguard_count);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_interface_comes_with_its_peers_and_is_announced_after),
		T(changing_one_peer_touches_nothing_else),
		T(a_new_port_touches_no_peer),
		T(peers_that_leave_go_before_others_come),
		T(a_refused_interface_undoes_those_before_it),
		T(another_subsystem_may_refuse_after_us),
		T(prefixes_that_share_a_group_move_in_one_step),
		T(a_moving_prefix_is_replaced_and_never_deleted),
		T(without_memory_a_permission_stays_as_it_was),
		T(a_retired_peer_stays_valid_while_a_group_names_it),
		T(a_removed_interface_stops_at_once_and_stays_valid),
		T(overlay_addresses_find_their_peer),
		T(sessions_are_reported_and_seen),
		T(shutdown_and_missing_keys_say_why),
		T(permissions_are_walked_in_order_of_prefix),
		T(peers_are_what_the_last_of_many_commits_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
