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

#include "wgrd/conf/conf.h"
#include "wgrd/lib/log.h"

static const char *prompt(struct rig *r)
{
	static struct strbuf text;

	strbuf_free(&text);
	cli_prompt(&r->session, &text);
	return strbuf_str(&text);
}

static void expect(struct rig *r, const char *line, enum cli_status status,
		   const char *text)
{
	enum cli_status seen = rig_run(r, line);

	if (seen != status)
		fail_msg("%s: expected status %d, saw %d and: %s", line, status, seen,
			 strbuf_str(&r->out));
	rig_assert_text(line, text, strbuf_str(&r->out));
}

static void begins(struct rig *r, const char *line, enum cli_status status,
		   const char *text)
{
	assert_int_equal(rig_run(r, line), status);
	if (strncmp(r->out.s, text, strlen(text)) != 0)
		fail_msg("%s: expected %s saw %s", line, text, r->out.s);
}

/* ---- nodes ---- */

static void nodes_are_entered_and_left(void **state)
{
	static const struct {
		const char *line, *prompt;
	} steps[] = {
		{"configure terminal", "(config)"},
		{"wireguard wg0", "(config-wireguard)"},
		{"peer a", "(config-peer)"},
		{"exit-peer", "(config-wireguard)"},
		{"peer b", "(config-peer)"},
		{"exit", "(config-wireguard)"},
		{"quit", "(config)"},
		{"tenant red", "(config-tenant)"},
		{"exit-tenant", "(config)"},
		{"wireguard wg0", "(config-wireguard)"},
		{"exit-wireguard", "(config)"},
		{"exit", ""},
		{"exit", ""},
		{"end", ""},
		{"conf t", "(config)"},
		{"wireguard wg0", "(config-wireguard)"},
		{"end", ""},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		rig_must(r, steps[i].line);
		if (strcmp(prompt(r), steps[i].prompt))
			fail_msg("step %zu, %s: expected '%s', saw '%s'", i,
				 steps[i].line, steps[i].prompt, prompt(r));
	}
}

static void a_line_unknown_here_is_tried_above(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nwireguard wg0\npeer a");
	rig_must(r, "listen-port 7");
	assert_string_equal(prompt(r), "(config-wireguard)");
	rig_must(r, "peer a\npeer b");
	assert_string_equal(prompt(r), "(config-peer)");
	rig_must(r, "exit-wireguard");
	assert_string_equal(prompt(r), "(config)");
	rig_must(r, "wireguard wg0\npeer a\nzebra settle-time 3");
	assert_string_equal(prompt(r), "(config)");
	rig_must(r, "wireguard wg0\npeer a\nno peer b");
	assert_string_equal(prompt(r), "(config-wireguard)");
	rig_must(r, "peer a\nno wireguard wg0");
	assert_string_equal(prompt(r), "(config)");
}

static void a_line_may_be_spelt_from_above(void **state)
{
	static const struct {
		const char *line, *prompt;
	} steps[] = {
		{"configure terminal", "(config)"},
		{"wireguard wg0 peer a persistent-keepalive 25", "(config)"},
		{"wireguard wg0 peer a additional-key next public-key " RIG_KEY_A,
		 "(config)"},
		{"wireguard wg0 peer a", "(config-peer)"},
		{"description of a", "(config-peer)"},
		{"tenant red table 7", "(config)"},
		{"wi wg0 pe b max-prefix 9", "(config)"},
		{"wireguard wg0", "(config-wireguard)"},
		{"peer c max-prefix 10", "(config-wireguard)"},
		{"peer c", "(config-peer)"},
		{"peer b no max-prefix", NULL}, /* `no` comes first */
		{"no peer b max-prefix", "(config-wireguard)"},
		{"no wireguard wg0 peer c", "(config)"},
		{"wireguard wg0 peer d exit-peer", "(config)"},
		{"wireguard wg0 peer d exit-peer", "(config)"}, /* it is there */
		{"no wireguard wg0 peer d exit-peer", "(config)"},
		{"tenant none exit-tenant", "(config)"},
		{"wireguard wg1 mtu 1400", "(config)"},
		{"no wireguard wg1 mtu", "(config)"},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (!steps[i].prompt) {
			assert_int_equal(rig_run(r, steps[i].line), CLI_NO_MATCH);
			continue;
		}
		rig_must(r, steps[i].line);
		if (strcmp(prompt(r), steps[i].prompt))
			fail_msg("step %zu, %s: expected '%s', saw '%s'", i,
				 steps[i].line, steps[i].prompt, prompt(r));
	}
	rig_assert_text(
		"all of it",
		"!\nwireguard wg0\n peer a\n  description of a\n"
		"  persistent-keepalive 25\n  !\n  additional-key next\n"
		"   public-key " RIG_KEY_A "\n  exit-additional-key\n  !\n"
		" exit-peer\n !\nexit-wireguard\n!\n"
		"tenant none\nexit-tenant\n!\ntenant red\n table 7\nexit-tenant\n!\n",
		rig_running(r, false));
}

