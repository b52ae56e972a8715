/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NETCONF tells of itself: RFC 6470. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/wgrd/netconf/rig.h"
#include "wgrd/conf/confirm.h"
#include "wgrd/mgmt/events.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/netconf.h"
#include "wgrd/netconf/notification.h"

#define NCN   "xmlns=\"urn:ietf:params:xml:ns:yang:ietf-netconf-notifications\""
#define W(in) "<wgrd " RIG_W ">" in "</wgrd>"

/* As the daemon does: wgrd/relay.c. */
static void on_commit(void *arg, const struct commit_record *c)
{
	struct rig *r = arg;
	struct event about = {
		.kind = EVENT_COMMIT, .commit = c->id, .session = netconf_current(r->n)};

	snprintf(about.user, sizeof(about.user), "%s", c->origin.user);
	events_report(r->events, &about, "commit");
}

static void watch_commits(struct rig *r)
{
	commit_log_watch(datastore_commit_log(r->ds), on_commit, r);
}

/* The first commit of a run has nothing that it differs from. */
static void begin_history(struct rig *r, struct netconf_session *s)
{
	rig_edit(r, s, "running", "", W("<zebra><enabled>false</enabled></zebra>"));
	watch_commits(r);
}

/* Of the newest event of a kind, what @s is told; static. */
static const char *told(struct rig *r, const struct netconf_session *s,
			enum event_kind kind)
{
	static struct strbuf text;
	struct lyd_node *tree[NOTIFICATION_TREES_MAX];
	const struct event *ev;
	size_t i = 0;
	unsigned n;

	while ((ev = events_get(r->events, i++)) &&
	       (ev->kind != kind || (kind == EVENT_COMMIT && !ev->commit)))
		;
	if (!ev)
		fail_msg("there is no such event");
	strbuf_free(&text);
	n = notification_trees(r->n, s->nacm, ev, tree);
	while (n--) {
		notification_put(&text, 0, tree[n]);
		lyd_free_tree(tree[n]);
	}
	return text.s;
}

static unsigned count_kind(const struct rig *r, enum event_kind kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < events_count(r->events); i++)
		n += events_get(r->events, i)->kind == kind;
	return n;
}

static void sessions_begin_and_end(void **state)
{
	static const char hello[] =
		"<hello " RIG_NS
		"><capabilities><capability>urn:ietf:params:netconf:base:1.0"
		"</capability></capabilities></hello>]]>]]>";
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0), *other;
	int fd;

	rig_connect(r, &fd);
	fake_loop_settle(r->loop);
	assert_int_equal(write(fd, hello, strlen(hello)), strlen(hello));
	fake_loop_settle(r->loop);
	rig_has(told(r, s, EVENT_SESSION_START),
		"<netconf-session-start " NCN "><username>", "<session-id>2</session-id>",
		NULL);
	close(fd);
	fake_loop_settle(r->loop);
	rig_has(told(r, s, EVENT_SESSION_END), "<session-id>2<", ">dropped<", NULL);
	(void)rig_login(r, "otto", 1000);
	rig_must(r, s, "<kill-session><session-id>3</session-id></kill-session>");
	rig_has(told(r, s, EVENT_SESSION_END), "<netconf-session-end " NCN ">",
		"<username>otto</username><session-id>3</session-id>",
		"<killed-by>1</killed-by>", "<termination-reason>killed<", NULL);
	other = rig_login(r, "otto", 1000);
	other->ending = "closed";
	netconf_session_end(other);
	rig_has(told(r, s, EVENT_SESSION_END), "<termination-reason>closed<", NULL);
	assert_null(strstr(told(r, s, EVENT_SESSION_END), "killed-by"));
	other = rig_login(r, "otto", 1000);
	netconf_session_end(other);
	rig_has(told(r, s, EVENT_SESSION_END), "<termination-reason>dropped<", NULL);
}

