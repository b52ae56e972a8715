/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/wgrd/netconf/rig.h"
#include "wgrd/netconf/nacm/nacm.h"

#define KEY   "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define W(in) "<wgrd " RIG_W ">" in "</wgrd>"
#define T(n)  "<tenant><name>" n "</name></tenant>"
#define CONFIG                                                                           \
	W("<wireguard><name>wg0</name><private-key>" KEY "</private-key><mtu>1400</mtu>" \
	  "</wireguard>" T("blue") T("red"))
#define NACM(in) \
	"<nacm xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-acm'>" in "</nacm>"
#define GROUP \
	"<groups><group><name>ops</name><user-name>otto</user-name></group></groups>"
#define RULES(in) "<rule-list><name>l</name><group>ops</group>" in "</rule-list>"
#define RULE(in)  "<rule><name>r</name>" in "</rule>"
#define RED_PATH \
	"<path xmlns:w='urn:wgrd:yang:wgrd'>/w:wgrd/w:tenant[w:name='red']</path>"

static struct rig *start(const char *nacm)
{
	struct rig *r;

	rig_nacm = nacm;
	r = rig_new();
	rig_nacm = NULL;
	rig_has(rig_edit(r, rig_login(r, "root", 0), "running", "", CONFIG), "<ok", NULL);
	return r;
}

static void without_rules_a_user_reads_all_but_secrets_and_writes_nothing(void **state)
{
	struct rig *r = start(NULL);
	struct netconf_session *s = rig_login(r, "otto", 1000);
	const char *seen = rig_config(r, s, "running");

	(void)state;
	rig_has(seen, "<mtu>1400<", T("red"), NULL);
	assert_null(strstr(seen, "private-key"));
	rig_has(rig_edit(r, s, "running", "", W(T("green"))), "access-denied", NULL);
	rig_has(rig_edit(r, s, "candidate", "", W(T("green"))), "access-denied", NULL);
	rig_has(rig_rpc(r, s, "<kill-session><session-id>1</session-id></kill-session>"),
		"access-denied", NULL);
	rig_has(rig_rpc(r, s,
			"<delete-config><target><startup/></target></delete-config>"),
		"access-denied", NULL);
	rig_must(r, s, "<close-session/>");
	rig_free(r);
}

static void root_reads_secrets(void **state)
{
	struct rig *r = start(NULL);

	(void)state;
	rig_has(rig_config(r, rig_login(r, "root", 0), "running"),
		"<private-key>" KEY "</private-key>", NULL);
	rig_free(r);
}

static void a_secret_cannot_be_found_by_a_filter(void **state)
{
	struct rig *r = start(NULL);
	struct netconf_session *s = rig_login(r, "otto", 1000);

	(void)state;
	assert_null(strstr(
		rig_rpc(r, s,
			"<get-config><source><running/></source><filter>" W(
				"<wireguard><private-key>" KEY
				"</private-key></wireguard>") "</filter></get-config>"),
		"wg0"));
	assert_null(strstr(
		rig_rpc(r, s,
			"<get-config><source><running/></source><filter "
			"type='xpath' xmlns:w='urn:wgrd:yang:wgrd' select=\"/w:wgrd/w:wireguard"
			"[w:private-key='" KEY "']\"/></get-config>"),
		"wg0"));
	rig_free(r);
}

static void an_operator_writes_what_a_rule_permits_and_nothing_else(void **state)
{
	struct rig *r = start(NACM(GROUP RULES(RULE(
		"<module-name>wgrd</module-name>" RED_PATH "<action>permit</action>"))));
	struct netconf_session *s = rig_login(r, "otto", 1000);
	const char *table = W("<tenant><name>red</name><table>7</table></tenant>");

	(void)state;
	rig_has(rig_edit(r, s, "running", "", table), "<ok", NULL);
	rig_has(rig_edit(r, s, "running", "",
			 W("<tenant><name>blue</name><table>8</table></tenant>")),
		"access-denied", "w:tenant[w:name='blue']/w:table", NULL);
	rig_has(rig_edit(r, s, "running", "", W(T("green"))), "access-denied", NULL);
	rig_has(rig_edit(r, s, "running",
			 "<default-operation>replace</default-operation>", W(T("red"))),
		"access-denied", NULL);
	rig_has(rig_edit(
			r, s, "running", "",
			W("<wireguard xmlns:nc='urn:ietf:params:xml:ns:netconf:"
			  "base:1.0' nc:operation='delete'><name>wg0</name></wireguard>")),
		"access-denied", NULL);
	rig_has(rig_edit(r, s, "candidate", "",
			 W("<tenant><name>red</name><table>9</table></tenant>")),
		"<ok", NULL);
	rig_must(r, s, "<commit/>");
	rig_has(rig_config(r, s, "running"), "<table>9<", NULL);
	rig_free(r);
}