static void what_a_line_spelt_from_above_made_goes_with_its_last_setting(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nwireguard wg0 peer a endpoint 192.0.2.1:5\n"
		    "wireguard wg0 peer a max-prefix 5\n"
		    "no wireguard wg0 peer a endpoint");
	rig_assert_text("one is left",
			"!\nwireguard wg0\n peer a\n  max-prefix 5\n exit-peer\n !\n"
			"exit-wireguard\n!\n",
			rig_running(r, false));
	rig_must(r, "no wireguard wg0 peer a max-prefix 5");
	rig_assert_text("none is left", "!\n", rig_running(r, false));
	rig_must(r, "XFRR_start_configuration\ntenant red table 5\n"
		    "no tenant red table\nXFRR_end_configuration");
	rig_assert_text("in a group", "!\n", rig_running(r, false));
	/* who is in a node is still there afterwards */
	rig_must(r, "wireguard wg0\npeer a\nmax-prefix 5\nno max-prefix");
	assert_string_equal(prompt(r), "(config-peer)");
	rig_must(r, "exit\nno peer a max-prefix");
	rig_assert_text("the interface was not made on the way",
			"!\nwireguard wg0\nexit-wireguard\n!\n", rig_running(r, false));
}

static void a_line_spelt_from_above_is_refused_like_another(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nwireguard wg0 mtu 1400");
	expect(r, "wireguard wg0 mut 1400", CLI_NO_MATCH,
	       "% Unknown command: wireguard wg0 mut 1400\n"
	       "  \"mut\" is not known here; expected: description, backend, foreign, private-key,\n"
	       "  private-key-file, listen-port, fwmark, mtu, dscp, address, tenant, shutdown,\n"
	       "  additional-key, peer, exit-wireguard\n");
	begins(r, "wireguard wg0 exit", CLI_NO_MATCH,
	       "% Unknown command: wireguard wg0 exit\n  \"exit\" is not known here; ");
	begins(r, "no exit-wireguard", CLI_NO_MATCH,
	       "% Unknown command: no exit-wireguard\n");
	expect(r, "wireguard wg0 mtu", CLI_INCOMPLETE,
	       "% Command incomplete.\n  Expected: <576-9200>\n");
	expect(r, "no wireguard wg9 mtu", CLI_CONFIG_FAILED,
	       "% wireguard wg9 is not there\n");
	expect(r, "wireguard w'0 mtu 1400", CLI_CONFIG_FAILED,
	       "% w'0: quotes and brackets are not allowed in a name\n");
	assert_int_equal(rig_run(r, "wireguard wg7 mtu 12"), CLI_CONFIG_FAILED);
	assert_string_equal(rig_running(r, false),
			    "!\nwireguard wg0\n mtu 1400\nexit-wireguard\n!\n");
	/* what is named is meant, not where the session is */
	rig_must(r, "wireguard wg0\npeer a");
	assert_int_equal(rig_run(r, "no peer b description"), CLI_CONFIG_FAILED);
	assert_string_equal(r->out.s, "% peer b is not there\n");
}

static void exec_commands_are_not_tried_above(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal");
	begins(r, "show version", CLI_NO_MATCH, "% Unknown command: show version\n");
	assert_string_equal(prompt(r), "(config)");
}

static void do_runs_an_exec_command_and_stays(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nwireguard wg0\npeer a");
	expect(r, "do show version", CLI_SUCCESS, "wgrd 0.1.0, up for 0s\n");
	rig_must(r, "do end\ndo configure terminal\ndo exit");
	assert_string_equal(prompt(r), "(config-peer)");
	begins(r, "do", CLI_INCOMPLETE, "% Command incomplete.\n  Expected: exit, ");
	begins(r, "do listen-port 7", CLI_NO_MATCH,
	       "% Unknown command: do listen-port 7\n");
	/* vtysh says it in exec, too */
	rig_must(r, "end");
	assert_int_equal(rig_run(r, "do write terminal"), CLI_SUCCESS);
	assert_non_null(strstr(r->out.s, "wireguard wg0"));
}

/* ---- errors ---- */

