/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit-config, as a table: what is there, what is asked, what is there then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/wgrd/netconf/rig.h"

#define W0(in)   "<wireguard><name>wg0</name>" in "</wireguard>"
#define P(n, in) "<peer><name>" n "</name>" in "</peer>"
#define RED(in)  "<tenant><name>red</name>" in "</tenant>"
#define OP(op)   " nc:operation='" op "'"
#define ALL(in)  "<wgrd " RIG_W ">" in "</wgrd>"
#define REPLACE  "<default-operation>replace</default-operation>"
#define NONE     "<default-operation>none</default-operation>"

struct case_ {
	const char *options;
	const char *before, *config;      /* within <wgrd> */
	const char *after;                /* NULL: refused, and as before */
	const char *tag, *path, *element; /* of the error */
};

static const struct case_ cases[] = {
	/* merge */
	{"", "", W0("<mtu>1400</mtu>"), W0("<mtu>1400</mtu>"), NULL, NULL, NULL},
	{"", W0("<mtu>1400</mtu>"), W0("<mtu>1300</mtu><listen-port>7</listen-port>"),
	 W0("<listen-port>7</listen-port><mtu>1300</mtu>"), NULL, NULL, NULL},
	{"", W0("<address>10.0.0.1/8</address>"), W0("<address>fd00::1/64</address>"),
	 W0("<address>10.0.0.1/8</address><address>fd00::1/64</address>"), NULL, NULL,
	 NULL},
	{"", "", W0("<address>FD00:0::1/64</address>"),
	 W0("<address>fd00::1/64</address>"), NULL, NULL, NULL},
	{"", "", W0("<shutdown/>"), W0("<shutdown/>"), NULL, NULL, NULL},
	{"", W0(P("a", "")), W0(P("b", "")), W0(P("a", "") P("b", "")), NULL, NULL, NULL},
	{"", "", "", "", NULL, NULL, NULL},
	{"", "", "<wireguard><mtu>1400</mtu><name>wg0</name></wireguard>",
	 W0("<mtu>1400</mtu>"), NULL, NULL, NULL},
	/* create */
	{"", "", "<wireguard" OP("create") "><name>wg0</name></wireguard>", W0(""), NULL,
	 NULL, NULL},
	{"", W0(""), "<wireguard" OP("create") "><name>wg0</name></wireguard>", NULL,
	 "data-exists", "/w:wgrd/w:wireguard[w:name='wg0']<", "wireguard"},
	{"", W0("<mtu>1420</mtu>"), W0("<mtu" OP("create") ">1400</mtu>"), NULL,
	 "data-exists", "w:mtu", "mtu"},
	/* 1420 is there by default, which is not there */
	{"", W0(""), W0("<mtu" OP("create") ">1420</mtu>"), W0("<mtu>1420</mtu>"), NULL,
	 NULL, NULL},
	{"", W0("<address>10.0.0.1/8</address>"),
	 W0("<address" OP("create") ">10.0.0.1/8</address>"), NULL, "data-exists",
	 "w:address", "address"},
	/* delete and remove */
	{"", W0("<mtu>1400</mtu>"), W0("<mtu" OP("delete") "/>"), W0(""), NULL, NULL,
	 NULL},
	{"", W0("<mtu>1400</mtu>"), W0("<mtu" OP("delete") ">1400</mtu>"), W0(""), NULL,
	 NULL, NULL},
	{"", W0(""), W0("<mtu" OP("delete") "/>"), NULL, "data-missing", "w:mtu", "mtu"},
	{"", W0(""), W0("<mtu" OP("remove") "/>"), W0(""), NULL, NULL, NULL},
	{"", W0("<mtu>1400</mtu>"),
	 "<wireguard" OP("delete") "><name>wg0</name></wireguard>", "", NULL, NULL, NULL},
	{"", "", "<wireguard" OP("delete") "><name>wg0</name></wireguard>", NULL,
	 "data-missing", "w:wireguard", "wireguard"},
	{"", "", "<wireguard" OP("remove") "><name>wg0</name></wireguard>", "", NULL,
	 NULL, NULL},
	{"", W0("<address>10.0.0.1/8</address><address>fd00::1/64</address>"),
	 W0("<address" OP("delete") ">10.0.0.1/8</address>"),
	 W0("<address>fd00::1/64</address>"), NULL, NULL, NULL},
	{"", W0("<address>10.0.0.1/8</address>"),
	 W0("<address" OP("delete") ">10.0.0.2/8</address>"), NULL, "data-missing",
	 "w:address", "address"},
	{"", "<dataplane><workers>2</workers></dataplane>",
	 "<dataplane" OP("delete") "/>", "", NULL, NULL, NULL},
	/* replace */
	{"", W0("<listen-port>7</listen-port><mtu>1400</mtu>" P("a", "")),
	 "<wireguard" OP("replace") "><name>wg0</name><mtu>1300</mtu></wireguard>",
	 W0("<mtu>1300</mtu>"), NULL, NULL, NULL},
	{"", W0("<mtu>1400</mtu>"), W0("<mtu" OP("replace") ">1300</mtu>"),
	 W0("<mtu>1300</mtu>"), NULL, NULL, NULL},
	{REPLACE, W0("<mtu>1400</mtu>") RED("<table>7</table>"), RED("<table>8</table>"),
	 RED("<table>8</table>"), NULL, NULL, NULL},
	{REPLACE, W0("<mtu>1400</mtu>"), W0("<mtu>1400</mtu>"), W0("<mtu>1400</mtu>"),
	 NULL, NULL, NULL},
	/* none */
	{NONE, W0(""), W0("<mtu>1400</mtu>"), W0(""), NULL, NULL, NULL},
	{NONE, W0(""), W0("<mtu" OP("merge") ">1400</mtu>"), W0("<mtu>1400</mtu>"), NULL,
	 NULL, NULL},
	{NONE, "", W0("<mtu" OP("merge") ">1400</mtu>"), NULL, "data-missing",
	 "w:wireguard", "wireguard"},
	/* operations in each other */
	{"", W0(P("a", "") P("b", "")),
	 W0("<peer" OP("delete") "><name>a</name></peer><peer" OP(
		 "create") "><name>c</name>"
			   "<max-prefix>9</max-prefix></peer>"),
	 W0(P("b", "") P("c", "<max-prefix>9</max-prefix>")), NULL, NULL, NULL},
	/* what cannot be */
	{"", "", "<foo/>", NULL, "unknown-element", "/w:wgrd", "foo"},
	{"", "", W0("<foo/>"), NULL, "unknown-element", "w:wireguard", "foo"},
	{"", "", W0("<mtu xmlns='urn:x'>1400</mtu>"), NULL, "unknown-namespace",
	 "w:wireguard", "mtu"},
	{"", "", "<wireguard><mtu>1400</mtu></wireguard>", NULL, "missing-element",
	 "w:wireguard", "name"},
	{"", "", "<wireguard><name>a b</name></wireguard>", NULL, "invalid-value",
	 "w:wireguard", "name"},
	{"", "", "<wireguard><name>x'] | /*</name></wireguard>", NULL, "invalid-value",
	 "w:wireguard", "name"},
	{"", "", W0("<mtu>9</mtu>"), NULL, "invalid-value", "w:mtu", "mtu"},
	{"", "", W0("<mtu/>"), NULL, "invalid-value", "w:mtu", "mtu"},
	{"", "", W0("<mtu><x/></mtu>"), NULL, "unknown-element", "w:mtu", "x"},
	{"", "", W0("<mtu" OP("merges") ">1400</mtu>"), NULL, "bad-attribute", "w:mtu",
	 "mtu"},
	{"", "", W0("<mtu" OP("none") ">1400</mtu>"), NULL, "bad-attribute", "w:mtu",
	 "mtu"},
	{"", "", RED("<supernet>10.0.0.1/8</supernet>"), NULL, "invalid-value",
	 "w:supernet", "supernet"},
	{"<default-operation>delete</default-operation>", "", "", NULL, "invalid-value",
	 NULL, "default-operation"},
	{"<test-option>x</test-option>", "", "", NULL, "invalid-value", NULL,
	 "test-option"},
	{"<error-option>x</error-option>", "", "", NULL, "invalid-value", NULL,
	 "error-option"},
	{"<foo/>", "", "", NULL, "unknown-element", NULL, "foo"},
	/* options */
	{"<test-option>test-only</test-option>", W0(""), W0("<mtu>1400</mtu>"), W0(""),
	 NULL, NULL, NULL},
	{"<test-option>test-then-set</test-option>", "", W0("<mtu>1400</mtu>"),
	 W0("<mtu>1400</mtu>"), NULL, NULL, NULL},
	{"<test-option>set</test-option>", "", W0("<mtu>1400</mtu>"),
	 W0("<mtu>1400</mtu>"), NULL, NULL, NULL},
	{"<test-option>test-only</test-option>", RED("<table>7</table>"),
	 "<tenant><name>blue</name><table>7</table></tenant>", NULL, "operation-failed",
	 "w:tenant", NULL},
	{"<test-option>test-then-set</test-option>", RED("<table>7</table>"),
	 "<tenant><name>blue</name><table>7</table></tenant>", NULL, "operation-failed",
	 "w:tenant", NULL},
};

