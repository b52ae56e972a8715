/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/zebra/zclient_test.h"

#include "proto/zapi/zapi_hello.h"

/* ---- detection ---- */

static void every_dialect_is_found_with_and_without_a_vty(void **state)
{
	static const struct {
		const char *release;
		const char *
			without_vty; /* dialect found by the probe alone, NULL: refused */
	} cases[] = {
		{"7.5.1", "7.5"},   {"8.4.4", "8.4"}, {"8.5.7", "8.4"},
		{"9.0.5", "8.4"},   {"9.1.3", "9.1"}, {"10.0.5", NULL},
		{"10.1.4", NULL},   {"10.2.6", NULL}, {"10.3.4", NULL},
		{"10.4.4", NULL},   {"10.5.4", NULL}, {"10.6.1", "10.6"},
		{"10.7.0", "10.6"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int vty = 0; vty < 2; vty++) {
			struct fake_zebra_options opt = options_for(cases[i].release);
			const char *want = vty ? opt.dialect->name : cases[i].without_vty;

			if (!vty)
				opt.release = NULL;
			begin_with(&opt);
			configure(RIB_PROTO_BGP);
			if (strcmp(view().dialect, want ?: ""))
				fail_msg(
					"%s, vty %d: expected \"%s\", saw \"%s\"; last error \"%s\"",
					cases[i].release, vty, want ?: "", view().dialect,
					view().last_error);
			assert_state(want ? ZCLIENT_SYNCING : ZCLIENT_WAITING);
			assert_string_equal(view().release,
					    vty && want ? cases[i].release : "");
			end(NULL);
		}
	}
}

