/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What changes while packets flow: owners of prefixes, members of groups, peers, keys,
 * ports, interfaces. A thread sends all the time, so that changes meet batches under way. */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/dp_lab.h"
#include "wgrd/dplane/dplane_internal.h"

#define HUB_NETS "10.0.0.0/16"

enum {
	WINDOW = 200, /* packets under way */
};

/* A hub with two spokes; 10.9.0.0/16 is what moves between them. */
struct star {
	struct lab *lab;
	struct lab_node *hub, *b, *c;
	struct lab_wire *to_b, *to_c;
	uint32_t got_b, got_c;
	uint32_t forgiven;        /* lost, and rightly so */
	_Atomic uint32_t arrived; /* the sum, for the sender */
	/* the sender */
	pthread_t thread;
	_Atomic bool stop;
	_Atomic uint32_t sent;
	unsigned flows;
};

static void make_star(struct star *s)
{
	*s = (struct star){.lab = lab_new(), .flows = 1};
	s->hub = lab_node_add(s->lab, "hub");
	s->b = lab_node_add(s->lab, "b");
	s->c = lab_node_add(s->lab, "c");
	s->to_b = lab_join(s->hub, HUB_NETS, s->b, "10.2.0.0/16", AF_INET);
	s->to_c = lab_join(s->hub, HUB_NETS, s->c, "10.3.0.0/16", AF_INET6);
	lab_talk(s->hub, "10.0.0.1", s->b, "10.2.0.1");
	lab_talk(s->hub, "10.0.0.1", s->c, "10.3.0.1");
}

/* Never more than the wires and sockets hold: loss must be the data plane's. */
static void *send_all_the_time(void *arg)
{
	struct star *s = arg;
	uint8_t buf[LAB_PACKET_MAX];

	while (!atomic_load(&s->stop)) {
		uint32_t tag = atomic_load(&s->sent);
		size_t len;

		if ((int32_t)(tag - atomic_load(&s->arrived)) > WINDOW)
			continue;
		len = lab_packet(buf, "10.0.0.1", "10.9.0.1", tag, 100);
		buf[21] = (uint8_t)(tag % s->flows); /* the source port */
		if (write(s->hub->tun[0], buf, len) < 0)
			continue;
		atomic_store(&s->sent, tag + 1);
	}
	return NULL;
}

static void start(struct star *s)
{
	assert_int_equal(pthread_create(&s->thread, NULL, send_all_the_time, s), 0);
}

static void count_packets(struct lab_node *n, uint32_t *got)
{
	uint8_t buf[LAB_PACKET_MAX];

	while (lab_take(n, buf))
		++*got;
}

static void pump(struct star *s)
{
	lab_pump(s->lab);
	count_packets(s->b, &s->got_b);
	count_packets(s->c, &s->got_c);
	atomic_store(&s->arrived, s->got_b + s->got_c + s->forgiven);
}

struct goal {
	struct star *s;
	uint32_t b, c, total;
};

static bool reached(void *arg)
{
	const struct goal *g = arg;

	pump(g->s);
	return g->s->got_b >= g->b && g->s->got_c >= g->c &&
	       g->s->got_b + g->s->got_c >= g->total;
}

static void wait_for(struct star *s, uint32_t more_b, uint32_t more_c)
{
	struct goal g = {.s = s, .b = s->got_b + more_b, .c = s->got_c + more_c};

	lab_wait(s->lab, reached, &g, "packets to arrive");
}

/* All that was sent has arrived, at one spoke or the other. */
static void stop_without_loss(struct star *s)
{
	struct goal g = {.s = s};

	atomic_store(&s->stop, true);
	pthread_join(s->thread, NULL);
	g.total = atomic_load(&s->sent);
	lab_wait(s->lab, reached, &g, "all packets");
	assert_int_equal(s->got_b + s->got_c, g.total);
}

static void permit_both(struct star *s)
{
	/* the hub's source is permitted by the spokes already; back traffic is not used */
	lab_route(s->hub, "10.9.0.0/16", s->hub->group[0]);
}

static void a_prefix_moves_between_peers_without_loss(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	permit_both(&s);
	start(&s);
	for (unsigned i = 0; i < 200; i++) {
		wait_for(&s, i % 2 ? 0 : 5, i % 2 ? 5 : 0);
		lab_route(s.hub, "10.9.0.0/16", s.hub->group[!(i % 2)]);
	}
	stop_without_loss(&s);
	lab_free(s.lab);
}

