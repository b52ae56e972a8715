/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Random wishes, answers, refusals, foreign deletions, overruns and restarts. At every
 * moment no route of the kernel leads into a device that has no permission for its
 * prefix; and when all has settled, kernel and data plane have exactly what is wished.
 *
 * Prefixes lie in each other. A twin that knows only whom a packet to an address would go
 * to remembers who loses it to another, and asks for five seconds that this one may still
 * send from it; and that nobody may but the owner when an order has ended that.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/wgrd/fib/rig.h"

enum {
	PREFIXES = 12,
	DEVICES = 2,
	PEERS = 3,
	PASSING_S = 5,
	RULES = 6,
	STEPS = 4000,
	ROUNDS = 40,
};

struct wishes {
	struct wg_group *prefix[PREFIXES]; /* NULL: not wished */
	uint32_t rule[RULES];              /* table, 0: not wished */
};

/* What the twin has seen of an address at a device. */
struct seen {
	char owner[16];               /* "": nobody */
	uint64_t may_until_ns[PEERS]; /* who has been the owner */
};

struct twin {
	struct seen seen[DEVICES][PREFIXES];
	uint64_t looked_ns;
	/* Orders and a lack of memory may end everybody's time until all is quiet. */
	bool excused;
};

static const char *const peer_name[PEERS] = {"a", "b", "c"};
static const char *const device_name[DEVICES] = {"wg0", "wg1"};
static const char *const prefix_names[PREFIXES] = {
	"10.0.0.0/8",  "10.1.0.0/16",      "10.1.128.0/17", "10.1.192.0/18",
	"10.2.0.0/16", "10.2.0.0/24",      "10.3.0.0/16",   "fd00::/16",
	"fd00:1::/32", "fd00:1:8000::/33", "fd00:2::/32",   "fd00:2::/48",
};
/* In the prefix at the same place, and in no longer one. */
static const char *const address[PREFIXES] = {
	"10.9.0.1",  "10.1.0.1",       "10.1.128.1",  "10.1.192.1",
	"10.2.9.1",  "10.2.0.1",       "10.3.0.1",    "fd00:9::1",
	"fd00:1::1", "fd00:1:8000::1", "fd00:2:9::1", "fd00:2::1",
};
static struct twin twin;

static unsigned seed, first_seed;

