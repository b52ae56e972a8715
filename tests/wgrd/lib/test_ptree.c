/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wgrd/lib/ptree.h"
#include "wgrd/lib/strbuf.h"

enum {
	UNIVERSE = 300, /* prefixes the random test plays with */
	STEPS = 20000,
	TABLE_MAX = 100000, /* how many of a real routing table */
};

struct entry {
	struct ptree_node node;
	bool in; /* the naive twin: an array with a flag */
};

static struct prefix prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s) || prefix_has_host_bits(&p))
		fail_msg("%s is no prefix", s);
	return p;
}

/* Prefixes that share long stems, so that they nest and fork often. */
static struct prefix random_prefix(sa_family_t family)
{
	struct prefix p = {.addr.family = family};

	memset(p.addr.bytes, 0, sizeof(p.addr.bytes));
	p.len = (uint8_t)((unsigned)rand() % (prefix_max_len(family) + 1));
	if (rand() % 2)
		p.len = (uint8_t)(p.len % 12);
	for (size_t i = 0; i < ip_family_len(family); i++)
		p.addr.bytes[i] = (uint8_t)(rand() % 8 ? 0 : rand());
	prefix_mask(&p);
	return p;
}

/* ---- the twin's answers ---- */

static struct entry *twin_find(struct entry *all, const struct prefix *p)
{
	for (size_t i = 0; i < UNIVERSE; i++)
		if (all[i].in && prefix_equal(&all[i].node.prefix, p))
			return &all[i];
	return NULL;
}

/* The longest that covers @p and is shorter than @max_len. */
static struct entry *twin_match(struct entry *all, const struct prefix *p,
				unsigned max_len)
{
	struct entry *best = NULL;

	for (size_t i = 0; i < UNIVERSE; i++)
		if (all[i].in && all[i].node.prefix.len < max_len &&
		    prefix_contains(&all[i].node.prefix, p) &&
		    (!best || all[i].node.prefix.len > best->node.prefix.len))
			best = &all[i];
	return best;
}

static int by_prefix(const void *a, const void *b)
{
	return prefix_cmp(&(*(struct entry *const *)a)->node.prefix,
			  &(*(struct entry *const *)b)->node.prefix);
}

static size_t twin_under(struct entry *all, const struct prefix *under,
			 struct entry **list)
{
	size_t n = 0;

	for (size_t i = 0; i < UNIVERSE; i++)
		if (all[i].in && (!under || prefix_contains(under, &all[i].node.prefix)))
			list[n++] = &all[i];
	qsort(list, n, sizeof(*list), by_prefix);
	return n;
}

/* ---- comparing ---- */

static void expect_same(const char *question, const struct prefix *p,
			const struct entry *want, const struct ptree_node *got)
{
	char asked[PREFIX_STRLEN], expected[PREFIX_STRLEN], saw[PREFIX_STRLEN];

	if (got == (want ? &want->node : NULL))
		return;
	fail_msg("%s of %s: expected %s, saw %s", question, prefix_str(p, asked),
		 want ? prefix_str(&want->node.prefix, expected) : "nothing",
		 got ? prefix_str(&got->prefix, saw) : "nothing");
}

static void expect_same_walk(struct entry *all, struct ptree *t,
			     const struct prefix *under)
{
	struct entry *list[UNIVERSE];
	size_t n = twin_under(all, under, list), i = 0;
	struct prefix everything = {0};
	struct ptree_node *node;

	PTREE_WALK (node, t, under) {
		expect_same("walk", under ?: &everything, i < n ? list[i] : NULL, node);
		i++;
	}
	assert_int_equal(i, n);
}

/* Bounds the memory: a branching point has two children, so there are fewer than entries. */
static void expect_few_internal_nodes(const struct ptree_node *n, size_t *entries,
				      size_t *internal)
{
	if (!n)
		return;
	if (n->internal) {
		++*internal;
		assert_non_null(n->child[0]);
		assert_non_null(n->child[1]);
	} else {
		++*entries;
	}
	for (int side = 0; side < 2; side++)
		if (n->child[side])
			assert_ptr_equal(n->child[side]->parent, n);
	expect_few_internal_nodes(n->child[0], entries, internal);
	expect_few_internal_nodes(n->child[1], entries, internal);
}

