/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "tests/lib/conf_script.h"
#include "wgrd/conf/conf.h"

#define ALICE_PRIVATE "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="
#define ALICE_PUBLIC  "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
#define ZERO          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

#define KEY(name)     "/additional-key[name='" name "']"
#define EIGHT_KEYS(of)                                                              \
	"set " of KEY("a") "\nset " of KEY("b") "\nset " of KEY("c") "\nset " of    \
		KEY("d") "\nset " of KEY("e") "\nset " of KEY("f") "\nset " of KEY( \
			"g") "\nset " of KEY("h")

/* @why NULL: accepted. @line: of the edit that is to blame. */
struct rule_case {
	const char *script, *why;
	unsigned line;
	const char *word;
};

static void check(const struct rule_case *c, size_t n)
{
	struct datastore *ds = conf_script_datastore();

	for (size_t i = 0; i < n; i++) {
		struct datastore_refusal refused;
		char why[512] = "";
		int err;

		assert_int_equal(datastore_start_empty(ds), 0);
		err = conf_script_edit(ds, c[i].script, why, sizeof(why));
		if (!err) {
			err = datastore_commit(ds, why, sizeof(why));
			assert_false(datastore_candidate_open(ds));
		}
		if (strcmp(why, c[i].why ?: "") != 0)
			fail_msg("%s\nexpected: %s\nsaw: %s", c[i].script,
				 c[i].why ?: "acceptance", err ? why : "acceptance");
		if (!c[i].why)
			continue;
		assert_true(err < 0);
		refused = datastore_refused(ds);
		if (refused.line != c[i].line || strcmp(refused.word, c[i].word) != 0)
			fail_msg(
				"%s\nexpected line %u, %s\nsaw line %u, %s (%s = \"%s\")",
				c[i].script, c[i].line, c[i].word, refused.line,
				refused.word, refused.path, refused.value);
	}
	datastore_free(ds);
}

