/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_DPLANE_IO_BATCH_H
#define WGRD_DPLANE_IO_BATCH_H

/* Sorting a batch of packets by what they have in common, the peer or the session, so
 * that everything that costs is done once for each of those. Pure, any thread. */

#include <stdint.h>

enum {
	/* Packets: five super-packets of the usual size. More would leave the cache
	 * before they have been seen to. */
	DP_BATCH = 240,
	DP_BATCH_BUCKETS = 256,
};

struct dp_run {
	void *key;
	unsigned first, count; /* of dp_batch.order */
	unsigned next;         /* in its bucket: 1 + the number of a run; 0: none */
};

struct dp_batch {
	void *key[DP_BATCH];     /* in; NULL: leave the packet out */
	unsigned count;          /* in */
	uint8_t order[DP_BATCH]; /* out: numbers of packets, those of a run together and
				    in the order they came */
	struct dp_run run[DP_BATCH]; /* out, in the order of their first packets */
	unsigned runs;
	uint8_t bucket[DP_BATCH_BUCKETS];
};

void dp_batch_sort(struct dp_batch *b);

#endif
