/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <libyang/libyang.h>
#include <string.h>

#include "tests/lib/conf_script.h"
#include "wgrd/conf/value.h"

static void prefixes_are_read_and_their_host_bits_seen(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *prefix;
	} cases[] = {
		{"10.0.0.0/8", 0, "10.0.0.0/8"},
		{"0.0.0.0/0", 0, "0.0.0.0/0"},
		{"::/0", 0, "::/0"},
		{"2001:DB8::/32", 0, "2001:db8::/32"},
		{"192.0.2.1", 0, "192.0.2.1/32"},
		{"10.0.0.1/8", -EDOM, "10.0.0.0/8"},
		{"2001:db8::1/127", -EDOM, "2001:db8::/127"},
		{"10.0.0.0/33", -EINVAL, NULL},
		{"::/129", -EINVAL, NULL},
		{"10.0.0/8", -EINVAL, NULL},
		{"10.0.0.0/", -EINVAL, NULL},
		{"", -EINVAL, NULL},
		{"default", -EINVAL, NULL},
	};
	char buf[PREFIX_STRLEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct prefix p;
		int result = value_prefix(cases[i].text, &p);

		if (result != cases[i].result)
			fail_msg("%s: expected %d, saw %d", cases[i].text,
				 cases[i].result, result);
		if (cases[i].prefix)
			assert_string_equal(prefix_str(&p, buf), cases[i].prefix);
	}
}

static void addresses_keep_their_host_bits_and_need_a_length(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint8_t len;
	} cases[] = {
		{"10.99.0.1/24", 0, 24},   {"fd99::1/64", 0, 64},
		{"10.99.0.1", -EINVAL, 0}, {"10.99.0.1/33", -EINVAL, 0},
		{"fd99::1/", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conf_address a;
		int result = value_address(cases[i].text, &a);

		if (result != cases[i].result)
			fail_msg("%s: expected %d, saw %d", cases[i].text,
				 cases[i].result, result);
		if (!result)
			assert_int_equal(a.len, cases[i].len);
	}
}

static void endpoints_are_an_address_and_a_port(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *addr;
		uint16_t port;
	} cases[] = {
		{"192.0.2.1:51820", 0, "192.0.2.1", 51820},
		{"[2001:db8::1]:1", 0, "2001:db8::1", 1},
		{"[::ffff:192.0.2.1]:65535", 0, "::ffff:192.0.2.1", 65535},
		{"192.0.2.1", -EINVAL, NULL, 0},
		{"192.0.2.1:", -EINVAL, NULL, 0},
		{"192.0.2.1:0", -EINVAL, NULL, 0},
		{"192.0.2.1:01", -EINVAL, NULL, 0},
		{"192.0.2.1:65536", -EINVAL, NULL, 0},
		{"192.0.2.1:99999999999999999999", -EINVAL, NULL, 0},
		{"192.0.2.1:+1", -EINVAL, NULL, 0},
		{"192.0.2.1:51820 ", -EINVAL, NULL, 0},
		{"[192.0.2.1]:51820", -EINVAL, NULL, 0},
		{"2001:db8::1:51820", -EINVAL, NULL, 0},
		{"[2001:db8::1:51820", -EINVAL, NULL, 0},
		{"2001:db8::1]:51820", -EINVAL, NULL, 0},
		{"[]:1", -EINVAL, NULL, 0},
		{"[:1", -EINVAL, NULL, 0},
		{":51820", -EINVAL, NULL, 0},
		{"hub.example.net:51820", -EINVAL, NULL, 0},
		{"[2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8]:1", -EINVAL,
		 NULL, 0},
	};
	char buf[IP_ADDR_STRLEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conf_endpoint e;
		int result = value_endpoint(cases[i].text, &e);

		if (result != cases[i].result)
			fail_msg("%s: expected %d, saw %d", cases[i].text,
				 cases[i].result, result);
		if (result)
			continue;
		assert_string_equal(ip_addr_str(&e.addr, buf), cases[i].addr);
		assert_int_equal(e.port, cases[i].port);
	}
}

