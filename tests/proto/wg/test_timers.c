/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios in fake time: what happens when, and what is then expected to be done when.
 * The simulation plays the handshake thread. It asks wg_timers_run() exactly when told to
 * and after each event of its own, but never when a worker stores something.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/timers.h"

enum event {
	END,       /* of the scenario */
	DATA_SENT, /* by a worker, and so are the next four */
	DATA_RCVD,
	KEEPALIVE_SENT,
	KEEPALIVE_RCVD,
	CONFIRMED,    /* the first packet of a session we responded to */
	WANTED,       /* a packet waits for a session */
	CALLED,       /* a session is needed, whatever was sent before */
	CALLED_LATER, /* in 250 ms */
	DERIVED_INITIATOR,
	DERIVED_RESPONDER,
	PERSIST_ON, /* persistent keepalive of 25 s */
};

#define INIT WG_DO_INITIATE
#define KEEP WG_DO_KEEPALIVE
#define DROP WG_DO_DROP_STAGED
#define ZERO WG_DO_ZERO_KEYS

enum {
	MAX_STEPS = 24,
};

struct scenario {
	const char *name;
	uint64_t jitter_ms;
	struct {
		uint64_t at_ms;
		enum event what;
	} events[MAX_STEPS]; /* up to END */
	struct {
		uint64_t at_ms;
		unsigned todo;
	} expected[MAX_STEPS]; /* up to 0 */
};

#define MS       (WG_NS_PER_S / 1000)
#define START_NS (77 * WG_NS_PER_S)

struct sim {
	const struct scenario *s;
	struct wg_timers timers;
	struct wg_activity activity;
	uint64_t next_ns;
	size_t done; /* of s->expected */
	unsigned runs;
};

static void saw(struct sim *sim, unsigned todo, uint64_t now_ns)
{
	uint64_t at_ms = (now_ns - START_NS) / MS;
	uint64_t want_ms = sim->s->expected[sim->done].at_ms;
	unsigned want = sim->s->expected[sim->done].todo;

	if (todo != want || at_ms != want_ms)
		fail_msg("%s, action %zu: expected %x at %llu ms, seen %x at %llu ms",
			 sim->s->name, sim->done, want, (unsigned long long)want_ms, todo,
			 (unsigned long long)at_ms);
	sim->done++;
}

/* Does what is asked for, as the handshake thread would. */
static void act(struct sim *sim, unsigned todo, uint64_t now_ns)
{
	saw(sim, todo, now_ns);
	if (todo & WG_DO_INITIATE) {
		wg_timers_initiated(&sim->timers, now_ns, sim->s->jitter_ms * MS);
		wg_activity_sent(&sim->activity, false, now_ns);
	}
	if (todo & WG_DO_KEEPALIVE)
		wg_activity_sent(&sim->activity, false, now_ns);
}

static void run(struct sim *sim, uint64_t now_ns)
{
	unsigned todo =
		wg_timers_run(&sim->timers, &sim->activity, now_ns, &sim->next_ns);

	sim->runs++;
	if (todo) {
		act(sim, todo, now_ns);
		/* What was done moves times; nothing may be due a second time. */
		todo = wg_timers_run(&sim->timers, &sim->activity, now_ns, &sim->next_ns);
		if (todo)
			fail_msg("%s: %x is due twice", sim->s->name, todo);
	}
	if (sim->next_ns <= now_ns)
		fail_msg("%s: asked to come again at once", sim->s->name);
}

