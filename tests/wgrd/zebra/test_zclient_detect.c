/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which dialect of ZAPI a zebra speaks: found by release and probe, demanded by the operator,
 * or given up. zclient_probe has its own tests of single messages.
 */
#include "tests/wgrd/zebra/zclient_test.h"

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
			if (want)
				assert_string_equal(view().evidence,
						    vty ? "release and probe" : "probe");
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
		opt.capabilities_command = cases[i].capabilities;
		opt.capabilities_extra = cases[i].extra;
		begin_with(&opt);
		configure(RIB_PROTO_BGP);
		assert_state(ZCLIENT_GIVEN_UP);
		assert_true(zclient_gave_up(client) && view().gave_up);
		if (strcmp(view().last_error, cases[i].why))
			fail_msg("%s: expected \"%s\", saw \"%s\"", cases[i].what,
				 cases[i].why, view().last_error);
		assert_int_equal(fake_zebra_clients(zebra), 0);
		assert_int_equal(fake_zebra_received(zebra, ZAPI_REDISTRIBUTE_ADD), 0);
		end(NULL);
	}
}

/* A zebra of 10.2 without a vty. */
static int begin_unnamed(void **state)
{
	struct fake_zebra_options opt = options_for("10.2.6");

	(void)state;
	opt.release = NULL;
	begin_with(&opt);
	configure(RIB_PROTO_BGP);
	return 0;
}

/* A zebra that starts opens zserv before its vty, so doubt may pass by itself. */
static void a_missing_release_is_waited_for_and_then_given_up(void **state)
{
	(void)state;
	assert_state(ZCLIENT_WAITING);
	assert_string_equal(view().last_error,
			    "FRR 10.2 or later, its vty does not say which "
			    "(No such file or directory)");
	wait_s(1);
	assert_state(ZCLIENT_WAITING);
	assert_false(zclient_gave_up(client));
	wait_s(2);
	assert_state(ZCLIENT_GIVEN_UP);
	assert_true(zclient_gave_up(client));
	assert_int_equal(view().connects, 3);
}

static void a_release_that_comes_late_is_in_time(void **state)
{
	struct fake_zebra_options opt = options_for("10.2.6");

	(void)state;
	assert_state(ZCLIENT_WAITING);
	fake_zebra_start(zebra, &opt);
	wait_s(1);
	assert_state(ZCLIENT_SYNCING);
	assert_string_equal(view().dialect, "10.2");
}

/* ---- giving up ---- */

/* A zebra of a release that there is not, with the protocol of 10.2. */
static struct fake_zebra_options newer_zebra(void)
{
	struct fake_zebra_options opt = options_for("10.2.6");

	opt.release = "11.3.1";
	return opt;
}

static int begin_newer(void **state)
{
	struct fake_zebra_options opt = newer_zebra();

	(void)state;
	begin_with(&opt);
	configure(RIB_PROTO_BGP);
	assert_state(ZCLIENT_GIVEN_UP);
	return 0;
}

static void a_zebra_that_was_given_up_is_looked_at_once_a_minute(void **state)
{
	(void)state;
	assert_string_equal(view().release, "11.3.1"); /* it is what the error is about */
	assert_string_equal(view().dialect, "");
	assert_string_equal(view().evidence, "");
	assert_int_equal(fake_zebra_clients(zebra), 0);
	wait_s(59);
	assert_int_equal(view().connects, 1);
	wait_s(1);
	assert_int_equal(view().connects, 2);
	assert_state(ZCLIENT_GIVEN_UP);
	wait_s(600);
	assert_int_equal(view().connects, 12);
	assert_true(zclient_gave_up(client));
}

static unsigned warnings, debugs;

static void count_lines(enum log_level level, enum log_subsys s, const char *line)
{
	(void)s;
	if (!strstr(line, "given up"))
		return;
	warnings += level == LOG_LEVEL_WARN;
	debugs += level == LOG_LEVEL_DEBUG;
}

static void it_is_said_once(void **state)
{
	(void)state;
	zclient_configure(client, NULL);
	log_set_debug(LOG_ZEBRA, true);
	log_capture(count_lines);
	warnings = debugs = 0;
	configure(RIB_PROTO_BGP);
	wait_s(300);
	assert_int_equal(warnings, 1);
	assert_int_equal(debugs, 5);
	log_set_debug(LOG_ZEBRA, false);
}