static void what_does_not_fit_together_is_refused_in_words(void **state)
{
	static const struct {
		const char *what, *dialect, *release;
		uint16_t error, capabilities;
		uint8_t extra;
		const char *why;
	} cases[] = {
		{"an unknown release", "8.4.4", "8.6.0", 0, 0, 0,
		 "FRR 8.6.0 is not a release known to wgrd"},
		{"a development version", "10.4.4", "10.4-dev", 0, 0, 0,
		 "FRR 10.4-dev is not a release known to wgrd"},
		{"another release's numbers", "10.2.6", "8.4.4", 0, 0, 0,
		 "zebra says it is FRR 8.4.4 but speaks the ZAPI of FRR 10.2"},
		{"numbers of the same set", "9.0.5", "9.1.3", 0, 0, 0,
		 "zebra says it is FRR 9.1.3 but speaks the ZAPI of FRR 8.4"},
		{"an ERROR of no release", "8.4.4", "8.4.4", 140, 0, 0,
		 "zebra speaks a ZAPI unknown to wgrd: its ERROR is message 140"},
		{"longer capabilities", "8.4.4", "8.4.4", 0, 0, 1,
		 "zebra of FRR 8.4.4 speaks a ZAPI unknown to wgrd: ERROR 118, CAPABILITIES 19 of 11 bytes"},
		{"an ERROR of other HELLOs", "8.4.4", "8.4.4", 120, 0, 0,
		 "zebra answers with ERROR 120 and takes none of the HELLOs known"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_zebra_options opt = options_for(cases[i].dialect);

		opt.release = cases[i].release;
		opt.error_command = cases[i].error;
		opt.capabilities_extra = cases[i].extra;
		begin_with(&opt);
		configure(RIB_PROTO_BGP);
		assert_state(ZCLIENT_WAITING);
		if (strcmp(view().last_error, cases[i].why))
			fail_msg("%s: expected \"%s\", saw \"%s\"", cases[i].what,
				 cases[i].why, view().last_error);
		assert_int_equal(fake_zebra_clients(zebra), 0);
		assert_int_equal(fake_zebra_received(zebra, ZAPI_REDISTRIBUTE_ADD), 0);
		end(NULL);
	}
}

static void an_uncertain_dialect_names_the_vty_that_would_help(void **state)
{
	struct fake_zebra_options opt = options_for("10.2.6");

	(void)state;
	opt.release = NULL;
	begin_with(&opt);
	configure(RIB_PROTO_BGP);
	assert_state(ZCLIENT_WAITING);
	assert_string_equal(view().last_error,
			    "FRR 10.2 or later, its vty does not say which "
			    "(No such file or directory)");
	end(NULL);
}

static void a_zebra_that_does_not_answer_is_left(void **state)
{
	struct fake_zebra_options opt = options_for("8.4.4");

	(void)state;
	opt.mute = true;
	begin_with(&opt);
	configure(RIB_PROTO_BGP);
	assert_state(ZCLIENT_PROBING);
	wait_s(5);
	assert_state(ZCLIENT_WAITING);
	assert_string_equal(view().last_error, "zebra did not answer for 5 s");
	end(NULL);
}

/* zebra tells everybody when a client goes, also one that has not said who it is. */
static void other_messages_do_not_disturb_the_probe(void **state)
{
	static const uint8_t gone[7] = {15};

	(void)state;
	zclient_configure(client, &(struct zclient_options){.settle_ns = NS_PER_S});
	assert_state(ZCLIENT_WAITING); /* no path: nothing but an error */
	configure(RIB_PROTO_BGP);
	fake_zebra_drop_clients(zebra);
	run();
	fake_loop_advance(loop, NS_PER_S);
	fake_zebra_poll(zebra); /* accepted, nothing said yet */
	fake_zebra_send(zebra, ZAPI_CLIENT_CLOSE_NOTIFY, 0, gone, sizeof(gone));
	run();
	assert_state(ZCLIENT_SYNCING);
	assert_int_equal(view().malformed, 0);
}

/* ---- connecting ---- */

static void a_session_passes_through_its_states(void **state)
{
	(void)state;
	assert_state(ZCLIENT_OFF);
	fake_zebra_router_id(zebra, "192.0.2.9");
	be_up();
	assert_string_equal(states, "waiting probing syncing syncing up ");
	assert_string_equal(view().release, "8.4.4");
	assert_int_equal(view().router_id, prefix("192.0.2.9").addr.v4.s_addr);
	assert_int_equal(view().connects, 1);
	assert_string_equal(view().last_error, "");
	assert_int_equal(fake_zebra_received(zebra, ZAPI_ROUTE_NOTIFY_REQUEST), 1);
	fake_zebra_router_id(zebra, "192.0.2.10");
	run();
	assert_int_equal(view().router_id, prefix("192.0.2.10").addr.v4.s_addr);
}

static void a_zebra_that_is_not_there_is_tried_again_and_again(void **state)
{
	struct fake_zebra_options opt = options_for("8.4.4");
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
	fake_zebra_send(zebra, ZAPI_CLIENT_CLOSE_NOTIFY, 0, junk, sizeof(junk));
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
	const struct zapi_dialect *d = zapi_dialect_by_release("8.4.4");
	struct ip_addr id = prefix("192.0.2.77").addr;
	uint8_t buf[64];
	struct wbuf w = wbuf_writer(buf, sizeof(buf));

	(void)state;
	be_up();
	zapi_encode_router_id_update(&w, d, 0, &id);
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
	const char *env = getenv("WGRD_TEST_SEED");
	unsigned seed = env ? (unsigned)strtoul(env, NULL, 0) : 20261123;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	be_up();
	for (int round = 0; round < 3000; round++) {
		uint8_t body[96];
		size_t len = (size_t)rand() % sizeof(body);

		for (size_t i = 0; i < len; i++)
			body[i] = (uint8_t)(rand() % 3 ? rand() % 16 : rand());
		if (round % 100)
			fake_zebra_send(
				zebra,
				(enum zapi_kind)(1 + rand() % (ZAPI_KIND_COUNT - 1)),
				(uint32_t)rand() % 3, body, len);
		else
			fake_zebra_send_raw(zebra, body, len);
		run();
		if (view().state == ZCLIENT_WAITING)
			wait_s(10);
	}
	assert_true(view().malformed > 100);
}

static void own_prefixes_wait_for_a_zebra_that_is_slow(void **state)
{
	char text[64];

	(void)state;
	fake_zebra_iface(zebra, 0, 3, "wg0", true);
	be_up();
	/* own prefixes wait their turn instead of filling memory */
	for (unsigned i = 0; i < 10000; i++) {
		struct zclient_own own = {.ifindex = 3};

		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 256, i % 256);
		own.prefix = prefix(text);
		assert_int_equal(zclient_own_add_named(client, "default", &own), 0);
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
		cmocka_unit_test(every_dialect_is_found_with_and_without_a_vty),
		cmocka_unit_test(what_does_not_fit_together_is_refused_in_words),
		cmocka_unit_test(an_uncertain_dialect_names_the_vty_that_would_help),
		cmocka_unit_test(a_zebra_that_does_not_answer_is_left),
		WITH_ZEBRA(other_messages_do_not_disturb_the_probe),
		WITH_ZEBRA(a_session_passes_through_its_states),
		WITH_ZEBRA(a_zebra_that_is_not_there_is_tried_again_and_again),
		WITH_ZEBRA(attempts_grow_rarer_up_to_ten_seconds),
		WITH_ZEBRA(after_being_up_the_first_attempt_is_soon),
		WITH_ZEBRA(a_zebra_of_another_release_may_come_back),
		WITH_ZEBRA(turning_zebra_off_takes_its_routes_away),
		WITH_ZEBRA(the_same_options_disturb_nothing),
		WITH_ZEBRA(another_protocol_changes_the_subscription_only),
		WITH_ZEBRA(another_socket_is_another_session),
		WITH_ZEBRA(a_malformed_message_is_counted_and_passed_over),
		WITH_ZEBRA(what_is_unknown_is_ignored),
		WITH_ZEBRA(a_stream_that_is_not_zapi_ends_the_session),
		WITH_ZEBRA(a_message_may_come_in_pieces),
		WITH_ZEBRA(garbage_does_no_harm),
		WITH_ZEBRA(own_prefixes_wait_for_a_zebra_that_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
