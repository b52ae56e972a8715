/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Keys are replaced while packets flow both ways, and none is lost: "a" gets a new private
 * key, "b" knows a by both. Which key is which is as wgrd.conf(5) tells it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "tests/lib/dp_lab.h"

#define A "10.1.0.1"
#define B "10.2.0.1"

enum {
	WINDOW = 64, /* packets under way in one direction */
};

struct side {
	struct lab_node *node;
	const char *addr;
	uint32_t sent, got; /* packets from this side */
};

struct rotation {
	struct lab *lab;
	struct side a, b;
	uint8_t former[WG_KEY_LEN], next[WG_KEY_LEN]; /* private keys of a */
	uint8_t former_public[WG_KEY_LEN], next_public[WG_KEY_LEN];
};

static void begin(struct rotation *r)
{
	*r = (struct rotation){.lab = lab_new()};
	r->a = (struct side){.node = lab_node_add(r->lab, "a"), .addr = A};
	r->b = (struct side){.node = lab_node_add(r->lab, "b"), .addr = B};
	(void)lab_join(r->a.node, "10.1.0.0/16", r->b.node, "10.2.0.0/16", AF_INET);
	memcpy(r->former, r->a.node->conf.private_key, WG_KEY_LEN);
	memcpy(r->former_public, r->a.node->public_key, WG_KEY_LEN);
	assert_int_equal(getrandom(r->next, WG_KEY_LEN, 0), WG_KEY_LEN);
	wg_key_public(r->next_public, r->next);
	lab_talk(r->a.node, A, r->b.node, B);
}

/* ---- traffic ---- */

static void receive(struct side *from, struct side *to)
{
	uint8_t buf[LAB_PACKET_MAX];
	size_t len;

	while ((len = lab_take(to->node, buf))) {
		/* in order, and so none twice: a flow stays on one worker */
		assert_int_equal(lab_tag(buf, len), from->got);
		from->got++;
	}
}

static void beat(struct rotation *r)
{
	if (r->a.sent - r->a.got < WINDOW)
		lab_send(r->a.node, A, B, r->a.sent++);
	if (r->b.sent - r->b.got < WINDOW)
		lab_send(r->b.node, B, A, r->b.sent++);
	lab_pump(r->lab);
	receive(&r->a, &r->b);
	receive(&r->b, &r->a);
}

struct goal {
	struct rotation *r;
	uint32_t a, b; /* packets that have arrived */
};

static bool arrived(void *arg)
{
	const struct goal *g = arg;

	beat(g->r);
	return g->r->a.got >= g->a && g->r->b.got >= g->b;
}

/* Packets go both ways for a while. */
static void flow(struct rotation *r)
{
	struct goal g = {r, r->a.got + 200, r->b.got + 200};

	lab_wait(r->lab, arrived, &g, "packets both ways");
}

static bool all_there(void *arg)
{
	struct rotation *r = arg;

	lab_pump(r->lab);
	receive(&r->a, &r->b);
	receive(&r->b, &r->a);
	return r->a.got == r->a.sent && r->b.got == r->b.sent;
}

static void end_without_loss(struct rotation *r)
{
	flow(r);
	lab_wait(r->lab, all_there, r, "every packet");
	assert_int_equal(lab_count(r->a.node, "tx-queue-full"), 0);
	assert_int_equal(lab_count(r->b.node, "tx-queue-full"), 0);
	lab_free(r->lab);
}

/* ---- configuration ---- */

/* a's interface: the private key, and an additional one or none. */
static void keys_of_a(struct rotation *r, const uint8_t *first, const uint8_t *second)
{
	struct dp_device_conf *c = &r->a.node->conf;

	memcpy(c->private_key, first, WG_KEY_LEN);
	c->additional_keys = second ? 1 : 0;
	if (second)
		memcpy(c->additional_key[0], second, WG_KEY_LEN);
	lab_node_set(r->a.node);
}

/* b's peer a, likewise. */
static void keys_at_b(struct rotation *r, const uint8_t *first, const uint8_t *second)
{
	struct dp_peer_conf *c = &r->b.node->peer_conf[0];

	memcpy(c->key.public_key, first, WG_KEY_LEN);
	c->additional_keys = second ? 1 : 0;
	if (second) {
		memcpy(c->additional_key[0].public_key, second, WG_KEY_LEN);
		memcpy(c->additional_key[0].psk, c->key.psk, WG_KEY_LEN);
	}
	lab_peer_set(r->b.node, 0);
}