static void check_against_twin(struct entry *all, struct ptree *t, sa_family_t family)
{
	size_t entries = 0, internal = 0;
	struct prefix p =
		rand() % 2 ? random_prefix(family) : all[rand() % UNIVERSE].node.prefix;
	struct entry *same = twin_find(all, &p);

	expect_same("find", &p, same, ptree_find(t, &p));
	expect_same("match", &p, twin_match(all, &p, 129), ptree_match(t, &p));
	if (same)
		expect_same("covering", &p, twin_match(all, &p, p.len),
			    ptree_covering(&same->node));
	expect_same_walk(all, t, &p);
	if (rand() % 64)
		return;
	expect_same_walk(all, t, NULL);
	expect_few_internal_nodes(t->root, &entries, &internal);
	assert_int_equal(entries, t->count);
	assert_true(internal < entries || entries == 0);
}

static void change_one(struct entry *all, struct ptree *t)
{
	struct entry *e = &all[rand() % UNIVERSE];
	struct entry *same;

	if (e->in) {
		ptree_remove(t, &e->node);
		e->in = false;
		return;
	}
	same = twin_find(all, &e->node.prefix); /* two may be equal */
	expect_same("insert", &e->node.prefix, same, ptree_insert(t, &e->node));
	e->in = !same;
}

static void tree_and_naive_twin_agree(sa_family_t family)
{
	struct entry *all = xcalloc(UNIVERSE, sizeof(*all));
	unsigned seed = (unsigned)time(NULL) ^ family;
	struct ptree t = {0};

	print_message("seed %u\n", seed);
	srand(seed);
	for (size_t i = 0; i < UNIVERSE; i++)
		all[i].node.prefix = random_prefix(family);
	for (unsigned step = 0; step < STEPS; step++) {
		change_one(all, &t);
		check_against_twin(all, &t, family);
	}
	for (size_t i = 0; i < UNIVERSE; i++)
		if (all[i].in)
			ptree_remove(&t, &all[i].node);
	assert_int_equal(t.count, 0);
	assert_null(t.root);
	free(all);
}

static void tree_and_naive_twin_agree_for_ipv4(void **state)
{
	(void)state;
	tree_and_naive_twin_agree(AF_INET);
}

static void tree_and_naive_twin_agree_for_ipv6(void **state)
{
	(void)state;
	tree_and_naive_twin_agree(AF_INET6);
}

static void an_empty_tree_answers_nothing(void **state)
{
	struct prefix p = prefix("10.0.0.0/8"), all = prefix("0.0.0.0/0");
	struct ptree t = {0};

	(void)state;
	assert_null(ptree_find(&t, &p));
	assert_null(ptree_match(&t, &p));
	assert_null(ptree_first(&t, NULL));
	assert_null(ptree_first(&t, &all));
}

static void the_default_and_host_prefixes_are_ordinary_ones(void **state)
{
	static const char *const text[] = {"0.0.0.0/0", "0.0.0.0/32",
					   "255.255.255.255/32"};
	struct entry e[ARRAY_SIZE(text)] = {0};
	struct prefix p = prefix("255.255.255.254/32");
	struct ptree t = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		e[i].node.prefix = prefix(text[i]);
		assert_null(ptree_insert(&t, &e[i].node));
	}
	assert_ptr_equal(ptree_match(&t, &p), &e[0].node);
	assert_ptr_equal(ptree_covering(&e[2].node), &e[0].node);
	assert_null(ptree_covering(&e[0].node));
	for (size_t i = 0; i < ARRAY_SIZE(text); i++)
		ptree_remove(&t, &e[i].node);
}

