/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packets through a tunnel between two data planes: what gets through and what does not. */

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "proto/wg/messages.h"
#include "tests/lib/dp_lab.h"
#include "wgrd/dplane/io/tos.h"

#define A_NETS "10.1.0.0/16 fd00:1::/32"
#define B_NETS "10.2.0.0/16 fd00:2::/32"

struct pair {
	struct lab *lab;
	struct lab_node *a, *b;
	struct lab_wire *wire;
};

static void make_pair(struct pair *p, sa_family_t family)
{
	p->lab = lab_new();
	p->a = lab_node_add(p->lab, "a");
	p->b = lab_node_add(p->lab, "b");
	p->wire = lab_join(p->a, A_NETS, p->b, B_NETS, family);
}

static void talk_in_both_families(const struct pair *p)
{
	lab_talk(p->a, "10.1.0.1", p->b, "10.2.0.1");
	lab_talk(p->a, "fd00:1::1", p->b, "fd00:2::1");
	lab_talk(p->b, "10.2.0.1", p->a, "10.1.0.1");
}

static void packets_go_both_ways_over_either_family(void **state)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct pair p;

		make_pair(&p, families[i]);
		talk_in_both_families(&p);
		lab_wait_status(p.a, 0, DP_PEER_UP, DP_PEER_UP);
		lab_wait_status(p.b, 0, DP_PEER_UP, DP_PEER_UP);
		lab_pump(p.lab); /* the events */
		assert_int_equal(p.a->ups, 1);
		assert_int_equal(p.b->ups, 1);
		/* one handshake was enough */
		assert_int_equal(lab_count(p.a, "tx-initiations") +
					 lab_count(p.b, "tx-initiations"),
				 1);
		lab_free(p.lab);
	}
}

static void every_length_gets_through_unchanged(void **state)
{
	uint8_t out[LAB_PACKET_MAX], in[LAB_PACKET_MAX];
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	talk_in_both_families(&p);
	for (size_t payload = 4; payload <= 1420 - 28; payload++) {
		size_t len = lab_packet(out, "10.1.0.1", "10.2.0.1", 7, payload), got;

		lab_send_raw(p.a, out, len);
		do {
			lab_pump(p.lab);
			got = lab_take(p.b, in);
		} while (!got);
		assert_int_equal(got, len);
		assert_memory_equal(in, out, len);
	}
	lab_free(p.lab);
}

static enum lab_verdict watch_length(struct lab_wire *w, unsigned end, uint8_t *data,
				     size_t len, void *arg)
{
	size_t *longest = arg;

	(void)w;
	(void)end;
	assert_true(wg_msg_classify(data, len) != WG_MSG_DATA || len % 16 == 0 ||
		    len == 1420 + WG_DATA_OVERHEAD);
	if (len > *longest)
		*longest = len;
	return LAB_PASS;
}

static void padding_goes_to_sixteen_but_not_beyond_the_mtu(void **state)
{
	uint8_t buf[LAB_PACKET_MAX], in[LAB_PACKET_MAX];
	size_t longest = 0;
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	p.wire->filter = watch_length;
	p.wire->arg = &longest;
	talk_in_both_families(&p);
	for (size_t len = 1400; len <= 1420; len++) {
		lab_send_raw(p.a, buf,
			     lab_packet(buf, "10.1.0.1", "10.2.0.1", 7, len - 28));
		do
			lab_pump(p.lab);
		while (!lab_take(p.b, in));
	}
	assert_int_equal(longest, 1420 + WG_DATA_OVERHEAD);
	lab_free(p.lab);
}

static void a_preshared_key_must_be_the_same_on_both_sides(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	memset(p.a->peer_conf[0].key.psk, 0x11, WG_KEY_LEN);
	memset(p.b->peer_conf[0].key.psk, 0x22, WG_KEY_LEN);
	lab_peer_set(p.a, 0);
	lab_peer_set(p.b, 0);
	lab_send(p.a, "10.1.0.1", "10.2.0.1", 1);
	/* The psk enters with the response: b answers, and a cannot open it. */
	lab_wait_count(p.a, "hs-forged", 1);
	while (p.a->peer[0]->counters.refused[DP_REFUSED_FORGED] != 1 || !p.a->news)
		lab_pump(p.lab);
	assert_int_equal(lab_status(p.a, 0) & DP_PEER_UP, 0);
	assert_int_equal(lab_count(p.b, "rx-packets"), 0);

	memset(p.b->peer_conf[0].key.psk, 0x11, WG_KEY_LEN);
	lab_peer_set(p.b, 0);
	lab_advance(p.lab, 6 * NS_PER_S); /* a tries again, and the packet still waits */
	lab_expect(p.b, "10.1.0.1", "10.2.0.1", 1);
	lab_free(p.lab);
}