static void errors_are_worded_as_frr_words_them_and_say_what_fits(void **state)
{
	struct rig *r = *state;

	expect(r, "shwo version", CLI_NO_MATCH,
	       "% Unknown command: shwo version\n"
	       "  \"shwo\" is not known here; expected: exit, quit, end, configure, enable,\n"
	       "  disable, show, ping, clear, wireguard, debug, write, copy, echo\n");
	expect(r, "show version jsno", CLI_NO_MATCH,
	       "% Unknown command: show version jsno\n"
	       "  \"jsno\" is not known here; expected: json, the end of the line\n");
	expect(r, "show version json now", CLI_NO_MATCH,
	       "% Unknown command: show version json now\n"
	       "  \"now\" is not known here; expected: the end of the line\n");
	expect(r, "co", CLI_AMBIGUOUS,
	       "% Ambiguous command.\n  \"co\" can be: configure, copy\n");
	expect(r, "sh wi pe", CLI_AMBIGUOUS,
	       "% Ambiguous command.\n  \"pe\" can be: peers, peer, permissions\n");
	expect(r, "show wireguard routes s", CLI_INCOMPLETE,
	       "% Command incomplete.\n"
	       "  Expected: refused, wanted, sent, installed, failed, leaving\n");
	expect(r, "show wireguard peer", CLI_INCOMPLETE,
	       "% Command incomplete.\n  Expected: NAME\n");
	rig_must(r, "configure terminal\nwireguard wg0");
	begins(r, "no", CLI_INCOMPLETE,
	       "% Command incomplete.\n  Expected: description, ");
	expect(r, "no address", CLI_INCOMPLETE,
	       "% Command incomplete.\n  Expected: ADDR/LEN\n");
}

/* Words are cut where they are quoted, and the sentence where the screen ends. */
static void no_error_is_wider_than_the_screen(void **state)
{
	struct rig *r = *state;
	char line[400];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(rig_run(r, line), CLI_NO_MATCH);
	for (const char *l = strchr(r->out.s, '\n') + 1; *l; l += strcspn(l, "\n") + 1)
		assert_true(strcspn(l, "\n") <= 80);
}

static void a_line_beyond_all_measure_is_named(void **state)
{
	struct rig *r = *state;
	char *line = xcalloc(CLI_LINE_MAX + 2, 1);
	char says[64];

	memset(line, 'x', CLI_LINE_MAX + 1);
	snprintf(says, sizeof(says), "%% The line is longer than %d octets.\n",
		 CLI_LINE_MAX);
	expect(r, line, CLI_NO_MATCH, says);
	free(line);
}

static void a_wrong_value_is_refused_with_a_sentence(void **state)
{
	/* clang-format off */
	static const struct {
		const char *line, *says;
	} cases[] = {
		{"listen-port 70000", "70000"},
		{"listen-port x", "x"},
		{"mtu 100", "100"},
		{"private-key abc", "private-key"},
		{"address 10.0.0.1", "10.0.0.1"},
		{"fwmark 0x1ffffffff", "0x1ffffffff"},
		{"fwmark 0xg", "0xg"},
		{"peer a'b", "a'b"},
		{"peer -x", "-x"},
		{"peer 0123456789012345678901234567890123456789012345678901234567890123",
		 "0123456789"},
	};
	/* clang-format on */
	struct rig *r = *state;
	struct strbuf before = {0};

	rig_must(r, "configure terminal\nwireguard wg0\nlisten-port 9");
	strbuf_puts(&before, rig_running(r, true));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum cli_status status = rig_run(r, cases[i].line);
		const char *text = strbuf_str(&r->out);

		print_message("  %s -> %s", cases[i].line, text);
		if (status != CLI_CONFIG_FAILED || strncmp(text, "% ", 2) ||
		    !strstr(text, cases[i].says))
			fail_msg("%s: expected a sentence about %s, saw status %d: %s",
				 cases[i].line, cases[i].says, status, text);
		assert_string_equal(prompt(r), "(config-wireguard)");
		assert_false(datastore_candidate_open(r->ds));
		rig_assert_text(cases[i].line, before.s, rig_running(r, true));
	}
	strbuf_free(&before);
}

static void a_secret_is_not_repeated_in_a_refusal(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nwireguard wg0");
	assert_int_equal(rig_run(r, "private-key AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"),
			 CLI_CONFIG_FAILED);
	assert_null(strstr(r->out.s, "AQEB"));
}

/* ---- edits ---- */

static void each_line_is_a_commit(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal");
	assert_int_equal(r->commits, 0);
	rig_must(r, "wireguard wg0");
	assert_int_equal(r->commits, 1);
	rig_must(r, "listen-port 7");
	assert_int_equal(r->commits, 2);
	assert_int_equal(datastore_conf(r->ds)->wireguard[0]->listen_port, 7);
	rig_must(r, "exit\nwireguard wg0"); /* it is there: nothing to commit */
	assert_int_equal(r->commits, 2);
	assert_false(datastore_candidate_open(r->ds));
}

