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

/* One of everything, so that every field can be changed alone. */
static const char base[] =
	"set " W("wg0") "/description tunnels\n"
			"set " W("wg0") "/private-key " KEY_1 "\n"
					"set " W("wg0") "/listen-port 51820\n"
							"set " W(
								"wg0") "/fwmark 7\n"
								       "set " W(
									       "wg0") "/address 10.99.0.1/24\n"
										      "set " W("wg0") "/tenant red\n"
												      "set " P("wg0", "a") "/description site a\n"
															   "set " P("wg0", "a") "/public-key " KEY_2
																		"\n"
																		"set " P("wg0", "a") "/preshared-key " KEY_3
																				     "\n"
																				     "set " P("wg0", "a") "/endpoint 192.0.2.1:51820\n"
																							  "set " P("wg0", "a") "/persistent-keepalive 25\n"
																									       "set " P("wg0", "a") "/overlay-address 10.99.0.2\n"
																												    "set " P(
																													    "wg0",
																													    "a") "/allowed-ip 10.1.0.0/16\n"
																														 "set " P(
																															 "wg0",
																															 "a") "/max-prefix 100\n"
																															      "set " P(
																																      "wg0",
																																      "b") "\n"
																																	   "set " T("red") "/description red\n"
																																			   "set " T("red") "/table 1001\n"
																																					   "set " T("red") "/interface eth1\n"
																																							   "set " T(
																																								   "red") "/supernet 10.0.0.0/8\n"
																																									  "set " T(
																																										  "red") "/advertise 10.2.0.0/16\n"
																																											 "set " T(
																																												 "red") "/advertise-tag 5\n";

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
		{"set " W("wg0") "/description other", WIREGUARD},
		{"unset " W("wg0") "/description", WIREGUARD},
		{"set " W("wg0") "/private-key " KEY_2, WIREGUARD},
		{"unset " W("wg0") "/private-key", WIREGUARD},
		{"set " W("wg0") "/listen-port 51821", WIREGUARD},
		{"set " W("wg0") "/fwmark 8", WIREGUARD},
		{"set " W("wg0") "/mtu 1400", WIREGUARD},
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
		{"set " P("wg0", "a") "/endpoint 192.0.2.1:51821", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/endpoint 192.0.2.2:51820", WIREGUARD | PEER_A},
		{"unset " P("wg0", "a") "/endpoint", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/persistent-keepalive 26", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/overlay-address fd99::2", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/allowed-ip 10.3.0.0/16", WIREGUARD | PEER_A},
		{"unset " P("wg0", "a") "/allowed-ip", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/max-prefix 101", WIREGUARD | PEER_A},
		{"set " P("wg0", "a") "/shutdown", WIREGUARD | PEER_A},
		{"set " T("red") "/description other", TENANT},
		{"set " T("red") "/table 1002", TENANT},
		{"set " T("red") "/priority 999", TENANT},
		{"set " T("red") "/vrf red", TENANT},
		{"set " T("red") "/interface eth2", TENANT},
		{"set " T("red") "/supernet 192.168.0.0/16", TENANT},
		{"set " T("red") "/advertise 10.4.0.0/16", TENANT},
		{"set " T("red") "/advertise-tag 6", TENANT},
		{"set " T("red") "/max-prefix 7", TENANT},
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
	assert_string_equal(c->wireguard[0].name, "wg0");
	assert_string_equal(c->wireguard[1].name, "wg1");
	assert_int_equal(c->tenant_count, 2);
	assert_string_equal(c->tenant[0].name, "blue");

	w = conf_find_wireguard(c, "wg1");
	assert_ptr_equal(w, &c->wireguard[1]);
	assert_int_equal(w->peer_count, 3);
	for (size_t i = 0; i < w->peer_count; i++) {
		const char name[] = {(char)('a' + i), '\0'};

		assert_string_equal(w->peer[i].name, name);
		assert_ptr_equal(conf_find_peer(w, name), &w->peer[i]);
	}
	assert_null(conf_find_peer(w, "d"));
	assert_null(conf_find_peer(conf_find_wireguard(c, "wg0"), "a"));
	assert_ptr_equal(conf_find_tenant(c, "red"), &c->tenant[1]);
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
	assert_true(c->wireguard[0].private_key.set);
	assert_true(c->wireguard[0].peer[0].preshared_key.set);
	conf_wipe(c);
	assert_memory_equal(&c->wireguard[0].private_key, &nothing, sizeof(nothing));
	assert_memory_equal(&c->wireguard[0].peer[0].preshared_key, &nothing,
			    sizeof(nothing));
	datastore_free(ds);
	conf_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_counts_when_two_are_compared),
		cmocka_unit_test(objects_are_found_by_name_in_sorted_arrays),
		cmocka_unit_test(wiping_leaves_no_key_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
