/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/mgmt/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/mgmt/json.h"
#include "wgrd/mgmt/show.h"

/* ---- fields ---- */

static void durations_have_two_units_at_most(void **state)
{
	static const struct {
		uint64_t s;
		const char *text;
	} cases[] = {{0, "0s"},        {59, "59s"},
		     {60, "1m00s"},    {3599, "59m59s"},
		     {3600, "1h00m"},  {86399, "23h59m"},
		     {86400, "1d00h"}, {1000 * 86400, "1000d00h"}};
	char buf[SHOW_FIELD_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(show_duration(cases[i].s * NS_PER_S, buf),
				    cases[i].text);
	assert_string_equal(show_age(5, 0, buf), "never");
	assert_string_equal(show_age(20 * NS_PER_S, 8 * NS_PER_S, buf), "12s ago");
	assert_string_equal(show_age(8, 20 * NS_PER_S, buf), "0s ago");
}

static void octets_have_three_digits(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {{0, "0 B"},
		     {1023, "1023 B"},
		     {1024, "1.00 KiB"},
		     {10240, "10.0 KiB"},
		     {1048575, "1024 KiB"},
		     {1258291, "1.20 MiB"},
		     {UINT64_MAX, "16.0 EiB"}};
	char buf[SHOW_FIELD_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(show_bytes(cases[i].n, buf), cases[i].text);
}

static void long_sentences_are_wrapped(void **state)
{
	struct strbuf out = {0};

	(void)state;
	strbuf_printf(&out, "%70s", "");
	show_wrapped(&out, 70, 4, "one two three four");
	assert_string_equal(out.s + 70, "one two\n    three four\n");
	strbuf_truncate(&out, 0);
	show_wrapped(&out, 0, 4, "");
	assert_string_equal(out.s, "\n");
	strbuf_free(&out);
}

/* ---- the JSON writer ---- */

static void json_is_nested_and_escaped(void **state)
{
	struct strbuf out = {0};
	struct json j = {.out = &out};

	(void)state;
	json_object(&j, NULL);
	json_array(&j, "empty");
	json_array_end(&j);
	json_object(&j, "none");
	json_object_end(&j);
	json_array(&j, "list");
	json_num(&j, NULL, UINT64_MAX);
	json_str(&j, NULL, "a\"b\\c\n");
	json_null(&j, NULL);
	json_array_end(&j);
	json_bool(&j, "yes", true);
	json_str(&j, "no", NULL);
	json_object_end(&j);
	json_end(&j);
	rig_assert_text(
		"json",
		"{\n  \"empty\": [],\n  \"none\": {},\n  \"list\": [\n"
		"    18446744073709551615,\n    \"a\\\"b\\\\c\\n\",\n    null\n  ],\n"
		"  \"yes\": true,\n  \"no\": null\n}\n",
		out.s);
	strbuf_free(&out);
}

/* ---- text ---- */

#define KEY_1 RIG_KEY_A
#define KEY_2 RIG_KEY_B

/* clang-format off */
static const struct {
	const char *line, *text;
} golden[] = {
	{"show wireguard",
	 "Interface wg0: up, ifindex 7, tenant red\n"
	 "  Public key      " KEY_1 "\n"
	 "  Listen port     51820\n"
	 "  Fwmark          0xca6c\n"
	 "  MTU             1420\n"
	 "  Peers           2, 1 up\n"
	 "  Prefixes        3 in egress, 2 in ingress\n"
	 "  Received        1.20 MiB in 1000 packets\n"
	 "  Sent            2.00 KiB in 1 packet\n"
	 "\n"
	 "Interface wg1: inactive (no private key), no tenant\n"
	 "  Public key      -\n"
	 "  MTU             1280\n"
	 "  Peers           0, 0 up\n"
	 "  Prefixes        0 in egress, 0 in ingress\n"
	 "  Received        0 B in 0 packets\n"
	 "  Sent            0 B in 0 packets\n"},
	{"show wireguard peers",
	 "2 peers, 1 up\n"
	 "\n"
	 "Interface Peer   State         Handshake Received     Sent Endpoint\n"
	 "wg0       hub    up                  12s 1.20 MiB 2.00 KiB [2001:db8::1]:51820\n"
	 "wg0       spoke2 no public key     never      0 B      0 B -\n"},
	{"show wireguard peer hub",
	 "Peer hub on wg0: up\n"
	 "  Public key      " KEY_2 "\n"
	 "  Preshared key   set\n"
	 "  Endpoint        [2001:db8::1]:51820\n"
	 "  Handshake       12s ago, 4 completed, 0 failed\n"
	 "  Keepalive       every 25s\n"
	 "  Received        1.20 MiB in 1000 packets\n"
	 "  Sent            2.00 KiB in 1 packet\n"
	 "  Description     the \"hub\"\n"
	 "  Overlay address 10.99.0.1\n"
	 "                  fd99::1\n"
	 "  Static prefix   192.0.2.0/24\n"
	 "  Prefix limit    100\n"},
	{"show wireguard peer spoke2",
	 "Peer spoke2 on wg0: no public key\n"
	 "  Public key      -\n"
	 "  Preshared key   none\n"
	 "  Endpoint        -\n"
	 "  Handshake       never, 0 completed, 0 failed\n"
	 "  Received        0 B in 0 packets\n"
	 "  Sent            0 B in 0 packets\n"},
	{"show wireguard routes",
	 "Tenant red, VRF default\n"
	 "  Prefix               From       Interface Peer            State      Since\n"
	 "  10.2.0.0/16          bgp        wg0       spoke2          installed  3s\n"
	 "  10.3.0.0/16          bgp        wg0       spoke2          failed     3s\n"
	 "      kernel: Network is unreachable\n"
	 "  10.66.0.0/16         bgp        -         -               refused    3s\n"
	 "      10.66.0.0/16 lies in none of the supernets of tenant red, so that no peer\n"
	 "      may use it\n"
	 "  192.168.1.0/24       advertised wg0       -               advertised -\n"
	 "\n"
	 "No tenant\n"
	 "  Prefix               From       Interface Peer            State      Since\n"
	 "  2001:db8:2::/48      bgp        wg0       spoke2,hub      installed  3s\n"
	 "\n"
	 "5 routes, 1 refused\n"},
	{"show wireguard permissions",
	 "Interface wg0: 3 prefixes in egress, 2 in ingress\n"
	 "  Prefix                         Egress: send to        Ingress: accept from\n"
	 "  10.2.0.0/16                    spoke2                 spoke2\n"
	 "  192.0.2.0/24                   hub                    -\n"
	 "  2001:db8:2::/48                hub*1,spoke2*3         hub*1,spoke2*3\n"
	 "\n"
	 "Interface wg1: 0 prefixes in egress, 0 in ingress\n"},
	{"show wireguard tenants",
	 "No tenant: permissions only\n"
	 "  Members         1 interface, 0 peers\n"
	 "  Learned         0, 0 accepted, 0 refused\n"
	 "  Own prefixes    0\n"
	 "\n"
	 "Tenant blue: inactive (no table)\n"
	 "  Members         0 interfaces, 0 peers\n"
	 "  Learned         0, 0 accepted, 0 refused, limit 10\n"
	 "  Own prefixes    0\n"
	 "\n"
	 "Tenant red: table 1009, priority 1000, VRF default\n"
	 "  Members         2 interfaces, 2 peers\n"
	 "  Learned         3, 2 accepted, 1 refused, limit 1000000\n"
	 "  Own prefixes    4\n"
	 "\n"
	 "Installed: 3 permissions, 2 routes, 4 rules, 1 own prefixes to zebra\n"
	 "  Progress        0 pending, 1 failed\n"
	 "  In the kernel   5 adopted, 0 orphans removed, 0 put back\n"},
	{"show wireguard zebra",
	 "zebra at /var/run/frr/zserv.api: up for 3m20s\n"
	 "  Release         8.4.4, dialect frr-8.4\n"
	 "  Router ID       10.99.0.1\n"
	 "  Routes          3 in the RIB, 3 added, 0 deleted\n"
	 "  Messages        40 received, 9 sent\n"
	 "                  0 malformed, 0 ignored, 0 errors from zebra\n"
	 "  Sessions        1 connects, 0 disconnects\n"
	 "  Own prefixes    1, 1 installed\n"
	 "    192.168.1.0/24                 VRF default, tag 100, installed\n"},
	{"show wireguard dataplane",
	 "Encryption by abacus\n"
	 "\n"
	 "Counters\n"
	 "  rx-packets                1000  Packets that came in and were meant for us\n"
	 "  tx-packets                   1  Packets sent\n"
	 "\n"
	 "Drops\n"
	 "  replayed          18446744073709551615  The packet had been seen before, or\n"
	 "                                  came so late that nobody can say whether it\n"
	 "                                  had\n"},
	{"show version", "wgrd 0.1.0, up for 0s\n"},
};
/* clang-format on */

static void text_is_as_expected(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(golden); i++) {
		assert_int_equal(rig_run(r, golden[i].line), CLI_SUCCESS);
		rig_assert_text(golden[i].line, golden[i].text, strbuf_str(&r->out));
	}
}

static void text_fits_in_80_columns(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(golden); i++) {
		const char *line;

		rig_run(r, golden[i].line);
		for (line = r->out.s; *line; line += strcspn(line, "\n") + 1)
			if (strcspn(line, "\n") > 80)
				fail_msg("%s: %.*s", golden[i].line,
					 (int)strcspn(line, "\n"), line);
	}
}

