/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events for clients: RFC 5277. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/wgrd/netconf/rig.h"
#include "wgrd/mgmt/events.h"
#include "wgrd/netconf/nacm/nacm.h"
#include "wgrd/netconf/notification.h"

#define SUBSCRIBE(in)                                                                      \
	"<create-subscription xmlns='urn:ietf:params:xml:ns:netconf:notification:1.0'>" in \
	"</create-subscription>"
#define E "xmlns='urn:wgrd:yang:wgrd-events'"

static const struct event up_a = {.kind = EVENT_PEER_UP, .interface = "wg0", .peer = "a"};
static const struct event up_b = {.kind = EVENT_PEER_UP, .interface = "wg0", .peer = "b"};
static const struct event zebra = {.kind = EVENT_ZEBRA};

struct client {
	struct netconf_session *s;
	int fd;
};

static void say(struct rig *r, struct client *c, const char *operation)
{
	struct strbuf message = {0}, wire = {0};

	strbuf_printf(&message, "<rpc " RIG_NS " message-id='1'>%s</rpc>", operation);
	framing_put(true, &wire, &message);
	assert_int_equal(write(c->fd, wire.s, wire.len), wire.len);
	strbuf_free(&message);
	strbuf_free(&wire);
	fake_loop_settle(r->loop);
}

/* All that is there now, static. */
static const char *hear(struct rig *r, struct client *c)
{
	static char buf[512 * 1024];
	size_t len = 0;
	ssize_t n;

	fake_loop_settle(r->loop);
	while ((n = read(c->fd, buf + len, sizeof(buf) - 1 - len)) > 0) {
		len += (size_t)n;
		fake_loop_settle(r->loop);
	}
	buf[len] = '\0';
	return buf;
}

static struct client login(struct rig *r, const char *user, uid_t uid)
{
	struct client c = {.fd = -1};

	c.s = rig_login_on(r, user, uid, &c.fd);
	c.s->framing.chunked = true;
	hear(r, &c);
	return c;
}

static struct client subscribe(struct rig *r, const char *operation)
{
	struct client c = login(r, "root", 0);

	say(r, &c, operation);
	return c;
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	while ((text = strstr(text, part))) {
		n++;
		text++;
	}
	return n;
}

static void events_are_told_as_they_happen(void **state)
{
	struct rig *r = *state;
	struct client c;
	const char *seen;

	events_report(r->events, &up_b, "before");
	c = subscribe(r, SUBSCRIBE(""));
	seen = hear(r, &c);
	rig_has(seen, "<ok", NULL);
	assert_null(strstr(seen, "<notification"));
	events_report(r->events, &up_a, "peer a of wg0: session established");
	rig_has(hear(r, &c),
		"<notification xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\">"
		"<eventTime>20",
		"Z</eventTime><peer-up xmlns=\"urn:wgrd:yang:wgrd-events\"><event>2</event>"
		"<text>peer a of wg0: session established</text><interface>wg0</interface>"
		"<peer>a</peer></peer-up></notification>\n##\n",
		NULL);
	assert_string_equal(hear(r, &c), "");
	close(c.fd);
}

static void who_has_not_subscribed_is_told_nothing(void **state)
{
	struct rig *r = *state;
	struct client c = login(r, "root", 0);

	events_report(r->events, &up_a, "x");
	assert_string_equal(hear(r, &c), "");
	close(c.fd);
}

static void requests_are_answered_between_events(void **state)
{
	struct rig *r = *state;
	struct client c = subscribe(r, SUBSCRIBE(""));
	const char *seen, *reply, *event;

	hear(r, &c);
	say(r, &c,
	    "<edit-config><target><running/></target><config><wgrd " RIG_W
	    "><tenant><name>red</name></tenant></wgrd></config></edit-config>");
	seen = hear(r, &c);
	reply = strstr(seen, "<rpc-reply");
	event = strstr(seen, "<committed xmlns=\"urn:wgrd:yang:wgrd-events\"");
	assert_true(reply && event && reply < event);
	close(c.fd);
}

