/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read: filters, defaults, state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/wgrd/netconf/rig.h"

#define PEERS                                                             \
	"<peer><name>a</name><allowed-ip>10.1.0.0/16</allowed-ip></peer>" \
	"<peer><name>b</name><description>two words</description><max-prefix>9</max-prefix></peer>"
#define WG0   "<wireguard><name>wg0</name><mtu>1400</mtu>" PEERS "</wireguard>"
#define WG1   "<wireguard><name>wg1</name><listen-port>7</listen-port></wireguard>"
#define RED   "<tenant><name>red</name><table>7</table></tenant>"
#define STATE "xmlns='urn:wgrd:yang:wgrd-state'"

static struct netconf_session *start(struct rig *r)
{
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_has(rig_edit(r, s, "running", "", "<wgrd " RIG_W ">" WG0 WG1 RED "</wgrd>"),
		"<ok", NULL);
	return s;
}

/* What @filter leaves of running, without <data> and, if it is all there is, <wgrd>. */
static const char *get(struct rig *r, struct netconf_session *s, const char *filter,
		       const char *more)
{
	static char op[2048];
	const char *reply;
	char *begin, *end;

	snprintf(op, sizeof(op),
		 "<get-config><source><running/></source>%s%s</get-config>", filter,
		 more);
	reply = rig_rpc(r, s, op);
	begin = strstr(reply, "<wgrd ");
	if (!begin)
		return strstr(reply, "<rpc-error") ? reply : "";
	end = strstr(begin, "</wgrd>");
	if (end)
		*end = '\0';
	return strchr(begin, '>') + 1;
}

#define W(in) "<wgrd " RIG_W ">" in "</wgrd>"

/* A case is what the filter says and what it selects, or "!" and the error; it stands for the
 * "$" of @format. */
static void check_filter(struct rig *r, struct netconf_session *s, const char *format,
			 const char *const c[2])
{
	const char *before = format, *in = strchr(format, '$');
	char filter[1024];
	const char *seen;

	snprintf(filter, sizeof(filter), "%.*s%s%s", (int)(in - before), before, c[0],
		 in + 1);
	seen = get(r, s, filter, "");
	if (*c[1] == '!' ? !strstr(seen, c[1] + 1) : strcmp(seen, c[1]) != 0)
		fail_msg("%s: expected %s\nsaw %s", c[0], c[1], seen);
}

static void a_subtree_filter_selects_as_rfc_6241_says(void **state)
{
	static const char *const cases[][2] = {
		{W(""), WG0 WG1 RED}, /* a selection node */
		{"", ""},             /* of nothing there is nothing */
		{"<wgrd xmlns='urn:x'/>", ""},
		{"<wgrd xmlns=''/>", WG0 WG1 RED}, /* without a namespace: any */
		{"<x " RIG_W "/>", ""},
		{W("<tenant/>"), RED},
		{W("<tenant/><wireguard><name>wg1</name></wireguard>"), WG1 RED},
		{W("<wireguard><name/></wireguard>"),
		 "<wireguard><name>wg0</name></wireguard><wireguard><name>wg1</name></wireguard>"},
		{W("<wireguard><mtu/></wireguard>"),
		 "<wireguard><name>wg0</name><mtu>1400</mtu></wireguard>"},
		{W("<wireguard><mtu>1400</mtu></wireguard>"), WG0},
		{W("<wireguard><mtu>1300</mtu></wireguard>"), ""},
		{W("<wireguard><mtu> 1400\n</mtu><peer><name>a</name></peer></wireguard>"),
		 "<wireguard><name>wg0</name><mtu>1400</mtu><peer><name>a</name>"
		 "<allowed-ip>10.1.0.0/16</allowed-ip></peer></wireguard>"},
		{W("<wireguard><name>wg0</name><peer><name>b</name><max-prefix/></peer></wireguard>"),
		 "<wireguard><name>wg0</name><peer><name>b</name><max-prefix>9</max-prefix></peer>"
		 "</wireguard>"},
		{W("<wireguard><peer><description>two words</description><name/></peer></wireguard>"),
		 "<wireguard><name>wg0</name><peer><name>b</name><description>two words</description>"
		 "</peer></wireguard>"},
		{W("<wireguard><peer><name>x</name></peer></wireguard>"), ""},
		{W("<wireguard><foo/></wireguard>"), ""},
		{W("<wireguard><peer><name>a</name></peer><peer><name>b</name></peer></wireguard>"),
		 "<wireguard><name>wg0</name>" PEERS "</wireguard>"},
		{W("<wireguard><name>wg0</name><mtu/></wireguard>"
		   "<wireguard><name>wg0</name><peer><name>a</name></peer></wireguard>"),
		 "<wireguard><name>wg0</name><mtu>1400</mtu><peer><name>a</name>"
		 "<allowed-ip>10.1.0.0/16</allowed-ip></peer></wireguard>"},
	};
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_filter(r, s, "<filter>$</filter>", cases[i]);
}