static void an_empty_daemon_has_something_to_say(void **state)
{
	struct rig *r = *state;

	fake_state.empty = true;
	rig_run(r, "show wireguard");
	assert_string_equal(r->out.s, "No WireGuard interface is configured.\n");
	rig_run(r, "show wireguard permissions");
	assert_string_equal(r->out.s, "No WireGuard interface is configured.\n");
	rig_run(r, "show wireguard peers");
	assert_string_equal(r->out.s, "0 peers, 0 up\n");
	rig_run(r, "show wireguard routes");
	assert_string_equal(r->out.s, "0 routes, 0 refused\n");
	assert_int_equal(rig_run(r, "show wireguard peer hub"), CLI_WARNING);
	assert_int_equal(rig_run(r, "show wireguard peer hub json"), CLI_WARNING);
}

static void zebra_may_be_away_or_off(void **state)
{
	struct rig *r = *state;

	fake_state.zebra_waiting = true;
	rig_run(r, "show wireguard zebra");
	assert_non_null(strstr(r->out.s,
			       "waiting for 3m20s\n  Last error      connect: No "
			       "such file or directory\n"));
	assert_null(strstr(r->out.s, "Release"));
	r->m->deps.zclient = NULL;
	rig_run(r, "show wireguard zebra");
	assert_string_equal(r->out.s, "zebra: off\n");
}

