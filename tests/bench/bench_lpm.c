/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times the lookup table with the Internet's prefixes in it: `make bench`.
 *
 * usage: bench_lpm [--json] [--rounds N]
 *
 * "random" are addresses inside random prefixes of the table, so that nearly every lookup
 * is of a part of it that no cache near the core has. "hot" is a trace as a router sees
 * it: 1,024 destinations, the n-th with a share in proportion to 1/n. Both
 * look up one address after the other as a worker does with a batch, where the processor
 * works on several at once; "chained" makes each lookup wait for the result of the one
 * before, and shows what one alone takes. One thread, no readers beside it.
 *
 * Lookups are medians over rounds (the best in brackets), what changes the table is one
 * run: prefixes are set in the order of the file and in random order, set again, and
 * deleted in random order. Bytes are what malloc() has given out, its overhead included,
 * after all grace periods are over.
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/lib/full_table.h"
#include "wgrd/dplane/lpm/lpm.h"
#include "wgrd/dplane/sync/rcu.h"

enum {
	GROUPS = 64,
	TRACE = 1 << 20, /* addresses */
	HOT = 1024,
	ROUND = 1 << 14, /* lookups */
	ROUNDS_MAX = 10000,
};

static char groups[GROUPS];

static struct {
	bool json;
	unsigned rounds;
} opt = {.rounds = 512};

typedef struct dp_permit *lookup_fn(const struct lpm *t, const void *addr);

struct prefixes {
	struct prefix *v;
	size_t n, max;
};

static struct prefixes table[2]; /* IPv4, IPv6 */
static struct ip_addr *trace;
static double took[ROUNDS_MAX];

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t bytes_in_use(void)
{
	struct mallinfo2 m;

	lpm_free(lpm_new()); /* sends off the garbage of all tables */
	dp_rcu_barrier();
	m = mallinfo2();
	return m.uordblks + m.hblkhd;
}

