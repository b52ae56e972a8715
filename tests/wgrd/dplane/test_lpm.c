/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/lpm.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "wgrd/dplane/rcu.h"

/* The table never looks into a group: any addresses will do. */
static char groups[64];

static struct dp_group *group(unsigned i)
{
	return (struct dp_group *)&groups[i];
}

static struct prefix prefix_of(const char *s)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, s), 0);
	return p;
}

static struct dp_group *lookup(const struct lpm *t, const struct ip_addr *a)
{
	return a->family == AF_INET ? lpm_lookup4(t, a->bytes) : lpm_lookup6(t, a->bytes);
}

static struct dp_group *lookup_str(const struct lpm *t, const char *s)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(&a, s), 0);
	return lookup(t, &a);
}

static void set(struct lpm *t, const char *s, unsigned g)
{
	struct prefix p = prefix_of(s);

	assert_int_equal(lpm_set(t, &p, group(g)), 0);
}

static void the_longest_prefix_wins(void **state)
{
	static const struct {
		const char *addr;
		int group;
	} cases[] = {
		{"10.1.2.3", 3},    {"10.1.2.4", 2},    {"10.1.3.1", 1},
		{"10.2.0.0", 0},    {"11.0.0.0", -1},   {"9.255.255.255", -1},
		{"2001:db8::1", 7}, {"2001:db8::2", 6}, {"2001:db9::", 5},
		{"fe80::", 5},      {"10.1.2.255", 2},  {"10.255.255.255", 0},
	};
	struct lpm *t = lpm_new();

	(void)state;
	set(t, "10.1.2.3/32", 3);
	set(t, "10.0.0.0/8", 0);
	set(t, "10.1.2.0/24", 2);
	set(t, "10.1.0.0/16", 1);
	set(t, "::/0", 5);
	set(t, "2001:db8::/32", 6);
	set(t, "2001:db8::1/128", 7);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dp_group *want = cases[i].group < 0 ? NULL : group(cases[i].group);

		if (lookup_str(t, cases[i].addr) != want)
			fail_msg("%s: expected group %d, got %td", cases[i].addr,
				 cases[i].group,
				 (char *)lookup_str(t, cases[i].addr) - groups);
	}
	assert_int_equal(lpm_count(t), 7);
	lpm_free(t);
}

static void an_empty_table_finds_nothing(void **state)
{
	struct lpm *t = lpm_new();
	struct prefix p = prefix_of("10.0.0.0/8");

	(void)state;
	assert_null(lookup_str(t, "10.0.0.1"));
	assert_null(lookup_str(t, "::1"));
	assert_int_equal(lpm_del(t, &p), -ENOENT);
	assert_null(lpm_get(t, &p));
	lpm_free(t);
}

static void a_branching_point_is_not_an_entry(void **state)
{
	struct lpm *t = lpm_new();
	struct prefix fork = prefix_of("10.128.0.0/14");

	(void)state;
	set(t, "10.128.0.0/16", 1);
	set(t, "10.130.0.0/15", 2);
	assert_null(lpm_get(t, &fork));
	assert_int_equal(lpm_del(t, &fork), -ENOENT);
	assert_null(lookup_str(t, "10.129.0.1"));
	assert_int_equal(lpm_set(t, &fork, group(3)), 0);
	assert_ptr_equal(lookup_str(t, "10.129.0.1"), group(3));
	assert_int_equal(lpm_del(t, &fork), 0);
	assert_null(lookup_str(t, "10.129.0.1"));
	assert_ptr_equal(lookup_str(t, "10.131.0.1"), group(2));
	lpm_free(t);
}

/* ---- against a list ---- */

enum {
	ENTRIES_MAX = 3000,
	OPERATIONS = 60000,
};

struct naive {
	struct {
		struct prefix p;
		struct dp_group *g;
	} v[ENTRIES_MAX];
	size_t count;
};

static uint64_t rng_state;

