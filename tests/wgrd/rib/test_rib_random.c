/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RIB and a naive twin under random operations; also what a watcher comes to believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wgrd/lib/pmap.h"
#include "wgrd/rib/rib.h"

static struct rib *rib;

static uint64_t no_clock(void *arg)
{
	(void)arg;
	return 0;
}

enum {
	TWIN_VRFS = 3,
	TWIN_GATES = 8,
	TWIN_PREFIXES = 40
};

static struct twin {
	bool there;
	uint32_t tag, generation;
	unsigned gates, gate[2]; /* numbers of addresses */
} twin[TWIN_VRFS][TWIN_PREFIXES][RIB_SOURCE_COUNT];
static struct prefix pool[TWIN_PREFIXES];
static uint32_t twin_generation[RIB_SOURCE_COUNT];

/* What a watcher that only listens believes: tag + 1, or 0 for gone. */
static uint32_t believed[TWIN_VRFS][TWIN_PREFIXES];

static void listen_only(struct rib_watcher *w, uint32_t vrf, const struct prefix *p,
			const struct rib_route *now)
{
	(void)w;
	for (unsigned i = 0; i < TWIN_PREFIXES; i++)
		if (prefix_equal(&pool[i], p))
			believed[vrf][i] = now ? now->tag + 1 : 0;
}

/* Few bits, so that prefixes nest and share branching points. */
static void fill_pool(void)
{
	for (unsigned i = 0; i < TWIN_PREFIXES;) {
		struct prefix *p = &pool[i];
		bool again = false;

		memset(p, 0, sizeof(*p));
		p->addr.family = rand() % 3 ? AF_INET : AF_INET6;
		for (unsigned b = 0; b < ip_family_len(p->addr.family); b++)
			p->addr.bytes[b] = (uint8_t)(rand() & 0x81);
		p->len = (uint8_t)((unsigned)rand() %
				   (prefix_max_len(p->addr.family) + 1));
		prefix_mask(p);
		for (unsigned k = 0; k < i; k++)
			again |= prefix_equal(&pool[k], p);
		if (!again)
			i++;
	}
}

static const struct twin *twin_preferred(unsigned vrf, unsigned i)
{
	for (unsigned s = 0; s < RIB_SOURCE_COUNT; s++)
		if (twin[vrf][i][s].there)
			return &twin[vrf][i][s];
	return NULL;
}

static struct ip_addr gate_of(unsigned number)
{
	struct ip_addr a;
	char text[32];

	snprintf(text, sizeof(text), number % 2 ? "10.0.0.%u" : "fd00::%x", number);
	assert_int_equal(ip_addr_parse(&a, text), 0);
	return a;
}

static bool twin_has_gate(unsigned number)
{
	const struct twin *t = &twin[0][0][0];

	for (size_t n = sizeof(twin) / sizeof(*t); n; n--, t++)
		for (unsigned i = 0; t->there && i < t->gates; i++)
			if (number && t->gate[i] == number)
				return true;
	return false;
}

static void compare_gates(unsigned seed, int round)
{
	for (unsigned i = 1; i <= TWIN_GATES; i++) {
		const struct ip_addr a = gate_of(i), next = gate_of(i ^ 2);
		struct prefix p = prefix_host(&a);

		if (rib_has_gate(rib, &p) != twin_has_gate(i))
			fail_msg("seed %u round %d: gate %u", seed, round, i);
		p.len = (uint8_t)prefix_common_len(&p, &(struct prefix){next, p.len});
		prefix_mask(&p);
		if ((twin_has_gate(i) || twin_has_gate(i ^ 2)) && !rib_has_gate(rib, &p))
			fail_msg("seed %u round %d: gates around %u", seed, round, i);
	}
}

static bool has_gate_in(const struct rib_route *r, const struct prefix *p)
{
	for (unsigned i = 0; i < r->nh_count; i++)
		if (prefix_has_addr(p, &r->nh[i].gate))
			return true;
	return false;
}

struct via {
	const struct prefix *gates;
	size_t seen, expected;
};

static bool see_route(const struct rib_route *r, void *arg)
{
	struct via *via = arg;
	struct rib_route preferred;

	assert_true(has_gate_in(r, &via->gates[0]) || has_gate_in(r, &via->gates[1]));
	assert_true(rib_find(rib, 0, &r->prefix, &preferred));
	assert_int_equal(preferred.source, r->source);
	via->seen++;
	return true;
}

static bool expect_route(const struct rib_route *r, void *arg)
{
	struct via *via = arg;

	via->expected += has_gate_in(r, &via->gates[0]) || has_gate_in(r, &via->gates[1]);
	return true;
}

