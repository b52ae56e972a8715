/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the table takes, what it gives back, and what it does when there is nothing. */

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/lib/full_table.h"
#include "tests/lib/rng.h"
#include "tests/wgrd/dplane/lpm_rig.h"
#include "wgrd/dplane/sync/rcu.h"

enum {
	BYTES_A_PREFIX = 64,
	OPERATIONS = 20000,
};

/* ---- the linker sends all our calls here (--wrap) ---- */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void __wrap_free(void *p);

static _Atomic size_t in_use;
/* Of this thread: so many allocations more, then none. */
static _Thread_local unsigned left = UINT32_MAX;

/* With the word that malloc() has before each. */
static size_t true_size(void *p)
{
	return p ? malloc_usable_size(p) + sizeof(size_t) : 0;
}

static bool may_allocate(void)
{
	if (left == UINT32_MAX)
		return true;
	left -= left > 0;
	return left > 0;
}

void *__wrap_malloc(size_t n)
{
	void *p = may_allocate() ? __real_malloc(n) : NULL;

	atomic_fetch_add(&in_use, true_size(p));
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = may_allocate() ? __real_calloc(n, size) : NULL;

	atomic_fetch_add(&in_use, true_size(p));
	return p;
}

void __wrap_free(void *p)
{
	atomic_fetch_sub(&in_use, true_size(p));
	__real_free(p);
}

/* When all that has been deleted is free. */
static size_t bytes_in_use(void)
{
	lpm_free(lpm_new()); /* sends off the garbage of all tables */
	dp_rcu_barrier();
	return atomic_load(&in_use);
}

/* ---- size ---- */

struct load {
	struct lpm *t;
	int family;
	size_t count;
};

static void load_prefix(void *arg, const struct prefix *p)
{
	struct load *l = arg;

	if (p->addr.family != l->family)
		return;
	assert_int_equal(lpm_set(l->t, p, rig_group(l->count++ % RIG_GROUPS)), 0);
}

static void unload_prefix(void *arg, const struct prefix *p)
{
	(void)lpm_del(((struct load *)arg)->t, p);
}

static void a_full_table_is_small_and_goes_again(void **state)
{
	static const int family[2] = {AF_INET, AF_INET6};

	(void)state;
	for (unsigned f = 0; f < 2; f++) {
		struct load l = {.t = lpm_new(), .family = family[f]};
		const size_t before = bytes_in_use();
		size_t each;

		if (!full_table_each(load_prefix, &l)) {
			lpm_free(l.t);
			skip();
		}
		each = (bytes_in_use() - before) / lpm_count(l.t);
		print_message("%zu prefixes, %zu bytes each\n", lpm_count(l.t), each);
		assert_true(each <= BYTES_A_PREFIX);
		full_table_each(unload_prefix, &l);
		assert_int_equal(lpm_count(l.t), 0);
		assert_int_equal(bytes_in_use(), before);
		lpm_free(l.t);
	}
}

/* As a provider's aggregates and their /24s. Needs no data. */
static void dense_prefixes_stay_below_the_limit_at_every_size(void **state)
{
	struct lpm *t = lpm_new();
	const size_t before = bytes_in_use();

	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		struct prefix p = {
			.addr = {.family = AF_INET,
				 .bytes = {10, (uint8_t)(i >> 8), (uint8_t)i}},
			.len = 24,
		};

		assert_int_equal(lpm_set(t, &p, rig_group(0)), 0);
		if (i >= 63 && !(i & (i + 1)))
			assert_true(bytes_in_use() - before <=
				    BYTES_A_PREFIX * lpm_count(t));
	}
	lpm_free(t);
}

static void a_small_table_is_small(void **state)
{
	const size_t before = bytes_in_use();
	struct lpm *t = lpm_new();

	(void)state;
	print_message("empty: %zu bytes\n", bytes_in_use() - before);
	assert_true(bytes_in_use() - before <= 512);
	for (unsigned i = 0; i < 16; i++) {
		struct prefix p = {.len = 128};

		p.addr = (struct ip_addr){.family = AF_INET6,
					  .bytes = {0xfd, [15] = (uint8_t)i}};
		assert_int_equal(lpm_set(t, &p, rig_group(i)), 0);
		p.addr = (struct ip_addr){.family = AF_INET,
					  .bytes = {10, (uint8_t)(i * 16), 1, 2}};
		p.len = 32;
		assert_int_equal(lpm_set(t, &p, rig_group(i)), 0);
	}
	print_message("32 host routes: %zu bytes\n", bytes_in_use() - before);
	assert_true(bytes_in_use() - before <= 3072);
	lpm_free(t);
	assert_int_equal(bytes_in_use(), before);
}

/* ---- nothing left ---- */

