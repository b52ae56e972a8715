/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/io/batch.h"

#include <assert.h>
#include <string.h>

#include "wgrd/lib/dp_assert.h"

enum {
	LEFT_OUT = 255,
};
static_assert((int)DP_BATCH < (int)LEFT_OUT, "numbers of runs fit in a byte");

static uint8_t *bucket_of(struct dp_batch *b, const void *key)
{
	const uint64_t h = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);

	return &b->bucket[h >> 56];
}
static_assert(DP_BATCH_BUCKETS == 1 << (64 - 56), "the hash covers the buckets");

/* Most batches are of one peer, so the run of the packet before is tried first. */
static unsigned run_of(struct dp_batch *b, void *key, unsigned last)
{
	uint8_t *bucket;

	if (last < b->runs && b->run[last].key == key)
		return last;
	bucket = bucket_of(b, key);
	for (unsigned r = *bucket; r; r = b->run[r - 1].next) {
		if (b->run[r - 1].key == key)
			return r - 1;
	}
	b->run[b->runs] = (struct dp_run){.key = key, .next = *bucket};
	*bucket = (uint8_t)++b->runs;
	return b->runs - 1;
}

void dp_batch_sort(struct dp_batch *b)
{
	uint8_t run[DP_BATCH];
	unsigned last = 0, at = 0;

	dp_assert(b->count <= DP_BATCH);
	b->runs = 0;
	memset(b->bucket, 0, sizeof(b->bucket));
	for (unsigned i = 0; i < b->count; i++) {
		if (!b->key[i]) {
			run[i] = LEFT_OUT;
			continue;
		}
		last = run_of(b, b->key[i], last);
		run[i] = (uint8_t)last;
		b->run[last].count++;
	}
	for (unsigned r = 0; r < b->runs; r++) {
		b->run[r].first = at;
		at += b->run[r].count;
		b->run[r].count = 0;
	}
	for (unsigned i = 0; i < b->count; i++) {
		struct dp_run *r;

		if (run[i] == LEFT_OUT)
			continue;
		r = &b->run[run[i]];
		b->order[r->first + r->count++] = (uint8_t)i;
	}
}
