/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A hostile or broken wire: replays, forgeries, floods, loss, repetition, reordering. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/messages.h"
#include "tests/lib/dp_lab.h"
#include "tests/lib/rng.h"

#define A "10.1.0.1"
#define B "10.2.0.1"

enum {
	CAPTURED_MAX = 512,
};

struct captured {
	uint8_t data[LAB_PACKET_MAX];
	size_t len;
	unsigned end; /* as given to the filter */
};

struct pair {
	struct lab *lab;
	struct lab_node *a, *b;
	struct lab_wire *wire;
	struct captured captured[CAPTURED_MAX];
	unsigned count;
};

static struct pair *make_pair(void)
{
	struct pair *p = xcalloc(1, sizeof(*p));

	p->lab = lab_new();
	p->a = lab_node_add(p->lab, "a");
	p->b = lab_node_add(p->lab, "b");
	p->wire = lab_join(p->a, "10.1.0.0/16", p->b, "10.2.0.0/16", AF_INET);
	p->wire->arg = p;
	return p;
}

static void free_pair(struct pair *p)
{
	lab_free(p->lab);
	free(p);
}

static enum lab_verdict capture(struct lab_wire *w, unsigned end, uint8_t *data,
				size_t len, void *arg)
{
	struct pair *p = arg;
	struct captured *c = &p->captured[p->count];

	(void)w;
	if (p->count == CAPTURED_MAX)
		return LAB_PASS;
	memcpy(c->data, data, len);
	c->len = len;
	c->end = end;
	p->count++;
	return LAB_PASS;
}

/* Nothing has come out of the interface. */
static void assert_silence(struct lab_node *n)
{
	uint8_t buf[LAB_PACKET_MAX];

	assert_int_equal(lab_take(n, buf), 0);
}

static void what_was_received_once_is_refused_again(void **state)
{
	unsigned data = 0, initiations = 0;
	struct pair *p = make_pair();

	(void)state;
	p->wire->filter = capture;
	lab_talk(p->a, A, p->b, B);
	for (unsigned i = 0; i < 50; i++)
		lab_send(p->a, A, B, 100 + i);
	for (unsigned i = 0; i < 50; i++)
		lab_expect(p->b, A, B, 100 + i);
	p->wire->filter = NULL;
	for (unsigned i = 0; i < p->count; i++) {
		const struct captured *c = &p->captured[i];

		if (c->end != 0)
			continue;
		data += wg_msg_classify(c->data, c->len) == WG_MSG_DATA;
		initiations += wg_msg_classify(c->data, c->len) == WG_MSG_INITIATION;
		lab_wire_inject(p->wire, 1, c->data, c->len);
	}
	assert_true(data >= 51 && initiations == 1);
	lab_wait_count(p->b, "rx-replayed", data);
	lab_wait_count(p->b, "hs-replayed", initiations);
	while (p->b->peer[0]->counters.refused[DP_REFUSED_REPLAYED] != initiations)
		lab_pump(p->b->lab);
	assert_silence(p->b);
	lab_talk(p->a, A, p->b, B);
	free_pair(p);
}

/* Every byte of one data packet, one bit at a time each. */
static bool has_shaken_twice(void *peer)
{
	return atomic_load(&((struct dp_peer *)peer)->counters.handshakes) >= 2;
}

/* Else whoever has recorded it could draw the peer's packets to where he sends it from. */
static void a_shutdown_does_not_make_an_initiation_new(void **state)
{
	struct pair *p = make_pair();
	struct captured hello;

	(void)state;
	p->wire->filter = capture;
	lab_talk(p->a, A, p->b, B);
	hello = p->captured[0];
	assert_int_equal(wg_msg_classify(hello.data, hello.len), WG_MSG_INITIATION);
	p->b->conf.enabled = false;
	lab_node_set(p->b);
	p->b->conf.enabled = true;
	lab_node_set(p->b);
	lab_wire_inject(p->wire, 1, hello.data, hello.len);
	lab_wait_count(p->b, "hs-replayed", 1);
	assert_int_equal(lab_count(p->b, "tx-responses"), 1);
	/* b calls a, which sends under the session of before until then */
	lab_wait(p->lab, has_shaken_twice, p->a->peer[0], "another handshake");
	lab_talk(p->a, A, p->b, B);
	free_pair(p);
}