static void no_removes_what_a_line_made(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nwireguard wg0\nlisten-port 7\nfwmark 0x10\n"
		    "address 10.0.0.1/24\naddress 10.0.1.1/24\nshutdown\npeer a\n"
		    "endpoint 192.0.2.1:5\nexit-peer");
	assert_int_equal(datastore_conf(r->ds)->wireguard[0]->fwmark, 16);
	rig_must(r, "no listen-port\nno fwmark 0x10\nno address 10.0.0.1/24\n"
		    "no shutdown\npeer a\nno endpoint");
	rig_assert_text("running",
			"!\nwireguard wg0\n address 10.0.1.1/24\n !\n peer a\n"
			" exit-peer\n !\nexit-wireguard\n!\n",
			rig_running(r, true));
	rig_must(r, "exit-peer\nno peer a\nexit\nno wireguard wg0\nno wireguard wg0");
	rig_assert_text("running", "!\n", rig_running(r, true));
}

static void a_switch_is_off_only_when_told_so(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nno zebra enabled");
	rig_assert_text("off", "!\nno zebra enabled\n", rig_running(r, true));
	assert_false(datastore_conf(r->ds)->zebra.enabled);
	rig_must(r, "zebra enabled");
	rig_assert_text("on", "!\n", rig_running(r, true));
	assert_true(datastore_conf(r->ds)->zebra.enabled);
}

static void a_description_is_the_rest_of_the_line(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\ntenant red\n"
		    "  description  two  words, ! and # and ?\t ");
	assert_string_equal(datastore_conf(r->ds)->tenant[0]->description,
			    "two  words, ! and # and ?");
}

static void an_abbreviated_choice_is_stored_in_full(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nze pro os");
	assert_string_equal(datastore_conf(r->ds)->zebra.protocol, "ospf");
}

/* ---- prefix-lists ---- */

static void an_entry_of_a_prefix_list_is_one_line(void **state)
{
	static const struct {
		const char *line, *running;
	} steps[] = {
		{"prefix-list x seq 20 permit 10.0.0.0/8 ge 9 le 24",
		 "!\nprefix-list x seq 20 permit 10.0.0.0/8 ge 9 le 24\n"},
		/* a number again replaces its entry, ge and le too */
		{"pref x s 20 d 10.0.0.0/8 l 16",
		 "!\nprefix-list x seq 20 deny 10.0.0.0/8 le 16\n"},
		{"prefix-list x seq 5 permit 2001:DB8::/32",
		 "!\nprefix-list x seq 5 permit 2001:db8::/32\n"
		 "prefix-list x seq 20 deny 10.0.0.0/8 le 16\n"},
		{"no prefix-list x seq 20 deny 10.0.0.0/8 le 16",
		 "!\nprefix-list x seq 5 permit 2001:db8::/32\n"},
		{"no prefix-list x seq 5", "!\n"},
		{"prefix-list x seq 1 deny 0.0.0.0/0",
		 "!\nprefix-list x seq 1 deny 0.0.0.0/0\n"},
		{"no prefix-list x", "!\n"},
	};
	struct rig *r = *state;

	rig_must(r, "configure terminal");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		rig_must(r, steps[i].line);
		rig_assert_text(steps[i].line, steps[i].running, rig_running(r, true));
		assert_int_equal(r->commits, i + 1);
	}
}

static void a_wrong_entry_leaves_the_one_that_is_there(void **state)
{
	static const char *const wrong[] = {
		"prefix-list x seq 5 permit 10.0.0.1/8",
		"prefix-list x seq 5 permit 10.0.0.0/8 ge 7",
		"prefix-list x seq 5 permit 10.0.0.0/8 ge 200",
		"no prefix-list x seq",
		"prefix-list x",
		"prefix-list x seq 5",
	};
	static const char kept[] = "!\nprefix-list x seq 5 permit 10.0.0.0/8\n";
	struct rig *r = *state;
	struct strbuf out = {0};

	rig_must(r, "configure terminal\nprefix-list x seq 5 permit 10.0.0.0/8");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (cli_run(&r->session, wrong[i], &out) == CLI_SUCCESS)
			fail_msg("%s: expected to be refused", wrong[i]);
		rig_assert_text(wrong[i], kept, rig_running(r, true));
	}
	/* in a group the other lines count */
	rig_must(r, "XFRR_start_configuration\nprefix-list x seq 6 deny 11.0.0.0/8");
	assert_int_not_equal(cli_run(&r->session, wrong[0], &out), CLI_SUCCESS);
	rig_must(r, "prefix-list x seq 7 deny 12.0.0.0/8\nXFRR_end_configuration");
	rig_assert_text("group",
			"!\nprefix-list x seq 5 permit 10.0.0.0/8\n"
			"prefix-list x seq 6 deny 11.0.0.0/8\n"
			"prefix-list x seq 7 deny 12.0.0.0/8\n",
			rig_running(r, true));
	strbuf_free(&out);
}

/* ---- groups, and more than one session ---- */

