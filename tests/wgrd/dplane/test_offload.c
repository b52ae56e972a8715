/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Super-packets through a tunnel: in at one end, over the wire as trains of datagrams or
 * one by one, out at the other. Every packet in them is compared with the one that the
 * twin of tests/lib/forge.h would have sent. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/wg/messages.h"
#include "tests/lib/dp_lab.h"
#include "tests/lib/forge.h"
#include "tests/lib/rng.h"

#define A "10.1.0.1"
#define B "10.2.0.1"

enum {
	FLOWS_MAX = 64,
	PIECES_MAX = 4096,
};

/* A super-packet under way, known by its destination port. */
struct flow {
	struct forge f;
	uint16_t mss;
	struct lab_node *to;
	unsigned pieces, seen, next; /* next: after the last one that came in order */
	bool came[PIECES_MAX];
};

struct net {
	struct lab *lab;
	struct lab_node *a, *b;
	struct lab_wire *wire;
	struct flow flow[FLOWS_MAX];
	unsigned flows;
	bool disordered; /* the wire is bad */
	unsigned held_len, held_end;
	uint8_t held[LAB_PACKET_MAX];
};

static uint8_t whole[FORGE_MAX], bytes[FORGE_MAX], want[FORGE_MAX];

static struct net *make_net(sa_family_t family)
{
	struct net *n = xcalloc(1, sizeof(*n));

	n->lab = lab_new();
	n->a = lab_node_add(n->lab, "a");
	n->b = lab_node_add(n->lab, "b");
	n->wire = lab_join(n->a, "10.1.0.0/16 fd00:1::/32", n->b,
			   "10.2.0.0/16 fd00:2::/32", family);
	return n;
}

/* Without the wire, and with a session. */
static struct net *make_direct_net(sa_family_t family)
{
	struct net *n = make_net(family);

	lab_wire_bypass(n->wire);
	lab_talk(n->a, A, n->b, B);
	return n;
}

static void free_net(struct net *n)
{
	lab_free(n->lab);
	free(n);
}

/* From 10.@from.0.1 or fd00:@from::1, the other likewise. */
static void set_addr(uint8_t addr[16], bool six, uint8_t who)
{
	memset(addr, 0, 16);
	if (six)
		memcpy(addr, (uint8_t[]){0xfd, 0, 0, who}, 4);
	else
		memcpy(addr, (uint8_t[]){10, who, 0}, 3);
	addr[six ? 15 : 3] = 1;
}

/* Something that can be joined again. */
static struct flow *add_flow(struct net *n, struct lab_node *to, uint8_t from_net,
			     uint8_t to_net, uint32_t len, uint16_t mss)
{
	struct flow *fl = &n->flow[n->flows];

	assert_true(n->flows < FLOWS_MAX);
	*fl = (struct flow){.mss = mss, .to = to, .pieces = (len + mss - 1) / mss};
	assert_true(fl->pieces <= PIECES_MAX);
	forge_random(&fl->f, len);
	fl->f.extension_len = fl->f.extension_type = fl->f.ip_option_len = 0;
	fl->f.flags = FORGE_ACK | FORGE_PSH;
	fl->f.sport = 1;
	fl->f.dport = (uint16_t)n->flows++;
	set_addr(fl->f.src, fl->f.six, from_net);
	set_addr(fl->f.dst, fl->f.six, to_net);
	return fl;
}

static void send_flow(struct lab_node *from, const struct flow *fl)
{
	struct virtio_net_hdr vh;
	const size_t len = forge_write_super(&fl->f, fl->mss, whole, &vh);

	lab_send_super(from, &vh, whole, len);
}

static bool is_piece(const struct flow *fl, unsigned i, const uint8_t *pkt, size_t len)
{
	const struct forge p = forge_piece(&fl->f, fl->mss, i);

	return forge_write(&p, want) == len && !memcmp(want, pkt, len);
}

/* Once each, and in order unless the wire is bad; pieces may be missing. */
static void came_out(struct net *n, struct lab_node *at, const uint8_t *pkt, size_t len)
{
	struct forge f;
	struct flow *fl;
	unsigned i;

	assert_true(forge_read(&f, pkt, len));
	assert_true(f.dport < n->flows);
	fl = &n->flow[f.dport];
	assert_ptr_equal(at, fl->to);
	i = n->disordered ? 0 : fl->next;
	while (i < fl->pieces && (fl->came[i] || !is_piece(fl, i, pkt, len)))
		i++;
	if (i == fl->pieces)
		fail_msg("flow %u: a packet that is none of its pieces, or not in turn",
			 f.dport);
	fl->came[i] = true;
	fl->seen++;
	fl->next = i + 1;
}