static void no_bit_of_a_data_packet_can_be_changed(void **state)
{
	struct pair *p = make_pair();
	struct captured *c;
	unsigned sent = 0;
	uint64_t seen;

	(void)state;
	lab_talk(p->a, A, p->b, B);
	p->wire->filter = capture;
	lab_send(p->a, A, B, 5);
	lab_expect(p->b, A, B, 5);
	p->wire->filter = NULL;
	c = &p->captured[0];
	assert_int_equal(wg_msg_classify(c->data, c->len), WG_MSG_DATA);
	for (size_t i = 0; i < c->len; i++) {
		c->data[i] ^= (uint8_t)(1 << i % 8);
		lab_wire_inject(p->wire, 1, c->data, c->len);
		c->data[i] ^= (uint8_t)(1 << i % 8);
		sent++;
	}
	do {
		lab_pump(p->lab);
		seen = lab_count(p->b, "rx-malformed") +
		       lab_count(p->b, "rx-no-session") + lab_count(p->b, "rx-forged");
	} while (seen < sent);
	/* four bytes of type, four of index, the rest is authenticated */
	assert_int_equal(lab_count(p->b, "rx-malformed"), 4);
	assert_int_equal(lab_count(p->b, "rx-no-session"), 4);
	assert_int_equal(lab_count(p->b, "rx-forged"), sent - 8);
	assert_silence(p->b);
	assert_int_equal(lab_count(p->b, "roamed"), 0);
	lab_talk(p->a, A, p->b, B);
	free_pair(p);
}

static void no_byte_of_a_handshake_can_be_changed(void **state)
{
	struct pair *p = make_pair();
	struct captured hello;

	(void)state;
	p->wire->filter = capture;
	lab_send(p->a, A, B, 1);
	lab_wait_count(p->a, "tx-initiations", 1);
	while (!p->count)
		lab_pump(p->lab);
	lab_expect(p->b, A, B, 1);
	hello = p->captured[0];
	assert_int_equal(hello.len, sizeof(struct wg_msg_initiation));
	p->wire->filter = NULL;
	for (size_t i = 0; i < hello.len; i++) {
		hello.data[i] ^= 0x10;
		lab_wire_inject(p->wire, 1, hello.data, hello.len);
		hello.data[i] ^= 0x10;
	}
	/* the type; what mac1 covers and itself; and mac2, which nobody looks at now */
	lab_wait_count(p->b, "rx-malformed", 4);
	lab_wait_count(p->b, "hs-bad-mac", sizeof(struct wg_msg_initiation) - 4 - 16);
	lab_wait_count(p->b, "hs-replayed", 16);
	lab_talk(p->a, A, p->b, B);
	free_pair(p);
}

static void noise_is_counted_and_harms_nobody(void **state)
{
	uint8_t buf[LAB_PACKET_MAX];
	struct pair *p = make_pair();

	(void)state;
	rng_seed();
	lab_talk(p->a, A, p->b, B);
	for (unsigned i = 0; i < 2000; i++) {
		size_t len = rng_below(256);

		rng_fill(buf, len);
		if (len && i % 2) /* as if it were one of ours */
			memcpy(buf, (uint8_t[4]){(uint8_t)(1 + i % 4)},
			       len < 4 ? len : 4);
		lab_wire_inject(p->wire, i % 2, buf, len);
		if (i % 100 == 99)
			lab_pump(p->lab);
	}
	lab_talk(p->a, A, p->b, B);
	assert_true(lab_count(p->a, "rx-malformed") >= 500);
	free_pair(p);
}

/*
 * Everybody who knows b's public key can make messages with a good mac1. Under a flood of
 * them b asks for proof of address, and who can give it gets through.
 */
