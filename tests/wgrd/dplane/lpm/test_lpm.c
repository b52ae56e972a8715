/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/lpm/lpm.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/full_table.h"
#include "tests/lib/rng.h"
#include "tests/wgrd/dplane/lpm_rig.h"
#include "wgrd/dplane/sync/rcu.h"

enum {
	ENTRIES_MAX = 12000, /* IPv4 and IPv6 cross the sizes of their tops */
	OPERATIONS = 52000,
};

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
	rig_set(t, "10.1.2.3/32", 3);
	rig_set(t, "10.0.0.0/8", 0);
	rig_set(t, "10.1.2.0/24", 2);
	rig_set(t, "10.1.0.0/16", 1);
	rig_set(t, "::/0", 5);
	rig_set(t, "2001:db8::/32", 6);
	rig_set(t, "2001:db8::1/128", 7);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dp_permit *want =
			cases[i].group < 0 ? NULL : rig_group(cases[i].group);

		if (rig_lookup_str(t, cases[i].addr) != want)
			fail_msg("%s: expected group %d, got %d", cases[i].addr,
				 cases[i].group,
				 rig_group_index(rig_lookup_str(t, cases[i].addr)));
	}
	assert_int_equal(lpm_count(t), 7);
	lpm_free(t);
}

static void an_empty_table_finds_nothing(void **state)
{
	struct lpm *t = lpm_new();
	struct prefix p = rig_prefix("10.0.0.0/8");

	(void)state;
	assert_null(rig_lookup_str(t, "10.0.0.1"));
	assert_null(rig_lookup_str(t, "::1"));
	assert_int_equal(lpm_del(t, &p), -ENOENT);
	assert_null(lpm_get(t, &p));
	lpm_free(t);
}

static void a_branching_point_is_not_an_entry(void **state)
{
	struct lpm *t = lpm_new();
	struct prefix fork = rig_prefix("10.128.0.0/14");

	(void)state;
	rig_set(t, "10.128.0.0/16", 1);
	rig_set(t, "10.130.0.0/15", 2);
	assert_null(lpm_get(t, &fork));
	assert_int_equal(lpm_del(t, &fork), -ENOENT);
	assert_null(rig_lookup_str(t, "10.129.0.1"));
	assert_int_equal(lpm_set(t, &fork, rig_group(3)), 0);
	assert_ptr_equal(rig_lookup_str(t, "10.129.0.1"), rig_group(3));
	assert_int_equal(lpm_del(t, &fork), 0);
	assert_null(rig_lookup_str(t, "10.129.0.1"));
	assert_ptr_equal(rig_lookup_str(t, "10.131.0.1"), rig_group(2));
	lpm_free(t);
}

/* A way down through all lengths, and one that skips as much as there is to skip. */
static void every_length_has_its_place(void **state)
{
	const struct ip_addr ones[2] = {
		{.family = AF_INET, .bytes = {0xff, 0xff, 0xff, 0xfe}},
		{.family = AF_INET6, .bytes = {[14] = 0x80, 1}}};

	(void)state;
	for (unsigned f = 0; f < 2; f++) {
		const unsigned max = prefix_max_len(ones[f].family);
		struct lpm *t = lpm_new();

		for (unsigned len = 0; len <= max; len++) {
			struct prefix p = {ones[f], (uint8_t)len};

			prefix_mask(&p);
			assert_int_equal(lpm_set(t, &p, rig_group(len % 64)), 0);
			assert_ptr_equal(rig_lookup(t, &ones[f]), rig_group(len % 64));
		}
		for (unsigned len = max; len > 0; len--) {
			struct prefix p = {ones[f], (uint8_t)len};

			prefix_mask(&p);
			assert_int_equal(lpm_del(t, &p), 0);
			assert_ptr_equal(rig_lookup(t, &ones[f]),
					 rig_group((len - 1) % 64));
		}
		assert_int_equal(lpm_count(t), 1);
		lpm_free(t);
	}
}

/* ---- against a list ---- */

