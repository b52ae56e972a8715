/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/zebra/zclient_test.h"

#include "proto/zapi/zapi_notify.h"

static void an_own_prefix_is_given_as_bgpd_wants_it(void **state)
{
	const struct fake_zebra_given *g;

	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "172.16.102.0/24", 3, 100);
	own_add("default", "fd00:102::/64", 3, 0);
	g = fake_zebra_given(zebra, 0, "172.16.102.0/24");
	assert_non_null(g);
	assert_int_equal(g->proto, ZAPI_PROTO_TABLE);
	assert_int_equal(g->distance, 150);
	assert_int_equal(g->ifindex, 3);
	assert_int_equal(g->tag, 100);
	assert_int_equal(fake_zebra_given(zebra, 0, "fd00:102::/64")->tag, 0);
	assert_string_equal(installed, "172.16.102.0/24+ fd00:102::/64+ ");
	assert_int_equal(view().own_count, 2);
	assert_int_equal(view().own_installed, 2);
	own_del("default", "172.16.102.0/24");
	assert_null(fake_zebra_given(zebra, 0, "172.16.102.0/24"));
	assert_int_equal(view().own_count, 1);
	assert_int_equal(view().own_installed, 1);
}

static void expect_own_state(const char *p, bool sent, bool confirmed)
{
	const struct zclient_own own = own_of("default", 0, p, 0, 0);
	bool s, c;

	zclient_own_state(client, &own, &s, &c);
	assert_int_equal(s, sent);
	assert_int_equal(c, confirmed);
}

static void an_own_prefix_is_installed_when_zebra_has_said_so(void **state)
{
	(void)state;
	expect_own_state("10.1.0.0/16", false, false);
	own_add("default", "10.1.0.0/16", 3, 1);
	expect_own_state("10.1.0.0/16", false, false);
	be_up();
	expect_own_state("10.1.0.0/16", false, false); /* its interface does not run */
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	run();
	expect_own_state("10.1.0.0/16", true, true);
	fake_zebra_drop_clients(zebra);
	run();
	expect_own_state("10.1.0.0/16", false, false);
	wait_s(1);
	expect_own_state("10.1.0.0/16", true, true);
	own_del("default", "10.1.0.0/16");
	expect_own_state("10.1.0.0/16", false, false);
}

static void adding_the_same_again_says_nothing(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 1);
	own_add("default", "10.1.0.0/16", 3, 1);
	assert_int_equal(fake_zebra_given(zebra, 0, "10.1.0.0/16")->adds, 1);
	own_add("default", "10.1.0.0/16", 3, 2);
	assert_int_equal(fake_zebra_given(zebra, 0, "10.1.0.0/16")->adds, 2);
	assert_int_equal(fake_zebra_given(zebra, 0, "10.1.0.0/16")->tag, 2);
	assert_int_equal(view().own_count, 1);
}

static void a_prefix_given_before_zebra_was_there_is_sent_then(void **state)
{
	(void)state;
	own_add("default", "10.1.0.0/16", 3, 1);
	own_add("default", "10.2.0.0/16", 3, 1);
	own_del("default", "10.2.0.0/16");
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	assert_int_equal(view().own_count, 1);
	be_up();
	assert_non_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
	assert_int_equal(fake_zebra_given_count(zebra), 1);
}

/* zebra would refuse it and forget it for good. */
static void nothing_is_given_over_an_interface_that_does_not_run(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", false);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	own_add("default", "10.2.0.0/16", 4, 0);
	assert_int_equal(fake_zebra_received(zebra, ZAPI_ROUTE_ADD), 0);
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	run();
	assert_non_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
	fake_zebra_iface(zebra, 0, 4, "wg1", true); /* is created now */
	run();
	assert_non_null(fake_zebra_given(zebra, 0, "10.2.0.0/16"));
	assert_int_equal(view().own_installed, 2);
}

