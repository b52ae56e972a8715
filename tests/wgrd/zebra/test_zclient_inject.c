/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/zebra/zclient_test.h"

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

static void ids_of_the_rib_work_as_names_do(void **state)
{
	struct zclient_own own = {.prefix = prefix("10.1.0.0/16"), .ifindex = 3};

	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_iface(zebra, 4, 3, "wg1", true);
	be_up();
	own.vrf = 5;
	assert_int_not_equal(zclient_own_add(client, &own), 0);
	own.vrf = 4;
	assert_int_equal(zclient_own_add(client, &own), 0);
	run();
	assert_non_null(fake_zebra_given(zebra, 4, "10.1.0.0/16"));
	zclient_own_del(client, 4, &own.prefix);
	zclient_own_del(client, 5, &own.prefix);
	run();
	assert_int_equal(fake_zebra_given_count(zebra), 0);
}

static void deleted_and_added_in_one_turn_stays(void **state)
{
	struct zclient_own own = {
		.prefix = prefix("10.1.0.0/16"), .ifindex = 3, .tag = 7};

	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 7);
	zclient_own_del_named(client, "default", &own.prefix);
	assert_int_equal(view().own_count, 0);
	assert_int_equal(zclient_own_add_named(client, "default", &own), 0);
	assert_int_equal(view().own_count, 1);
	run();
	assert_non_null(fake_zebra_given(zebra, 0, "10.1.0.0/16"));
	assert_int_equal(fake_zebra_received(zebra, ZAPI_ROUTE_DELETE), 0);
}

static void a_refused_prefix_is_told_and_tried_again_at_the_next_up(void **state)
{
	static const uint8_t note[] = {0, 0, 0, 0, AF_INET, 16,  10, 1,
				       0, 0, 0, 0, 0,       254, 1,  1};

	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	own_add("default", "10.1.0.0/16", 3, 0);
	installed[0] = '\0';
	fake_zebra_send(zebra, ZAPI_ROUTE_NOTIFY_OWNER, 0, note, sizeof(note));
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

	snprintf(w->text + len, sizeof(w->text) - len, "%d %s%s%s;", (int)own->vrf,
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
	zclient_own_walk(client, note_own, &w);
	assert_string_equal(w.text,
			    "4 10.1.0.0/16 sent in;4 10.2.0.0/16;-1 10.3.0.0/16;");
	w = (struct walk){.left = 1};
	zclient_own_walk(client, note_own, &w);
	assert_string_equal(w.text, "4 10.1.0.0/16 sent in;");
}

/* Every dialect writes ROUTE_ADD, and notifications are asked for in its own way. */
static void own_prefixes_reach_zebra_in_every_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < zapi_dialect_count; i++) {
		struct fake_zebra_options opt = options_for(zapi_dialects[i].name);

		begin_with(&opt);
		fake_zebra_iface(zebra, 0, 3, "wg0", true);
		fake_zebra_route(zebra, 0, "10.9.0.0/16", "10.99.0.7", 3, 5);
		be_up();
		own_add("default", "10.1.0.0/16", 3, 4);
		own_add("default", "fd00::/8", 3, 4);
		if (view().own_installed != 2 || fake_zebra_given_count(zebra) != 2 ||
		    !learned(0, "10.9.0.0/16") || view().malformed || view().errors > 2)
			fail_msg(
				"%s: %zu given, %zu installed, %zu learned, %u malformed, %u errors",
				zapi_dialects[i].name, fake_zebra_given_count(zebra),
				view().own_installed, rib_count(rib, RIB_FROM_ZEBRA),
				(unsigned)view().malformed, (unsigned)view().errors);
		end(NULL);
	}
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
		WITH_ZEBRA(own_prefixes_are_given_again_after_a_reconnect),
		WITH_ZEBRA(turning_zebra_off_and_on_keeps_own_prefixes),
		WITH_ZEBRA(an_index_means_another_interface_in_another_vrf),
		WITH_ZEBRA(a_prefix_waits_for_its_vrf_and_follows_it),
		WITH_ZEBRA(ids_of_the_rib_work_as_names_do),
		WITH_ZEBRA(deleted_and_added_in_one_turn_stays),
		WITH_ZEBRA(a_refused_prefix_is_told_and_tried_again_at_the_next_up),
		WITH_ZEBRA(a_walk_shows_progress),
		cmocka_unit_test(own_prefixes_reach_zebra_in_every_dialect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
