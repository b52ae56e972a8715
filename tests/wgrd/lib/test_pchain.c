/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/rng.h"
#include "wgrd/lib/pchain.h"

enum {
	OBJECTS = 200,
	STEPS = 20000,
};

/* The naive twin is the array of all objects, with a flag. */
struct object {
	struct pchain_node node;
	struct prefix prefix;
	bool in, seen;
};

/* Few bits, so that many objects have the same prefix, and others nest. */
static struct prefix random_prefix(void)
{
	struct prefix p = {.addr.family = rng_below(2) ? AF_INET : AF_INET6};

	memset(p.addr.bytes, 0, sizeof(p.addr.bytes));
	for (unsigned i = 0; i < 3; i++)
		p.addr.bytes[i] = (uint8_t)(rng_next() & 0x81);
	p.len = (uint8_t)rng_below(25);
	prefix_mask(&p);
	return p;
}

static void add_or_remove(struct pchain *c, struct object *o)
{
	if (o->in) {
		pchain_remove(c, &o->prefix, &o->node);
	} else {
		o->prefix = random_prefix();
		assert_true(pchain_add(c, &o->prefix, &o->node));
	}
	o->in = !o->in;
}

static void expect_same_walk(const struct pchain *c, struct object *all)
{
	const struct prefix under = random_prefix();
	struct pchain_node *n;
	struct pmap_at at;

	for (unsigned i = 0; i < OBJECTS; i++)
		all[i].seen = false;
	PCHAIN_WALK_UNDER (n, &at, c, &under) {
		struct object *o = container_of(n, struct object, node);

		assert_true(o->in && !o->seen);
		assert_true(prefix_equal(&at.prefix, &o->prefix));
		o->seen = true;
	}
	for (unsigned i = 0; i < OBJECTS; i++)
		assert_int_equal(all[i].seen,
				 all[i].in && prefix_contains(&under, &all[i].prefix));
}

static void random_operations_agree_with_a_naive_twin(void **state)
{
	struct object *all = xcalloc(OBJECTS, sizeof(*all));
	struct pchain c = PCHAIN_INIT;

	(void)state;
	rng_seed();
	for (unsigned i = 0; i < STEPS; i++) {
		add_or_remove(&c, &all[rng_below(OBJECTS)]);
		if (i % 8 == 0)
			expect_same_walk(&c, all);
	}
	for (unsigned i = 0; i < OBJECTS; i++)
		if (all[i].in)
			add_or_remove(&c, &all[i]);
	assert_int_equal(pmap_count(&c.map), 0); /* and nothing is left to be freed */
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_agree_with_a_naive_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
