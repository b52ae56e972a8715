/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/ct.h"

#include "proto/crypto/bytes.h"

static bool mask_to_bool(uint64_t mask)
{
	bool yes = mask & 1;

	CT_DECLASSIFY(&yes, sizeof(yes));
	return yes;
}

bool ct_equal(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;
	uint64_t diff = 0;

	for (; len >= 8; len -= 8, x += 8, y += 8)
		diff |= ct_opaque(load64_le(x) ^ load64_le(y));
	for (size_t i = 0; i < len; i++)
		diff |= ct_opaque(x[i] ^ y[i]);
	return mask_to_bool(ct_mask_zero(diff));
}

bool ct_is_zero(const void *p, size_t len)
{
	const uint8_t *x = p;
	uint64_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= ct_opaque(x[i]);
	return mask_to_bool(ct_mask_zero(any));
}
