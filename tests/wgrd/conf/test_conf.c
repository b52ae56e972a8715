/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/conf_script.h"
#include "wgrd/conf/conf.h"

#define OWN(name) "/additional-key[name='" name "']"
#define OTHER_KEY "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="

/* One of everything, so that every field can be changed alone. */
/* clang-format off */
static const char base[] =
	"set " W("wg0") "/description tunnels" "\n"
	"set " W("wg0") "/private-key " KEY_1 "\n"
	"set " W("wg0") OWN("new") "/private-key " KEY_3 "\n"
	"set " W("wg0") "/listen-port 51820" "\n"
	"set " W("wg0") "/fwmark 7" "\n"
	"set " W("wg0") "/address 10.99.0.1/24" "\n"
	"set " W("wg0") "/tenant red" "\n"
	"set " P("wg0", "a") "/description site a" "\n"
	"set " P("wg0", "a") "/public-key " KEY_2 "\n"
	"set " P("wg0", "a") "/preshared-key " KEY_3 "\n"
	"set " P("wg0", "a") OWN("new") "/public-key " OTHER_KEY "\n"
	"set " P("wg0", "a") OWN("new") "/preshared-key " KEY_2 "\n"
	"set " P("wg0", "a") "/endpoint 192.0.2.1:51820" "\n"
	"set " P("wg0", "a") "/persistent-keepalive 25" "\n"
	"set " P("wg0", "a") "/overlay-address 10.99.0.2" "\n"
	"set " P("wg0", "a") "/allowed-ip 10.1.0.0/16" "\n"
	"set " P("wg0", "a") "/max-prefix 100" "\n"
	"set " P("wg0", "b") "\n"
	"set " T("red") "/description red" "\n"
	"set " T("red") "/table 1001" "\n"
	"set " T("red") "/interface eth1" "\n"
	"set " T("red") "/supernet 10.0.0.0/8" "\n"
	"set " T("red") "/advertise 10.2.0.0/16" "\n"
	"set " T("red") "/advertise-tag 5" "\n";
/* clang-format on */

enum differs {
	WIREGUARD = 1,
	PEER_A = 2,
	TENANT = 4,
};

static unsigned what_differs(const struct conf *a, const struct conf *b)
{
	const struct conf_wireguard *w = conf_find_wireguard(a, "wg0");
	const struct conf_wireguard *v = conf_find_wireguard(b, "wg0");
	unsigned differs = 0;

	if (!conf_wireguard_equal(w, v))
		differs |= WIREGUARD;
	if (!conf_peer_equal(conf_find_peer(w, "a"), conf_find_peer(v, "a")))
		differs |= PEER_A;
	if (!conf_tenant_equal(conf_find_tenant(a, "red"), conf_find_tenant(b, "red")))
		differs |= TENANT;
	return differs;
}

