/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wgrd/lib/pmap.h"

enum {
	UNIVERSE = 700, /* prefixes the random test plays with */
	STEPS = 20000,
	PHASE = 4000, /* steps in which it grows, then those in which it shrinks */
	MANY = 50000,
};

/* Larger than a word, and not a multiple of one. */
struct value {
	uint32_t number[3];
};

/* The naive twin: an array with a flag, of both families. */
struct entry {
	struct prefix prefix;
	bool in;
	uint32_t number;
};

struct world {
	struct pmap map;
	struct entry entry[UNIVERSE];
	size_t in;
};

static struct prefix prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s) || prefix_has_host_bits(&p))
		fail_msg("%s is no prefix", s);
	return p;
}

/* Prefixes that share long stems, so that they nest and fork often. */
static struct prefix random_prefix(void)
{
	struct prefix p = {.addr.family = rand() % 2 ? AF_INET : AF_INET6};

	memset(p.addr.bytes, 0, sizeof(p.addr.bytes));
	p.len = (uint8_t)((unsigned)rand() % (prefix_max_len(p.addr.family) + 1));
	if (rand() % 2)
		p.len = (uint8_t)(p.len % 12);
	for (size_t i = 0; i < ip_family_len(p.addr.family); i++)
		p.addr.bytes[i] = (uint8_t)(rand() % 8 ? 0 : rand());
	prefix_mask(&p);
	return p;
}

/* ---- the twin's answers ---- */

static struct entry *twin_find(struct world *w, const struct prefix *p)
{
	for (size_t i = 0; i < UNIVERSE; i++)
		if (w->entry[i].in && prefix_equal(&w->entry[i].prefix, p))
			return &w->entry[i];
	return NULL;
}

static struct entry *twin_match(struct world *w, const struct prefix *p)
{
	struct entry *best = NULL;

	for (size_t i = 0; i < UNIVERSE; i++)
		if (w->entry[i].in && prefix_contains(&w->entry[i].prefix, p) &&
		    (!best || w->entry[i].prefix.len > best->prefix.len))
			best = &w->entry[i];
	return best;
}

static int by_prefix(const void *a, const void *b)
{
	return prefix_cmp(&(*(struct entry *const *)a)->prefix,
			  &(*(struct entry *const *)b)->prefix);
}

static int by_entry(const void *a, const void *b)
{
	return prefix_cmp(&((const struct entry *)a)->prefix,
			  &((const struct entry *)b)->prefix);
}

static void twin_sort(struct world *w, struct entry **list)
{
	size_t n = 0;

	for (size_t i = 0; i < UNIVERSE; i++)
		if (w->entry[i].in)
			list[n++] = &w->entry[i];
	qsort(list, n, sizeof(*list), by_prefix);
}

/* ---- comparing ---- */

static void expect_same(const char *question, const struct prefix *p,
			const struct entry *want, const struct value *got)
{
	char buf[PREFIX_STRLEN];

	for (unsigned i = 0; want && got && i < ARRAY_SIZE(got->number); i++)
		if (got->number[i] != want->number + i)
			fail_msg("%s of %s: a value that is not its own", question,
				 prefix_str(p, buf));
	if (!want != !got)
		fail_msg("%s of %s: %s", question, prefix_str(p, buf),
			 want ? "not found" : "found, and it is not there");
}

static void expect_same_walk(struct world *w)
{
	struct entry *list[UNIVERSE];
	struct pmap_at at;
	size_t i = 0;

	twin_sort(w, list);
	PMAP_WALK (&at, &w->map) {
		assert_true(i < w->in && prefix_equal(&at.prefix, &list[i]->prefix));
		expect_same("walk", &at.prefix, list[i], at.value);
		i++;
	}
	assert_int_equal(i, w->in);
	assert_int_equal(pmap_count(&w->map), w->in);
}

static void expect_same_after(struct world *w, const struct prefix *p)
{
	struct entry *list[UNIVERSE];
	struct pmap_at at;
	bool more = pmap_after(&w->map, p, &at);
	size_t i = 0;

	twin_sort(w, list);
	while (i < w->in && prefix_cmp(&list[i]->prefix, p) <= 0)
		i++;
	expect_same("after", p, i < w->in ? list[i] : NULL, more ? at.value : NULL);
	assert_true(!more || prefix_equal(&at.prefix, &list[i]->prefix));
}