static void another_spelling_of_a_key_does_not_get_round_a_rule(void **state)
{
	struct rig *r = start(NACM(GROUP RULES(
		"<rule><name>a</name><path xmlns:w='urn:wgrd:yang:wgrd'>/w:wgrd/"
		"w:prefix-list[w:name='x']/w:seq[w:number='7']</path><action>deny</action></rule>"
		"<rule><name>b</name><action>permit</action></rule>")));
	struct netconf_session *s = rig_login(r, "otto", 1000);
	static const char *const spellings[] = {"7", "007", "+7", " 7 "};
	char config[200];

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		const char *reply;

		snprintf(config, sizeof(config),
			 W("<prefix-list><name>x</name><seq><number>%s</number></seq>"
			   "</prefix-list>"),
			 spellings[i]);
		reply = rig_edit(r, s, "running", "", config);
		if (!strstr(reply, "access-denied") && !strstr(reply, "invalid-value"))
			fail_msg("%s: %s", spellings[i], reply);
	}
	rig_has(rig_edit(r, s, "running", "",
			 W("<prefix-list><name>x</name><seq><number>008</number>"
			   "<action>permit</action><prefix>10.0.0.0/8</prefix></seq>"
			   "</prefix-list>")),
		"<ok", NULL);
	rig_has(rig_config(r, s, "running"), "<number>8</number>", NULL);
	rig_free(r);
}

static void a_user_cannot_commit_what_he_could_not_edit(void **state)
{
	struct rig *r =
		start(NACM(GROUP RULES(RULE(RED_PATH "<action>permit</action>"))));
	struct netconf_session *root = rig_login(r, "root", 0),
			       *s = rig_login(r, "otto", 1000);

	(void)state;
	rig_edit(r, root, "candidate", "",
		 W("<tenant><name>red</name><table>9</table></tenant>"));
	rig_must(r, s, "<commit/>");
	rig_edit(r, root, "candidate", "",
		 W("<tenant><name>blue</name><table>8</table></tenant>"));
	rig_has(rig_rpc(r, s, "<commit/>"), "access-denied", NULL);
	rig_must(r, root, "<discard-changes/>");
	rig_edit(r, root, "candidate", "",
		 W("<tenant xmlns:nc='urn:ietf:params:xml:ns:netconf:base:1.0' "
		   "nc:operation='delete'><name>blue</name></tenant>"));
	rig_has(rig_rpc(r, s, "<commit/>"), "access-denied", NULL);
	rig_must(r, root, "<commit/>");
	rig_free(r);
}

static void what_a_rule_denies_is_not_there(void **state)
{
	struct rig *r = start(NACM(
		GROUP RULES(RULE(RED_PATH "<access-operations>read</access-operations>"
					  "<action>deny</action>"))));
	struct netconf_session *s = rig_login(r, "otto", 1000);

	(void)state;
	assert_null(strstr(rig_config(r, s, "running"), "red"));
	rig_has(rig_config(r, s, "running"), T("blue"), NULL);
	rig_has(rig_config(r, rig_login(r, "anna", 1001), "running"), T("red"), NULL);
	rig_free(r);
}

static void a_permitted_secret_is_shown(void **state)
{
	struct rig *r = start(
		NACM(GROUP RULES(RULE("<module-name>*</module-name><access-operations>*"
				      "</access-operations><action>permit</action>"))));
	struct netconf_session *s = rig_login(r, "otto", 1000);

	(void)state;
	rig_has(rig_config(r, s, "running"), KEY, NULL);
	rig_has(rig_edit(r, s, "running", "", W(T("green"))), "<ok", NULL);
	assert_null(strstr(rig_config(r, rig_login(r, "anna", 1001), "running"), KEY));
	rig_free(r);
}

static void operations_have_rules_of_their_own(void **state)
{
	struct rig *r = start(NACM("<exec-default>deny</exec-default>" GROUP RULES(
		"<rule><name>a</name><rpc-name>get-config</rpc-name><action>permit</action></rule>"
		"<rule><name>b</name><rpc-name>kill-session</rpc-name><action>permit</action></rule>")));
	struct netconf_session *s = rig_login(r, "otto", 1000);

	(void)state;
	rig_has(rig_rpc(r, s, "<get/>"), "access-denied", NULL);
	rig_has(rig_rpc(r, s, "<get-config><source><running/></source></get-config>"),
		"wg0", NULL);
	rig_must(r, s, "<kill-session><session-id>1</session-id></kill-session>");
	rig_must(r, s, "<close-session/>");
	rig_free(r);
}

