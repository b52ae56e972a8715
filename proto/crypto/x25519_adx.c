/* SPDX-License-Identifier: GPL-2.0-or-later */

/* X25519 for x86-64 processors with BMI2 and ADX: Broadwell, Zen and later. */

#if defined(__x86_64__)

#include "proto/crypto/fe64.h"

#define FE(name) fe64_##name
#define FE_T     fe64
#include "proto/crypto/x25519_body.h"

static void multiply(struct x25519_op *op, size_t n)
{
	for (; n; n--, op++)
		multiply_one(op->out, op->scalar, op->point);
}

const struct x25519_impl x25519_adx = {
	.name = "adx",
	.multiply = multiply,
	.base = multiply_base,
};

#endif
