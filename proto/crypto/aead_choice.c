/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which implementation is used. What is found out is kept in words of which each thread
 * would compute the same value, so it does not matter who is first. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "proto/crypto/aead.h"
#include "proto/crypto/aead_impl.h"
#include "proto/crypto/cpu.h"

/* Fastest first. */
static const struct {
	const struct aead_impl *impl;
	unsigned needs;
} known[] = {
#ifdef __x86_64__
	{&aead_ifma, CPU_AVX512 | CPU_IFMA},
	{&aead_avx512, CPU_AVX512},
	{&aead_avx2, CPU_AVX2},
	{&aead_sse41, CPU_SSE41},
#endif
#ifdef AEAD_HAVE_NEON
	{&aead_neon, CPU_NEON},
#endif
	{&aead_generic, 0},
};

enum {
	KNOWN = sizeof(known) / sizeof(known[0]),
};

static _Atomic(const struct aead_impl *) chosen;
static _Atomic unsigned refused; /* bit i: known[i] */

const struct aead_impl *aead_at(size_t i)
{
	const unsigned features = cpu_features();

	for (size_t k = 0; k < KNOWN; k++)
		if ((known[k].needs & ~features) == 0 && i-- == 0)
			return known[k].impl;
	return NULL;
}

void aead_forget(void)
{
	atomic_store_explicit(&chosen, NULL, memory_order_relaxed);
}

void aead_refuse(const struct aead_impl *impl)
{
	for (size_t k = 0; k < KNOWN; k++)
		if (known[k].impl == impl)
			atomic_fetch_or_explicit(&refused, 1U << k, memory_order_relaxed);
	aead_forget();
}

bool aead_refused(const struct aead_impl *impl)
{
	unsigned mask = atomic_load_explicit(&refused, memory_order_relaxed);

	for (size_t k = 0; k < KNOWN; k++)
		if (known[k].impl == impl)
			return mask >> k & 1;
	return false;
}

const char *aead_forced(void)
{
	return secure_getenv("WGRD_CRYPTO_IMPL");
}

/* The last one, generic, is used even if it fails: who asked then was told by
 * crypto_selftest() not to go on. */
static const struct aead_impl *choose(void)
{
	const char *forced = aead_forced();
	const struct aead_impl *impl, *first = NULL;

	for (size_t i = 0; (impl = aead_at(i)) != NULL; i++) {
		if (aead_refused(impl))
			continue;
		if (!first)
			first = impl;
		if (forced && strcmp(forced, impl->name) == 0)
			return impl;
	}
	return first ? first : &aead_generic;
}

const struct aead_impl *aead_best(void)
{
	const struct aead_impl *impl =
		atomic_load_explicit(&chosen, memory_order_relaxed);

	if (!impl) {
		impl = choose();
		atomic_store_explicit(&chosen, impl, memory_order_relaxed);
	}
	return impl;
}