/* More comes than goes for the first half. */
static void operate(struct lpm *t, struct rig_list *l, bool grow)
{
	struct prefix p = rig_random_prefix();
	struct dp_permit *g = rig_group(rng_below(RIG_GROUPS));
	size_t i;

	if (l->count && rng_next() % (grow ? 8 : 2) == 0)
		p = l->v[rng_below(l->count)].p;
	i = rig_list_find(l, &p);
	if (rng_next() % 8 < (grow ? 6 : 2) && l->count < ENTRIES_MAX) {
		assert_int_equal(lpm_set(t, &p, g), 0);
		rig_list_set(l, i, &p, g);
	} else {
		assert_int_equal(lpm_del(t, &p), i == l->count ? -ENOENT : 0);
		if (i < l->count)
			rig_list_del(l, i);
	}
}

static void it_agrees_with_a_list(void **state)
{
	struct rig_list l = {0};
	struct lpm *t = lpm_new();
	size_t most = 0;

	(void)state;
	rng_seed();
	for (unsigned op = 0; op < OPERATIONS; op++) {
		struct ip_addr a = rig_random_addr();

		if (l.count && rng_next() % 2)
			a = rig_random_addr_in(&l.v[rng_below(l.count)].p);
		operate(t, &l, op < OPERATIONS / 2);
		assert_int_equal(lpm_count(t), l.count);
		most = l.count > most ? l.count : most;
		if (op % 4 == 0)
			assert_ptr_equal(rig_lookup(t, &a), rig_list_lookup(&l, &a));
	}
	print_message("up to %zu prefixes\n", most);
	assert_true(most > 8500);
	while (l.count) {
		assert_ptr_equal(lpm_get(t, &l.v[0].p), l.v[0].g);
		assert_int_equal(lpm_del(t, &l.v[0].p), 0);
		rig_list_del(&l, 0);
	}
	assert_int_equal(lpm_count(t), 0);
	lpm_free(t);
	dp_rcu_barrier();
	rig_list_fini(&l);
}

/* ---- the Internet ---- */

static void add_to_list(void *list, const struct prefix *p)
{
	struct rig_list *l = list;

	rig_list_set(l, l->count, p, rig_group(l->count % RIG_GROUPS));
}

static void compare_some(const struct lpm *t, const struct rig_list *l, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct prefix *p = &l->v[rng_below(l->count)].p;
		struct ip_addr in = rig_random_addr_in(p);

		assert_ptr_equal(rig_lookup(t, &in), rig_list_lookup(l, &in));
		/* near it: often in a gap */
		in.bytes[p->len / 8 ? p->len / 8 - 1 : 0] ^= 1;
		assert_ptr_equal(rig_lookup(t, &in), rig_list_lookup(l, &in));
	}
}

static void a_full_table_agrees_with_a_list(void **state)
{
	struct rig_list l = {0};
	struct lpm *t = lpm_new();

	(void)state;
	if (!full_table_each(add_to_list, &l)) {
		lpm_free(t);
		skip();
	}
	rng_seed();
	rig_set(t, "0.0.0.0/0", 1);
	rig_set(t, "::/0", 2);
	for (size_t i = 0; i < l.count; i++)
		assert_int_equal(lpm_set(t, &l.v[i].p, l.v[i].g), 0);
	for (size_t i = 0; i < l.count; i++) { /* a prefix may be there twice */
		l.v[i].g = lpm_get(t, &l.v[i].p);
		assert_non_null(l.v[i].g);
	}
	rig_list_set(&l, l.count, &(struct prefix){.addr.family = AF_INET}, rig_group(1));
	rig_list_set(&l, l.count, &(struct prefix){.addr.family = AF_INET6},
		     rig_group(2));
	compare_some(t, &l, 100);
	/* three of four leave, both default routes with them or not */
	for (size_t i = l.count; i-- > 0;) {
		if (rng_next() % 4) {
			(void)lpm_del(t, &l.v[i].p);
			rig_list_del(&l, i);
		}
	}
	for (size_t i = 0; i < l.count;) { /* twice there, once gone */
		if (lpm_get(t, &l.v[i].p))
			i++;
		else
			rig_list_del(&l, i);
	}
	compare_some(t, &l, 100);
	lpm_free(t);
	dp_rcu_barrier();
	rig_list_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_wins),
		cmocka_unit_test(an_empty_table_finds_nothing),
		cmocka_unit_test(a_branching_point_is_not_an_entry),
		cmocka_unit_test(every_length_has_its_place),
		cmocka_unit_test(it_agrees_with_a_list),
		cmocka_unit_test(a_full_table_agrees_with_a_list),
	};

	dp_rcu_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
