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

#include "wgrd/cli/line.h"
#include "wgrd/cli/match.h"
#include "wgrd/mgmt/events.h"
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
	{"show wireguard permissions 10.0.0.0/8 longer-prefixes",
	 "Interface wg0: 3 prefixes in egress, 2 in ingress\n"
	 "  Prefix                         Egress: send to        Ingress: accept from\n"
	 "  10.2.0.0/16                    spoke2 (hub)           spoke2 (hub)\n"},
	{"show wireguard permissions 192.0.2.0/24",
	 "Interface wg0: 3 prefixes in egress, 2 in ingress\n"
	 "  Prefix                         Egress: send to        Ingress: accept from\n"
	 "  192.0.2.0/24                   hub                    -\n"},
	{"show wireguard permissions peer spoke2",
	 "Interface wg0: 3 prefixes in egress, 2 in ingress\n"
	 "  Prefix                         Egress: send to        Ingress: accept from\n"
	 "  10.2.0.0/16                    spoke2 (hub)           spoke2 (hub)\n"
	 "  2001:db8:2::/48                hub*1,spoke2*3         hub*1,spoke2*3\n"},
	{"show wireguard permissions 10.0.0.0/8", "Nothing is permitted.\n"},
	{"show wireguard events peer hub", "Nothing is remembered of peer hub.\n"},
	{"show wireguard events", "Nothing is remembered.\n"},
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
	{"show wireguard peers tenant red session inactive",
	 "1 peer, 0 up\n"
	 "\n"
	 "Interface Peer   State         Handshake Received     Sent Endpoint\n"
	 "wg0       spoke2 no public key     never      0 B      0 B -\n"},
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
	{"show wireguard routes tenant red 10.2.0.0/16",
	 "Tenant red, VRF default\n"
	 "  Prefix               From       Interface Peer            State      Since\n"
	 "  10.2.0.0/16          bgp        wg0       spoke2          installed  3s\n"
	 "\n"
	 "1 route, 0 refused\n"},
	{"show wireguard routes 10.2.3.4",
	 "0 routes, 0 refused\n"
	 "`show wireguard why 10.2.3.4/32` has what covers it.\n"},
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

static void fits_in_80_columns(struct rig *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(golden); i++) {
		const char *line;

		rig_run(r, golden[i].line);
		for (line = r->out.s; *line; line += strcspn(line, "\n") + 1)
			if (strcspn(line, "\n") > 80)
				fail_msg("%s: %.*s", golden[i].line,
					 (int)strcspn(line, "\n"), line);
	}
}

static void text_fits_in_80_columns(void **state)
{
	struct rig *r = *state;

	fits_in_80_columns(r);
	fake_state.large = true;
	fits_in_80_columns(r);
	rig_run(r, "show wireguard summary");
	assert_non_null(strstr(r->out.s, "00000 permissions"));
	rig_run(r, "show wireguard peer hub");
	assert_non_null(strstr(r->out.s, "the hub of all hubs"));
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
		     {"::/0 longer-prefixes", 1},
		     {"10.2.0.0/15 longer-prefixes", 2},
		     {"10.2.9.9/15 long", 2},
		     {"10.2.0.0/15", 0},
		     {"10.2.0.0/16", 1},
		     {"2001:db8:2::/48", 1},
		     {"tenant red 2001:db8:2::/48", 0},
		     {"tenant red 10.3.0.0/16", 1},
		     {"tenant red 0.0.0.0/0 longer-prefixes", 4},
		     {"tenant red state refused", 1},
		     {"tenant red state ref", 1},
		     {"t red s inst", 1}};
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

/* A look at one tenant does not pay for the others. */
static void one_tenant_is_walked_alone(void **state)
{
	static const char *const filters[] = {"", " 10.2.0.0/16",
					      " 10.0.0.0/8 longer-prefixes",
					      " state refused", " json"};
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		char line[96];

		snprintf(line, sizeof(line), "show wireguard routes tenant red%s",
			 filters[i]);
		assert_int_equal(rig_run(r, line), CLI_SUCCESS);
		assert_int_equal(fake_state.whole_walks, 0);
	}
	rig_run(r, "show wireguard routes");
	assert_int_equal(fake_state.whole_walks, 1);
}