static void the_first_rule_that_matches_counts(void **state)
{
	struct rig *r = start(NACM(
		GROUP RULES("<rule><name>a</name>" RED_PATH "<action>deny</action></rule>"
			    "<rule><name>b</name><action>permit</action></rule>")));
	struct netconf_session *s = rig_login(r, "otto", 1000);

	(void)state;
	assert_null(strstr(rig_config(r, s, "running"), "red"));
	rig_has(rig_edit(r, s, "running", "",
			 W("<tenant><name>blue</name><table>8</table></tenant>")),
		"<ok", NULL);
	rig_has(rig_edit(r, s, "running", "",
			 W("<tenant><name>red</name><table>7</table></tenant>")),
		"access-denied", NULL);
	rig_free(r);
}

static void nacm_can_be_turned_off_and_defaults_be_turned_round(void **state)
{
	struct rig *r = start(NACM("<enable-nacm>false</enable-nacm>"));

	(void)state;
	rig_has(rig_edit(r, rig_login(r, "otto", 1000), "running", "", W(T("green"))),
		"<ok", NULL);
	rig_free(r);
	r = start(NACM(
		"<read-default>deny</read-default><write-default>permit</write-default>"));
	assert_string_equal(rig_config(r, rig_login(r, "otto", 1000), "running"), "");
	rig_has(rig_edit(r, rig_login(r, "otto", 1000), "running", "", W(T("green"))),
		"<ok", NULL);
	/* default-deny-write */
	rig_has(rig_edit(
			r, rig_login(r, "otto", 1000), "candidate", "",
			W("<wireguard><name>wg0</name><private-key-file>/k</private-key-file></wireguard>")),
		"access-denied", NULL);
	rig_free(r);
}

static void rules_are_read_again_for_those_who_are_here(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "otto", 1000);
	char why[512];

	rig_has(rig_edit(r, s, "running", "", W(T("green"))), "access-denied", NULL);
	rig_write(r, "nacm.xml", NACM(GROUP RULES(RULE("<action>permit</action>"))));
	assert_int_equal(netconf_reload_nacm(r->n, why, sizeof(why)), 0);
	rig_has(rig_edit(r, s, "running", "", W(T("green"))), "<ok", NULL);
	rig_write(r, "nacm.xml", "<nacm");
	assert_int_not_equal(netconf_reload_nacm(r->n, why, sizeof(why)), 0);
	rig_has(why, "nacm.xml", NULL);
	rig_has(rig_edit(r, s, "running", "", W(T("grey"))), "<ok", NULL);
}

#define RELOAD "<reload-access-rules xmlns='urn:wgrd:yang:wgrd-actions'/>"

static void a_reload_says_file_line_and_word_and_changes_nothing(void **state)
{
	static const char *const cases[][2] = {
		{NACM("\n<groups>\n<grup/></groups>"),
		 "nacm.xml:3: \"groups\": Node \"grup\" not found"},
		{NACM("\n\n<read-default>x</read-default>"),
		 "nacm.xml:3: \"read-default\": "},
		{NACM("\n" RULES("\n" RULE(
			 "\n<path xmlns:w='urn:wgrd:yang:wgrd'>/w:wgrd/w:nothing</path>"
			 "<action>deny</action>"))),
		 "nacm.xml:4: \"path\": "},
		{"<nacm", "nacm.xml"},
	};
	struct rig *r = *state;
	struct netconf_session *root = rig_login(r, "root", 0);
	struct netconf_session *s = rig_login(r, "otto", 1000);

	rig_write(r, "nacm.xml", NACM(GROUP RULES(RULE("<action>permit</action>"))));
	rig_has(rig_rpc(r, s, RELOAD), "access-denied", NULL);
	rig_must(r, root, RELOAD);
	rig_has(rig_edit(r, s, "running", "", W(T("green"))), "<ok", NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rig_write(r, "nacm.xml", cases[i][0]);
		rig_has(rig_rpc(r, root, RELOAD), "operation-failed",
			"the old rules stay: /", cases[i][1], NULL);
		rig_has(rig_edit(r, s, "running", "", W(T("green"))), "<ok", NULL);
	}
}

#define GET_NACM(op, in)                                                     \
	"<" op ">" in                                                        \
	"<filter><nacm xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-acm'" \
	"/></filter></" op ">"
