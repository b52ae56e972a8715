/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What happens by itself as time passes: whitepaper section 6. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/limits.h"
#include "proto/wg/messages.h"
#include "tests/lib/dp_lab.h"
#include "wgrd/dplane/hs_internal.h"

#define A "10.1.0.1"
#define B "10.2.0.1"

struct pair {
	struct lab *lab;
	struct lab_node *a, *b;
	struct lab_wire *wire;
};

static void make_pair(struct pair *p)
{
	p->lab = lab_new();
	p->a = lab_node_add(p->lab, "a");
	p->b = lab_node_add(p->lab, "b");
	p->wire = lab_join(p->a, "10.1.0.0/16", p->b, "10.2.0.0/16", AF_INET);
}

static uint64_t handshakes(const struct lab_node *n)
{
	return atomic_load(&n->peer[0]->counters.handshakes);
}

static bool has_shaken(void *arg)
{
	const struct pair *p = arg;

	return handshakes(p->a) >= 2 && handshakes(p->b) >= 2;
}

static void a_probe_shakes_hands_beside_the_session(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	lab_advance(p.lab, 6 * NS_PER_S); /* handshakes are five seconds apart */
	dp_peer_probe(p.a->peer[0]);
	lab_wait(p.lab, has_shaken, &p, "a second handshake");
	assert_true(atomic_load(&p.a->peer[0]->answered_ns) > 0);
	assert_true(atomic_load(&p.a->peer[0]->answered_in_ns) < 60 * NS_PER_S);
	assert_int_equal(atomic_load(&p.b->peer[0]->answered_ns), 0); /* it did not ask */
	lab_send(p.b, B, A, 7);
	lab_expect(p.a, B, A, 7);
	lab_free(p.lab);
}

static void after_two_minutes_the_initiator_renews_the_keys_without_loss(void **state)
{
	struct pair p;
	uint32_t tag = 10;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	for (unsigned s = 0; s < 119; s += 7) {
		lab_advance(p.lab, 7 * NS_PER_S - NS_PER_S / 2);
		lab_send(p.a, A, B, ++tag);
		lab_expect(p.b, A, B, tag);
		lab_send(p.b, B, A, ++tag);
		lab_expect(p.a, B, A, tag);
	}
	assert_int_equal(handshakes(p.a), 1);
	lab_advance(p.lab, 97 * NS_PER_S / 10); /* 120.2 s; no keepalive is due */
	/* the responder does not ask for it, the initiator does */
	lab_send(p.b, B, A, ++tag);
	lab_expect(p.a, B, A, tag);
	assert_int_equal(lab_count(p.a, "tx-initiations"), 1);
	assert_int_equal(lab_count(p.b, "tx-initiations"), 0);
	for (unsigned i = 0; i < 20; i++)
		lab_send(p.a, A, B, 100 + i);
	for (unsigned i = 0; i < 20; i++)
		lab_expect(p.b, A, B, 100 + i);
	lab_send(p.b, B, A, ++tag);
	lab_expect(p.a, B, A, tag);
	lab_wait(p.lab, has_shaken, &p, "the second handshake");
	/* renewed once, though on a busy machine it may have had to ask twice */
	assert_int_equal(handshakes(p.a), 2);
	/* what the old keys sealed still gets in, and the new ones work both ways */
	lab_talk(p.a, A, p.b, B);
	assert_int_equal(
		lab_count(p.a, "rx-no-session") + lab_count(p.b, "rx-no-session"), 0);
	lab_free(p.lab);
}

static enum lab_verdict swallow(struct lab_wire *w, unsigned end, uint8_t *data,
				size_t len, void *arg)
{
	unsigned *seen = arg;

	(void)w;
	(void)end;
	*seen += wg_msg_classify(data, len) == WG_MSG_INITIATION;
	return LAB_DROP;
}

static bool both_were_down(void *arg)
{
	const struct pair *p = arg;

	return p->a->downs && p->b->downs;
}

static bool is_up_again(void *arg)
{
	const struct pair *p = arg;

	return p->a->ups >= 2;
}

