/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two tables of an interface against a naive twin: two lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "tests/lib/rng.h"
#include "tests/wgrd/dplane/lpm_rig.h"
#include "wgrd/dplane/permit.h"

enum {
	STEPS = 4000,
	LOOKUPS = 20, /* after each */
	MANY = 300,
};

/* Only addresses: the tables never look into a group. */
static char groups[8];

static struct dp_group *group(unsigned i)
{
	return (struct dp_group *)&groups[i];
}

static struct dp_group *lookup(const struct dp_permits *t, enum dp_side side,
			       const struct ip_addr *a)
{
	return a->family == AF_INET ? dp_permits_lookup4(t, side, a->bytes)
				    : dp_permits_lookup6(t, side, a->bytes);
}

static struct dp_group *lookup_str(const struct dp_permits *t, enum dp_side side,
				   const char *s)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(&a, s), 0);
	return lookup(t, side, &a);
}

static void set(struct dp_permits *t, const char *s, struct dp_group *egress,
		struct dp_group *ingress)
{
	const struct prefix p = rig_prefix(s);

	assert_int_equal(dp_permits_set(t, &p, egress, ingress), 0);
}

static void del(struct dp_permits *t, const char *s)
{
	const struct prefix p = rig_prefix(s);

	dp_permits_del(t, &p);
}

static void a_prefix_of_one_table_does_not_hide_a_shorter_one_in_the_other(void **state)
{
	struct dp_permits t;

	(void)state;
	assert_int_equal(dp_permits_init(&t), 0);
	set(&t, "10.1.0.0/16", NULL, group(1));
	assert_null(lookup_str(&t, DP_EGRESS, "10.1.2.3"));
	set(&t, "10.0.0.0/8", group(2), group(3));
	assert_ptr_equal(lookup_str(&t, DP_EGRESS, "10.1.2.3"), group(2));
	assert_ptr_equal(lookup_str(&t, DP_INGRESS, "10.1.2.3"), group(1));
	assert_ptr_equal(lookup_str(&t, DP_INGRESS, "10.2.2.3"), group(3));
	set(&t, "10.0.0.0/8", group(4), NULL);
	assert_ptr_equal(lookup_str(&t, DP_EGRESS, "10.1.2.3"), group(4));
	assert_null(lookup_str(&t, DP_INGRESS, "10.2.2.3"));
	del(&t, "10.0.0.0/8");
	assert_null(lookup_str(&t, DP_EGRESS, "10.1.2.3"));
	assert_ptr_equal(lookup_str(&t, DP_INGRESS, "10.1.2.3"), group(1));
	del(&t, "10.1.0.0/16");
	del(&t, "10.1.0.0/16"); /* what is not there is not an error */
	assert_null(lookup_str(&t, DP_INGRESS, "10.1.2.3"));
	dp_permits_fini(&t);
}

static void prefixes_with_the_same_groups_share_one_permit(void **state)
{
	struct dp_permits t;

	(void)state;
	assert_int_equal(dp_permits_init(&t), 0);
	for (unsigned i = 0; i < MANY; i++) {
		const struct prefix p = rig_random_prefix();

		assert_int_equal(dp_permits_set(&t, &p, group(i % 2), group(2)), 0);
	}
	assert_int_equal(HASH_COUNT(t.shared), 2);
	assert_true(cds_list_empty(&t.one_sided));
	dp_permits_fini(&t);
}

/* What the tables should say; the lists of lpm_rig.h hold groups as if they were permits. */
struct twin {
	struct rig_list side[DP_SIDES];
};

static void twin_set(struct twin *w, enum dp_side side, const struct prefix *p,
		     struct dp_group *g)
{
	struct rig_list *l = &w->side[side];
	const size_t at = rig_list_find(l, p);

	if (g)
		rig_list_set(l, at, p, (struct dp_permit *)g);
	else if (at < l->count)
		rig_list_del(l, at);
}

static void compare(const struct dp_permits *t, const struct twin *w,
		    const struct prefix *near)
{
	for (unsigned i = 0; i < LOOKUPS; i++) {
		const struct ip_addr a =
			i % 2 ? rig_random_addr() : rig_random_addr_in(near);

		for (unsigned s = 0; s < DP_SIDES; s++)
			assert_ptr_equal(lookup(t, (enum dp_side)s, &a),
					 rig_list_lookup(&w->side[s], &a));
	}
}

static struct dp_group *random_group(void)
{
	return rng_below(3) ? group(rng_below(ARRAY_SIZE(groups))) : NULL;
}

static void step(struct dp_permits *t, struct twin *w)
{
	const struct rig_list *l = &w->side[rng_below(DP_SIDES)];
	const struct prefix p = l->count && rng_below(2)
					? l->v[rng_below((unsigned)l->count)].p
					: rig_random_prefix();
	struct dp_group *egress = random_group(), *ingress = random_group();

	if (l->count > MANY)
		egress = ingress = NULL;
	if (egress || ingress)
		assert_int_equal(dp_permits_set(t, &p, egress, ingress), 0);
	else
		dp_permits_del(t, &p);
	twin_set(w, DP_EGRESS, &p, egress);
	twin_set(w, DP_INGRESS, &p, ingress);
	assert_ptr_equal(dp_permits_get(t, DP_EGRESS, &p), egress);
	assert_ptr_equal(dp_permits_get(t, DP_INGRESS, &p), ingress);
	compare(t, w, &p);
}

static void tables_and_naive_twin_agree(void **state)
{
	struct twin w = {0};
	struct dp_permits t;

	(void)state;
	rng_seed();
	assert_int_equal(dp_permits_init(&t), 0);
	for (unsigned i = 0; i < STEPS; i++)
		step(&t, &w);
	while (w.side[DP_EGRESS].count || w.side[DP_INGRESS].count) {
		const struct rig_list *l =
			&w.side[w.side[DP_EGRESS].count ? DP_EGRESS : DP_INGRESS];
		const struct prefix p = l->v[0].p;

		dp_permits_del(&t, &p);
		twin_set(&w, DP_EGRESS, &p, NULL);
		twin_set(&w, DP_INGRESS, &p, NULL);
	}
	assert_int_equal(lpm_count(t.lpm), 0);
	assert_null(t.shared);
	assert_true(cds_list_empty(&t.one_sided));
	dp_permits_fini(&t);
	for (unsigned s = 0; s < DP_SIDES; s++)
		rig_list_fini(&w.side[s]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_prefix_of_one_table_does_not_hide_a_shorter_one_in_the_other),
		cmocka_unit_test(prefixes_with_the_same_groups_share_one_permit),
		cmocka_unit_test(tables_and_naive_twin_agree),
	};
	int failed;

	dp_rcu_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	dp_rcu_barrier();
	return failed;
}
