/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/x25519.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/cpu.h"
#include "proto/crypto/ct.h"
#include "proto/crypto/wipe.h"

/* Fastest first. The last one runs everywhere and cannot be refused. */
static const struct {
	const struct x25519_impl *impl;
	unsigned needs;
} known[] = {
#ifdef __x86_64__
	{&x25519_ifma, CPU_IFMA | CPU_ADX},
	{&x25519_adx, CPU_ADX},
#endif
	{&x25519_generic, 0},
};

enum {
	KNOWN = sizeof(known) / sizeof(known[0]),
};

/* All who look find the same, so it does not matter who is first. */
static _Atomic(const struct x25519_impl *) chosen;
static _Atomic unsigned refused; /* bit i: known[i] */

const struct x25519_impl *x25519_at(size_t i)
{
	const unsigned no = atomic_load_explicit(&refused, memory_order_relaxed);
	const unsigned features = cpu_features();

	for (size_t k = 0; k < KNOWN; k++)
		if (!(no >> k & 1) && !(known[k].needs & ~features) && i-- == 0)
			return known[k].impl;
	return NULL;
}

void x25519_refuse(const struct x25519_impl *impl)
{
	for (size_t k = 0; k < KNOWN; k++)
		if (known[k].impl == impl && impl != &x25519_generic)
			atomic_fetch_or_explicit(&refused, 1U << k, memory_order_relaxed);
	atomic_store_explicit(&chosen, NULL, memory_order_relaxed);
}

static const struct x25519_impl *choose(void)
{
	const char *forced = secure_getenv("WGRD_X25519_IMPL");
	const struct x25519_impl *impl;

	for (size_t i = 0; forced && (impl = x25519_at(i)) != NULL; i++)
		if (strcmp(forced, impl->name) == 0)
			return impl;
	return x25519_at(0);
}

const struct x25519_impl *x25519_best(void)
{
	const struct x25519_impl *impl =
		atomic_load_explicit(&chosen, memory_order_relaxed);

	if (!impl) {
		impl = choose();
		atomic_store_explicit(&chosen, impl, memory_order_relaxed);
	}
	return impl;
}

void x25519_clamp(uint8_t scalar[X25519_LEN])
{
	scalar[0] &= 248;
	scalar[31] &= 127;
	scalar[31] |= 64;
}

void x25519_batch(struct x25519_op *op, size_t n)
{
	x25519_best()->multiply(op, n);
	wipe_stack();
	for (size_t i = 0; i < n; i++)
		op[i].ok = !ct_is_zero(op[i].out, X25519_LEN);
}

int x25519(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN],
	   const uint8_t point[X25519_LEN])
{
	struct x25519_op op = {out, scalar, point, false};

	x25519_batch(&op, 1);
	return op.ok ? 0 : -EINVAL;
}

void x25519_public(uint8_t out[X25519_LEN], const uint8_t scalar[X25519_LEN])
{
	x25519_best()->base(out, scalar);
	wipe_stack();
}
