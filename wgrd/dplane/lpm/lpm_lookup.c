/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The readers' half of the table. Nearly all its time is waiting for memory: for the slot
 * of the top, for the node behind it, for the permit. So what matters is that the processor
 * can begin the next lookup meanwhile, which it cannot where it has guessed a jump wrongly:
 * whether a node has a longer prefix than those above is a matter of moves, not of jumps,
 * and the place of the permit is counted out once, at the end.
 *
 * On x86-64 it exists twice. Counting bits and shifting by a variable are one instruction
 * each since 2013 (Haswell), and many before.
 */

#include "wgrd/dplane/lpm/lpm.h"

#include <string.h>

#include "wgrd/dplane/lpm/lpm_internal.h"

#define INLINE static inline __attribute__((always_inline))

/* The prefixes of a node that cover an address, by the first five of its six bits. */
#define COVERING(i)                                                          \
	(UINT64_C(1) | UINT64_C(1) << (1 + ((i) >> 4)) |                     \
	 UINT64_C(1) << (3 + ((i) >> 3)) | UINT64_C(1) << (7 + ((i) >> 2)) | \
	 UINT64_C(1) << (15 + ((i) >> 1)) | UINT64_C(1) << (31 + (i)))
#define COVERING4(i) COVERING(i), COVERING(i + 1), COVERING(i + 2), COVERING(i + 3)

static const uint64_t covering[32] __attribute__((aligned(64))) = {
	COVERING4(0),  COVERING4(4),  COVERING4(8),  COVERING4(12),
	COVERING4(16), COVERING4(20), COVERING4(24), COVERING4(28),
};

INLINE unsigned count_bits(uint64_t set)
{
	return (unsigned)__builtin_popcountll(set);
}

/* One of two, without a jump. */
INLINE uint64_t choose(bool yes, uint64_t a, uint64_t b)
{
	const uint64_t mask = -(uint64_t)yes;

	return (a & mask) | (b & ~mask);
}

/* 64 bits of an address from bit @at on, which is less than 64. */
INLINE uint64_t window(uint64_t high, uint64_t low, unsigned at)
{
	return high << at | low >> 1 >> (63 - at);
}

/* Do the next bits differ from those that @n skips? */
INLINE bool parts(const struct lpm_node *n, uint64_t bits)
{
	return (bits ^ n->path) >> 1 >> (n->path & 63);
}

/* @found is what of n->inner covers the address. */
INLINE struct dp_permit *longest(const struct lpm_node *n, uint64_t found)
{
	const uint64_t below = (UINT64_C(1) << (63 - __builtin_clzll(found))) - 1;
	const unsigned slot = count_bits(n->outer) + count_bits(n->inner & below);

	/* acquires from lpm_set() */
	return atomic_load_explicit(&n->slot[slot].permit, memory_order_acquire);
}

/* An address is @high and then @low; @wide: is there a low half? */
INLINE struct dp_permit *lookup(const struct lpm_family *f, uint64_t high, uint64_t low,
				bool wide)
{
	/* acquires from refit() in lpm.c */
	const struct lpm_top *top = atomic_load_explicit(&f->top, memory_order_acquire);
	/* acquires from put() */
	const struct lpm_node *n = atomic_load_explicit(
		&top->slot[high >> (64 - top->bits)], memory_order_acquire);
	const struct lpm_node *best = NULL;
	const struct lpm_cover *cover;
	unsigned used = top->bits;
	uint64_t found = 0;

	if (!n)
		return NULL;
	/* acquires from put() and put_cover() */
	cover = atomic_load_explicit(&n->cover, memory_order_acquire);
	for (;;) {
		uint64_t bits = window(high, low, used), here;
		unsigned slot;

		if (parts(n, bits))
			break;
		bits <<= lpm_skip(n);
		here = n->inner & covering[bits >> (64 - LPM_STRIDE + 1)];
		best = (const void *)choose(here, (uintptr_t)n, (uintptr_t)best);
		found = choose(here, here, found);
		slot = (unsigned)(bits >> (64 - LPM_STRIDE));
		if (!(n->outer >> slot & 1))
			break;
		used += lpm_skip(n) + LPM_STRIDE;
		n = n->slot[count_bits(n->outer & ((UINT64_C(1) << slot) - 1))].child;
		if (wide && used >= 64) {
			high = low;
			low = 0;
			used -= 64;
		}
	}
	if (best)
		return longest(best, found);
	/* acquires from lpm_set() */
	return cover ? atomic_load_explicit(&cover->permit, memory_order_acquire) : NULL;
}

INLINE struct dp_permit *lookup4(const struct lpm *t, const void *addr)
{
	uint32_t a;

	memcpy(&a, addr, sizeof(a));
	return lookup(&t->family[0], (uint64_t)__builtin_bswap32(a) << 32, 0, false);
}

INLINE struct dp_permit *lookup6(const struct lpm *t, const void *addr)
{
	uint64_t half[2];

	memcpy(half, addr, sizeof(half));
	return lookup(&t->family[1], __builtin_bswap64(half[0]),
		      __builtin_bswap64(half[1]), true);
}

#if defined(__x86_64__) && !defined(__BMI2__)

#define HASWELL __attribute__((target("popcnt,lzcnt,bmi,bmi2")))

HASWELL static struct dp_permit *haswell_lookup4(const struct lpm *t, const void *addr)
{
	return lookup4(t, addr);
}

HASWELL static struct dp_permit *haswell_lookup6(const struct lpm *t, const void *addr)
{
	return lookup6(t, addr);
}

static bool is_haswell(void)
{
	return __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2");
}

struct dp_permit *lpm_lookup4(const struct lpm *t, const void *addr)
{
	return is_haswell() ? haswell_lookup4(t, addr) : lookup4(t, addr);
}

struct dp_permit *lpm_lookup6(const struct lpm *t, const void *addr)
{
	return is_haswell() ? haswell_lookup6(t, addr) : lookup6(t, addr);
}

#else

struct dp_permit *lpm_lookup4(const struct lpm *t, const void *addr)
{
	return lookup4(t, addr);
}

struct dp_permit *lpm_lookup6(const struct lpm *t, const void *addr)
{
	return lookup6(t, addr);
}

#endif
