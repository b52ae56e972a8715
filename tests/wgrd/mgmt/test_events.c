/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events: the ring, who watches it, and what show makes of it. */
#include "tests/wgrd/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wgrd/mgmt/events.h"

static const struct event up = {.kind = EVENT_PEER_UP, .interface = "wg0", .peer = "a"};
static const struct event commit = {.kind = EVENT_COMMIT};

static void the_last_ones_are_kept(void **state)
{
	struct events *e = events_new();

	(void)state;
	assert_null(events_get(e, 0));
	for (unsigned i = 1; i <= EVENTS_MAX + 10; i++)
		events_report(e, &up, "event %u", i);
	assert_int_equal(events_count(e), EVENTS_MAX);
	assert_string_equal(events_get(e, 0)->text, "event 1010");
	assert_string_equal(events_get(e, EVENTS_MAX - 1)->text, "event 11");
	assert_int_equal(events_get(e, EVENTS_MAX - 1)->id, 11);
	assert_null(events_get(e, EVENTS_MAX));
	events_free(e);
}

struct watcher {
	struct events_watcher w;
	struct events *e;
	unsigned told;
};

static void note(struct events_watcher *w, const struct event *ev)
{
	struct watcher *self = container_of(w, struct watcher, w);

	assert_string_equal(ev->peer, "a");
	self->told++;
	if (self->told == 2)
		events_unwatch(self->e, w); /* it may go from inside */
}

static void watchers_are_told_until_they_go(void **state)
{
	struct events *e = events_new();
	struct watcher first = {.w.told = note, .e = e},
		       second = {.w.told = note, .e = e};

	(void)state;
	events_watch(e, &first.w);
	events_report(e, &up, "one");
	events_watch(e, &second.w);
	events_report(e, &up, "two");
	events_report(e, &up, "three");
	assert_int_equal(first.told, 2);
	assert_int_equal(second.told, 2);
	events_free(e);
}

static void they_are_shown_newest_first_and_by_peer(void **state)
{
	struct rig *r = *state;
	const char *one, *two;

	events_report(r->events, &up, "peer a of wg0: session established");
	events_report(r->events, &commit, "configuration: commit 2 by ada from vty");
	assert_int_equal(rig_run(r, "show wireguard events"), CLI_SUCCESS);
	one = strstr(r->out.s, " peer a of wg0: session established\n");
	two = strstr(r->out.s, " configuration: commit 2 by ada from vty\n");
	assert_true(one && two && two < one);
	assert_int_equal(rig_run(r, "show wireguard events peer a"), CLI_SUCCESS);
	assert_null(strstr(r->out.s, "commit 2"));
	assert_non_null(strstr(r->out.s, "peer a"));
	assert_int_equal(rig_run(r, "show wireguard events json"), CLI_SUCCESS);
	assert_non_null(
		strstr(r->out.s, "\"kind\": \"commit\",\n      \"interface\": null,"));
	assert_non_null(strstr(r->out.s,
			       "\"kind\": \"peer-up\",\n      \"interface\": \"wg0\","));
}

#define RIGGED(test) cmocka_unit_test_setup_teardown(test, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_ones_are_kept),
		cmocka_unit_test(watchers_are_told_until_they_go),
		RIGGED(they_are_shown_newest_first_and_by_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