static void expect_same_walk_under(struct world *w, const struct prefix *under)
{
	struct entry *list[UNIVERSE];
	struct pmap_at at;
	size_t i = 0;

	twin_sort(w, list);
	PMAP_WALK_UNDER (&at, &w->map, under) {
		while (i < w->in && !prefix_contains(under, &list[i]->prefix))
			i++;
		assert_true(i < w->in && prefix_equal(&at.prefix, &list[i]->prefix));
		expect_same("walk under", &at.prefix, list[i], at.value);
		i++;
	}
	for (; i < w->in; i++)
		assert_false(prefix_contains(under, &list[i]->prefix));
}

static bool is_odd(const void *value, const void *arg)
{
	const struct value *v = value;

	return v->number[0] % 2 == *(const uint32_t *)arg;
}

static void expect_same_search(struct world *w)
{
	const uint32_t rest = (uint32_t)rand() % 2;
	struct pmap_at at = {0};
	struct entry *list[UNIVERSE];
	size_t i = 0;

	twin_sort(w, list);
	while (pmap_search(&w->map, is_odd, &rest, &at)) {
		while (i < w->in && list[i]->number % 2 != rest)
			i++;
		assert_true(i < w->in && prefix_equal(&at.prefix, &list[i]->prefix));
		expect_same("search", &at.prefix, list[i], at.value);
		i++;
	}
	for (; i < w->in; i++)
		assert_int_not_equal(list[i]->number % 2, rest);
}

static void check_against_twin(struct world *w)
{
	struct prefix p =
		rand() % 2 ? random_prefix() : w->entry[rand() % UNIVERSE].prefix;
	const struct entry *match = twin_match(w, &p);
	struct pmap_at at = {0};
	bool matched = pmap_match(&w->map, &p, &at);

	expect_same("find", &p, twin_find(w, &p), pmap_find(&w->map, &p));
	expect_same("match", &p, match, matched ? at.value : NULL);
	assert_true(!match || prefix_equal(&match->prefix, &at.prefix));
	if (rand() % 16 == 0)
		expect_same_after(w, &p);
	if (rand() % 64 == 0) {
		expect_same_walk(w);
		expect_same_walk_under(w, &p);
		expect_same_search(w);
	}
}

static void add(struct world *w, struct entry *e)
{
	static const struct value zero;
	struct value *v = pmap_obtain(&w->map, &e->prefix);

	assert_non_null(v);
	assert_memory_equal(v, &zero, sizeof(zero));
	for (unsigned i = 0; i < ARRAY_SIZE(v->number); i++)
		v->number[i] = e->number + i;
	e->in = true;
	w->in++;
}

static void take_out(struct world *w, struct entry *e)
{
	pmap_remove(&w->map, &e->prefix);
	e->in = false;
	w->in--;
}

/* Two may be equal. */
static void obtain(struct world *w, struct entry *e)
{
	struct entry *same = twin_find(w, &e->prefix);

	if (same)
		expect_same("obtain", &e->prefix, same, pmap_obtain(&w->map, &e->prefix));
	else
		add(w, e);
}

/* While growing, every second of those that are in stays, and the other way round. */
static void change_one(struct world *w, bool growing)
{
	struct entry *e = &w->entry[rand() % UNIVERSE];

	if (e->in == growing && rand() % 2)
		return;
	if (e->in)
		take_out(w, e);
	else
		obtain(w, e);
}

/* One behind another, up to some that may be there already. */
static void add_run(struct world *w)
{
	const size_t at = (size_t)rand() % UNIVERSE, n = (size_t)rand() % 100;

	for (size_t i = at; i < at + n && i < UNIVERSE; i++)
		obtain(w, &w->entry[i]);
}

static struct world *world_new(void)
{
	struct world *w = xcalloc(1, sizeof(*w));
	unsigned seed = (unsigned)time(NULL);

