/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_CT_H
#define WGRD_PROTO_CRYPTO_CT_H

/*
 * Comparison and selection whose time and memory accesses depend on lengths alone.
 * A mask is all ones for yes and zero for no; ct_equal() and ct_is_zero() turn theirs
 * into a bool, which the caller may branch on: the answer itself is not secret. Any
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * States that the bytes at @p are not secret although they were computed from secrets.
 * test_ct_valgrind builds with WGRD_CT_CHECK, marks all keys undefined and has valgrind
 * report each branch and each index that depends on one; this is where a value stops
 * being one.
 */
#ifdef WGRD_CT_CHECK
#include <valgrind/memcheck.h>
#define CT_DECLASSIFY(p, len) ((void)VALGRIND_MAKE_MEM_DEFINED(p, len))
#else
#define CT_DECLASSIFY(p, len) ((void)(p), (void)(len))
#endif

/* Hides @v from the optimiser, which might otherwise turn mask arithmetic on a value
 * known to be 0 or 1 back into a branch. */
static inline uint64_t ct_opaque(uint64_t v)
{
	__asm__("" : "+r"(v));
	return v;
}

/* All ones if @v is zero, else zero. */
static inline uint64_t ct_mask_zero(uint64_t v)
{
	v = ct_opaque(v);
	return ((v | (0 - v)) >> 63) - 1;
}

/* @a where @mask has ones, @b where it has zeros. */
static inline uint64_t ct_select(uint64_t mask, uint64_t a, uint64_t b)
{
	return b ^ (ct_opaque(mask) & (a ^ b));
}

bool ct_equal(const void *a, const void *b, size_t len);
bool ct_is_zero(const void *p, size_t len);

#endif