static void a_more_specific_prefix_comes_and_goes_without_loss(void **state)
{
	struct prefix p;
	struct star s;

	(void)state;
	make_star(&s);
	permit_both(&s);
	start(&s);
	assert_int_equal(prefix_parse(&p, "10.9.0.0/24"), 0);
	for (unsigned i = 0; i < 200; i++) {
		lab_route(s.hub, "10.9.0.0/24", s.hub->group[1]);
		wait_for(&s, 0, 5);
		dp_permits_del(&s.hub->dev->permits, &p);
		wait_for(&s, 5, 0);
	}
	stop_without_loss(&s);
	lab_free(s.lab);
}

static void a_group_flips_without_loss(void **state)
{
	struct dp_nexthop nh[2];
	struct dp_group *g;
	struct star s;

	(void)state;
	make_star(&s);
	s.flows = 64;
	nh[0] = (struct dp_nexthop){.peer = s.hub->peer[0], .weight = 1};
	nh[1] = (struct dp_nexthop){.peer = s.hub->peer[1], .weight = 1};
	assert_int_equal(dp_group_new(nh, 1, &g), 0);
	lab_route(s.hub, "10.9.0.0/16", g);
	start(&s);
	for (unsigned i = 0; i < 100; i++) {
		wait_for(&s, 5, 0);
		assert_int_equal(dp_group_set(g, nh, 2), 0);
		wait_for(&s, 5, 5);
		assert_int_equal(dp_group_set(g, nh + 1, 1), 0);
		wait_for(&s, 0, 5);
		assert_int_equal(dp_group_set(g, nh, 1), 0);
	}
	stop_without_loss(&s);
	dp_group_free(g);
	lab_free(s.lab);
}

static void flows_of_a_group_are_shared_by_weight(void **state)
{
	struct dp_nexthop nh[2];
	struct dp_group *g;
	struct star s;

	(void)state;
	make_star(&s);
	s.flows = 256;
	nh[0] = (struct dp_nexthop){.peer = s.hub->peer[0], .weight = 1};
	nh[1] = (struct dp_nexthop){.peer = s.hub->peer[1], .weight = 3};
	assert_int_equal(dp_group_new(nh, 2, &g), 0);
	lab_route(s.hub, "10.9.0.0/16", g);
	start(&s);
	while (s.got_b + s.got_c < 2560)
		pump(&s);
	stop_without_loss(&s);
	/* a quarter of 256 flows, and four standard deviations of grace */
	assert_in_range(s.got_b * 256ull / (s.got_b + s.got_c), 64 - 28, 64 + 28);
	dp_group_free(g);
	lab_free(s.lab);
}

static enum lab_verdict swallow(struct lab_wire *w, unsigned end, uint8_t *data,
				size_t len, void *arg)
{
	(void)w;
	(void)end;
	(void)data;
	(void)len;
	(void)arg;
	return LAB_DROP;
}

/* A group of b, and c with rank @rank. */
static struct dp_group *group_of_both(struct star *s, uint8_t rank)
{
	struct dp_nexthop nh[2] = {{.peer = s->hub->peer[0], .weight = 1},
				   {.peer = s->hub->peer[1], .weight = 1, .rank = rank}};
	struct dp_group *g;

	assert_int_equal(dp_group_new(nh, 2, &g), 0);
	lab_route(s->hub, "10.9.0.0/16", g);
	s->flows = 64;
	return g;
}

static void wait_until_answers(struct star *s, bool answers)
{
	while (atomic_load(&s->hub->peer[0]->answers) != answers)
		pump(s);
}

/* What timers have made somebody send arrives, and is taken in, now: else the clock of a
 * busy machine's test runs ahead of its workers, and nobody seems to answer. */
static void settle(struct star *s)
{
	for (unsigned round = 0; round < 3; round++) {
		pump(s);
		for (unsigned i = 0; i < s->lab->nodes; i++)
			dplane_sync_workers(s->lab->node[i].dp);
	}
	pump(s);
}

/* One at a time: c sends nothing but keepalives, and they have to be heard in time. */
static void pass_seconds(struct star *s, unsigned n)
{
	while (n--) {
		lab_advance(s->lab, NS_PER_S);
		settle(s);
	}
}