static void under_a_flood_a_cookie_gets_the_honest_one_through(void **state)
{
	struct pair *p = make_pair();
	struct lab_node *c;
	struct captured hello;

	(void)state;
	p->wire->filter = capture;
	lab_talk(p->a, A, p->b, B);
	hello = p->captured[0];
	assert_int_equal(wg_msg_classify(hello.data, hello.len), WG_MSG_INITIATION);
	p->wire->filter = NULL;
	c = lab_node_add(p->lab, "c");
	(void)lab_join(c, "10.3.0.0/16", p->b, "10.2.0.0/16", AF_INET);
	while (!lab_count(p->b, "tx-cookies")) {
		for (unsigned i = 0; i < 200; i++)
			lab_wire_inject(p->wire, 1, hello.data, hello.len);
	}
	/* c's first initiation is answered by a cookie, its second has it */
	lab_send(c, "10.3.0.1", B, 7);
	for (unsigned round = 0; !lab_count(c, "rx-cookies"); round++) {
		for (unsigned i = 0; i < 200; i++)
			lab_wire_inject(p->wire, 1, hello.data, hello.len);
		lab_pump(p->lab);
		assert_true(round < 10000);
	}
	/* established traffic does not suffer */
	lab_talk(p->a, A, p->b, B);
	lab_advance(p->lab, 6 * NS_PER_S);
	for (unsigned i = 0; i < 400; i++)
		lab_wire_inject(p->wire, 1, hello.data, hello.len);
	lab_expect(p->b, "10.3.0.1", B, 7);
	free_pair(p);
}

static enum lab_verdict maltreat(struct lab_wire *w, unsigned end, uint8_t *data,
				 size_t len, void *arg)
{
	struct pair *p = arg;
	uint64_t r = rng_next();
	struct captured *held = &p->captured[end];

	/* one that was held back comes after a later one */
	if (held->len && r % 3 == 0) {
		lab_wire_inject(w, !end, held->data, held->len);
		held->len = 0;
	}
	switch (r >> 32 & 15) {
	case 0:
		return LAB_DROP;
	case 1:
		return LAB_TWICE;
	case 2:
		data[(r >> 40) % len] ^= (uint8_t)(1 << (r >> 56) % 8);
		return LAB_PASS;
	case 3:
	case 4:
		if (held->len)
			return LAB_PASS;
		memcpy(held->data, data, len);
		held->len = len;
		return LAB_DROP;
	default:
		return LAB_PASS;
	}
}

/* Each packet arrives at most once and unchanged, most arrive, through several rekeys. */
static void a_bad_wire_delivers_nothing_twice_and_nothing_wrong(void **state)
{
	enum {
		PACKETS = 6000
	};
	struct pair *p = make_pair();
	uint8_t *seen = xcalloc(PACKETS, 1), buf[LAB_PACKET_MAX], want[LAB_PACKET_MAX];
	unsigned arrived = 0;
	size_t len;

	(void)state;
	rng_seed();
	p->wire->filter = maltreat;
	for (uint32_t tag = 0; tag < PACKETS; tag++) {
		if (tag % 2)
			lab_send(p->a, A, B, tag);
		else
			lab_send(p->b, B, A, tag);
		if (tag % 16 == 0)
			lab_advance(p->lab, NS_PER_S);
		for (unsigned i = 0; i < 20; i++)
			lab_pump(p->lab);
		for (unsigned side = 0; side < 2; side++) {
			struct lab_node *n = side ? p->a : p->b;

			while ((len = lab_take(n, buf))) {
				uint32_t t = lab_tag(buf, len);

				assert_true(t < PACKETS && !seen[t] && t % 2 != side);
				seen[t] = 1;
				arrived++;
				assert_int_equal(lab_packet(want, side ? B : A,
							    side ? A : B, t,
							    4 + t % 1000),
						 len);
				assert_memory_equal(buf, want, len);
			}
		}
	}
	print_message("%u of %u arrived\n", arrived, PACKETS);
	assert_true(arrived > PACKETS / 2);
	assert_true(atomic_load(&p->a->peer[0]->counters.handshakes) >= 3);
	assert_true(lab_count(p->a, "rx-replayed") > 0);
	assert_true(lab_count(p->a, "rx-forged") > 0);
	free(seen);
	free_pair(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_received_once_is_refused_again),
		cmocka_unit_test(a_shutdown_does_not_make_an_initiation_new),
		cmocka_unit_test(no_bit_of_a_data_packet_can_be_changed),
		cmocka_unit_test(no_byte_of_a_handshake_can_be_changed),
		cmocka_unit_test(noise_is_counted_and_harms_nobody),
		cmocka_unit_test(under_a_flood_a_cookie_gets_the_honest_one_through),
		cmocka_unit_test(a_bad_wire_delivers_nothing_twice_and_nothing_wrong),
	};

	int failed;

	if (!lab_enter())
		return 77;
	failed = cmocka_run_group_tests_name("plain", tests, NULL, NULL);
	lab_offload(true);
	return failed + cmocka_run_group_tests_name("offloads", tests, NULL, NULL);
}