static uint64_t handshakes(const struct side *s)
{
	return atomic_load(&s->node->peer[0]->counters.handshakes);
}

static unsigned downs(const struct rotation *r)
{
	return r->a.node->downs + r->b.node->downs;
}

/* Do both ends use a session that came from this key of a's? */
static bool uses(const struct rotation *r, const uint8_t public_key[WG_KEY_LEN])
{
	const struct dp_peer *at_a = r->a.node->peer[0], *at_b = r->b.node->peer[0];
	uint64_t id = dp_key_id(public_key), b = dp_key_id(r->b.node->public_key);

	return atomic_load(&at_a->own_key_id) == id &&
	       atomic_load(&at_a->peer_key_id) == b &&
	       atomic_load(&at_b->own_key_id) == b &&
	       atomic_load(&at_b->peer_key_id) == id;
}

static bool next_is_used(void *arg)
{
	struct rotation *r = arg;

	beat(r);
	return uses(r, r->next_public);
}

static bool former_is_used(void *arg)
{
	struct rotation *r = arg;

	beat(r);
	return uses(r, r->former_public);
}

/* ---- tests ---- */

static void the_four_steps_of_the_manual_lose_nothing(void **state)
{
	struct rotation r;
	uint64_t before;

	(void)state;
	begin(&r);
	flow(&r);
	before = handshakes(&r.a);
	/* 1. both know the new key, and nothing has changed */
	keys_of_a(&r, r.former, r.next);
	flow(&r);
	keys_at_b(&r, r.former_public, r.next_public);
	flow(&r);
	assert_int_equal(handshakes(&r.a), before);
	assert_true(uses(&r, r.former_public));
	/* 2. a begins with the new one, at once */
	keys_of_a(&r, r.next, r.former);
	lab_wait(r.lab, next_is_used, &r, "a session from the new key");
	assert_int_equal(handshakes(&r.a), before + 1);
	flow(&r);
	/* 3. so does b, which has no reason to do it now */
	keys_at_b(&r, r.next_public, r.former_public);
	flow(&r);
	/* 4. the former one goes, and takes nothing with it */
	keys_at_b(&r, r.next_public, NULL);
	flow(&r);
	keys_of_a(&r, r.next, NULL);
	flow(&r);
	assert_int_equal(handshakes(&r.a), before + 1);
	assert_int_equal(downs(&r), 0);
	/* the next handshake is under the new key */
	lab_advance(r.lab, 121 * NS_PER_S);
	flow(&r);
	lab_wait_count(r.a.node, "tx-initiations", 3);
	lab_wait(r.lab, next_is_used, &r, "a session from the new key");
	end_without_loss(&r);
}

static void the_other_end_may_go_first(void **state)
{
	struct rotation r;

	(void)state;
	begin(&r);
	keys_of_a(&r, r.former, r.next);
	keys_at_b(&r, r.next_public, r.former_public);
	/* b calls a by the new key, and is answered with it */
	lab_wait(r.lab, next_is_used, &r, "a session from the new key");
	flow(&r);
	keys_of_a(&r, r.next, r.former);
	flow(&r);
	keys_at_b(&r, r.next_public, NULL);
	keys_of_a(&r, r.next, NULL);
	assert_int_equal(downs(&r), 0);
	end_without_loss(&r);
}

static void it_can_be_taken_back(void **state)
{
	struct rotation r;

	(void)state;
	begin(&r);
	keys_of_a(&r, r.former, r.next);
	keys_at_b(&r, r.former_public, r.next_public);
	for (unsigned i = 0; i < 3; i++) {
		keys_of_a(&r, r.next, r.former);
		lab_wait(r.lab, next_is_used, &r, "a session from the new key");
		flow(&r);
		keys_of_a(&r, r.former, r.next);
		lab_wait(r.lab, former_is_used, &r, "a session from the former key");
		flow(&r);
	}
	keys_at_b(&r, r.former_public, NULL);
	keys_of_a(&r, r.former, NULL);
	flow(&r);
	assert_true(uses(&r, r.former_public));
	assert_int_equal(downs(&r), 0);
	end_without_loss(&r);
}

