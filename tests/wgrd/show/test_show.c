/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wgrd/show/show.h"

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
	 "  Additional key  " KEY_2 " (2027)\n"
	 "  Additional key  - (2028)\n"
	 "  Listen port     51820\n"
	 "  Fwmark          0xca6c\n"
	 "  MTU             1420\n"
	 "  DSCP            46\n"
	 "  Peers           2, 1 up\n"
	 "  Prefixes        3 in egress, 2 in ingress\n"
	 "  Received        1.20 MiB in 1000 packets\n"
	 "  Sent            2.00 KiB in 1 packet\n"
	 "\n"
	 "Interface wg1: inactive (no private key), no tenant\n"
	 "  Back end        kernel, of an interface that was there\n"
	 "  Degraded        3 prefixes with one owner of those asked for\n"
	 "  Foreign         1 peer, 2 prefixes\n"
	 "  Public key      -\n"
	 "  MTU             1280\n"
	 "  Peers           0, 0 up\n"
	 "  Prefixes        0 in egress, 0 in ingress\n"
	 "  Received        0 B\n"
	 "  Sent            0 B\n"},
	{"show wireguard peers",
	 "2 peers, 1 up\n"
	 "\n"
	 "Interface Peer   State         Handshake Received     Sent Endpoint\n"
	 "wg0       hub    up                  12s 1.20 MiB 2.00 KiB [2001:db8::1]:51820\n"
	 "wg0       spoke2 no public key     never      0 B      0 B -\n"},
	{"show wireguard peer hub",
	 "Peer hub on wg0: up\n"
	 "  Public key      " KEY_2 "\n"
	 "  Additional key  " KEY_1 " (old)\n"
	 "  Additional key  - (to-come)\n"
	 "  Preshared key   set\n"
	 "  Keys in use     ours 2027, the peer's public-key\n"
	 "  Endpoint        [2001:db8::1]:51820\n"
	 "  Handshake       12s ago, 4 completed, 0 failed\n"
	 "  Keepalive       every 25s\n"
	 "  Received        1.20 MiB in 1000 packets\n"
	 "  Sent            2.00 KiB in 1 packet\n"
	 "  Description     the \"hub\"\n"
	 "  Overlay address 10.99.0.1\n"
	 "                  fd99::1\n"
	 "  Static prefix   192.0.2.0/24\n"
	 "  Prefix-list     spokes\n"
	 "  Learned         0, 101 waiting\n"
	 "  Prefix limit    100, warning at 80%, hold 60s\n"
	 "  Held            none is accepted for another 57s: there were more\n"},
	{"show wireguard peer spoke2",
	 "Peer spoke2 on wg0: no public key\n"
	 "  Public key      -\n"
	 "  Preshared key   none\n"
	 "  Endpoint        -\n"
	 "  Handshake       never, 0 completed, 0 failed\n"
	 "  Received        0 B in 0 packets\n"
	 "  Sent            0 B in 0 packets\n"
	 "  Learned         3, 0 waiting\n"},
	{"show wireguard routes",
	 "Tenant red, VRF default\n"
	 "  Prefix               From       Interface Peer            State      Since\n"
	 "  10.2.0.0/16          bgp        wg0       spoke2          installed  3s\n"
	 "  10.3.0.0/16          bgp        wg0       spoke2 (hub)    failed     3s\n"
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
	 "  10.2.0.0/16                    spoke2 (hub)           spoke2 (hub)\n"
	 "  192.0.2.0/24                   hub                    -\n"
	 "  2001:db8:2::/48                hub*1,spoke2*3         hub*1,spoke2*3\n"
	 "\n"
	 "Interface wg1: 0 prefixes in egress, 0 in ingress\n"},
	{"show wireguard tables",
	 "Table 2001: 12 routes\n"
	 "Table 2002: 1 route, to be read again\n"
	 "  Not learned     3, blackhole or unreachable\n"
	 "Tables were read 4 times, announcements lost 1 times\n"},
	{"show wireguard tenants",
	 "No tenant: permissions only\n"
	 "  Members         1 interface, 0 peers\n"
	 "  Learned         0, 0 accepted, 0 refused\n"
	 "  Own prefixes    0\n"
	 "\n"
	 "Tenant blue: inactive (no table)\n"
	 "  Members         0 interfaces, 0 peers\n"
	 "  Learned         0, 0 accepted, 0 refused\n"
	 "  Prefix limit    10, hold 60s\n"
	 "  Held            none is accepted for another 57s: there were more\n"
	 "  Own prefixes    0\n"
	 "\n"
	 "Tenant red: table 1009, priority 1000, VRF default\n"
	 "  Members         2 interfaces, 2 peers\n"
	 "  Learned         3, 2 accepted, 1 refused, prefix-list spokes\n"
	 "  Prefix limit    1000000, warning at 75%\n"
	 "  Own prefixes    4\n"
	 "\n"
	 "Installed: 3 permissions, 2 routes, 4 rules, 1 own prefixes to zebra\n"
	 "  Progress        0 pending, 1 failed\n"
	 "  In the kernel   5 adopted, 0 orphans removed, 0 put back, 0 resyncs\n"},
	{"show wireguard zebra",
	 "zebra at /var/run/frr/zserv.api: up for 3m20s\n"
	 "  Release         8.4.4, dialect 8.4, found by release and probe\n"
	 "  Router ID       10.99.0.1\n"
	 "  Routes          3 in the RIB, 3 added, 0 deleted\n"
	 "  Messages        40 received, 9 sent\n"
	 "                  0 malformed, 0 ignored, 0 errors from zebra\n"
	 "  Sessions        1 connects, 0 disconnects\n"
	 "  Own prefixes    1, 1 installed\n"
	 "    192.168.1.0/24                 VRF default, tag 100, installed\n"
	 "  Instance 253    up for 20s, 1 own prefixes, 1 installed\n"
	 "                  12 messages received, 7 sent, 2 connects, 1 disconnects\n"
	 "    192.168.3.0/24                 VRF default, tag 100, installed\n"},
	{"show wireguard dataplane",
	 "Encryption by abacus\n"
	 "  Workers            2, 8 after the next start\n"
	 "  Receive buffer     4.00 MiB, of which the kernel gives 208 KiB\n"
	 "  Send buffer        4.00 MiB\n"
	 "  Interface offload  on, used by 1 of 2 interfaces\n"
	 "  UDP offload        off, used by 0 of 1 port\n"
	 "\n"
	 "Thread   CPU  Sent          bytes     Received      bytes     Drops    A batch\n"
	 "wg-dp/0  3    123456789012  1.00 GiB  1000          1.00 MiB  7        40.5/12.5\n"
	 "wg-hs    any  0             0 B       0             0 B       12       -/-\n"
	 "\n"
	 "Counters\n"
	 "  rx-packets                1000  Packets that came in and were meant for us\n"
	 "  tx-packets                   1  Packets sent\n"
	 "\n"
	 "Drops\n"
	 "  replayed          18446744073709551615  The packet had been seen before, or\n"
	 "                                  came so late that nobody can say whether it\n"
	 "                                  had\n"},
	{"show wireguard summary",
	 "wgrd 0.1.0, up for 0s\n"
	 "  Interfaces    2: 1 up, 1 inactive\n"
	 "  Peers         2: 1 up, 0 in handshake, 0 without a session, 1 inactive\n"
	 "  Tenants       2, 1 inactive\n"
	 "  Learned       3: 2 accepted, 1 refused\n"
	 "  Installed     3 permissions, 2 routes, 4 rules; 0 pending, 1 failed\n"
	 "  zebra         up for 3m20s, release 8.4.4\n"
	 "  Dropped       18446744073709551615 packets\n"
	 "\n"
	 "To be looked at\n"
	 "  interface wg1: no private key\n"
	 "  interface wg1: 3 prefixes with one peer instead of several\n"
	 "  tenant blue: no table\n"
	 "  the kernel refused 1: `show wireguard routes state failed`\n"
	 "  1 refused: `show wireguard routes state refused`\n"},
	{"show wireguard peers session up",
	 "1 peer, 1 up\n"
	 "\n"
	 "Interface Peer State Handshake Received     Sent Endpoint\n"
	 "wg0       hub  up          12s 1.20 MiB 2.00 KiB [2001:db8::1]:51820\n"},
	{"show wireguard peers tenant blue", "0 peers, 0 up\n"},
	{"show wireguard keys",
	 "Interface Peer      Name     In use Public key\n"
	 "wg0       (own)     -        0      " KEY_1 "\n"
	 "wg0       (own)     2027     1      " KEY_2 "\n"
	 "wg0       (own)     2028     0      -\n"
	 "wg0       hub       -        1      " KEY_2 "\n"
	 "wg0       hub       old      0      " KEY_1 "\n"
	 "wg0       hub       to-come  0      -\n"
	 "wg0       spoke2    -        0      -\n"
	 "wg1       (own)     -        0      -\n"},
	{"show wireguard why 10.2.3.4",
	 "Prefix 10.2.0.0/16, tenant red\n"
	 "  Heard       bgp, from zebra in VRF default, 3s ago\n"
	 "              next hop 10.99.0.2, interface 7, weight 1\n"
	 "  Decided     accepted: next hop 10.99.0.2 is spoke2\n"
	 "  Permission  installed on wg0\n"
	 "              send to spoke2 (no public key), hub (backup, up)\n"
	 "              accept from spoke2 (no public key), hub (up)\n"
	 "  Route       installed in table 1009\n"},
	{"show wireguard why 10.66.0.0/16",
	 "Prefix 10.66.0.0/16, tenant red\n"
	 "  Heard       bgp, from zebra in VRF default, 3s ago\n"
	 "              next hop 10.99.0.2, interface 7, weight 1\n"
	 "  Decided     refused, outside-supernet: 10.66.0.0/16 lies in none of the\n"
	 "              supernets of tenant red, so that no peer may use it\n"
	 "  Permission  none\n"
	 "  Route       none\n"},
	{"show wireguard why 2001:db8:2::/48",
	 "Prefix 2001:db8:2::/48, no tenant\n"
	 "  Heard       bgp, from zebra in VRF default, 3s ago\n"
	 "              next hop 10.99.0.2, interface 7, weight 1\n"
	 "              next hop fe80::1, interface 7, weight 1\n"
	 "  Decided     accepted: next hop 10.99.0.2 is spoke2\n"
	 "  Permission  installed on wg0\n"
	 "              send to hub (up), spoke2 (no public key)\n"
	 "              accept from hub (up), spoke2 (no public key)\n"
	 "  Route       none: the tenant has no table\n"},
	{"show wireguard routes state refused",
	 "Tenant red, VRF default\n"
	 "  Prefix               From       Interface Peer            State      Since\n"
	 "  10.66.0.0/16         bgp        -         -               refused    3s\n"
	 "      10.66.0.0/16 lies in none of the supernets of tenant red, so that no peer\n"
	 "      may use it\n"
	 "\n"
	 "1 route, 1 refused\n"},
	{"show wireguard routes peer hub",
	 "Tenant red, VRF default\n"
	 "  Prefix               From       Interface Peer            State      Since\n"
	 "  10.3.0.0/16          bgp        wg0       spoke2 (hub)    failed     3s\n"
	 "      kernel: Network is unreachable\n"
	 "\n"
	 "No tenant\n"
	 "  Prefix               From       Interface Peer            State      Since\n"
	 "  2001:db8:2::/48      bgp        wg0       spoke2,hub      installed  3s\n"
	 "\n"
	 "2 routes, 0 refused\n"},
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