static void events_of_the_past_come_first_and_end_with_a_mark(void **state)
{
	struct rig *r = *state;
	struct client c;
	const char *seen, *a, *b, *mark;

	events_report(r->events, &up_a, "one");
	events_report(r->events, &up_b, "two");
	c = subscribe(r, SUBSCRIBE("<startTime>2001-01-01T00:00:00Z</startTime>"));
	seen = hear(r, &c);
	a = strstr(seen, "<text>one<");
	b = strstr(seen, "<text>two<");
	mark = strstr(
		seen,
		"<replayComplete xmlns=\"urn:ietf:params:xml:ns:netmod:notification\"/>");
	assert_true(a && b && mark && a < b && b < mark);
	events_report(r->events, &up_a, "three");
	seen = hear(r, &c);
	rig_has(seen, "<text>three<", NULL);
	assert_null(strstr(seen, "replayComplete"));
	close(c.fd);
}

static void a_replay_of_nothing_has_its_mark(void **state)
{
	struct rig *r = *state;
	struct client c =
		subscribe(r, SUBSCRIBE("<startTime>2001-01-01T00:00:00Z</startTime>"));

	rig_has(hear(r, &c), "<ok", "<replayComplete", NULL);
	close(c.fd);
}

static void a_subscription_with_an_end_ends(void **state)
{
	struct rig *r = *state;
	struct client c;
	const char *seen;

	events_report(r->events, &up_a, "one");
	c = subscribe(r, SUBSCRIBE("<startTime>2001-01-01T00:00:00Z</startTime>"
				   "<stopTime>2002-01-01T00:00:00Z</stopTime>"));
	seen = hear(r, &c);
	rig_has(seen, "<replayComplete", "<notificationComplete", NULL);
	assert_null(strstr(seen, "one"));
	events_report(r->events, &up_a, "two");
	assert_string_equal(hear(r, &c), "");
	say(r, &c, SUBSCRIBE("")); /* there may be another */
	rig_has(hear(r, &c), "<ok", NULL);
	close(c.fd);
}

static void a_filter_chooses_among_events_and_does_not_cut_them(void **state)
{
	static const char *const filters[] = {
		"<filter type='subtree'><peer-up " E "><peer>a</peer></peer-up></filter>",
		"<filter type='xpath' xmlns:e='urn:wgrd:yang:wgrd-events' "
		"select=\"/e:peer-up[e:peer='a']\"/>",
	};
	struct rig *r = *state;
	char operation[512];

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct client c;
		const char *seen;

		snprintf(operation, sizeof(operation), SUBSCRIBE("%s"), filters[i]);
		c = subscribe(r, operation);
		rig_has(hear(r, &c), "<ok", NULL);
		events_report(r->events, &up_b, "of b");
		events_report(r->events, &zebra, "of zebra");
		events_report(r->events, &up_a, "of a");
		seen = hear(r, &c);
		assert_int_equal(count(seen, "<notification"), 1);
		rig_has(seen, "<text>of a</text>", "<interface>wg0</interface>", NULL);
		close(c.fd);
	}
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const char *const cases[][2] = {
		{SUBSCRIBE("<stream>x</stream>"), "invalid-value"},
		{SUBSCRIBE("<foo/>"), "unknown-element"},
		{SUBSCRIBE("<startTime>x</startTime>"), "invalid-value"},
		{SUBSCRIBE("<startTime>2999-01-01T00:00:00Z</startTime>"), "bad-element"},
		{SUBSCRIBE("<stopTime>2999-01-01T00:00:00Z</stopTime>"),
		 "missing-element"},
		{SUBSCRIBE("<startTime>2002-01-01T00:00:00Z</startTime>"
			   "<stopTime>2001-01-01T00:00:00Z</stopTime>"),
		 "bad-element"},
		{SUBSCRIBE("<filter type='x'/>"), "bad-attribute"},
	};
	struct rig *r = *state;
	struct client c = login(r, "root", 0);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		say(r, &c, cases[i][0]);
		rig_has(hear(r, &c), cases[i][1], NULL);
	}
	say(r, &c, SUBSCRIBE("<stream>NETCONF</stream>"));
	rig_has(hear(r, &c), "<ok", NULL);
	say(r, &c, SUBSCRIBE(""));
	rig_has(hear(r, &c), "operation-failed", NULL);
	close(c.fd);
}

static void who_falls_behind_by_all_that_is_remembered_is_dropped(void **state)
{
	struct rig *r = *state;
	struct client c = subscribe(r, SUBSCRIBE("")), other = login(r, "root", 0);

	for (unsigned i = 0; i < 20 * EVENTS_MAX; i++) {
		events_report(
			r->events, &up_a,
			"a long sentence about something that happens all the time, "
			"for there is much to be said about it, number %u",
			i);
		if (i % 100 == 0)
			fake_loop_settle(r->loop);
		assert_true(r->n->unread < 200 * 1024);
	}
	assert_int_equal(r->n->count, 2);
	hear(r, &c);
	assert_int_equal(r->n->count, 1);
	say(r, &other, "<discard-changes/>");
	rig_has(hear(r, &other), "<ok", NULL);
	close(c.fd);
	close(other.fd);
}