static void a_preshared_key_changes_with_it(void **state)
{
	struct rotation r;
	struct dp_peer_conf *at_b;

	(void)state;
	begin(&r);
	at_b = &r.b.node->peer_conf[0];
	keys_of_a(&r, r.former, r.next);
	memcpy(at_b->additional_key[0].public_key, r.next_public, WG_KEY_LEN);
	memset(at_b->additional_key[0].psk, 0x55, WG_KEY_LEN);
	at_b->additional_keys = 1;
	lab_peer_set(r.b.node, 0);
	flow(&r);
	memset(r.a.node->peer_conf[0].key.psk, 0x55, WG_KEY_LEN);
	lab_peer_set(r.a.node, 0);
	keys_of_a(&r, r.next, r.former);
	lab_wait(r.lab, next_is_used, &r, "a session from the new keys");
	flow(&r);
	memset(at_b->key.psk, 0x55, WG_KEY_LEN);
	keys_at_b(&r, r.next_public, NULL);
	keys_of_a(&r, r.next, NULL);
	assert_int_equal(downs(&r), 0);
	end_without_loss(&r);
}

/* Who has not been told yet goes on with the session there is. */
static void a_key_that_the_other_end_does_not_know_ends_nothing(void **state)
{
	struct rotation r;

	(void)state;
	begin(&r);
	keys_of_a(&r, r.next, r.former);
	lab_wait_count(r.b.node, "hs-unknown-key", 1);
	flow(&r);
	assert_true(uses(&r, r.former_public));
	keys_at_b(&r, r.former_public, r.next_public);
	lab_advance(r.lab, 6 * NS_PER_S); /* until a tries again */
	lab_wait(r.lab, next_is_used, &r, "a session from the new key");
	assert_int_equal(downs(&r), 0);
	end_without_loss(&r);
}

static bool b_has_called(void *arg)
{
	const struct rotation *r = arg;

	return r->b.node->downs == 1 && uses(r, r->next_public);
}

static void a_key_that_goes_ends_the_sessions_made_with_it(void **state)
{
	struct rotation r;

	(void)state;
	begin(&r);
	keys_of_a(&r, r.former, r.next);
	/* b forgets the former key at once: its session goes, and b calls by the new one */
	keys_at_b(&r, r.next_public, NULL);
	lab_wait(r.lab, b_has_called, &r, "a session from the new key");
	flow(&r);
	/* an initiation with the former key is a stranger's */
	keys_of_a(&r, r.former, NULL);
	dp_peer_clear(r.a.node->peer[0]);
	lab_wait_count(r.b.node, "hs-unknown-key", 1);
	lab_free(r.lab);
}

static void two_peers_cannot_have_one_key(void **state)
{
	struct dp_peer_conf *first, *second;
	struct lab_node *c;
	struct rotation r;

	(void)state;
	begin(&r);
	c = lab_node_add(r.lab, "c");
	(void)lab_join(c, "10.3.0.0/16", r.b.node, "10.2.0.0/16", AF_INET);
	lab_talk(c, "10.3.0.1", r.b.node, B);
	/* a's key becomes an additional one of peer c: a's packets are spoofed then */
	first = &r.b.node->peer_conf[0];
	second = &r.b.node->peer_conf[1];
	second->additional_key[0] = first->key;
	second->additional_keys = 1;
	lab_peer_set(r.b.node, 1);
	lab_send(r.a.node, A, B, 3);
	lab_wait_count(r.b.node, "rx-no-session", 1);
	dp_peer_clear(r.a.node->peer[0]);
	lab_advance(r.lab, 0); /* that has been done */
	lab_send(r.a.node, A, B, 4);
	lab_wait_count(r.b.node, "rx-spoofed", 1);
	/* and back */
	second->additional_keys = 0;
	lab_peer_set(r.b.node, 1);
	lab_peer_set(r.b.node, 0);
	dp_peer_clear(r.a.node->peer[0]);
	lab_advance(r.lab, 0);
	lab_talk(r.a.node, A, r.b.node, B);
	lab_talk(c, "10.3.0.1", r.b.node, B);
	lab_free(r.lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_four_steps_of_the_manual_lose_nothing),
		cmocka_unit_test(the_other_end_may_go_first),
		cmocka_unit_test(it_can_be_taken_back),
		cmocka_unit_test(a_preshared_key_changes_with_it),
		cmocka_unit_test(a_key_that_the_other_end_does_not_know_ends_nothing),
		cmocka_unit_test(a_key_that_goes_ends_the_sessions_made_with_it),
		cmocka_unit_test(two_peers_cannot_have_one_key),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