/* b has no session, and a handshake with it comes to nothing for a while. */
static void begin_and_regain(uint8_t rank)
{
	struct dp_group *g;
	struct star s;

	make_star(&s);
	g = group_of_both(&s, rank);
	s.to_b->filter = swallow;
	dp_peer_clear(s.hub->peer[0]);
	wait_until_answers(&s, false);
	start(&s);
	for (unsigned i = 0; i < 6; i++) { /* packets have it tried again and again */
		wait_for(&s, 0, 200);
		lab_wait_count(s.hub, "tx-initiations", 2 + i);
		pass_seconds(&s, 6);
	}
	assert_int_equal(s.got_b, 0);
	s.to_b->filter = NULL;
	pass_seconds(&s, 6);
	wait_for(&s, 200, rank ? 0 : 50);
	stop_without_loss(&s);
	dp_group_free(g);
	lab_free(s.lab);
}

static void no_flow_waits_for_a_handshake_that_another_member_does_not_need(void **state)
{
	(void)state;
	begin_and_regain(0);
}

static void a_backup_stands_in_until_the_primary_has_a_session(void **state)
{
	(void)state;
	begin_and_regain(1);
}

/* b has a session, and is not heard any more. */
static void lose_and_regain(uint8_t rank)
{
	struct dp_group *g;
	struct star s;

	make_star(&s);
	g = group_of_both(&s, rank);
	start(&s);
	wait_for(&s, 200, 0);
	s.to_b->filter = swallow;
	pass_seconds(&s, 8);
	assert_true(atomic_load(&s.hub->peer[0]->answers));
	pass_seconds(&s, 8);
	wait_until_answers(&s, false);
	assert_int_equal(lab_status(s.hub, 0) & DP_PEER_UP, DP_PEER_UP);
	/* what b was to have until now is lost: the sender goes on */
	s.forgiven = atomic_load(&s.sent) - s.got_b - s.got_c;
	wait_for(&s, 0, 200);
	s.to_b->filter = NULL;
	pass_seconds(&s, 6);
	wait_for(&s, 200, rank ? 0 : 50);
	atomic_store(&s.stop, true);
	pthread_join(s.thread, NULL);
	dp_group_free(g);
	lab_free(s.lab);
}

/* A hub has a tunnel before it has routes. */
static void a_primary_that_is_back_waits_for_its_flows_as_long_as_it_is_told(void **state)
{
	struct dp_group *g;
	struct star s;

	(void)state;
	make_star(&s);
	s.hub->peer_conf[0].preempt_delay_s = 30;
	lab_peer_set(s.hub, 0);
	g = group_of_both(&s, 1);
	s.to_b->filter = swallow;
	dp_peer_clear(s.hub->peer[0]);
	wait_until_answers(&s, false);
	start(&s);
	wait_for(&s, 0, 200);
	s.to_b->filter = NULL;
	pass_seconds(&s, 6);
	wait_until_answers(&s, true);
	pass_seconds(&s, 20);
	wait_for(&s, 0, 200);
	assert_int_equal(s.got_b, 0);
	pass_seconds(&s, 12);
	wait_for(&s, 200, 0);
	stop_without_loss(&s);
	dp_group_free(g);
	lab_free(s.lab);
}

static void flows_leave_a_member_that_does_not_answer(void **state)
{
	(void)state;
	lose_and_regain(0);
}

static void a_backup_stands_in_while_the_primary_does_not_answer(void **state)
{
	(void)state;
	lose_and_regain(1);
}

static void a_peer_is_retired_while_packets_flow(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	permit_both(&s);
	start(&s);
	wait_for(&s, 100, 0);
	dp_peer_retire(s.hub->peer[0]);
	lab_wait_count(s.hub, "tx-peer-unusable", 1);
	/* and freed once nothing names it */
	lab_route(s.hub, "10.9.0.0/16", s.hub->group[1]);
	lab_route(s.hub, "10.2.0.0/16", s.hub->group[1]);
	lab_permit(s.hub, "10.2.0.0/16", s.hub->group[1]);
	dp_group_free(s.hub->group[0]);
	dp_peer_free(s.hub->peer[0]);
	s.hub->peer[0] = NULL;
	s.forgiven = WINDOW;
	wait_for(&s, 0, 100);
	atomic_store(&s.stop, true);
	pthread_join(s.thread, NULL);
	lab_free(s.lab);
}