static void rules_say_who_is_told_what(void **state)
{
	struct rig *r;
	struct client c;
	const char *seen;

	(void)state;
	rig_nacm =
		"<nacm xmlns='urn:ietf:params:xml:ns:yang:ietf-netconf-acm'><groups><group>"
		"<name>g</name><user-name>otto</user-name></group></groups><rule-list>"
		"<name>l</name><group>g</group><rule><name>r</name>"
		"<notification-name>zebra</notification-name><action>deny</action></rule>"
		"</rule-list></nacm>";
	r = rig_new();
	rig_nacm = NULL;
	c = login(r, "otto", 1000);
	say(r, &c, SUBSCRIBE(""));
	hear(r, &c);
	events_report(r->events, &zebra, "of zebra");
	events_report(r->events, &up_a, "of a");
	seen = hear(r, &c);
	rig_has(seen, "of a", NULL);
	assert_null(strstr(seen, "of zebra"));
	close(c.fd);
	rig_free(r);
}

static void each_kind_of_event_is_in_the_model(void **state)
{
	struct rig *r = *state;
	struct client c = subscribe(r, SUBSCRIBE(""));
	char begins[64];
	const char *seen;

	for (unsigned k = 0; k < EVENT_KIND_COUNT; k++)
		events_report(r->events, &(struct event){.kind = k, .what = "start"},
			      "kind %u", k);
	seen = hear(r, &c);
	for (unsigned k = 0; k < EVENT_KIND_COUNT; k++) {
		snprintf(begins, sizeof(begins), "<%s xmlns=",
			 k == EVENT_COMMIT ? "committed" : event_kind_name(k));
		rig_has(seen, begins, NULL);
	}
	close(c.fd);
}

static void the_stream_can_be_found(void **state)
{
	struct rig *r = *state;

	rig_has(rig_rpc(r, rig_login(r, "root", 0),
			"<get><filter><netconf xmlns='urn:ietf:params:xml:ns:netmod:notification'>"
			"<streams/></netconf></filter></get>"),
		"<name>NETCONF</name>", "<replaySupport>true<",
		"<replayLogCreationTime>20", NULL);
}

static void times_are_those_of_yang(void **state)
{
	int64_t ms = 0;

	(void)state;
	assert_int_equal(notification_parse_time("1970-01-01T00:00:01Z", &ms), 0);
	assert_int_equal(ms, 1000);
	assert_int_equal(notification_parse_time("1970-01-01T01:00:01.25+01:00", &ms), 0);
	assert_int_equal(ms, 1250);
	assert_int_equal(notification_parse_time("", &ms), -EINVAL);
	assert_int_equal(notification_parse_time("yesterday", &ms), -EINVAL);
	assert_int_equal(notification_parse_time("1970-01-01T00:00:01", &ms), -EINVAL);
	assert_int_equal(notification_parse_time("1970-01-01T00:00:01.Z", &ms), -EINVAL);
	assert_int_equal(notification_parse_time("1970-01-01T00:00:01+1:00", &ms),
			 -EINVAL);
	assert_int_equal(notification_parse_time("1970-01-01T00:00:01Zx", &ms), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(events_are_told_as_they_happen),
		RIG_TEST(who_has_not_subscribed_is_told_nothing),
		RIG_TEST(requests_are_answered_between_events),
		RIG_TEST(events_of_the_past_come_first_and_end_with_a_mark),
		RIG_TEST(a_replay_of_nothing_has_its_mark),
		RIG_TEST(a_subscription_with_an_end_ends),
		RIG_TEST(a_filter_chooses_among_events_and_does_not_cut_them),
		RIG_TEST(what_makes_no_sense_is_refused),
		RIG_TEST(who_falls_behind_by_all_that_is_remembered_is_dropped),
		cmocka_unit_test(rules_say_who_is_told_what),
		RIG_TEST(each_kind_of_event_is_in_the_model),
		RIG_TEST(the_stream_can_be_found),
		cmocka_unit_test(times_are_those_of_yang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
