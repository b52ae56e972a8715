/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_CPU_H
#define WGRD_PROTO_CRYPTO_CPU_H

/* What this processor can execute and this kernel saves the registers of. Any thread. */

enum cpu_feature {
	CPU_SSE41 = 1,  /* SSE4.1 and SSSE3 */
	CPU_AVX2 = 2,   /* AVX2 and BMI2 */
	CPU_AVX512 = 4, /* CPU_AVX2 and AVX-512 F, VL and BW */
	CPU_IFMA = 8,   /* CPU_AVX512 and AVX-512 DQ and IFMA */
	CPU_ADX = 16,   /* BMI2 and ADX */
	CPU_NEON = 32,
};

/* A set of enum cpu_feature. The processor is asked once. */
unsigned cpu_features(void);

#endif
