/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/conf/prefix_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/conf_builder.h"
#include "wgrd/conf/conf.h"

static struct prefix prefix(const char *s)
{
	struct prefix p;

	if (prefix_parse(&p, s))
		fail_msg("%s does not parse", s);
	return p;
}

/* ---- cases ---- */

static void entries_mean_what_they_mean_in_frr(void **state)
{
	static const struct {
		const char *lines, *prefix;
		unsigned seq; /* 0: none matches */
	} cases[] = {
		/* without ge and le only the prefix itself */
		{"seq 5 permit 10.0.0.0/8", "10.0.0.0/8", 5},
		{"seq 5 permit 10.0.0.0/8", "10.1.0.0/16", 0},
		{"seq 5 permit 10.0.0.0/8", "0.0.0.0/0", 0},
		{"seq 5 permit 10.0.0.0/8 le 24", "10.0.0.0/8", 5},
		{"seq 5 permit 10.0.0.0/8 le 24", "10.1.1.0/24", 5},
		{"seq 5 permit 10.0.0.0/8 le 24", "10.1.1.0/25", 0},
		{"seq 5 permit 10.0.0.0/8 ge 24", "10.1.1.1/32", 5},
		{"seq 5 permit 10.0.0.0/8 ge 24", "10.1.0.0/23", 0},
		{"seq 5 permit 10.0.0.0/8 ge 16 le 24", "10.1.0.0/16", 5},
		{"seq 5 permit 10.0.0.0/8 ge 16 le 24", "10.0.0.0/15", 0},
		{"seq 5 permit 10.0.0.0/8 ge 16 le 24", "11.0.0.0/16", 0},
		/* everything, the default route too, and the default route alone */
		{"seq 5 permit 0.0.0.0/0 le 32", "0.0.0.0/0", 5},
		{"seq 5 permit 0.0.0.0/0 le 32", "192.0.2.1/32", 5},
		{"seq 5 permit 0.0.0.0/0", "0.0.0.0/0", 5},
		{"seq 5 permit 0.0.0.0/0", "192.0.2.0/24", 0},
		{"seq 5 permit 0.0.0.0/0 ge 1", "0.0.0.0/0", 0},
		/* families do not mix */
		{"seq 5 permit 0.0.0.0/0 le 32", "::/0", 0},
		{"seq 5 permit ::/0 le 128", "::/0", 5},
		{"seq 5 permit 2001:db8::/32 ge 48 le 64", "2001:db8:1::/48", 5},
		{"seq 5 permit 2001:db8::/32 ge 48 le 64", "2001:db8:1::/47", 0},
		/* the lowest number, not the longest prefix, decides */
		{"seq 10 permit 10.0.0.0/8 le 32\nseq 5 deny 10.1.0.0/16 le 32",
		 "10.1.2.0/24", 5},
		{"seq 5 permit 10.0.0.0/8 le 32\nseq 10 deny 10.1.0.0/16 le 32",
		 "10.1.2.0/24", 5},
		{"seq 5 deny 10.0.0.0/8 ge 25\nseq 10 permit 10.0.0.0/8 le 24\n"
		 "seq 15 permit 10.0.0.0/8",
		 "10.0.0.0/8", 10},
		/* the way out from 10.1.1.0/24 leads past its neighbours */
		{"seq 1 permit 10.0.0.0/8 le 32\nseq 2 deny 10.1.0.0/24\n"
		 "seq 3 deny 10.1.0.0/16 le 17\nseq 4 deny 10.1.1.0/25",
		 "10.1.1.0/24", 1},
		/* one number again replaces */
		{"seq 5 permit 10.0.0.0/8\nseq 5 deny 11.0.0.0/8", "10.0.0.0/8", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conf_builder *b = conf_builder_new();
		char copy[256], *rest = copy, *line, text[256];
		const struct conf_prefix_rule *r;
		struct prefix p = prefix(cases[i].prefix);
		struct conf *c;

		snprintf(copy, sizeof(copy), "%s", cases[i].lines);
		while ((line = strtok_r(rest, "\n", &rest))) {
			snprintf(text, sizeof(text), "prefix-list x %s", line);
			conf_builder_text(b, text);
		}
		c = conf_builder_take(b);
		r = conf_prefix_list_find(conf_find_prefix_list(c, "x"), &p);
		if ((r ? r->seq : 0) != cases[i].seq)
			fail_msg("%s in \"%s\": expected entry %u, seen %u",
				 cases[i].prefix, cases[i].lines, cases[i].seq,
				 r ? r->seq : 0);
		conf_free(c);
		conf_builder_free(b);
	}
}

static void what_is_not_there_permits_nothing(void **state)
{
	struct conf_prefix_list empty = {.name = "empty"};
	struct prefix p = prefix("10.0.0.0/8");

	(void)state;
	conf_prefix_list_index(&empty);
	assert_null(conf_prefix_list_find(&empty, &p));
	assert_false(conf_prefix_list_permits(&empty, &p));
	assert_false(conf_prefix_list_permits(NULL, &p));
}

/* ---- against a naive twin ---- */

static unsigned seed;

static unsigned below(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

/* Few bits, so that prefixes meet. */
static struct prefix some_prefix(void)
{
	struct prefix p = {.addr.family = below(2) ? AF_INET : AF_INET6};

	p.len = (uint8_t)below(below(8) ? 12 : prefix_max_len(p.addr.family) + 1u);
	p.addr.bytes[0] = (uint8_t)(below(4) << 6 | below(2));
	p.addr.bytes[1] = (uint8_t)(below(4) << 6);
	p.addr.bytes[3] = (uint8_t)below(2);
	prefix_mask(&p);
	return p;
}

static struct conf_prefix_rule some_rule(uint32_t seq)
{
	struct conf_prefix_rule r = {
		.seq = seq,
		.action = below(2) ? CONF_ACTION_PERMIT : CONF_ACTION_DENY,
		.prefix = some_prefix(),
	};
	unsigned more = prefix_max_len(r.prefix.addr.family) - r.prefix.len + 1u;

	if (below(2))
		r.ge = (uint8_t)(r.prefix.len + below(more));
	if (below(2))
		r.le = (uint8_t)((r.ge ? r.ge : r.prefix.len) +
				 below(prefix_max_len(r.prefix.addr.family) -
				       (r.ge ? r.ge : r.prefix.len) + 1u));
	return r;
}

/* As FRR's manual says it, entry after entry. */
static const struct conf_prefix_rule *twin_find(const struct conf_prefix_rule *v,
						size_t n, const struct prefix *p)
{
	const struct conf_prefix_rule *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct conf_prefix_rule *r = &v[i];
		bool length = p->len == r->prefix.len;

		if (r->ge || r->le)
			length = p->len >= r->ge && (!r->le || p->len <= r->le);
		if (prefix_contains(&r->prefix, p) && length &&
		    (!best || r->seq < best->seq))
			best = r;
	}
	return best;
}

static void random_lists_find_what_the_twin_finds(void **state)
{
	enum {
		LISTS = 300,
		RULES = 60,
		ASKED = 200
	};
	unsigned first_seed = seed, found = 0;

	(void)state;
	for (unsigned round = 0; round < LISTS; round++) {
		struct conf_prefix_rule v[RULES], copy[RULES];
		struct conf_prefix_list l = {.rule = v, .rule_count = below(RULES + 1)};

		for (uint32_t i = 0; i < l.rule_count; i++)
			v[i] = copy[i] = some_rule(i * 7919 % 61 + 1);
		conf_prefix_list_index(&l);
		for (unsigned i = 0; i < ASKED; i++) {
			struct prefix p = some_prefix();
			const struct conf_prefix_rule *got, *want;

			got = conf_prefix_list_find(&l, &p);
			want = twin_find(copy, l.rule_count, &p);
			if ((got ? got->seq : 0) != (want ? want->seq : 0))
				fail_msg("seed %u, list %u: expected entry %u, seen %u",
					 first_seed, round, want ? want->seq : 0,
					 got ? got->seq : 0);
			found += got != NULL;
		}
	}
	assert_in_range(found, LISTS * ASKED / 10, LISTS * ASKED * 9 / 10);
}

/* A walk over all entries would take minutes here. */
static void a_hundred_thousand_entries_are_searched_in_no_time(void **state)
{
	enum {
		RULES = 100000,
		ASKED = 300000
	};
	struct conf_prefix_list l = {.rule = xcalloc(RULES, sizeof(*l.rule)),
				     .rule_count = RULES};
	struct timespec begin, end;
	unsigned found = 0;
	long ms;

	(void)state;
	for (uint32_t i = 0; i < RULES; i++) {
		struct conf_prefix_rule *r = &l.rule[i];

		r->seq = RULES - i;
		r->action = CONF_ACTION_PERMIT;
		r->prefix = (struct prefix){.addr.family = AF_INET, .len = 24};
		r->prefix.addr.bytes[0] = 10;
		r->prefix.addr.bytes[1] = (uint8_t)(i >> 8);
		r->prefix.addr.bytes[2] = (uint8_t)i;
		r->prefix.addr.bytes[0] += (uint8_t)(i >> 16);
		r->le = 28;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	conf_prefix_list_index(&l);
	for (uint32_t i = 0; i < ASKED; i++) {
		struct prefix p = {.addr.family = AF_INET, .len = 26};

		p.addr.bytes[0] = (uint8_t)(10 + below(4));
		p.addr.bytes[1] = (uint8_t)below(256);
		p.addr.bytes[2] = (uint8_t)below(256);
		found += conf_prefix_list_find(&l, &p) != NULL;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	ms = (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
	printf("# %u entries, %u questions: %ld ms\n", RULES, ASKED, ms);
	assert_in_range(found, ASKED / 4, ASKED / 2);
	assert_true(ms < 5000);
	free(l.rule);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_mean_what_they_mean_in_frr),
		cmocka_unit_test(what_is_not_there_permits_nothing),
		cmocka_unit_test(random_lists_find_what_the_twin_finds),
		cmocka_unit_test(a_hundred_thousand_entries_are_searched_in_no_time),
	};

	seed = argc > 1 ? (unsigned)atoi(argv[1]) : (unsigned)time(NULL);
	printf("# seed %u\n", seed);
	return cmocka_run_group_tests_name("prefix-list", tests, NULL, NULL);
}