#define RUNNING "<source><running/></source>"

static void the_rules_are_shown_to_root_and_changed_for_nobody(void **state)
{
	struct rig *r = start(NACM(GROUP RULES(RULE(
		"<module-name>wgrd</module-name>" RED_PATH "<action>permit</action>"))));
	struct netconf_session *root = rig_login(r, "root", 0);
	struct netconf_session *s = rig_login(r, "otto", 1000);

	(void)state;
	rig_has(rig_rpc(r, root, GET_NACM("get-config", RUNNING)),
		"<nacm xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-acm\">",
		"<user-name>otto</user-name>",
		"/wgrd:wgrd/wgrd:tenant[wgrd:name='red']</path>", NULL);
	assert_null(strstr(strbuf_str(&r->reply), "denied-operations"));
	assert_null(strstr(rig_rpc(r, s, GET_NACM("get-config", RUNNING)), "nacm"));
	assert_null(strstr(
		rig_rpc(r, root, GET_NACM("get-config", "<source><candidate/></source>")),
		"nacm"));
	rig_has(rig_edit(r, s, "running", "", W(T("blue") T("green") T("grey"))),
		"access-denied", NULL);
	rig_has(rig_rpc(r, s, "<kill-session><session-id>1</session-id></kill-session>"),
		"access-denied", NULL);
	/* requests are counted, not what is in them */
	rig_has(rig_rpc(r, root, GET_NACM("get", "")), "<user-name>otto</user-name>",
		"<denied-operations>1</denied-operations>",
		"<denied-data-writes>1</denied-data-writes>",
		"<denied-notifications>0</denied-notifications>", NULL);
	assert_null(strstr(rig_rpc(r, s, GET_NACM("get", "")), "nacm"));
	rig_has(rig_edit(r, root, "running", "",
			 NACM("<enable-nacm>false</enable-nacm>")),
		"operation-not-supported", "the rules of access are in a file", NULL);
	rig_free(r);
}

static void without_a_file_there_are_counters_alone(void **state)
{
	struct rig *r = start(NULL);
	struct netconf_session *root = rig_login(r, "root", 0);

	(void)state;
	assert_null(strstr(rig_rpc(r, root, GET_NACM("get-config", RUNNING)), "nacm"));
	rig_has(rig_rpc(r, root, GET_NACM("get", "")),
		"<denied-operations>0</denied-operations>", NULL);
	rig_free(r);
}

static void a_rule_file_that_is_wrong_stops_the_start(void **state)
{
	static const char *const cases[][2] = {
		{"<nacm", "nacm.xml"},
		{"<x/>", "nacm.xml"},
		{NACM("<foo/>"), "foo"},
		{NACM("<read-default>x</read-default>"), "nacm.xml"},
		{NACM(RULES(RULE(
			 "<path xmlns:w='urn:wgrd:yang:wgrd'>/w:wgrd/w:nothing</path>"
			 "<action>deny</action>"))),
		 "nothing"},
	};
	struct rig *r = *state;
	struct nacm *nacm;
	char why[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rig_write(r, "nacm.xml", cases[i][0]);
		if (!nacm_new(netconf_ctx(r->n), rig_path(r, "nacm.xml"), &nacm, why,
			      sizeof(why)))
			fail_msg("%s is taken", cases[i][0]);
		rig_has(why, cases[i][1], NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			without_rules_a_user_reads_all_but_secrets_and_writes_nothing),
		cmocka_unit_test(root_reads_secrets),
		cmocka_unit_test(a_secret_cannot_be_found_by_a_filter),
		cmocka_unit_test(an_operator_writes_what_a_rule_permits_and_nothing_else),
		cmocka_unit_test(another_spelling_of_a_key_does_not_get_round_a_rule),
		cmocka_unit_test(a_user_cannot_commit_what_he_could_not_edit),
		cmocka_unit_test(what_a_rule_denies_is_not_there),
		cmocka_unit_test(a_permitted_secret_is_shown),
		cmocka_unit_test(operations_have_rules_of_their_own),
		cmocka_unit_test(the_first_rule_that_matches_counts),
		cmocka_unit_test(nacm_can_be_turned_off_and_defaults_be_turned_round),
		RIG_TEST(rules_are_read_again_for_those_who_are_here),
		RIG_TEST(a_reload_says_file_line_and_word_and_changes_nothing),
		cmocka_unit_test(the_rules_are_shown_to_root_and_changed_for_nobody),
		cmocka_unit_test(without_a_file_there_are_counters_alone),
		RIG_TEST(a_rule_file_that_is_wrong_stops_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