static void filters_say_how_many_they_let_through(void **state)
{
	static const struct {
		const char *filter;
		unsigned routes;
	} cases[] = {{"tenant red", 4},
		     {"tenant blue", 0},
		     {"peer spoke2", 3},
		     {"peer hub", 2},
		     {"state installed", 2},
		     {"state failed", 1},
		     {"longer-prefixes ::/0", 1},
		     {"longer-prefixes 10.2.0.0/15", 2},
		     {"longer-prefixes 10.2.9.9/15", 2}};
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[80], count[32];

		snprintf(line, sizeof(line), "show wireguard routes %s", cases[i].filter);
		snprintf(count, sizeof(count), "%u route%s, ", cases[i].routes,
			 cases[i].routes == 1 ? "" : "s");
		assert_int_equal(rig_run(r, line), CLI_SUCCESS);
		if (!strstr(r->out.s, count))
			fail_msg("%s: expected %s saw: %s", line, count, r->out.s);
	}
}

static void what_nobody_told_has_no_story(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_run(r, "show wireguard why 172.16.0.0/12"), CLI_WARNING);
	assert_non_null(strstr(r->out.s, "% 172.16.0.0/12: no routing daemon has told"));
	assert_int_equal(rig_run(r, "show wireguard why 10.2.0.0/33"), CLI_WARNING);
	assert_non_null(strstr(r->out.s, "\"10.2.0.0/33\" is not a prefix; expected"));
	assert_int_equal(rig_run(r, "show wireguard why 172.16.0.0/12 json"),
			 CLI_SUCCESS);
}

