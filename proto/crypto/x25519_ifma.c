/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * X25519 for x86-64 processors with AVX-512 IFMA, which multiplies 52 by 52 bits in each
 * lane: Ice Lake, Zen 4 and later. One product has a ladder in vectors of 256 bits, two
 * have theirs together in vectors of 512. Division, and the base point, are as in
 * x25519_adx.c.
 */

#ifdef __x86_64__

#include <string.h>

#include "proto/crypto/ct.h"
#include "proto/crypto/fe51.h"
#include "proto/crypto/fe64.h"
#include "proto/crypto/ifma.h"
#include "proto/crypto/wipe.h"
#include "proto/crypto/x25519.h"

#define SIDES        1
#define SUFFIX(name) name##_1
#include "proto/crypto/x25519_lanes.h"
#undef SIDES
#undef SUFFIX
#define SIDES        2
#define SUFFIX(name) name##_2
#include "proto/crypto/x25519_lanes.h"

static void to_fe64(struct fe64 *out, const struct fe51 *a)
{
	uint8_t s[32];

	fe51_store(s, a);
	fe64_load(out, s);
}

/* Where z is 0, the result is to be 0, as if 1 / 0 were 0. Gives x and z a common value
 * for that, z = 1 and x = 0, lest a z of 0 spoil a product of several. */
static void avoid_zero(struct fe64 *x, struct fe64 *z)
{
	const uint64_t zero = ct_mask_zero(z->v[0] | z->v[1] | z->v[2] | z->v[3]);

	z->v[0] |= zero & 1;
	for (int i = 0; i < 4; i++)
		x->v[i] &= ~zero;
}

/* out = x / z for each of @n, one or two, with one inversion: 1 / z0 = z1 / (z0 z1). */
static void divide(struct x25519_op *op, const struct fe51 *x51, const struct fe51 *z51,
		   size_t n)
{
	struct fe64 x[2], z[2], inverse;

	for (size_t i = 0; i < n; i++) {
		to_fe64(&x[i], &x51[i]);
		to_fe64(&z[i], &z51[i]);
		avoid_zero(&x[i], &z[i]);
	}
	inverse = z[0];
	if (n == 2) {
		fe64_mul(&inverse, &z[0], &z[1]);
		fe64_mul(&x[0], &x[0], &z[1]);
		fe64_mul(&x[1], &x[1], &z[0]);
	}
	fe64_invert(&inverse, &inverse);
	for (size_t i = 0; i < n; i++) {
		fe64_mul(&x[i], &x[i], &inverse);
		fe64_store(op[i].out, &x[i]);
	}
	wipe(x, sizeof(x));
	wipe(z, sizeof(z));
}

static void multiply(struct x25519_op *op, size_t n)
{
	uint8_t k[2][X25519_LEN];
	struct fe51 point[2], x[2], z[2];
	size_t now;

	for (; n; n -= now, op += now) {
		now = n > 1 ? 2 : 1;
		for (size_t i = 0; i < now; i++) {
			memcpy(k[i], op[i].scalar, sizeof(k[i]));
			x25519_clamp(k[i]);
			fe51_load(&point[i], op[i].point);
		}
		if (now == 2)
			ladder_2(x, z, k, point);
		else
			ladder_1(x, z, k, point);
		divide(op, x, z, now);
	}
	wipe(k, sizeof(k));
	wipe(x, sizeof(x));
	wipe(z, sizeof(z));
}

static void base(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN])
{
	x25519_adx.base(out, scalar);
}

const struct x25519_impl x25519_ifma = {
	.name = "ifma",
	.multiply = multiply,
	.base = base,
};

#endif
