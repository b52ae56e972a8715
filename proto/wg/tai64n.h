/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_TAI64N_H
#define WGRD_PROTO_WG_TAI64N_H

/*
 * TAI64N time stamps: eight bytes of seconds and four of nanoseconds, big endian, so that
 * memcmp() orders them. An initiation carries one against replay, whitepaper section 5.1.
 * The low 24 bits of the nanoseconds (16.8 ms) are cleared: peers learn no finer
 * clock than they need. Pure functions, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proto/wg/messages.h"

/* @unix_s, @nsec: CLOCK_REALTIME, as in struct timespec. */
void wg_tai64n(uint8_t stamp[WG_TAI64N_LEN], int64_t unix_s, uint32_t nsec);
bool wg_tai64n_after(const uint8_t a[WG_TAI64N_LEN], const uint8_t b[WG_TAI64N_LEN]);

#endif