static unsigned below(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

static const char *prefix_name(unsigned i)
{
	return prefix_names[i];
}

static struct krule rule_of(unsigned i, uint32_t table)
{
	char name[16];

	snprintf(name, sizeof(name), "lan%u", i);
	return rig_rule(name, table);
}

static void change_prefix(struct rig *r, struct wishes *w)
{
	struct wg_group *groups[] = {NULL, r->a, r->b, r->c};
	unsigned i = below(PREFIXES);

	if (w->prefix[i])
		rig_unwant(r, prefix_name(i), w->prefix[i]);
	w->prefix[i] = groups[below(ARRAY_SIZE(groups))];
	if (w->prefix[i])
		rig_want(r, prefix_name(i), w->prefix[i]);
}

/* The operator takes one away. */
static void order_one_away(struct rig *r, struct wishes *w)
{
	unsigned i = below(PREFIXES);
	struct prefix p = rig_prefix(prefix_name(i));

	twin.excused = true;
	if (!w->prefix[i])
		return;
	fib_unwant_permission(r->fib, wg_group_device(w->prefix[i]), &p, false);
	fib_unwant_route(r->fib, RIG_TABLE, &p, RIG_METRIC);
	w->prefix[i] = NULL;
}

static void change_rule(struct rig *r, struct wishes *w)
{
	unsigned i = below(RULES);
	struct krule rule = rule_of(i, w->rule[i]);

	if (w->rule[i])
		fib_unwant_rule(r->fib, &rule);
	w->rule[i] = below(3) ? RIG_TABLE + below(3) : 0;
	rule = rule_of(i, w->rule[i]);
	if (w->rule[i])
		assert_int_equal(fib_want_rule(r->fib, &rule), 0);
}

static void answer_one(struct rig *r)
{
	static const int errors[] = {0, 0, 0, 0, -ENOMEM, -ENETDOWN, -ENOBUFS};
	int err = errors[below(ARRAY_SIZE(errors))];

	if (held_nlq_waiting(r->nlq))
		held_nlq_answer(r->nlq, err, err == -ENOBUFS && below(2));
}

static void delete_one_behind_its_back(struct rig *r)
{
	const struct kroute *route;
	const struct krule *rule;
	size_t routes = held_nlq_routes(r->nlq, &route),
	       rules = held_nlq_rules(r->nlq, &rule);
	bool tell = below(4);

	if (routes && below(2)) {
		struct kroute victim = route[below((unsigned)routes)];

		held_nlq_drop_route(r->nlq, &victim);
		if (tell)
			fib_route_gone(r->fib, &victim);
	} else if (rules) {
		struct krule victim = rule[below((unsigned)rules)];

		held_nlq_drop_rule(r->nlq, &victim);
		if (tell)
			fib_rule_gone(r->fib, &victim);
	}
	if (!tell)
		fib_resync(r->fib);
}

static void flap(struct rig *r)
{
	const struct kroute *route;
	uint32_t ifindex = 101 + below(2);

	fib_link_down(r->fib, ifindex);
	for (size_t n = held_nlq_routes(r->nlq, &route); n--;)
		if (route[n].oif == ifindex) {
			struct kroute victim = route[n];

			held_nlq_drop_route(r->nlq, &victim);
		}
	rig_turn(r);
	fib_link_up(r->fib, ifindex);
}

/* The kernel and the data plane keep what they have; requests on their way are lost. */
static void restart(struct rig *r, struct wishes *w)
{
	struct held_nlq *old = r->nlq;
	const struct kroute *route;
	const struct krule *rule;
	size_t routes = held_nlq_routes(old, &route), rules = held_nlq_rules(old, &rule);

	fib_free(r->fib);
	r->fib = NULL;
	r->nlq = held_nlq_new();
	for (size_t i = 0; i < routes; i++)
		held_nlq_put_route(r->nlq, &route[i]);
	for (size_t i = 0; i < rules; i++)
		held_nlq_put_rule(r->nlq, &rule[i]);
	held_nlq_free(old);
	r->fib = fib_new(r->loop, held_nlq(r->nlq), NULL);
	assert_int_equal(fib_adopt(r->fib), 0);
	for (unsigned i = 0; i < PREFIXES; i++)
		if (w->prefix[i])
			rig_want(r, prefix_name(i), w->prefix[i]);
	for (unsigned i = 0; i < RULES; i++) {
		struct krule k = rule_of(i, w->rule[i]);

		if (w->rule[i])
			assert_int_equal(fib_want_rule(r->fib, &k), 0);
	}
	fib_adopt_end(r->fib);
}

static void let_time_pass(struct rig *r)
{
	fake_loop_advance(r->loop, below(3000) * NS_PER_MS);
}

static void run_out_of_memory(struct rig *r)
{
	if (below(4))
		return;
	fake_backend_fail_memory(r->be, 1);
	twin.excused = true;
}

static bool may_send(struct rig *r, unsigned dev, unsigned i, const char *peer)
{
	const char *from = fake_backend_source(r->be, device_name[dev], address[i]);

	return from && strstr(from, peer);
}

static void nobody_passes_after_an_order(struct rig *r)
{
	if (twin.excused || below(4))
		return;
	twin.excused = true;
	fib_let_nobody_pass(r->fib);
	rig_turn(r);
	for (unsigned dev = 0; dev < DEVICES; dev++)
		for (unsigned i = 0; i < PREFIXES; i++) {
			const char *to =
				fake_backend_route(r->be, device_name[dev], address[i]);

			for (unsigned k = 0; k < PEERS; k++)
				if (may_send(r, dev, i, peer_name[k]) &&
				    strcmp(to, peer_name[k]))
					fail_msg("seed %u: %s may send from %s, which is "
						 "%s's",
						 first_seed, peer_name[k], address[i],
						 to);
		}
}

static void step(struct rig *r, struct wishes *w)
{
	static void (*const events[])(struct rig * r) = {
		rig_turn,   rig_turn,          rig_turn,
		answer_one, answer_one,        answer_one,
		answer_one, let_time_pass,     delete_one_behind_its_back,
		flap,       run_out_of_memory, nobody_passes_after_an_order,
	};
	unsigned what = below(7 + ARRAY_SIZE(events));

	if (what < 5)
		change_prefix(r, w);
	else if (what == 5)
		change_rule(r, w);
	else if (what == 6 && !below(8))
		order_one_away(r, w);
	else if (what > 6)
		events[what - 7](r);
}

/* ---- the twin ---- */

static void note_loss(struct seen *s)
{
	for (unsigned k = 0; k < PEERS; k++)
		if (!strcmp(s->owner, peer_name[k]))
			s->may_until_ns[k] = twin.looked_ns + PASSING_S * NS_PER_S;
}

static void look_at(struct rig *r, unsigned dev, unsigned i)
{
	const char *to = fake_backend_route(r->be, device_name[dev], address[i]) ?: "";
	struct seen *s = &twin.seen[dev][i];

	if (twin.excused || !*to)
		memset(s, 0, sizeof(*s));
	else if (strcmp(s->owner, to))
		note_loss(s);
	snprintf(s->owner, sizeof(s->owner), "%s", to);
	for (unsigned k = 0; k < PEERS; k++)
		if (s->may_until_ns[k] > loop_now_ns(r->loop) &&
		    !may_send(r, dev, i, peer_name[k]))
			fail_msg("seed %u: %s is %s's now, and what %s had been sent it "
				 "cannot answer",
				 first_seed, address[i], to, peer_name[k]);
}

static void who_loses_an_address_still_answers(struct rig *r)
{
	for (unsigned dev = 0; dev < DEVICES; dev++)
		for (unsigned i = 0; i < PREFIXES; i++)
			look_at(r, dev, i);
	twin.looked_ns = loop_now_ns(r->loop);
	if (!twin.excused || rig_view(r).pending + rig_view(r).failed)
		return;
	fake_backend_fail_memory(r->be, 0);
	twin.excused = false;
}

static const char *device_of(uint32_t oif)
{
	return oif == 101 ? "wg0" : "wg1";
}

static void no_route_leads_into_a_device_without_permission(struct rig *r)
{
	const struct kroute *route;
	size_t n = held_nlq_routes(r->nlq, &route);
	char buf[PREFIX_STRLEN];

	for (size_t i = 0; i < n; i++) {
		const char *dev = device_of(route[i].oif);

		prefix_str(&route[i].dst, buf);
		if (!fake_backend_egress(r->be, dev, buf) ||
		    !fake_backend_ingress(r->be, dev, buf))
			fail_msg("seed %u: %s leads into %s, which has no permission",
				 first_seed, buf, dev);
	}
}

static void everything_is_as_wished(struct rig *r, const struct wishes *w)
{
	const struct kroute *route;
	const struct krule *rule;
	size_t routes = 0, rules = 0, on_wg0 = 0;

	for (unsigned i = 0; i < PREFIXES; i++) {
		const char *p = prefix_name(i);
		struct prefix dst = rig_prefix(p);
		const struct kroute *k = held_nlq_find(r->nlq, RIG_TABLE, &dst);
		const char *peer = w->prefix[i] == r->a   ? "a"
				   : w->prefix[i] == r->b ? "b"
							  : "c";
		const char *dev, *seen;

		if (!w->prefix[i]) {
			assert_null(k);
			continue;
		}
		routes++;
		assert_non_null(k);
		dev = device_of(k->oif);
		on_wg0 += k->oif == 101;
		assert_int_equal(k->oif,
				 wg_device_ifindex(wg_group_device(w->prefix[i])));
		seen = fake_backend_egress(r->be, dev, p);
		assert_string_equal(seen, peer);
		assert_string_equal(fake_backend_ingress(r->be, dev, p), peer);
	}
	assert_int_equal(held_nlq_routes(r->nlq, &route), routes);
	assert_int_equal(fake_backend_egress_count(r->be, "wg0"), on_wg0);
	assert_int_equal(fake_backend_ingress_count(r->be, "wg0"), on_wg0);
	assert_int_equal(fake_backend_egress_count(r->be, "wg1"), routes - on_wg0);
	for (unsigned i = 0; i < RULES; i++)
		rules += w->rule[i] != 0;
	assert_int_equal(held_nlq_rules(r->nlq, &rule), rules);
	for (size_t i = 0; i < rules; i++)
		assert_int_equal(rule[i].table, w->rule[rule[i].iif[3] - '0']);
	assert_int_equal(rig_view(r).pending + rig_view(r).failed, 0);
}

static void settle(struct rig *r)
{
	fake_backend_fail_memory(r->be, 0);
	for (unsigned i = 0; i < 3; i++) {
		rig_settle(r);
		fake_loop_advance(r->loop, 61 * NS_PER_S);
		fib_resync(r->fib);
	}
	rig_settle(r);
}

static void random_histories_end_as_wished(void **state)
{
	struct rig *r = *state;
	struct wishes w = {0};

	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < STEPS / ROUNDS; i++) {
			step(r, &w);
			no_route_leads_into_a_device_without_permission(r);
			who_loses_an_address_still_answers(r);
		}
		settle(r);
		everything_is_as_wished(r, &w);
		fake_backend_clear_log(r->be);
		held_nlq_clear_log(r->nlq);
		twin.excused = true;
		if (below(4) == 0) {
			restart(r, &w);
			settle(r);
			everything_is_as_wished(r, &w);
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_histories_end_as_wished, rig_setup,
						rig_teardown),
	};

	seed = argc > 1 ? (unsigned)atoi(argv[1]) : (unsigned)time(NULL);
	first_seed = seed;
	printf("seed %u\n", seed);
	return cmocka_run_group_tests_name("fib, random", tests, NULL, NULL);
}
