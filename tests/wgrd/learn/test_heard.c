/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was heard of a table when there is no memory; the rest is in test_learn.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>

#include "wgrd/learn/heard.h"

enum {
	LINK = 7,
	PREFIXES = 200, /* several blocks of a pmap */
};

/* ---- the linker sends all our calls here (--wrap) ---- */

void *__real_malloc(size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t n);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

static bool none_left;

void *__wrap_malloc(size_t n)
{
	return none_left ? NULL : __real_malloc(n);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return none_left ? NULL : __real_reallocarray(p, n, size);
}

/* ---- */

static struct prefix nth(unsigned i)
{
	struct prefix p = {.addr.family = AF_INET, .len = 24};

	p.addr.bytes[0] = 10;
	p.addr.bytes[1] = (uint8_t)(i >> 8);
	p.addr.bytes[2] = (uint8_t)i;
	return p;
}

static void add(struct heard *h, unsigned i)
{
	struct kforeign r = {.dst = nth(i), .hop_count = 1};
	struct heard_prefix *p;

	r.hop[0].oif = LINK;
	assert_int_equal(heard_apply(h, KFEED_ADDED, &r, true, &p), 0);
}

static bool has(const struct heard *h, unsigned i)
{
	const struct prefix p = nth(i);
	const struct heard_prefix *at = heard_find(h, &p);

	return at && heard_best(at);
}

/* Whether a move wants memory depends on the room there is. Where it does it must have left
 * everything as it was. */
static void a_move_without_memory_changes_nothing(void **state)
{
	struct heard from = HEARD_INIT, to = HEARD_INIT;
	unsigned refused = 0;

	(void)state;
	for (unsigned i = 0; i < PREFIXES; i++)
		add(&from, i);
	for (unsigned i = 0; i < PREFIXES; i++) {
		const struct prefix key = nth(i);
		struct heard_prefix *p = heard_find(&from, &key);
		int err;

		none_left = true;
		err = heard_move(&to, &from, p);
		none_left = false;
		if (err) {
			assert_int_equal(err, -ENOMEM);
			refused++;
			assert_true(has(&from, i) && !has(&to, i));
			assert_int_equal(from.routes, PREFIXES - i);
			assert_int_equal(to.routes, i);
			assert_int_equal(heard_uses_link(&to, LINK), i > 0);
			assert_int_equal(heard_move(&to, &from, p), 0);
		}
		assert_true(!has(&from, i) && has(&to, i));
		assert_int_equal(from.routes + to.routes, PREFIXES);
	}
	assert_true(refused > 1 && refused < PREFIXES);
	assert_false(heard_uses_link(&from, LINK));
	assert_true(heard_uses_link(&to, LINK));
	heard_fini(&from);
	heard_fini(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_move_without_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
