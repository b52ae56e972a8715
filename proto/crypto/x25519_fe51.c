/* SPDX-License-Identifier: GPL-2.0-or-later */

/* X25519 for any processor. */

#include "proto/crypto/fe51.h"

#define FE(name) fe51_##name
#define FE_T     fe51
#include "proto/crypto/x25519_body.h"

static void multiply(struct x25519_op *op, size_t n)
{
	for (; n; n--, op++)
		multiply_one(op->out, op->scalar, op->point);
}

const struct x25519_impl x25519_generic = {
	.name = "generic",
	.multiply = multiply,
	.base = multiply_base,
};