static void a_hello_that_is_wrong_is_told_and_a_probe_is_not(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	int fd;

	rig_connect(r, &fd);
	close(fd);
	fake_loop_settle(r->loop);
	assert_int_equal(count_kind(r, EVENT_SESSION_END), 0);
	rig_connect(r, &fd);
	assert_int_equal(write(fd, "<x/>]]>]]>", 10), 10);
	fake_loop_settle(r->loop);
	rig_has(told(r, s, EVENT_SESSION_END), "<termination-reason>bad-hello<", NULL);
	close(fd);
	rig_connect(r, &fd);
	fake_loop_advance(r->loop, (NETCONF_HELLO_S + 1) * NS_PER_S);
	rig_has(told(r, s, EVENT_SESSION_END), "<termination-reason>timeout<", NULL);
	assert_int_equal(count_kind(r, EVENT_SESSION_START), 0);
	close(fd);
}

static void a_change_lists_its_edits(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "otto", 0);

	begin_history(r, s);
	rig_edit(r, s, "running", "",
		 W("<tenant><name>red</name><table>7</table>"
		   "<supernet>10.0.0.0/8</supernet></tenant>"));
	rig_has(told(r, s, EVENT_COMMIT),
		"<netconf-config-change " NCN "><changed-by><username>otto</username>"
		"<session-id>1</session-id></changed-by><datastore>running</datastore>",
		"<target xmlns:wgrd=\"urn:wgrd:yang:wgrd\">"
		"/wgrd:wgrd/wgrd:tenant[wgrd:name='red']</target>"
		"<operation>create</operation></edit></netconf-config-change>",
		NULL);
	rig_edit(r, s, "running", "",
		 W("<tenant><name>red</name><table>9</table>"
		   "<supernet>10.9.0.0/16</supernet></tenant>"));
	rig_has(told(r, s, EVENT_COMMIT),
		"wgrd:tenant[wgrd:name='red']/wgrd:table</target>"
		"<operation>replace<",
		"wgrd:tenant[wgrd:name='red']/wgrd:supernet[.='10.9.0.0/16']</target>"
		"<operation>create<",
		NULL);
	rig_edit(r, s, "running", "",
		 "<wgrd " RIG_W "><tenant xmlns:nc='" NS_BASE
		 "' nc:operation='delete'><name>red</name></tenant></wgrd>");
	rig_has(told(r, s, EVENT_COMMIT),
		"wgrd:tenant[wgrd:name='red']</target><operation>delete<", NULL);
}

static void what_the_server_does_by_itself_is_the_servers(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	struct event file = {.kind = EVENT_COMMIT, .commit = 4711};

	watch_commits(r);
	events_report(r->events, &file, "from a file");
	rig_has(told(r, s, EVENT_COMMIT), "<changed-by><server/></changed-by>", NULL);
	assert_null(strstr(told(r, s, EVENT_COMMIT), "<edit>"));
	/* of the command line */
	snprintf(file.user, sizeof(file.user), "anna");
	events_report(r->events, &file, "typed");
	rig_has(told(r, s, EVENT_COMMIT),
		"<username>anna</username><session-id>0</session-id>", NULL);
}

static void too_many_edits_are_told_as_one(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);
	struct strbuf config = {0};
	const char *seen;

	begin_history(r, s);
	strbuf_puts(&config, "<wgrd " RIG_W ">");
	for (unsigned i = 0; i < 300; i++)
		strbuf_printf(&config, "<tenant><name>t%u</name></tenant>", i);
	strbuf_puts(&config, "</wgrd>");
	rig_edit(r, s, "running", "", config.s);
	seen = told(r, s, EVENT_COMMIT);
	rig_has(seen, "/wgrd:wgrd</target><operation>merge<", NULL);
	assert_null(strstr(seen, "t17"));
	strbuf_free(&config);
}

static const char hides_blue[] =
	"<nacm xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-acm'>"
	"<rule-list><name>l</name><group>*</group><rule><name>r</name>"
	"<path xmlns:w='urn:wgrd:yang:wgrd'>/w:wgrd/w:tenant[w:name='blue']</path>"
	"<action>deny</action></rule></rule-list></nacm>";

