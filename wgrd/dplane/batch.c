/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wgrd/dplane/batch.h"

#include <assert.h>

enum {
	LEFT_OUT = 255,
};
static_assert((int)DP_BATCH < (int)LEFT_OUT, "numbers of runs fit in a byte");

/* Most batches are of one peer, so the run of the packet before is tried first. */
static unsigned run_of(struct dp_batch *b, void *key, unsigned last)
{
	if (last < b->runs && b->run[last].key == key)
		return last;
	for (unsigned r = 0; r < b->runs; r++) {
		if (b->run[r].key == key)
			return r;
	}
	b->run[b->runs] = (struct dp_run){.key = key};
	return b->runs++;
}

void dp_batch_sort(struct dp_batch *b)
{
	uint8_t run[DP_BATCH];
	unsigned last = 0, at = 0;

	b->runs = 0;
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
