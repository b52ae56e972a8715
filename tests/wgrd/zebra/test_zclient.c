/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/zebra/zclient_test.h"

#include "proto/zapi/zapi_hello.h"

/* ---- connecting ---- */

static void a_session_passes_through_its_states(void **state)
{
	(void)state;
	assert_state(ZCLIENT_OFF);
	fake_zebra_router_id(zebra, "192.0.2.9");
	be_up();
	assert_string_equal(states, "waiting probing syncing syncing up ");
	assert_string_equal(view().release, release);
	assert_string_equal(view().dialect, release);
	assert_string_equal(view().evidence, "release and probe");
	assert_int_equal(view().router_id, prefix("192.0.2.9").addr.v4.s_addr);
	assert_int_equal(view().connects, 1);
	assert_string_equal(view().last_error, "");
	assert_int_equal(fake_zebra_received(zebra, ZAPI_ROUTE_NOTIFY_REQUEST),
			 zebra_knows(ZAPI_ROUTE_NOTIFY_REQUEST));
	fake_zebra_router_id(zebra, "192.0.2.10");
	run();
	assert_int_equal(view().router_id, prefix("192.0.2.10").addr.v4.s_addr);
}

static void a_zebra_that_is_not_there_is_tried_again_and_again(void **state)
{
	struct fake_zebra_options opt = options_for(release);
	char why[160];

	(void)state;
	fake_zebra_stop(zebra);
	configure(RIB_PROTO_BGP);
	assert_state(ZCLIENT_WAITING);
	snprintf(why, sizeof(why), "cannot connect to %s: No such file or directory",
		 fake_zebra_socket(zebra));
	assert_string_equal(view().last_error, why);
	wait_s(100);
	assert_state(ZCLIENT_WAITING);
	assert_string_equal(states, "waiting waiting "); /* the second names the error */
	fake_zebra_start(zebra, &opt);
	wait_s(10);
	assert_true(view().state >= ZCLIENT_SYNCING);
}

/* 1, 2, 4, 8 and then every 10 seconds. */
static void attempts_grow_rarer_up_to_ten_seconds(void **state)
{
	static const unsigned gaps[] = {1, 2, 4, 8, 10, 10, 10};
	uint64_t due, now;

	(void)state;
	fake_zebra_stop(zebra);
	configure(RIB_PROTO_BGP);
	for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
		now = loop_now_ns(loop);
		assert_true(fake_loop_next_timer(loop, &due));
		assert_int_equal((due - now) / NS_PER_S, gaps[i]);
		fake_loop_advance(loop, due - now);
	}
}

static void after_being_up_the_first_attempt_is_soon(void **state)
{
	(void)state;
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 0);
	be_up();
	fake_zebra_drop_clients(zebra);
	run();
	assert_state(ZCLIENT_WAITING);
	assert_string_equal(view().last_error, "zebra closed the connection");
	assert_int_equal(view().disconnects, 1);
	assert_non_null(learned(0, "10.1.0.0/16")); /* losing zebra removes nothing */
	wait_s(1);
	assert_state(ZCLIENT_SYNCING);
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_int_equal(view().connects, 2);
}

static void a_zebra_of_another_release_may_come_back(void **state)
{
	struct fake_zebra_options opt = options_for("10.2.6");

	(void)state;
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 7);
	be_up();
	fake_zebra_start(zebra, &opt);
	wait_s(1 + SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_string_equal(view().dialect, "10.2");
	assert_int_equal(learned(0, "10.1.0.0/16")->tag, 7);
}

static void turning_zebra_off_takes_its_routes_away(void **state)
{
	uint32_t id;

	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 0);
	fake_zebra_route(zebra, 4, "10.2.0.0/16", "10.99.0.7", 3, 0);
	be_up();
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 2);
	zclient_configure(client, NULL);
	run();
	assert_state(ZCLIENT_OFF);
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 0);
	assert_int_not_equal(rib_vrf_find(rib, "red", &id), 0);
	assert_int_equal(fake_zebra_clients(zebra), 0);
	wait_s(20);
	assert_state(ZCLIENT_OFF);
	zclient_configure(client, NULL);
	be_up();
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 2);
}

static void the_same_options_disturb_nothing(void **state)
{
	(void)state;
	be_up();
	configure(RIB_PROTO_BGP);
	assert_state(ZCLIENT_UP);
	assert_int_equal(view().connects, 1);
}

static void another_protocol_changes_the_subscription_only(void **state)
{
	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 0);
	be_up();
	assert_non_null(learned(0, "10.1.0.0/16"));
	configure(RIB_PROTO_OSPF);
	assert_state(ZCLIENT_SYNCING);
	assert_int_equal(view().connects, 1);
	assert_false(fake_zebra_subscribed(zebra, 0, AF_INET, ZAPI_PROTO_BGP));
	assert_false(fake_zebra_subscribed(zebra, 4, AF_INET6, ZAPI_PROTO_BGP));
	assert_true(fake_zebra_subscribed(zebra, 0, AF_INET, ZAPI_PROTO_OSPF));
	assert_true(fake_zebra_subscribed(zebra, 4, AF_INET6, ZAPI_PROTO_OSPF6));
	assert_non_null(learned(0, "10.1.0.0/16"));
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_null(learned(0, "10.1.0.0/16"));
}

