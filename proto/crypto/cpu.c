/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/cpu.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __x86_64__

#include <cpuid.h>

/* Names as in the Intel manual, volume 2, CPUID; AMD's agrees. */
#define LEAF1_ECX_SSSE3      (1U << 9)
#define LEAF1_ECX_SSE41      (1U << 19)
#define LEAF1_ECX_OSXSAVE    (1U << 27)
#define LEAF1_ECX_AVX        (1U << 28)
#define LEAF7_EBX_AVX2       (1U << 5)
#define LEAF7_EBX_BMI2       (1U << 8)
#define LEAF7_EBX_AVX512F    (1U << 16)
#define LEAF7_EBX_AVX512DQ   (1U << 17)
#define LEAF7_EBX_ADX        (1U << 19)
#define LEAF7_EBX_AVX512IFMA (1U << 21)
#define LEAF7_EBX_AVX512BW   (1U << 30)
#define LEAF7_EBX_AVX512VL   (1U << 31)

/* Registers the kernel saves. */
#define XCR0_YMM 0x06U
#define XCR0_ZMM 0xe6U

static bool has(uint32_t set, uint32_t all_of)
{
	return (set & all_of) == all_of;
}

static uint32_t read_xcr0(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return low;
}

static unsigned detect_leaf7(void)
{
	uint32_t a, b, c, d, xcr0 = read_xcr0();
	unsigned found = 0;

	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !has(b, LEAF7_EBX_BMI2))
		return 0;
	if (has(b, LEAF7_EBX_ADX))
		found |= CPU_ADX;
	if (!has(b, LEAF7_EBX_AVX2) || !has(xcr0, XCR0_YMM))
		return found;
	found |= CPU_AVX2;
	if (!has(b, LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512VL | LEAF7_EBX_AVX512BW) ||
	    !has(xcr0, XCR0_ZMM))
		return found;
	found |= CPU_AVX512;
	if (has(b, LEAF7_EBX_AVX512DQ | LEAF7_EBX_AVX512IFMA))
		found |= CPU_IFMA;
	return found;
}

static unsigned detect(void)
{
	uint32_t a, b, c, d;
	unsigned found = 0;

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return 0;
	if (has(c, LEAF1_ECX_SSSE3 | LEAF1_ECX_SSE41))
		found |= CPU_SSE41;
	if (has(c, LEAF1_ECX_OSXSAVE | LEAF1_ECX_AVX))
		found |= detect_leaf7();
	return found;
}

#elif defined(__aarch64__)

/* Part of the architecture. */
static unsigned detect(void)
{
	return CPU_NEON;
}

#else

static unsigned detect(void)
{
	return 0;
}

#endif

/* Under a hypervisor, asking takes microseconds. Whoever asks first gets the same answer as
 * everyone else would. */
unsigned cpu_features(void)
{
	enum {
		KNOWN = 1 << 30,
	};
	static _Atomic unsigned cache;
	unsigned found = atomic_load_explicit(&cache, memory_order_relaxed);

	if (!found) {
		found = detect() | KNOWN;
		atomic_store_explicit(&cache, found, memory_order_relaxed);
	}
	return found & ~(unsigned)KNOWN;
}
