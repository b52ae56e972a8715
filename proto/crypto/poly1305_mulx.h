/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_POLY1305_MULX_H
#define WGRD_PROTO_CRYPTO_POLY1305_MULX_H

/* poly1305_step() in the instructions of x86-64 with BMI2, for callers that have asked
 * cpu_detect(). Assembler because compilers keep 128-bit sums in memory: gcc 12 makes 70
 * instructions of a step, of which this is 28. Any thread. */

#include <stdint.h>

/* The names of poly1305_step.h: d0 is t0 and t1, d1 is h1 and h0. The sum t1 + t2 cannot
 * overflow: d0 / 2^64 is below 2.25 * 2^60, and h2 s1 below 6.25 * 2^60. */
static inline __attribute__((always_inline)) void
poly1305_step_mulx(uint64_t h[3], const uint64_t r[2], uint64_t s1, const uint8_t *m)
{
	struct bytes {
		uint8_t at[8];
	};
	uint64_t h0 = h[0], h1 = h[1], h2 = h[2], t0, t1, t2, t3;

	__asm__("add %[m0], %[h0]\n\t"
		"adc %[m1], %[h1]\n\t"
		"adc $1, %[h2]\n\t"
		"mov %[h0], %%rdx\n\t"
		"mulx %[r0], %[t0], %[t1]\n\t"
		"mulx %[r1], %[t2], %[t3]\n\t"
		"mov %[h1], %%rdx\n\t"
		"mulx %[s1], %[h0], %[h1]\n\t"
		"add %[h0], %[t0]\n\t"
		"adc %[h1], %[t1]\n\t"
		"mulx %[r0], %[h1], %[h0]\n\t"
		"add %[t2], %[h1]\n\t"
		"adc %[t3], %[h0]\n\t"
		"mov %[s1], %[t2]\n\t"
		"imul %[h2], %[t2]\n\t"
		"imul %[r0], %[h2]\n\t"
		"add %[t2], %[t1]\n\t"
		"add %[t1], %[h1]\n\t"
		"adc %[h2], %[h0]\n\t"
		"mov %[h0], %[h2]\n\t"
		"mov %[h0], %[t1]\n\t"
		"and $-4, %[h0]\n\t"
		"shr $2, %[t1]\n\t"
		"and $3, %[h2]\n\t"
		"add %[t1], %[h0]\n\t"
		"add %[t0], %[h0]\n\t"
		"adc $0, %[h1]\n\t"
		"adc $0, %[h2]"
		: [h0] "+&r"(h0), [h1] "+&r"(h1), [h2] "+&r"(h2), [t0] "=&r"(t0),
		  [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3)
		: [r0] "rm"(r[0]), [r1] "rm"(r[1]), [s1] "rm"(s1),
		  [m0] "m"(*(const struct bytes *)m),
		  [m1] "m"(*(const struct bytes *)(m + 8))
		: "rdx", "cc");
	h[0] = h0;
	h[1] = h1;
	h[2] = h2;
}

#endif