static void what_is_incomplete_is_accepted(void **state)
{
	static const struct rule_case cases[] = {
		{"", NULL, 0, NULL},
		{"set " W("wg0"), NULL, 0, NULL},
		{"set " P("wg0", "a"), NULL, 0, NULL},
		{"set " T("red"), NULL, 0, NULL},
		{"set " W("wg0") "/tenant not-there-yet", NULL, 0, NULL},
		{"set " T("red") "\nset " T("blue"), NULL, 0, NULL},
		{"set " P("wg0", "a") "\nset " P("wg0", "b"), NULL, 0, NULL},
		{"set zebra/enabled false", NULL, 0, NULL},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void keys_belong_to_one_peer_of_an_interface(void **state)
{
	static const struct rule_case cases[] = {
		{"set " P("wg0", "a") "/public-key " KEY_1 "\n"
				      "set " P("wg0", "b") "/public-key " KEY_1,
		 "wireguard wg0, peer b: public-key is also that of peer a; expected one of its "
		 "own",
		 2, "public-key"},
		{"set " P("wg0", "a") "/public-key " KEY_1 "\n"
				      "set " P("wg1", "a") "/public-key " KEY_1,
		 NULL, 0, NULL},
		{"set " P("wg0", "a") "/public-key " ZERO,
		 "wireguard wg0, peer a: public-key is all zero; expected what 'wg pubkey' prints "
		 "for the peer's private key",
		 1, "public-key"},
		/* RFC 7748 section 6.1, Alice */
		{"set " W("wg0") "/private-key " ALICE_PRIVATE "\n"
				 "set " P("wg0",
					  "a") "/public-key " KEY_1 "\n"
					       "set " P("wg0",
							"b") "/public-key " ALICE_PUBLIC,
		 "wireguard wg0, peer b: public-key is that of the interface itself; "
		 "expected the peer's",
		 3, "public-key"},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void additional_keys_are_as_good_as_the_first(void **state)
{
	static const struct rule_case cases[] = {
		{"set " P("wg0", "a") KEY("new"), NULL, 0, NULL},
		{"set " P("wg0", "a") "/public-key " KEY_1 "\nset " P("wg0", "a")
			 KEY("new") "/public-key " KEY_2,
		 NULL, 0, NULL},
		{"set " P("wg0", "a") "/public-key " KEY_1 "\nset " P("wg0", "a")
			 KEY("new") "/public-key " KEY_1,
		 "wireguard wg0, peer a, additional-key new: public-key is there already in the "
		 "same peer; expected another",
		 2, "public-key"},
		{"set " P("wg0", "a") "/public-key " KEY_1 "\nset " P("wg0", "b")
			 KEY("new") "/public-key " KEY_1,
		 "wireguard wg0, peer b, additional-key new: public-key is also that of peer a; "
		 "expected one of its own",
		 2, "public-key"},
		{"set " P("wg0", "a") KEY("new") "/public-key " ZERO,
		 "wireguard wg0, peer a, additional-key new: public-key is all zero; expected "
		 "what 'wg pubkey' prints for the peer's private key",
		 1, "public-key"},
		{"set " W("wg0") KEY("new") "/private-key " ALICE_PRIVATE "\nset " P(
			 "wg0", "a") KEY("newer") "/public-key " ALICE_PUBLIC,
		 "wireguard wg0, peer a, additional-key newer: public-key is that of the "
		 "interface itself; expected the peer's",
		 2, "public-key"},
		{"set " W("wg0") "/private-key " KEY_1 "\nset " W("wg0")
			 KEY("new") "/private-key " KEY_1,
		 "wireguard wg0, additional-key new: the private key is one of the interface "
		 "already; expected another",
		 2, "additional-key"},
		{EIGHT_KEYS(W("wg0")),
		 "wireguard wg0, additional-key h: there are 8 additional-keys; expected 7 at "
		 "most",
		 8, "additional-key"},
		{EIGHT_KEYS(P("wg0", "a")),
		 "wireguard wg0, peer a, additional-key h: there are 8 additional-keys; expected "
		 "7 at most",
		 8, "additional-key"},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void prefixes_have_no_host_bits(void **state)
{
	static const struct rule_case cases[] = {
		{"set " P("wg0", "a") "/allowed-ip 10.0.0.1/8",
		 "allowed-ip: \"10.0.0.1/8\" is not a prefix, because it has host bits: expected "
		 "10.0.0.0/8",
		 1, "allowed-ip"},
		{"set " T("red") "\nset " T("red") "/supernet 2001:db8::1/32",
		 "supernet: \"2001:db8::1/32\" is not a prefix, because it has host bits: "
		 "expected 2001:db8::/32",
		 2, "supernet"},
		{"set " T("red") "/advertise 192.0.2.0/23", NULL, 0, NULL},
		{"set " T("red") "/advertise-instance 255", NULL, 0, NULL},
		{"set " T("red") "/advertise-instance 256",
		 "advertise-instance: \"256\" is not an instance from 1 to 255: zebra keeps "
		 "eight bits of it",
		 1, "advertise-instance"},
		{"set " T("red") "/advertise-instance 0",
		 "advertise-instance: \"0\" is not an instance from 1 to 255: zebra keeps "
		 "eight bits of it",
		 1, "advertise-instance"},
		{"set " T("red") "/advertise-table 254",
		 "advertise-table: \"254\" is not a routing table from 1 to 4294967295 other than "
		 "253, 254 and 255 (default, main, local)",
		 1, "advertise-table"},
		{"set " T("red") "/advertise 192.0.2.0/22",
		 "advertise: \"192.0.2.0/22\" is not a prefix, because it has host bits: expected "
		 "192.0.0.0/22",
		 1, "advertise"},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void prefixes_and_overlay_addresses_belong_to_one_peer(void **state)
{
	static const struct rule_case cases[] = {
		{"set " P("wg0",
			  "a") "/allowed-ip 10.0.0.0/8\n"
			       "set " P("wg0",
					"b") "/allowed-ip 10.0.0.0/9\n"
					     "set " P("wg0",
						      "c") "/allowed-ip 10.0.0.0/8",
		 "wireguard wg0, peer c: allowed-ip 10.0.0.0/8 is also in peer a; expected it once "
		 "in an interface",
		 3, "allowed-ip"},
		{"set " P("wg0", "a") "/allowed-ip 2001:DB8::/32\n"
				      "set " P("wg0", "b") "/allowed-ip 2001:0db8::/32",
		 "wireguard wg0, peer b: allowed-ip 2001:db8::/32 is also in peer a; expected it "
		 "once in an interface",
		 2, "allowed-ip"},
		{"set " P("wg0", "a") "/allowed-ip 0.0.0.0/0\n"
				      "set " P("wg0", "b") "/allowed-ip ::/0",
		 NULL, 0, NULL},
		{"set " P("wg0", "a") "/allowed-ip 10.0.0.0/8\n"
				      "set " P("wg1", "a") "/allowed-ip 10.0.0.0/8",
		 NULL, 0, NULL},
		{"set " P("wg0", "a") "/overlay-address 10.99.0.2\n"
				      "set " P("wg0", "b") "/overlay-address 10.99.0.2",
		 "wireguard wg0, peer b: overlay-address 10.99.0.2 is also in peer a; expected it "
		 "once in an interface",
		 2, "overlay-address"},
		{"set " P("wg0", "a") "/overlay-address fe80::2\n"
				      "set " P("wg1", "a") "/overlay-address fe80::2",
		 NULL, 0, NULL},
		{"set " P("wg0", "a") "/overlay-address 10.99.0.1\n"
				      "set " W("wg0") "/address 10.99.0.1/24",
		 "wireguard wg0, peer a: overlay-address 10.99.0.1 is the interface's own "
		 "address; expected the peer's",
		 1, "overlay-address"},
		{"set " P("wg0", "a") "/overlay-address ff02::1",
		 "wireguard wg0, peer a: overlay-address ff02::1 is a multicast address; expected "
		 "one of a host",
		 1, "overlay-address"},
		{"set " P("wg0", "a") "/overlay-address 0.0.0.0",
		 "wireguard wg0, peer a: overlay-address 0.0.0.0 is the unspecified address; "
		 "expected one of a host",
		 1, "overlay-address"},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void endpoints_can_be_sent_to(void **state)
{
	static const struct rule_case cases[] = {
		{"set " P("wg0", "a") "/endpoint 192.0.2.1:1", NULL, 0, NULL},
		{"set " P("wg0", "a") "/endpoint [2001:db8::1]:65535", NULL, 0, NULL},
		{"set " P("wg0", "a") "/endpoint 0.0.0.0:51820",
		 "wireguard wg0, peer a: endpoint 0.0.0.0 is the unspecified address; expected a "
		 "host's global address",
		 1, "endpoint"},
		{"set " P("wg0", "a") "/endpoint 224.0.0.1:51820",
		 "wireguard wg0, peer a: endpoint 224.0.0.1 is a multicast address; expected a "
		 "host's global address",
		 1, "endpoint"},
		{"set " P("wg0", "a") "/endpoint [fe80::1]:51820",
		 "wireguard wg0, peer a: endpoint fe80::1 is a link-local address, which needs an "
		 "interface to be sent to; expected a host's global address",
		 1, "endpoint"},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

#define BOTH(leaf) "set " W("wg0") "/" leaf "\nset " W("wg1") "/" leaf "\n"

static void interfaces_may_share_a_port_if_they_can_be_told_apart(void **state)
{
	static const struct rule_case cases[] = {
		{BOTH("listen-port 51820"), NULL, 0, NULL},
		{BOTH("listen-port 51820") BOTH("fwmark 7"), NULL, 0, NULL},
		{BOTH("listen-port 51820") "set " W("wg1") "/fwmark 7",
		 "wireguard wg1: fwmark 0x7 is not that of wireguard wg0, 0x0, which has the same "
		 "listen-port 51820; expected the same, since it marks the sockets",
		 3, "fwmark"},
		{BOTH("listen-port 51820") "set " W("wg0") "/fwmark 7",
		 "wireguard wg1: fwmark 0x0 is not that of wireguard wg0, 0x7, which has the same "
		 "listen-port 51820; expected the same, since it marks the sockets",
		 2, "listen-port"},
		{"set " W("wg0") "/listen-port 51820\nset " W(
			 "wg1") "/listen-port 51821\nset " W("wg1") "/fwmark 7",
		 NULL, 0, NULL},
		{BOTH("listen-port 0") "set " W("wg1") "/fwmark 7", NULL, 0, NULL},
		{BOTH("private-key " KEY_1), NULL, 0, NULL},
		{BOTH("listen-port 51820") BOTH("private-key " KEY_1),
		 "wireguard wg1: the private key is also that of wireguard wg0, which has the same "
		 "listen-port 51820: handshakes could not be told apart; expected one of its own",
		 2, "wireguard"},
		{BOTH("listen-port 51820") "set " W(
			 "wg0") "/private-key " KEY_1 "\nset " W("wg1")
			 KEY("new") "/private-key " KEY_1,
		 "wireguard wg1, additional-key new: the private key is also that of wireguard "
		 "wg0, which has the same listen-port 51820: handshakes could not be told apart; "
		 "expected one of its own",
		 4, "additional-key"},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void interfaces_do_not_get_in_each_others_way(void **state)
{
	static const struct rule_case cases[] = {
		{"set " W("wg0") "/listen-port 0\nset " W("wg1") "/listen-port 0", NULL,
		 0, NULL},
		{"set " W("wg0") "/address 10.99.0.1/24\nset " W(
			 "wg1") "/address 10.99.0.1/32",
		 "wireguard wg1: address 10.99.0.1/32 is also on wireguard wg0; expected one of "
		 "its own",
		 2, "address"},
		{"set " W("wg0") "/address fe80::1/64\nset " W(
			 "wg1") "/address fe80::1/64",
		 NULL, 0, NULL},
		{"set " W("wg0") "/address 169.254.0.1/24\nset " W(
			 "wg1") "/address 169.254.0.1/24",
		 "wireguard wg1: address 169.254.0.1/24 is also on wireguard wg0; expected one of "
		 "its own",
		 2, "address"},
		{"set " W("wg0") "/address 10.99.0.1/24\nset " W(
			 "wg0") "/address 10.99.0.1/25",
		 "wireguard wg0: address 10.99.0.1/25 is there already as 10.99.0.1/24; expected "
		 "one of them",
		 2, "address"},
		{"set " W("wg0") "/address ::/64",
		 "wireguard wg0: address ::/64 is the unspecified address; expected one of a host",
		 1, "address"},
		{"set " W("wg0") "/mtu 1279\nset " W("wg0") "/address 10.0.0.1/8", NULL,
		 0, NULL},
		{"set " W("wg0") "/mtu 1279\nset " W("wg0") "/address fd00::1/8",
		 "wireguard wg0: mtu 1279 is too small for the IPv6 address fd00::1/8; expected "
		 "1280 or more",
		 1, "mtu"},
		{"set " W("wg0") "/mtu 1280\nset " W("wg0") "/address fd00::1/8", NULL, 0,
		 NULL},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

#define ENTRY(seq) L("x") "/seq[number='" seq "']"

static void prefix_lists_say_what_they_mean(void **state)
{
	static const struct rule_case cases[] = {
		{"set " T("a") "/prefix-list not-there-yet", NULL, 0, NULL},
		{"set " L("x"), NULL, 0, NULL},
		{"set " ENTRY("5"),
		 "prefix-list x seq 5: action is missing; expected permit or deny, and a prefix",
		 1, "seq"},
		{"set " ENTRY("5") "/action deny",
		 "prefix-list x seq 5: prefix is missing; expected permit or deny, and a prefix",
		 1, "seq"},
		{"set " ENTRY("5") "/action deny\nset " ENTRY(
			 "5") "/prefix ::/0\nset " ENTRY("5") "/le 128",
		 NULL, 0, NULL},
		{"set " ENTRY("5") "/action deny\nset " ENTRY("5") "/prefix 10.0.0.0/8\n"
								   "set " ENTRY(
									   "5") "/le 33",
		 "prefix-list x seq 5: 10.0.0.0/8 matches lengths from 8 to 33; expected them "
		 "to rise, from 8 to 32 at most",
		 3, "le"},
		{"set " ENTRY("5") "/action deny\nset " ENTRY("5") "/prefix 10.0.0.0/8\nset " ENTRY(
			 "5") "/le 16\nset " ENTRY("5") "/ge 17",
		 "prefix-list x seq 5: 10.0.0.0/8 matches lengths from 17 to 16; expected them "
		 "to rise, from 8 to 32 at most",
		 3, "le"},
		{"set " ENTRY("5") "/action deny\nset " ENTRY(
			 "5") "/prefix 10.0.0.0/8\nset " ENTRY("5") "/ge 7",
		 "prefix-list x seq 5: 10.0.0.0/8 matches lengths from 7 to 32; expected them "
		 "to rise, from 8 to 32 at most",
		 3, "ge"},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void tenants_do_not_get_in_each_others_way(void **state)
{
	static const struct rule_case cases[] = {
		{"set " T("a") "/table 1001\nset " T("b") "/table 1001",
		 "tenant b: table 1001 is also that of tenant a; expected one of its own",
		 2, "table"},
		{"set " T("a") "/table 1001\nset " T("a") "/learn-table 1001",
		 "tenant a: learn-table 1001 is the table that tenant a is routed in; expected "
		 "another one",
		 2, "learn-table"},
		{"set " T("b") "/table 1001\nset " T("a") "/advertise-table 1001",
		 "tenant a: advertise-table 1001 is the table that tenant b is routed in; "
		 "expected another one",
		 2, "advertise-table"},
		{"set " T("a") "/learn-table 2001\nset " T("b") "/learn-table 2001",
		 "tenant b: learn-table is also the learn-table of tenant a; expected a table of "
		 "its own",
		 2, "learn-table"},
		{"set " T("a") "/learn-table 2001\nset " T("b") "/advertise-table 2001",
		 "tenant b: advertise-table is also the learn-table of tenant a; expected a "
		 "table of its own",
		 2, "advertise-table"},
		{"set " T("a") "/learn-table 2001\nset " T("a") "/advertise-table 2001",
		 NULL, 0, NULL},
		{"set " T("a") "/learn-tag 300\nset " T("a") "/learn-table 2001",
		 "tenant a: learn-tag 300: routes of learn-table 2001 have no tags; expected "
		 "one of the two",
		 1, "learn-tag"},
		{"set " T("a") "/learn-direct",
		 "tenant a: learn-direct is about a learn-table; expected one", 1,
		 "learn-direct"},
		{"set " T("a") "/learn-direct\nset " T("a") "/learn-table 65536",
		 "tenant a: learn-direct: zebra does not tell of table 65536; expected a "
		 "learn-table up to 65535 other than 253, 254 and 255",
		 1, "learn-direct"},
		{"set " T("a") "/learn-direct\nset " T("a") "/learn-table 254",
		 "tenant a: learn-direct: zebra does not tell of table 254; expected a "
		 "learn-table up to 65535 other than 253, 254 and 255",
		 1, "learn-direct"},
		{"set " T("a") "/learn-direct\nset " T("a") "/learn-table 65535", NULL, 0,
		 NULL},
		{"set " T("a") "/learn-direct\nset " T("a") "/learn-table 9\nset " T(
			 "a") "/vrf red",
		 "tenant a: learn-direct: zebra tells of tables of VRF default alone, not "
		 "of red; expected one of the two",
		 1, "learn-direct"},
		{"set " T("a") "/learn-table 255",
		 "learn-table: \"255\" is not a routing table from 1 to 2147483646 other than "
		 "255 (local)",
		 1, "learn-table"},
		{"set " T("a") "/table 254",
		 "table: \"254\" is not a routing table from 1 to 4294967295 other than 253, 254 "
		 "and 255 (default, main, local)",
		 1, "table"},
		{"set " T("a") "/table 252\nset " T("b") "/table 256", NULL, 0, NULL},
		{"set " T("a") "/interface eth1\nset " T(
			 "b") "/interface eth2\n"
			      "set " T("b") "/interface eth1",
		 "tenant b: interface eth1 is also in tenant a; expected it in one tenant",
		 3, "interface"},
		{"set " W("wg0") "\nset " T("a") "/interface wg0",
		 "tenant a: interface wg0 is a wireguard interface; expected a local one (write "
		 "'tenant a' below 'wireguard wg0' instead)",
		 2, "interface"},
		{"set " T("a") "/learn-tag 7\nset " T("b") "/learn-tag 8\nset " T(
			 "b") "/learn-tag 7",
		 "tenant b: learn-tag 7 is also in tenant a of the same vrf default; expected "
		 "it in one of them",
		 3, "learn-tag"},
		{"set " T("a") "/learn-tag 7\nset " T("b") "/learn-tag 7\nset " T(
			 "b") "/vrf x",
		 NULL, 0, NULL},
		{"set " T("a") "/advertise 10.0.0.0/8\nset " T(
			 "b") "/advertise 10.0.0.0/8",
		 "tenant b: advertise 10.0.0.0/8 is also in tenant a of the same vrf default; "
		 "expected it in one of them",
		 2, "advertise"},
		{"set " T("a") "/advertise 10.0.0.0/8\nset " T(
			 "b") "/advertise 10.0.0.0/8\n"
			      "set " T("b") "/vrf b",
		 NULL, 0, NULL},
		{"set " T("a") "/advertise 10.0.0.0/8\nset " T(
			 "b") "/advertise 10.0.0.0/9",
		 NULL, 0, NULL},
		/* zebra has one RIB for a VRF, whatever the instance, and reads the kernel's */
		{"set " T("a") "/advertise 10.0.0.0/8\nset " T(
			 "b") "/advertise 10.0.0.0/8\nset " T("b") "/advertise-instance 253",
		 "tenant b: advertise 10.0.0.0/8 is also in tenant a of the same vrf default; "
		 "expected it in one of them",
		 2, "advertise"},
		{"set " T("a") "/advertise 10.0.0.0/8\nset " T(
			 "b") "/advertise 10.0.0.0/8\nset " T("b") "/advertise-kernel",
		 "tenant b: advertise 10.0.0.0/8 is also in tenant a of the same vrf default; "
		 "expected it in one of them",
		 2, "advertise"},
		{"set " T("a") "/advertise 10.0.0.0/8\nset " T(
			 "b") "/advertise 10.0.0.0/8\nset " T("b") "/advertise-table 7",
		 NULL, 0, NULL},
		{"set " T("a") "/advertise-instance 253\nset " T(
			 "b") "/advertise-instance 253",
		 NULL, 0, NULL},
		{"set " T("a") "/supernet 10.0.0.0/8\nset " T("b") "/supernet 10.0.0.0/8",
		 NULL, 0, NULL},
		/* The same prefix spelt twice is one entry by the time it is stored. */
		{"set " T("a") "/advertise 2001:db8::/32\nset " T(
			 "a") "/advertise 2001:DB8:0::/32",
		 NULL, 0, NULL},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void what_the_kernel_cannot_do_is_refused(void **state)
{
#define KERNEL "set " W("wg0") "/backend kernel\n"
	static const struct rule_case cases[] = {
		{KERNEL "set " W("wg0") "/listen-port 51820\n", NULL, 0, NULL},
		{KERNEL "set " W("wg0") KEY("new"),
		 "wireguard wg0, additional-key new: the kernel knows one "
		 "key of each end; expected none with 'backend kernel'",
		 2, "additional-key"},
		{KERNEL "set " P("wg0", "a") KEY("new"),
		 "wireguard wg0, peer a, additional-key new: the kernel "
		 "knows one key of each end; expected none with 'backend kernel'",
		 2, "additional-key"},
		{KERNEL "set " W("wg0") "/dscp 46",
		 "wireguard wg0: dscp: the kernel marks no packets; expected none with "
		 "'backend kernel'",
		 2, "dscp"},
		{KERNEL
		 "set " W("wg0") "/listen-port 51820\nset " W("wg1") "/listen-port "
								     "51820",
		 "wireguard wg0: listen-port 51820 is also that of wireguard wg1, and the "
		 "kernel shares none; expected another with 'backend kernel'",
		 2, "listen-port"},
	};

	(void)state;
	check(cases, ARRAY_SIZE(cases));
#undef KERNEL
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_incomplete_is_accepted),
		cmocka_unit_test(keys_belong_to_one_peer_of_an_interface),
		cmocka_unit_test(additional_keys_are_as_good_as_the_first),
		cmocka_unit_test(prefixes_have_no_host_bits),
		cmocka_unit_test(prefixes_and_overlay_addresses_belong_to_one_peer),
		cmocka_unit_test(endpoints_can_be_sent_to),
		cmocka_unit_test(interfaces_may_share_a_port_if_they_can_be_told_apart),
		cmocka_unit_test(interfaces_do_not_get_in_each_others_way),
		cmocka_unit_test(prefix_lists_say_what_they_mean),
		cmocka_unit_test(tenants_do_not_get_in_each_others_way),
		cmocka_unit_test(what_the_kernel_cannot_do_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
