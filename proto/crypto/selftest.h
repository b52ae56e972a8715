/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_SELFTEST_H
#define WGRD_PROTO_CRYPTO_SELFTEST_H

/*
 * Known answers for every primitive, and every implementation this CPU can run against the
 * generic one. Meant for the start of the daemon, before any key is loaded and any thread
 * computes: a few milliseconds.
 */

#include <stdbool.h>

#include "proto/crypto/aead.h"

/* Told of each implementation that gave a wrong answer and will not be used: of what, such
 * as "aead", and its name, such as "avx2". */
typedef void crypto_refused_fn(const char *primitive, const char *impl);

/* Returns NULL if all is well, be it without what was refused; else the name of the first
 * primitive that cannot be done, such as "blake2s". @refused may be NULL. Strings are
 * static. */
const char *crypto_selftest(crypto_refused_fn *refused);

/* Whether the answers of @impl are right. */
bool aead_selftest(const struct aead_impl *impl);

#endif