static void packets_that_wait_for_the_session_arrive_in_order(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	for (uint32_t tag = 0; tag < 100; tag++)
		lab_send(p.a, "10.1.0.1", "10.2.0.1", tag);
	for (uint32_t tag = 0; tag < 100; tag++)
		lab_expect(p.b, "10.1.0.1", "10.2.0.1", tag);
	assert_int_equal(lab_count(p.a, "tx-staged"), 100);
	lab_free(p.lab);
}

static void of_too_many_that_wait_the_oldest_go(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	/* Nothing is pumped, so there is no answer while these come in. */
	for (uint32_t tag = 0; tag < 300; tag++)
		lab_send(p.a, "10.1.0.1", "10.2.0.1", tag);
	while (lab_count(p.a, "tx-staged") < 300)
		;
	assert_int_equal(lab_count(p.a, "tx-queue-full"), 300 - 128);
	for (uint32_t tag = 300 - 128; tag < 300; tag++)
		lab_expect(p.b, "10.1.0.1", "10.2.0.1", tag);
	lab_free(p.lab);
}

static void what_cannot_be_sent_is_counted_by_reason(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	lab_send(p.a, "10.1.0.1", "10.3.0.1", 1);
	lab_wait_count(p.a, "tx-no-route", 1);
	lab_send_raw(p.a, "not ip", 6);
	lab_wait_count(p.a, "tx-not-ip", 1);
	p.a->peer_conf[0].enabled = false;
	lab_peer_set(p.a, 0);
	lab_send(p.a, "10.1.0.1", "10.2.0.1", 1);
	lab_wait_count(p.a, "tx-peer-unusable", 1);
	lab_free(p.lab);
}

static void a_peer_without_endpoint_is_answered_where_it_is(void **state)
{
	struct pair p;
	struct lab_node *c;
	struct dp_peer_conf conf;
	struct dp_nexthop nh = {.weight = 1};
	uint8_t buf[LAB_PACKET_MAX];

	(void)state;
	make_pair(&p, AF_INET);
	/* b has a peer c that it does not know the address of */
	c = lab_node_add(p.lab, "c");
	conf = (struct dp_peer_conf){.enabled = true};
	memcpy(conf.key.public_key, c->public_key, WG_KEY_LEN);
	assert_int_equal(dp_peer_new(p.b->dev, &conf, p.b, &nh.peer), 0);
	p.b->peer[1] = nh.peer;
	p.b->peer_conf[1] = conf;
	p.b->peers = 2;
	assert_int_equal(dp_group_new(&nh, 1, &p.b->group[1]), 0);
	lab_route(p.b, "10.3.0.0/16", p.b->group[1]);
	lab_permit(p.b, "10.3.0.0/16", p.b->group[1]);
	lab_send(p.b, "10.2.0.1", "10.3.0.1", 1);
	lab_wait_count(p.b, "icmp-sent", 1); /* test_unreach.c is about these */
	while (!lab_take(p.b, buf))
		;
	assert_int_equal(lab_count(p.b, "tx-no-endpoint"), 1);
	/* c writes to b directly */
	nh.peer = NULL;
	conf = (struct dp_peer_conf){.enabled = true,
				     .endpoint_port = dp_device_port(p.b->dev)};
	memcpy(conf.key.public_key, p.b->public_key, WG_KEY_LEN);
	assert_int_equal(ip_addr_parse(&conf.endpoint, "127.0.0.1"), 0);
	assert_int_equal(dp_peer_new(c->dev, &conf, c, &nh.peer), 0);
	c->peer[0] = nh.peer;
	c->peers = 1;
	assert_int_equal(dp_group_new(&nh, 1, &c->group[0]), 0);
	lab_route(c, "10.2.0.0/16", c->group[0]);
	lab_permit(c, "10.2.0.0/16", c->group[0]);
	lab_talk(c, "10.3.0.1", p.b, "10.2.0.1");
	lab_free(p.lab);
}

static void a_source_that_the_peer_may_not_use_is_dropped(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	talk_in_both_families(&p);
	lab_send(p.a, "10.2.0.7", "10.2.0.1", 1); /* b's own */
	lab_send(p.a, "10.9.0.1", "10.2.0.1", 1); /* nobody's */
	lab_send(p.a, "fd00:3::1", "fd00:2::1", 1);
	lab_wait_count(p.b, "rx-spoofed", 3);
	lab_send(p.a, "10.1.0.1", "10.2.0.1", 5);
	lab_expect(p.b, "10.1.0.1", "10.2.0.1", 5);
	lab_free(p.lab);
}

