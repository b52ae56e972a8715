/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations of wgrd-actions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/wgrd/netconf/rig.h"
#include "wgrd/conf/conf.h"

#define DO(name, in) "<" name " xmlns='urn:wgrd:yang:wgrd-actions'>" in "</" name ">"
#define EDIT(n) \
	"<wgrd " RIG_W "><tenant><name>red</name><table>" #n "</table></tenant></wgrd>"
#define RED(n) "<tenant><name>red</name><table>" #n "</table></tenant>"

static void a_peer_is_cleared_by_name_and_interface(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_must(r, s, DO("clear-peer", "<peer>hub</peer>"));
	assert_int_equal(fake_state.cleared, 1);
	assert_int_equal(fake_state.released, 1);
	rig_must(r, s, DO("clear-peer", "<interface>wg0</interface><peer>hub</peer>"));
	assert_int_equal(fake_state.cleared, 2);
	rig_has(rig_rpc(r, s,
			DO("clear-peer", "<interface>wg1</interface><peer>hub</peer>")),
		"invalid-value", "there is no peer hub", "<bad-element>peer<", NULL);
	rig_has(rig_rpc(r, s, DO("clear-peer", "<peer>x</peer>")), "invalid-value", NULL);
	rig_has(rig_rpc(r, s, DO("clear-peer", "")), "missing-element", NULL);
	assert_int_equal(fake_state.cleared, 2);
}

static void a_tenant_is_cleared_by_name(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_must(r, s, DO("clear-tenant", "<tenant>red</tenant>"));
	assert_int_equal(fake_state.released, 1);
	rig_has(rig_rpc(r, s, DO("clear-tenant", "<tenant>x</tenant>")), "invalid-value",
		"there is no tenant x", NULL);
}

static uint64_t newest(const struct rig *r)
{
	return commit_log_now(datastore_commit_log(r->ds));
}

static const char *rollback(struct rig *r, struct netconf_session *s, uint64_t commit)
{
	char op[160];

	snprintf(op, sizeof(op), DO("rollback", "<commit>%llu</commit>"),
		 (unsigned long long)commit);
	return rig_rpc(r, s, op);
}

static void a_rollback_is_a_commit_of_its_own(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	uint64_t seven, nine;

	rig_edit(r, s, "running", "", EDIT(7));
	seven = newest(r);
	rig_edit(r, s, "running", "", EDIT(9));
	nine = newest(r);
	rig_has(rollback(r, s, seven), "<ok", NULL);
	assert_string_equal(rig_config(r, s, "running"), RED(7));
	assert_true(newest(r) > nine);
	assert_string_equal(commit_log_get(datastore_commit_log(r->ds), 0)->origin.user,
			    "root");
	rig_has(rollback(r, s, nine), "<ok", NULL);
	assert_string_equal(rig_config(r, s, "running"), RED(9));
	rig_has(rollback(r, s, 4711), "invalid-value", "not among those remembered",
		NULL);
	rig_has(rig_rpc(r, s, DO("rollback", "<commit>x</commit>")), "invalid-value",
		NULL);
	rig_has(rig_rpc(r, s, DO("rollback", "<commit/>")), "invalid-value", NULL);
}

static void keys_are_renewed_where_there_is_an_endpoint(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_has(rig_rpc(r, s, DO("rekey", "")),
		"<begun xmlns=\"urn:wgrd:yang:wgrd-actions\">1</begun>", ">1</inactive>",
		">0</without-endpoint>", ">0</in-kernel>", NULL);
	assert_int_equal(fake_state.probed, 1);
	rig_has(rig_rpc(r, s,
			DO("rekey", "<interface>wg0</interface><peer>hub</peer>"
				    "<tenant>red</tenant>")),
		">1</begun>", ">0</inactive>", NULL);
	rig_has(rig_rpc(r, s, DO("rekey", "<tenant>blue</tenant>")), "invalid-value",
		"there is no peer of blue", NULL);
	rig_has(rig_rpc(r, s, DO("rekey", "<interface>wg1</interface><peer>hub</peer>")),
		"invalid-value", "there is no peer hub of wg1", NULL);
	assert_int_equal(fake_state.probed, 2);
	fake_state.in_kernel = true;
	rig_has(rig_rpc(r, s, DO("rekey", "")), ">0</begun>", ">1</in-kernel>", NULL);
	assert_int_equal(fake_state.probed, 2);
}