static void everything_is_told_again_when_asked_and_nothing_leaves_before(void **state)
{
	struct rib_route stray = {.source = RIB_FROM_ZEBRA};

	(void)state;
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 0);
	fake_zebra_route(zebra, 4, "10.2.0.0/16", "10.99.0.7", 3, 0);
	be_up();
	/* something that zebra never told, as after a fault of ours or of its */
	assert_int_equal(prefix_parse(&stray.prefix, "10.9.0.0/16"), 0);
	assert_int_equal(rib_update(rib, 0, &stray), 0);
	zclient_resync(client);
	assert_state(ZCLIENT_SYNCING);
	run();
	assert_int_equal(view().connects, 1);
	assert_non_null(learned(0, "10.9.0.0/16"));
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 3);
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_null(learned(0, "10.9.0.0/16"));
	assert_non_null(learned(0, "10.1.0.0/16"));
	assert_non_null(learned(4, "10.2.0.0/16"));
	assert_true(fake_zebra_subscribed(zebra, 4, AF_INET6, ZAPI_PROTO_BGP));
	fake_zebra_route(zebra, 4, "10.3.0.0/16", "10.99.0.7", 3, 0);
	run();
	assert_non_null(learned(4, "10.3.0.0/16"));
}

static void without_a_session_there_is_nothing_to_tell_again(void **state)
{
	(void)state;
	zclient_resync(client);
	assert_state(ZCLIENT_OFF);
	be_up();
	fake_zebra_stop(zebra);
	run();
	assert_state(ZCLIENT_WAITING);
	zclient_resync(client);
	assert_state(ZCLIENT_WAITING);
}

static void another_socket_is_another_session(void **state)
{
	struct zclient_options opt = {.socket = "/nowhere/zserv.api",
				      .protocol = RIB_PROTO_BGP,
				      .settle_ns = NS_PER_S};

	(void)state;
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 0);
	be_up();
	zclient_configure(client, &opt);
	run();
	assert_state(ZCLIENT_WAITING);
	assert_int_equal(fake_zebra_clients(zebra), 0);
	assert_non_null(learned(0, "10.1.0.0/16"));
}

/* ---- bad input ---- */

static void a_malformed_message_is_counted_and_passed_over(void **state)
{
	static const uint8_t junk[5] = {9, 9, 9, 9, 9};

	(void)state;
	be_up();
	fake_zebra_send(zebra, ZAPI_REDISTRIBUTE_ROUTE_ADD, 0, junk, sizeof(junk));
	fake_zebra_send(zebra, ZAPI_INTERFACE_ADD, 0, junk, sizeof(junk));
	fake_zebra_send(zebra, ZAPI_VRF_ADD, 7, junk, sizeof(junk));
	fake_zebra_send(zebra, ZAPI_ROUTE_NOTIFY_OWNER, 0, junk, sizeof(junk));
	fake_zebra_send(zebra, ZAPI_ROUTER_ID_UPDATE, 0, junk, sizeof(junk));
	fake_zebra_send(zebra, ZAPI_ERROR, 0, junk, sizeof(junk));
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 0);
	run();
	assert_state(ZCLIENT_UP);
	assert_int_equal(view().malformed, 6);
	assert_non_null(learned(0, "10.1.0.0/16"));
}

static void what_is_unknown_is_ignored(void **state)
{
	static const uint8_t junk[5] = {9, 9, 9, 9, 9};
	uint64_t before;

	(void)state;
	be_up();
	before = view().ignored;
	if (zebra_knows(ZAPI_CLIENT_CLOSE_NOTIFY))
		fake_zebra_send(zebra, ZAPI_CLIENT_CLOSE_NOTIFY, 0, junk, sizeof(junk));
	else
		before--;
	fake_zebra_send(zebra, ZAPI_HELLO, 0, junk, sizeof(junk));
	fake_zebra_send_raw(zebra, "\0\x0b\xfe\x06\0\0\0\0\x03\xe7z", 11);
	run();
	assert_state(ZCLIENT_UP);
	assert_int_equal(view().ignored, before + 3);
	assert_int_equal(view().malformed, 0);
}

static void a_stream_that_is_not_zapi_ends_the_session(void **state)
{
	(void)state;
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 0);
	be_up();
	fake_zebra_send_raw(zebra, "GET / HTTP/1.0\r\n\r\n", 18);
	run();
	assert_state(ZCLIENT_WAITING);
	assert_string_equal(view().last_error, "zebra sent what is not ZAPI");
	assert_int_equal(view().malformed, 1);
	assert_non_null(learned(0, "10.1.0.0/16"));
	wait_s(1 + SETTLE_S);
	assert_state(ZCLIENT_UP);
}