static void a_peer_that_moves_is_followed(void **state)
{
	uint16_t before;
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	talk_in_both_families(&p);
	before = dp_endpoint_load(&p.b->peer[0]->endpoint).port;
	assert_int_equal(before, p.wire->port[1]);
	lab_wire_rebind(p.wire, 1); /* as behind a NAT that has forgotten */
	talk_in_both_families(&p);
	assert_int_equal(dp_endpoint_load(&p.b->peer[0]->endpoint).port, p.wire->port[1]);
	assert_true(p.wire->port[1] != before);
	assert_int_equal(lab_count(p.b, "roamed"), 1);
	while (p.b->peer[0]->counters.moves != 1 || !p.b->news) /* and that is told */
		lab_pump(p.lab);
	assert_int_equal(
		lab_count(p.b, "tx-initiations") + lab_count(p.a, "tx-initiations"), 1);
	lab_free(p.lab);
}

static void answers_come_from_the_address_that_was_written_to(void **state)
{
	struct dp_endpoint ep;
	struct pair p;
	struct ip_addr lo;

	(void)state;
	make_pair(&p, AF_INET);
	/* without the wire: a writes to 127.0.0.2, b's other address */
	assert_int_equal(ip_addr_parse(&p.a->peer_conf[0].endpoint, "127.0.0.2"), 0);
	p.a->peer_conf[0].endpoint_port = dp_device_port(p.b->dev);
	lab_peer_set(p.a, 0);
	lab_talk(p.a, "10.1.0.1", p.b, "10.2.0.1");
	ep = dp_endpoint_load(&p.a->peer[0]->endpoint);
	assert_int_equal(ip_addr_parse(&lo, "127.0.0.2"), 0);
	assert_memory_equal(ep.addr, lo.bytes, 4);
	assert_int_equal(lab_count(p.a, "roamed"), 0);
	ep = dp_endpoint_load(&p.b->peer[0]->endpoint);
	assert_memory_equal(ep.source, lo.bytes, 4);
	lab_free(p.lab);
}

static void a_source_address_that_has_gone_is_forgotten(void **state)
{
	struct dp_endpoint ep;
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	talk_in_both_families(&p);
	ep = dp_endpoint_load(&p.a->peer[0]->endpoint);
	memcpy(ep.source, (uint8_t[]){192, 0, 2, 1}, 4); /* never ours */
	dp_endpoint_store(&p.a->peer[0]->endpoint, &ep);
	lab_send(p.a, "10.1.0.1", "10.2.0.1", 1);
	lab_expect(p.b, "10.1.0.1", "10.2.0.1", 1);
	ep = dp_endpoint_load(&p.a->peer[0]->endpoint);
	assert_memory_equal(ep.source, (uint8_t[4]){0}, 4);
	lab_free(p.lab);
}

static void two_that_begin_at_once_both_succeed(void **state)
{
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	lab_send(p.a, "10.1.0.1", "10.2.0.1", 1);
	lab_send(p.b, "10.2.0.1", "10.1.0.1", 2);
	while (!lab_count(p.a, "tx-initiations") || !lab_count(p.b, "tx-initiations"))
		;
	lab_expect(p.b, "10.1.0.1", "10.2.0.1", 1);
	lab_expect(p.a, "10.2.0.1", "10.1.0.1", 2);
	talk_in_both_families(&p);
	lab_free(p.lab);
}

static void a_congestion_mark_crosses_the_tunnel(void **state)
{
	uint8_t buf[LAB_PACKET_MAX];
	const int ce = 3;
	size_t len;
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	talk_in_both_families(&p);
	/* the path marks what b gets */
	assert_int_equal(setsockopt(p.wire->fd[1], IPPROTO_IP, IP_TOS, &ce, sizeof(ce)),
			 0);
	len = lab_packet(buf, "10.1.0.1", "10.2.0.1", 1, 10);
	buf[1] = 0x02; /* ECT(0) */
	lab_send_raw(p.a, buf, len);
	do
		lab_pump(p.lab);
	while (!lab_take(p.b, buf));
	assert_int_equal(buf[1], 0x03);
	/* a packet that cannot carry the mark does not hide it (RFC 6040 section 4.2) */
	lab_send(p.a, "10.1.0.1", "10.2.0.1", 1);
	lab_wait_count(p.b, "rx-ecn", 1);
	lab_free(p.lab);
}