static void every_field_counts_when_two_are_compared(void **state)
{
	static const struct {
		const char *edit;
		unsigned differs;
	} cases[] = {
		{"", 0},
		{"set zebra/settle-time 5", 0},
		{"set dataplane/workers 5", 0},
		{"set " W("wg0") "/description other", WIREGUARD},
		{"unset " W("wg0") "/description", WIREGUARD},
		{"set " W("wg0") "/private-key " KEY_2, WIREGUARD},
		{"unset " W("wg0") "/private-key", WIREGUARD},
		{"set " W("wg0") OWN("old"), WIREGUARD},
		{"set " W("wg0") OWN("new") "/private-key " KEY_2, WIREGUARD},
		{"unset " W("wg0") OWN("new") "/private-key", WIREGUARD},
		{"unset " W("wg0") OWN("new"), WIREGUARD},
		{"set " W("wg0") "/listen-port 51821", WIREGUARD},
		{"set " W("wg0") "/fwmark 8", WIREGUARD},
		{"set " W("wg0") "/mtu 1400", WIREGUARD},
		{"set " W("wg0") "/dscp copy", WIREGUARD},
		{"set " W("wg0") "/foreign keep", WIREGUARD},
		{"set " W("wg0") "/dscp 46", WIREGUARD},
		{"set " W("wg0") "/dscp 0", 0},
		{"set " W("wg0") "/address fd99::1/64", WIREGUARD},
		{"unset " W("wg0") "/address\nset " W("wg0") "/address 10.99.0.1/25",
		 WIREGUARD},
		{"unset " W("wg0") "/address\nset " W("wg0") "/address 10.99.0.9/24",
		 WIREGUARD},
		{"set " W("wg0") "/tenant blue", WIREGUARD},
		{"set " W("wg0") "/shutdown", WIREGUARD},
		{"set " P("wg0", "c"), WIREGUARD},
		{"unset " P("wg0", "b"), WIREGUARD},
		{"set " P("wg0", "b") "/public-key " KEY_1, WIREGUARD},
		{"set " P("wg0", "a") "/description other", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/public-key " KEY_1, WIREGUARD | PEER_A},
		{"unset " P("wg0", "a") "/public-key", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/preshared-key " KEY_1, WIREGUARD | PEER_A},
		{"unset " P("wg0", "a") "/preshared-key", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") OWN("old"), WIREGUARD | PEER_A},
		{"set " P("wg0", "a") OWN("new") "/public-key " KEY_3,
		 WIREGUARD | PEER_A},
		{"unset " P("wg0", "a") OWN("new") "/public-key", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") OWN("new") "/preshared-key " KEY_1,
		 WIREGUARD | PEER_A},
		{"unset " P("wg0", "a") OWN("new"), WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/endpoint 192.0.2.1:51821", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/endpoint 192.0.2.2:51820", WIREGUARD | PEER_A},
		{"unset " P("wg0", "a") "/endpoint", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/persistent-keepalive 26", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/preempt-delay 30", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/overlay-address fd99::2", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/allowed-ip 10.3.0.0/16", WIREGUARD | PEER_A},
		{"unset " P("wg0", "a") "/allowed-ip", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/prefix-list other", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/max-prefix 101", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/max-prefix-warning 90", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/max-prefix-hold 60", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/advertise-always", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/shutdown", WIREGUARD | PEER_A},
		{"set " T("red") "/description other", TENANT},
		{"set " T("red") "/table 1002", TENANT},
		{"set " T("red") "/priority 999", TENANT},
		{"set " T("red") "/vrf red", TENANT},
		{"set " T("red") "/learn-table 2002", TENANT},
		{"set " T("red") "/learn-protocol bgp", TENANT},
		{"set " T("red") "/learn-tag 7", TENANT},
		{"set " T("red") "/interface eth2", TENANT},
		{"set " T("red") "/supernet 192.168.0.0/16", TENANT},
		{"set " T("red") "/prefix-list other", TENANT},
		{"set " T("red") "/advertise 10.4.0.0/16", TENANT},
		{"set " T("red") "/advertise-tag 6", TENANT},
		{"set " T("red") "/advertise-table 3002", TENANT},
		{"set " T("red") "/advertise-instance 253", TENANT},
		{"set " T("red") "/advertise-kernel", TENANT},
		{"set " T("red") "/max-prefix 7", TENANT},
		{"set " T("red") "/max-prefix-warning 90", TENANT},
		{"set " T("red") "/max-prefix-hold 60", TENANT},
		/* Order does not matter where the struct is sorted. */
		{"unset " P("wg0", "a") "/allowed-ip\nset " P(
			 "wg0", "a") "/allowed-ip 10.1.0.0/16",
		 0},
	};
	struct datastore *reference = conf_script_datastore();
	const struct conf *unchanged = conf_script_apply(reference, base);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct datastore *ds = conf_script_datastore();
		const struct conf *changed;
		unsigned differs;

		conf_script_apply(ds, base);
		changed = conf_script_apply(ds, cases[i].edit);
		differs = what_differs(unchanged, changed);
		if (differs != cases[i].differs)
			fail_msg("%s: expected differences %u, saw %u", cases[i].edit,
				 cases[i].differs, differs);
		datastore_free(ds);
	}
	datastore_free(reference);
}

/* It means nothing without a learn-table, which the base has not. */
static void learning_directly_counts_too(void **state)
{
	struct datastore *a = conf_script_datastore(), *b = conf_script_datastore();

	(void)state;
	conf_script_apply(a, base);
	conf_script_apply(b, base);
	assert_int_equal(
		what_differs(
			conf_script_apply(a, "set " T("red") "/learn-table 2002"),
			conf_script_apply(b, "set " T("red") "/learn-table 2002\nset " T(
						     "red") "/learn-direct")),
		TENANT);
	datastore_free(a);
	datastore_free(b);
}

static void objects_are_found_by_name_in_sorted_arrays(void **state)
{
	struct datastore *ds = conf_script_datastore();
	const struct conf *c = datastore_conf(ds);
	const struct conf_wireguard *w;

	(void)state;
	assert_null(conf_find_wireguard(c, "wg0"));
	assert_null(conf_find_tenant(c, "red"));
	c = conf_script_apply(
		ds, "set " P("wg1", "c") "\nset " P("wg1", "a") "\nset " P(
			    "wg1",
			    "b") "\nset " W("wg0") "\nset " T("red") "\nset " T("blue"));
	assert_int_equal(c->wireguard_count, 2);
	assert_string_equal(c->wireguard[0]->name, "wg0");
	assert_string_equal(c->wireguard[1]->name, "wg1");
	assert_int_equal(c->tenant_count, 2);
	assert_string_equal(c->tenant[0]->name, "blue");

	w = conf_find_wireguard(c, "wg1");
	assert_ptr_equal(w, c->wireguard[1]);
	assert_int_equal(w->peer_count, 3);
	for (size_t i = 0; i < w->peer_count; i++) {
		const char name[] = {(char)('a' + i), '\0'};

		assert_string_equal(w->peer[i]->name, name);
		assert_ptr_equal(conf_find_peer(w, name), w->peer[i]);
	}
	assert_null(conf_find_peer(w, "d"));
	assert_null(conf_find_peer(conf_find_wireguard(c, "wg0"), "a"));
	assert_ptr_equal(conf_find_tenant(c, "red"), c->tenant[1]);
	datastore_free(ds);
}

static void wiping_leaves_no_key_behind(void **state)
{
	struct datastore *ds = conf_script_datastore();
	static const struct conf_secret nothing;
	struct conf *c;

	(void)state;
	/* The one place that may: nobody looks at this configuration again. */
	c = (struct conf *)conf_script_apply(ds, base);
	assert_true(c->wireguard[0]->private_key.set);
	assert_true(c->wireguard[0]->peer[0]->preshared_key.set);
	assert_true(c->wireguard[0]->additional_key[0].private_key.set);
	assert_true(c->wireguard[0]->peer[0]->additional_key[0].preshared_key.set);
	conf_wipe(c);
	assert_memory_equal(&c->wireguard[0]->private_key, &nothing, sizeof(nothing));
	assert_memory_equal(&c->wireguard[0]->peer[0]->preshared_key, &nothing,
			    sizeof(nothing));
	assert_memory_equal(&c->wireguard[0]->additional_key[0].private_key, &nothing,
			    sizeof(nothing));
	assert_memory_equal(&c->wireguard[0]->peer[0]->additional_key[0].preshared_key,
			    &nothing, sizeof(nothing));
	datastore_free(ds);
	conf_free(NULL);
}

/* Not by an edit: the interface of the others has what the kernel cannot do. */
static void the_back_end_counts_when_two_are_compared(void **state)
{
	const struct conf_wireguard user = {.name = "wg0"},
				    kernel = {.name = "wg0",
					      .backend = CONF_BACKEND_KERNEL};

	(void)state;
	assert_true(conf_wireguard_equal(&user, &user));
	assert_false(conf_wireguard_equal(&user, &kernel));
}

/* What a subscriber of commits keeps, to hold against what comes next. */
struct seen {
	const struct conf_wireguard *wg0, *wg1;
	const struct conf_peer *a, *b;
	const struct conf_tenant *red;
};

static struct seen look(const struct conf *c)
{
	const struct conf_wireguard *wg0 = conf_find_wireguard(c, "wg0");

	return (struct seen){wg0, conf_find_wireguard(c, "wg1"), conf_find_peer(wg0, "a"),
			     conf_find_peer(wg0, "b"), conf_find_tenant(c, "red")};
}

static void what_a_commit_leaves_alone_keeps_its_place(void **state)
{
	struct datastore *ds = conf_script_datastore();
	struct seen before, now;

	(void)state;
	conf_script_apply(ds, base);
	before = look(conf_script_apply(ds, "set " W("wg1") "\n"));
	now = look(conf_script_apply(ds, "set " P("wg0", "a") "/endpoint 192.0.2.9:7"));
	assert_ptr_not_equal(now.a, before.a);
	assert_ptr_not_equal(now.wg0, before.wg0);
	assert_ptr_equal(now.b, before.b);
	assert_ptr_equal(now.wg1, before.wg1);
	assert_ptr_equal(now.red, before.red);
	before = now;
	now = look(conf_script_apply(ds, "set " W("wg0") "/mtu 1300"));
	assert_ptr_not_equal(now.wg0, before.wg0);
	assert_ptr_equal(now.a, before.a);
	before = now;
	now = look(conf_script_apply(ds, "set " T("red") "/table 1002"));
	assert_ptr_not_equal(now.red, before.red);
	assert_ptr_equal(now.wg0, before.wg0);
	datastore_free(ds);
}

static void add_change(char text[static 256], const char *was, const char *now)
{
	size_t len = strlen(text);

	snprintf(text + len, 256 - len, "%s>%s ", was ?: "", now ?: "");
}

static void changes_are_found_side_by_side(void **state)
{
	struct datastore *a = conf_script_datastore(), *b = conf_script_datastore();
	const struct conf_peer *was, *now;
	struct conf_walk walk;
	char text[256] = "";

	(void)state;
	walk = CONF_WALK(
		conf_find_wireguard(
			conf_script_apply(a,
					  "set " P("wg0", "b") "\n"
							       "set " P("wg0", "c") "\n"),
			"wg0"),
		conf_find_wireguard(
			conf_script_apply(
				b, "set " P("wg0", "a") "\n"
							"set " P("wg0",
								 "c") "\n"
								      "set " P("wg0",
									       "d") "\n"),
			"wg0"),
		peer);
	while (conf_next_change(&walk, &was, &now))
		add_change(text, was ? was->name : NULL, now ? now->name : NULL);
	assert_string_equal(text, ">a b> c>c >d ");
	walk = CONF_WALK(datastore_conf(a), datastore_conf(a), wireguard);
	assert_false(conf_next_change(&walk, &was, &now));
	datastore_free(a);
	datastore_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_counts_when_two_are_compared),
		cmocka_unit_test(learning_directly_counts_too),
		cmocka_unit_test(objects_are_found_by_name_in_sorted_arrays),
		cmocka_unit_test(wiping_leaves_no_key_behind),
		cmocka_unit_test(the_back_end_counts_when_two_are_compared),
		cmocka_unit_test(what_a_commit_leaves_alone_keeps_its_place),
		cmocka_unit_test(changes_are_found_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