static void a_group_is_one_commit(void **state)
{
	struct rig *r = *state;

	rig_must(r, "enable\nconfigure terminal\nXFRR_start_configuration\n"
		    "wireguard wg0\nlisten-port 7\npeer a\nexit-peer\nexit-wireguard\n"
		    "tenant red\ntable 9\nexit-tenant");
	assert_int_equal(r->commits, 0);
	assert_int_equal(datastore_conf(r->ds)->wireguard_count, 0);
	rig_must(r, "XFRR_end_configuration");
	assert_int_equal(r->commits, 1);
	assert_int_equal(datastore_conf(r->ds)->wireguard[0]->peer_count, 1);
	assert_int_equal(datastore_conf(r->ds)->tenant[0]->table, 9);
	rig_must(r, "end\ndisable");
}

static void a_bad_line_in_a_group_is_left_out(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nXFRR_start_configuration\nwireguard wg0");
	assert_int_equal(rig_run(r, "listen-port 70000"), CLI_CONFIG_FAILED);
	rig_must(r, "mtu 1400\nXFRR_end_configuration");
	assert_int_equal(datastore_conf(r->ds)->wireguard[0]->mtu, 1400);
	assert_int_equal(datastore_conf(r->ds)->wireguard[0]->listen_port, 0);
}

static void a_group_that_cannot_be_committed_changes_nothing(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nXFRR_start_configuration\ntenant red\ntable 9\n"
		    "tenant blue\ntable 9");
	assert_int_equal(rig_run(r, "XFRR_end_configuration"), CLI_CONFIG_FAILED);
	print_message("  %s", r->out.s);
	assert_int_equal(strncmp(r->out.s, "% Nothing was changed: ", 23), 0);
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 0);
	assert_false(datastore_candidate_open(r->ds));
	rig_must(r, "tenant red\ntable 9");
	assert_int_equal(datastore_conf(r->ds)->tenant[0]->table, 9);
}

static void a_session_that_ends_drops_its_group(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nXFRR_start_configuration\ntenant red");
	assert_true(datastore_candidate_open(r->ds));
	cli_session_fini(&r->session);
	assert_false(datastore_candidate_open(r->ds));
	assert_null(datastore_holder(r->ds));
	cli_session_init(&r->session, r->cli);
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 0);
}

static void edits_of_two_sessions_do_not_mix(void **state)
{
	struct rig *r = *state;
	struct cli_session other;
	struct strbuf out = {0};

	cli_session_init(&other, r->cli);
	rig_must(r, "configure terminal\nXFRR_start_configuration\ntenant red\ntable 9");
	assert_int_equal(cli_run(&other, "configure terminal", &out), 0);
	assert_int_equal(cli_run(&other, "tenant blue", &out), 0);
	assert_int_equal(cli_run(&other, "table 10", &out), 0);
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 1);
	assert_string_equal(datastore_conf(r->ds)->tenant[0]->name, "blue");
	rig_must(r, "priority 5\nXFRR_end_configuration");
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 2);
	assert_int_equal(datastore_conf(r->ds)->tenant[1]->table, 9);
	assert_int_equal(datastore_conf(r->ds)->tenant[1]->priority, 5);
	assert_int_equal(out.len, 0);
	cli_session_fini(&other);
	strbuf_free(&out);
}

static void an_entry_removed_by_another_does_not_come_back(void **state)
{
	struct rig *r = *state;
	struct cli_session other;
	struct strbuf out = {0};

	cli_session_init(&other, r->cli);
	rig_must(r, "configure terminal\nwireguard wg0\npeer a");
	cli_run(&other, "configure terminal", &out);
	assert_int_equal(cli_run(&other, "no wireguard wg0", &out), 0);
	expect(r, "persistent-keepalive 25", CLI_CONFIG_FAILED,
	       "% peer a is not there any more: it was removed meanwhile\n");
	assert_int_equal(datastore_conf(r->ds)->wireguard_count, 0);
	rig_must(r, "wireguard wg0");
	cli_session_fini(&other);
	strbuf_free(&out);
}

/* ---- what FRR's tools say ---- */

static void what_vtysh_tells_all_daemons_is_accepted(void **state)
{
	struct rig *r = *state;

	rig_must(
		r,
		"enable\nconf term file-lock\nXFRR_start_configuration\n"
		"frr version 8.4.4\nfrr defaults traditional\nhostname r1\n"
		"domainname example.net\nlog syslog informational\nno log stdout\n"
		"log file /var/log/frr/frr.log\nservice integrated-vtysh-config\n"
		"no service password-encryption\npassword zebra\nno password\n"
		"enable password x\nline vty\nexec-timeout 0 0\nlogin\nno login\n"
		"access-class A\nexit\ndebug memstats-at-exit\n"
		"debug northbound callbacks\nno debug northbound\nclear log filter-text\n"
		"allow-reserved-ranges\nnexthop-group NHG\nnexthop 10.0.0.1 eth0\n"
		"backup-group B\nexit\nno nexthop-group NHG\nnexthop-group C\n"
		"wireguard wg0\nexit-wireguard\nXFRR_end_configuration\n"
		"do show thread cpu\ndo show logging filter-text\nlog timestamp precision 3\nno log file\n"
		"end\nno debug northbound\nclear thread cpu\nclear log cmdline-targets\n"
		"autocomplete 3 a -\ndisable");
	assert_int_equal(datastore_conf(r->ds)->wireguard_count, 1);
	assert_string_equal(prompt(r), "");
}