#define XPATH "<filter type='xpath' xmlns:w='urn:wgrd:yang:wgrd' select=\"$\"/>"

static void an_xpath_filter_selects_nodes_with_the_way_to_them(void **state)
{
	static const char *const cases[][2] = {
		{"/w:wgrd", WG0 WG1 RED},
		{"/w:wgrd/w:tenant", RED},
		{"/w:wgrd/w:wireguard[w:name='wg1']", WG1},
		{"/w:wgrd/w:wireguard/w:mtu | /w:wgrd/w:tenant",
		 "<wireguard><name>wg0</name><mtu>1400</mtu></wireguard>" RED},
		{"//w:max-prefix[. > 8]",
		 "<wireguard><name>wg0</name><peer><name>b</name><max-prefix>9</max-prefix></peer>"
		 "</wireguard>"},
		{"/w:wgrd/w:wireguard[w:peer[w:name='a']]/w:mtu",
		 "<wireguard><name>wg0</name><mtu>1400</mtu></wireguard>"},
		{"/w:wgrd/w:wireguard[w:name='wgX']", ""},
	};
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_filter(r, s, XPATH, cases[i]);
}

#define WD \
	"<with-defaults xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults'>"

#define KEY "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static char *get_by(struct rig *r, struct netconf_session *s, const char *top,
		    const char *path, const char *more)
{
	char filter[512];

	snprintf(filter, sizeof(filter),
		 "<filter type='xpath' xmlns:w='urn:wgrd:yang:wgrd' select=\"%s%s\"/>",
		 top, path);
	return xstrdup(get(r, s, filter, more));
}

/* What is but a path is not left to libyang: it is the same with a predicate that says nothing and
 * makes it more than a path. */