static void happen(struct sim *sim, enum event what, uint64_t now_ns)
{
	switch (what) {
	case END:
		return;
	case DATA_SENT:
	case KEEPALIVE_SENT:
		wg_activity_sent(&sim->activity, what == DATA_SENT, now_ns);
		return;
	case DATA_RCVD:
	case KEEPALIVE_RCVD:
		wg_activity_rcvd(&sim->activity, what == DATA_RCVD, now_ns);
		return;
	case CONFIRMED:
		wg_activity_rcvd(&sim->activity, false, now_ns);
		wg_activity_confirmed(&sim->activity, now_ns);
		return;
	case WANTED:
		if (wg_timers_wanted(&sim->timers, now_ns))
			act(sim, WG_DO_INITIATE, now_ns);
		break;
	case CALLED:
		wg_timers_call(&sim->timers, 0, now_ns);
		break;
	case CALLED_LATER:
		wg_timers_call(&sim->timers, 250 * MS, now_ns);
		break;
	case DERIVED_INITIATOR:
		wg_activity_rcvd(&sim->activity, false, now_ns);
		wg_timers_derived(&sim->timers, true, now_ns);
		break;
	case DERIVED_RESPONDER:
		wg_activity_rcvd(&sim->activity, false, now_ns);
		wg_activity_sent(&sim->activity, false, now_ns);
		wg_timers_derived(&sim->timers, false, now_ns);
		break;
	case PERSIST_ON:
		sim->timers.persistent_s = 25;
		break;
	}
	run(sim, now_ns);
}

static void play(const struct scenario *s)
{
	struct sim sim = {.s = s, .next_ns = UINT64_MAX};
	uint64_t end_ms = 0;

	for (size_t i = 0;; i++) {
		uint64_t at_ns = START_NS + s->events[i].at_ms * MS;

		while (sim.next_ns <= at_ns)
			run(&sim, sim.next_ns);
		end_ms = s->events[i].at_ms;
		if (s->events[i].what == END)
			break;
		happen(&sim, s->events[i].what, at_ns);
	}
	if (s->expected[sim.done].todo)
		fail_msg("%s: expected %x at %llu ms, seen nothing", s->name,
			 s->expected[sim.done].todo,
			 (unsigned long long)s->expected[sim.done].at_ms);
	/* Asking often would be an easy way to be exact. */
	if (sim.runs > 30 + end_ms / 4000)
		fail_msg("%s: asked %u times in %llu ms", s->name, sim.runs,
			 (unsigned long long)end_ms);
}

