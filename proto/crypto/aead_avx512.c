/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sixteen lanes with AVX-512, Poly1305 with the MULX of BMI2. */
#include "proto/crypto/aead_impl.h"

#ifdef __x86_64__

/* Valgrind does not know AVX-512. For its check of constant time, compilers make the same
 * vectors of two halves each. */
#if defined(WGRD_CT_CHECK) && defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi2"))), apply_to = function)
#elif defined(WGRD_CT_CHECK)
#pragma GCC target("avx2,bmi2")
#elif defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,bmi2"))), \
			     apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512bw,bmi2")
#endif

#include "proto/crypto/aead_512.h"
#include "proto/crypto/aead_lanes.h"

const struct aead_impl aead_avx512 = {
	.name = "avx512",
	.seal = seal_batch,
	.open = open_batch,
};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