	print_message("seed %u\n", seed);
	srand(seed);
	w->map = (struct pmap)PMAP_INIT(sizeof(struct value));
	for (size_t i = 0; i < UNIVERSE; i++) {
		w->entry[i].prefix = random_prefix();
		w->entry[i].number = (uint32_t)rand();
	}
	qsort(w->entry, UNIVERSE, sizeof(w->entry[0]), by_entry);
	return w;
}

static void map_and_naive_twin_agree(void **state)
{
	struct world *w = world_new();

	(void)state;
	for (unsigned step = 0; step < STEPS; step++) {
		if (rand() % 256)
			change_one(w, step / PHASE % 2 == 0);
		else
			add_run(w);
		check_against_twin(w);
	}
	for (size_t i = 0; i < UNIVERSE; i++)
		if (w->entry[i].in)
			take_out(w, &w->entry[i]);
	assert_int_equal(pmap_count(&w->map), 0);
	assert_null(w->map.family[0].block);
	assert_null(w->map.family[1].block);
	free(w);
}

/* Each step removes the prefix it stands on, adds or removes others, or none of that. */
static void a_walk_goes_on_whatever_changes_meanwhile(void **state)
{
	struct world *w = world_new();
	struct prefix last = {0};
	struct pmap_at at;
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < UNIVERSE; i++)
		change_one(w, true);
	PMAP_WALK (&at, &w->map) {
		struct entry *e = twin_find(w, &at.prefix);

		assert_non_null(e);
		expect_same("walk", &at.prefix, e, at.value);
		assert_true(!seen++ || prefix_cmp(&last, &at.prefix) < 0);
		last = at.prefix;
		if (rand() % 2)
			take_out(w, e);
		for (unsigned i = (unsigned)rand() % 8; i; i--)
			change_one(w, rand() % 2);
	}
	assert_true(seen > UNIVERSE / 8);
	pmap_clear(&w->map);
	assert_false(pmap_first(&w->map, &at));
	free(w);
}

static void an_empty_map_answers_nothing(void **state)
{
	struct prefix p = prefix("10.0.0.0/8");
	struct pmap m = PMAP_INIT(4);
	struct pmap_at at;

	(void)state;
	assert_null(pmap_find(&m, &p));
	assert_false(pmap_match(&m, &p, &at));
	assert_false(pmap_first(&m, &at));
	pmap_clear(&m);
}

static void the_default_and_host_prefixes_are_ordinary_ones(void **state)
{
	static const char *const text[] = {"0.0.0.0/0", "0.0.0.0/32",
					   "255.255.255.255/32", "::/0", "::/128"};
	struct prefix p4 = prefix("255.255.255.254/32"), p6 = prefix("::1/128");
	struct pmap m = PMAP_INIT(0);
	struct pmap_at at;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		struct prefix p = prefix(text[i]);

		assert_non_null(pmap_obtain(&m, &p));
	}
	assert_int_equal(pmap_count(&m), ARRAY_SIZE(text));
	assert_true(pmap_match(&m, &p4, &at) && at.prefix.len == 0);
	assert_true(pmap_match(&m, &p6, &at) && at.prefix.addr.family == AF_INET6);
	pmap_clear(&m);
}

static struct prefix number_prefix(uint32_t i)
{
	struct prefix p = {.addr.family = AF_INET, .len = 24};

	memset(p.addr.bytes, 0, sizeof(p.addr.bytes));
	p.addr.bytes[0] = (uint8_t)(i >> 16);
	p.addr.bytes[1] = (uint8_t)(i >> 8);
	p.addr.bytes[2] = (uint8_t)i;
	return p;
}

static void an_object_is_obtained_as_it_is_or_as_new_and_stays_where_it_is(void **state)
{
	struct pmap m = PMAP_INIT(sizeof(uint64_t *));
	struct prefix p = prefix("10.0.0.0/8"), other = prefix("2001:db8::/32");
	uint64_t *object;
	struct pmap_at at;

	(void)state;
	assert_null(pmap_find_object(&m, &p));
	object = pmap_obtain_object(&m, &p, sizeof(*object));
	assert_non_null(object);
	assert_int_equal(*object, 0);
	*object = 7;
	for (uint32_t i = 0; i < 1000; i++) { /* before it and behind it */
		struct prefix near = number_prefix(i << 10);

		assert_non_null(pmap_obtain_object(&m, &near, sizeof(*object)));
	}
	assert_ptr_equal(pmap_obtain_object(&m, &p, sizeof(*object)), object);
	assert_ptr_equal(pmap_find_object(&m, &p), object);
	assert_int_equal(*object, 7);
	assert_null(pmap_find_object(&m, &other));
	assert_int_equal(pmap_count(&m), 1001);
	PMAP_WALK (&at, &m) {
		assert_ptr_equal(pmap_object(&at), pmap_find_object(&m, &at.prefix));
		free(pmap_object(&at));
	}
	pmap_clear(&m);
}