static void a_path_selects_what_libyang_says(void **state)
{
	static const char *const paths[] = {
		"",
		"/w:wireguard",
		"/w:wireguard/w:name",
		"/w:wireguard/w:mtu",
		"/w:wireguard/w:private-key",
		"/w:wireguard[w:name='wg0']/w:private-key",
		"/w:wireguard[w:name='wg0']",
		"/w:wireguard[w:name='wg1']/w:name",
		"/w:wireguard[w:name='wg1']/w:mtu",
		"/wgrd:wireguard [ name = 'wg0' ] / peer",
		"/w:wireguard[w:name='wg0']/w:peer[w:name=&quot;b&quot;]/w:max-prefix",
		"/w:wireguard[w:name='wg0']/w:peer[w:name='a']/w:max-prefix",
		"/w:wireguard[w:name='wg1'][w:name='wg0']",
		"/w:wireguard/w:peer/w:allowed-ip",
		"/w:wireguard/w:peer[w:name='a']/w:allowed-ip | /w:wgrd/w:tenant",
		"/w:tenant[w:name='red']/w:table | /w:wgrd/w:tenant/w:name",
		"/w:tenant[w:name='blue']",
		"/w:tenant[w:name=' red']",
		"/w:tenant[w:name='']",
		"/w:tenant[w:table='7']",
		"/w:tenant/w:foo",
		"/w:*",
		"/w:wireguard/w:peer[2]",
		"/w:wireguard//w:name",
	};
	static const char *const modes[] = {"explicit", "report-all", "trim"};
	struct rig *r;
	struct netconf_session *s[2];
	char wd[200];

	(void)state;
	rig_nacm =
		"<nacm xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-acm'><rule-list>"
		"<name>l</name><group>*</group><rule><name>r</name><action>deny</action>"
		"<path xmlns:w='urn:wgrd:yang:wgrd'>/w:wgrd/w:tenant/w:table</path>"
		"</rule></rule-list></nacm>";
	r = rig_new();
	rig_nacm = NULL;
	s[0] = start(r);
	s[1] = rig_login(r, "otto", 1000);
	rig_edit(r, s[0], "running", "",
		 W("<wireguard><name>wg0</name><private-key>" KEY
		   "</private-key></wireguard>"));
	for (size_t i = 0; i < 2 * ARRAY_SIZE(paths) * ARRAY_SIZE(modes); i++) {
		const char *path = paths[i / 2 % ARRAY_SIZE(paths)];
		char *seen, *expected;

		snprintf(wd, sizeof(wd), WD "%s</with-defaults>",
			 modes[i / 2 / ARRAY_SIZE(paths)]);
		seen = get_by(r, s[i % 2], "/w:wgrd", path, wd);
		expected = get_by(r, s[i % 2], "/w:wgrd[true()]", path, wd);
		if (strcmp(seen, expected) != 0)
			fail_msg("%s of %s: expected %s\nsaw %s", path,
				 i % 2 ? "otto" : "root", expected, seen);
		free(seen);
		free(expected);
	}
	rig_free(r);
}

static void xpath_that_is_wrong_or_costs_too_much_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{"/w:wgrd[", "!invalid-value"},
		{"/w:wgrd]", "!invalid-value"},
		{"/x:wgrd", "!invalid-value"},
		{"/w:wgrd/w:wireguard['", "!invalid-value"},
		{"count(/w:wgrd)", "!invalid-value"},
		{"$x", "!invalid-value"},
		{"/w:wgrd/w:wireguard[w:name=../w:tenant/w:name]",
		 "!operation-not-supported"},
		{"/w:wgrd/w:wireguard[/w:wgrd/w:tenant]", "!operation-not-supported"},
		{"/w:wgrd/w:wireguard[count(//w:peer) = 1]", "!operation-not-supported"},
		{"/w:wgrd/w:wireguard/preceding-sibling::w:wireguard",
		 "!operation-not-supported"},
		{"/w:wgrd[w:wireguard/w:name = w:tenant/w:name]",
		 "!operation-not-supported"},
	};
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_filter(r, s, XPATH, cases[i]);
}

static void defaults_are_told_as_they_are_asked_for(void **state)
{
	static const char filter[] =
		"<filter>" W("<wireguard><name>wg1</name><mtu/></wireguard>") "</filter>";
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	assert_string_equal(get(r, s, filter, WD "explicit</with-defaults>"),
			    "<wireguard><name>wg1</name></wireguard>");
	assert_string_equal(get(r, s, filter, ""),
			    "<wireguard><name>wg1</name></wireguard>");
	assert_string_equal(get(r, s, filter, WD "report-all</with-defaults>"),
			    "<wireguard><name>wg1</name><mtu>1420</mtu></wireguard>");
	rig_has(get(r, s, filter, WD "report-all-tagged</with-defaults>"),
		":default=\"true\">1420</mtu>", NULL);
	rig_edit(r, s, "running", "",
		 W("<wireguard><name>wg1</name><mtu>1420</mtu></wireguard>"));
	assert_string_equal(get(r, s, filter, WD "explicit</with-defaults>"),
			    "<wireguard><name>wg1</name><mtu>1420</mtu></wireguard>");
	assert_null(strstr(get(r, s, filter, WD "trim</with-defaults>"), "mtu"));
	rig_has(get(r, s, filter, WD "x</with-defaults>"), "invalid-value", NULL);
}

