/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_WG_LIMITS_H
#define WGRD_PROTO_WG_LIMITS_H

/* The constants of the WireGuard whitepaper, section 6.1. Every time in proto/wg is a
 * uint64_t of nanoseconds of one monotonic clock (the daemon: CLOCK_BOOTTIME) that never
 * reads 0: zero stands for "never". */

#include <stdint.h>

#define WG_NS_PER_S              UINT64_C(1000000000)

#define WG_REKEY_AFTER_MESSAGES  (UINT64_C(1) << 60)
#define WG_REJECT_AFTER_MESSAGES (UINT64_MAX - (UINT64_C(1) << 13))

#define WG_REKEY_AFTER_TIME_NS   (120 * WG_NS_PER_S)
#define WG_REJECT_AFTER_TIME_NS  (180 * WG_NS_PER_S)
#define WG_REKEY_ATTEMPT_TIME_NS (90 * WG_NS_PER_S)
#define WG_REKEY_TIMEOUT_NS      (5 * WG_NS_PER_S)
#define WG_KEEPALIVE_TIMEOUT_NS  (10 * WG_NS_PER_S)

/* Retransmissions are spread by a random time below this, section 6.1. */
#define WG_REKEY_JITTER_MAX_NS (WG_NS_PER_S / 3)

/* A secret for cookies lives this long, and so does a cookie, section 5.4.7. */
#define WG_COOKIE_LIFE_NS (120 * WG_NS_PER_S)

/* One peer's initiations are accepted no faster than one in this time. */
#define WG_INITIATION_INTERVAL_NS (WG_NS_PER_S / 50)

#endif
