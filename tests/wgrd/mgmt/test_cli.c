/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/mgmt/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

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

static void exec_commands_are_not_tried_above(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal");
	expect(r, "show version", CLI_NO_MATCH, "% Unknown command: show version\n");
	assert_string_equal(prompt(r), "(config)");
}

static void do_runs_an_exec_command_and_stays(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nwireguard wg0\npeer a");
	expect(r, "do show version", CLI_SUCCESS, "wgrd 0.1.0, up for 0s\n");
	rig_must(r, "do end\ndo configure terminal\ndo exit");
	assert_string_equal(prompt(r), "(config-peer)");
	expect(r, "do", CLI_INCOMPLETE, "% Command incomplete.\n");
	expect(r, "do listen-port 7", CLI_NO_MATCH,
	       "% Unknown command: do listen-port 7\n");
}

/* ---- errors ---- */

static void errors_are_worded_as_frr_words_them(void **state)
{
	struct rig *r = *state;

	expect(r, "shwo version", CLI_NO_MATCH, "% Unknown command: shwo version\n");
	expect(r, "co", CLI_AMBIGUOUS, "% Ambiguous command.\n");
	expect(r, "show wireguard peer", CLI_INCOMPLETE, "% Command incomplete.\n");
	rig_must(r, "configure terminal\nwireguard wg0");
	expect(r, "no", CLI_INCOMPLETE, "% Command incomplete.\n");
	expect(r, "no address", CLI_INCOMPLETE, "% Command incomplete.\n");
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
	assert_int_equal(datastore_conf(r->ds)->wireguard[0].listen_port, 7);
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
	assert_int_equal(datastore_conf(r->ds)->wireguard[0].fwmark, 16);
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
	assert_string_equal(datastore_conf(r->ds)->tenant[0].description,
			    "two  words, ! and # and ?");
}

static void an_abbreviated_choice_is_stored_in_full(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nze pro os");
	assert_string_equal(datastore_conf(r->ds)->zebra.protocol, "ospf");
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
	assert_int_equal(datastore_conf(r->ds)->wireguard[0].peer_count, 1);
	assert_int_equal(datastore_conf(r->ds)->tenant[0].table, 9);
	rig_must(r, "end\ndisable");
}

static void a_bad_line_in_a_group_is_left_out(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nXFRR_start_configuration\nwireguard wg0");
	assert_int_equal(rig_run(r, "listen-port 70000"), CLI_CONFIG_FAILED);
	rig_must(r, "mtu 1400\nXFRR_end_configuration");
	assert_int_equal(datastore_conf(r->ds)->wireguard[0].mtu, 1400);
	assert_int_equal(datastore_conf(r->ds)->wireguard[0].listen_port, 0);
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
	assert_int_equal(datastore_conf(r->ds)->tenant[0].table, 9);
}

static void a_session_that_ends_drops_its_group(void **state)
{
	struct rig *r = *state;

	rig_must(r, "configure terminal\nXFRR_start_configuration\ntenant red");
	assert_true(datastore_candidate_open(r->ds));
	cli_session_fini(&r->session);
	assert_false(datastore_candidate_open(r->ds));
	assert_null(r->m->candidate_owner);
	cli_session_init(&r->session, r->m);
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 0);
}

static void edits_of_two_sessions_do_not_mix(void **state)
{
	struct rig *r = *state;
	struct cli_session other;
	struct strbuf out = {0};

	cli_session_init(&other, r->m);
	rig_must(r, "configure terminal\nXFRR_start_configuration\ntenant red\ntable 9");
	assert_int_equal(cli_run(&other, "configure terminal", &out), 0);
	assert_int_equal(cli_run(&other, "tenant blue", &out), 0);
	assert_int_equal(cli_run(&other, "table 10", &out), 0);
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 1);
	assert_string_equal(datastore_conf(r->ds)->tenant[0].name, "blue");
	rig_must(r, "priority 5\nXFRR_end_configuration");
	assert_int_equal(datastore_conf(r->ds)->tenant_count, 2);
	assert_int_equal(datastore_conf(r->ds)->tenant[1].table, 9);
	assert_int_equal(datastore_conf(r->ds)->tenant[1].priority, 5);
	assert_int_equal(out.len, 0);
	cli_session_fini(&other);
	strbuf_free(&out);
}

static void an_entry_removed_by_another_does_not_come_back(void **state)
{
	struct rig *r = *state;
	struct cli_session other;
	struct strbuf out = {0};

	cli_session_init(&other, r->m);
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

	rig_must(r, "enable\nconf term file-lock\nXFRR_start_configuration\n"
		    "frr version 8.4.4\nfrr defaults traditional\nhostname r1\n"
		    "domainname example.net\nlog syslog informational\nno log stdout\n"
		    "log file /var/log/frr/frr.log\nservice integrated-vtysh-config\n"
		    "no service password-encryption\npassword zebra\nno password\n"
		    "enable password x\nline vty\nexec-timeout 0 0\nlogin\nno login\n"
		    "access-class A\nexit\ndebug memstats-at-exit\n"
		    "allow-reserved-ranges\nnexthop-group NHG\nnexthop 10.0.0.1 eth0\n"
		    "backup-group B\nexit\nno nexthop-group NHG\nnexthop-group C\n"
		    "wireguard wg0\nexit-wireguard\nXFRR_end_configuration\n"
		    "do show memory\ndo show thread cpu\ndo show logging\n"
		    "end\nautocomplete 3 a -\ndisable");
	assert_int_equal(datastore_conf(r->ds)->wireguard_count, 1);
	assert_string_equal(prompt(r), "");
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
	expect(r, "clear wireguard peer nobody", CLI_WARNING,
	       "% There is no peer nobody.\n");
	assert_int_equal(fake_state.cleared, 1);
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

int main(void)
{
#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		RIGGED(nodes_are_entered_and_left),
		RIGGED(a_line_unknown_here_is_tried_above),
		RIGGED(exec_commands_are_not_tried_above),
		RIGGED(do_runs_an_exec_command_and_stays),
		RIGGED(errors_are_worded_as_frr_words_them),
		RIGGED(a_wrong_value_is_refused_with_a_sentence),
		RIGGED(a_secret_is_not_repeated_in_a_refusal),
		RIGGED(each_line_is_a_commit),
		RIGGED(no_removes_what_a_line_made),
		RIGGED(a_switch_is_off_only_when_told_so),
		RIGGED(a_description_is_the_rest_of_the_line),
		RIGGED(an_abbreviated_choice_is_stored_in_full),
		RIGGED(a_group_is_one_commit),
		RIGGED(a_bad_line_in_a_group_is_left_out),
		RIGGED(a_group_that_cannot_be_committed_changes_nothing),
		RIGGED(a_session_that_ends_drops_its_group),
		RIGGED(edits_of_two_sessions_do_not_mix),
		RIGGED(an_entry_removed_by_another_does_not_come_back),
		RIGGED(what_vtysh_tells_all_daemons_is_accepted),
		RIGGED(echo_answers_with_its_text),
		RIGGED(debugging_is_switched_by_subsystem),
		RIGGED(every_subsystem_has_its_word),
		RIGGED(clearing_a_peer_reaches_it),
		RIGGED(write_memory_saves_the_configuration),
		RIGGED(the_running_configuration_is_shown_without_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
