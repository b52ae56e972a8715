/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/wg/tai64n.h"

#include <string.h>

/* TAI64 label of the Unix epoch: 2^62, and TAI was 10 s ahead of UTC. */
#define TAI64_UNIX_EPOCH (UINT64_C(0x4000000000000000) + 10)

void wg_tai64n(uint8_t stamp[WG_TAI64N_LEN], int64_t unix_s, uint32_t nsec)
{
	uint64_t s = TAI64_UNIX_EPOCH + (uint64_t)unix_s;

	nsec &= ~UINT32_C(0xffffff);
	for (int i = 0; i < 8; i++)
		stamp[i] = (uint8_t)(s >> (56 - 8 * i));
	for (int i = 0; i < 4; i++)
		stamp[8 + i] = (uint8_t)(nsec >> (24 - 8 * i));
}

bool wg_tai64n_after(const uint8_t a[WG_TAI64N_LEN], const uint8_t b[WG_TAI64N_LEN])
{
	return memcmp(a, b, WG_TAI64N_LEN) > 0;
}