/* ---- JSON ---- */

/* The keys that README.md promises, with what python calls the type of the value. */
static const struct {
	const char *line, *keys;
} promised[] = {
	{"show wireguard json",
	 "interfaces.0: name str, state str, inactive-reason None, ifindex int, "
	 "tenant str, public-key str, listen-port int, fwmark int, mtu int, peers int, "
	 "peers-up int, egress-prefixes int, ingress-prefixes int, rx-bytes int, "
	 "tx-bytes int, rx-packets int, tx-packets int"},
	{"show wireguard json", "interfaces.1: inactive-reason str, tenant None, "
				"public-key None"},
	{"show wireguard peers json",
	 "peers.0: interface str, name str, session str, inactive-reason None, "
	 "public-key str, preshared-key-set bool, endpoint str, "
	 "persistent-keepalive int, last-handshake int, last-handshake-seconds int, "
	 "handshakes int, handshakes-failed int, rx-bytes int, tx-bytes int, "
	 "rx-packets int, tx-packets int, description str, overlay-address list, "
	 "allowed-ip list, max-prefix int"},
	{"show wireguard peers json",
	 "peers.1: inactive-reason str, public-key None, endpoint None, "
	 "last-handshake None, last-handshake-seconds None"},
	{"show wireguard peer hub json", "peers.0: name str, session str"},
	{"show wireguard routes json",
	 "routes.0: tenant str, vrf str, prefix str, origin str, protocol str, "
	 "nexthops list, verdict str, reason str, interface str, peers list, table int, "
	 "state str, permission-state str, route-state str, route-error None, "
	 "changed-seconds int"},
	{"show wireguard routes json", "routes.0.nexthops.0: gate str, ifindex int, "
				       "weight int"},
	{"show wireguard routes json", "routes.2: interface None, route-state None, "
				       "permission-state None"},
	{"show wireguard permissions json", "interfaces.0: name str, permissions list"},
	{"show wireguard permissions json",
	 "interfaces.0.permissions.0: prefix str, egress list, ingress list"},
	{"show wireguard permissions json",
	 "interfaces.0.permissions.2.egress.1: peer str, weight int"},
	{"show wireguard tenants json",
	 "tenants.2: name str, inactive-reason None, table int, priority int, vrf str, "
	 "interfaces int, peers int, learned int, accepted int, refused int, fixed int, "
	 "max-prefix int"},
	{"show wireguard tenants json", "tenants.0: name None, max-prefix None"},
	{"show wireguard tenants json",
	 "fib: permissions int, routes int, rules int, advertised int, pending int, "
	 "failed int, adopted int, orphans-removed int, put-back int"},
	{"show wireguard zebra json",
	 ": state str, state-seconds int, socket str, release str, dialect str, "
	 "router-id str, last-error None, routes int, connects int, disconnects int, "
	 "messages-received int, messages-sent int, routes-added int, "
	 "routes-deleted int, malformed int, ignored int, errors int, own-prefixes list"},
	{"show wireguard zebra json", "own-prefixes.0: prefix str, vrf str, ifindex int, "
				      "tag int, sent bool, installed bool"},
	{"show wireguard dataplane json", "counters.1: name str, description str, "
					  "value int"},
	{"show wireguard dataplane json", "drops.0: name str, description str, "
					  "value int"},
	{"show version json", ": name str, version str, uptime-seconds int"},
};