static void frrs_log_commands_are_ours_when_frr_runs_us(void **state)
{
	struct rig *r = *state;
	enum log_level upto;
	const char *path;
	char line[128];

	rig_must(r, "configure terminal\nlog syslog errors\nlog file /nonexistent/x");
	assert_false(log_goes_to(LOG_TO_SYSLOG, &upto, &path));
	r->m->deps.in_frr = true;
	snprintf(line, sizeof(line), "log file %s informational", rig_path(r, "log"));
	rig_must(r, line);
	assert_true(log_goes_to(LOG_TO_FILE, &upto, &path));
	assert_int_equal(upto, LOG_LEVEL_INFO);
	assert_string_equal(path, rig_path(r, "log"));
	rig_must(r, "log syslog");
	assert_true(log_goes_to(LOG_TO_SYSLOG, &upto, &path));
	assert_int_equal(upto, LOG_LEVEL_DEBUG);
	assert_int_equal(rig_run(r, "do show logging"), CLI_SUCCESS);
	assert_non_null(strstr(r->out.s, "Syslog logging: level debugging, facility"));
	assert_non_null(strstr(r->out.s, "File logging: level informational, filename"));
	/* vtysh would tell no other daemon if it failed */
	expect(r, "log file relative", CLI_SUCCESS,
	       "% log file: expected an absolute path\n");
	expect(r, "log stdout sometimes", CLI_SUCCESS,
	       "% \"sometimes\" is no level of importance\n");
	expect(r, "log file /nonexistent/x", CLI_SUCCESS,
	       "% log file: /nonexistent/x cannot be written: No such file or "
	       "directory\n");
	rig_must(r, "no log syslog\nno log file /some/thing\nno log file");
	assert_false(log_goes_to(LOG_TO_SYSLOG, &upto, &path));
	assert_int_equal(rig_run(r, "do show logging json"), CLI_SUCCESS);
	assert_non_null(strstr(r->out.s, "\"level\": null"));
	assert_int_equal(rig_run(r, "do show memory json"), CLI_SUCCESS);
	assert_non_null(strstr(r->out.s, "\"resident\": "));
	log_close();
}

static void echo_answers_with_its_text(void **state)
{
	struct rig *r = *state;

	expect(r, "echo PING", CLI_SUCCESS, "PING\n");
	expect(r, "echo  two  words ", CLI_SUCCESS, "two  words\n");
}

/* ---- exec ---- */

static void debugging_is_switched_by_subsystem(void **state)
{
	struct rig *r = *state;

	expect(r, "show debugging", CLI_SUCCESS, "wgrd debugging is off\n");
	rig_must(r, "debug wireguard zebra");
	assert_true(log_debug_on(LOG_ZEBRA));
	expect(r, "show debugging", CLI_SUCCESS, "wgrd debugging is on: zebra\n");
	rig_must(r, "debug wireguard all");
	for (enum log_subsys s = 0; s < LOG_SUBSYS_COUNT; s++)
		assert_true(log_debug_on(s));
	rig_must(r, "no debug wireguard all");
	expect(r, "show debugging", CLI_SUCCESS, "wgrd debugging is off\n");
}

static void every_subsystem_has_its_word(void **state)
{
	struct rig *r = *state;

	for (enum log_subsys s = 0; s < LOG_SUBSYS_COUNT; s++) {
		struct strbuf line = {0};

		strbuf_printf(&line, "debug wireguard %s", log_subsys_name(s));
		rig_must(r, line.s);
		if (!log_debug_on(s))
			fail_msg("%s has no effect", line.s);
		strbuf_free(&line);
	}
	rig_must(r, "no debug wireguard all");
}

static void clearing_a_peer_reaches_it(void **state)
{
	struct rig *r = *state;

	rig_must(r, "clear wireguard peer hub");
	assert_int_equal(fake_state.cleared, 1);
	assert_int_equal(fake_state.released, 1);
	expect(r, "clear wireguard peer nobody", CLI_WARNING,
	       "% There is no peer nobody; `show wireguard peers` has all.\n");
	assert_int_equal(fake_state.cleared, 1);
}

