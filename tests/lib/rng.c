/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t state;

void rng_seed(void)
{
	const char *s = getenv("WGRD_SEED");
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	state = s ? strtoull(s, NULL, 0)
		  : (uint64_t)ts.tv_sec * UINT64_C(1000000007) ^ (uint64_t)ts.tv_nsec;
	printf("# WGRD_SEED=%llu\n", (unsigned long long)state);
	fflush(stdout);
}

/* splitmix64. */
uint64_t rng_next(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

unsigned rng_below(unsigned n)
{
	return (unsigned)(rng_next() % n);
}

void rng_fill(void *buf, size_t len)
{
	uint8_t *b = buf;

	for (; len >= 8; b += 8, len -= 8) {
		uint64_t v = rng_next();

		memcpy(b, &v, 8);
	}
	while (len--)
		*b++ = (uint8_t)rng_next();
}
