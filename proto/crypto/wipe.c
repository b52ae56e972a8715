/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "proto/crypto/wipe.h"

#include <string.h>

void wipe(void *p, size_t len)
{
	if (len == 0)
		return;
	memset(p, 0, len);
	/* As far as the compiler knows, this reads the memory at p. */
	__asm__ volatile("" : : "r"(p) : "memory");
}

__attribute__((noinline)) void wipe_stack(void)
{
	unsigned char below[WIPE_STACK_BYTES];

	wipe(below, sizeof(below));
}
