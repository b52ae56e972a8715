/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sixteen lanes with AVX-512, and Poly1305 of sixteen long packets with its IFMA. */
#include "proto/crypto/aead_impl.h"

#ifdef __x86_64__

#include "proto/crypto/ifma.h"

/* Valgrind does not know AVX-512. For its check of constant time, compilers make the same
 * vectors of two halves each. */
#if defined(WGRD_CT_CHECK) && defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi2"))), apply_to = function)
#elif defined(WGRD_CT_CHECK)
#pragma GCC target("avx2,bmi2")
#elif defined(__clang__)
#pragma clang attribute push(                                                          \
	__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma,bmi2"))), \
	apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma,bmi2")
#endif

#define ACROSS
#include "proto/crypto/aead_512.h"
#include "proto/crypto/aead_lanes.h"

const struct aead_impl aead_ifma = {
	.name = "ifma",
	.seal = seal_batch,
	.open = open_batch,
};

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