static void a_filter_of_nobody_is_refused(void **state)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"peers tenant gray",
		 "% There is no tenant gray; `show wireguard tenants` has"},
		{"peers tenant gray json", "% There is no tenant gray; "},
		{"routes tenant gray", "% There is no tenant gray; "},
		{"routes tenant gray 10.0.0.0/8", "% There is no tenant gray; "},
		{"routes peer gray",
		 "% There is no peer gray; `show wireguard peers` has all"},
		{"permissions peer gray", "% There is no peer gray; "},
		{"peer gray", "% There is no peer gray; "},
		{"routes 10.0.0.0/33", "% \"10.0.0.0/33\" is not a prefix; expected"},
		{"routes tenant red x", "% \"x\" is not a prefix; expected"},
		{"permissions x longer-prefixes", "% \"x\" is not a prefix; expected"},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[96];

		snprintf(line, sizeof(line), "show wireguard %s", cases[i].line);
		assert_int_equal(rig_run(r, line), CLI_WARNING);
		if (strncmp(r->out.s, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s: saw %s", line, r->out.s);
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
	fake_state.zebra_waiting = false;
	fake_state.zebra_off = true;
	rig_run(r, "show wireguard zebra");
	assert_string_equal(r->out.s, "zebra: off\n");
	rig_run(r, "show wireguard zebra json");
	assert_string_equal(r->out.s, "{\n  \"state\": \"off\"\n}\n");
	rig_run(r, "show wireguard why 192.168.1.0/24");
	assert_non_null(
		strstr(r->out.s, "  Route       wanted to zebra, which is off\n"));
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

/* Every show command with json, at least once. */
static const char *const asked[] = {
	"show debugging json",
	"show logging json",
	"show memory json",
	"show version json",
	"show wireguard commit 1 json",
	"show wireguard commits json",
	"show wireguard dataplane json",
	"show wireguard events json",
	"show wireguard events peer hub json",
	"show wireguard json",
	"show wireguard keys json",
	"show wireguard peer hub json",
	"show wireguard peer spoke2 json",
	"show wireguard peers json",
	"show wireguard peers session up json",
	"show wireguard peers tenant red json",
	"show wireguard peers tenant red session up json",
	"show wireguard permissions 10.2.0.0/16 json",
	"show wireguard permissions 10.0.0.0/8 longer-prefixes json",
	"show wireguard permissions json",
	"show wireguard permissions peer hub json",
	"show wireguard routes 10.2.0.0/16 json",
	"show wireguard routes 10.0.0.0/8 longer-prefixes json",
	"show wireguard routes json",
	"show wireguard routes peer hub json",
	"show wireguard routes state failed json",
	"show wireguard routes tenant red 10.2.0.0/16 json",
	"show wireguard routes tenant red 10.0.0.0/8 longer-prefixes json",
	"show wireguard routes tenant red json",
	"show wireguard routes tenant red state refused json",
	"show wireguard summary json",
	"show wireguard tables json",
	"show wireguard tenants json",
	"show wireguard why 10.2.0.0/16 json",
	"show wireguard zebra json",
};

static bool is_asked(const struct cli_form *f, const struct cli_forms *forms)
{
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		struct cli_line line;
		const struct cli_query q = {.forms = forms, .line = &line};

		assert_int_equal(cli_line_split(&line, asked[i]), 0);
		if (cli_match(&q).form == f)
			return true;
	}
	return false;
}

static void every_show_has_json_and_is_asked_for_it(void **state)
{
	struct rig *r = *state;
	unsigned seen = 0;

	for (size_t i = 0; i < r->cli->forms->count; i++) {
		const struct cli_form *f = &r->cli->forms->form[i];

		if (!cli_span_is(f->word[0].text, "show") ||
		    f->cmd->flags & CLI_FOR_FRR ||
		    cli_span_is(f->word[1].text, "running-config"))
			continue;
		if (!cli_span_is(f->word[f->words - 1].text, "json"))
			fail_msg("%s: there is no json", f->cmd->pattern);
		if (!is_asked(f, r->cli->forms))
			fail_msg("%s: is not asked here", f->cmd->pattern);
		seen++;
	}
	assert_true(seen > 30);
}

/* Asks for all of it; what is refused in words has no JSON to be looked at. */
static void hold_against_schema(struct rig *r, const char *scene, unsigned least)
{
	struct strbuf command = {0};
	unsigned answers = 0;

	strbuf_printf(&command, "python3 %s/tests/lib/show_schema.py %s/doc",
		      getenv("WGRD_SRCDIR") ?: ".", getenv("WGRD_SRCDIR") ?: ".");
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		char name[24];

		rig_run(r, asked[i]);
		if (r->out.s[0] == '%')
			continue;
		snprintf(name, sizeof(name), "%zu.json", i);
		rig_write(r, name, r->out.s);
		strbuf_printf(&command, " '%s' %s", asked[i], rig_path(r, name));
		answers++;
	}
	if (system(command.s))
		fail_msg("%s: the schema says otherwise", scene);
	if (answers < least)
		fail_msg("%s: only %u answers", scene, answers);
	strbuf_free(&command);
}

