/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KMON_LIMITS_H
#define WGRD_KERNEL_KMON_LIMITS_H

/* The monitor with another buffer than kmon_open() asks for, so that tests overrun it. */

#include <stddef.h>

#include "wgrd/kernel/kmon.h"

int kmon_open_limited(struct loop *loop, size_t rcvbuf_bytes,
		      const struct kmon_events *ev, struct kmon **out, char *why,
		      size_t why_len) MUST_USE;

#endif
