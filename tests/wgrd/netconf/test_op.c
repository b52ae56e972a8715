/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything but edit-config and filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/wgrd/netconf/rig.h"
#include "wgrd/netconf/rpc.h"

#define MTU(n) \
	"<wgrd " RIG_W "><wireguard><name>wg0</name><mtu>" #n "</mtu></wireguard></wgrd>"
#define IN_MTU(n)      "<wireguard><name>wg0</name><mtu>" #n "</mtu></wireguard>"
#define LOCK(target)   "<lock><target><" target "/></target></lock>"
#define UNLOCK(target) "<unlock><target><" target "/></target></unlock>"
#define COPY(from, to) \
	"<copy-config><target><" to "/></target><source>" from "</source></copy-config>"

/* ---- requests that are none ---- */

static const char *raw(struct rig *r, struct netconf_session *s, const char *text)
{
	struct strbuf message = {0};

	strbuf_puts(&message, text);
	strbuf_free(&r->reply);
	assert_true(rpc_answer(s, &message, &r->reply));
	strbuf_free(&message);
	return strbuf_str(&r->reply);
}

static void a_request_that_is_none_is_answered_with_the_right_tag(void **state)
{
	static const char *const cases[][2] = {
		{"<rpc", "malformed-message"},
		{"", "malformed-message"},
		{"<hello " RIG_NS "/>", "malformed-message"},
		{"<rpc message-id='1'><get/></rpc>", "malformed-message"},
		{"<rpc " RIG_NS "><get/></rpc>", "missing-attribute"},
		{"<rpc " RIG_NS " message-id='1'/>", "missing-element"},
		{"<rpc " RIG_NS " message-id='1'><get/><get/></rpc>", "unknown-element"},
		{"<rpc " RIG_NS " message-id='1'><foo/></rpc>",
		 "operation-not-supported"},
		{"<rpc " RIG_NS " message-id='1'><get xmlns='u'/></rpc>",
		 "operation-not-supported"},
		{"<rpc " RIG_NS " message-id='1'><get><foo/></get></rpc>",
		 "unknown-element"},
		{"<rpc " RIG_NS " message-id='1'><get-config/></rpc>", "missing-element"},
		{"<rpc " RIG_NS " message-id='1'><lock><target/></lock></rpc>",
		 "missing-element"},
		{"<rpc " RIG_NS
		 " message-id='1'><lock><target><x/></target></lock></rpc>",
		 "unknown-element"},
		{"<rpc " RIG_NS
		 " message-id='1'><lock><target><url>x</url></target></lock></rpc>",
		 "operation-not-supported"},
		{"<rpc " RIG_NS " message-id='1'><kill-session><session-id>x</session-id>"
		 "</kill-session></rpc>",
		 "invalid-value"},
		{"<rpc " RIG_NS
		 " message-id='1'><kill-session><session-id>99</session-id>"
		 "</kill-session></rpc>",
		 "invalid-value"},
		{"<rpc " RIG_NS " message-id='1'><get><filter type='x'/></get></rpc>",
		 "bad-attribute"},
		{"<rpc " RIG_NS " message-id='1'><get><filter type='xpath'/></get></rpc>",
		 "missing-attribute"},
		{"<rpc " RIG_NS
		 " message-id='1'><edit-config><target><startup/></target><config/>"
		 "</edit-config></rpc>",
		 "operation-not-supported"},
		{"<rpc " RIG_NS " message-id='1'><edit-config><target><running/></target>"
		 "</edit-config></rpc>",
		 "missing-element"},
		{"<rpc " RIG_NS
		 " message-id='1'><delete-config><target><running/></target>"
		 "</delete-config></rpc>",
		 "operation-not-supported"},
	};
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	char tag[80];

	s->framing.chunked = true; /* base:1.1 has malformed-message */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(tag, sizeof(tag), "<error-tag>%s</error-tag>", cases[i][1]);
		if (!strstr(raw(r, s, cases[i][0]), tag))
			fail_msg("%s: expected %s, saw %s", cases[i][0], tag,
				 strbuf_str(&r->reply));
	}
	assert_string_equal(rig_config(r, s, "running"), "");
}