static void a_message_may_come_in_pieces(void **state)
{
	struct ip_addr id = prefix("192.0.2.77").addr;
	uint8_t buf[64];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	be_up();
	zapi_encode_router_id_update(&w, zebra_dialect(), 0, &id);
	for (const uint8_t *b = buf; b < w.pos; b++) {
		assert_int_equal(view().router_id, 0);
		fake_zebra_send_raw(zebra, b, 1);
		run();
	}
	assert_int_equal(view().router_id, id.v4.s_addr);
}

/* Random bytes, and random bytes behind a good header: nothing but counters may move. */
static void garbage_does_no_harm(void **state)
{
	const char *env = getenv("WGRD_SEED");
	unsigned seed = env ? (unsigned)strtoul(env, NULL, 0) : 20261123;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	be_up();
	for (int round = 0; round < 1000; round++) {
		enum zapi_kind kind =
			(enum zapi_kind)(1 + rand() % (ZAPI_KIND_COUNT - 1));
		uint8_t body[96];
		size_t len = (size_t)rand() % sizeof(body);

		for (size_t i = 0; i < len; i++)
			body[i] = (uint8_t)(rand() % 3 ? rand() % 16 : rand());
		if (round % 100 && zebra_knows(kind))
			fake_zebra_send(zebra, kind, (uint32_t)rand() % 3, body, len);
		else
			fake_zebra_send_raw(zebra, body, len);
		run();
		if (view().state == ZCLIENT_WAITING)
			wait_s(10);
	}
	assert_true(view().malformed > 100);
}

/* As one that was stopped: its socket is open, and it neither reads nor writes. */
static void a_zebra_that_is_silent_for_an_hour_is_waited_for(void **state)
{
	const struct zclient_own own = own_of("default", 0, "10.9.0.0/16", 3, 0);

	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 1);
	be_up();
	assert_int_equal(zclient_own_add(client, &own), 0);
	for (unsigned minute = 0; minute < 60; minute++) {
		fake_loop_advance(loop, 60 * NS_PER_S);
		assert_state(ZCLIENT_UP);
		assert_non_null(learned(0, "10.1.0.0/16"));
		assert_int_equal(view().own_installed, 0);
	}
	assert_int_equal(view().connects, 1);
	run();
	assert_non_null(fake_zebra_given(zebra, 0, "10.9.0.0/16"));
	assert_int_equal(view().own_installed, 1);
}

static void own_prefixes_wait_for_a_zebra_that_is_slow(void **state)
{
	char text[64];

	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	/* own prefixes wait their turn instead of filling memory */
	for (unsigned i = 0; i < 10000; i++) {
		struct zclient_own own;

		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 256, i % 256);
		own = own_of("default", 0, text, 3, 0);
		assert_int_equal(zclient_own_add(client, &own), 0);
		fake_loop_settle(loop); /* zebra is not polled */
	}
	assert_state(ZCLIENT_UP);
	assert_true(view().messages_sent < 10000);
	run();
	assert_int_equal(fake_zebra_given_count(zebra), 10000);
	assert_int_equal(view().own_installed, 10000);
}

#define WITH_ZEBRA(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ZEBRA(a_session_passes_through_its_states),
		WITH_ZEBRA(a_zebra_that_is_not_there_is_tried_again_and_again),
		WITH_ZEBRA(attempts_grow_rarer_up_to_ten_seconds),
		WITH_ZEBRA(after_being_up_the_first_attempt_is_soon),
		WITH_ZEBRA(a_zebra_of_another_release_may_come_back),
		WITH_ZEBRA(turning_zebra_off_takes_its_routes_away),
		WITH_ZEBRA(the_same_options_disturb_nothing),
		WITH_ZEBRA(another_protocol_changes_the_subscription_only),
		WITH_ZEBRA(everything_is_told_again_when_asked_and_nothing_leaves_before),
		WITH_ZEBRA(without_a_session_there_is_nothing_to_tell_again),
		WITH_ZEBRA(another_socket_is_another_session),
		WITH_ZEBRA(a_malformed_message_is_counted_and_passed_over),
		WITH_ZEBRA(what_is_unknown_is_ignored),
		WITH_ZEBRA(a_stream_that_is_not_zapi_ends_the_session),
		WITH_ZEBRA(a_message_may_come_in_pieces),
		WITH_ZEBRA(garbage_does_no_harm),
		WITH_ZEBRA(a_zebra_that_is_silent_for_an_hour_is_waited_for),
		WITH_ZEBRA(own_prefixes_wait_for_a_zebra_that_is_slow),
	};

	return RUN_IN_EVERY_DIALECT(tests);
}