#define KEY_OLD "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define KEY_NEW "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define LOST                                                                    \
	"<wgrd " RIG_W "><wireguard><name>wg0</name><peer><name>lost</name>"    \
	"<public-key>" KEY_OLD "</public-key><additional-key><name>next</name>" \
	"<public-key>" KEY_NEW                                                  \
	"</public-key></additional-key></peer></wireguard></wgrd>"

static const struct conf_peer *lost(const struct rig *r)
{
	return conf_find_peer(conf_find_wireguard(datastore_conf(r->ds), "wg0"), "lost");
}

static void a_peer_is_revoked_with_all_its_keys(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	const struct commit_record *c;
	char *file;

	rig_write(r, "wgrd.conf", "! mine\n\nwireguard wg0\n exit\n");
	rig_edit(r, s, "running", "", LOST);
	assert_false(lost(r)->revoked);
	rig_has(rig_rpc(r, s, DO("revoke", "<peer>lost</peer>")), ">2</keys-revoked>",
		NULL);
	assert_null(strstr(strbuf_str(&r->reply), "not-saved"));
	assert_true(lost(r)->revoked);
	assert_true(lost(r)->additional_key[0].revoked);
	c = commit_log_get(datastore_commit_log(r->ds), 0);
	assert_string_equal(c->origin.user, "root");
	assert_string_equal(c->origin.from, "netconf, revoke lost");
	assert_int_equal(c->forward.count, 2);
	/* its comments too are as they were */
	file = temp_dir_read(rig_path(r, "wgrd.conf"));
	assert_string_equal(file, "! mine\n\nrevoked-key " KEY_OLD
				  "\nrevoked-key " KEY_NEW "\nwireguard wg0\n exit\n");
	free(file);
	rig_has(rig_config(r, s, "startup"), "<revoked-key>" KEY_OLD "<", NULL);
	rig_has(rig_rpc(r, s, DO("revoke", "<peer>lost</peer>")), ">0</keys-revoked>",
		NULL);
	assert_int_equal(commit_log_now(datastore_commit_log(r->ds)), c->id);
	rig_has(rig_rpc(r, s, DO("revoke", "<peer>nobody</peer>")), "invalid-value",
		"there is no peer nobody", NULL);
	rig_has(rig_rpc(r, s,
			DO("revoke", "<interface>wg1</interface><peer>lost</peer>")),
		"invalid-value", NULL);
}

static void no_rollback_lets_a_revoked_key_in(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	uint64_t before;

	rig_edit(r, s, "running", "", LOST);
	before = newest(r);
	rig_edit(r, s, "running", "", EDIT(9));
	rig_rpc(r, s, DO("revoke", "<public-key>" KEY_OLD "</public-key>"));
	assert_true(lost(r)->revoked);
	assert_false(lost(r)->additional_key[0].revoked);
	rig_has(rollback(r, s, before), "<ok", NULL);
	assert_null(conf_find_tenant(datastore_conf(r->ds), "red"));
	assert_true(lost(r)->revoked);
	/* whoever configures the peer anew does not either; who says so does */
	rig_edit(r, s, "running", "", LOST);
	assert_true(lost(r)->revoked);
	rig_edit(r, s, "running", "",
		 "<wgrd " RIG_W "><revoked-key xmlns:nc='" NS_BASE
		 "' nc:operation='delete'>" KEY_OLD "</revoked-key></wgrd>");
	assert_false(lost(r)->revoked);
}

static void what_cannot_be_saved_is_revoked_all_the_same(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_has(rig_rpc(r, s, DO("revoke", "<public-key>" KEY_OLD "</public-key>")),
		">1</keys-revoked>", "not-saved", "cannot be written: No such file",
		NULL);
	rig_has(rig_rpc(r, s, DO("revoke", "<public-key>x</public-key>")),
		"invalid-value", "a key has 32 octets", NULL);
	rig_has(rig_rpc(r, s, DO("revoke", "")), "missing-element", NULL);
	rig_has(rig_rpc(r, s,
			DO("revoke", "<public-key>" KEY_OLD "</public-key>"
				     "<peer>lost</peer>")),
		"unknown-element", NULL);
}

static void count_resync(void *arg)
{
	++*(unsigned *)arg;
}

static void everything_is_compared_when_asked(void **state)
{
	struct rig *r = *state;
	unsigned resyncs = 0;

	r->n->deps.resync = count_resync;
	r->n->deps.resync_arg = &resyncs;
	rig_must(r, rig_login(r, "root", 0), DO("resync", ""));
	assert_int_equal(resyncs, 1);
}