static void take_all(struct net *n, struct lab_node *at)
{
	struct virtio_net_hdr vh;
	struct forge f;
	size_t len;

	while ((len = lab_take_super(at, &vh, whole))) {
		if (vh.gso_type == VIRTIO_NET_HDR_GSO_NONE) {
			came_out(n, at, whole, len);
			continue;
		}
		assert_true(forge_read(&f, whole, len));
		for (unsigned i = 0; i < forge_pieces(&f, vh.gso_size); i++) {
			const struct forge p = forge_piece(&f, vh.gso_size, i);

			len = forge_write(&p, bytes);
			came_out(n, at, bytes, len);
		}
	}
}

static unsigned missing(const struct net *n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n->flows; i++)
		sum += n->flow[i].pieces - n->flow[i].seen;
	return sum;
}

static bool all_came(void *arg)
{
	struct net *n = arg;

	for (unsigned i = 0; i < n->lab->nodes; i++)
		take_all(n, &n->lab->node[i]);
	return !missing(n);
}

static void expect_all(struct net *n, const char *what)
{
	lab_wait(n->lab, all_came, n, what);
}

static unsigned pieces_of(const struct net *n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n->flows; i++)
		sum += n->flow[i].pieces;
	return sum;
}

static const sa_family_t families[] = {AF_INET, AF_INET6};

static void super_packets_come_out_as_they_went_in(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned e = 0; e < 2; e++) {
		struct net *n = make_direct_net(families[e]);

		for (unsigned i = 0; i < 20; i++)
			send_flow(n->a, add_flow(n, n->b, 1, 2, 20000 + rng_below(40000),
						 (uint16_t)(1000 + rng_below(300))));
		expect_all(n, "super-packets to b");
		assert_int_equal(lab_count(n->a, "tx-super-packets"), 20);
		assert_int_equal(lab_count(n->a, "tx-packets"), 1 + pieces_of(n));
		assert_in_range(lab_count(n->a, "tx-trains"), 10, pieces_of(n) / 2);
		assert_in_range(lab_count(n->b, "rx-trains"), 10, pieces_of(n) / 2);
		assert_in_range(lab_count(n->b, "rx-super-packets"), 20,
				pieces_of(n) / 2);
		assert_int_equal(lab_count(n->b, "tx-super-packets"), 0);
		/* and back */
		for (unsigned i = 0; i < 5; i++)
			send_flow(n->b, add_flow(n, n->a, 2, 1, 30000, 1300));
		expect_all(n, "super-packets to a");
		assert_int_equal(lab_count(n->b, "tx-super-packets"), 5);
		assert_true(lab_count(n->a, "rx-super-packets") >= 5);
		free_net(n);
	}
}

static void an_end_without_offloads_gets_single_packets(void **state)
{
	struct net *n = xcalloc(1, sizeof(*n));

	(void)state;
	rng_seed();
	n->lab = lab_new();
	n->a = lab_node_add(n->lab, "a");
	n->lab->offload = false;
	n->b = lab_node_add(n->lab, "b");
	n->wire = lab_join(n->a, "10.1.0.0/16 fd00:1::/32", n->b,
			   "10.2.0.0/16 fd00:2::/32", AF_INET);
	lab_wire_bypass(n->wire);
	for (unsigned i = 0; i < 10; i++) {
		lab_talk(n->a, A, n->b, B);
		send_flow(n->a, add_flow(n, n->b, 1, 2, 30000, 1200));
		expect_all(n, "pieces");
	}
	assert_int_equal(lab_count(n->b, "rx-super-packets"), 0);
	free_net(n);
}

/* More pieces than a batch or a train has room for. */
static void pieces_of_a_few_bytes_all_arrive(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned e = 0; e < 2; e++) {
		struct net *n = make_direct_net(families[e]);

		for (unsigned i = 0; i < 12; i++) {
			const uint16_t mss = (uint16_t)(1 + rng_below(20));

			send_flow(n->a, add_flow(n, n->b, 1, 2,
						 mss * (100 + rng_below(900)), mss));
			expect_all(n, "many pieces");
		}
		assert_true(lab_count(n->a, "tx-trains") >= pieces_of(n) / 64);
		free_net(n);
	}
}

