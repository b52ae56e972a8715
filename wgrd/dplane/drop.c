/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/drop.h"

struct name {
	const char *word, *what;
};

static const struct name count_names[] = {
#define X(id, word, what) [DP_##id] = {word, what},
	DP_COUNTS(X)
#undef X
};

static const struct name drop_names[] = {
#define X(id, word, what) [DROP_##id] = {word, what},
	DP_DROPS(X)
#undef X
};

static uint64_t read_counter(const _Atomic uint64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

uint64_t dp_counter_drops(const struct dp_counters *c)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < DROP_MAX; i++)
		sum += read_counter(&c->drop[i]);
	return sum;
}

void dp_counters_add(struct dp_counters *sum, const struct dp_counters *c)
{
	for (unsigned i = 0; i < DP_COUNT_MAX; i++)
		dp_count(sum, i, read_counter(&c->count[i]));
	for (unsigned i = 0; i < DROP_MAX; i++)
		dp_drop(sum, i, read_counter(&c->drop[i]));
}

void dp_counters_walk(const struct dp_counters *c,
		      bool (*fn)(const char *name, const char *what, bool drop,
				 uint64_t value, void *arg),
		      void *arg)
{
	for (unsigned i = 0; i < DP_COUNT_MAX; i++) {
		if (!fn(count_names[i].word, count_names[i].what, false,
			read_counter(&c->count[i]), arg))
			return;
	}
	for (unsigned i = 0; i < DROP_MAX; i++) {
		if (!fn(drop_names[i].word, drop_names[i].what, true,
			read_counter(&c->drop[i]), arg))
			return;
	}
}