/* Routes of VRF 0 over two next hops, or over all of one family. */
static void compare_via(unsigned seed, int round)
{
	const struct ip_addr a = gate_of(1 + (unsigned)rand() % TWIN_GATES),
			     b = gate_of(1 + (unsigned)rand() % TWIN_GATES);
	struct prefix gates[2] = {prefix_host(&a), prefix_host(&b)};
	struct pmap set = PMAP_INIT(sizeof(uint32_t));
	struct via via = {.gates = gates};

	if (rand() % 4 == 0) {
		gates[0].len = 0;
		prefix_mask(&gates[0]);
	}
	assert_non_null(pmap_obtain(&set, &gates[0]));
	assert_non_null(pmap_obtain(&set, &gates[1]));
	rib_walk_via(rib, 0, &set, see_route, &via);
	rib_walk(rib, 0, expect_route, &via);
	if (via.seen != via.expected)
		fail_msg("seed %u round %d: %zu routes over next hops, not %zu", seed,
			 round, via.expected, via.seen);
	pmap_clear(&set);
}

static size_t twin_sync_end(unsigned s)
{
	size_t n = 0;

	for (unsigned v = 0; v < TWIN_VRFS; v++) {
		for (unsigned i = 0; i < TWIN_PREFIXES; i++) {
			struct twin *t = &twin[v][i][s];

			if (t->there && t->generation != twin_generation[s]) {
				t->there = false;
				n++;
			}
		}
	}
	return n;
}

static bool count_walked(const struct rib_route *r, void *arg)
{
	assert_non_null(r);
	(*(size_t *)arg)++;
	return true;
}

static void compare_with_twin(unsigned seed, int round)
{
	for (unsigned v = 0; v < TWIN_VRFS; v++) {
		size_t walked = 0, expected = 0;

		for (unsigned i = 0; i < TWIN_PREFIXES; i++) {
			const struct twin *t = twin_preferred(v, i);
			struct rib_route r;
			bool found = rib_find(rib, v, &pool[i], &r);

			expected += t != NULL;
			if (found != !!t || (t && r.tag != t->tag))
				fail_msg("seed %u round %d: vrf %u prefix %u", seed,
					 round, v, i);
			if (believed[v][i] != (t ? t->tag + 1 : 0))
				fail_msg("seed %u round %d: watcher, vrf %u prefix %u",
					 seed, round, v, i);
		}
		rib_walk(rib, v, count_walked, &walked);
		assert_int_equal(walked, expected);
	}
}

static void random_operations_agree_with_a_naive_twin(void **state)
{
	const char *env = getenv("WGRD_SEED");
	unsigned seed = env ? (unsigned)strtoul(env, NULL, 0) : (unsigned)time(NULL);
	struct rib_watcher listener = {.changed = listen_only};

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	fill_pool();
	rib = rib_new(no_clock, NULL);
	rib_watch(rib, &listener);
	for (int round = 0; round < 6000; round++) {
		unsigned v = (unsigned)rand() % TWIN_VRFS,
			 i = (unsigned)rand() % TWIN_PREFIXES;
		unsigned s = (unsigned)rand() % RIB_SOURCE_COUNT,
			 op = (unsigned)rand() % 40;
		struct twin *t = &twin[v][i][s];

		if (op == 0) {
			rib_sync_begin(rib, (enum rib_source)s);
			twin_generation[s]++;
		} else if (op == 1) {
			assert_int_equal(rib_sync_end(rib, (enum rib_source)s),
					 twin_sync_end(s));
		} else if (op < 16) {
			assert_int_equal(
				rib_withdraw(rib, v, &pool[i], (enum rib_source)s),
				t->there ? 0 : -ENOENT);
			t->there = false;
		} else {
			struct rib_nexthop nh[2] = {0};
			unsigned gate[2];
			const struct rib_route r = {
				.prefix = pool[i],
				.source = (enum rib_source)s,
				.tag = (uint32_t)rand() % 3,
				.nh_count = (uint8_t)(rand() % 3),
				.nh = nh,
			};

			for (unsigned k = 0; k < 2; k++) {
				gate[k] = (unsigned)rand() % (TWIN_GATES + 1);
				if (gate[k])
					nh[k].gate = gate_of(gate[k]);
			}
			assert_int_equal(rib_update(rib, v, &r), 0);
			*t = (struct twin){.there = true,
					   .tag = r.tag,
					   .generation = twin_generation[s],
					   .gates = r.nh_count,
					   .gate = {gate[0], gate[1]}};
		}
		if (round % 7 == 0) {
			compare_with_twin(seed, round);
			compare_gates(seed, round);
			compare_via(seed, round);
		}
	}
	rib_free(rib);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_agree_with_a_naive_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