/* An upgrade while wgrd runs: somebody else learns until zebra has told everything again. */
static void an_upgrade_to_the_unknown_and_back_keeps_what_was_learned(void **state)
{
	struct fake_zebra_options known = options_for("9.1.3"), unknown = newer_zebra();

	(void)state;
	begin_with(&known);
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 7);
	be_up();
	assert_false(zclient_gave_up(client));
	states[0] = '\0';
	fake_zebra_start(zebra, &unknown);
	wait_s(1);
	assert_state(ZCLIENT_GIVEN_UP);
	assert_non_null(learned(0, "10.1.0.0/16"));
	fake_zebra_stop(zebra); /* down is no answer to what it speaks */
	wait_s(60);
	assert_state(ZCLIENT_WAITING);
	assert_true(zclient_gave_up(client));
	fake_zebra_start(zebra, &known);
	while (view().state != ZCLIENT_SYNCING)
		wait_s(1);
	assert_true(zclient_gave_up(client)); /* it has not told everything */
	wait_s(SETTLE_S);
	assert_state(ZCLIENT_UP);
	assert_false(zclient_gave_up(client));
	assert_non_null(learned(0, "10.1.0.0/16"));
	assert_string_equal(view().evidence, "release and probe");
	assert_string_equal(states, "waiting probing given-up waiting probing "
				    "syncing up ");
	end(NULL);
}

/* As wgrd/learn does from the kernel's main table. */
static void learn_elsewhere(const char *p)
{
	const struct rib_nexthop nh = {.ifindex = 3};
	const struct rib_route r = {
		.prefix = prefix(p),
		.source = RIB_FROM_KERNEL,
		.nh_count = 1,
		.nh = &nh,
	};

	assert_int_equal(rib_update(rib, 0, &r), 0);
}

/* What the watcher heard of each prefix: the source of its route, or that it has none. */
static char heard[256];

static void hear(struct rib_watcher *w, uint32_t vrf, const struct prefix *p,
		 const struct rib_route *now)
{
	size_t len = strlen(heard);
	char buf[PREFIX_STRLEN];

	(void)w;
	(void)vrf;
	snprintf(heard + len, sizeof(heard) - len, "%s %s;", prefix_str(p, buf),
		 !now                             ? "gone"
		 : now->source == RIB_FROM_KERNEL ? "kernel"
						  : "zebra");
}

static void who_learned_instead_takes_over_without_a_gap(void **state)
{
	struct fake_zebra_options known = options_for("9.1.3"), unknown = newer_zebra();
	struct rib_watcher w = {.changed = hear};

	(void)state;
	begin_with(&known);
	fake_zebra_vrf(zebra, 4, "red");
	fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 7);
	fake_zebra_route(zebra, 0, "10.2.0.0/16", "10.99.0.7", 3, 7);
	fake_zebra_route(zebra, 4, "10.3.0.0/16", "10.99.0.7", 3, 7);
	be_up();
	assert_int_equal(zclient_yield(client, 0), 0); /* zebra is there: it stays */
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 3);
	fake_zebra_start(zebra, &unknown);
	wait_s(1);
	assert_state(ZCLIENT_GIVEN_UP);
	rib_watch(rib, &w);
	learn_elsewhere("10.1.0.0/16");
	heard[0] = '\0';
	assert_int_equal(zclient_yield(client, 0), 0);
	assert_string_equal(heard, "10.1.0.0/16 kernel;10.2.0.0/16 gone;");
	assert_int_equal(rib_count(rib, RIB_FROM_ZEBRA), 1); /* nobody spoke for red */
	fake_zebra_start(zebra, &known);
	heard[0] = '\0';
	wait_s(60);
	assert_state(ZCLIENT_SYNCING);
	assert_int_equal(zclient_yield(client, 0), 0); /* too late, zebra is telling */
	assert_string_equal(heard, "10.1.0.0/16 zebra;10.2.0.0/16 zebra;");
	rib_unwatch(rib, &w);
	end(NULL);
}

static void turning_zebra_off_ends_giving_up(void **state)
{
	(void)state;
	assert_true(zclient_gave_up(client));
	zclient_configure(client, NULL);
	assert_false(zclient_gave_up(client));
	assert_state(ZCLIENT_OFF);
	wait_s(100);
	assert_int_equal(view().connects, 1);
}

/* ---- zapi-version ---- */

