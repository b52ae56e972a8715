/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instances: a session each, and prefixes that go from one to another. */
#include "tests/wgrd/zebra/zclient_test.h"

#include <errno.h>

static const char p1[] = "10.1.0.0/16", p2[] = "10.2.0.0/16";

static char instance_states[1024]; /* "253:up 253:waiting " */

static void on_instance_state(void *arg, uint8_t instance, enum zclient_state now)
{
	size_t len = strlen(instance_states);

	(void)arg;
	snprintf(instance_states + len, sizeof(instance_states) - len, "%u:%s ", instance,
		 zclient_state_name(now));
}

/* As begin(), and told of instances. */
static int begin_own(void **state)
{
	struct fake_zebra_options opt = options_for(release);
	const struct zclient_events ev = {.state = test_on_state,
					  .instance_state = on_instance_state};

	(void)state;
	log_capture(test_quiet);
	loop = loop_new();
	rib = rib_new(test_now, loop);
	zebra = fake_zebra_new(&opt);
	client = zclient_new(loop, rib, &ev);
	states[0] = instance_states[0] = '\0';
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	return 0;
}

static void give(uint8_t instance, const char *p, uint32_t tag)
{
	const struct zclient_own own = own_of("default", instance, p, 3, tag);

	assert_int_equal(zclient_own_add(client, &own), 0);
}

static void take_back(uint8_t instance, const char *p)
{
	const struct zclient_own own = own_of("default", instance, p, 0, 0);

	zclient_own_del(client, &own);
}

static const struct fake_zebra_given *given(uint8_t instance, const char *p)
{
	return fake_zebra_given_as(zebra, 0, instance, p);
}

static void ask_for(uint8_t a, uint8_t b)
{
	const uint8_t instance[] = {a, b};

	zclient_set_instances(client, instance, !!a + !!b);
	run();
}

static bool note_instance(const struct zclient_view *v, void *arg)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 256 - len, "%u %s %zu/%zu;", v->instance,
		 zclient_state_name(v->state), v->own_installed, v->own_count);
	return true;
}

/* "253 up 1/2;": installed and wanted ones */
static const char *instances(void)
{
	static char text[256];

	text[0] = '\0';
	zclient_instances_walk(client, note_instance, text);
	return text;
}

static void each_instance_has_a_session_of_its_own(void **state)
{
	(void)state;
	be_up();
	ask_for(253, 210);
	assert_string_equal(instances(), "210 up 0/0;253 up 0/0;");
	assert_int_equal(fake_zebra_clients(zebra), 3);
	assert_int_equal(fake_zebra_owners(zebra, 0), 1);
	assert_int_equal(fake_zebra_owners(zebra, 210), 1);
	assert_int_equal(fake_zebra_owners(zebra, 253), 1);
	give(253, p1, 7);
	give(253, "fd00:1::/64", 0);
	give(210, p2, 0);
	run();
	assert_int_equal(given(253, p1)->tag, 7);
	assert_int_equal(given(253, p1)->proto, ZAPI_PROTO_TABLE);
	assert_int_equal(given(253, p1)->distance, 150);
	assert_int_equal(given(253, p1)->ifindex, 3);
	assert_non_null(given(253, "fd00:1::/64"));
	assert_non_null(given(210, p2));
	assert_int_equal(fake_zebra_given_count(zebra), 3);
	assert_string_equal(instances(), "210 up 1/1;253 up 2/2;");
	assert_int_equal(view().own_count, 0);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
}

/* zebra's routes are learned once, and not asked for by sessions that only give. */
static void a_session_that_gives_learns_nothing(void **state)
{
	(void)state;
	be_up();
	ask_for(253, 0);
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_route(zebra, 0, "10.9.0.0/16", "10.99.0.7", 3, 5);
	run();
	assert_int_equal(view().routes_added, 1);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1);
	assert_string_equal(instance_states, "253:up ");
	assert_int_equal(view().malformed, 0);
	assert_int_equal(view().errors, 0);
}

