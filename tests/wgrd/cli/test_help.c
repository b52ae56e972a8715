/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* With two interfaces that have peers, and two tenants. */
static int setup(void **state)
{
	int err = rig_setup(state);

	if (!err)
		rig_must(*state,
			 "configure terminal\nwireguard wg0\npeer hub\n"
			 "peer spoke2\npeer spoke10\nexit-wireguard\n"
			 "wireguard wg1\npeer other\nexit-wireguard\n"
			 "prefix-list spokes seq 5 permit 10.0.0.0/8\n"
			 "tenant red\nexit\ntenant blue\ninterface lan-blue\nend");
	return err;
}

static void go_to(struct rig *r, const char *lines)
{
	r->session.node = CLI_EXEC;
	rig_must(r, lines);
}

static const char *complete(struct rig *r, const char *line)
{
	strbuf_free(&r->out);
	cli_complete(&r->session, line, &r->out);
	return strbuf_str(&r->out);
}

static const char *help(struct rig *r, const char *line)
{
	strbuf_free(&r->out);
	cli_help(&r->session, line, &r->out);
	return strbuf_str(&r->out);
}

/* clang-format off */
static const struct {
	const char *node; /* lines that lead there */
	const char *line;
	const char *words;
} completions[] = {
	{"", "sh", "show\n"},
	{"", "e", "echo\nenable\nend\nexit\n"},
	{"", "show ", "debugging\nlogging\nmemory\nrunning-config\nversion\nwireguard\n"},
	{"", "show wireguard p", "peer\npeers\npermissions\n"},
	{"", "sh wi per", "permissions\n"},
	{"", "show wireguard peer ", "hub\nother\nspoke10\nspoke2\n"},
	{"", "show wireguard peer sp", "spoke10\nspoke2\n"},
	{"", "show wireguard peer hub ", "json\n"},
	{"", "show wireguard peer hub json ", ""},
	{"", "show version", "version\n"},
	{"", "clear wireguard peer o", "other\n"},
	{"", "write ", "file\nmemory\nterminal\n"},
	{"", "no ", "debug\n"},
	{"", "no de", "debug\n"},
	{"", "debug wireguard d", "daemon\ndplane\n"},
	{"", "hostn", ""},   /* FRR's, and not offered */
	{"", "wgrctl ", ""},
	{"", "nonsense ", ""},
	{"configure terminal", "", "dataplane\ndo\nend\nexit\nmetrics\nno\nprefix-list\nquit\nrevoked-key\ntenant\nwireguard\nzebra\n"},
	{"configure terminal", "wireguard ", "wg0\nwg1\n"},
	{"configure terminal", "no wireguard ", "wg0\nwg1\n"},
	{"configure terminal", "tenant ", "blue\nred\n"},
	{"configure terminal", "wireguard wg1 p", "peer\nprivate-key\nprivate-key-file\n"},
	{"configure terminal", "wireguard wg1 peer ", "other\n"},
	{"configure terminal", "no wi wg0 pe hub ma",
	 "max-prefix\nmax-prefix-hold\nmax-prefix-warning\n"},
	{"configure terminal", "tenant red interface lan", "lan-blue\n"},
	{"configure terminal", "tenant red tenant ", ""},
	{"configure terminal", "zebra protocol ",
	 "babel\nbgp\neigrp\nisis\nnhrp\nospf\nrip\nstatic\n"},
	{"configure terminal", "do show wireguard peer h", "hub\n"},
	{"configure terminal", "do no debug wireguard c", "conf\n"},
	{"configure terminal\nwireguard wg0", "pe", "peer\n"},
	{"configure terminal\nwireguard wg0", "peer ", "hub\nspoke10\nspoke2\n"},
	{"configure terminal\nwireguard wg1", "no peer ", "other\n"},
	{"configure terminal\nwireguard wg0", "tenant r", "red\n"},
	{"configure terminal\nwireguard wg0", "listen-port ", ""},
	{"configure terminal\nwireguard wg0", "description a b", ""},
	{"configure terminal\nwireguard wg0\npeer hub", "p",
	 "persistent-keepalive\npreempt-delay\nprefix-list\npreshared-key\npreshared-key-file\npublic-key\n"},
	{"configure terminal\nwireguard wg0\npeer hub", "no e", "endpoint\n"},
	{"configure terminal\ntenant red", "prefix-list ", "spokes\n"},
	{"configure terminal", "prefix-list spokes seq 5 ", "deny\npermit\n"},
	{"configure terminal", "prefix-list spokes seq 5 deny 10.0.0.0/8 ", "ge\nle\n"},
	{"configure terminal", "prefix-list spokes seq 5 deny 10.0.0.0/8 ge 9 ", "le\n"},
	{"configure terminal\ntenant red", "interface lan", "lan-blue\n"},
};
/* clang-format on */

static void the_last_word_is_completed(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(completions); i++) {
		go_to(r, completions[i].node);
		rig_assert_text(completions[i].line, completions[i].words,
				complete(r, completions[i].line));
	}
}

static void links_of_the_system_are_offered_to_a_tenant(void **state)
{
	struct rig *r = *state;

	go_to(r, "configure terminal\ntenant red");
	if (if_nametoindex("lo") && !strstr(complete(r, "interface "), "lo\n"))
		fail_msg("expected lo among: %s", strbuf_str(&r->out));
}

