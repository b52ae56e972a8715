/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_PROTO_CRYPTO_WIPE_H
#define WGRD_PROTO_CRYPTO_WIPE_H

/* Zeroes memory that held a secret. The stores survive dead-store elimination, also
 * under link-time optimisation. Any thread. */

#include <stddef.h>

void wipe(void *p, size_t len);

enum {
#ifdef __OPTIMIZE__
	WIPE_STACK_BYTES = 8192,
#else
	WIPE_STACK_BYTES = 65536,
#endif
};

/* Zeroes that much of the stack below the caller's frame: where functions that it has
 * called had their variables, and what the compiler kept beside them. */
void wipe_stack(void);

#endif
