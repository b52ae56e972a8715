/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RIB and a naive twin under random operations; also what a watcher comes to believe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wgrd/rib/rib.h"

static struct rib *rib;

static uint64_t no_clock(void *arg)
{
	(void)arg;
	return 0;
}

enum {
	TWIN_VRFS = 3,
	TWIN_PREFIXES = 40
};

static struct twin {
	bool there;
	uint32_t tag, generation;
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
			const struct rib_route *r = rib_find(rib, v, &pool[i]);
			const struct rib_route *m = rib_match(rib, v, &pool[i].addr);
			const struct twin *t = twin_preferred(v, i);
			int best = -1;

			expected += t != NULL;
			if (!r != !t || (t && r->tag != t->tag))
				fail_msg("seed %u round %d: vrf %u prefix %u", seed,
					 round, v, i);
			if (believed[v][i] != (t ? t->tag + 1 : 0))
				fail_msg("seed %u round %d: watcher, vrf %u prefix %u",
					 seed, round, v, i);
			for (unsigned k = 0; k < TWIN_PREFIXES; k++)
				if (twin_preferred(v, k) &&
				    prefix_has_addr(&pool[k], &pool[i].addr) &&
				    (best < 0 || pool[k].len > pool[best].len))
					best = (int)k;
			if (!m != (best < 0) ||
			    (m && !prefix_equal(&m->prefix, &pool[best])))
				fail_msg("seed %u round %d: match, vrf %u prefix %u",
					 seed, round, v, i);
		}
		rib_walk(rib, v, count_walked, &walked);
		assert_int_equal(walked, expected);
	}
}

static void random_operations_agree_with_a_naive_twin(void **state)
{
	const char *env = getenv("WGRD_TEST_SEED");
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
			struct rib_route *r = rib_route_new((unsigned)rand() % 3);

			r->prefix = pool[i];
			r->source = (enum rib_source)s;
			r->tag = (uint32_t)rand() % 3;
			assert_int_equal(rib_update(rib, v, r), 0);
			*t = (struct twin){true, r->tag, twin_generation[s]};
			free(r);
		}
		if (round % 7 == 0)
			compare_with_twin(seed, round);
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