static void a_demanded_dialect_is_spoken_if_the_answer_fits(void **state)
{
	static const struct {
		const char *what, *zebra, *release, *demand;
		uint16_t error;
		uint8_t extra;
		const char *why; /* NULL: it is spoken */
	} cases[] = {
		{"what it is anyway", "8.4.4", "8.4.4", "8.4", 0, 0, NULL},
		{"no vty", "10.3.4", NULL, "10.3", 0, 0, NULL},
		{"a release to come", "10.6.1", "10.9.0", "10.7", 0, 0, NULL},
		{"a development version", "10.4.4", "10.4-dev", "10.4", 0, 0, NULL},
		{"an ERROR of no release", "10.6.1", "10.9.0", "10.7", 131, 0, NULL},
		{"the newer of two HELLOs", "10.1.4", NULL, "10.1", 0, 0, NULL},
		{"another HELLO", "8.4.4", "8.4.4", "10.2", 0, 0,
		 "zebra of FRR 8.4.4 does not take the HELLO of FRR 10.2 that zapi-version "
		 "demands"},
		{"another HELLO, no vty", "10.2.6", NULL, "8.5", 0, 0,
		 "zebra does not take the HELLO of FRR 8.4 that zapi-version demands"},
		{"other capabilities", "10.2.6", "10.2.6", "10.6", 0, 0,
		 "zebra of FRR 10.2.6 sends CAPABILITIES of 12 bytes, FRR 10.6 that "
		 "zapi-version demands has 9"},
		{"longer capabilities", "10.2.6", NULL, "10.2", 0, 1,
		 "zebra sends CAPABILITIES of 13 bytes, FRR 10.2 that zapi-version demands "
		 "has 12"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_zebra_options opt = options_for(cases[i].zebra);

		opt.release = cases[i].release;
		opt.error_command = cases[i].error;
		opt.capabilities_extra = cases[i].extra;
		begin_with(&opt);
		fake_zebra_route(zebra, 0, "10.1.0.0/16", "10.99.0.7", 3, 7);
		configure_for(RIB_PROTO_BGP, cases[i].demand);
		wait_s(SETTLE_S);
		if (strcmp(view().last_error, cases[i].why ?: ""))
			fail_msg("%s: expected \"%s\", saw \"%s\"", cases[i].what,
				 cases[i].why ?: "", view().last_error);
		assert_state(cases[i].why ? ZCLIENT_GIVEN_UP : ZCLIENT_UP);
		assert_int_equal(learned(0, "10.1.0.0/16") != NULL, !cases[i].why);
		assert_string_equal(view().evidence, cases[i].why ? "" : "zapi-version");
		end(NULL);
	}
}

static void a_demand_acts_at_once(void **state)
{
	(void)state;
	configure_for(RIB_PROTO_BGP, "10.2");
	assert_state(ZCLIENT_SYNCING);
	assert_string_equal(view().release, "11.3.1");
	assert_string_equal(view().dialect, "10.2");
	configure_for(RIB_PROTO_BGP, "10.2");
	assert_int_equal(view().connects, 2); /* the same again disturbs nothing */
	configure(RIB_PROTO_BGP);
	assert_state(ZCLIENT_GIVEN_UP);
	assert_int_equal(view().connects, 3);
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

#define WITH(setup, f) cmocka_unit_test_setup_teardown(f, setup, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialect_is_found_with_and_without_a_vty),
		cmocka_unit_test(what_does_not_fit_together_is_refused_in_words),
		WITH(begin_unnamed, a_missing_release_is_waited_for_and_then_given_up),
		WITH(begin_unnamed, a_release_that_comes_late_is_in_time),
		WITH(begin_newer, a_zebra_that_was_given_up_is_looked_at_once_a_minute),
		WITH(begin_newer, it_is_said_once),
		cmocka_unit_test(
			an_upgrade_to_the_unknown_and_back_keeps_what_was_learned),
		cmocka_unit_test(who_learned_instead_takes_over_without_a_gap),
		WITH(begin_newer, turning_zebra_off_ends_giving_up),
		cmocka_unit_test(a_demanded_dialect_is_spoken_if_the_answer_fits),
		WITH(begin_newer, a_demand_acts_at_once),
		cmocka_unit_test(a_zebra_that_does_not_answer_is_left),
		cmocka_unit_test_setup_teardown(other_messages_do_not_disturb_the_probe,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