static uint64_t next_random(void)
{
	static uint64_t state = 1;
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void print(const char *what, const char *unit, double value, double best)
{
	if (opt.json)
		printf("{\"what\":\"%s\",\"unit\":\"%s\",\"value\":%.1f", what, unit,
		       value);
	else
		printf("%-24s %10.*f %s", what, value < 1000, value, unit);
	if (best > 0)
		printf(opt.json ? ",\"best\":%.1f" : " (%.1f)", best);
	puts(opt.json ? "}" : "");
	fflush(stdout);
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_lpm: %s does not work\n", what);
	exit(1);
}

/* ---- the prefixes ---- */

static void collect(void *arg, const struct prefix *p)
{
	struct prefixes *t = &table[p->addr.family == AF_INET6];

	(void)arg;
	if (t->n == t->max) {
		t->max = t->max ? 2 * t->max : 1 << 15;
		t->v = xrealloc(t->v, t->max, sizeof(t->v[0]));
	}
	t->v[t->n++] = *p;
}

static void shuffle(struct prefixes *t)
{
	for (size_t i = t->n - 1; i; i--) {
		const size_t j = next_random() % (i + 1);
		const struct prefix p = t->v[i];

		t->v[i] = t->v[j];
		t->v[j] = p;
	}
}

static struct ip_addr address_in(const struct prefix *p)
{
	struct ip_addr a = p->addr;

	for (unsigned i = p->len; i < 8 * ip_family_len(a.family); i++)
		a.bytes[i / 8] |= (uint8_t)((next_random() & 1) << (7 - i % 8));
	return a;
}

/* ---- what changes the table ---- */

static struct dp_permit *group_of(size_t i)
{
	return (struct dp_permit *)&groups[i % GROUPS];
}

static void set_all(struct lpm *t, const struct prefixes *p, const char *what)
{
	const double started = now_ns();

	for (size_t i = 0; i < p->n; i++)
		must(lpm_set(t, &p->v[i], group_of(i)) == 0, "set");
	if (what)
		print(what, "/s", (double)p->n / (now_ns() - started) * 1e9, 0);
}

static void del_all(struct lpm *t, const struct prefixes *p, const char *what)
{
	const double started = now_ns();

	for (size_t i = 0; i < p->n; i++)
		(void)lpm_del(t, &p->v[i]);
	print(what, "/s", (double)p->n / (now_ns() - started) * 1e9, 0);
	must(lpm_count(t) == 0, "delete");
}

/* ---- lookups ---- */

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Zero, which the compiler does not know. */
static volatile uintptr_t zero;

static uintptr_t one_by_one(const struct lpm *t, lookup_fn *lookup,
			    const struct ip_addr *a)
{
	uintptr_t sum = 0;

	for (size_t i = 0; i < ROUND; i++)
		sum += (uintptr_t)lookup(t, a[i].bytes);
	return sum;
}

static uintptr_t chained(const struct lpm *t, lookup_fn *lookup, const struct ip_addr *a)
{
	const uintptr_t none = zero;
	uintptr_t sum = 0;

	for (size_t i = 0; i < ROUND; i++)
		sum += (uintptr_t)lookup(t, a[i].bytes + (sum & none));
	return sum;
}

static void time_lookups(const struct lpm *t, unsigned family, bool chain,
			 const char *what)
{
	lookup_fn *lookup = family ? lpm_lookup6 : lpm_lookup4;

	for (unsigned r = 0; r < opt.rounds; r++) {
		const struct ip_addr *a = &trace[(size_t)r * ROUND % TRACE];
		const double started = now_ns();

		must((chain ? chained : one_by_one)(t, lookup, a) != 0, "lookup");
		took[r] = (now_ns() - started) / ROUND;
	}
	qsort(took, opt.rounds, sizeof(took[0]), compare);
	print(what, "ns", took[opt.rounds / 2], took[0]);
}

static void random_trace(const struct prefixes *p)
{
	for (size_t i = 0; i < TRACE; i++)
		trace[i] = address_in(&p->v[next_random() % p->n]);
}

/* Destination n gets a share in proportion to 1/n. */
static void hot_trace(const struct prefixes *p)
{
	struct ip_addr hot[HOT];
	double up_to[HOT], all = 0;

	for (size_t i = 0; i < HOT; i++) {
		hot[i] = address_in(&p->v[next_random() % p->n]);
		all += 1.0 / (double)(i + 1);
		up_to[i] = all;
	}
	for (size_t i = 0; i < TRACE; i++) {
		const double x = (double)(next_random() >> 11) * 0x1p-53 * all;
		size_t low = 0, high = HOT - 1;

		while (low < high) {
			const size_t mid = (low + high) / 2;

			if (up_to[mid] < x)
				low = mid + 1;
			else
				high = mid;
		}
		trace[i] = hot[low];
	}
}

static void run_family(unsigned family)
{
	static const char *const names[2][9] = {
		{"set4 in order", "set4 shuffled", "set4 again", "memory4",
		 "lookup4 random", "lookup4 random chained", "lookup4 hot",
		 "lookup4 hot chained", "delete4"},
		{"set6 in order", "set6 shuffled", "set6 again", "memory6",
		 "lookup6 random", "lookup6 random chained", "lookup6 hot",
		 "lookup6 hot chained", "delete6"},
	};
	const char *const *name = names[family];
	struct prefixes *p = &table[family];
	struct lpm *t = lpm_new();
	size_t before;

	must(t, "lpm_new");
	set_all(t, p, name[0]);
	lpm_free(t);
	shuffle(p);
	t = lpm_new();
	must(t, "lpm_new");
	before = bytes_in_use();
	set_all(t, p, name[1]);
	print(name[3], "bytes each",
	      (double)(bytes_in_use() - before) / (double)lpm_count(t), 0);
	set_all(t, p, name[2]);
	random_trace(p);
	time_lookups(t, family, false, name[4]);
	time_lookups(t, family, true, name[5]);
	hot_trace(p);
	time_lookups(t, family, false, name[6]);
	time_lookups(t, family, true, name[7]);
	shuffle(p);
	del_all(t, p, name[8]);
	lpm_free(t);
}

static void measure_small(void)
{
	static const size_t sizes[] = {0, 1, 16, 256};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		const size_t before = bytes_in_use();
		struct lpm *t = lpm_new();
		const struct prefixes some = {.v = table[0].v, .n = sizes[i]};
		char what[40];

		must(t, "lpm_new");
		set_all(t, &some, NULL);
		snprintf(what, sizeof(what), "table of %zu prefixes", sizes[i]);
		print(what, "bytes", (double)bytes_in_use() - (double)before, 0);
		lpm_free(t);
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			opt.json = true;
		else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
			opt.rounds = (unsigned)atoi(argv[++i]);
	}
	if (opt.rounds < 1 || opt.rounds > ROUNDS_MAX)
		opt.rounds = 512;
	dp_rcu_init();
	if (!full_table_each(collect, NULL))
		return 0;
	trace = xcalloc(TRACE, sizeof(trace[0]));
	run_family(0);
	run_family(1);
	measure_small();
	free(trace);
	free(table[0].v);
	free(table[1].v);
	return 0;
}