static void check_error(const struct case_ *c, const char *reply)
{
	char tag[80], element[80];

	snprintf(tag, sizeof(tag), "<error-tag>%s</error-tag>", c->tag);
	rig_has(reply, tag, NULL);
	if (c->path)
		rig_has(reply, c->path, NULL);
	if (!c->element)
		return;
	snprintf(element, sizeof(element), "<bad-element>%s</bad-element>", c->element);
	rig_has(reply, element, NULL);
}

static void run(const struct case_ *c, const char *target)
{
	struct rig *r = rig_new();
	struct netconf_session *s = rig_login(r, "root", 0);
	const char *after = c->after ?: c->before, *reply, *seen;
	char config[1024];

	snprintf(config, sizeof(config), ALL("%s"), c->before);
	rig_has(rig_edit(r, s, "running", "", config), "<ok", NULL);
	snprintf(config, sizeof(config), ALL("%s"), c->config);
	reply = rig_edit(r, s, target, c->options, config);
	if (c->tag)
		check_error(c, reply);
	else if (strncmp(reply, "<ok", 3) != 0)
		fail_msg("%s: %s", config, reply);
	seen = rig_config(r, s, target);
	if (strcmp(seen, after) != 0)
		fail_msg("%s of %s to %s: expected %s\nsaw %s", target, c->before, config,
			 after, seen);
	rig_free(r);
}

