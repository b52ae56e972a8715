/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KFEED_LIMITS_H
#define WGRD_KERNEL_KFEED_LIMITS_H

/* The feed with another buffer than kfeed_open() asks for, so that tests overrun it. */

#include <stddef.h>

#include "wgrd/kernel/kfeed.h"

int kfeed_open_limited(struct loop *loop, size_t rcvbuf_bytes,
		       const struct kfeed_events *ev, struct kfeed **out, char *why,
		       size_t why_len) MUST_USE;

#endif