static void after_three_minutes_a_session_is_over(void **state)
{
	struct pair p;
	unsigned seen = 0;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	lab_wait_status(p.a, 0, DP_PEER_UP, DP_PEER_UP);
	lab_advance(p.lab, 179 * NS_PER_S);
	assert_int_equal(lab_status(p.a, 0) & DP_PEER_UP, DP_PEER_UP);
	/* the handshake that both begin meanwhile gets nowhere */
	p.wire->filter = swallow;
	p.wire->arg = &seen;
	lab_advance(p.lab, 2 * NS_PER_S);
	assert_int_equal(lab_status(p.a, 0) & (DP_PEER_UP | DP_PEER_EXPIRED),
			 DP_PEER_EXPIRED);
	lab_wait(p.lab, both_were_down, &p, "main has been told of both ends");
	assert_int_equal(p.a->downs, 1);
	assert_int_equal(p.b->downs, 1);
	p.wire->filter = NULL;
	lab_advance(p.lab, 6 * NS_PER_S); /* handshakes are five seconds apart */
	/* what still comes under it is refused, and a packet to send makes a new one */
	lab_talk(p.b, B, p.a, A);
	lab_wait(p.lab, is_up_again, &p, "main has been told of the new session");
	assert_int_equal(p.a->ups, 2);
	lab_free(p.lab);
}

static void who_has_nothing_to_say_sends_a_keepalive(void **state)
{
	uint64_t before;
	struct pair p;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	lab_send(p.a, A, B, 1);
	lab_expect(p.b, A, B, 1);
	before = lab_count(p.a, "rx-keepalives");
	lab_advance(p.lab, 11 * NS_PER_S);
	lab_wait_count(p.a, "rx-keepalives", before + 1);
	/* and that is all: keepalives are not answered, and nobody begins a handshake */
	lab_advance(p.lab, 60 * NS_PER_S);
	lab_advance(p.lab, 30 * NS_PER_S);
	lab_pump(p.lab);
	assert_int_equal(lab_count(p.a, "rx-keepalives"), before + 1);
	assert_int_equal(
		lab_count(p.a, "tx-initiations") + lab_count(p.b, "tx-initiations"), 1);
	lab_free(p.lab);
}

static void without_an_answer_to_data_a_handshake_is_begun(void **state)
{
	unsigned seen = 0;
	struct pair p;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	p.wire->filter = swallow;
	p.wire->arg = &seen;
	lab_send(p.a, A, B, 1);
	lab_wait_count(p.a, "tx-packets", 2);
	lab_advance(p.lab, 16 * NS_PER_S);
	lab_wait_count(p.a, "tx-initiations", 2);
	lab_free(p.lab);
}

static bool answers(void *peer)
{
	return atomic_load(&((struct dp_peer *)peer)->answers);
}

static bool does_not_answer(void *peer)
{
	return !answers(peer);
}

static void who_is_not_heard_for_fifteen_seconds_is_no_choice_for_a_group(void **state)
{
	unsigned seen = 0;
	struct pair p;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	lab_wait(p.lab, answers, p.a->peer[0], "an answer");
	p.wire->filter = swallow;
	p.wire->arg = &seen;
	lab_advance(p.lab, 100 * NS_PER_S); /* nothing is said, so nothing is missed */
	lab_pump(p.lab);
	assert_true(answers(p.a->peer[0]));
	lab_send(p.a, A, B, 1);
	lab_wait_count(p.a, "tx-packets", 2);
	lab_advance(p.lab, 16 * NS_PER_S);
	lab_wait(p.lab, does_not_answer, p.a->peer[0], "silence to be noticed");
	assert_int_equal(lab_status(p.a, 0) & DP_PEER_UP, DP_PEER_UP);
	p.wire->filter = NULL;
	lab_advance(p.lab, 6 * NS_PER_S);
	lab_wait(p.lab, answers, p.a->peer[0], "an answer again");
	lab_free(p.lab);
}

static enum lab_verdict swallow_one_way(struct lab_wire *w, unsigned end, uint8_t *data,
					size_t len, void *arg)
{
	(void)w;
	(void)data;
	(void)len;
	(void)arg;
	return end == 0 ? LAB_DROP : LAB_PASS;
}

/* What it sends when it begins again and again would have to be taken for a sign of life. */
static void who_is_heard_and_does_not_hear_us_is_no_choice_for_a_group(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	lab_wait(p.lab, answers, p.a->peer[0], "an answer");
	/* a began, and may have added a keepalive to its first packet: b would take one that
	 * comes late for an answer to what follows */
	lab_wait_count(p.b, "rx-keepalives", lab_count(p.a, "tx-keepalives"));
	p.wire->filter = swallow_one_way;
	lab_send(p.b, B, A, 1);
	lab_expect(p.a, B, A, 1);
	lab_advance(p.lab, 16 * NS_PER_S);
	lab_wait_count(p.a, "tx-responses", 1);
	lab_pump(p.lab);
	assert_true(answers(p.a->peer[0])); /* one may be lost */
	lab_advance(p.lab, 6 * NS_PER_S);
	lab_wait(p.lab, does_not_answer, p.a->peer[0], "it to be noticed");
	assert_int_equal(lab_status(p.a, 0) & DP_PEER_UP, DP_PEER_UP);
	p.wire->filter = NULL;
	lab_advance(p.lab, 6 * NS_PER_S);
	lab_wait(p.lab, answers, p.a->peer[0], "an answer again");
	lab_free(p.lab);
}