static void each_operation_does_what_rfc_6241_says_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(&cases[i], "running");
		run(&cases[i], "candidate");
	}
}

#define KEY "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define BAD "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"

static void a_key_and_a_file_of_it_take_turns(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_edit(r, s, "candidate", "",
		 ALL(W0("<private-key-file>/k</private-key-file>")));
	rig_edit(r, s, "candidate", "", ALL(W0("<private-key>" KEY "</private-key>")));
	assert_string_equal(rig_config(r, s, "candidate"),
			    W0("<private-key>" KEY "</private-key>"));
}

static void no_error_has_a_key_in_it(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	const char *reply = rig_edit(r, s, "running", "",
				     ALL(W0("<private-key>" BAD "</private-key>")));

	rig_has(reply, "<error-tag>invalid-value<", "private-key: the value is not a key",
		NULL);
	assert_null(strstr(reply, BAD));
}

static void all_errors_of_an_edit_are_told_and_nothing_is_done(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	const char *reply = rig_edit(
		r, s, "running", "",
		ALL(W0("<mtu>1</mtu><dscp>x</dscp><listen-port>7</listen-port>")));

	rig_has(reply, "<bad-element>mtu<", "<bad-element>dscp<", NULL);
	assert_string_equal(rig_config(r, s, "running"), "");
	assert_int_equal(r->commits, 0);
}

static void with_continue_on_error_the_rest_is_done(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	const char *reply = rig_edit(r, s, "running",
				     "<error-option>continue-on-error</error-option>",
				     ALL(W0("<mtu>1</mtu><listen-port>7</listen-port>")));

	rig_has(reply, "<bad-element>mtu<", NULL);
	assert_string_equal(rig_config(r, s, "running"),
			    W0("<listen-port>7</listen-port>"));
}

static void thousands_of_errors_are_told_by_the_first_few(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	struct strbuf config = {0};
	const char *reply;
	unsigned errors = 0;

	strbuf_puts(&config, "<wgrd " RIG_W ">");
	for (unsigned i = 0; i < 5000; i++)
		strbuf_puts(&config, "<foo/>");
	strbuf_puts(&config, "</wgrd>");
	reply = rig_edit(r, s, "running", "", config.s);
	while ((reply = strstr(reply, "<rpc-error"))) {
		errors++;
		reply++;
	}
	assert_int_equal(errors, 32);
	strbuf_free(&config);
}