static void cpus_keep_their_order(void **state)
{
	static const struct {
		const char *text;
		int result;
		unsigned count;
		uint16_t first, last;
	} cases[] = {
		{"0", 0, 1, 0, 0},
		{"2-5,8", 0, 5, 2, 8},
		{"8,2-5", 0, 5, 8, 5},
		{"1023", 0, 1, 1023, 1023},
		{"0-63", 0, 64, 0, 63},
		{"960-1023", 0, 64, 960, 1023},
		{"3-3", 0, 1, 3, 3},
		{"", -EINVAL, 0, 0, 0},
		{",1", -EINVAL, 0, 0, 0},
		{"1,", -EINVAL, 0, 0, 0},
		{"1-", -EINVAL, 0, 0, 0},
		{"-1", -EINVAL, 0, 0, 0},
		{"1-2-3", -EINVAL, 0, 0, 0},
		{"1 2", -EINVAL, 0, 0, 0},
		{"5-2", -EINVAL, 0, 0, 0},
		{"1,0-3", -EINVAL, 0, 0, 0},
		{"0-64", -EINVAL, 0, 0, 0},
		{"1024", -EINVAL, 0, 0, 0},
		{"1000-1024", -EINVAL, 0, 0, 0},
		{"00001", -EINVAL, 0, 0, 0},
		{"4294967297", -EINVAL, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conf_cpus c;
		int result = value_cpus(cases[i].text, &c);

		if (result != cases[i].result)
			fail_msg("%s: expected %d, saw %d", cases[i].text,
				 cases[i].result, result);
		if (result)
			continue;
		assert_int_equal(c.count, cases[i].count);
		assert_int_equal(c.v[0], cases[i].first);
		assert_int_equal(c.v[c.count - 1], cases[i].last);
	}
}

/* "wireguard/peer/endpoint" */
static const struct lysc_node *find_leaf(const struct lys_module *module,
					 const char *path)
{
	const struct lysc_node *node = lys_find_child(NULL, module, "wgrd", 0, 0, 0);

	while (node && *path) {
		size_t len = strcspn(path, "/");

		node = lys_find_child(node, module, path, len, 0, 0);
		path += len + (path[len] == '/');
	}
	assert_non_null(node);
	return node;
}

static void a_leaf_says_what_it_can_take(void **state)
{
	static const struct {
		const char *leaf, *text;
		const char *canon;   /* NULL: refused */
		const char *problem; /* how it begins */
	} cases[] = {
		{"wireguard/name", "wg-0.1@x+y", "wg-0.1@x+y", NULL},
		{"wireguard/name", "", NULL, "not an interface name of 1 to 15"},
		{"wireguard/name", "sixteen-letters-", NULL,
		 "not an interface name of 1 to 15"},
		{"wireguard/name", "wg/0", NULL, "not an interface name of letters"},
		{"wireguard/name", "wg%d", NULL, "not an interface name of letters"},
		{"wireguard/name", "..", NULL, "not an interface name of letters"},
		{"wireguard/peer/name", "site a", NULL, "not a name of letters"},
		{"wireguard/peer/name", "-a", NULL, "not a name of letters"},
		{"wireguard/description", "naïve  text, really", "naïve  text, really",
		 NULL},
		{"wireguard/description", "", NULL, "not a text of 1 to 255"},
		{"wireguard/description", "two\nlines", NULL,
		 "not a text without control"},
		{"wireguard/description", " a", NULL, "not a text without blanks"},
		{"wireguard/description", "\xc3(", NULL, "not text in UTF-8"},
		{"wireguard/private-key", KEY_1, KEY_1, NULL},
		{"wireguard/private-key", "AQEB", NULL, "not a key: 32 octets in base64"},
		{"wireguard/private-key", "wrong", NULL,
		 "not a key: 32 octets in base64"},
		{"wireguard/private-key-file", "/etc/wgrd/wg0.key", "/etc/wgrd/wg0.key",
		 NULL},
		{"wireguard/private-key-file", "wg0.key", NULL, "not an absolute path"},
		{"wireguard/private-key-file", "/a b", NULL, "not an absolute path"},
		{"wireguard/listen-port", "65535", "65535", NULL},
		{"wireguard/listen-port", "65536", NULL, "not a number from 0 to 65535"},
		{"wireguard/listen-port", "-1", NULL, "not a number from 0 to 65535"},
		{"wireguard/fwmark", "4294967296", NULL,
		 "not a number from 0 to 4294967295"},
		{"wireguard/mtu", "575", NULL, "not a number from 576 to 9200"},
		{"wireguard/mtu", "big", NULL, "not a number from 576 to 9200"},
		{"wireguard/mtu", "", NULL, "not a number from 576 to 9200"},
		{"wireguard/dscp", "63", "63", NULL},
		{"wireguard/dscp", "64", NULL, "not copy, none or a number from 0 to 63"},
		{"wireguard/dscp", "046", NULL, "not copy, none or a number"},
		{"wireguard/dscp", "ef", NULL, "not copy, none or a number"},
		{"wireguard/address", "FD99::1/64", "fd99::1/64", NULL},
		{"wireguard/address", "10.99.0.1", NULL,
		 "not an address with its prefix length"},
		{"wireguard/tenant", "red", "red", NULL},
		{"wireguard/tenant", "a/b", NULL, "not a name of letters"},
		{"wireguard/shutdown", "", "", NULL},
		{"wireguard/shutdown", "now", NULL, "too much: no value"},
		{"wireguard/peer/endpoint", "[2001:DB8::1]:51820", "[2001:db8::1]:51820",
		 NULL},
		{"wireguard/peer/endpoint", "x", NULL, "not ADDRESS:PORT, such as"},
		{"wireguard/peer/endpoint", "192.0.2.1:65536", NULL,
		 "not ADDRESS:PORT, such as"},
		{"wireguard/peer/overlay-address", "fe80::1", "fe80::1", NULL},
		{"wireguard/peer/overlay-address", "fe80::1%eth0", NULL,
		 "not an IPv4 or IPv6"},
		{"wireguard/peer/allowed-ip", "10.1.2.3", "10.1.2.3/32", NULL},
		{"wireguard/peer/allowed-ip", "10.1.2.3/24", NULL,
		 "not a prefix, because it has host bits: expected 10.1.2.0/24"},
		{"wireguard/peer/allowed-ip", "10.1.2.0/33", NULL,
		 "not a prefix, such as"},
		{"wireguard/peer/allowed-ip", "1:2:3/64", NULL, "not a prefix, such as"},
		{"wireguard/peer/max-prefix", "0", NULL,
		 "not a number from 1 to 4294967295"},
		{"tenant/table", "255", NULL, "not a routing table from 1 to"},
		{"tenant/priority", "32766", NULL, "not a number from 1 to 32765"},
		{"zebra/protocol", "ospf6", NULL,
		 "not one of bgp, static, ospf, isis, rip, eigrp, nhrp, babel"},
		{"zebra/enabled", "yes", NULL, "not true or false"},
		{"zebra/socket", "relative", NULL, "not an absolute path"},
		{"dataplane/workers", "65", NULL, "not a number from 1 to 64"},
		{"dataplane/cpu-affinity", "007,3,4,5,0-1", "7,3-5,0-1", NULL},
		{"dataplane/cpu-affinity", "3-1", NULL, "not a list of CPUs, such as"},
		{"dataplane/cpu-affinity", "all", NULL, "not a list of CPUs, such as"},
		{"dataplane/send-buffer", "65535", NULL,
		 "not a number from 65536 to 536870912"},
	};
	struct datastore *ds = conf_script_datastore();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buf[VALUE_CANON_LEN], problem[VALUE_PROBLEM_LEN] = "accepted";
		const char *canon = NULL;
		const char *want = cases[i].canon ?: cases[i].problem;
		int err = value_check(find_leaf(datastore_module(ds), cases[i].leaf),
				      cases[i].text, &canon, buf, problem);
		const char *saw = err ? problem : canon;

		if ((err == 0) != (cases[i].canon != NULL) ||
		    strncmp(saw, want, strlen(want)) != 0)
			fail_msg("%s \"%s\": expected \"%s\", saw \"%s\"", cases[i].leaf,
				 cases[i].text, want, saw);
	}
	datastore_free(ds);
}

static void only_keys_that_prove_identity_are_secret(void **state)
{
	static const struct {
		const char *leaf;
		bool secret;
	} cases[] = {
		{"wireguard/private-key", true},
		{"wireguard/private-key-file", false},
		{"wireguard/peer/preshared-key", true},
		{"wireguard/peer/preshared-key-file", false},
		{"wireguard/peer/public-key", false},
		{"tenant/table", false},
	};
	struct datastore *ds = conf_script_datastore();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct lysc_node *leaf =
			find_leaf(datastore_module(ds), cases[i].leaf);

		if (value_is_secret(leaf) != cases[i].secret)
			fail_msg("%s: expected %d", cases[i].leaf, cases[i].secret);
	}
	datastore_free(ds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_are_read_and_their_host_bits_seen),
		cmocka_unit_test(addresses_keep_their_host_bits_and_need_a_length),
		cmocka_unit_test(endpoints_are_an_address_and_a_port),
		cmocka_unit_test(cpus_keep_their_order),
		cmocka_unit_test(a_leaf_says_what_it_can_take),
		cmocka_unit_test(only_keys_that_prove_identity_are_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
