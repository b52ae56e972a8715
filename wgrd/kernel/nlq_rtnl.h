/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_NLQ_RTNL_H
#define WGRD_KERNEL_NLQ_RTNL_H

/* The real queue with other limits than nlq_open() chooses, so that tests reach them. */

#include <stddef.h>

#include "wgrd/kernel/nlq.h"

struct nlq_limits {
	unsigned window;     /* requests on their way at once */
	size_t rcvbuf_bytes; /* room for their answers */
	size_t answer_bytes; /* the window shrinks if so much for each is not to be had; 0: no */
};

int nlq_open_limited(struct loop *loop, const struct nlq_limits *limits, struct nlq **out,
		     char *why, size_t why_len) MUST_USE;

#endif
