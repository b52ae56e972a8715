/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/tenant/tenant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/scenarios/world.h"
#include "wgrd/lib/log.h"

/* What single prefixes go through is told by tests/scenarios; here is what takes many, or
 * the functions themselves. */

static void quiet(enum log_level level, enum log_subsys s, const char *line)
{
	(void)level;
	(void)s;
	(void)line;
}

static void commit(struct world *w, const char *lines)
{
	char why[256];

	conf_builder_text(w->candidate, "exit-wireguard");
	conf_builder_text(w->candidate, lines);
	if (world_commit(w, why, sizeof(why)))
		fail_msg("the commit was refused: %s", why);
	world_settle(w);
}

static int setup(void **state)
{
	struct world *w = world_new();

	log_capture(quiet);
	commit(w, "wireguard wg0\n"
		  " tenant red\n"
		  " peer a\n"
		  "  overlay-address 10.99.0.1\n"
		  " peer b\n"
		  "  overlay-address 10.99.0.2\n"
		  "exit-wireguard\n"
		  "tenant red\n"
		  " table 1001\n");
	world_forget(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	world_free(*state);
	log_capture(NULL);
	return 0;
}

/* The @i-th of many prefixes, over the peer with this overlay address. */
static void learn(struct world *w, unsigned i, const char *gate)
{
	uint8_t bytes[4] = {10, (uint8_t)(i >> 8), (uint8_t)i, 0};
	struct rib_nexthop nh = {.ifindex = world_ifindex(w, "wg0"), .weight = 1};
	const struct rib_route r = {
		.prefix = {.addr = ip_addr_from(AF_INET, bytes), .len = 24},
		.proto = RIB_PROTO_BGP,
		.nh_count = 1,
		.nh = &nh,
	};

	assert_int_equal(ip_addr_parse(&nh.gate, gate), 0);
	assert_int_equal(rib_update(w->rib, 0, &r), 0);
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	while ((text = strstr(text, word))) {
		n++;
		text += strlen(word);
	}
	return n;
}

enum {
	MANY = 2000
};

static void thousands_of_updates_are_one_run(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < MANY; i++)
		learn(w, i, "10.99.0.1");
	/* a run of the tenants, a commit, and what the fake kernel needs to answer */
	assert_in_range(fake_loop_run_jobs(w->loop), 2, 6);
	assert_int_equal(count(world_trace(w), "egress_set"), MANY);
	assert_int_equal(count(world_trace(w), "group_new"), 1);
	assert_int_equal(count(world_trace(w), "set 10."), MANY);
}

static void a_next_hop_that_means_another_peer_moves_all_with_one_group(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < MANY; i++)
		learn(w, i, "10.99.0.1");
	world_settle(w);
	world_forget(w);
	commit(w, "wireguard wg0\n"
		  " peer a\n"
		  "  no overlay-address 10.99.0.1\n"
		  " peer b\n"
		  "  overlay-address 10.99.0.1\n");
	assert_string_equal(world_trace(w), "group_set wg0 b\n"
					    "ingress_set wg0 10.99.0.1/32 b\n"
					    "egress_set wg0 10.99.0.1/32 b\n"
					    "group_free wg0\n"); /* what was a's own */
	assert_string_equal(fake_backend_route(w->be, "wg0", "10.0.7.1"), "b");
	assert_string_equal(fake_backend_source(w->be, "wg0", "10.0.7.1"), "b");
}

static bool print_route(const struct tenant_route_view *v, void *arg)
{
	char buf[PREFIX_STRLEN];

	strbuf_printf(arg, "%s %s %s %s\n", v->tenant, prefix_str(&v->prefix, buf),
		      tenant_origin_name(v->origin), decide_verdict_name(v->verdict));
	return true;
}

static void withdraw(struct world *w, unsigned i)
{
	char text[24];
	struct prefix p;

	snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 256, i % 256);
	assert_int_equal(prefix_parse(&p, text), 0);
	assert_int_equal(rib_withdraw(w->rib, 0, &p, RIB_FROM_ZEBRA), 0);
}

static void routes_are_shown_by_tenant_and_prefix(void **state)
{
	struct world *w = *state;
	struct strbuf seen = {0};
	struct prefix p;

	commit(w, "wireguard wg0\n"
		  " address 10.99.0.9/24\n"
		  "wireguard wg1\n"
		  " tenant blue\n"
		  " peer c\n"
		  "  allowed-ip 10.0.0.0/8\n"
		  "exit-wireguard\n"
		  "tenant red\n"
		  " advertise 10.0.1.0/24\n"
		  " supernet 10.0.0.0/15\n");
	learn(w, 3, "10.99.0.2");
	learn(w, 2, "198.51.100.1");
	learn(w, 1, "10.99.0.1");
	learn(w, 512, "10.99.0.1");
	world_settle(w);
	tenants_walk_routes(w->tenants, NULL, print_route, &seen);
	assert_string_equal(strbuf_str(&seen),
			    "blue 10.0.0.0/8 static accepted\n"
			    "red 10.0.1.0/24 advertised accepted\n"
			    "red 10.0.1.0/24 learned own\n"
			    "red 10.0.2.0/24 learned no-peer\n"
			    "red 10.0.3.0/24 learned accepted\n"
			    "red 10.2.0.0/24 learned outside-supernet\n"
			    "red 10.99.0.0/24 connected accepted\n"
			    "red 10.99.0.1/32 overlay accepted\n"
			    "red 10.99.0.2/32 overlay accepted\n");
	strbuf_truncate(&seen, 0);
	assert_int_equal(prefix_parse(&p, "10.0.1.0/24"), 0);
	tenants_walk_routes(w->tenants, &p, print_route, &seen);
	assert_string_equal(strbuf_str(&seen), "red 10.0.1.0/24 advertised accepted\n"
					       "red 10.0.1.0/24 learned own\n");
	strbuf_free(&seen);
}