/* clang-format off */
static const struct scenario scenarios[] = {
	{"nothing happens", 0, {{3600000, END}}, {{0, 0}}},

	/* Handshakes, section 6.4 */
	{"no answer: every 5 s for 90 s, then what waits is dropped and later all wiped", 0,
	 {{0, WANTED}, {1000000, END}},
	 {{0, INIT}, {5000, INIT}, {10000, INIT}, {15000, INIT}, {20000, INIT},
	  {25000, INIT}, {30000, INIT}, {35000, INIT}, {40000, INIT}, {45000, INIT},
	  {50000, INIT}, {55000, INIT}, {60000, INIT}, {65000, INIT}, {70000, INIT},
	  {75000, INIT}, {80000, INIT}, {85000, INIT}, {90000, DROP}, {630000, ZERO}}},
	{"jitter is added to every try", 300,
	 {{0, WANTED}, {17000, END}},
	 {{0, INIT}, {5300, INIT}, {10600, INIT}, {15900, INIT}}},
	{"the answer ends the attempt", 0,
	 {{0, WANTED}, {5100, DERIVED_INITIATOR}, {400000, END}},
	 {{0, INIT}, {5000, INIT}}},
	{"more packets do not make it faster", 0,
	 {{0, WANTED}, {1000, WANTED}, {4999, WANTED}, {6000, WANTED}, {9000, END}},
	 {{0, INIT}, {5000, INIT}}},
	{"but they make it last", 0,
	 {{0, WANTED}, {60000, WANTED}, {100001, END}},
	 {{0, INIT}, {5000, INIT}, {10000, INIT}, {15000, INIT}, {20000, INIT},
	  {25000, INIT}, {30000, INIT}, {35000, INIT}, {40000, INIT}, {45000, INIT},
	  {50000, INIT}, {55000, INIT}, {60000, INIT}, {65000, INIT}, {70000, INIT},
	  {75000, INIT}, {80000, INIT}, {85000, INIT}, {90000, INIT}, {95000, INIT},
	  {100000, INIT}}},
	{"a late wish right after a handshake is ignored", 0,
	 {{0, WANTED}, {100, DERIVED_INITIATOR}, {200, WANTED}, {100000, END}},
	 {{0, INIT}}},
	{"a wish for a new session later is not", 0,
	 {{0, WANTED}, {100, DERIVED_INITIATOR}, {120000, WANTED},
	  {120100, DERIVED_INITIATOR}, {200000, END}},
	 {{0, INIT}, {120000, INIT}}},
	{"a call is made at once and repeated like any attempt", 0,
	 {{0, WANTED}, {1000, CALLED}, {7000, DERIVED_INITIATOR}, {60000, END}},
	 {{0, INIT}, {1000, INIT}, {6000, INIT}}},
	{"also right after a handshake", 0,
	 {{0, DERIVED_INITIATOR}, {100, CALLED}, {200, DERIVED_INITIATOR}, {60000, END}},
	 {{100, INIT}}},
	{"but not so soon that the other side takes it for a repetition", 0,
	 {{0, WANTED}, {10, CALLED}, {30, CALLED}, {5500, END}},
	 {{0, INIT}, {40, INIT}, {5040, INIT}}},
	{"a call may wait a moment, and a keepalive with it", 0,
	 {{0, PERSIST_ON}, {100, DERIVED_INITIATOR}, {30000, CALLED_LATER},
	  {31000, DERIVED_INITIATOR}, {40000, END}},
	 {{0, INIT}, {25100, KEEP}, {30250, INIT}}},
	{"but who has something to send does not", 0,
	 {{0, CALLED_LATER}, {100, WANTED}, {4000, END}},
	 {{100, INIT}}},
	{"and an answer that comes meanwhile will do", 0,
	 {{0, WANTED}, {10, CALLED}, {30, DERIVED_INITIATOR}, {5500, END}},
	 {{0, INIT}}},
	{"as responder, our own attempt goes on until the session is confirmed", 0,
	 {{0, WANTED}, {1000, DERIVED_RESPONDER}, {5500, CONFIRMED}, {100000, END}},
	 {{0, INIT}, {5000, INIT}}},
	{"a confirmation from before the attempt does not end it", 0,
	 {{0, DERIVED_RESPONDER}, {100, CONFIRMED}, {120000, WANTED}, {131000, END}},
	 {{120000, INIT}, {125000, INIT}, {130000, INIT}}},

	/* Passive keepalive, section 6.5 */
	{"who gets data and says nothing sends a keepalive after 10 s", 0,
	 {{0, DERIVED_INITIATOR}, {3000, DATA_RCVD}, {60000, END}},
	 {{13000, KEEP}}},
	{"counted from the first packet, not the last", 0,
	 {{0, DERIVED_INITIATOR}, {3000, DATA_RCVD}, {7000, DATA_RCVD}, {12000, DATA_RCVD},
	  {60000, END}},
	 {{13000, KEEP}}},
	{"data that goes on coming gets one every 10 s", 0,
	 {{0, DERIVED_INITIATOR}, {1000, DATA_RCVD}, {9000, DATA_RCVD}, {12000, DATA_RCVD},
	  {20000, DATA_RCVD}, {23000, DATA_RCVD}, {60000, END}},
	 {{11000, KEEP}, {22000, KEEP}, {33000, KEEP}}},
	{"an answer spares it", 0,
	 {{0, DERIVED_INITIATOR}, {3000, DATA_RCVD}, {12000, DATA_SENT},
	  {13000, KEEPALIVE_RCVD}, {60000, END}},
	 {{0, 0}}},
	{"keepalives are not answered", 0,
	 {{0, DERIVED_INITIATOR}, {3000, KEEPALIVE_RCVD}, {60000, END}},
	 {{0, 0}}},

	/* A dead session, section 6.5 */
	{"data without an answer for 15 s: a new handshake", 0,
	 {{0, DERIVED_INITIATOR}, {10000, DATA_SENT}, {15000, DATA_SENT}, {26000, END}},
	 {{25000, INIT}}},
	{"anything received is an answer", 0,
	 {{0, DERIVED_INITIATOR}, {10000, DATA_SENT}, {24000, KEEPALIVE_RCVD},
	  {30000, DATA_SENT}, {44999, DATA_RCVD}, {46000, DATA_SENT},
	  {50000, KEEPALIVE_RCVD}, {80000, END}},
	 {{0, 0}}},
	{"a keepalive of ours waits for none", 0,
	 {{0, DERIVED_INITIATOR}, {10000, KEEPALIVE_SENT}, {60000, END}},
	 {{0, 0}}},
	{"each silence starts one attempt, and more data another", 0,
	 {{0, DERIVED_INITIATOR}, {1000, DATA_SENT}, {108000, DATA_SENT}, {124000, END}},
	 {{16000, INIT}, {21000, INIT}, {26000, INIT}, {31000, INIT}, {36000, INIT},
	  {41000, INIT}, {46000, INIT}, {51000, INIT}, {56000, INIT}, {61000, INIT},
	  {66000, INIT}, {71000, INIT}, {76000, INIT}, {81000, INIT}, {86000, INIT},
	  {91000, INIT}, {96000, INIT}, {101000, INIT}, {106000, DROP}, {123000, INIT}}},
	{"data during an attempt prolongs it", 0,
	 {{0, DERIVED_INITIATOR}, {1000, DATA_SENT}, {88000, DATA_SENT}, {110000, END}},
	 {{16000, INIT}, {21000, INIT}, {26000, INIT}, {31000, INIT}, {36000, INIT},
	  {41000, INIT}, {46000, INIT}, {51000, INIT}, {56000, INIT}, {61000, INIT},
	  {66000, INIT}, {71000, INIT}, {76000, INIT}, {81000, INIT}, {86000, INIT},
	  {91000, INIT}, {96000, INIT}, {101000, INIT}, {106000, INIT}}},

	/* Persistent keepalive, section 6.5 */
	{"at once without a session, then in every silence of 25 s", 0,
	 {{0, PERSIST_ON}, {100, DERIVED_INITIATOR}, {60000, END}},
	 {{0, INIT}, {25100, KEEP}, {50100, KEEP}}},
	{"traffic in either direction spares it", 0,
	 {{0, PERSIST_ON}, {100, DERIVED_INITIATOR}, {20000, DATA_SENT},
	  {21000, KEEPALIVE_RCVD}, {40000, DATA_RCVD}, {60000, END}},
	 {{0, INIT}, {50000, KEEP}}},
	{"without an answer it never gives up for good", 0,
	 {{0, PERSIST_ON}, {116000, END}},
	 {{0, INIT}, {5000, INIT}, {10000, INIT}, {15000, INIT}, {20000, INIT},
	  {25000, INIT}, {30000, INIT}, {35000, INIT}, {40000, INIT}, {45000, INIT},
	  {50000, INIT}, {55000, INIT}, {60000, INIT}, {65000, INIT}, {70000, INIT},
	  {75000, INIT}, {80000, INIT}, {85000, INIT}, {90000, DROP}, {110000, INIT},
	  {115000, INIT}}},
	{"a session that has become too old is replaced, not kept alive", 0,
	 {{0, PERSIST_ON}, {100, DERIVED_INITIATOR}, {170000, KEEPALIVE_RCVD},
	  {196000, END}},
	 {{0, INIT}, {25100, KEEP}, {50100, KEEP}, {75100, KEEP}, {100100, KEEP},
	  {125100, KEEP}, {150100, KEEP}, {195000, INIT}}},

	/* Section 6.3 */
	{"keys are wiped 540 s after the last handshake", 0,
	 {{0, DERIVED_RESPONDER}, {50, CONFIRMED}, {100000, DERIVED_INITIATOR},
	  {2000000, END}},
	 {{640000, ZERO}}},
	{"but not while they are renewed", 0,
	 {{0, DERIVED_INITIATOR}, {500000, DERIVED_RESPONDER}, {500100, CONFIRMED},
	  {1000000, DERIVED_INITIATOR}, {1539999, END}},
	 {{0, 0}}},
};
/* clang-format on */

