/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WGRD_KERNEL_KNL_H
#define WGRD_KERNEL_KNL_H

/*
 * A netlink socket of any protocol, and the conversation one has on it while waiting: a
 * request, and its answer to the end. For ksock.c and kgenl.c, whose messages are made by
 * different libraries. Main thread only.
 */

#include <stddef.h>

#include "wgrd/lib/util.h"

struct nlmsghdr;

enum {
	/* The kernel fills dumps up to 32 KiB at a time when the reader offers that much. */
	KNL_ANSWER_BYTES = 32768,
};

/* @flags go into socket(2)'s type. Returns a descriptor or a negative errno. */
int knl_open(int protocol, int flags) MUST_USE;

/*
 * Numbers @h, sends it, and calls @each (may be NULL) for every message of the answer but the
 * last, which has the verdict. @h asks for one: NLM_F_ACK or NLM_F_DUMP. @buf is aligned and has
 * room for KNL_ANSWER_BYTES. Returns 0; -EAGAIN when what was dumped changed meanwhile; another
 * negative errno of the kernel; or the first of @each that was not 0: the answer is read to its
 * end in any case, to leave none behind.
 */
int knl_ask(int fd, struct nlmsghdr *h, void *buf,
	    int (*each)(const struct nlmsghdr *h, void *arg), void *arg) MUST_USE;

#endif