static void a_flapping_interface_takes_its_prefixes_along(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	fake_zebra_iface(zebra, 0, 4, "wg1", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	own_add("default", "10.2.0.0/16", 4, 0);
	for (unsigned i = 2; i < 6; i++) {
		fake_zebra_iface(zebra, 0, 3, "wg0", false);
		run();
		assert_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
		assert_int_equal(view().own_installed, 1);
		fake_zebra_iface(zebra, 0, 3, "wg0", true);
		run();
		assert_non_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
		assert_int_equal(view().own_installed, 2);
	}
	assert_int_equal(fake_zebra_given(zebra, 0, "10.2.0.0/16")->adds, 1);
}

/* Down and up again before we have read of the first: the kernel has lost the route. */
static void a_flap_seen_in_one_reading_sends_again(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	fake_zebra_iface(zebra, 0, 3, "wg0", false);
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	run();
	assert_int_equal(fake_zebra_given(zebra, 0, "10.1.0.0/16")->adds, 2);
}

static void an_interface_that_is_deleted_withdraws(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	fake_zebra_iface_gone(zebra, 0, 3);
	run();
	assert_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
	assert_int_equal(view().own_installed, 0);
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	run();
	assert_int_equal(view().own_installed, 1);
}

static void own_prefixes_are_given_again_after_a_reconnect(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	own_add("default", "10.2.0.0/16", 3, 0);
	fake_zebra_drop_clients(zebra);
	run();
	assert_int_equal(fake_zebra_given_count(zebra), 0);
	assert_int_equal(view().own_count, 2);
	assert_int_equal(view().own_installed, 0);
	own_del("default", "10.2.0.0/16"); /* while zebra is away */
	wait_s(1);
	assert_non_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
	assert_int_equal(fake_zebra_given_count(zebra), 1);
	assert_int_equal(view().own_installed, 1);
}

static void turning_zebra_off_and_on_keeps_own_prefixes(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	zclient_configure(client, NULL);
	run();
	assert_int_equal(fake_zebra_given_count(zebra), 0);
	be_up();
	assert_int_equal(fake_zebra_given_count(zebra), 1);
}

static void an_index_means_another_interface_in_another_vrf(void **state)
{
	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	fake_zebra_iface(zebra, 4, 3, "wg1", false);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 1);
	own_add("red", "10.1.0.0/16", 3, 2);
	assert_int_equal(fake_zebra_given(zebra, 0, "10.1.0.0/16")->tag, 1);
	assert_null(fake_zebra_given(zebra, 4, "10.1.0.0/16"));
	fake_zebra_iface(zebra, 4, 3, "wg1", true);
	run();
	assert_int_equal(fake_zebra_given(zebra, 4, "10.1.0.0/16")->tag, 2);
	own_del("default", "10.1.0.0/16");
	assert_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
	assert_non_null(fake_zebra_given(zebra, 4, "10.1.0.0/16"));
}

static void a_prefix_waits_for_its_vrf_and_follows_it(void **state)
{
	(void)state;
	be_up();
	own_add("red", "10.1.0.0/16", 3, 2);
	assert_int_equal(fake_zebra_given_count(zebra), 0);
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_iface(zebra, 4, 3, "wg1", true);
	run();
	assert_non_null(fake_zebra_given(zebra, 4, "10.1.0.0/16"));
	fake_zebra_iface_gone(zebra, 4, 3);
	fake_zebra_vrf_gone(zebra, 4);
	run();
	assert_int_equal(view().own_installed, 0);
	assert_int_equal(view().own_count, 1);
	fake_zebra_vrf(zebra, 9, "red");
	fake_zebra_iface(zebra, 9, 3, "wg1", true);
	run();
	assert_non_null(fake_zebra_given(zebra, 9, "10.1.0.0/16"));
	own_del("red", "10.1.0.0/16");
	assert_int_equal(fake_zebra_given_count(zebra), 0);
	assert_int_equal(view().own_count, 0);
}

static void deleted_and_added_in_one_turn_stays(void **state)
{
	const struct zclient_own own = own_of("default", 0, "10.1.0.0/16", 3, 7);

	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 7);
	zclient_own_del(client, &own);
	assert_int_equal(view().own_count, 0);
	assert_int_equal(zclient_own_add(client, &own), 0);
	assert_int_equal(view().own_count, 1);
	run();
	assert_non_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
	assert_int_equal(fake_zebra_received(zebra, ZAPI_ROUTE_DELETE), 0);
}

static void a_refused_prefix_is_told_and_tried_again_at_the_next_up(void **state)
{
	const struct zapi_notify note = {.note = ZAPI_NOTE_FAIL_INSTALL,
					 .prefix = prefix("10.1.0.0/16"),
					 .table = 254,
					 .afi = 1,
					 .safi = 1};
	uint8_t buf[64];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	zapi_encode_notify(&w, zebra_dialect(), 0, &note);
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	installed[0] = '\0';
	fake_zebra_send_raw(zebra, buf, (size_t)(w.pos - buf));
	run();
	assert_string_equal(installed, "10.1.0.0/16- ");
	assert_int_equal(view().own_installed, 0);
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	run();
	assert_string_equal(installed, "10.1.0.0/16- 10.1.0.0/16+ ");
	own_del("default", "10.1.0.0/16");
	assert_int_equal(fake_zebra_given_count(zebra), 0);
}

struct walk {
	char text[256];
	int left;
};