static void scenarios_go_as_the_paper_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		play(&scenarios[i]);
	print_message("%zu scenarios\n", sizeof(scenarios) / sizeof(scenarios[0]));
}

static void who_has_no_session_is_left_alone(void **state)
{
	struct wg_timers t = {0};
	struct wg_activity a = {0};
	uint64_t next_ns;

	(void)state;
	assert_int_equal(wg_timers_run(&t, &a, START_NS, &next_ns), 0);
	assert_int_equal(next_ns, UINT64_MAX);
	/* A session is watched until it ends, then only what must be wiped is. */
	wg_timers_derived(&t, true, START_NS);
	assert_int_equal(wg_timers_run(&t, &a, START_NS, &next_ns), 0);
	assert_int_equal(next_ns, START_NS + 10 * WG_NS_PER_S);
	assert_int_equal(wg_timers_run(&t, &a, START_NS + 180 * WG_NS_PER_S, &next_ns),
			 0);
	assert_int_equal(next_ns, START_NS + 540 * WG_NS_PER_S);
}

static void who_was_sent_data_and_says_nothing_is_unheard_until_it_speaks(void **state)
{
	struct wg_timers t = {0};
	struct wg_activity a = {0};
	uint64_t next;

	(void)state;
	wg_timers_derived(&t, true, START_NS);
	wg_activity_sent(&a, false, START_NS); /* a keepalive wants no answer */
	wg_timers_run(&t, &a, START_NS + 60 * WG_NS_PER_S, &next);
	assert_false(wg_timers_unheard(&t, &a));
	wg_activity_sent(&a, true, START_NS + 70 * WG_NS_PER_S);
	wg_timers_run(&t, &a, START_NS + 84 * WG_NS_PER_S, &next);
	assert_false(wg_timers_unheard(&t, &a));
	wg_timers_run(&t, &a, START_NS + 85 * WG_NS_PER_S, &next);
	assert_true(wg_timers_unheard(&t, &a));
	wg_activity_sent(&a, true, START_NS + 86 * WG_NS_PER_S);
	assert_true(wg_timers_unheard(&t, &a));
	wg_activity_rcvd(&a, false, START_NS + 87 * WG_NS_PER_S);
	assert_false(wg_timers_unheard(&t, &a));
}

static void a_thread_that_slept_catches_up_in_one_call(void **state)
{
	struct wg_timers t = {.persistent_s = 25};
	struct wg_activity a = {0};
	uint64_t next_ns, late_ns = START_NS + 3600 * WG_NS_PER_S;

	(void)state;
	wg_timers_derived(&t, true, START_NS);
	wg_activity_sent(&a, true, START_NS);
	wg_activity_rcvd(&a, true, START_NS);
	assert_int_equal(wg_timers_run(&t, &a, late_ns, &next_ns), ZERO | KEEP | INIT);
	assert_int_equal(wg_timers_run(&t, &a, late_ns, &next_ns), 0);
	assert_true(next_ns > late_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenarios_go_as_the_paper_says),
		cmocka_unit_test(who_has_no_session_is_left_alone),
		cmocka_unit_test(
			who_was_sent_data_and_says_nothing_is_unheard_until_it_speaks),
		cmocka_unit_test(a_thread_that_slept_catches_up_in_one_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