static void renewing_keys_says_with_whom(void **state)
{
	struct rig *r = *state;

	expect(r, "wireguard rekey peer hub", CLI_SUCCESS, "1 handshake begun\n");
	assert_int_equal(fake_state.probed, 1);
	expect(r, "wireguard rekey interface wg0", CLI_SUCCESS,
	       "1 handshake begun\n1 peer inactive\n");
	expect(r, "wireguard rekey tenant red", CLI_SUCCESS,
	       "1 handshake begun\n1 peer inactive\n");
	expect(r, "wireguard rekey peer spoke2", CLI_WARNING,
	       "0 handshakes begun\n1 peer inactive\n");
	expect(r, "wireguard rekey interface wg9", CLI_WARNING,
	       "% There is no peer of wg9.\n");
	assert_int_equal(fake_state.probed, 3);
	fake_state.in_kernel = true;
	expect(r, "wireguard rekey peer hub", CLI_WARNING,
	       "0 handshakes begun\n"
	       "1 peer left to the kernel, which renews keys when it thinks fit\n");
}

static void revoking_is_in_the_file_and_survives_rollbacks(void **state)
{
	struct rig *r = *state;
	char *file;

	rig_write(r, "wgrd.conf", "wireguard wg0\n! inside\n exit\n");
	rig_must(r, "configure terminal\nwireguard wg0\npeer lost\n"
		    "public-key " RIG_KEY_A "\nend");
	expect(r, "wireguard revoke peer lost", CLI_SUCCESS, "1 key revoked\n");
	assert_true(datastore_conf(r->ds)->wireguard[0]->peer[0]->revoked);
	file = temp_dir_read(rig_path(r, "wgrd.conf"));
	assert_string_equal(file, "revoked-key " RIG_KEY_A
				  "\nwireguard wg0\n! inside\n exit\n");
	free(file);
	assert_non_null(strstr(rig_running(r, false), "revoked-key " RIG_KEY_A "\n"));
	rig_must(r, "wireguard rollback 3");
	assert_true(datastore_conf(r->ds)->wireguard[0]->peer[0]->revoked);
	/* a trial undoes the rest */
	rig_must(r, "wireguard commit revert-after 60\nconfigure terminal\n"
		    "tenant red\nend");
	expect(r, "wireguard revoke key " RIG_KEY_B, CLI_SUCCESS, "1 key revoked\n");
	rig_must(r, "wireguard commit revert");
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 0);
	assert_int_equal(datastore_conf(r->ds)->revoked_key_count, 2);
	rig_must(r, "configure terminal\nno revoked-key " RIG_KEY_A "\nend");
	assert_false(datastore_conf(r->ds)->wireguard[0]->peer[0]->revoked);
}

static void revoking_says_what_is_wrong(void **state)
{
	struct rig *r = *state;

	expect(r, "wireguard revoke peer nobody", CLI_WARNING,
	       "% there is no peer nobody that has a key\n");
	expect(r, "wireguard revoke key x", CLI_WARNING,
	       "% \"x\" is not a key: 32 octets in base64 are expected.\n");
	datastore_lock(r->ds, r, "NETCONF session 4 of otto");
	expect(r, "wireguard revoke key " RIG_KEY_A, CLI_WARNING,
	       "% NETCONF session 4 of otto has locked the configuration; try again when "
	       "it is unlocked\n");
	datastore_unlock(r->ds);
	r->m->deps.keys_in_files = true;
	expect(r, "wireguard revoke key " RIG_KEY_A, CLI_WARNING,
	       "1 key revoked\n% It would be forgotten by a restart: the configuration is in "
	       "frr.conf: \"write memory\" of vtysh saves it.\n");
}

static void count_resync(void *arg)
{
	++*(unsigned *)arg;
}

static int refuse_rules(void *arg, char *why, size_t why_len)
{
	++*(unsigned *)arg;
	snprintf(why, why_len, "nacm.xml:3: \"path\": it is no path");
	return -1;
}

static void rules_of_access_are_read_again(void **state)
{
	struct rig *r = *state;
	unsigned reloads = 0;

	rig_must(r, "wireguard reload-access-rules"); /* nobody has any */
	r->m->deps.reload_access = refuse_rules;
	r->m->deps.reload_access_arg = &reloads;
	expect(r, "wireguard reload-access-rules", CLI_WARNING,
	       "% The old rules stay: nacm.xml:3: \"path\": it is no path\n");
	assert_int_equal(reloads, 1);
}

static void comparing_everything_is_passed_on(void **state)
{
	struct rig *r = *state;
	unsigned resyncs = 0;

	rig_must(r, "wireguard resync"); /* nobody is there */
	r->m->deps.resync = count_resync;
	r->m->deps.resync_arg = &resyncs;
	rig_must(r, "wireguard resync");
	assert_int_equal(resyncs, 1);
}

static void clearing_a_tenant_ends_its_hold(void **state)
{
	struct rig *r = *state;

	rig_must(r, "clear wireguard tenant red");
	assert_int_equal(fake_state.released, 1);
	expect(r, "clear wireguard tenant nobody", CLI_WARNING,
	       "% There is no tenant nobody; `show wireguard tenants` has all.\n");
	assert_int_equal(fake_state.released, 1);
}

