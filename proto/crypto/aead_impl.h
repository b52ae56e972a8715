/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_AEAD_IMPL_H
#define WGRD_PROTO_CRYPTO_AEAD_IMPL_H

/* The implementations that are compiled in, for aead_choice.c and who tests them. To call
 * one that this processor cannot run ends the program; aead_at() knows which it can. */

#include "proto/crypto/aead.h"

extern const struct aead_impl aead_generic;

#ifdef __x86_64__
extern const struct aead_impl aead_ifma, aead_avx512, aead_avx2, aead_sse41;
#endif

#if defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define AEAD_HAVE_NEON
extern const struct aead_impl aead_neon;
#endif

#endif