static void the_last_who_leaves_ends_the_session(void **state)
{
	(void)state;
	be_up();
	ask_for(253, 0);
	give(253, p1, 0);
	run();
	ask_for(0, 0); /* it still has a prefix */
	assert_string_equal(instances(), "253 up 1/1;");
	take_back(253, p1);
	run();
	assert_string_equal(instances(), "");
	assert_string_equal(instance_states, "253:up 253:off ");
	assert_int_equal(fake_zebra_owners(zebra, 253), 0);
	assert_int_equal(fake_zebra_given_count(zebra), 0);
	assert_int_equal(fake_zebra_owners(zebra, 0), 1);
	give(253, p1, 0); /* a prefix is asking enough */
	run();
	assert_non_null(given(253, p1));
}

static void what_cannot_be_given_leaves_no_session(void **state)
{
	const char name[] = "a name that is longer than any VRF may have";
	const struct zclient_own own = own_of(name, 253, p1, 3, 0);

	(void)state;
	be_up();
	assert_int_equal(zclient_own_add(client, &own), -ENAMETOOLONG);
	run();
	assert_string_equal(instances(), "");
	assert_int_equal(fake_zebra_owners(zebra, 253), 0);
}

/* The other one, and that of instance 0, go on. */
static void what_one_session_gave_leaves_with_it(void **state)
{
	(void)state;
	be_up();
	ask_for(253, 254);
	give(0, p1, 0);
	give(253, p2, 0);
	give(254, "10.3.0.0/16", 0);
	run();
	assert_int_equal(fake_zebra_given_count(zebra), 3);
	take_back(253, p2);
	ask_for(254, 0);
	assert_null(given(253, p2));
	assert_int_equal(given(0, p1)->adds, 1);
	assert_int_equal(given(254, "10.3.0.0/16")->adds, 1);
}

static void all_are_given_again_after_a_reconnect(void **state)
{
	(void)state;
	be_up();
	ask_for(253, 0);
	give(0, p1, 0);
	give(253, p2, 9);
	run();
	fake_zebra_drop_clients(zebra);
	run();
	assert_int_equal(fake_zebra_given_count(zebra), 0);
	assert_string_equal(instances(), "253 waiting 0/1;");
	wait_s(1);
	assert_int_equal(given(253, p2)->tag, 9);
	assert_non_null(given(0, p1));
	assert_string_equal(instances(), "253 up 1/1;");
	assert_string_equal(instance_states, "253:up 253:waiting 253:up ");
}

static void all_are_given_again_when_the_interface_is_up_again(void **state)
{
	(void)state;
	be_up();
	ask_for(253, 0);
	give(253, p1, 0);
	run();
	fake_zebra_iface(zebra, 0, 3, "wg0", false);
	run();
	assert_null(given(253, p1));
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	run();
	assert_non_null(given(253, p1));
	fake_zebra_iface(zebra, 0, 3, "wg0", false);
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	run();
	assert_true(given(253, p1)->adds >= 2);
}

static void what_another_wgrd_sweeps_is_given_again(void **state)
{
	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_iface(zebra, 4, 3, "wg0", true);
	be_up();
	ask_for(253, 0);
	give(0, p1, 0);
	give(253, p1, 0);
	{
		const struct zclient_own own = own_of("red", 253, p2, 3, 7);

		assert_int_equal(zclient_own_add(client, &own), 0);
	}
	run();
	fake_zebra_sweep(zebra, 4, 253, p2);
	run();
	assert_int_equal(fake_zebra_given_as(zebra, 4, 253, p2)->tag, 7);
	fake_zebra_sweep(zebra, 0, 253, p1);
	run();
	assert_non_null(given(253, p1));
	assert_int_equal(given(0, p1)->adds, 1);
}