static void write_memory_saves_the_configuration(void **state)
{
	struct rig *r = *state;
	struct strbuf says = {0};

	strbuf_printf(&says, "Configuration saved to %s\n[OK]\n",
		      rig_path(r, "wgrd.conf"));
	rig_must(r, "configure terminal\ntenant red\nend");
	expect(r, "write memory", CLI_SUCCESS, says.s);
	expect(r, "write file", CLI_SUCCESS, says.s);
	expect(r, "write", CLI_SUCCESS, says.s);
	expect(r, "copy running-config startup-config", CLI_SUCCESS, says.s);
	strbuf_free(&says);
}

static void the_running_configuration_is_shown_without_secrets(void **state)
{
	struct rig *r = *state;
	const char *text = "!\nwireguard wg0\n ! private-key is set (not shown)\n"
			   "exit-wireguard\n!\n";

	rig_must(r, "configure terminal\nwireguard wg0\nprivate-key " RIG_KEY_A "\nend");
	expect(r, "show running-config", CLI_SUCCESS, text);
	expect(r, "write terminal", CLI_SUCCESS, text);
}

static void say_later(void *ctx, struct conf_change *c)
{
	(void)ctx;
	if (c->old->zebra.settle_s != c->new->zebra.settle_s)
		snprintf(c->notice, sizeof(c->notice), "zebra: later");
}

static void what_a_commit_has_to_say_is_printed_once(void **state)
{
	static const struct conf_subsys later = {.name = "later", .apply = say_later};
	struct rig *r = *state;

	datastore_subscribe(r->ds, &later, NULL);
	rig_must(r, "configure terminal");
	assert_int_equal(rig_run(r, "zebra settle-time 3"), CLI_SUCCESS);
	assert_string_equal(strbuf_str(&r->out), "zebra: later\n");
	assert_int_equal(rig_run(r, "zebra settle-time 3"), CLI_SUCCESS);
	assert_string_equal(strbuf_str(&r->out), "");
	rig_must(r, "XFRR_start_configuration");
	assert_int_equal(rig_run(r, "zebra settle-time 4"), CLI_SUCCESS);
	assert_string_equal(strbuf_str(&r->out), "");
	assert_int_equal(rig_run(r, "XFRR_end_configuration"), CLI_SUCCESS);
	assert_string_equal(strbuf_str(&r->out), "zebra: later\n");
}

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(nodes_are_entered_and_left),
		RIGGED(a_line_unknown_here_is_tried_above),
		RIGGED(a_line_may_be_spelt_from_above),
		RIGGED(what_a_line_spelt_from_above_made_goes_with_its_last_setting),
		RIGGED(a_line_spelt_from_above_is_refused_like_another),
		RIGGED(exec_commands_are_not_tried_above),
		RIGGED(do_runs_an_exec_command_and_stays),
		RIGGED(errors_are_worded_as_frr_words_them_and_say_what_fits),
		RIGGED(no_error_is_wider_than_the_screen),
		RIGGED(a_line_beyond_all_measure_is_named),
		RIGGED(a_wrong_value_is_refused_with_a_sentence),
		RIGGED(a_secret_is_not_repeated_in_a_refusal),
		RIGGED(each_line_is_a_commit),
		RIGGED(no_removes_what_a_line_made),
		RIGGED(a_switch_is_off_only_when_told_so),
		RIGGED(a_description_is_the_rest_of_the_line),
		RIGGED(an_abbreviated_choice_is_stored_in_full),
		RIGGED(an_entry_of_a_prefix_list_is_one_line),
		RIGGED(a_wrong_entry_leaves_the_one_that_is_there),
		RIGGED(a_group_is_one_commit),
		RIGGED(a_bad_line_in_a_group_is_left_out),
		RIGGED(a_group_that_cannot_be_committed_changes_nothing),
		RIGGED(what_a_commit_has_to_say_is_printed_once),
		RIGGED(a_session_that_ends_drops_its_group),
		RIGGED(edits_of_two_sessions_do_not_mix),
		RIGGED(an_entry_removed_by_another_does_not_come_back),
		RIGGED(what_vtysh_tells_all_daemons_is_accepted),
		RIGGED(frrs_log_commands_are_ours_when_frr_runs_us),
		RIGGED(echo_answers_with_its_text),
		RIGGED(debugging_is_switched_by_subsystem),
		RIGGED(every_subsystem_has_its_word),
		RIGGED(clearing_a_peer_reaches_it),
		RIGGED(renewing_keys_says_with_whom),
		RIGGED(revoking_is_in_the_file_and_survives_rollbacks),
		RIGGED(revoking_says_what_is_wrong),
		RIGGED(rules_of_access_are_read_again),
		RIGGED(comparing_everything_is_passed_on),
		RIGGED(clearing_a_tenant_ends_its_hold),
		RIGGED(write_memory_saves_the_configuration),
		RIGGED(the_running_configuration_is_shown_without_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
