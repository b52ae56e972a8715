/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_KEYS_H
#define WGRD_PROTO_WG_KEYS_H

/*
 * 32-byte keys and their textual form: 44 characters of base64 (RFC 4648 section 4).
 * Encoding and decoding take the same time for every key. Pure functions, any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "proto/crypto/attr.h"

enum {
	WG_KEY_LEN = 32,
	WG_KEY_STRLEN = 44 + 1,
};

/* Where randomness comes from: getrandom() in the daemon, a recording in tests. Embed it
 * to give fill() a context. fill() cannot fail. */
struct wg_rng {
	void (*fill)(struct wg_rng *rng, void *dst, size_t len);
};

/* Returns 0, or -EINVAL if @s is not exactly 43 base64 digits and '=', or if the last
 * digit has bits that no key has: one key, one spelling. @key is wiped on error. */
MUST_USE int wg_key_parse(uint8_t key[WG_KEY_LEN], const char *s);
const char *wg_key_str(const uint8_t key[WG_KEY_LEN], char buf[static WG_KEY_STRLEN]);

/* A new, clamped private key. */
void wg_key_generate(uint8_t private_key[WG_KEY_LEN], struct wg_rng *rng);
void wg_key_clamp(uint8_t private_key[WG_KEY_LEN]);
void wg_key_public(uint8_t public_key[WG_KEY_LEN], const uint8_t private_key[WG_KEY_LEN]);

#endif
