/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wgrd/kernel/queue_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "tests/wgrd/kernel/lab.h"

struct rig rig;

/* ---- requests and their answers ---- */

static void on_done(void *arg, int err)
{
	assert_false(rig.inside);
	/* in the order asked, each once */
	assert_int_equal((uintptr_t)arg, rig.answered);
	rig.answers[rig.answered++] = err;
	if (rig.answered == rig.asked)
		loop_stop(rig.loop);
}

void rig_forget_answers(void)
{
	rig.asked = rig.answered = 0;
}

void rig_wait_for_answers(void)
{
	if (rig.answered < rig.asked && loop_run(rig.loop))
		fail_msg("the loop failed");
	assert_int_equal(rig.answered, rig.asked);
}

/* Queue a request; its number comes back with the answer. */

void rig_set(const struct kroute *r)
{
	rig.inside = true;
	rig.q->ops->route_set(rig.q, r, on_done, (void *)(uintptr_t)rig.asked++);
	rig.inside = false;
}

void rig_del(const struct kroute *r)
{
	rig.inside = true;
	rig.q->ops->route_del(rig.q, r, on_done, (void *)(uintptr_t)rig.asked++);
	rig.inside = false;
}

void rig_add_rule(const struct krule *r)
{
	rig.inside = true;
	rig.q->ops->rule_add(rig.q, r, on_done, (void *)(uintptr_t)rig.asked++);
	rig.inside = false;
}

void rig_del_rule(const struct krule *r)
{
	rig.inside = true;
	rig.q->ops->rule_del(rig.q, r, on_done, (void *)(uintptr_t)rig.asked++);
	rig.inside = false;
}

/* One request, and its answer. */

int rig_set_now(const struct kroute *r)
{
	rig_forget_answers();
	rig_set(r);
	rig_wait_for_answers();
	return rig.answers[0];
}

int rig_del_now(const struct kroute *r)
{
	rig_forget_answers();
	rig_del(r);
	rig_wait_for_answers();
	return rig.answers[0];
}

int rig_add_rule_now(const struct krule *r)
{
	rig_forget_answers();
	rig_add_rule(r);
	rig_wait_for_answers();
	return rig.answers[0];
}

int rig_del_rule_now(const struct krule *r)
{
	rig_forget_answers();
	rig_del_rule(r);
	rig_wait_for_answers();
	return rig.answers[0];
}

void rig_expect_all_answers(int err)
{
	rig_wait_for_answers();
	for (unsigned i = 0; i < rig.answered; i++)
		if (rig.answers[i] != err)
			fail_msg("request %u: expected %d, saw %d (%s)", i, err,
				 rig.answers[i], strerror(-rig.answers[i]));
}

/* ---- dumps ---- */

static void on_dumped_route(void *arg, const struct kroute *r)
{
	(void)arg;
	if (rig.dumped_count < ARRAY_SIZE(rig.dumped))
		rig.dumped[rig.dumped_count] = *r;
	rig.dumped_count++;
}

static void on_dumped_rule(void *arg, const struct krule *r)
{
	(void)arg;
	if (rig.dumped_count < ARRAY_SIZE(rig.dumped_rules))
		rig.dumped_rules[rig.dumped_count] = *r;
	rig.dumped_count++;
}

void rig_dump_routes(void)
{
	rig.dumped_count = 0;
	assert_int_equal(rig.q->ops->dump_routes(rig.q, on_dumped_route, NULL), 0);
}

void rig_dump_rules(void)
{
	rig.dumped_count = 0;
	assert_int_equal(rig.q->ops->dump_rules(rig.q, on_dumped_rule, NULL), 0);
}

void rig_expect_dumped(const struct kroute *r, bool there)
{
	char text[KROUTE_STRLEN];
	bool seen = false;

	for (unsigned i = 0; i < rig.dumped_count; i++)
		seen |= kroute_equal(&rig.dumped[i], r);
	if (seen == there)
		return;
	for (unsigned i = 0; i < rig.dumped_count; i++)
		print_message("dumped: %s\n", kroute_str(&rig.dumped[i], text));
	fail_msg("expected %s%s", there ? "" : "no ", kroute_str(r, text));
}

void rig_expect_in_kernel(const struct kroute *r, bool there)
{
	rig_dump_routes();
	rig_expect_dumped(r, there);
}

/* ---- objects ---- */

struct prefix rig_prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s is no prefix", s);
	return p;
}

struct ip_addr rig_addr(const char *s)
{
	struct ip_addr a;

	if (ip_addr_parse(&a, s))
		fail_msg("%s is no address", s);
	return a;
}

struct kroute rig_route(const char *dst, uint32_t oif)
{
	return (struct kroute){
		.table = RIG_TABLE, .dst = rig_prefix(dst), .metric = 20, .oif = oif};
}

struct kroute rig_numbered_route(unsigned i, uint32_t oif)
{
	struct kroute r = rig_route(i % 2 ? "10.0.0.0/24" : "fd00::/64", oif);
	uint8_t *at = r.dst.addr.bytes + (i % 2 ? 1 : 6);

	at[0] = (uint8_t)(i >> 8);
	at[1] = (uint8_t)i;
	return r;
}

void rig_open_queue(void)
{
	char why[200] = "";

	if (nlq_open(rig.loop, &rig.q, why, sizeof(why)))
		fail_msg("%s", why);
}

int rig_set_up(void **state)
{
	(void)state;
	lab_ip("link add va type veth peer name vb");
	lab_ip("link set va up");
	lab_ip("link set vb up");
	lab_ip("address add 192.0.2.1/24 dev va");
	lab_ip("address add 2001:db8::1/64 dev va nodad");
	rig.oif_a = lab_ifindex("va");
	rig.oif_b = lab_ifindex("vb");
	rig.loop = loop_new();
	rig_open_queue();
	rig_forget_answers();
	return 0;
}

int rig_tear_down(void **state)
{
	(void)state;
	lab_ip("link del va"); /* and the routes over it */
	rig_dump_routes();
	rig_forget_answers();
	for (unsigned i = 0; i < rig.dumped_count; i++)
		rig_del(&rig.dumped[i]);
	rig_expect_all_answers(0);
	nlq_close(rig.q);
	loop_free(rig.loop);
	return 0;
}