static void after_ninety_seconds_without_answer_it_is_given_up(void **state)
{
	unsigned seen = 0;
	struct pair p;

	(void)state;
	make_pair(&p);
	p.wire->filter = swallow;
	p.wire->arg = &seen;
	lab_send(p.a, A, B, 1);
	lab_wait_count(p.a, "tx-initiations", 1);
	assert_int_equal(lab_status(p.a, 0), DP_PEER_HANDSHAKING);
	/* one every five seconds and up to a third more */
	for (unsigned s = 0; s < 84; s++) {
		lab_advance(p.lab, NS_PER_S);
		lab_pump(p.lab);
	}
	assert_in_range(seen, 14, 17);
	assert_int_equal(lab_count(p.a, "tx-no-answer"), 0);
	for (unsigned s = 0; s < 16; s++)
		lab_advance(p.lab, NS_PER_S);
	lab_wait_count(p.a, "tx-no-answer", 1);
	assert_int_equal(lab_status(p.a, 0), 0);
	lab_pump(p.lab);
	assert_int_equal(atomic_load(&p.a->peer[0]->counters.handshakes_failed), seen);
	seen = 0;
	lab_advance(p.lab, 600 * NS_PER_S);
	lab_pump(p.lab);
	assert_int_equal(seen, 0);
	/* until there is something to say again */
	p.wire->filter = NULL;
	lab_talk(p.a, A, p.b, B);
	lab_free(p.lab);
}

static void a_persistent_keepalive_keeps_the_session_by_itself(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p);
	p.a->peer_conf[0].keepalive_s = 25;
	lab_peer_set(p.a, 0);
	lab_advance(p.lab, 0);
	lab_wait_status(p.b, 0, DP_PEER_UP, DP_PEER_UP); /* nobody has sent anything */
	for (unsigned i = 0; i < 20; i++) {
		uint64_t before = lab_count(p.b, "rx-keepalives");

		lab_advance(p.lab, 25 * NS_PER_S + NS_PER_S / 10);
		lab_wait_count(p.b, "rx-keepalives", before + 1);
	}
	/* 500 seconds: the keys have been renewed more than once */
	assert_true(handshakes(p.b) >= 3);
	/* and when it is switched off there is silence */
	p.a->peer_conf[0].keepalive_s = 0;
	lab_peer_set(p.a, 0);
	lab_advance(p.lab, 200 * NS_PER_S);
	lab_wait_status(p.b, 0, DP_PEER_UP, 0);
	lab_free(p.lab);
}

static void count_sessions(void *count, void *hs)
{
	*(size_t *)count = dp_sessions_count(((struct dp_hs *)hs)->dp->sessions);
}

/* As the handshake thread sees them, whose table it is. */
static size_t sessions(const struct lab_node *n)
{
	size_t count;

	dp_inbox_sync(dp_hs_inbox(n->dp->hs), count_sessions, &count);
	return count;
}

static bool writes_from_chosen_source(const struct lab_node *n)
{
	static const uint8_t none[16];
	const struct dp_endpoint ep = dp_endpoint_load(&n->peer[0]->endpoint);

	return memcmp(ep.source, none, sizeof(none)) != 0;
}

/* It may be why: the way from there may have failed, and the routing table know another. */
static void who_is_not_answered_lets_the_system_choose_its_address(void **state)
{
	unsigned seen = 0;
	struct pair p;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	assert_true(writes_from_chosen_source(p.a));
	/* a handshake alone does not: only one without an answer */
	lab_advance(p.lab, 6 * NS_PER_S);
	p.wire->filter = swallow;
	p.wire->arg = &seen;
	dp_peer_probe(p.a->peer[0]);
	lab_wait_count(p.a, "tx-initiations", 2);
	assert_true(writes_from_chosen_source(p.a));
	lab_advance(p.lab, 6 * NS_PER_S);
	lab_wait_count(p.a, "tx-initiations", 3);
	assert_false(writes_from_chosen_source(p.a));
	p.wire->filter = NULL;
	lab_advance(p.lab, 6 * NS_PER_S);
	lab_wait(p.lab, has_shaken, &p, "a second handshake");
	assert_true(writes_from_chosen_source(p.a));
	lab_free(p.lab);
}