static void the_safe_walk_survives_removal_of_what_it_is_at(void **state)
{
	static const char *const text[] = {
		"10.0.0.0/8",  "10.1.0.0/16", "10.1.1.0/24", "10.1.2.0/24",
		"10.2.0.0/16", "11.0.0.0/8",  "11.1.0.0/16",
	};
	struct entry e[ARRAY_SIZE(text)] = {0};
	struct ptree_node *n, *next;
	struct prefix ten = prefix("10.0.0.0/8");
	struct ptree t = {0};
	size_t walked = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		e[i].node.prefix = prefix(text[i]);
		assert_null(ptree_insert(&t, &e[i].node));
	}
	PTREE_WALK_SAFE (n, next, &t, &ten) {
		assert_ptr_equal(n, &e[walked].node);
		ptree_remove(&t, n);
		walked++;
	}
	assert_int_equal(walked, 5);
	assert_int_equal(t.count, 2);
	ptree_remove(&t, &e[5].node);
	ptree_remove(&t, &e[6].node);
}

/* ---- a real routing table ---- */

static FILE *open_table(void)
{
	const char *dir = getenv("WGRD_TEST_DATA"), *src = getenv("WGRD_SRCDIR");
	struct strbuf path = {0}, command = {0};
	FILE *in = NULL;

	if (dir)
		strbuf_puts(&path, dir);
	else
		strbuf_printf(&path, "%s/../shared/data", src ?: ".");
	strbuf_puts(&path, "/full-table-20151101.dat.gz");
	in = fopen(strbuf_str(&path), "r");
	if (in) {
		fclose(in);
		strbuf_printf(&command, "gzip -dc '%s'", strbuf_str(&path));
		in = popen(strbuf_str(&command), "r");
	} else {
		print_message("skipped: there is no %s\n", strbuf_str(&path));
	}
	strbuf_free(&path);
	strbuf_free(&command);
	return in;
}

/* The file is sorted; every sixth line reaches most of the address space. */
static size_t read_table(FILE *in, struct entry *table)
{
	char line[128];
	unsigned seen = 0;
	size_t n = 0;

	while (n < TABLE_MAX && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\t\n")] = '\0';
		if (*line == ';' || seen++ % 6 ||
		    prefix_parse(&table[n].node.prefix, line) ||
		    table[n].node.prefix.addr.family != AF_INET)
			continue;
		prefix_mask(&table[n].node.prefix);
		n++;
	}
	return n;
}

static void a_real_table_goes_in_is_found_and_comes_out(void **state)
{
	struct entry *table;
	struct ptree_node *node, *last = NULL;
	struct ptree t = {0};
	size_t n, in = 0, walked = 0;
	FILE *file = open_table();

	(void)state;
	if (!file)
		skip();
	table = xcalloc(TABLE_MAX, sizeof(*table));
	n = read_table(file, table);
	pclose(file);
	for (size_t i = 0; i < n; i++) {
		table[i].in = !ptree_insert(&t, &table[i].node);
		in += table[i].in;
	}
	assert_int_equal(t.count, in);
	for (size_t i = 0; i < n; i++)
		if (table[i].in)
			assert_ptr_equal(ptree_find(&t, &table[i].node.prefix),
					 &table[i].node);
	PTREE_WALK (node, &t, NULL) {
		if (last)
			assert_true(prefix_cmp(&last->prefix, &node->prefix) < 0);
		last = node;
		walked++;
	}
	assert_int_equal(walked, in);
	print_message("%zu prefixes\n", in);
	for (size_t i = 0; i < n; i++)
		if (table[i].in)
			ptree_remove(&t, &table[i].node);
	assert_null(t.root);
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_and_naive_twin_agree_for_ipv4),
		cmocka_unit_test(tree_and_naive_twin_agree_for_ipv6),
		cmocka_unit_test(an_empty_tree_answers_nothing),
		cmocka_unit_test(the_default_and_host_prefixes_are_ordinary_ones),
		cmocka_unit_test(the_safe_walk_survives_removal_of_what_it_is_at),
		cmocka_unit_test(a_real_table_goes_in_is_found_and_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
