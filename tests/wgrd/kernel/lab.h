/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_WGRD_KERNEL_LAB_H
#define TESTS_WGRD_KERNEL_LAB_H

/*
 * A network namespace of this process's own, and ip(8) as a foreign hand in it and as a
 * witness that is not our code. Everything is gone when the process ends. Any failure ends
 * the test with what was run and what came of it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wgrd/lib/util.h"

/* main() returns LAB_SKIPPED, with the reason on stderr, when there can be no namespace. */
enum {
	LAB_SKIPPED = 77, /* what automake takes for "skipped" */
};
bool lab_enter(void);
/* Interfaces made from now on get no link-local address of the kernel's choice. Otherwise it is
 * announced when the kernel has made sure that it is nobody else's, a second or two later. */
void lab_no_link_local(void);

/* Runs "ip <args>", which must succeed. */
void lab_ip(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* What "ip <args>" prints. Valid until the next call. */
const char *lab_ip_text(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Its lines. */
unsigned lab_ip_lines(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The word must, or must not, be in what "ip <args>" prints. */
void lab_expect_text(const char *word, bool there, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

uint32_t lab_ifindex(const char *name);
/* A TUN device, with carrier while the descriptor is open; it stays when that is closed. */
int lab_open_tun(const char *name);

#endif