static void without_memory_for_an_object_its_prefix_is_not_there(void **state)
{
	struct prefix p = prefix("10.0.0.0/8");
	struct pmap m = PMAP_INIT(sizeof(void *));

	(void)state;
	if (!mallinfo2().uordblks)
		skip(); /* a sanitizer's malloc, which reports what it is asked for here */
	assert_null(pmap_obtain_object(&m, &p, PTRDIFF_MAX));
	assert_int_equal(pmap_count(&m), 0);
	assert_null(m.family[0].block);
}

static void values_may_be_of_one_byte(void **state)
{
	struct pmap m = PMAP_INIT(1);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		struct prefix p = number_prefix(i * 7919 % 1000);
		uint8_t *v = pmap_obtain(&m, &p);

		assert_non_null(v);
		assert_int_equal(*v, 0);
		*v = (uint8_t)(i * 7919 % 1000);
	}
	for (uint32_t i = 0; i < 1000; i++) {
		struct prefix p = number_prefix(i);
		uint8_t *v = pmap_find(&m, &p);

		assert_non_null(v);
		assert_int_equal(*v, (uint8_t)i);
	}
	pmap_clear(&m);
}

/* Octets that malloc has given out for each of MANY prefixes, @stride apart, where @there
 * lie behind them all from the beginning on. */
static double memory_of(uint32_t stride, uint32_t there)
{
	struct pmap m = PMAP_INIT(16);
	const size_t before = mallinfo2().uordblks;
	double each;

	for (uint32_t i = 0; i < MANY; i++) {
		const uint32_t behind = 16777213 + 2 - i;
		struct prefix p = number_prefix(
			i < there ? behind : (uint32_t)((uint64_t)i * stride % 16777213));

		assert_non_null(pmap_obtain(&m, &p));
	}
	assert_int_equal(pmap_count(&m), MANY);
	each = (double)(mallinfo2().uordblks - before) / MANY;
	pmap_clear(&m);
	return each;
}

static void prefixes_cost_their_bytes_in_whatever_order_they_come(void **state)
{
	double sorted = memory_of(1, 0), mixed = memory_of(7368787, 0);

	(void)state;
	if (!mallinfo2().uordblks)
		skip(); /* another malloc, that of a sanitizer */
	print_message("in order %.1f bytes, out of order %.1f\n", sorted, mixed);
	assert_true(sorted < 22.5 && mixed < 25.5);
}

/* The overlay addresses of a few peers lie behind half of the Internet, and come first. */
static void what_lies_behind_those_that_come_in_order_costs_them_nothing(void **state)
{
	(void)state;
	if (!mallinfo2().uordblks)
		skip();
	for (uint32_t there = 1; there < 100; there += 7) {
		const double each = memory_of(1, there);

		if (each >= 22.5)
			fail_msg("%u behind them: %.1f bytes", there, each);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_and_naive_twin_agree),
		cmocka_unit_test(a_walk_goes_on_whatever_changes_meanwhile),
		cmocka_unit_test(an_empty_map_answers_nothing),
		cmocka_unit_test(the_default_and_host_prefixes_are_ordinary_ones),
		cmocka_unit_test(
			an_object_is_obtained_as_it_is_or_as_new_and_stays_where_it_is),
		cmocka_unit_test(without_memory_for_an_object_its_prefix_is_not_there),
		cmocka_unit_test(values_may_be_of_one_byte),
		cmocka_unit_test(prefixes_cost_their_bytes_in_whatever_order_they_come),
		cmocka_unit_test(
			what_lies_behind_those_that_come_in_order_costs_them_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