static void all_attributes_of_a_request_come_back(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	const char *reply =
		raw(r, s,
		    "<nc:rpc xmlns:nc='urn:ietf:params:xml:ns:netconf:base:1.0' "
		    "xmlns:e='urn:e' e:who=\"a&amp;'b\" nc:message-id='7' "
		    "message-id='&#10;7'><nc:discard-changes/></nc:rpc>");

	assert_string_equal(
		reply,
		"<nc:rpc-reply xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\" "
		"xmlns:e=\"urn:e\" e:who=\"a&amp;'b\" nc:message-id=\"7\" "
		"message-id=\"&#10;7\"><ok xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"/>"
		"</nc:rpc-reply>");
}

/* ---- the candidate ---- */

static void edits_of_the_candidate_gather_until_they_are_committed(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_edit(r, s, "candidate", "", MTU(1400));
	rig_edit(r, s, "candidate", "",
		 "<wgrd " RIG_W "><tenant><name>red</name></tenant></wgrd>");
	assert_string_equal(rig_config(r, s, "running"), "");
	assert_string_equal(rig_config(r, s, "candidate"),
			    IN_MTU(1400) "<tenant><name>red</name></tenant>");
	rig_must(r, s, "<commit/>");
	assert_string_equal(rig_config(r, s, "running"),
			    IN_MTU(1400) "<tenant><name>red</name></tenant>");
	assert_int_equal(r->commits, 1);
	rig_must(r, s, "<commit/>"); /* of nothing */
	assert_int_equal(r->commits, 1);
}

static void discarded_edits_are_gone(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_edit(r, s, "candidate", "", MTU(1400));
	rig_must(r, s, "<discard-changes/>");
	assert_string_equal(rig_config(r, s, "candidate"), "");
	rig_must(r, s, "<commit/>");
	assert_int_equal(r->commits, 0);
}

/* As a line of the CLI or a request of wg(8) does it. */
static int other_edit(struct rig *r, const char *path, const char *value, char *why)
{
	struct candidate c = {.ds = r->ds};
	struct conf_edit e = {.path = (char *)path, .value = (char *)value};
	int err = candidate_take(&c, why, 200);

	if (!err)
		err = candidate_edit(&c, &e, why, 200) ?: candidate_commit(&c, why, 200);
	candidate_drop(&c);
	return err;
}

static void edits_of_another_front_end_do_not_mix_with_the_candidates(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	char why[200];

	rig_edit(r, s, "candidate", "", MTU(1400));
	assert_int_equal(other_edit(r, "tenant[name='red']/table", "7", why), 0);
	assert_string_equal(rig_config(r, s, "running"),
			    "<tenant><name>red</name><table>7</table></tenant>");
	assert_string_equal(
		rig_config(r, s, "candidate"),
		IN_MTU(1400) "<tenant><name>red</name><table>7</table></tenant>");
}

static void validate_says_what_a_commit_would_say(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	const char *validate = "<validate><source><candidate/></source></validate>";

	rig_must(r, s, validate);
	rig_edit(r, s, "candidate", "",
		 "<wgrd " RIG_W "><tenant><name>a</name><table>7</table></tenant>"
		 "<tenant><name>b</name><table>7</table></tenant></wgrd>");
	rig_has(rig_rpc(r, s, validate), "operation-failed", "w:tenant", NULL);
	rig_edit(r, s, "candidate", "",
		 "<wgrd " RIG_W
		 "><tenant><name>b</name><table>8</table></tenant></wgrd>");
	rig_must(r, s, validate);
	rig_must(r, s, "<validate><source><running/></source></validate>");
	rig_must(r, s,
		 "<validate><source><config>" MTU(1400) "</config></source></validate>");
	rig_has(rig_rpc(r, s,
			"<validate><source><config>" MTU(
				1) "</config></source></validate>"),
		"invalid-value", NULL);
	assert_int_equal(r->commits, 0);
	rig_has(rig_config(r, s, "candidate"), "<table>8<", NULL);
}

/* ---- locks ---- */