/* ---- state ---- */

static const char *get_state(struct rig *r, struct netconf_session *s, const char *in)
{
	char op[1024];

	snprintf(op, sizeof(op),
		 "<get><filter><wgrd-state " STATE ">%s</wgrd-state></filter></get>", in);
	return rig_rpc(r, s, op);
}

static const char *get_state_by(struct rig *r, struct netconf_session *s,
				const char *xpath)
{
	char op[1024];

	snprintf(op, sizeof(op),
		 "<get><filter type='xpath' xmlns:s='urn:wgrd:yang:wgrd-state' "
		 "select=\"%s\"/></get>",
		 xpath);
	return rig_rpc(r, s, op);
}

static void state_has_every_part(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);
	const char *all = get_state(r, s, "");

	rig_has(all, "<system><version>0.1.0</version>",
		"<interface><name>wg0</name><up>true<",
		"<peer><interface>wg0</interface><name>hub</name><session>up<",
		"<endpoint>", "<last-handshake>20", "<tenant><name>red</name>",
		"<route><tenant>red</tenant><vrf>", "<verdict>", "<reason>",
		"<next-hop><gate>", "<installed><permissions>", "<zebra><state>up<",
		"<instance><instance>253</instance><state>up<",
		"<prefix>192.168.3.0/24</prefix><ifindex>7</ifindex>",
		"<dataplane><encryption>", "<thread><name>", "<counter><name>",
		"<drop><name>", "<route-state>", "<commit><number>1</number><time>20",
		"<user>root</user>", "<permission><interface>wg0<", NULL);
	assert_null(strstr(all, "<wgrd xmlns"));
}

/* What the show commands tell in JSON is to be had here too; see doc/json.md. */
static void state_tells_what_show_does(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	rig_has(get_state(r, s, "<interface/>"),
		"<adopted>true</adopted><foreign-peers>1</foreign-peers>"
		"<foreign-prefixes>2</foreign-prefixes>"
		"<degraded-prefixes>3</degraded-prefixes>",
		"<additional-key><name>2027</name><public-key>AgIC",
		"<additional-key><name>2028</name></additional-key>", NULL);
	fake_state.answered_ns = 1;
	rig_has(get_state(r, s, "<peer><name>hub</name></peer>"),
		"<preshared-key-set>true<", "<own-key-in-use>2027<", "<peer-key-in-use/>",
		"<answered-in-microseconds>3250<", "<prefixes>", "<prefixes-waiting>",
		"<held-seconds>", NULL);
	rig_has(get_state(r, s, "<tenant><name>blue</name></tenant>"),
		"<held-seconds>57</held-seconds>", NULL);
	rig_has(get_state(r, s, "<route/>"), "<backup>hub</backup>",
		"<state>failed</state>", "<state>refused</state>",
		"<changed-seconds>3</changed-seconds>", NULL);
	rig_has(get_state(r, s, "<permission/>"),
		"<permission><interface>wg0</interface><prefix>10.2.0.0/16</prefix>"
		"<egress><peer>spoke2</peer><weight>1</weight><rank>0</rank></egress>"
		"<egress><peer>hub</peer><weight>1</weight><rank>1</rank></egress>"
		"<ingress>spoke2</ingress>",
		"2001:db8:2::/48", NULL);
	rig_has(get_state(r, s, "<learn-table/><learn-tables/>"), "<learn-table><table>",
		"<ignored><reason>", "<learn-tables><reads>", NULL);
	rig_has(get_state(r, s, "<installed/><zebra/><dataplane/>"), "<orphans-removed>",
		"<put-back>", "<resyncs>", "<dialect-found-by>", "<router-id>",
		"<own-prefix><vrf>default</vrf><prefix>", "<installed>true<",
		"<routes-added>", "<rx-batches>", "<receive-buffer>", "<ports-offloaded>",
		NULL);
}