static void json_is_what_the_schema_says(void **state)
{
	struct rig *r = *state;
	const unsigned all = ARRAY_SIZE(asked);

	rig_must(r, "configure terminal\nwireguard wg0 mtu 1400\n"
		    "wireguard wg0 private-key " KEY_1 "\nend\n"
		    "debug wireguard zebra");
	events_report(
		r->events,
		&(struct event){.kind = EVENT_PEER_UP, .interface = "wg0", .peer = "hub"},
		"peer hub: up");
	hold_against_schema(r, "the scene", all);
	rig_must(r, "clear wireguard counters\nno debug wireguard zebra\n"
		    "wireguard commit revert-after 60");
	fake_state.answered_ns = 1;
	fake_state.many_peers = 3;
	fake_state.zebra_given_up = true;
	hold_against_schema(r, "a trial, counters cleared, zebra given up", all);
	fake_state.zebra_given_up = false;
	fake_state.zebra_off = true;
	hold_against_schema(r, "zebra off", all);
	fake_state.zebra_off = false;
	fake_state.zebra_waiting = fake_state.no_instance = true;
	hold_against_schema(r, "zebra away", all);
	r->m->deps.zclient = NULL;
	fake_state.empty = true;
	hold_against_schema(r, "nothing", 20);
}

/* A schema that everything fits would be none. */
static void the_schema_refuses_what_is_not_so(void **state)
{
	static const char *const wrong[][2] = {
		{"show version", "{\"name\": \"wgrd\", \"version\": \"1\"}"},
		{"show version",
		 "{\"name\": 1, \"version\": \"1\", \"uptime-seconds\": 1}"},
		{"show version",
		 "{\"name\": \"wgrd\", \"version\": \"1\", \"uptime-seconds\": -1}"},
		{"show version", "{\"name\": \"wgrd\", \"version\": \"1\", "
				 "\"uptime-seconds\": 1, \"more\": 1}"},
		{"show wireguard zebra", "{\"state\": \"up\"}"},
		{"show wireguard zebra", "{\"state\": \"asleep\"}"},
		{"show wireguard routes", "{\"routes\": [{}]}"},
		{"show wireguard routes", "{\"routes\": ["},
		{"show wireguard nonsense now", "[]"},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct strbuf command = {0};

		rig_write(r, "wrong.json", wrong[i][1]);
		strbuf_printf(&command,
			      "python3 %s/tests/lib/show_schema.py %s/doc '%s' %s "
			      "2>/dev/null",
			      getenv("WGRD_SRCDIR") ?: ".", getenv("WGRD_SRCDIR") ?: ".",
			      wrong[i][0], rig_path(r, "wrong.json"));
		if (WEXITSTATUS(system(command.s)) != 1)
			fail_msg("%s: %s was taken", wrong[i][0], wrong[i][1]);
		strbuf_free(&command);
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
		RIGGED(one_tenant_is_walked_alone),
		RIGGED(a_filter_of_nobody_is_refused),
		RIGGED(what_nobody_told_has_no_story),
		RIGGED(cleared_counters_begin_at_zero),
		RIGGED(a_counter_that_fell_is_of_something_new),
		RIGGED(zebra_may_be_away_or_off),
		RIGGED(a_zebra_that_was_given_up_says_why),
		RIGGED(an_instance_that_has_no_session_is_to_be_looked_at),
		RIGGED(every_show_has_json_and_is_asked_for_it),
		RIGGED(json_is_what_the_schema_says),
		RIGGED(the_schema_refuses_what_is_not_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