static void a_peer_gets_a_new_key(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	/* b changes its key first: it knows no session any more, and the hub not its key */
	assert_int_equal(getrandom(s.b->conf.private_key, WG_KEY_LEN, 0), WG_KEY_LEN);
	lab_node_set(s.b);
	memcpy(s.hub->peer_conf[0].key.public_key, s.b->public_key, WG_KEY_LEN);
	lab_peer_set(s.hub, 0);
	lab_advance(s.lab, 6 * NS_PER_S);
	lab_talk(s.hub, "10.0.0.1", s.b, "10.2.0.1");
	/* c has not noticed: its first session is its only one */
	lab_talk(s.hub, "10.0.0.1", s.c, "10.3.0.1");
	assert_int_equal(atomic_load(&s.c->peer[0]->counters.handshakes), 1);
	lab_free(s.lab);
}

static void two_peers_exchange_keys_in_one_commit(void **state)
{
	uint8_t key[WG_KEY_LEN];
	struct star s;

	(void)state;
	make_star(&s);
	memcpy(key, s.hub->peer_conf[0].key.public_key, WG_KEY_LEN);
	memcpy(s.hub->peer_conf[0].key.public_key, s.hub->peer_conf[1].key.public_key,
	       WG_KEY_LEN);
	memcpy(s.hub->peer_conf[1].key.public_key, key, WG_KEY_LEN);
	lab_peer_set(s.hub, 0);
	lab_peer_set(s.hub, 1);
	lab_advance(s.lab, 0); /* that has been done */
	dp_peer_clear(s.b->peer[0]);
	lab_advance(s.lab, 0);
	/* who was the first peer is found under the second's name now */
	lab_send(s.b, "10.3.0.5", "10.0.0.1", 2);
	lab_expect(s.hub, "10.3.0.5", "10.0.0.1", 2);
	lab_wait_status(s.hub, 1, DP_PEER_UP, DP_PEER_UP);
	lab_free(s.lab);
}

static void a_new_port_disturbs_no_session(void **state)
{
	uint16_t before, after;
	struct star s;

	(void)state;
	make_star(&s);
	before = dp_device_port(s.hub->dev);
	/* a port that is free: the system has just chosen and returned it */
	lab_wire_rebind(s.to_b, 0);
	after = s.to_b->port[0];
	close(s.to_b->fd[0]);
	s.to_b->fd[0] = -1;
	lab_wire_rebind(s.to_b, 0);
	s.hub->peer_conf[0].endpoint_port = s.to_b->port[0];
	lab_peer_set(s.hub, 0);
	s.hub->conf.port = after;
	lab_node_set(s.hub);
	assert_int_equal(dp_device_port(s.hub->dev), after);
	assert_true(before != after);
	lab_talk(s.hub, "10.0.0.1", s.b, "10.2.0.1");
	lab_talk(s.hub, "10.0.0.1", s.c, "10.3.0.1");
	assert_int_equal(atomic_load(&s.b->peer[0]->counters.handshakes), 1);
	assert_int_equal(atomic_load(&s.c->peer[0]->counters.handshakes), 1);
	/* and back to one of the system's choice */
	s.hub->conf.port = 0;
	lab_node_set(s.hub);
	assert_true(dp_device_port(s.hub->dev) != after);
	lab_talk(s.hub, "10.0.0.1", s.b, "10.2.0.1");
	lab_free(s.lab);
}

static void a_port_in_use_is_refused_by_name(void **state)
{
	char why[256] = "", want[256];
	struct dp_device_conf conf;
	struct dp_endpoint ep;
	struct sockaddr_in6 sa;
	socklen_t len = sizeof(sa);
	struct star s;
	int fd, on = 1;

	(void)state;
	make_star(&s);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_true(fd >= 0);
	/* even if its owner would share it */
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
	assert_int_equal(
		bind(fd, (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET},
		     sizeof(struct sockaddr_in)),
		0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	ep = dp_endpoint_from_sockaddr(&sa);
	conf = s.hub->conf;
	conf.port = ep.port;
	assert_int_equal(dp_device_prepare(s.hub->dev, &conf, why, sizeof(why)),
			 -EADDRINUSE);
	snprintf(want, sizeof(want),
		 "wireguard hub: listen-port %u is in use by another program", ep.port);
	assert_string_equal(why, want);
	/* nothing has changed */
	lab_talk(s.hub, "10.0.0.1", s.b, "10.2.0.1");
	close(fd);
	/* what was prepared and given up is free again */
	assert_int_equal(dp_device_prepare(s.hub->dev, &conf, why, sizeof(why)), 0);
	dp_device_abort(s.hub->dev);
	assert_int_equal(dp_device_prepare(s.hub->dev, &conf, why, sizeof(why)), 0);
	dp_device_set(s.hub->dev, &conf);
	assert_int_equal(dp_device_port(s.hub->dev), ep.port);
	lab_talk(s.hub, "10.0.0.1", s.b, "10.2.0.1");
	lab_free(s.lab);
}

static uint32_t mark_of(const struct lab_node *n)
{
	const struct dp_port *port = atomic_load(&n->dev->port);
	uint32_t first = 0, mark;
	socklen_t len = sizeof(mark);

	for (unsigned w = 0; w < LAB_WORKERS; w++) {
		for (unsigned f = 0; f < 2; f++) {
			int fd = dp_port_fd(port, w, f ? AF_INET6 : AF_INET);

			assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len),
					 0);
			if (!w && !f)
				first = mark;
			assert_int_equal(mark, first);
		}
	}
	return first;
}

