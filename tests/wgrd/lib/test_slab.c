/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/rng.h"
#include "wgrd/lib/slab.h"

enum {
	MANY = 20000,
	STEPS = 200000,
};

struct object {
	uint64_t number[7];
};

static const struct object zero;

static struct object *alloc(struct slab *s, uint64_t number)
{
	struct object *o = slab_alloc(s);

	assert_non_null(o);
	assert_int_equal((uintptr_t)o % 16, 0);
	assert_memory_equal(o, &zero, sizeof(zero));
	for (size_t i = 0; i < ARRAY_SIZE(o->number); i++)
		o->number[i] = number;
	return o;
}

static void check_and_free(struct slab *s, struct object *o, uint64_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(o->number); i++)
		assert_int_equal(o->number[i], number);
	slab_free(s, o);
}

static void objects_keep_to_themselves(void **state)
{
	struct object **all = xcalloc(MANY, sizeof(struct object *));
	struct slab s = SLAB_INIT(struct object);

	(void)state;
	rng_seed();
	for (unsigned step = 0; step < STEPS; step++) {
		const unsigned i = rng_below(MANY);

		if (all[i])
			check_and_free(&s, all[i], i);
		all[i] = all[i] ? NULL : alloc(&s, i);
	}
	for (unsigned i = 0; i < MANY; i++)
		if (all[i])
			check_and_free(&s, all[i], i);
	slab_fini(&s);
	assert_int_equal(slab_memory(), 0);
	free(all);
}

static void memory_goes_back_when_objects_do(void **state)
{
	struct object **all = xcalloc(MANY, sizeof(struct object *));
	struct slab s = SLAB_INIT(struct object);
	size_t full;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		all[i] = alloc(&s, i);
	full = slab_memory();
	for (unsigned i = 0; i < MANY; i++)
		check_and_free(&s, all[i], i);
	if (full) { /* not under the address sanitizer */
		assert_true(full < MANY * (sizeof(struct object) + 16));
		assert_true(slab_memory() < full / 10);
	}
	slab_fini(&s);
	assert_int_equal(slab_memory(), 0);
	free(all);
}

static void an_unused_slab_has_nothing_to_free(void **state)
{
	struct slab s = SLAB_INIT(struct object);

	(void)state;
	slab_fini(&s);
	assert_int_equal(slab_memory(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_keep_to_themselves),
		cmocka_unit_test(memory_goes_back_when_objects_do),
		cmocka_unit_test(an_unused_slab_has_nothing_to_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