static void sizes_and_peers_may_alternate(void **state)
{
	struct net *n = make_net(AF_INET);
	struct lab_node *c = lab_node_add(n->lab, "c");
	struct lab_wire *w = lab_join(n->a, "10.1.0.0/16 fd00:1::/32", c,
				      "10.3.0.0/16 fd00:3::/32", AF_INET6);

	(void)state;
	rng_seed();
	lab_wire_bypass(n->wire);
	lab_wire_bypass(w);
	lab_talk(n->a, A, n->b, B);
	lab_talk(n->a, A, c, "10.3.0.1");
	for (unsigned i = 0; i < FLOWS_MAX; i++) {
		const uint32_t len = 1 + rng_below(i % 4 ? 3000 : 60000);
		const uint16_t mss = (uint16_t)(100 + rng_below(1200));

		if (rng_below(2))
			send_flow(n->a, add_flow(n, n->b, 1, 2, len, mss));
		else
			send_flow(n->a, add_flow(n, c, 1, 3, len, mss));
	}
	expect_all(n, "packets for two");
	free_net(n);
}

/* ---- waiting for a session ---- */

static void send_before_there_is_a_session(struct net *n, unsigned supers)
{
	for (unsigned i = 0; i < supers; i++)
		send_flow(n->a, add_flow(n, n->b, 1, 2, 50000, 1000));
	/* Nothing is pumped, so there is no answer while these come in. */
	while (lab_count(n->a, "tx-staged") < 50 * supers)
		;
}

static void super_packets_wait_for_the_session(void **state)
{
	struct net *n = make_net(AF_INET);

	(void)state;
	rng_seed();
	send_before_there_is_a_session(n, 2);
	expect_all(n, "what waited");
	assert_int_equal(lab_count(n->a, "tx-queue-full"), 0);
	free_net(n);
}

static bool one_has_all(void *arg)
{
	struct net *n = arg;
	const struct flow *last = &n->flow[n->flows - 1];

	(void)all_came(n);
	return last->seen == last->pieces;
}

static void of_super_packets_that_wait_the_oldest_pieces_go(void **state)
{
	struct net *n = make_net(AF_INET);

	(void)state;
	rng_seed();
	send_before_there_is_a_session(n, 3);
	assert_int_equal(lab_count(n->a, "tx-queue-full"), 150 - 128);
	lab_wait(n->lab, one_has_all, n, "the last of what waited");
	assert_int_equal(missing(n), 150 - 128);
	for (unsigned i = 0; i < 150 - 128; i++)
		assert_false(n->flow[0].came[i]);
	free_net(n);
}

/* ---- paths that do not take everything ---- */

/* Trains are not fragmented, their datagrams are. */
static void where_trains_do_not_fit_datagrams_go_one_by_one(void **state)
{
	(void)state;
	rng_seed();
	for (unsigned e = 0; e < 2; e++) {
		struct net *n = make_direct_net(families[e]);
		uint64_t trains;

		lab_set_mtu(1300);
		for (unsigned i = 0; i < 5; i++) {
			send_flow(n->a, add_flow(n, n->b, 1, 2, 40000, 1320));
			expect_all(n, "pieces over a narrow path");
		}
		assert_int_equal(lab_count(n->a, "tx-trains"), 0);
		assert_int_equal(lab_count(n->a, "tx-refused"), 0);
		/* Not yet: it has been found out that they do not fit. */
		lab_set_mtu(LAB_MTU);
		send_flow(n->a, add_flow(n, n->b, 1, 2, 40000, 1320));
		expect_all(n, "pieces over a path that was narrow");
		assert_int_equal(lab_count(n->a, "tx-trains"), 0);
		/* The first batch after that time finds out that it is over. */
		lab_advance(n->lab, 11 * NS_PER_S);
		for (unsigned i = 0; i < 2; i++) {
			send_flow(n->a, add_flow(n, n->b, 1, 2, 40000, 1320));
			expect_all(n, "pieces over a path that is wide again");
		}
		trains = lab_count(n->a, "tx-trains");
		assert_in_range(trains, 1, 40000 / 1320);
		free_net(n);
	}
}

/* Data packets get lost, come twice, are changed, or come late. */
static enum lab_verdict be_bad(struct lab_wire *w, unsigned end, uint8_t *data,
			       size_t len, void *arg)
{
	struct net *n = arg;

	if (wg_msg_classify(data, len) != WG_MSG_DATA)
		return LAB_PASS;
	switch (rng_below(16)) {
	case 0:
		return LAB_DROP;
	case 1:
		return LAB_TWICE;
	case 2:
		data[16 + rng_below((unsigned)len - 16)] ^= 1 << rng_below(8);
		return LAB_PASS;
	case 3:
		if (n->held_len)
			lab_wire_inject(w, !n->held_end, n->held, n->held_len);
		memcpy(n->held, data, len);
		n->held_len = (unsigned)len;
		n->held_end = end;
		return LAB_DROP;
	default:
		return LAB_PASS;
	}
}