/* An independent reader: python's. Arguments: the path and the keys with their types. */
static const char reader[] =
	"import json, sys\n"
	"value = json.load(open(sys.argv[1]))\n"
	"path, keys = sys.argv[2].split(':')\n"
	"for step in filter(None, path.split('.')):\n"
	"    value = value[int(step) if step.isdigit() else step]\n"
	"for want in keys.split(','):\n"
	"    key, kind = want.split()\n"
	"    seen = type(value[key]).__name__.replace('NoneType', 'None')\n"
	"    if seen != kind:\n"
	"        sys.exit(f'{path}: {key} is {seen}, expected {kind}')\n";

static int run_reader(struct rig *r, const char *keys)
{
	struct strbuf command = {0};
	int status;

	strbuf_printf(&command, "python3 %s %s '%s'", rig_path(r, "reader.py"),
		      rig_path(r, "reply.json"), keys);
	status = system(command.s);
	strbuf_free(&command);
	return status;
}

static void json_has_the_keys_that_are_documented(void **state)
{
	struct rig *r = *state;

	rig_write(r, "reader.py", reader);
	for (size_t i = 0; i < ARRAY_SIZE(promised); i++) {
		assert_int_equal(rig_run(r, promised[i].line), CLI_SUCCESS);
		rig_write(r, "reply.json", r->out.s);
		if (run_reader(r, promised[i].keys))
			fail_msg("%s: expected %s, saw:\n%s", promised[i].line,
				 promised[i].keys, r->out.s);
	}
}

static void json_of_an_empty_daemon_is_json_too(void **state)
{
	static const char *const lines[] = {
		"show wireguard json: interfaces list",
		"show wireguard peers json: peers list",
		"show wireguard routes json: routes list",
		"show wireguard permissions json: interfaces list",
		"show wireguard tenants json: tenants list",
		"show wireguard zebra json: state str",
	};
	struct rig *r = *state;

	fake_state.empty = true;
	r->m->deps.zclient = NULL;
	rig_write(r, "reader.py", reader);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char line[64];

		snprintf(line, sizeof(line), "%.*s", (int)strcspn(lines[i], ":"),
			 lines[i]);
		assert_int_equal(rig_run(r, line), CLI_SUCCESS);
		rig_write(r, "reply.json", r->out.s);
		if (run_reader(r, strchr(lines[i], ':')))
			fail_msg("%s: saw:\n%s", lines[i], r->out.s);
	}
}

static void a_row_never_passes_80_columns(void **state)
{
	static const unsigned at[] = {2, 12, 30, 60};
	static const char address[] = "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:51820";
	static const struct {
		const char *cell[4], *expected;
	} cases[] = {
		{{"a", "b", "c", "d"},
		 "  a         b                 c                             d\n"},
		{{"123456789", "b", "c", "d"},
		 "  123456789 b                 c                             d\n"},
		{{"1234567890", "b", "c", "d"},
		 "  1234567890\n            b                 c                             d\n"},
		{{"a", "b", "c", address},
		 "  a         b                 c   [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:51820\n"},
		{{"a", "b", "12345", address},
		 "  a         b                 12345\n"
		 "                                  [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:51820\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strbuf out = {0};

		show_row(&out, at, cases[i].cell, ARRAY_SIZE(at));
		assert_string_equal(out.s, cases[i].expected);
		strbuf_free(&out);
	}
}

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_have_two_units_at_most),
		cmocka_unit_test(octets_have_three_digits),
		cmocka_unit_test(long_sentences_are_wrapped),
		cmocka_unit_test(json_is_nested_and_escaped),
		RIGGED(text_is_as_expected),
		RIGGED(text_fits_in_80_columns),
		RIGGED(an_empty_daemon_has_something_to_say),
		RIGGED(zebra_may_be_away_or_off),
		RIGGED(json_has_the_keys_that_are_documented),
		RIGGED(json_of_an_empty_daemon_is_json_too),
		cmocka_unit_test(a_row_never_passes_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