static void a_mark_is_on_the_sockets_in_use_once_it_is_set(void **state)
{
	struct dp_device_conf conf;
	char why[256];
	struct star s;

	(void)state;
	make_star(&s);
	assert_int_equal(mark_of(s.hub), 0);
	conf = s.hub->conf;
	conf.fwmark = 0x51;
	assert_int_equal(dp_device_prepare(s.hub->dev, &conf, why, sizeof(why)), 0);
	assert_int_equal(mark_of(s.hub), 0); /* nothing is to be seen yet */
	dp_device_abort(s.hub->dev);
	s.hub->conf.fwmark = 0x52;
	lab_node_set(s.hub);
	assert_int_equal(mark_of(s.hub), 0x52);
	/* it goes with the interface to another port */
	s.hub->conf.port = s.to_b->port[0];
	close(s.to_b->fd[0]);
	s.to_b->fd[0] = -1;
	lab_wire_rebind(s.to_b, 0);
	lab_node_set(s.hub);
	assert_int_equal(mark_of(s.hub), 0x52);
	s.hub->conf.fwmark = 0;
	lab_node_set(s.hub);
	assert_int_equal(mark_of(s.hub), 0);
	lab_free(s.lab);
}

static void the_private_key_changes_and_packets_under_way_arrive(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	assert_int_equal(getrandom(s.hub->conf.private_key, WG_KEY_LEN, 0), WG_KEY_LEN);
	lab_node_set(s.hub);
	/* b does not know it yet: what it sends under the old session still gets in */
	lab_send(s.b, "10.2.0.1", "10.0.0.1", 3);
	lab_expect(s.hub, "10.2.0.1", "10.0.0.1", 3);
	memcpy(s.b->peer_conf[0].key.public_key, s.hub->public_key, WG_KEY_LEN);
	lab_peer_set(s.b, 0);
	lab_advance(s.lab, 6 * NS_PER_S);
	lab_talk(s.b, "10.2.0.1", s.hub, "10.0.0.1");
	lab_free(s.lab);
}

static void an_interface_stops_while_packets_flow(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	permit_both(&s);
	start(&s);
	wait_for(&s, 100, 0);
	lab_send(s.b, "10.2.0.1", "10.0.0.1", 3); /* towards it too */
	atomic_store(&s.stop, true); /* of the sender; its packets are still under way */
	dp_device_stop(s.hub->dev);
	pthread_join(s.thread, NULL);
	lab_free(s.lab);
}

static void an_interface_that_is_shut_down_answers_nobody(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	s.hub->conf.enabled = false;
	lab_node_set(s.hub);
	lab_send(s.b, "10.2.0.1", "10.0.0.1", 3);
	lab_wait_count(s.hub, "rx-no-session", 1);
	dp_peer_clear(s.b->peer[0]);
	lab_wait_count(s.hub, "hs-bad-mac", 1);
	s.hub->conf.enabled = true;
	lab_node_set(s.hub);
	lab_advance(s.lab, 6 * NS_PER_S);
	lab_talk(s.b, "10.2.0.1", s.hub, "10.0.0.1");
	lab_free(s.lab);
}

static uint64_t handshakes(const struct lab_node *n)
{
	return atomic_load(&n->peer[0]->counters.handshakes);
}

static bool both_shook_hands_again(void *arg)
{
	const struct star *s = arg;

	return handshakes(s->b) >= 2 &&
	       atomic_load(&s->c->peer[0]->counters.handshakes) >= 2;
}