static void a_prefix_is_explained_with_those_that_cover_it(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "otto", 1000);
	const char *story = rig_rpc(r, s, DO("why", "<prefix>10.3.7.1</prefix>"));

	rig_has(story, "<route xmlns=\"urn:wgrd:yang:wgrd-actions\">",
		"<prefix>10.3.0.0/16</prefix>", "<backup>hub</backup>",
		"<state>failed</state>",
		"<route-error>Network is unreachable</route-error>",
		"<changed-seconds>3</changed-seconds>", NULL);
	rig_has(rig_rpc(r, s, DO("why", "<prefix>10.2.0.0/16</prefix>")),
		"<egress><peer>spoke2</peer><session>no public key</session>"
		"<weight>1</weight><rank>0</rank></egress><egress><peer>hub</peer>"
		"<session>up</session><weight>1</weight><rank>1</rank></egress>",
		"<ingress><peer>spoke2</peer><session>no public key</session></ingress>",
		NULL);
	rig_must(r, s, DO("why", "<prefix>203.0.113.1</prefix>"));
	rig_has(rig_rpc(r, s, DO("why", "<prefix>here</prefix>")), "invalid-value",
		"not a prefix", NULL);
}

static void who_may_not_read_routes_gets_no_explanation(void **state)
{
	struct rig *r;
	struct netconf_session *s;

	(void)state;
	rig_nacm = "<nacm xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-acm'>"
		   "<rule-list><name>l</name><group>*</group><rule><name>r</name>"
		   "<module-name>wgrd-state</module-name>"
		   "<path xmlns:s='urn:wgrd:yang:wgrd-state'>/s:wgrd-state/s:route</path>"
		   "<action>deny</action></rule></rule-list></nacm>";
	r = rig_new();
	rig_nacm = NULL;
	s = rig_login(r, "otto", 1000);
	rig_has(rig_rpc(r, s, DO("why", "<prefix>10.3.7.1</prefix>")), "access-denied",
		NULL);
	rig_free(r);
}

static void each_needs_a_rule(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "otto", 1000);

	rig_has(rig_rpc(r, s, DO("clear-peer", "<peer>hub</peer>")), "access-denied",
		NULL);
	rig_has(rig_rpc(r, s, DO("clear-tenant", "<tenant>red</tenant>")),
		"access-denied", NULL);
	rig_has(rollback(r, s, 1), "access-denied", NULL);
	rig_has(rig_rpc(r, s, DO("rekey", "")), "access-denied", NULL);
	rig_has(rig_rpc(r, s, DO("resync", "")), "access-denied", NULL);
	rig_has(rig_rpc(r, s, DO("revoke", "<public-key>" KEY_OLD "</public-key>")),
		"access-denied", NULL);
	assert_int_equal(fake_state.cleared + fake_state.released + fake_state.probed, 0);
}

static void a_rollback_respects_a_lock_of_others(void **state)
{
	struct rig *r = *state;
	struct netconf_session *root = rig_login(r, "root", 0);
	uint64_t seven;

	rig_edit(r, root, "running", "", EDIT(7));
	seven = newest(r);
	rig_edit(r, root, "running", "", EDIT(9));
	rig_must(r, root, "<lock><target><running/></target></lock>");
	rig_has(rollback(r, rig_login(r, "root", 0), seven), "in-use", NULL);
	assert_string_equal(rig_config(r, root, "running"), RED(9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(a_peer_is_cleared_by_name_and_interface),
		RIG_TEST(a_tenant_is_cleared_by_name),
		RIG_TEST(a_rollback_is_a_commit_of_its_own),
		RIG_TEST(keys_are_renewed_where_there_is_an_endpoint),
		RIG_TEST(a_peer_is_revoked_with_all_its_keys),
		RIG_TEST(no_rollback_lets_a_revoked_key_in),
		RIG_TEST(what_cannot_be_saved_is_revoked_all_the_same),
		RIG_TEST(everything_is_compared_when_asked),
		RIG_TEST(a_prefix_is_explained_with_those_that_cover_it),
		cmocka_unit_test(who_may_not_read_routes_gets_no_explanation),
		RIG_TEST(each_needs_a_rule),
		RIG_TEST(a_rollback_respects_a_lock_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
