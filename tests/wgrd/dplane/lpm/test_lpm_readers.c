/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table while others read it. Worth most under the thread sanitizer. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/rng.h"
#include "tests/wgrd/dplane/lpm_rig.h"
#include "wgrd/dplane/sync/rcu.h"

enum {
	READERS = 2,
	HANDOVERS = 20000,
	LENGTHS_MAX = 129,
};

struct readers {
	struct lpm *t;
	struct ip_addr addr; /* what they look up */
	unsigned vary;       /* but for so many bits at the end */
	_Atomic bool stop;
	_Atomic uint64_t lookups, missed;
	pthread_t thread[READERS];
};

static void *read_all_the_time(void *arg)
{
	struct readers *r = arg;
	uint32_t x = (uint32_t)(uintptr_t)&x | 1;
	uint64_t n = 0, missed = 0;

	dp_rcu_thread_start();
	while (!atomic_load_explicit(&r->stop, memory_order_relaxed)) {
		struct ip_addr a = r->addr;
		const size_t last = ip_family_len(a.family) - 1;

		for (unsigned i = 0; i < 64; i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			for (unsigned bit = 0; bit < r->vary; bit += 8)
				a.bytes[last - bit / 8] = (uint8_t)(x >> bit);
			missed += rig_group_index(rig_lookup(r->t, &a)) < 0;
		}
		n += 64;
		dp_rcu_offline();
		dp_rcu_online();
	}
	dp_rcu_thread_stop();
	atomic_fetch_add(&r->lookups, n);
	atomic_fetch_add(&r->missed, missed);
	return NULL;
}

static void start(struct readers *r)
{
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(
			pthread_create(&r->thread[i], NULL, read_all_the_time, r), 0);
}

static void stop(struct readers *r)
{
	atomic_store(&r->stop, true);
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(r->thread[i], NULL);
	print_message("%llu lookups\n", (unsigned long long)atomic_load(&r->lookups));
	assert_true(atomic_load(&r->lookups) > 0);
	assert_int_equal(atomic_load(&r->missed), 0);
	lpm_free(r->t);
	dp_rcu_barrier();
}

static struct prefix prefix_at(const struct ip_addr *a, unsigned len)
{
	struct prefix p = {*a, (uint8_t)len};

	prefix_mask(&p);
	return p;
}

/* Comes and goes beside what is looked up, so that the top grows and shrinks. */
static void breathe(struct lpm *t, const struct ip_addr *a, bool in)
{
	for (unsigned i = 0; i < 200; i++) {
		struct prefix p = prefix_at(a, prefix_max_len(a->family));

		p.addr.bytes[0] ^= 0x80;
		p.addr.bytes[3] = (uint8_t)i;
		if (in)
			assert_int_equal(lpm_set(t, &p, rig_group(i % RIG_GROUPS)), 0);
		else
			assert_int_equal(lpm_del(t, &p), 0);
	}
}

/* The address has always one to three prefixes around it. The new one is there before an
 * old one goes, and may be shorter or longer than that. */
static void hand_over(struct readers *r)
{
	bool there[LENGTHS_MAX] = {false};
	const unsigned max = prefix_max_len(r->addr.family);
	unsigned count = 0;

	for (unsigned i = 0; i < HANDOVERS; i++) {
		const unsigned len = rng_below(max + 1);
		struct prefix p = prefix_at(&r->addr, len);

		assert_int_equal(lpm_set(r->t, &p, rig_group(rng_below(RIG_GROUPS))), 0);
		count += !there[len];
		there[len] = true;
		if (i == 0)
			start(r);
		while (count > 1 + rng_next() % 3) {
			unsigned out = rng_below(max + 1);

			if (!there[out] || out == len)
				continue;
			p = prefix_at(&r->addr, out);
			assert_int_equal(lpm_del(r->t, &p), 0);
			there[out] = false;
			count--;
		}
		if (i % 64 == 0)
			breathe(r->t, &r->addr, i / 64 % 2 == 0);
	}
}

static void an_ipv4_owner_is_never_missed_while_prefixes_hand_it_on(void **state)
{
	struct readers r = {.t = lpm_new()};

	(void)state;
	rng_seed();
	assert_int_equal(ip_addr_parse(&r.addr, "10.1.2.3"), 0);
	hand_over(&r);
	stop(&r);
}

static void an_ipv6_owner_is_never_missed_while_prefixes_hand_it_on(void **state)
{
	struct readers r = {.t = lpm_new()};

	(void)state;
	rng_seed();
	assert_int_equal(ip_addr_parse(&r.addr, "2001:db8:1:2:3:4:5:6"), 0);
	hand_over(&r);
	stop(&r);
}

/* 10/8 is always there; anything comes and goes below it. */
static void readers_always_find_an_owner_while_prefixes_come_and_go(void **state)
{
	struct readers r = {.t = lpm_new(), .vary = 16};

	(void)state;
	rng_seed();
	assert_int_equal(ip_addr_parse(&r.addr, "10.1.0.0"), 0);
	rig_set(r.t, "10.0.0.0/8", 0);
	start(&r);
	for (unsigned op = 0; op < 200000; op++) {
		const uint64_t x = rng_next();
		struct prefix p = {.addr = {.family = AF_INET, .bytes = {10, 1}}};

		p.len = (uint8_t)(9 + x % 24);
		p.addr.bytes[2] = (uint8_t)(x >> 16 & 7);
		p.addr.bytes[3] = (uint8_t)(x >> 24);
		prefix_mask(&p);
		if (x >> 40 & 1)
			assert_int_equal(lpm_set(r.t, &p, rig_group(1 + (x >> 48) % 9)),
					 0);
		else
			(void)lpm_del(r.t, &p);
	}
	stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_owner_is_never_missed_while_prefixes_hand_it_on),
		cmocka_unit_test(an_ipv6_owner_is_never_missed_while_prefixes_hand_it_on),
		cmocka_unit_test(readers_always_find_an_owner_while_prefixes_come_and_go),
	};

	dp_rcu_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