/* Nobody sends anything, and the time of a keepalive is far. */
static void an_interface_that_is_back_calls_whom_it_talked_to(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	s.hub->peer_conf[0].keepalive_s = 3600;
	lab_peer_set(s.hub, 0);
	s.hub->conf.enabled = false;
	lab_node_set(s.hub);
	s.hub->conf.enabled = true;
	lab_node_set(s.hub);
	lab_wait(s.lab, both_shook_hands_again, &s, "sessions with b and c");
	lab_wait_status(s.b, 0, DP_PEER_UP, DP_PEER_UP);
	lab_send(s.b, "10.2.0.1", "10.0.0.1", 4);
	lab_expect(s.hub, "10.2.0.1", "10.0.0.1", 4);
	lab_free(s.lab);
}

static bool b_shook_hands_again(void *arg)
{
	const struct star *s = arg;

	return handshakes(s->b) >= 2;
}

static void a_peer_that_is_back_is_called(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	s.hub->peer_conf[0].enabled = false;
	lab_peer_set(s.hub, 0);
	lab_wait_status(s.hub, 0, DP_PEER_UP, 0);
	s.hub->peer_conf[0].enabled = true;
	lab_peer_set(s.hub, 0);
	lab_wait(s.lab, b_shook_hands_again, &s, "a session with b");
	lab_send(s.b, "10.2.0.1", "10.0.0.1", 4);
	lab_expect(s.hub, "10.2.0.1", "10.0.0.1", 4);
	assert_int_equal(atomic_load(&s.c->peer[0]->counters.handshakes), 1);
	lab_free(s.lab);
}

static bool b_shook_hands(void *arg)
{
	const struct star *s = arg;

	return handshakes(s->b) >= 1;
}

/* When it returns, what is to be said to peers soon has been said: who is back waits for the
 * rest of its commit, and initiations keep a distance. */
static void set_enabled(struct lab_node *n, bool enabled)
{
	n->conf.enabled = enabled;
	lab_node_set(n);
	lab_advance(n->lab, NS_PER_S / 2);
}

/* A hub whose only peer does not answer. */
static void make_deaf(struct star *s)
{
	*s = (struct star){.lab = lab_new()};
	s->hub = lab_node_add(s->lab, "hub");
	s->b = lab_node_add(s->lab, "b");
	s->to_b = lab_join(s->hub, HUB_NETS, s->b, "10.2.0.0/16", AF_INET);
	s->to_b->filter = swallow;
}

static void give_up(struct star *s)
{
	for (unsigned i = 0; i < 20; i++) {
		lab_advance(s->lab, 6 * NS_PER_S);
		lab_pump(s->lab);
	}
	assert_int_equal(lab_status(s->hub, 0) & DP_PEER_HANDSHAKING, 0);
}

static void an_interface_that_comes_up_calls_those_to_be_kept_alive(void **state)
{
	uint64_t before;
	struct star s;

	(void)state;
	make_deaf(&s);
	s.hub->peer_conf[0].keepalive_s = 3600;
	lab_peer_set(s.hub, 0);
	lab_wait_count(s.hub, "tx-initiations", 1);
	give_up(&s);
	before = lab_count(s.hub, "tx-initiations");
	set_enabled(s.hub, false);
	s.to_b->filter = NULL;
	set_enabled(s.hub, true);
	assert_int_equal(lab_count(s.hub, "tx-initiations"), before + 1);
	lab_wait(s.lab, b_shook_hands, &s, "a session with b");
	lab_free(s.lab);
}

static void an_interface_that_comes_up_calls_nobody_else(void **state)
{
	uint64_t before;
	struct star s;

	(void)state;
	make_deaf(&s);
	lab_send(s.hub, "10.0.0.1", "10.2.0.1", 1);
	lab_wait_count(s.hub, "tx-initiations", 1);
	give_up(&s);
	before = lab_count(s.hub, "tx-initiations");
	set_enabled(s.hub, false);
	set_enabled(s.hub, true);
	lab_advance(s.lab, 60 * NS_PER_S);
	assert_int_equal(lab_count(s.hub, "tx-initiations"), before);
	lab_free(s.lab);
}