static bool note_own(const struct zclient_own *own, bool sent, bool in, void *arg)
{
	struct walk *w = arg;
	size_t len = strlen(w->text);
	char buf[PREFIX_STRLEN];

	snprintf(w->text + len, sizeof(w->text) - len, "%s %s%s%s;", own->vrf,
		 prefix_str(&own->prefix, buf), sent ? " sent" : "", in ? " in" : "");
	return --w->left;
}

static void a_walk_shows_progress(void **state)
{
	struct walk w = {.left = 9};

	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_iface(zebra, 4, 3, "wg1", true);
	be_up();
	own_add("red", "10.1.0.0/16", 3, 0);
	own_add("red", "10.2.0.0/16", 8, 0);
	own_add("gray", "10.3.0.0/16", 3, 0);
	zclient_own_walk(client, 0, note_own, &w);
	assert_string_equal(w.text,
			    "red 10.1.0.0/16 sent in;red 10.2.0.0/16;gray 10.3.0.0/16;");
	w = (struct walk){.left = 1};
	zclient_own_walk(client, 0, note_own, &w);
	assert_string_equal(w.text, "red 10.1.0.0/16 sent in;");
}

/* Notifications are asked for by HELLO or by a message of their own. */
static void given_and_learned_prefixes_do_not_mix(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	fake_zebra_route(zebra, 0, "10.9.0.0/16", "10.99.0.7", 3, 5);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 4);
	own_add("default", "fd00::/8", 3, 4);
	assert_int_equal(fake_zebra_given_count(zebra), 2);
	assert_int_equal(view().own_installed, 2);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
	assert_non_null(learned(0, "10.9.0.0/16"));
	assert_int_equal(view().malformed, 0);
}

static void what_zebra_sweeps_with_another_client_is_given_again(void **state)
{
	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	fake_zebra_iface(zebra, 4, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	own_add("red", "10.1.0.0/16", 3, 7);
	own_add("red", "fd00:1::/64", 3, 7);
	own_add("red", "10.2.0.0/16", 3, 7);
	for (unsigned n = 2; n < 4; n++) {
		fake_zebra_sweep(zebra, 4, 0, "10.1.0.0/16");
		fake_zebra_sweep(zebra, 4, 0, "fd00:1::/64");
		run();
		assert_int_equal(fake_zebra_given(zebra, 4, "10.1.0.0/16")->tag, 7);
		assert_non_null(fake_zebra_given(zebra, 4, "fd00:1::/64"));
		assert_int_equal(view().own_installed, 4);
	}
	assert_int_equal(fake_zebra_given(zebra, 0, "10.1.0.0/16")->adds, 1);
	assert_int_equal(fake_zebra_given(zebra, 4, "10.2.0.0/16")->adds, 1);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
}

static void what_was_withdrawn_is_not_given_again(void **state)
{
	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	fake_zebra_sweep(zebra, 0, 0, "10.1.0.0/16");
	own_del("default", "10.1.0.0/16");
	run();
	assert_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
	assert_int_equal(fake_zebra_received(zebra, ZAPI_ROUTE_ADD), 1);
}

#define WITH_ZEBRA(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ZEBRA(an_own_prefix_is_given_as_bgpd_wants_it),
		WITH_ZEBRA(adding_the_same_again_says_nothing),
		WITH_ZEBRA(a_prefix_given_before_zebra_was_there_is_sent_then),
		WITH_ZEBRA(nothing_is_given_over_an_interface_that_does_not_run),
		WITH_ZEBRA(a_flapping_interface_takes_its_prefixes_along),
		WITH_ZEBRA(a_flap_seen_in_one_reading_sends_again),
		WITH_ZEBRA(an_interface_that_is_deleted_withdraws),
		WITH_ZEBRA(an_own_prefix_is_installed_when_zebra_has_said_so),
		WITH_ZEBRA(own_prefixes_are_given_again_after_a_reconnect),
		WITH_ZEBRA(turning_zebra_off_and_on_keeps_own_prefixes),
		WITH_ZEBRA(an_index_means_another_interface_in_another_vrf),
		WITH_ZEBRA(a_prefix_waits_for_its_vrf_and_follows_it),
		WITH_ZEBRA(deleted_and_added_in_one_turn_stays),
		WITH_ZEBRA(a_refused_prefix_is_told_and_tried_again_at_the_next_up),
		WITH_ZEBRA(a_walk_shows_progress),
		WITH_ZEBRA(given_and_learned_prefixes_do_not_mix),
		WITH_ZEBRA(what_zebra_sweeps_with_another_client_is_given_again),
		WITH_ZEBRA(what_was_withdrawn_is_not_given_again),
	};

	return RUN_IN_EVERY_DIALECT(tests);
}