static void batches_are_counted(void **state)
{
	uint64_t out, in;
	struct pair p;

	(void)state;
	make_pair(&p, AF_INET);
	talk_in_both_families(&p);
	out = lab_count(p.a, "tx-batches");
	in = lab_count(p.b, "rx-batches");
	lab_send(p.a, "10.1.0.1", "10.2.0.1", 1);
	lab_expect(p.b, "10.1.0.1", "10.2.0.1", 1);
	assert_int_equal(lab_count(p.a, "tx-batches"), out + 1);
	assert_true(lab_count(p.b, "rx-batches") > in);
	assert_true(lab_count(p.a, "wakeups") > out);
	lab_free(p.lab);
}

static void ask_for_tos(const struct lab_wire *w)
{
	const int on = 1;

	for (unsigned i = 0; i < 2; i++) {
		if (w->family == AF_INET)
			assert_int_equal(setsockopt(w->fd[i], IPPROTO_IP, IP_RECVTOS, &on,
						    sizeof(on)),
					 0);
		else
			assert_int_equal(setsockopt(w->fd[i], IPPROTO_IPV6,
						    IPV6_RECVTCLASS, &on, sizeof(on)),
					 0);
	}
}

/* Of the datagram that is next on the wire; waits for it. */
static uint8_t peek_tos(int fd)
{
	_Alignas(struct cmsghdr) uint8_t control[64];
	struct msghdr mh = {.msg_control = control};
	struct cmsghdr *c;
	int class;

	do {
		mh.msg_controllen = sizeof(control);
	} while (recvmsg(fd, &mh, MSG_PEEK) < 0);
	c = CMSG_FIRSTHDR(&mh);
	assert_non_null(c);
	if (c->cmsg_level == IPPROTO_IP)
		return *CMSG_DATA(c);
	memcpy(&class, CMSG_DATA(c), sizeof(class));
	return (uint8_t) class;
}

static void a_datagram_shows_the_class_that_is_configured(void **state)
{
	static const struct {
		uint8_t dscp, inner, outer;
	} cases[] = {
		{0, 0xb9, 0x01},  {46, 0x20, 0xb8},
		{46, 0x22, 0xba}, {DP_DSCP_COPY, 0xb9, 0xb9},
		{0, 0xb8, 0x00},
	};
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	uint8_t buf[LAB_PACKET_MAX];

	(void)state;
	for (unsigned f = 0; f < 2; f++) {
		struct pair p;

		make_pair(&p, families[f]);
		talk_in_both_families(&p);
		ask_for_tos(p.wire);
		for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
			size_t len = lab_packet(buf, "10.1.0.1", "10.2.0.1", i, 10);

			p.a->conf.dscp = cases[i].dscp;
			lab_node_set(p.a);
			buf[1] = cases[i].inner;
			lab_send_raw(p.a, buf, len);
			assert_int_equal(peek_tos(p.wire->fd[0]), cases[i].outer);
			lab_wait_count(p.b, "rx-packets", i + 1);
			while (!lab_take(p.b, buf))
				;
			assert_int_equal(buf[1], cases[i].inner);
		}
		lab_free(p.lab);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_go_both_ways_over_either_family),
		cmocka_unit_test(every_length_gets_through_unchanged),
		cmocka_unit_test(padding_goes_to_sixteen_but_not_beyond_the_mtu),
		cmocka_unit_test(a_preshared_key_must_be_the_same_on_both_sides),
		cmocka_unit_test(packets_that_wait_for_the_session_arrive_in_order),
		cmocka_unit_test(of_too_many_that_wait_the_oldest_go),
		cmocka_unit_test(what_cannot_be_sent_is_counted_by_reason),
		cmocka_unit_test(a_peer_without_endpoint_is_answered_where_it_is),
		cmocka_unit_test(a_source_that_the_peer_may_not_use_is_dropped),
		cmocka_unit_test(a_peer_that_moves_is_followed),
		cmocka_unit_test(answers_come_from_the_address_that_was_written_to),
		cmocka_unit_test(a_source_address_that_has_gone_is_forgotten),
		cmocka_unit_test(two_that_begin_at_once_both_succeed),
		cmocka_unit_test(a_congestion_mark_crosses_the_tunnel),
		cmocka_unit_test(batches_are_counted),
		cmocka_unit_test(a_datagram_shows_the_class_that_is_configured),
	};

	int failed;

	if (!lab_enter())
		return 77;
	failed = cmocka_run_group_tests_name("plain", tests, NULL, NULL);
	lab_offload(true);
	return failed + cmocka_run_group_tests_name("offloads", tests, NULL, NULL);
}
