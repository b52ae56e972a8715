/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who is told that a packet has nowhere to go, and how often. */

#include "wgrd/dplane/unreach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/net/icmp.h"
#include "tests/lib/dp_lab.h"

struct pair {
	struct lab *lab;
	struct lab_node *a, *b;
};

static int setup(void **state)
{
	struct pair *p = xcalloc(1, sizeof(*p));

	p->lab = lab_new();
	p->a = lab_node_add(p->lab, "a");
	p->b = lab_node_add(p->lab, "b");
	lab_join(p->a, "10.1.0.0/16 fd01::/16", p->b, "10.2.0.0/16 fd02::/16", AF_INET);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	lab_free(p->lab);
	free(p);
	return 0;
}

/* The next packet out of a's interface is what proto/net says the answer is. */
static void expect_answer(struct pair *p, const uint8_t *packet, size_t len)
{
	uint8_t want[ICMP6_ERROR_MAX], seen[LAB_PACKET_MAX];
	size_t want_len, seen_len;
	struct ip_packet ip;

	assert_int_equal(ip_parse(&ip, packet, len), IP_OK);
	want_len = icmp_unreachable(want, &ip, packet);
	assert_true(want_len > 0);
	while (!(seen_len = lab_take(p->a, seen)))
		lab_pump(p->lab);
	assert_int_equal(seen_len, want_len);
	assert_memory_equal(seen, want, want_len);
}

static void send_and_expect_answer(struct pair *p, const char *src, const char *dst)
{
	uint8_t packet[LAB_PACKET_MAX];
	size_t len = lab_packet(packet, src, dst, 1, 100);

	lab_send_raw(p->a, packet, len);
	expect_answer(p, packet, len);
}

static void a_destination_that_no_prefix_covers_is_unreachable(void **state)
{
	struct pair *p = *state;

	send_and_expect_answer(p, "10.1.0.1", "10.3.0.1");
	send_and_expect_answer(p, "fd01::1", "fd03::1");
	lab_wait_count(p->a, "tx-no-route", 2);
	lab_wait_count(p->a, "icmp-sent", 2);
}

static void a_peer_that_is_shut_down_is_unreachable(void **state)
{
	struct pair *p = *state;

	p->a->peer_conf[0].enabled = false;
	lab_peer_set(p->a, 0);
	send_and_expect_answer(p, "10.1.0.1", "10.2.0.1");
	send_and_expect_answer(p, "fd01::1", "fd02::1");
	lab_wait_count(p->a, "tx-peer-unusable", 2);
}

static void a_peer_whose_address_is_not_known_is_unreachable(void **state)
{
	struct pair *p = *state;

	p->a->peer_conf[0].endpoint_port = 0;
	p->a->peer_conf[0].endpoint = (struct ip_addr){0};
	lab_peer_set(p->a, 0);
	dp_endpoint_store(&p->a->peer[0]->endpoint, &(struct dp_endpoint){0});
	send_and_expect_answer(p, "10.1.0.1", "10.2.0.1");
	lab_wait_count(p->a, "tx-no-endpoint", 1);
}

/* A session that does not come is silence, not an error: the peer may be asleep. */
static void a_peer_that_does_not_answer_is_not_unreachable(void **state)
{
	struct pair *p = *state;
	uint8_t seen[LAB_PACKET_MAX];

	p->b->peer_conf[0].enabled = false;
	lab_peer_set(p->b, 0);
	lab_send(p->a, "10.1.0.1", "10.2.0.1", 1);
	lab_wait_count(p->a, "tx-initiations", 1);
	lab_pump(p->lab);
	assert_int_equal(lab_take(p->a, seen), 0);
	assert_int_equal(lab_count(p->a, "icmp-sent"), 0);
}

static void what_must_not_be_answered_is_not(void **state)
{
	struct pair *p = *state;
	uint8_t packet[LAB_PACKET_MAX];
	size_t len = lab_packet(packet, "10.1.0.1", "10.3.0.1", 1, 100);

	packet[7] = 1; /* a later fragment */
	lab_send_raw(p->a, packet, len);
	lab_send(p->a, "10.1.0.1", "224.0.0.5", 2);
	lab_send(p->a, "10.1.0.1", "255.255.255.255", 3);
	lab_send(p->a, "fd01::1", "ff02::1", 4);
	lab_send(p->a, "0.0.0.0", "10.3.0.1", 5);
	lab_wait_count(p->a, "tx-no-route", 5);
	assert_int_equal(lab_count(p->a, "icmp-sent"), 0);
	assert_int_equal(lab_count(p->a, "icmp-limited"), 0);
	/* and it costs nothing */
	send_and_expect_answer(p, "10.1.0.1", "10.3.0.1");
}

enum {
	MANY = 4 * DP_UNREACH_BURST,
};

struct decided {
	struct lab_node *node;
	uint64_t packets;
};

/* Told or not, once it is counted as either all is done about it. */
static bool all_are_decided(void *arg)
{
	const struct decided *d = arg;

	return lab_count(d->node, "icmp-sent") + lab_count(d->node, "icmp-limited") >=
	       d->packets;
}

/* @before have been sent already. */
static unsigned answers_to_many(struct pair *p, uint64_t before)
{
	struct decided d = {p->a, before};
	uint8_t seen[LAB_PACKET_MAX];
	unsigned n = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		lab_send(p->a, "10.1.0.1", "10.3.0.1", i);
		d.packets++;
		lab_wait(p->lab, all_are_decided, &d, "an answer or none");
	}
	while (lab_take(p->a, seen))
		n++;
	return n;
}

/* The rate depends on how fast this machine is, so the test gives it the time that
 * passes in the meantime. */
static void no_more_are_told_than_the_rate_allows(void **state)
{
	struct pair *p = *state;

	for (unsigned round = 0; round < 2; round++) {
		uint64_t begin_ns = lab_now_ns(), passed_ns;
		unsigned n = answers_to_many(p, round * MANY);

		passed_ns = lab_now_ns() - begin_ns;
		assert_in_range(n, DP_UNREACH_BURST,
				DP_UNREACH_BURST + 1 +
					passed_ns * DP_UNREACH_RATE / 1000000000);
		lab_advance(p->lab, UINT64_C(60000000000)); /* full, and not fuller */
	}
	assert_int_equal(lab_count(p->a, "icmp-sent") + lab_count(p->a, "icmp-limited"),
			 2 * MANY);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_destination_that_no_prefix_covers_is_unreachable),
		T(a_peer_that_is_shut_down_is_unreachable),
		T(a_peer_whose_address_is_not_known_is_unreachable),
		T(a_peer_that_does_not_answer_is_not_unreachable),
		T(what_must_not_be_answered_is_not),
		T(no_more_are_told_than_the_rate_allows),
	};
#undef T

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
