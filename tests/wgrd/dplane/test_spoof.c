/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Who may send from where: every peer with every kind of source address, as a table.
 *
 *	hub -- a    10.1.0.0/16 fd01::/16
 *	    -- c    10.3.0.0/16 fd03::/16, and 10.1.7.0/24 of a's
 *	    both    10.4.0.0/16
 *	tenant on the hub's port -- t    10.1.0.0/16 and 10.5.0.0/16
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/dp_lab.h"

enum {
	SENDERS = 3,
};

struct scene {
	struct lab *lab;
	struct lab_node *hub, *tenant;
	struct lab_node *sender[SENDERS];   /* a, c, t */
	struct lab_node *receiver[SENDERS]; /* whose interface its packets come out of */
	struct dp_group *both;
};

static const struct source {
	const char *address;
	bool may[SENDERS];
} sources[] = {
	/* its own, and of nobody else on the interface */
	{"10.1.0.1", {true, false, true}},
	{"10.1.255.255", {true, false, true}},
	{"10.3.0.1", {false, true, false}},
	{"10.5.0.1", {false, false, true}},
	{"fd01::1", {true, false, false}},
	{"fd03::1", {false, true, false}},
	/* the longest prefix decides */
	{"10.1.7.1", {false, true, true}},
	{"10.1.8.0", {true, false, true}},
	/* of two peers at once */
	{"10.4.0.1", {true, true, false}},
	/* ours, nobody's, nowhere's */
	{"10.2.0.1", {false, false, false}},
	{"fd02::1", {false, false, false}},
	{"10.9.9.9", {false, false, false}},
	{"192.0.2.1", {false, false, false}},
	{"0.0.0.0", {false, false, false}},
	{"127.0.0.1", {false, false, false}},
	{"224.0.0.1", {false, false, false}},
	{"255.255.255.255", {false, false, false}},
	{"::", {false, false, false}},
	{"::1", {false, false, false}},
	{"::ffff:10.1.0.1", {false, false, false}},
	{"fe80::1", {false, false, false}},
	{"ff02::1", {false, false, false}},
	{"2001:db8::1", {false, false, false}},
};

static const char *destination(const char *source)
{
	return strchr(source, ':') ? "fd02::9" : "10.2.0.9";
}

static void make_scene(struct scene *s)
{
	struct dp_nexthop nh[2];

	memset(s, 0, sizeof(*s));
	s->lab = lab_new();
	s->hub = lab_node_add(s->lab, "hub");
	s->hub->conf.port = dp_device_port(s->hub->dev);
	lab_node_set(s->hub);
	for (unsigned i = 0; i < SENDERS; i++)
		s->sender[i] = lab_node_add(s->lab, (const char *[]){"a", "c", "t"}[i]);
	s->tenant = lab_tenant_new(s->hub, "tenant");
	(void)lab_join(s->sender[0], "10.1.0.0/16 fd01::/16", s->hub,
		       "10.2.0.0/16 fd02::/16", AF_INET);
	(void)lab_join(s->sender[1], "10.3.0.0/16 fd03::/16 10.1.7.0/24", s->hub,
		       "10.2.0.0/16 fd02::/16", AF_INET6);
	lab_know(s->sender[2], s->tenant, "10.2.0.0/16 fd02::/16");
	lab_know(s->tenant, s->sender[2], "10.1.0.0/16 10.5.0.0/16");
	nh[0] = (struct dp_nexthop){.peer = s->hub->peer[0], .weight = 1};
	nh[1] = (struct dp_nexthop){.peer = s->hub->peer[1], .weight = 1};
	assert_int_equal(dp_group_new(nh, 2, &s->both), 0);
	lab_permit(s->hub, "10.4.0.0/16", s->both);
	s->receiver[0] = s->receiver[1] = s->hub;
	s->receiver[2] = s->tenant;
	lab_advance(s->lab, 0);
}

static void free_scene(struct scene *s)
{
	dp_group_free(s->both);
	lab_tenant_free(s->tenant);
	lab_free(s->lab);
}

/* The packet of @sender with this source: does it arrive, or is it counted as spoofed? */
static void try(struct scene *s, unsigned sender, const struct source *src, uint32_t tag)
{
	const char *dst = destination(src->address);
	uint64_t before = lab_count(s->hub, "rx-spoofed");
	uint8_t buf[LAB_PACKET_MAX];

	lab_send(s->sender[sender], src->address, dst, tag);
	if (src->may[sender])
		lab_expect(s->receiver[sender], src->address, dst, tag);
	else
		lab_wait_count(s->hub, "rx-spoofed", before + 1);
	assert_int_equal(lab_count(s->hub, "rx-spoofed"), before + !src->may[sender]);
	assert_int_equal(lab_take(s->hub, buf), 0);
	assert_int_equal(lab_take(s->tenant, buf), 0);
}

static void every_peer_with_every_source(void **state)
{
	uint32_t tag = 10;
	struct scene s;

	(void)state;
	make_scene(&s);
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		for (unsigned sender = 0; sender < SENDERS; sender++)
			try(&s, sender, &sources[i], tag++);
	}
	free_scene(&s);
}

/* A permission that moves takes effect for both at once. */
static void a_prefix_that_moves_is_its_new_owners(void **state)
{
	static const struct source before = {"10.1.0.1", {true, false, true}};
	static const struct source after = {"10.1.0.1", {false, true, true}};
	struct scene s;

	(void)state;
	make_scene(&s);
	for (uint32_t round = 0; round < 20; round++) {
		const struct source *now = round % 2 ? &after : &before;

		lab_permit(s.hub, "10.1.0.0/16", s.hub->group[round % 2]);
		for (unsigned sender = 0; sender < SENDERS; sender++)
			try(&s, sender, now, 100 + round * SENDERS + sender);
	}
	free_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_peer_with_every_source),
		cmocka_unit_test(a_prefix_that_moves_is_its_new_owners),
	};

	if (!lab_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