static void one_permission_is_found_by_its_prefix(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);
	const char *seen =
		get_state(r, s, "<permission><prefix>192.0.2.0/24</prefix></permission>");

	rig_has(seen, "192.0.2.0/24", NULL);
	assert_null(strstr(seen, "10.2.0.0"));
	assert_null(strstr(
		get_state(r, s, "<permission><interface>wg1</interface></permission>"),
		"<permission>"));
}

static void a_trial_is_told_of(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	assert_null(strstr(get_state(r, s, "<trial/>"), "<trial>"));
	rig_edit(r, s, "candidate", "",
		 W("<tenant><name>red</name><table>9</table></tenant>"));
	rig_must(r, s,
		 "<commit><confirmed/><confirm-timeout>30</confirm-timeout></commit>");
	rig_has(get_state(r, s, "<trial/>"), "<back-to>1</back-to>",
		"<seconds-left>30</seconds-left>", "<by>", NULL);
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

/* The parts of the reply are one document, and whoever is told is told once. */
static void much_state_is_told_in_slices(void **state)
{
	enum {
		MANY = 3000
	};
	struct rig *r = *state;
	struct netconf_session *s = start(r);
	const char *seen;

	fake_state.many_peers = MANY;
	fake_state.repeat = 100;
	seen = get_state(r, s, "");
	assert_true(r->parts > MANY / 250);
	assert_int_equal(count(seen, "<wgrd-state "), 1);
	assert_int_equal(count(seen, "</wgrd-state></data>"), 1);
	assert_int_equal(count(seen, "<peer><interface>"), MANY + 2);
	assert_int_equal(count(seen, "<verdict>"), 5 * fake_state.repeat);
	assert_int_equal(count(seen, "<name>x002999</name>"), 1);
	assert_true(strstr(seen, "<name>x000000<") < strstr(seen, "<name>x000999<"));
	/* a filter is asked of each slice; most have nothing for it */
	seen = get_state(r, s, "<peer><session>up</session><name/></peer>");
	assert_int_equal(count(seen, "<peer>"), 1);
	seen = get_state(r, s, "<peer><session>expired</session></peer>");
	assert_null(strstr(seen, "wgrd-state"));
	rig_has(seen, "</data>", NULL);
	/* One that is named is found; XPath that is more than a path is asked of the whole. */
	seen = get_state(r, s, "<peer><name>x002999</name></peer>");
	assert_int_equal(r->parts, 3);
	assert_int_equal(count(seen, "<peer>"), 1);
	rig_has(seen, "x002999", NULL);
	seen = get_state(r, s, "<peer><name>\n x002999 </name><session/></peer>");
	assert_int_equal(count(seen, "<peer>"), 1);
	rig_has(seen, "<name>x002999</name>", NULL);
	seen = get_state_by(r, s, "/s:wgrd-state/s:peer[s:name='x002999']/s:name");
	assert_int_equal(r->parts, 3);
	rig_has(seen, "<name>x002999</name></peer></wgrd-state></data>", NULL);
	seen = get_state_by(r, s, "/s:wgrd-state/s:peer");
	assert_true(r->parts > MANY / 250);
	assert_int_equal(count(seen, "<peer><interface>"), MANY + 2);
	seen = get_state_by(r, s, "/s:wgrd-state/s:peer[s:session='up']/s:name");
	assert_int_equal(r->parts, 1);
	assert_int_equal(count(seen, "<peer>"), 1);
}

/* Of state, too, a path selects what libyang says that it does, and nothing else is made. */
static void state_is_selected_by_xpath(void **state)
{
	static const char *const cases[][2] = {
		{"/s:wgrd-state/s:peer[s:interface='wg0'][s:name='hub']/s:session",
		 "<peer><interface>wg0</interface><name>hub</name><session>up</session>"
		 "</peer>"},
		{"/s:wgrd-state/s:peer[s:interface='wg1'][s:name='hub']", ""},
		{"/s:wgrd-state/s:peer[s:name='spoke2']/s:session/s:x", ""},
		{"/s:wgrd-state/s:permission[s:interface='wg0']"
		 "[s:prefix='2001:DB8:2::/48']/s:prefix",
		 "<permission><interface>wg0</interface><prefix>2001:db8:2::/48</prefix>"
		 "</permission>"},
		{"/s:wgrd-state/s:tenant[s:name='red']/s:name | "
		 "/s:wgrd-state/s:system/s:version",
		 "<system><version>0.1.0</version></system><tenant><name>red</name>"
		 "</tenant>"},
		{"/s:wgrd-state/s:*[s:version]/s:version",
		 "<system><version>0.1.0</version></system>"},
		{"/s:wgrd-state/node()[s:version]/s:version",
		 "<system><version>0.1.0</version></system>"},
		{"/node()/s:system/s:version",
		 "<system><version>0.1.0</version></system>"},
	};
	struct rig *r = *state;
	struct netconf_session *s = start(r);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *seen = (char *)get_state_by(r, s, cases[i][0]), *end;

		seen = strstr(seen, "<wgrd-state ");
		seen = seen ? strchr(seen, '>') + 1 : (char *)"";
		end = strstr(seen, "</wgrd-state>");
		if (end)
			*end = '\0';
		if (strcmp(seen, cases[i][1]) != 0)
			fail_msg("%s: expected %s\nsaw %s", cases[i][0], cases[i][1],
				 seen);
	}
}