static void a_lock_keeps_all_others_from_writing(void **state)
{
	struct rig *r = *state;
	struct netconf_session *a = rig_login(r, "root", 0), *b = rig_login(r, "root", 0);
	char why[200];

	rig_must(r, a, LOCK("running"));
	rig_has(rig_rpc(r, b, LOCK("running")), "lock-denied",
		"<session-id>1</session-id>", NULL);
	rig_has(rig_rpc(r, a, LOCK("running")), "lock-denied", NULL);
	rig_has(rig_edit(r, b, "running", "", MTU(1400)), "in-use", NULL);
	rig_has(rig_rpc(r, b, "<commit/>"), "in-use", NULL);
	rig_has(rig_rpc(r, b, UNLOCK("running")), "operation-failed", NULL);
	assert_int_equal(other_edit(r, "tenant[name='red']", NULL, why), -EBUSY);
	rig_has(why, "NETCONF session 1 of root has locked the configuration", NULL);
	rig_has(rig_edit(r, a, "running", "", MTU(1400)), "<ok", NULL);
	rig_must(r, a, UNLOCK("running"));
	assert_int_equal(other_edit(r, "tenant[name='red']", NULL, why), 0);
	rig_has(rig_edit(r, b, "running", "", MTU(1300)), "<ok", NULL);
}

static void a_candidate_with_changes_cannot_be_locked(void **state)
{
	struct rig *r = *state;
	struct netconf_session *a = rig_login(r, "root", 0), *b = rig_login(r, "root", 0);

	rig_edit(r, a, "candidate", "", MTU(1400));
	rig_has(rig_rpc(r, b, LOCK("candidate")), "lock-denied",
		"<session-id>0</session-id>", NULL);
	rig_must(r, b, "<discard-changes/>");
	rig_must(r, b, LOCK("candidate"));
	rig_has(rig_edit(r, a, "candidate", "", MTU(1400)), "in-use", NULL);
	rig_has(rig_rpc(r, a, "<discard-changes/>"), "in-use", NULL);
}

static void who_leaves_takes_his_locks_and_his_changes_along(void **state)
{
	struct rig *r = *state;
	struct netconf_session *a = rig_login(r, "root", 0), *b = rig_login(r, "root", 0);
	char why[200];

	rig_must(r, a, LOCK("candidate"));
	rig_must(r, a, LOCK("running"));
	rig_edit(r, a, "candidate", "", MTU(1400));
	netconf_session_end(a);
	assert_string_equal(rig_config(r, b, "candidate"), "");
	rig_must(r, b, LOCK("candidate"));
	assert_int_equal(other_edit(r, "tenant[name='red']", NULL, why), 0);
}

static void a_killed_session_is_gone(void **state)
{
	struct rig *r = *state;
	struct netconf_session *a = rig_login(r, "root", 0), *b = rig_login(r, "root", 0);

	rig_must(r, b, LOCK("running"));
	rig_has(rig_rpc(r, a, "<kill-session><session-id>1</session-id></kill-session>"),
		"invalid-value", NULL);
	rig_must(r, a, "<kill-session><session-id>2</session-id></kill-session>");
	assert_int_equal(r->n->count, 1);
	rig_must(r, a, LOCK("running"));
}

/* ---- startup ---- */