struct of_tenant {
	const char *name;
	struct strbuf *seen;
};

static bool print_route_of(const struct tenant_route_view *v, void *arg)
{
	const struct of_tenant *of = arg;

	return strcmp(v->tenant, of->name) != 0 || print_route(v, of->seen);
}

static void a_walk_over_one_tenant_sees_what_is_its_own(void **state)
{
	static const char *const names[] = {"red", "blue", "green"};
	struct world *w = *state;
	struct prefix p;

	commit(w, "wireguard wg1\n"
		  " tenant blue\n"
		  " peer c\n"
		  "  overlay-address 10.98.0.1\n"
		  "  allowed-ip 10.0.0.0/8\n"
		  "exit-wireguard\n"
		  "tenant red\n"
		  " advertise 10.0.1.0/24\n"
		  " supernet 10.0.0.0/15\n"
		  "exit-tenant\n"
		  "tenant blue\n"
		  " supernet 10.0.0.0/8\n");
	learn(w, 1, "10.99.0.1");
	learn(w, 2, "10.98.0.1");
	learn(w, 3, "198.51.100.1");
	world_settle(w);
	assert_int_equal(prefix_parse(&p, "10.0.1.0/24"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct strbuf expected = {0}, seen = {0};
		struct of_tenant of = {names[i], &expected};

		tenants_walk_routes(w->tenants, NULL, print_route_of, &of);
		tenants_walk_routes(w->tenants, &p, print_route_of, &of);
		tenants_walk_routes_of(w->tenants, names[i], NULL, print_route, &seen);
		tenants_walk_routes_of(w->tenants, names[i], &p, print_route, &seen);
		assert_string_equal(strbuf_str(&seen), strbuf_str(&expected));
		assert_int_equal(seen.len != 0, i < 2);
		assert_int_equal(tenants_has(w->tenants, names[i]), i < 2);
		strbuf_free(&expected);
		strbuf_free(&seen);
	}
}

static void note_route(const struct tenant_route_view *v, void *arg)
{
	print_route(v, arg);
}

static void walk_in_steps(struct world *w, size_t most, struct strbuf *seen)
{
	struct tenant_routes_at at = {0};

	while (tenants_walk_routes_on(w->tenants, &at, most, note_route, seen))
		;
}

static void a_walk_in_steps_sees_what_a_walk_does(void **state)
{
	struct world *w = *state;
	struct strbuf whole = {0}, steps = {0};

	commit(w, "wireguard wg0\n"
		  " address 10.99.0.9/24\n"
		  "wireguard wg1\n"
		  " tenant blue\n"
		  " peer c\n"
		  "  allowed-ip 10.0.0.0/8\n"
		  "  allowed-ip 2001:db8::/32\n"
		  "exit-wireguard\n"
		  "tenant red\n"
		  " advertise 10.0.1.0/24\n"
		  " advertise 10.200.0.0/16\n"
		  " supernet 10.0.0.0/15\n");
	learn(w, 3, "10.99.0.2");
	learn(w, 2, "198.51.100.1");
	learn(w, 1, "10.99.0.1");
	learn(w, 512, "10.99.0.1");
	world_settle(w);
	tenants_walk_routes(w->tenants, NULL, print_route, &whole);
	for (size_t most = 1; most < 20; most++) {
		walk_in_steps(w, most, &steps);
		assert_string_equal(strbuf_str(&steps), strbuf_str(&whole));
		strbuf_truncate(&steps, 0);
	}
	strbuf_free(&steps);
	strbuf_free(&whole);
}

/* Where it stands is a prefix of a tenant, both of which may have gone. */
static void a_walk_in_steps_goes_on_whatever_changes_meanwhile(void **state)
{
	struct world *w = *state;
	struct tenant_routes_at at = {0};
	struct strbuf seen = {0};

	commit(w, "tenant red\n supernet 10.0.0.0/15\n");
	for (unsigned i = 1; i < 9; i++)
		learn(w, i, "10.99.0.1");
	world_settle(w);
	while (!strstr(strbuf_str(&seen), "10.0.4.0/24"))
		assert_true(
			tenants_walk_routes_on(w->tenants, &at, 1, note_route, &seen));
	strbuf_truncate(&seen, 0);
	withdraw(w, 4);
	withdraw(w, 6);
	learn(w, 2, "10.99.0.2");
	world_settle(w);
	while (tenants_walk_routes_on(w->tenants, &at, 1, note_route, &seen))
		;
	assert_null(strstr(strbuf_str(&seen), "10.0.2.0/24"));
	assert_null(strstr(strbuf_str(&seen), "10.0.6.0/24"));
	assert_non_null(strstr(strbuf_str(&seen), "10.0.5.0/24"));
	assert_non_null(strstr(strbuf_str(&seen), "10.0.8.0/24"));
	strbuf_free(&seen);
}

static bool stop_at_third(const struct tenant_route_view *v, void *arg)
{
	unsigned *n = arg;

	(void)v;
	return ++*n < 3;
}

static void a_walk_stops_when_told(void **state)
{
	struct world *w = *state;
	unsigned n = 0;

	for (unsigned i = 0; i < 10; i++)
		learn(w, i, "198.51.100.1");
	world_settle(w);
	tenants_walk_routes(w->tenants, NULL, stop_at_third, &n);
	assert_int_equal(n, 3);
}

static void what_is_not_decided_yet_is_not_shown(void **state)
{
	struct world *w = *state;
	struct strbuf seen = {0};
	struct prefix p;

	learn(w, 1, "10.99.0.1");
	assert_int_equal(prefix_parse(&p, "10.0.1.0/24"), 0);
	tenants_walk_routes(w->tenants, &p, print_route, &seen);
	assert_string_equal(strbuf_str(&seen), "");
	tenants_run(w->tenants);
	tenants_walk_routes(w->tenants, &p, print_route, &seen);
	assert_string_equal(strbuf_str(&seen), "red 10.0.1.0/24 learned accepted\n");
	assert_int_equal(rib_withdraw(w->rib, 0, &p, RIB_FROM_ZEBRA), 0);
	strbuf_truncate(&seen, 0);
	tenants_walk_routes(w->tenants, &p, print_route, &seen);
	assert_string_equal(strbuf_str(&seen), "");
	strbuf_free(&seen);
}

static bool print_tenant(const struct tenant_view *v, void *arg)
{
	strbuf_printf(arg,
		      "\"%s\" %s table %u vrf %s: %zu interfaces, %zu peers, "
		      "%zu learned, %zu accepted, %zu refused, %zu fixed\n",
		      v->name, v->inactive ?: "active", v->table, v->vrf, v->interfaces,
		      v->peers, v->learned, v->accepted, v->refused, v->fixed);
	return true;
}

static void tenants_are_counted(void **state)
{
	struct world *w = *state;
	struct strbuf seen = {0};

	commit(w, "wireguard wg1\n"
		  " peer c\n"
		  "wireguard wg2\n"
		  " tenant lost\n"
		  "exit-wireguard\n"
		  "tenant blue\n"
		  " table 1002\n"
		  " vrf blue\n"
		  "exit-tenant\n"
		  "tenant green\n"
		  "exit-tenant\n"
		  "tenant red\n"
		  " max-prefix 2\n");
	for (unsigned i = 0; i < 5; i++)
		learn(w, i, i ? "10.99.0.1" : "198.51.100.1");
	world_settle(w);
	tenants_walk(w->tenants, print_tenant, &seen);
	assert_string_equal(
		strbuf_str(&seen),
		"\"\" no table table 0 vrf default: 1 interfaces, 1 peers, "
		"0 learned, 0 accepted, 0 refused, 0 fixed\n"
		"\"blue\" VRF unknown table 1002 vrf blue: 0 interfaces, 0 peers, "
		"0 learned, 0 accepted, 0 refused, 0 fixed\n"
		"\"green\" no table table 0 vrf default: 0 interfaces, 0 peers, "
		"0 learned, 0 accepted, 0 refused, 0 fixed\n"
		"\"lost\" not configured table 0 vrf default: 1 interfaces, 0 peers, "
		"0 learned, 0 accepted, 0 refused, 0 fixed\n"
		"\"red\" active table 1001 vrf default: 1 interfaces, 2 peers, "
		"5 learned, 2 accepted, 3 refused, 2 fixed\n");
	strbuf_free(&seen);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(thousands_of_updates_are_one_run),
		TEST(a_next_hop_that_means_another_peer_moves_all_with_one_group),
		TEST(routes_are_shown_by_tenant_and_prefix),
		TEST(a_walk_over_one_tenant_sees_what_is_its_own),
		TEST(a_walk_in_steps_sees_what_a_walk_does),
		TEST(a_walk_in_steps_goes_on_whatever_changes_meanwhile),
		TEST(a_walk_stops_when_told),
		TEST(what_is_not_decided_yet_is_not_shown),
		TEST(tenants_are_counted),
	};

	return cmocka_run_group_tests_name("tenant", tests, NULL, NULL);
}