static void only_what_is_asked_for_is_told(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);
	const char *seen = get_state(r, s, "<peer><name>hub</name></peer>");

	rig_has(seen, "<name>hub</name>", "<handshakes>", NULL);
	assert_null(strstr(seen, "spoke2"));
	assert_null(strstr(seen, "<interface><name>"));
	seen = get_state(r, s, "<peer><interface>wgX</interface></peer>");
	assert_null(strstr(seen, "<peer>"));
	seen = get_state(r, s, "<peer><name/><session/></peer>");
	rig_has(seen, "<name>spoke2</name>", NULL);
	assert_null(strstr(seen, "<handshakes>"));
	seen = get_state(r, s, "<route><tenant>red</tenant><prefix/></route>");
	rig_has(seen, "<prefix>", NULL);
	assert_null(strstr(seen, "<verdict>"));
	seen = rig_rpc(r, s,
		       "<get><filter type='xpath' xmlns:s='urn:wgrd:yang:wgrd-state' "
		       "select='/s:wgrd-state/s:peer[s:session=\"up\"]/s:name'/></get>");
	rig_has(seen, "<name>hub</name>", NULL);
	assert_null(strstr(seen, "<session>"));
}

static void monitoring_tells_of_sessions_locks_and_modules(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);
	const char *seen;

	rig_must(r, s, "<lock><target><running/></target></lock>");
	seen = rig_rpc(r, s,
		       "<get><filter><netconf-state xmlns='urn:ietf:params:xml:ns:yang:"
		       "ietf-netconf-monitoring'/></filter></get>");
	rig_has(seen, "<capability>urn:ietf:params:netconf:base:1.1</capability>",
		"<locked-by-session>1</locked-by-session>",
		"<identifier>wgrd</identifier>", "<session-id>1</session-id>",
		"<username>root</username>", ":netconf-ssh</transport>", "<in-rpcs>",
		"<netconf-start-time>", NULL);
	seen = rig_rpc(r, s,
		       "<get><filter><yang-library xmlns='urn:ietf:params:xml:ns:yang:"
		       "ietf-yang-library'/></filter></get>");
	rig_has(seen, "<name>wgrd</name>", "<name>ietf-netconf-acm</name>",
		"<content-id>", NULL);
}