static void help_tells_what_can_come_next(void **state)
{
	struct rig *r = *state;

	go_to(r, "");
	rig_assert_text("exec",
			"  debugging            Subsystems that log debug messages\n"
			"  logging              Where log lines go\n"
			"  memory               What the allocator has\n"
			"  running-config       The configuration in use, without "
			"secrets\n"
			"  version              Release of wgrd\n"
			"  wireguard            WireGuard interfaces, peers and "
			"routes\n",
			help(r, "show "));
	rig_assert_text("the end", "  <cr>\n  json                 As JSON\n",
			help(r, "show version "));
	rig_assert_text("a name", "  NAME                 Name of the peer\n",
			help(r, "show wireguard peer "));
	rig_assert_text("alternatives", "  zebra                zserv session\n",
			help(r, "debug wireguard z"));
}

static void help_lists_a_word_that_is_being_typed(void **state)
{
	struct rig *r = *state;

	go_to(r, "configure terminal\nwireguard wg0");
	rig_assert_text("m", "  mtu                  Largest packet inside the tunnel\n",
			help(r, "m"));
	rig_assert_text("range", "  <576-9200>           Octets\n", help(r, "mtu "));
	rig_assert_text("no value is needed after no",
			"  <576-9200>           Octets\n  <cr>\n", help(r, "no mtu "));
	rig_assert_text("nothing", "% There is no such command.\n", help(r, "xyz "));
	rig_assert_text("nothing", "% There is no such command.\n", help(r, "xyz"));
}

static void vtysh_is_told_names_for_our_variables(void **state)
{
	static const struct {
		const char *node, *variable, *names;
	} asked[] = {
		{"", "1 NAME wgrd_peer", "hub\nother\nspoke10\nspoke2\n"},
		{"configure terminal\nwireguard wg1", "1 NAME wgrd_peer", "other\n"},
		{"configure terminal", "1 NAME wgrd_tenant", "blue\nred\n"},
		{"configure terminal", "1 NAME wgrd_prefix-list", "spokes\n"},
		{"configure terminal", "1 NAME wgrd_nothing", ""},
		{"", "13 IFNAME interface", ""},
		{"", "1 NAME peer", ""},
		{"", "1", ""},
	};
	struct rig *r = *state;
	char line[64];

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		go_to(r, asked[i].node);
		snprintf(line, sizeof(line), "autocomplete %s", asked[i].variable);
		assert_int_equal(rig_run(r, line), CLI_SUCCESS);
		rig_assert_text(line, asked[i].names, strbuf_str(&r->out));
	}
}

static void both_can_be_asked_for_over_the_socket(void **state)
{
	struct rig *r = *state;

	go_to(r, "configure terminal\nwireguard wg0");
	assert_int_equal(rig_run(r, "wgrctl complete peer s"), CLI_SUCCESS);
	rig_assert_text("complete", "spoke10\nspoke2\n", strbuf_str(&r->out));
	assert_int_equal(rig_run(r, "wgrctl complete peer "), CLI_SUCCESS);
	rig_assert_text("complete", "hub\nspoke10\nspoke2\n", strbuf_str(&r->out));
	assert_int_equal(rig_run(r, "wgrctl help mtu "), CLI_SUCCESS);
	rig_assert_text("help", "  <576-9200>           Octets\n", strbuf_str(&r->out));
	assert_int_equal(rig_run(r, "wgrctl complete"), CLI_SUCCESS);
	assert_non_null(strstr(r->out.s, "listen-port\n"));
	assert_int_equal(rig_run(r, "wgrctl node"), CLI_SUCCESS);
	assert_string_equal(r->out.s, "(config-wireguard)");
}

/* Nothing may crash on any prefix of any line, in any node. */
static void every_beginning_of_a_line_has_help(void **state)
{
	static const char *const lines[] = {
		"show wireguard peer hub json",
		"debug wireguard dplane",
		"configure terminal file-lock",
		"no zebra protocol bgp",
		"do no debug wireguard all",
		"no no no",
		"do do do",
		"description a b c d e f g h i j k l m n o p q",
		"wireguard wg0 peer hub additional-key x public-key y",
		"\t no  peer   a"};
	struct rig *r = *state;

	for (enum cli_node n = 0; n < CLI_NODE_COUNT; n++) {
		r->session.node = n;
		for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
			char part[128];

			for (size_t len = 0; len <= strlen(lines[i]); len++) {
				memcpy(part, lines[i], len);
				part[len] = '\0';
				help(r, part);
				if (!r->out.len)
					fail_msg("'%s': no answer", part);
				complete(r, part);
			}
		}
	}
	r->session.node = CLI_EXEC;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_word_is_completed),
		cmocka_unit_test(links_of_the_system_are_offered_to_a_tenant),
		cmocka_unit_test(help_tells_what_can_come_next),
		cmocka_unit_test(help_lists_a_word_that_is_being_typed),
		cmocka_unit_test(vtysh_is_told_names_for_our_variables),
		cmocka_unit_test(both_can_be_asked_for_over_the_socket),
		cmocka_unit_test(every_beginning_of_a_line_has_help),
	};

	return cmocka_run_group_tests(tests, setup, rig_teardown);
}