static void nobody_hears_of_what_he_may_not_read(void **state)
{
	struct rig *r;
	struct netconf_session *root, *otto;
	const char *seen;

	(void)state;
	rig_nacm = hides_blue;
	r = rig_new();
	rig_nacm = NULL;
	root = rig_login(r, "root", 0);
	otto = rig_login(r, "otto", 1000);
	watch_commits(r);
	rig_edit(
		r, root, "running", "",
		W("<tenant><name>red</name></tenant><tenant><name>blue</name></tenant>"
		  "<wireguard><name>wg0</name><private-key>"
		  "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=</private-key></wireguard>"));
	rig_edit(
		r, root, "running", "",
		W("<tenant><name>red</name><table>8</table></tenant>"
		  "<tenant><name>blue</name><table>9</table></tenant>"
		  "<wireguard><name>wg0</name><private-key>"
		  "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=</private-key></wireguard>"));
	rig_has(told(r, root, EVENT_COMMIT), "'red'", "'blue'", "private-key<", NULL);
	seen = told(r, otto, EVENT_COMMIT);
	rig_has(seen, "'red'", NULL);
	assert_null(strstr(seen, "'blue'"));
	assert_null(strstr(seen, "private-key"));
	rig_free(r);
}

static void saving_changes_startup(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0);

	rig_must(r, s,
		 "<copy-config><target><startup/></target><source><running/></source>"
		 "</copy-config>");
	rig_has(told(r, s, EVENT_SAVED), "<session-id>1</session-id>",
		"<datastore>startup</datastore>", "<saved xmlns=", NULL);
}

#define TRIAL "<commit><confirmed/><confirm-timeout>30</confirm-timeout></commit>"

static void confirmed_commits_are_followed(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "otto", 0);

	begin_history(r, s);
	rig_edit(r, s, "candidate", "", W("<tenant><name>red</name></tenant>"));
	rig_must(r, s, TRIAL);
	rig_has(told(r, s, EVENT_TRIAL),
		"<netconf-confirmed-commit " NCN "><username>otto</username>"
		"<session-id>1</session-id><confirm-event>start</confirm-event>"
		"<timeout>30</timeout>",
		NULL);
	rig_must(r, s, TRIAL);
	rig_has(told(r, s, EVENT_TRIAL), "<confirm-event>extend<", "<timeout>30<", NULL);
	rig_must(r, s, "<commit/>");
	rig_has(told(r, s, EVENT_TRIAL), "<confirm-event>complete<", NULL);
	assert_null(strstr(told(r, s, EVENT_TRIAL), "timeout"));
	assert_int_equal(count_kind(r, EVENT_TRIAL), 3);
	rig_edit(r, s, "candidate", "", W("<tenant><name>blue</name></tenant>"));
	rig_must(r, s, TRIAL);
	rig_must(r, s, "<cancel-commit/>");
	rig_has(told(r, s, EVENT_TRIAL), "<confirm-event>cancel<", "<username>otto<",
		NULL);
	rig_edit(r, s, "candidate", "", W("<tenant><name>blue</name></tenant>"));
	rig_must(r, s, TRIAL);
	fake_loop_advance(r->loop, 31 * NS_PER_S);
	rig_has(told(r, s, EVENT_TRIAL), "<confirm-event>timeout<", NULL);
	assert_null(strstr(told(r, s, EVENT_TRIAL), "username"));
	assert_int_equal(count_kind(r, EVENT_TRIAL), 7);
}

static void a_trial_ends_with_its_session(void **state)
{
	struct rig *r = *state;
	struct netconf_session *s = rig_login(r, "root", 0), *o = rig_login(r, "otto", 0);

	begin_history(r, s);
	rig_edit(r, o, "candidate", "", W("<tenant><name>red</name></tenant>"));
	rig_must(r, o, TRIAL);
	netconf_session_end(o);
	rig_has(told(r, s, EVENT_TRIAL), "<username>otto</username><session-id>2<",
		"<confirm-event>cancel<", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(sessions_begin_and_end),
		RIG_TEST(a_hello_that_is_wrong_is_told_and_a_probe_is_not),
		RIG_TEST(a_change_lists_its_edits),
		RIG_TEST(what_the_server_does_by_itself_is_the_servers),
		RIG_TEST(too_many_edits_are_told_as_one),
		cmocka_unit_test(nobody_hears_of_what_he_may_not_read),
		RIG_TEST(saving_changes_startup),
		RIG_TEST(confirmed_commits_are_followed),
		RIG_TEST(a_trial_ends_with_its_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