static void a_commit_that_is_refused_changes_nothing_and_names_the_node(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	const char *config = ALL(RED(
		"<table>7</table>") "<tenant><name>blue</name><table>7</table></tenant>");

	rig_has(rig_edit(r, s, "candidate", "", config), "<ok", NULL);
	rig_has(rig_rpc(r, s, "<commit/>"), "<error-tag>operation-failed<", "w:table<",
		"tenant", NULL);
	assert_string_equal(rig_config(r, s, "running"), "");
	rig_has(rig_config(r, s, "candidate"), "blue", NULL); /* to be put right */
	rig_edit(r, s, "candidate", "",
		 ALL("<tenant><name>blue</name><table>8</table></tenant>"));
	rig_must(r, s, "<commit/>");
	assert_int_equal(r->commits, 1);
}

#define EDIT_DATA(datastore, in)                                                       \
	"<edit-data xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-nmda' "            \
	"xmlns:ds='urn:ietf:params:xml:ns:yang:ietf-datastores'><datastore>" datastore \
	"</datastore>" in "</edit-data>"

static void edit_data_edits_as_edit_config_does(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_must(r, s,
		 EDIT_DATA("ds:running",
			   "<config>" ALL(RED("<table>7</table>")) "</config>"));
	assert_string_equal(rig_config(r, s, "running"), RED("<table>7</table>"));
	rig_must(r, s,
		 EDIT_DATA("ds:candidate",
			   "<default-operation>replace</default-operation>"
			   "<config>" ALL(W0("")) "</config>"));
	assert_string_equal(rig_config(r, s, "candidate"), W0(""));
	rig_has(rig_rpc(r, s, EDIT_DATA("ds:operational", "<config/>")), "invalid-value",
		NULL);
	rig_has(rig_rpc(r, s, EDIT_DATA("ds:x", "<config/>")), "invalid-value", NULL);
	rig_has(rig_rpc(r, s, EDIT_DATA("ds:running", "")), "missing-element", NULL);
	rig_has(rig_rpc(r, s,
			EDIT_DATA("ds:running", "<config>" ALL("<foo/>") "</config>")),
		"unknown-element", NULL);
}

static void a_config_without_a_namespace_is_taken_as_meant(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_must(r, s,
		 "<edit-config><target><running/></target><config xmlns=''>" ALL(
			 RED("")) "</config></edit-config>");
	rig_must(r, s, "<validate><source><config xmlns=''/></source></validate>");
	rig_has(rig_rpc(r, s,
			"<edit-config><target xmlns=''><running/></target><config/>"
			"</edit-config>"),
		"unknown-element", NULL);
	assert_string_equal(rig_config(r, s, "running"), RED(""));
}

static void a_module_that_is_not_ours_is_no_configuration(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_has(rig_edit(r, s, "running", "",
			 "<nacm xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-acm'/>"),
		"<error-tag>operation-not-supported<", "<bad-element>nacm<", NULL);
	rig_has(rig_edit(r, s, "running", "",
			 "<wgrd-state xmlns='urn:wgrd:yang:wgrd-state'/>"),
		"<error-tag>unknown-element<", NULL);
	rig_has(rig_edit(r, s, "running", "", "<wgrd/>"), "<error-tag>unknown-element<",
		NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_does_what_rfc_6241_says_of_it),
		RIG_TEST(a_key_and_a_file_of_it_take_turns),
		RIG_TEST(no_error_has_a_key_in_it),
		RIG_TEST(all_errors_of_an_edit_are_told_and_nothing_is_done),
		RIG_TEST(with_continue_on_error_the_rest_is_done),
		RIG_TEST(thousands_of_errors_are_told_by_the_first_few),
		RIG_TEST(a_commit_that_is_refused_changes_nothing_and_names_the_node),
		RIG_TEST(edit_data_edits_as_edit_config_does),
		RIG_TEST(a_config_without_a_namespace_is_taken_as_meant),
		RIG_TEST(a_module_that_is_not_ours_is_no_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