static void so_does_who_has_no_answer_to_data(void **state)
{
	unsigned seen = 0;
	struct pair p;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	/* one that comes late would be an answer */
	lab_wait_count(p.a, "rx-keepalives", lab_count(p.b, "tx-keepalives"));
	p.wire->filter = swallow;
	p.wire->arg = &seen;
	lab_send(p.a, A, B, 1);
	lab_wait_count(p.a, "tx-packets", 2);
	assert_true(writes_from_chosen_source(p.a));
	lab_advance(p.lab, 16 * NS_PER_S);
	lab_wait_count(p.a, "tx-initiations", 2);
	assert_false(writes_from_chosen_source(p.a));
	lab_free(p.lab);
}

/* A hub may have thousands of peers that come to it from wherever they are. */
static void who_is_nowhere_is_not_kept_alive_before_it_is_somewhere(void **state)
{
	struct pair p = {.lab = lab_new()};
	struct dp_peer_conf *c;
	int err;

	(void)state;
	p.a = lab_node_add(p.lab, "a");
	p.b = lab_node_add(p.lab, "b");
	lab_know(p.b, p.a, "10.1.0.0/16");
	c = &p.a->peer_conf[p.a->peers++];
	*c = (struct dp_peer_conf){.enabled = true, .keepalive_s = 25};
	memcpy(c->key.public_key, p.b->public_key, WG_KEY_LEN);
	err = dp_peer_new(p.a->dev, c, p.a, &p.a->peer[0]);
	assert_int_equal(err, 0);
	err = dp_group_new(&(struct dp_nexthop){.peer = p.a->peer[0], .weight = 1}, 1,
			   &p.a->group[0]);
	assert_int_equal(err, 0);
	for (unsigned i = 0; i < 20; i++)
		lab_advance(p.lab, 6 * NS_PER_S);
	assert_int_equal(lab_count(p.a, "tx-initiations"), 0);
	assert_int_equal(lab_status(p.a, 0), 0);
	assert_int_equal(ip_addr_parse(&c->endpoint, "127.0.0.1"), 0);
	c->endpoint_port = dp_device_port(p.b->dev);
	lab_peer_set(p.a, 0);
	lab_wait_status(p.b, 0, DP_PEER_UP, DP_PEER_UP);
	assert_int_equal(lab_count(p.a, "tx-initiations"), 1);
	lab_free(p.lab);
}

static void nine_minutes_after_the_last_keys_all_is_wiped(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p);
	lab_talk(p.a, A, p.b, B);
	lab_advance(p.lab, 3 * WG_REJECT_AFTER_TIME_NS - NS_PER_S);
	assert_true(sessions(p.a) > 0);
	lab_advance(p.lab, 2 * NS_PER_S);
	assert_null(atomic_load(&p.a->peer[0]->session));
	assert_int_equal(sessions(p.a), 0);
	lab_talk(p.a, A, p.b, B);
	lab_free(p.lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_probe_shakes_hands_beside_the_session),
		cmocka_unit_test(
			after_two_minutes_the_initiator_renews_the_keys_without_loss),
		cmocka_unit_test(after_three_minutes_a_session_is_over),
		cmocka_unit_test(who_has_nothing_to_say_sends_a_keepalive),
		cmocka_unit_test(without_an_answer_to_data_a_handshake_is_begun),
		cmocka_unit_test(
			who_is_not_heard_for_fifteen_seconds_is_no_choice_for_a_group),
		cmocka_unit_test(
			who_is_heard_and_does_not_hear_us_is_no_choice_for_a_group),
		cmocka_unit_test(after_ninety_seconds_without_answer_it_is_given_up),
		cmocka_unit_test(a_persistent_keepalive_keeps_the_session_by_itself),
		cmocka_unit_test(who_is_not_answered_lets_the_system_choose_its_address),
		cmocka_unit_test(so_does_who_has_no_answer_to_data),
		cmocka_unit_test(who_is_nowhere_is_not_kept_alive_before_it_is_somewhere),
		cmocka_unit_test(nine_minutes_after_the_last_keys_all_is_wiped),
	};

	int failed;

	if (!lab_enter())
		return 77;
	failed = cmocka_run_group_tests_name("plain", tests, NULL, NULL);
	lab_offload(true);
	return failed + cmocka_run_group_tests_name("offloads", tests, NULL, NULL);
}