static void what_waits_goes_with_the_interface(void **state)
{
	struct star s;

	(void)state;
	make_deaf(&s);
	lab_send(s.hub, "10.0.0.1", "10.2.0.1", 1);
	lab_wait_count(s.hub, "tx-initiations", 1);
	set_enabled(s.hub, false);
	lab_wait_count(s.hub, "tx-no-answer", 1);
	/* nobody has given up, either */
	assert_int_equal(atomic_load(&s.hub->peer[0]->counters.gave_up), 0);
	s.to_b->filter = NULL;
	set_enabled(s.hub, true);
	lab_wait(s.lab, b_shook_hands, &s, "a session with b");
	lab_send(s.hub, "10.0.0.1", "10.2.0.1", 2);
	lab_expect(s.b, "10.0.0.1", "10.2.0.1", 2);
	lab_free(s.lab);
}

/* Initiations that follow each other too soon look like repetitions to the other end, which
 * would then wait for the next, five seconds later. */
static void a_peer_cleared_twice_at_once_is_back_at_once(void **state)
{
	struct star s;

	(void)state;
	make_star(&s);
	lab_advance(s.lab, 6 * NS_PER_S);
	for (unsigned i = 0; i < 3; i++) {
		dp_peer_clear(s.hub->peer[0]);
		lab_advance(s.lab, 0);
		lab_pump(s.lab);
	}
	lab_wait(s.lab, b_shook_hands_again, &s, "a session with b");
	lab_talk(s.hub, "10.0.0.1", s.b, "10.2.0.1");
	assert_int_equal(lab_count(s.b, "hs-replayed") + lab_count(s.b, "hs-flood"), 0);
	lab_free(s.lab);
}

static void a_commit_lets_a_handshake_under_way_go_on(void **state)
{
	struct star s;

	(void)state;
	make_deaf(&s);
	lab_send(s.hub, "10.0.0.1", "10.2.0.1", 1);
	lab_wait_count(s.hub, "tx-initiations", 1);
	s.hub->peer_conf[0].preempt_delay_s = 7;
	lab_peer_set(s.hub, 0);
	assert_int_equal(lab_count(s.hub, "tx-initiations"), 1);
	/* but one that goes to the wrong place is begun again */
	s.hub->peer_conf[0].endpoint_port = dp_device_port(s.b->dev);
	lab_peer_set(s.hub, 0);
	lab_wait_count(s.hub, "tx-initiations", 2);
	lab_expect(s.b, "10.0.0.1", "10.2.0.1", 1);
	lab_free(s.lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_moves_between_peers_without_loss),
		cmocka_unit_test(a_more_specific_prefix_comes_and_goes_without_loss),
		cmocka_unit_test(a_group_flips_without_loss),
		cmocka_unit_test(flows_of_a_group_are_shared_by_weight),
		cmocka_unit_test(
			no_flow_waits_for_a_handshake_that_another_member_does_not_need),
		cmocka_unit_test(a_backup_stands_in_until_the_primary_has_a_session),
		cmocka_unit_test(
			a_primary_that_is_back_waits_for_its_flows_as_long_as_it_is_told),
		cmocka_unit_test(flows_leave_a_member_that_does_not_answer),
		cmocka_unit_test(a_backup_stands_in_while_the_primary_does_not_answer),
		cmocka_unit_test(a_peer_is_retired_while_packets_flow),
		cmocka_unit_test(a_peer_gets_a_new_key),
		cmocka_unit_test(two_peers_exchange_keys_in_one_commit),
		cmocka_unit_test(a_new_port_disturbs_no_session),
		cmocka_unit_test(a_port_in_use_is_refused_by_name),
		cmocka_unit_test(a_mark_is_on_the_sockets_in_use_once_it_is_set),
		cmocka_unit_test(the_private_key_changes_and_packets_under_way_arrive),
		cmocka_unit_test(an_interface_stops_while_packets_flow),
		cmocka_unit_test(an_interface_that_is_shut_down_answers_nobody),
		cmocka_unit_test(an_interface_that_is_back_calls_whom_it_talked_to),
		cmocka_unit_test(a_peer_that_is_back_is_called),
		cmocka_unit_test(an_interface_that_comes_up_calls_those_to_be_kept_alive),
		cmocka_unit_test(an_interface_that_comes_up_calls_nobody_else),
		cmocka_unit_test(what_waits_goes_with_the_interface),
		cmocka_unit_test(a_peer_cleared_twice_at_once_is_back_at_once),
		cmocka_unit_test(a_commit_lets_a_handshake_under_way_go_on),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
