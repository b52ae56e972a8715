/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_WIPE_H
#define WGRD_PROTO_CRYPTO_WIPE_H

/* Zeroes memory that held a secret. The stores survive dead-store elimination, also
 * under link-time optimisation. Any thread. */

#include <stddef.h>

void wipe(void *p, size_t len);

#endif