static void running_is_saved_as_the_configuration_file(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	char line[64] = "";
	FILE *f;

	assert_string_equal(rig_config(r, s, "startup"), "");
	rig_edit(r, s, "running", "", MTU(1400));
	rig_must(r, s, COPY("<running/>", "startup"));
	f = fopen(rig_path(r, "wgrd.conf"), "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) && strcmp(line, "wireguard wg0\n") != 0)
		;
	assert_string_equal(line, "wireguard wg0\n");
	fclose(f);
	assert_string_equal(rig_config(r, s, "startup"), IN_MTU(1400));
	rig_must(r, s, "<validate><source><startup/></source></validate>");
}

static void startup_comes_back_as_running_or_candidate(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_write(r, "wgrd.conf", "wireguard wg0\n mtu 1300\n");
	rig_edit(r, s, "running", "",
		 "<wgrd " RIG_W "><tenant><name>red</name></tenant></wgrd>");
	rig_must(r, s, COPY("<startup/>", "candidate"));
	assert_string_equal(rig_config(r, s, "candidate"), IN_MTU(1300));
	rig_must(r, s, COPY("<running/>", "candidate"));
	rig_has(rig_config(r, s, "candidate"), "red", NULL);
	rig_must(r, s, COPY("<startup/>", "running"));
	assert_string_equal(rig_config(r, s, "running"), IN_MTU(1300));
	rig_edit(r, s, "candidate", "", MTU(1400));
	rig_must(r, s, COPY("<candidate/>", "running"));
	assert_string_equal(rig_config(r, s, "running"), IN_MTU(1400));
	rig_must(r, s, COPY("<config>" MTU(1350) "</config>", "running"));
	assert_string_equal(rig_config(r, s, "running"), IN_MTU(1350));
	rig_must(r, s, COPY("<config/>", "running"));
	assert_string_equal(rig_config(r, s, "running"), "");
	rig_has(rig_rpc(r, s, COPY("<running/>", "running")), "invalid-value", NULL);
	rig_has(rig_rpc(r, s, COPY("<candidate/>", "startup")), "operation-not-supported",
		NULL);
}

static void a_startup_that_is_wrong_is_told_with_its_line(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_write(r, "wgrd.conf", "wireguard wg0\n mtu 9\n");
	rig_has(rig_rpc(r, s, "<get-config><source><startup/></source></get-config>"),
		"operation-failed", "wgrd.conf:2:", NULL);
	rig_has(rig_rpc(r, s, COPY("<startup/>", "running")), "wgrd.conf:2:", NULL);
	assert_int_equal(r->commits, 0);
}

static void a_deleted_startup_is_empty(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	const char *del = "<delete-config><target><startup/></target></delete-config>";

	rig_write(r, "wgrd.conf", "wireguard wg0\n mtu 1300\n");
	rig_must(r, s, del);
	assert_int_equal(access(rig_path(r, "wgrd.conf"), F_OK), -1);
	rig_must(r, s, del);
	assert_string_equal(rig_config(r, s, "startup"), "");
}

static void without_a_file_there_is_no_startup(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	free((char *)r->n->deps.config_path);
	r->n->deps.config_path = NULL;
	r->n->deps.keys_in_files = true;
	rig_has(rig_rpc(r, s, COPY("<running/>", "startup")), "operation-not-supported",
		"frr.conf", NULL);
	rig_has(rig_rpc(r, s, "<get-config><source><startup/></source></get-config>"),
		"operation-not-supported", NULL);
	rig_has(rig_edit(
			r, s, "running", "",
			"<wgrd " RIG_W "><wireguard><name>wg0</name><private-key>"
			"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=</private-key></wireguard></wgrd>"),
		"operation-failed", "w:private-key<", "file", NULL);
	assert_string_equal(rig_config(r, s, "running"), "");
}

/* ---- modules ---- */

#define SCHEMA(in)                                                                    \
	"<get-schema xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring'>" in \
	"</get-schema>"

static void each_module_can_be_fetched(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_has(rig_rpc(r, s, SCHEMA("<identifier>wgrd</identifier>")), "module wgrd {",
		NULL);
	rig_has(rig_rpc(r, s,
			SCHEMA("<identifier>wgrd-state</identifier><format>yang</format>")),
		"module wgrd-state {", NULL);
	rig_has(rig_rpc(r, s,
			SCHEMA("<identifier>ietf-netconf</identifier>"
			       "<version>2011-06-01</version>")),
		"module ietf-netconf {", NULL);
	rig_has(rig_rpc(r, s, SCHEMA("<identifier>x</identifier>")), "invalid-value",
		NULL);
	rig_has(rig_rpc(r, s,
			SCHEMA("<identifier>wgrd</identifier><version>1</version>")),
		"invalid-value", NULL);
	rig_has(rig_rpc(r, s,
			SCHEMA("<identifier>wgrd</identifier><format>yin</format>")),
		"invalid-value", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(a_request_that_is_none_is_answered_with_the_right_tag),
		RIG_TEST(all_attributes_of_a_request_come_back),
		RIG_TEST(edits_of_the_candidate_gather_until_they_are_committed),
		RIG_TEST(discarded_edits_are_gone),
		RIG_TEST(edits_of_another_front_end_do_not_mix_with_the_candidates),
		RIG_TEST(validate_says_what_a_commit_would_say),
		RIG_TEST(a_lock_keeps_all_others_from_writing),
		RIG_TEST(a_candidate_with_changes_cannot_be_locked),
		RIG_TEST(who_leaves_takes_his_locks_and_his_changes_along),
		RIG_TEST(a_killed_session_is_gone),
		RIG_TEST(running_is_saved_as_the_configuration_file),
		RIG_TEST(startup_comes_back_as_running_or_candidate),
		RIG_TEST(a_startup_that_is_wrong_is_told_with_its_line),
		RIG_TEST(a_deleted_startup_is_empty),
		RIG_TEST(without_a_file_there_is_no_startup),
		RIG_TEST(each_module_can_be_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