static void over_a_bad_wire_nothing_comes_twice_or_changed(void **state)
{
	unsigned lost;

	(void)state;
	rng_seed();
	for (unsigned e = 0; e < 2; e++) {
		struct net *n = make_net(families[e]);

		lab_talk(n->a, A, n->b, B);
		n->wire->filter = be_bad;
		n->wire->arg = n;
		n->disordered = true;
		for (unsigned i = 0; i < 40; i++)
			send_flow(n->a, add_flow(n, n->b, 1, 2, 20000, 1000));
		while (lab_count(n->a, "tx-packets") < 1 + pieces_of(n))
			lab_pump(n->lab);
		lab_wait_count(n->b, "rx-replayed", 1);
		lab_wait_count(n->b, "rx-forged", 1);
		/* A clean one after them. */
		n->wire->filter = NULL;
		send_flow(n->a, add_flow(n, n->b, 1, 2, 20000, 1000));
		lab_wait(n->lab, one_has_all, n, "a clean super-packet");
		lost = missing(n);
		assert_in_range(lost, pieces_of(n) / 50, pieces_of(n) / 4);
		free_net(n);
	}
}

static void a_rekey_between_super_packets_loses_nothing(void **state)
{
	struct net *n = make_direct_net(AF_INET);

	(void)state;
	rng_seed();
	/* Not a minute: a session that is 179.99 s old when a packet leaves is over when it
	 * comes. */
	for (unsigned i = 0; i < 6; i++) {
		lab_advance(n->lab, 61 * NS_PER_S);
		send_flow(n->a, add_flow(n, n->b, 1, 2, 60000, 1300));
		send_flow(n->b, add_flow(n, n->a, 2, 1, 60000, 1300));
		expect_all(n, "super-packets across a rekey");
	}
	assert_true(lab_count(n->a, "tx-initiations") +
			    lab_count(n->b, "tx-initiations") >=
		    3);
	free_net(n);
}

/* ---- what is no packet ---- */

static void a_header_that_does_not_fit_is_counted(void **state)
{
	struct net *n = make_direct_net(AF_INET);
	struct virtio_net_hdr vh;
	struct flow *fl;
	size_t len;

	(void)state;
	rng_seed();
	fl = add_flow(n, n->b, 1, 2, 5000, 1000);
	len = forge_write_super(&fl->f, 1000, whole, &vh);
	vh.gso_size = 0;
	lab_send_super(n->a, &vh, whole, len);
	lab_wait_count(n->a, "tx-not-ip", 1);
	assert_int_equal(write(n->a->tun[0], whole, sizeof(vh) - 1), sizeof(vh) - 1);
	lab_wait_count(n->a, "tx-not-ip", 2);
	lab_send_super(n->a, &vh, whole, 10); /* and a packet that is too short */
	lab_wait_count(n->a, "tx-not-ip", 3);
	send_flow(n->a, fl);
	expect_all(n, "a super-packet after what was none");
	free_net(n);
}

/* Each packet in it counts. */
static void a_super_packet_without_route_is_counted_in_packets(void **state)
{
	struct net *n = make_net(AF_INET);

	(void)state;
	rng_seed();
	send_flow(n->a, add_flow(n, n->b, 1, 9, 10000, 1000));
	lab_wait_count(n->a, "tx-no-route", 10);
	assert_int_equal(lab_count(n->a, "tx-no-route"), 10);
	free_net(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(super_packets_come_out_as_they_went_in),
		cmocka_unit_test(an_end_without_offloads_gets_single_packets),
		cmocka_unit_test(pieces_of_a_few_bytes_all_arrive),
		cmocka_unit_test(sizes_and_peers_may_alternate),
		cmocka_unit_test(super_packets_wait_for_the_session),
		cmocka_unit_test(of_super_packets_that_wait_the_oldest_pieces_go),
		cmocka_unit_test(where_trains_do_not_fit_datagrams_go_one_by_one),
		cmocka_unit_test(over_a_bad_wire_nothing_comes_twice_or_changed),
		cmocka_unit_test(a_rekey_between_super_packets_loses_nothing),
		cmocka_unit_test(a_header_that_does_not_fit_is_counted),
		cmocka_unit_test(a_super_packet_without_route_is_counted_in_packets),
	};

	if (!lab_enter())
		return 77;
	lab_offload(true);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