static uint64_t next_random(void)
{
	uint64_t z = rng_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void seed(void)
{
	const char *env = getenv("SEED");

	if (env)
		rng_state = strtoull(env, NULL, 0);
	else
		assert_int_equal(getrandom(&rng_state, sizeof(rng_state), 0), 8);
	print_message("SEED=%#llx\n", (unsigned long long)rng_state);
}

/* Few different bits, so that prefixes nest, part late and meet again. */
static struct ip_addr random_addr(void)
{
	uint64_t r = next_random();
	struct ip_addr a = {.family = r & 1 ? AF_INET : AF_INET6};
	size_t len = ip_family_len(a.family);

	for (size_t i = 0; i < len; i++)
		a.bytes[i] = next_random() % 4 ? 0 : (uint8_t)(1 << next_random() % 8);
	return a;
}

static struct prefix random_prefix(void)
{
	struct prefix p = {.addr = random_addr()};

	p.len = (uint8_t)(next_random() % (prefix_max_len(p.addr.family) + 1));
	prefix_mask(&p);
	return p;
}

static size_t naive_find(const struct naive *n, const struct prefix *p)
{
	size_t i = 0;

	while (i < n->count && !prefix_equal(&n->v[i].p, p))
		i++;
	return i;
}

static struct dp_group *naive_lookup(const struct naive *n, const struct ip_addr *a)
{
	struct dp_group *best = NULL;
	int best_len = -1;

	for (size_t i = 0; i < n->count; i++) {
		if (n->v[i].p.len > best_len && prefix_has_addr(&n->v[i].p, a)) {
			best = n->v[i].g;
			best_len = n->v[i].p.len;
		}
	}
	return best;
}

static void operate(struct lpm *t, struct naive *n)
{
	struct prefix p = random_prefix();
	struct dp_group *g = group(next_random() % sizeof(groups));
	size_t i;

	if (n->count && next_random() % 2)
		p = n->v[next_random() % n->count].p;
	i = naive_find(n, &p);
	if (next_random() % 2 && n->count < ENTRIES_MAX) {
		assert_int_equal(lpm_set(t, &p, g), 0);
		n->v[i].p = p;
		n->v[i].g = g;
		n->count += i == n->count;
	} else {
		assert_int_equal(lpm_del(t, &p), i == n->count ? -ENOENT : 0);
		if (i < n->count)
			n->v[i] = n->v[--n->count];
	}
}

static void it_agrees_with_a_list(void **state)
{
	struct naive *n = xcalloc(1, sizeof(*n));
	struct lpm *t = lpm_new();

	(void)state;
	seed();
	for (unsigned op = 0; op < OPERATIONS; op++) {
		struct ip_addr a = random_addr();

		operate(t, n);
		assert_int_equal(lpm_count(t), n->count);
		assert_ptr_equal(lookup(t, &a), naive_lookup(n, &a));
	}
	while (n->count) {
		assert_ptr_equal(lpm_get(t, &n->v[0].p), n->v[0].g);
		assert_int_equal(lpm_del(t, &n->v[0].p), 0);
		n->v[0] = n->v[--n->count];
	}
	assert_int_equal(lpm_count(t), 0);
	lpm_free(t);
	dp_rcu_barrier();
	free(n);
}

/* ---- with readers ---- */

struct readers {
	struct lpm *t;
	_Atomic bool stop;
	_Atomic uint64_t lookups;
};

/* 10/8 is always there, and what comes and goes below has groups from 1 to 9: so a reader
 * finds something at any time, and nothing else than these. */
static void *read_all_the_time(void *arg)
{
	struct readers *r = arg;
	uint32_t x = (uint32_t)(uintptr_t)&x | 1;
	uint64_t n = 0;

	dp_rcu_thread_start();
	while (!atomic_load_explicit(&r->stop, memory_order_relaxed)) {
		uint8_t a[4] = {10};

		for (unsigned i = 0; i < 64; i++) {
			const char *g;

			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			a[1] = (uint8_t)(x >> 8 & 3);
			a[2] = (uint8_t)(x >> 16);
			a[3] = (uint8_t)(x >> 24);
			g = (const char *)lpm_lookup4(r->t, a);
			assert(g >= groups && g < groups + 10);
		}
		n += 64;
		dp_rcu_offline();
		dp_rcu_online();
	}
	dp_rcu_thread_stop();
	atomic_fetch_add(&r->lookups, n);
	return NULL;
}

static void readers_always_find_an_owner_while_prefixes_come_and_go(void **state)
{
	struct readers r = {.t = lpm_new()};
	pthread_t thread[2];

	(void)state;
	seed();
	dp_rcu_init();
	set(r.t, "10.0.0.0/8", 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, read_all_the_time, &r),
				 0);
	for (unsigned op = 0; op < 200000; op++) {
		struct prefix p = {.addr.family = AF_INET};
		uint64_t x = next_random();

		p.len = (uint8_t)(9 + x % 24);
		p.addr.bytes[0] = 10;
		p.addr.bytes[1] = (uint8_t)(x >> 8 & 3);
		p.addr.bytes[2] = (uint8_t)(x >> 16 & 7);
		p.addr.bytes[3] = (uint8_t)(x >> 24);
		prefix_mask(&p);
		if (x >> 40 & 1)
			assert_int_equal(lpm_set(r.t, &p, group(1 + (x >> 48) % 9)), 0);
		else
			(void)lpm_del(r.t, &p);
	}
	atomic_store(&r.stop, true);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_true(atomic_load(&r.lookups) > 0);
	lpm_free(r.t);
	dp_rcu_barrier();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_wins),
		cmocka_unit_test(an_empty_table_finds_nothing),
		cmocka_unit_test(a_branching_point_is_not_an_entry),
		cmocka_unit_test(it_agrees_with_a_list),
		cmocka_unit_test(readers_always_find_an_owner_while_prefixes_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
