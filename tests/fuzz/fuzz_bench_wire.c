/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message of wgrctl bench: what is taken is written again exactly as it came. */
#include <assert.h>
#include <string.h>

#include "wgrd/ctl/bench_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[BENCH_MESSAGE_MAX];
	struct bench_message m;

	if (bench_wire_decode(&m, data, size) == 0) {
		assert(bench_wire_encode(&m, again) == size);
		assert(memcmp(again, data, size) == 0);
	}
	return 0;
}