static void turning_zebra_off_ends_all_sessions(void **state)
{
	(void)state;
	be_up();
	ask_for(253, 0);
	give(253, p1, 0);
	run();
	zclient_configure(client, NULL);
	run();
	assert_string_equal(instances(), "253 off 0/1;");
	assert_string_equal(instance_states, "253:up 253:off ");
	assert_int_equal(fake_zebra_clients(zebra), 0);
	be_up();
	assert_string_equal(instances(), "253 up 1/1;");
	assert_non_null(given(253, p1));
}

static void a_zebra_that_comes_to_nothing_is_not_told_over_and_over(void **state)
{
	struct fake_zebra_options mute = options_for(release);

	(void)state;
	be_up();
	ask_for(253, 0);
	mute.mute = true;
	fake_zebra_stop(zebra);
	fake_zebra_start(zebra, &mute);
	wait_s(60);
	assert_string_equal(instance_states, "253:up 253:waiting ");
}

static void an_instance_can_be_asked_for_before_zebra_is_there(void **state)
{
	(void)state;
	ask_for(253, 0);
	give(253, p1, 0);
	run();
	assert_string_equal(instances(), "253 off 0/1;");
	be_up();
	assert_string_equal(instances(), "253 up 1/1;");
}

static void a_vrf_is_known_to_each_session(void **state)
{
	const struct zclient_own own = own_of("red", 253, p1, 3, 0);

	(void)state;
	be_up();
	ask_for(253, 0);
	assert_int_equal(zclient_own_add(client, &own), 0);
	run();
	assert_int_equal(fake_zebra_given_count(zebra), 0);
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_iface(zebra, 4, 3, "wg1", true);
	run();
	assert_non_null(fake_zebra_given_as(zebra, 4, 253, p1));
	fake_zebra_iface_gone(zebra, 4, 3);
	fake_zebra_vrf_gone(zebra, 4);
	run();
	assert_string_equal(instances(), "253 up 0/1;");
	/* back with another id, and the former one is somebody else's */
	fake_zebra_vrf(zebra, 9, "red");
	fake_zebra_vrf(zebra, 4, "blue");
	fake_zebra_iface(zebra, 9, 3, "wg1", true);
	fake_zebra_iface(zebra, 4, 3, "wg1", true);
	run();
	assert_non_null(fake_zebra_given_as(zebra, 9, 253, p1));
	assert_int_equal(fake_zebra_given_count(zebra), 1);
}

/* ---- moving ---- */

/* As when a tenant's advertise-instance changes: the FIB states the new one first. */
static void move(uint8_t from, uint8_t to, const char *p)
{
	give(to, p, 0);
	take_back(from, p);
}

static void a_move_is_given_there_before_it_is_withdrawn_here(void **state)
{
	(void)state;
	be_up();
	ask_for(253, 0);
	give(253, p1, 0);
	run();
	ask_for(254, 0);
	move(253, 254, p1);
	run();
	assert_non_null(given(254, p1));
	assert_non_null(given(253, p1));
	assert_string_equal(instances(), "253 up 1/1;254 up 1/1;");
	wait_s(1);
	assert_null(given(253, p1));
	assert_int_equal(given(254, p1)->adds, 1);
	assert_string_equal(instances(), "254 up 1/1;");
	assert_int_equal(fake_zebra_owners(zebra, 253), 0);
}

static void a_move_to_and_from_no_instance_is_the_same(void **state)
{
	(void)state;
	be_up();
	give(0, p1, 0);
	run();
	ask_for(253, 0);
	move(0, 253, p1);
	run();
	assert_non_null(given(0, p1));
	assert_non_null(given(253, p1));
	wait_s(1);
	assert_null(given(0, p1));
	ask_for(0, 0);
	move(253, 0, p1);
	run();
	assert_non_null(given(0, p1));
	assert_non_null(given(253, p1));
	wait_s(1);
	assert_null(given(253, p1));
	assert_string_equal(instances(), "");
	assert_int_equal(view().own_installed, 1);
}