static void a_table_that_cannot_be_made_leaves_nothing(void **state)
{
	const size_t before = bytes_in_use();
	struct lpm *t = NULL;
	unsigned tries = 0;

	(void)state;
	while (!t) {
		left = ++tries;
		t = lpm_new();
		left = UINT32_MAX;
		assert_true(t || bytes_in_use() == before);
	}
	assert_int_equal(tries, 4);
	lpm_free(t);
}

static void compare(const struct lpm *t, const struct rig_list *l)
{
	for (unsigned i = 0; i < 4; i++) {
		struct ip_addr a = rig_random_addr();

		if (l->count && i % 2)
			a = rig_random_addr_in(&l->v[rng_below(l->count)].p);
		assert_ptr_equal(rig_lookup(t, &a), rig_list_lookup(l, &a));
	}
	assert_int_equal(lpm_count(t), l->count);
}

static void operate(struct lpm *t, struct rig_list *l, unsigned *refused)
{
	struct prefix p = rig_random_prefix();
	struct dp_permit *g = rig_group(rng_below(RIG_GROUPS));
	size_t at;
	int err;

	if (l->count && rng_next() % 2)
		p = l->v[rng_below(l->count)].p;
	at = rig_list_find(l, &p);
	if (rng_next() % 8 < 6) {
		left = 1 + rng_below(8);
		err = lpm_set(t, &p, g);
		left = UINT32_MAX;
		assert_true(err == 0 || (err == -ENOMEM && at == l->count));
		*refused += err != 0;
		if (!err)
			rig_list_set(l, at, &p, g);
		return;
	}
	left = 1 + rng_below(4);
	err = lpm_del(t, &p);
	left = UINT32_MAX;
	assert_int_equal(err, at == l->count ? -ENOENT : 0);
	if (!err)
		rig_list_del(l, at);
}

static void without_memory_the_table_stays_and_deletes_work(void **state)
{
	const size_t before = bytes_in_use();
	struct rig_list l = {0};
	struct lpm *t = lpm_new();
	unsigned refused = 0;

	(void)state;
	rng_seed();
	for (unsigned op = 0; op < OPERATIONS; op++) {
		operate(t, &l, &refused);
		compare(t, &l);
	}
	print_message("%u times no memory, %zu prefixes at the end\n", refused, l.count);
	assert_true(refused > OPERATIONS / 100);
	while (l.count) {
		left = 1;
		assert_int_equal(lpm_del(t, &l.v[0].p), 0);
		left = UINT32_MAX;
		rig_list_del(&l, 0);
		compare(t, &l);
	}
	lpm_free(t);
	assert_int_equal(bytes_in_use(), before);
	rig_list_fini(&l);
}

/* ---- nothing left, and readers ---- */

struct reader {
	struct lpm *t;
	struct ip_addr addr;
	_Atomic bool stop;
};

static void *read_all_the_time(void *arg)
{
	struct reader *r = arg;

	dp_rcu_thread_start();
	while (!atomic_load_explicit(&r->stop, memory_order_relaxed)) {
		for (unsigned i = 0; i < 16; i++)
			assert(rig_group_index(rig_lookup(r->t, &r->addr)) >= 0);
		dp_rcu_offline();
		dp_rcu_online();
	}
	dp_rcu_thread_stop();
	return NULL;
}

static void readers_find_their_way_while_deletes_lack_memory(void **state)
{
	struct reader r = {.t = lpm_new()};
	pthread_t thread;

	(void)state;
	rng_seed();
	assert_int_equal(ip_addr_parse(&r.addr, "2001:db8::ffff:1"), 0);
	rig_set(r.t, "2001:db8::/32", 0);
	assert_int_equal(pthread_create(&thread, NULL, read_all_the_time, &r), 0);
	for (unsigned i = 0; i < 500; i++) {
		struct prefix p[8];

		for (unsigned j = 0; j < ARRAY_SIZE(p); j++) {
			p[j] = (struct prefix){r.addr, (uint8_t)(33 + rng_below(96))};
			if (rng_next() % 2)
				p[j].addr.bytes[rng_below(16)] ^= 1;
			prefix_mask(&p[j]);
			assert_int_equal(lpm_set(r.t, &p[j], rig_group(1 + j)), 0);
		}
		left = 1;
		for (unsigned j = 0; j < ARRAY_SIZE(p); j++)
			(void)lpm_del(r.t, &p[j]);
		left = UINT32_MAX;
		assert_int_equal(lpm_count(r.t), 1);
	}
	atomic_store(&r.stop, true);
	pthread_join(thread, NULL);
	lpm_free(r.t);
	dp_rcu_barrier();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_table_is_small_and_goes_again),
		cmocka_unit_test(dense_prefixes_stay_below_the_limit_at_every_size),
		cmocka_unit_test(a_small_table_is_small),
		cmocka_unit_test(a_table_that_cannot_be_made_leaves_nothing),
		cmocka_unit_test(without_memory_the_table_stays_and_deletes_work),
		cmocka_unit_test(readers_find_their_way_while_deletes_lack_memory),
	};

	dp_rcu_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