#define DATA(in)                                                           \
	"<get-data xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-nmda' " \
	"xmlns:ds='urn:ietf:params:xml:ns:yang:ietf-datastores'>" in "</get-data>"

static void get_data_reads_each_datastore(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);
	const char *seen;

	seen = rig_rpc(r, s, DATA("<datastore>ds:running</datastore>"));
	rig_has(seen, WG0, NULL);
	assert_null(strstr(seen, "wgrd-state"));
	seen = rig_rpc(r, s, DATA("<datastore>ds:operational</datastore>"));
	rig_has(seen, WG0, "<wgrd-state", NULL);
	seen = rig_rpc(
		r, s,
		DATA("<datastore>ds:operational</datastore><config-filter>false</config-filter>"));
	rig_has(seen, "<wgrd-state", NULL);
	assert_null(strstr(seen, WG0));
	seen = rig_rpc(r, s,
		       DATA("<datastore>ds:running</datastore><max-depth>2</max-depth>"));
	rig_has(seen, "<wireguard><name>wg0</name></wireguard>", NULL);
	assert_null(strstr(seen, "mtu"));
	seen = rig_rpc(r, s,
		       DATA("<datastore>ds:running</datastore>"
			    "<subtree-filter>" W("<tenant/>") "</subtree-filter>"));
	rig_has(seen, RED, NULL);
	assert_null(strstr(seen, "wg0"));
	seen = rig_rpc(
		r, s,
		DATA("<datastore>ds:running</datastore>"
		     "<xpath-filter xmlns:w='urn:wgrd:yang:wgrd'>/w:wgrd/w:tenant</xpath-filter>"));
	rig_has(seen, RED, NULL);
	rig_has(rig_rpc(r, s, DATA("<datastore>ds:x</datastore>")), "invalid-value",
		NULL);
	rig_has(rig_rpc(r, s,
			DATA("<datastore>ds:running</datastore><max-depth>0</max-depth>")),
		"invalid-value", NULL);
}

static void a_filter_that_is_too_large_is_refused(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = start(r);
	struct strbuf op = {0};

	strbuf_puts(&op, "<get><filter><wgrd " RIG_W ">");
	for (unsigned i = 0; i < 3000; i++)
		strbuf_puts(&op, "<tenant/>");
	strbuf_puts(&op, "</wgrd></filter></get>");
	rig_has(rig_rpc(r, s, op.s), "too-big", NULL);
	strbuf_truncate(&op, 0);
	strbuf_puts(&op, "<get><filter><wgrd " RIG_W ">");
	for (unsigned i = 0; i < 100; i++)
		strbuf_puts(&op, "<wireguard><mtu/></wireguard>");
	strbuf_puts(&op, "</wgrd></filter></get>");
	rig_has(rig_rpc(r, s, op.s), "too-big", NULL);
	strbuf_free(&op);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(a_subtree_filter_selects_as_rfc_6241_says),
		RIG_TEST(an_xpath_filter_selects_nodes_with_the_way_to_them),
		cmocka_unit_test(a_path_selects_what_libyang_says),
		RIG_TEST(xpath_that_is_wrong_or_costs_too_much_is_refused),
		RIG_TEST(defaults_are_told_as_they_are_asked_for),
		RIG_TEST(state_has_every_part),
		RIG_TEST(state_is_selected_by_xpath),
		RIG_TEST(state_tells_what_show_does),
		RIG_TEST(one_permission_is_found_by_its_prefix),
		RIG_TEST(a_trial_is_told_of),
		RIG_TEST(much_state_is_told_in_slices),
		RIG_TEST(only_what_is_asked_for_is_told),
		RIG_TEST(monitoring_tells_of_sessions_locks_and_modules),
		RIG_TEST(get_data_reads_each_datastore),
		RIG_TEST(a_filter_that_is_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