static void cleared_counters_begin_at_zero(void **state)
{
	struct rig *r = *state;

	rig_must(r, "clear wireguard counters");
	rig_run(r, "show wireguard peer hub");
	assert_non_null(
		strstr(r->out.s, "Handshake       12s ago, 0 completed, 0 failed"));
	assert_non_null(strstr(r->out.s, "Received        0 B in 0 packets"));
	fake_state.more = 5;
	rig_run(r, "show wireguard peer hub");
	assert_non_null(strstr(r->out.s, "12s ago, 5 completed"));
	assert_non_null(strstr(r->out.s, "Received        5 B in 0 packets"));
	assert_non_null(strstr(r->out.s, "Sent            0 B in 5 packets"));
	rig_run(r, "show wireguard json");
	assert_non_null(strstr(r->out.s, "\"rx-bytes\": 5,"));
	rig_run(r, "show wireguard dataplane");
	assert_non_null(strstr(r->out.s, "Counters cleared   0s ago\n"));
	assert_non_null(strstr(r->out.s, "rx-packets                   5"));
	rig_run(r, "show wireguard summary");
	assert_non_null(strstr(r->out.s, "Dropped       0 packets"));
}

static void a_counter_that_fell_is_of_something_new(void **state)
{
	struct rig *r = *state;

	fake_state.more = 5;
	rig_must(r, "clear wireguard counters");
	fake_state.more = 0; /* the peer went, and came again */
	rig_run(r, "show wireguard peer hub");
	assert_non_null(strstr(r->out.s, "12s ago, 4 completed"));
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

static void an_instance_that_has_no_session_is_to_be_looked_at(void **state)
{
	struct rig *r = *state;

	rig_run(r, "show wireguard summary");
	assert_null(strstr(r->out.s, "instance 253"));
	fake_state.no_instance = true;
	rig_run(r, "show wireguard summary");
	assert_non_null(
		strstr(r->out.s, "zebra, instance 253: zebra closed the connection"));
	rig_run(r, "show wireguard zebra");
	assert_non_null(strstr(r->out.s,
			       "  Instance 253    waiting for 20s, 1 own prefixes, 0 "
			       "installed\n"
			       "                  zebra closed the connection\n"));
	assert_non_null(strstr(r->out.s, "192.168.3.0/24                 VRF default, "
					 "tag 100, sent\n"));
	rig_run(r, "show wireguard zebra json");
	assert_non_null(
		strstr(r->out.s, "\"last-error\": \"zebra closed the connection\""));
	/* where all are away, that is said once */
	fake_state.zebra_waiting = true;
	rig_run(r, "show wireguard summary");
	assert_null(strstr(r->out.s, "instance 253"));
}

static void a_zebra_that_was_given_up_says_why(void **state)
{
	struct rig *r = *state;

	fake_state.zebra_given_up = true;
	rig_run(r, "show wireguard zebra");
	assert_non_null(strstr(
		r->out.s, "zebra at /var/run/frr/zserv.api: given-up for 3m20s\n"
			  "  Last error      FRR 11.0.1 is not a release known to wgrd\n"
			  "  Release         11.0.1, dialect unknown\n"));
	rig_run(r, "show wireguard zebra json");
	assert_non_null(strstr(r->out.s, "\"dialect-found-by\": null"));
	assert_non_null(strstr(r->out.s, "\"given-up\": true"));
}

/* ---- JSON ---- */

/* The keys that doc/json.md promises, with what python calls the type of the value. */
static const struct {
	const char *line, *keys;
} promised[] = {
	{"show wireguard json",
	 "interfaces.0: name str, state str, inactive-reason None, ifindex int, "
	 "tenant str, backend str, adopted bool, degraded-prefixes int, foreign-peers int, "
	 "foreign-prefixes int, public-key str, additional-keys list, listen-port int, fwmark int, mtu int, dscp str, peers int, "
	 "peers-up int, egress-prefixes int, ingress-prefixes int, rx-bytes int, "
	 "tx-bytes int, rx-packets int, tx-packets int"},
	{"show wireguard json", "interfaces.1: inactive-reason str, tenant None, "
				"public-key None"},
	{"show wireguard peers json",
	 "peers.0: interface str, name str, session str, inactive-reason None, "
	 "public-key str, preshared-key-set bool, keys-in-use dict, endpoint str, "
	 "endpoint-changes int, handshakes-refused int, "
	 "persistent-keepalive int, last-handshake int, last-handshake-seconds int, "
	 "handshakes int, handshakes-failed int, rx-bytes int, tx-bytes int, "
	 "rx-packets int, tx-packets int, description str, "
	 "preempt-delay int, additional-keys list, "
	 "overlay-address list, "
	 "allowed-ip list, prefix-list str, max-prefix int, max-prefix-warning int, "
	 "max-prefix-hold int, advertise-always bool, held-seconds int, prefixes int, "
	 "prefixes-waiting int"},
	{"show wireguard peers json",
	 "peers.1: inactive-reason str, public-key None, keys-in-use None, endpoint None, "
	 "last-handshake None, last-handshake-seconds None, answered-in-microseconds None"},
	{"show wireguard peer hub json", "peers.0: name str, session str"},
	{"show wireguard routes json",
	 "routes.0: tenant str, vrf str, prefix str, origin str, protocol str, "
	 "source str, tag int, nexthops list, verdict str, reason str, interface str, peers list, backups list, "
	 "table int, "
	 "state str, permission-state str, route-state str, route-error None, "
	 "changed-seconds int"},
	{"show wireguard routes json", "routes.0.nexthops.0: gate str, ifindex int, "
				       "weight int"},
	{"show wireguard routes json", "routes.2: interface None, route-state None, "
				       "permission-state None"},
	{"show wireguard why 10.2.0.0/16 json",
	 "routes.0: tenant str, prefix str, verdict str, egress list, ingress list"},
	{"show wireguard why 10.2.0.0/16 json",
	 "routes.0.egress.0: peer str, weight int, rank int, session str"},
	{"show wireguard routes state refused json", "routes.0: verdict str"},
	{"show wireguard summary json",
	 ": interfaces int, interfaces-up int, interfaces-inactive int, peers int, "
	 "peers-up int, peers-in-handshake int, peers-inactive int, tenants int, "
	 "tenants-inactive int, learned int, accepted int, refused int, permissions int, "
	 "routes int, rules int, pending int, failed int, zebra str, drops int, "
	 "to-be-looked-at int, attention list"},
	{"show wireguard events json", ": events list"},
	{"show wireguard keys json",
	 "keys.1: interface str, peer None, name str, public-key str, sessions int"},
	{"show wireguard permissions json", "interfaces.0: name str, permissions list"},
	{"show wireguard permissions json",
	 "interfaces.0.permissions.0: prefix str, egress list, ingress list"},
	{"show wireguard permissions json",
	 "interfaces.0.permissions.2.egress.1: peer str, weight int, rank int"},
	{"show wireguard routes json", "routes.3: source None"},
	{"show wireguard tables json", ": tables list, reads int, overruns int"},
	{"show wireguard tables json",
	 "tables.1: table int, routes int, complete bool, ignored list"},
	{"show wireguard tables json",
	 "tables.1.ignored.0: reason str, announcements int"},
	{"show wireguard tenants json",
	 "tenants.2: name str, inactive-reason None, table int, priority int, vrf str, "
	 "interfaces int, peers int, learned int, accepted int, refused int, fixed int, "
	 "learn-table None, prefix-list str, max-prefix int, max-prefix-warning int, "
	 "max-prefix-hold None, held-seconds None"},
	{"show wireguard tenants json",
	 "tenants.0: name None, prefix-list None, max-prefix None"},
	{"show wireguard tenants json",
	 "fib: permissions int, routes int, rules int, advertised int, pending int, "
	 "failed int, adopted int, orphans-removed int, put-back int, resyncs int"},
	{"show wireguard zebra json",
	 ": state str, state-seconds int, socket str, release str, dialect str, "
	 "dialect-found-by str, given-up bool, router-id str, last-error None, routes int, connects int, disconnects int, "
	 "messages-received int, messages-sent int, routes-added int, "
	 "routes-deleted int, malformed int, ignored int, errors int, own-prefixes list, "
	 "instances list"},
	{"show wireguard zebra json", "own-prefixes.0: prefix str, vrf str, ifindex int, "
				      "tag int, sent bool, installed bool"},
	{"show wireguard zebra json",
	 "instances.0: instance int, state str, state-seconds int, last-error None, "
	 "connects int, disconnects int, messages-received int, messages-sent int, "
	 "malformed int, errors int, own-prefixes list"},
	{"show wireguard zebra json",
	 "instances.0.own-prefixes.0: prefix str, vrf str, ifindex int, tag int, "
	 "sent bool, installed bool"},
	{"show wireguard dataplane json", "counters.1: name str, description str, "
					  "value int"},
	{"show wireguard dataplane json",
	 ": encryption str, workers int, workers-configured int, workers-fixed bool"},
	{"show wireguard dataplane json", "receive-buffer: configured int, actual int"},
	{"show wireguard dataplane json", "send-buffer: configured int, actual None"},
	{"show wireguard dataplane json",
	 "interface-offload: configured bool, interfaces int, used-by int"},
	{"show wireguard dataplane json",
	 "udp-offload: configured bool, ports int, used-by int"},
	{"show wireguard dataplane json",
	 "threads.0: name str, cpu int, tx-packets int, tx-bytes int, tx-batches int, "
	 "rx-packets int, rx-bytes int, rx-batches int, drops int, wakeups int"},
	{"show wireguard dataplane json", "threads.1: cpu None"},
	{"show wireguard dataplane json", ": counters-cleared-seconds None"},
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
		"show wireguard tables json: tables list",
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

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(text_is_as_expected),
		RIGGED(text_fits_in_80_columns),
		RIGGED(an_empty_daemon_has_something_to_say),
		RIGGED(filters_say_how_many_they_let_through),
		RIGGED(what_nobody_told_has_no_story),
		RIGGED(cleared_counters_begin_at_zero),
		RIGGED(a_counter_that_fell_is_of_something_new),
		RIGGED(zebra_may_be_away_or_off),
		RIGGED(a_zebra_that_was_given_up_says_why),
		RIGGED(an_instance_that_has_no_session_is_to_be_looked_at),
		RIGGED(json_has_the_keys_that_are_documented),
		RIGGED(json_of_an_empty_daemon_is_json_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