/* The configuration says where it belongs: where it was it must not stay. */
static void a_move_that_does_not_get_there_ends_all_the_same(void **state)
{
	const struct zclient_own over_one_that_is_down = own_of("default", 254, p1, 4, 0);

	(void)state;
	be_up();
	give(253, p1, 0);
	run();
	assert_int_equal(zclient_own_add(client, &over_one_that_is_down), 0);
	take_back(253, p1);
	wait_s(9);
	assert_non_null(given(253, p1));
	wait_s(2);
	assert_null(given(253, p1));
	assert_string_equal(instances(), "254 up 0/1;");
}

static void one_that_comes_back_on_the_way_stays(void **state)
{
	(void)state;
	be_up();
	give(253, p1, 0);
	run();
	move(253, 254, p1);
	move(254, 253, p1);
	wait_s(12);
	assert_int_equal(given(253, p1)->adds, 1);
	assert_null(given(254, p1));
	assert_string_equal(instances(), "253 up 1/1;");
}

static void a_move_in_two_hops_ends_at_the_last(void **state)
{
	(void)state;
	be_up();
	give(253, p1, 0);
	give(253, p2, 0);
	run();
	move(253, 254, p1);
	move(254, 255, p1);
	run();
	assert_non_null(given(253, p1));
	assert_null(given(254, p1));
	wait_s(1);
	assert_null(given(253, p1));
	assert_non_null(given(255, p1));
	assert_int_equal(given(253, p2)->adds, 1);
	assert_string_equal(instances(), "253 up 1/1;255 up 1/1;");
}

static void one_that_loses_its_heir_leaves(void **state)
{
	(void)state;
	be_up();
	give(253, p1, 0);
	run();
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	move(253, 254, p1);
	take_back(254, p1);
	wait_s(1);
	assert_int_equal(fake_zebra_given_count(zebra), 0);
	assert_string_equal(instances(), "");
}

static void ending_amid_a_move_is_clean(void **state)
{
	(void)state;
	be_up();
	give(253, p1, 0);
	run();
	move(253, 254, p1);
	/* end() frees all of it */
}

#define WITH_ZEBRA(f) cmocka_unit_test_setup_teardown(f, begin_own, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ZEBRA(each_instance_has_a_session_of_its_own),
		WITH_ZEBRA(a_session_that_gives_learns_nothing),
		WITH_ZEBRA(the_last_who_leaves_ends_the_session),
		WITH_ZEBRA(what_cannot_be_given_leaves_no_session),
		WITH_ZEBRA(what_one_session_gave_leaves_with_it),
		WITH_ZEBRA(all_are_given_again_after_a_reconnect),
		WITH_ZEBRA(all_are_given_again_when_the_interface_is_up_again),
		WITH_ZEBRA(what_another_wgrd_sweeps_is_given_again),
		WITH_ZEBRA(turning_zebra_off_ends_all_sessions),
		WITH_ZEBRA(a_zebra_that_comes_to_nothing_is_not_told_over_and_over),
		WITH_ZEBRA(an_instance_can_be_asked_for_before_zebra_is_there),
		WITH_ZEBRA(a_vrf_is_known_to_each_session),
		WITH_ZEBRA(a_move_is_given_there_before_it_is_withdrawn_here),
		WITH_ZEBRA(a_move_to_and_from_no_instance_is_the_same),
		WITH_ZEBRA(a_move_that_does_not_get_there_ends_all_the_same),
		WITH_ZEBRA(one_that_comes_back_on_the_way_stays),
		WITH_ZEBRA(a_move_in_two_hops_ends_at_the_last),
		WITH_ZEBRA(one_that_loses_its_heir_leaves),
		WITH_ZEBRA(ending_amid_a_move_is_clean),
	};

	return RUN_IN_EVERY_DIALECT(tests);
}
